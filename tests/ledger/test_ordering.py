"""What stands behind a stopped message of its order waits, says so, costs no claim, and goes on when told (P4)."""

from __future__ import annotations

import pytest

from hub.errors import KeyConflict
from hub.ledger import Filter, Kind, Ledger, Message, NewMessage, State
from tests.ledger.conftest import HandClock, NewDocument

KEY = "bigbox:4711"


def claim(ledger: Ledger) -> list[Message]:
    return ledger.claim(Kind.DOCUMENT, 40, lease_seconds=60, owner="a")


def put(ledger: Ledger, new: NewDocument, count: int = 1, key: str = KEY, *, hold: bool = True) -> list[str]:
    made: list[NewMessage] = [new(order_key=key, order_hold=hold) for _ in range(count)]
    ledger.write(lambda change: change.insert_many(made))
    return [message.id for message in made]


def stop(ledger: Ledger, message_id: str, state: State = State.DEAD) -> None:
    (found,) = [message for message in claim(ledger) if message.id == message_id]
    ledger.write(lambda change: change.finish(found, state, event="stopped", cause="rejected", detail="no"))


def test_those_behind_wait_and_say_for_whom(ledger: Ledger, new: NewDocument) -> None:
    first, second = put(ledger, new, 2)
    (other,) = put(ledger, new, key="bigbox:4712")
    stop(ledger, first, State.HELD)
    (third,) = put(ledger, new)
    for waiting in (second, third):
        message = ledger.message(waiting)
        assert (message.state, message.cause) == (State.RECEIVED, "in_order")
        assert first in message.detail
    assert {message.id for message in ledger.messages(Filter(cause="in_order")).items} == {second, third}
    assert claim(ledger) == []
    assert "document" not in ledger.sweep().stages, "nobody looks at them in vain"
    assert ledger.message(other).state is State.WORKING, "others go on"
    audit = ledger.audit()
    assert (audit["balanced"], audit["chain_ok"], audit["problems"]) == (True, True, [])


@pytest.mark.parametrize("how", ["replay", "close", "skip"])
def test_they_go_on_when_it_is_dealt_with(ledger: Ledger, new: NewDocument, how: str) -> None:
    first, second, third = put(ledger, new, 3)
    stop(ledger, first)

    if how == "skip":
        ledger.write(lambda change: change.skip(first, actor="dana", reason="not needed"))
    else:
        state = State.RECEIVED if how == "replay" else State.ANSWERED
        ledger.write(lambda change: change.move(first, [State.DEAD], state, event=how, actor="dana"))
    expected = [first, second, third] if how == "replay" else [second, third]
    seen = []
    while claimed := claim(ledger):
        (message,) = claimed
        seen.append(message.id)
        ledger.write(lambda change, message=message: change.finish(message, State.DELIVERED, event="done"))
    assert seen == expected
    if how == "skip":
        assert ledger.message(first).state is State.DEAD
        assert [event.what for event in ledger.events(first)][-1] == "skipped"
        with pytest.raises(KeyConflict):
            ledger.write(lambda change: change.skip(first, actor="dana", reason="again"))
    assert ledger.audit()["chain_ok"]


def test_what_stands_behind_two_waits_for_both(ledger: Ledger, new: NewDocument) -> None:
    first, second, third = put(ledger, new, 3)
    stop(ledger, first)
    ledger.write(lambda change: change.move(first, [State.DEAD], State.ANSWERED, event="closed", actor="dana"))
    stop(ledger, second)
    ledger.write(lambda change: change.move(first, [State.ANSWERED], State.DEAD, event="reopened", actor="dana"))
    ledger.write(lambda change: change.skip(second, actor="dana", reason="not needed"))
    assert claim(ledger) == [], "the first one is still waited for"
    ledger.write(lambda change: change.skip(first, actor="dana", reason="not needed"))
    assert [message.id for message in claim(ledger)] == [third]


def test_where_nobody_waits_the_next_goes_on(ledger: Ledger, new: NewDocument) -> None:
    first, second = put(ledger, new, 2, hold=False)
    stop(ledger, first)
    assert [message.id for message in claim(ledger)] == [second]


def test_a_message_given_up_with_its_worker_is_waited_for(ledger: Ledger, new: NewDocument, clock: HandClock) -> None:
    first, second = put(ledger, new, 2)
    assert [message.id for message in claim(ledger)] == [first]
    for _ in range(3):
        clock.advance(100)
        ledger.sweep()
        clock.advance(100)
        ledger.claim(Kind.DOCUMENT, 1, lease_seconds=60, owner="a", solo=True)
    assert ledger.message(first).state is State.DEAD
    assert ledger.message(second).cause == "in_order"
