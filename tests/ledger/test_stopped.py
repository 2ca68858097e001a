"""What stopped is a queue of work, grouped by cause; what people say of a cause outlives its messages."""

from __future__ import annotations

import pytest

from hub.errors import NotFound
from hub.ledger import Kind, Ledger, State, group_of
from hub.ledger.fingerprint import cause_in_general, fingerprint
from tests.ledger.conftest import HandClock, NewDocument


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Order PO-1 is not known.", "Order 4500087213 is not known."),
        ("Customer 'ACME' is blocked", "Customer 'Big Box' is blocked"),
        ("came before, as message 0q3k8z5v1a9b7c2d4e6f.", "came before, as message 0q3k8z5v1a9b7c2d4e7a."),
        ("3 problems; at 2026-11-22T10:00:00Z", "14 problems; at 2026-11-23T11:30:00Z"),
        ("Items 1, 2, 3 are unknown", "Items 4 are unknown"),
    ],
)
def test_what_differs_from_message_to_message_does_not_count(one: str, other: str) -> None:
    assert cause_in_general(one) == cause_in_general(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("N104 is missing", "BEG03 is missing"),
        ("It answered HTTP 503", "It answered HTTP 422"),
        ("CUSTOMER_BLOCKED", "ITEM_UNKNOWN"),
    ],
)
def test_what_says_the_cause_does(one: str, other: str) -> None:
    assert cause_in_general(one) != cause_in_general(other)


def test_the_fingerprint_covers_endpoint_type_and_slug() -> None:
    marks = {
        fingerprint("delivery", "erp_order", "erp", "rejected", "no"),
        fingerprint("delivery", "erp_order", "erp2", "rejected", "no"),
        fingerprint("delivery", "erp_invoice", "erp", "rejected", "no"),
        fingerprint("delivery", "erp_order", "erp", "broken", "no"),
        fingerprint("document", "erp_order", "erp", "rejected", "no"),
    }
    assert len(marks) == 5


def stop(ledger: Ledger, new: NewDocument, detail: str, state: State = State.DEAD, **fields: str) -> str:
    message = new(
        Kind.DELIVERY, state=state, type="erp_order", endpoint="erp", cause="rejected", detail=detail, **fields
    )
    ledger.write(lambda change: change.insert(message))
    return message.id


def test_groups_are_counted_with_first_and_last(ledger: Ledger, new: NewDocument, clock: HandClock) -> None:
    first = stop(ledger, new, "order PO-1 blocked")
    began = clock.now()
    clock.advance(3600)
    stop(ledger, new, "order PO-2 blocked", partner="acme")
    stop(ledger, new, "item unknown")
    stop(ledger, new, "order PO-3 blocked", state=State.HELD)
    large, small = ledger.stopped_groups()
    assert (large.count, small.count) == (2, 1)
    assert (large.example_id, large.general, large.partners) == (first, "order … blocked", ("acme", "bigbox"))
    assert (large.first_seen, large.last_seen) == (pytest.approx(began, abs=1), pytest.approx(began + 3600, abs=1))
    assert [message.detail for message in ledger.stopped(group=large.id)] == [
        "order PO-1 blocked",
        "order PO-2 blocked",
    ]
    assert group_of(ledger.message(first)) == large.id
    assert len(ledger.stopped_groups([State.DEAD, State.HELD])) == 3


def test_people_own_note_and_snooze_and_it_never_expires(ledger: Ledger, new: NewDocument, clock: HandClock) -> None:
    stop(ledger, new, "order PO-1 blocked")
    (group,) = ledger.stopped_groups()
    until = clock.now() + 60

    def say(change: object) -> None:
        change.assign_group(group.id, "dana", actor="ben")  # type: ignore[attr-defined]
        change.note_group(group.id, "ERP team knows", actor="dana")  # type: ignore[attr-defined]
        change.snooze_group(group.id, until, actor="dana", detail="2026-11-23")  # type: ignore[attr-defined]

    ledger.write(say)
    said = ledger.stopped_group(group.id)
    assert (said.owner, said.note, said.snoozed_until) == ("dana", "ERP team knows", until)
    assert [(step.actor, step.what) for step in ledger.group_steps(group.id)] == [
        ("ben", "assigned"), ("dana", "noted"), ("dana", "snoozed"),
    ]  # fmt: skip
    clock.advance(10 * 365 * 86400)
    assert [found.count for found in ledger.stopped_groups()] == [1]
    with pytest.raises(NotFound):
        ledger.stopped_group("000000000000")


def test_a_cause_that_comes_back_still_has_its_owner(ledger: Ledger, new: NewDocument) -> None:
    message = stop(ledger, new, "order PO-1 blocked")
    (group,) = ledger.stopped_groups()
    ledger.write(lambda change: change.assign_group(group.id, "dana", actor="ben"))
    ledger.write(lambda change: change.move(message, [State.DEAD], State.ANSWERED, event="closed", actor="dana"))
    assert ledger.stopped_groups() == []
    stop(ledger, new, "order PO-77 blocked")
    assert [(again.id, again.owner) for again in ledger.stopped_groups()] == [(group.id, "dana")]


def test_a_rehearsal_leaves_nothing(ledger: Ledger, new: NewDocument) -> None:
    kept = stop(ledger, new, "order PO-1 blocked")
    before = ledger.audit()

    def work(tried: Ledger) -> tuple[str, bool, bytes]:
        other = new(payload=tried.store(b"ISA"))
        tried.write(lambda change: change.insert(other))
        tried.write(lambda change: change.move(kept, [State.DEAD], State.RECEIVED, event="replayed", actor="dana"))
        with pytest.raises(NotFound):
            tried.write(lambda change: (change.insert(new(unique_key="gone")), change.message("nothing")))
        seen = tried.message(kept).state is State.RECEIVED and tried.existing("gone") is None
        return other.id, seen, tried.payload(str(tried.message(other.id).payload))

    other, seen, data = ledger.rehearse(work)
    assert (seen, data) == (True, b"ISA")
    with pytest.raises(NotFound):
        ledger.message(other)
    assert ledger.message(kept).state is State.DEAD
    assert ledger.audit() == before
