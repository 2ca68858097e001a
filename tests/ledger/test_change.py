"""P2, P3: what is written together, guarded, and exactly once."""

from __future__ import annotations

import pytest

from hub.errors import KeyConflict, NotFound
from hub.ledger import Change, Filter, Kind, LeaseLost, Ledger, State, Stored
from hub.ledger.transaction import Rerun

from .conftest import HandClock, NewDocument


def test_a_message_is_on_record_with_its_payload_and_first_event(
    ledger: Ledger, new: NewDocument, stored: Stored
) -> None:
    document = new(payload=stored, facts={"b": 1, "a": [True, None]}, due_at=0)
    assert ledger.write(lambda change: change.insert(document, actor="sftp"))
    message = ledger.message(document.id)
    assert (message.state, message.attempts, message.fence) == (State.RECEIVED, 0, 0)
    assert message.facts == {"a": [True, None], "b": 1}
    assert message.payload is not None
    assert ledger.payload(message.payload) == b"ISA*00*          ~"
    (event,) = ledger.events(document.id)
    assert (event.what, event.actor, event.state_to, event.hash) == ("received", "sftp", "received", message.chain)


def test_a_unique_key_is_taken_once(ledger: Ledger, new: NewDocument) -> None:
    first, second = new(unique_key="sftp:a.edi:1"), new(unique_key="sftp:a.edi:1")
    assert ledger.write(lambda change: change.insert(first))
    assert not ledger.write(lambda change: change.insert(second))
    assert ledger.existing("sftp:a.edi:1") == first.id
    with pytest.raises(NotFound):
        ledger.message(second.id)


def test_a_unique_key_twice_in_one_change_is_taken_once(ledger: Ledger, new: NewDocument) -> None:
    both = [new(unique_key="k"), new(unique_key="k"), new(unique_key="other")]
    assert ledger.write(lambda change: change.insert_many(both)) == [True, False, True]
    assert len(ledger.messages().items) == 2


def test_an_insert_that_is_done_again_doubles_nothing(ledger: Ledger, new: NewDocument) -> None:
    document = new(unique_key="k")
    assert ledger.write(lambda change: change.insert(document))
    assert ledger.write(lambda change: change.insert(document))
    plain = new()
    assert ledger.write(lambda change: change.insert(plain))
    assert ledger.write(lambda change: change.insert(plain))
    assert len(ledger.events(document.id)) == len(ledger.events(plain.id)) == 1


def test_a_change_that_is_done_again_may_insert_nothing(ledger: Ledger) -> None:
    runs = []

    def work(change: Change) -> list[bool]:
        runs.append(change)
        if len(runs) == 1:
            raise Rerun("another change came in between")
        return change.insert_many([])

    assert ledger.write(work) == []
    assert len(runs) == 2


def test_an_exception_undoes_only_its_own_change(ledger: Ledger, new: NewDocument) -> None:
    lost, kept = new(), new()

    def fails(change: Change) -> None:
        change.insert(lost)
        change.next_number("isa", maximum=9)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ledger.write(fails)
    ledger.write(lambda change: change.insert(kept))
    assert [message.id for message in ledger.messages().items] == [kept.id]
    assert ledger.write(lambda change: change.next_number("isa", maximum=9)) == 1


def test_finish_needs_the_fence(ledger: Ledger, new: NewDocument, stored: Stored) -> None:
    ledger.write(lambda change: change.insert(new()))
    (claimed,) = ledger.claim(Kind.DOCUMENT, 5, lease_seconds=60, owner="a")
    reading = ledger.store(b'{"id": "1"}')
    ledger.write(lambda change: change.finish(claimed, State.DELIVERED, event="processed", reading=reading))
    message = ledger.message(claimed.id)
    assert (message.state, message.fence, message.reading) == (State.DELIVERED, 2, reading.sha256)
    child = new(parent=claimed.id)

    def again(change: Change) -> None:
        change.insert(child)
        change.finish(claimed, State.DELIVERED, event="processed")

    with pytest.raises(LeaseLost):
        ledger.write(again)
    assert ledger.children(claimed.id) == []
    assert [event.what for event in ledger.events(claimed.id)] == ["received", "processed"]


def test_a_note_during_the_work_does_not_lose_it(ledger: Ledger, new: NewDocument) -> None:
    ledger.write(lambda change: change.insert(new()))
    (claimed,) = ledger.claim(Kind.DOCUMENT, 5, lease_seconds=60, owner="a")
    ledger.write(lambda change: change.event(claimed.id, "note", "ann", {"text": "on it"}))
    ledger.write(lambda change: change.finish(claimed, State.HELD, event="held", cause="held", detail="price"))
    events = ledger.events(claimed.id)
    assert [event.what for event in events] == ["received", "note", "held"]
    assert events[-1].hash == ledger.message(claimed.id).chain


def test_later_keeps_or_returns_the_attempt(ledger: Ledger, new: NewDocument, clock: HandClock) -> None:
    ledger.write(lambda change: change.insert(new()))
    for counted, attempts in ((True, 1), (False, 1), (True, 2)):
        (claimed,) = ledger.claim(Kind.DOCUMENT, 1, lease_seconds=60, owner="a")
        due = clock.now() + 30
        ledger.write(
            lambda change, claimed=claimed, due=due, counted=counted: change.finish(
                claimed, State.RECEIVED, event="later", due_at=due, count_attempt=counted
            )
        )
        assert ledger.message(claimed.id).attempts == attempts
        assert ledger.claim(Kind.DOCUMENT, 1, lease_seconds=60, owner="a") == []
        assert ledger.sweep().next_seconds == pytest.approx(30)
        clock.advance(30)


