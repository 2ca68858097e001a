"""P3: whatever is done to a ledger through its own ways, and in which order, the audit finds nothing."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from hub.errors import KeyConflict, NotFound
from hub.ledger import Kind, LeaseLost, Ledger, Message, NewMessage, State

from .conftest import HandClock, NewDocument

STEPS = 120
REST = (State.DELIVERED, State.HELD, State.DEAD, State.REJECTED, State.ANSWERED)
STRANGE = ("\x00", "\u200b\u00ad", "\ud800", "é" * 300, "plain")


class Course:
    """Steps taken at random, as workers, sweeper and people would."""

    def __init__(self, ledger: Ledger, new: NewDocument, clock: HandClock, seed: int) -> None:
        self.ledger, self.new, self.clock, self.random = ledger, new, clock, Random(seed)
        self.payloads = [None, *(ledger.store(b"bytes %d" % number) for number in range(4))]
        self.ids: list[str] = []
        self.claimed: list[Message] = []

    def step(self) -> None:
        self.clock.advance(self.random.choice((0.01, 1.0, 30.0)))
        arriving, working = (self.arrive, self.arrive, self.begin), (self.claim, self.claim, self.finish, self.finish)
        steps: tuple[Callable[[], None], ...] = (*arriving, *working, self.note, self.skip, self.move, self.sweep)
        try:
            self.random.choice(steps)()
        except (KeyConflict, LeaseLost, NotFound):
            """It was not the moment for it, and nothing happened."""

    def message(self) -> NewMessage:
        kind = self.random.choice(tuple(Kind))
        return self.new(
            kind,
            endpoint="erp" if kind is Kind.DELIVERY else "",
            order_key=self.random.choice((None, "order", *STRANGE)),
            order_hold=self.random.random() < 0.5,
            partner=self.random.choice(STRANGE),
            payload=self.random.choice(self.payloads),
            reading=self.random.choice(self.payloads),
            unique_key=self.random.choice((None, None, f"key {self.random.randrange(30)}")),
            replay_of=self.random.choice(self.ids) if self.ids and self.random.random() < 0.3 else None,
            facts={"n": 1.5, "reading": 3, "row": "x", "seal": "y"},
        )

    def arrive(self) -> None:
        new = self.message()
        if self.ledger.write(lambda change: change.insert(new)):
            self.ids.append(new.id)

    def begin(self) -> None:
        new, state = self.message(), self.random.choice(REST)
        reading = self.random.choice(self.payloads)
        for _ in range(new.kind is Kind.DOCUMENT):
            self.ledger.write(
                lambda change: [
                    change.finish(begun, state, event="done", cause="\x00c", detail="d" * 5000, reading=reading)
                    for begun in change.begin([new], [new.id])
                ]
            )

    def claim(self) -> None:
        for kind in Kind:
            endpoint, solo = "erp" if kind is Kind.DELIVERY else None, self.random.random() < 0.4
            found = self.ledger.claim(kind, 4, lease_seconds=20, owner="a", solo=solo, endpoint=endpoint)
            self.claimed += found

    def finish(self) -> None:
        if not self.claimed:
            return
        message = self.claimed.pop(self.random.randrange(len(self.claimed)))
        state, reading = self.random.choice((State.RECEIVED, *REST)), self.random.choice(self.payloads)
        facts = {"n": self.random.random(), "look_first": False, "said": "é"}
        self.ledger.write(
            lambda change: change.finish(message, state, event="done", detail="x\x00", facts=facts, reading=reading)
        )

    def note(self) -> None:
        noted = self.any_id()
        self.ledger.write(lambda change: change.event(noted, "note", "dana", {"reading": "z", "n": 9}))

    def skip(self) -> None:
        skipped = self.any_id()
        self.ledger.write(lambda change: change.skip(skipped, actor="dana", reason="r\x00"))

    def move(self) -> None:
        moved, stopped = self.any_id(), (State.HELD, State.DEAD, State.REJECTED)
        to, facts = self.random.choice((State.RECEIVED, State.ANSWERED)), {"n": "moved"}
        self.ledger.write(lambda change: change.move(moved, stopped, to, event="moved", actor="dana", facts=facts))

    def any_id(self) -> str:
        return self.random.choice(self.ids) if self.ids else "none"

    def sweep(self) -> None:
        self.ledger.sweep()
        self.ledger.seal()


@pytest.mark.parametrize("seed", range(4))
def test_any_course_leaves_nothing_to_find(ledger: Ledger, new: NewDocument, clock: HandClock, seed: int) -> None:
    course = Course(ledger, new, clock, seed)
    for _ in range(STEPS):
        course.step()
    report = ledger.audit()
    assert report["problems"] == []
    assert report["balanced"]
    assert report["received"] > STEPS / 10


@pytest.mark.parametrize("name", ["P" * 300, "A\u200bB", "A\nB", " A ", "\x00", "é" * 195])
def test_an_order_of_any_name_has_its_history(ledger: Ledger, new: NewDocument, name: str) -> None:
    message, key = new(state=State.DELIVERED), f"bigbox:{name}"
    ledger.write(
        lambda change: (
            change.insert(message),
            change.take_key("Order", key, "", message.id),
            change.add_search_keys(message.id, key, [("po", name)]),
            change.save_order(key, partner="bigbox", po=name, state="open", data="{}", expected_version=None),
            change.add_steps(key, [(1.0, "ordered", "", message.id)]),
        )
    )
    assert [step.what for step in ledger.steps(key)] == ["ordered"]
    assert ledger.audit()["problems"] == []
    as_it_came = "UPDATE order_step SET order_key=?"
    if "\x00" not in name:
        ledger._database.write(lambda db, _: db.run(as_it_came, (key,)), lambda: None)
    assert ledger.audit()["problems"] == [], "so earlier versions kept it"