def test_people_move_messages_at_rest_only(ledger: Ledger, new: NewDocument) -> None:
    document = new(state=State.HELD, cause="price")
    ledger.write(lambda change: change.insert(document))
    moved = ledger.write(
        lambda change: change.move(document.id, {State.HELD}, State.RECEIVED, event="released", actor="ann")
    )
    assert (moved.state, moved.cause) == (State.RECEIVED, "")
    with pytest.raises(KeyConflict, match="is received, not held"):
        ledger.write(lambda change: change.move(document.id, {State.HELD}, State.DEAD, event="x", actor="ann"))
    with pytest.raises(NotFound):
        ledger.write(lambda change: change.move("nothing", {State.HELD}, State.DEAD, event="x", actor="ann"))


def test_finish_many_and_claim_share_a_commit(ledger: Ledger, new: NewDocument) -> None:
    ledger.write(lambda change: change.insert_many([new() for _ in range(30)]))
    first = ledger.claim(Kind.DOCUMENT, 20, lease_seconds=60, owner="a")

    def finish_and_claim(change: Change) -> list[str]:
        change.finish_many(first, State.DELIVERED, event="processed")
        return [message.id for message in change.claim(Kind.DOCUMENT, 20, lease_seconds=60, owner="a")]

    second = ledger.write(finish_and_claim)
    assert (len(first), len(second)) == (20, 10)
    assert not {message.id for message in first} & set(second)
    delivered = ledger.messages(Filter(states=frozenset({State.DELIVERED})))
    assert len(delivered.items) == 20


@pytest.mark.parametrize("text", ["nul \x00 inside", "half \ud800 pair", "line\nbreak", "日本 ü", "x" * 5000])
def test_any_text_can_be_kept(ledger: Ledger, new: NewDocument, text: str) -> None:
    document = new(detail=text, unique_key=text, facts={"said": text.encode("utf-8", "replace").decode()})
    ledger.write(lambda change: change.insert(document))
    ledger.write(lambda change: change.add_search_keys(document.id, text, [("po", text)]))
    assert len(ledger.message(document.id).detail) == min(len(text), 4000)
    assert ledger.write(lambda change: change.existing(text)) == document.id
    assert not ledger.write(lambda change: change.insert(new(unique_key=text)))
    assert ledger.audit()["problems"] == []


def test_a_key_that_was_taken_long_ago_is_free(ledger: Ledger, clock: HandClock) -> None:
    def take(message: str, since: float | None) -> str | None:
        return ledger.write(
            lambda change: change.take_key("isa13", "bigbox:1", "print", message, since=since)
        ).existing_message_id

    assert take("first", None) is None
    clock.advance(100)
    assert take("second", clock.now() - 200) == "first"
    assert take("second", clock.now() - 50) is None
    assert take("third", clock.now() - 50) == "second"


def test_what_is_begun_and_finished_in_one_change_is_written_as_it_is_then(ledger: Ledger, new: NewDocument) -> None:
    wanted = [new(order_key="a"), new(order_key="a"), new(), new(due_at=4e9)]
    left = new()

    def work(change: Change) -> list[str]:
        begun = change.begin([*wanted, left], {one.id for one in wanted})
        for message in begun:
            change.finish(message, State.DELIVERED, event="processed", facts={"done": True})
        return [message.id for message in begun]

    first, second, free, later = (one.id for one in wanted)
    assert ledger.write(work) == [first, free]
    for message_id in (first, free):
        message = ledger.message(message_id)
        assert (message.state, message.attempts, message.fence) == (State.DELIVERED, 1, 2)
        assert message.facts["done"] is True
        events = ledger.events(message_id)
        assert [(event.what, event.state_to) for event in events] == [
            ("received", "received"),
            ("processed", "delivered"),
        ]
        assert events[-1].hash == message.chain
    assert {ledger.message(one).state for one in (second, later, left.id)} == {State.RECEIVED}
    assert ledger.audit()["balanced"]


def test_what_is_begun_and_not_finished_at_once_can_be_finished_later_in_the_change(
    ledger: Ledger, new: NewDocument
) -> None:
    document = new()

    def work(change: Change) -> None:
        (begun,) = change.begin([document], {document.id})
        assert change.message(document.id) == begun
        change.finish(begun, State.HELD, event="held", cause="held")

    ledger.write(work)
    assert ledger.message(document.id).state is State.HELD
    assert ledger.audit()["balanced"]


def test_business_keys_are_taken_together(ledger: Ledger, new: NewDocument) -> None:
    documents = [new() for _ in range(3)]
    first, second, third = (one.id for one in documents)
    ledger.write(lambda change: (change.insert_many(documents), change.take_key("order", "b/2", "f", third)))
    wanted = [("order", "b/2", "f", first), ("order", "b/1", "f", first), ("order", "b/1", "f", second)]
    assert ledger.write(lambda change: change.take_keys(wanted)) == {first}
    taken = ledger.write(lambda change: change.take_key("order", "b/1", "other", second))
    assert (taken.existing_message_id, taken.same_fingerprint) == (first, False)
    assert ledger.write(lambda change: change.take_keys([])) == set()
