"""What is kept to at endpoints that are down, in maintenance, slow or late (P4), on a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.outage import DOWN, Outage, World, simulate
from hub.contracts.endpoint import EndpointSettings, Window
from hub.errors import OutcomeUnknown, Throttled
from hub.flow import endpoints, replay, work
from hub.ledger import Filter, Kind, Message, State

MakeWorld = Callable[..., World]
HOUR = 3600.0


@pytest.fixture
def make(ledger_url: str, tmp_path: Path) -> Iterator[MakeWorld]:
    made: list[World] = []

    def build(**settings: EndpointSettings) -> World:
        made.append(World(ledger_url, tmp_path, **settings))
        return made[-1]

    yield build
    for world in made:
        world.ledger.close()


def deliveries(world: World, state: State) -> list[Message]:
    return list(world.ledger.messages(Filter(kind=Kind.DELIVERY, states=frozenset({state})), limit=1000).items)


def test_the_pause_of_a_dead_endpoint_grows_and_each_costs_one_call(make: MakeWorld) -> None:
    world, seen = make(), Outage()
    end = world.ends[DOWN]
    end.down_until = world.clock.now() + HOUR
    world.put(DOWN, range(100))
    world.pass_time(300, seen, f"delivery:{DOWN}")
    pauses = [after - before for before, after in zip(end.calls, end.calls[1:], strict=False)]
    assert pauses[:7] == pytest.approx([2, 4, 8, 16, 32, 60, 60], rel=0.11)
    assert len(end.calls) < 12
    waiting = deliveries(world, State.RECEIVED)
    assert len(waiting) == 100
    assert {message.attempts for message in waiting} == {0}, "waiting counts for nothing"
    events = [event.what for message in waiting for event in world.ledger.events(message.id)]
    assert events.count("parked") <= 40 + len(end.calls), "one batch is given back; the others were not touched"


def test_one_that_cannot_be_had_costs_no_more_calls(make: MakeWorld) -> None:
    world = make()
    world.ends[DOWN].down_until = world.clock.now() + HOUR
    for number in range(12):
        world.body = world.ledger.store(b"to be lost" if number == 2 else b"order")
        world.put(DOWN, range(number, number + 1))
    forget = ("DELETE FROM payload WHERE size=?", (len(b"to be lost"),))
    world.ledger._database.write(lambda db, _: db.run(*forget), lambda: None)
    assert work.run(world.desk, f"delivery:{DOWN}") == 12
    assert len(world.ends[DOWN].calls) == 1
    assert [row.failures for row in world.ledger.endpoints() if row.name == DOWN] == [1]
    assert [message.cause for message in deliveries(world, State.DEAD)] == ["not_found"]
    assert len(deliveries(world, State.RECEIVED)) == 11


def test_one_whose_file_is_elsewhere_is_held_until_it_is_back(make: MakeWorld, tmp_path: Path) -> None:
    world = make()
    world.body = world.ledger.store(b"large" * 20_000)
    world.put("erp", range(1))
    path = world.ledger.payload_path(world.body.sha256)
    path.rename(tmp_path / "elsewhere")
    work.run(world.desk, "delivery:erp")
    (held,) = deliveries(world, State.HELD)
    assert held.attempts == 1
    (tmp_path / "elsewhere").rename(path)
    replay.run(world.desk, [held.id], actor="dana", reason="it is back")
    work.run(world.desk, "delivery:erp")
    assert world.ledger.message(held.id).state is State.DELIVERED
    assert len(world.ends["erp"].taken) == 1


def test_it_comes_back_slowly_and_in_order(ledger_url: str, tmp_path: Path) -> None:
    outage = simulate(ledger_url, tmp_path, deliveries=200, seconds=120)
    assert sorted(outage.taken) == sorted(set(outage.taken))
    assert (len(outage.taken), outage.out_of_order()) == (200, 0)
    assert outage.claimed[outage.probes :][:6] == [1, 2, 4, 8, 16, 32]
    hints = 120 / 5
    assert outage.passes[f"delivery:{DOWN}"] <= hints + 4 * outage.probes + len(outage.claimed)
    assert outage.drained_seconds < 120


def test_in_a_maintenance_window_nothing_is_sent_and_nothing_counts_as_failed(make: MakeWorld) -> None:
    window = Window.model_validate({"from": "08:00", "to": "09:00", "zone": "UTC"})
    world, seen = make(down=EndpointSettings(maintenance=(window,))), Outage()
    world.clock.seconds = datetime(2027, 1, 15, 8, 30, tzinfo=UTC).timestamp()
    world.put(DOWN, range(40))
    world.put("erp", range(3))
    world.pass_time(60, seen, f"delivery:{DOWN}", "delivery:erp")
    (row,) = [endpoint for endpoint in world.ledger.endpoints() if endpoint.name == DOWN]
    assert (row.failures, row.cause, row.waiting) == (0, "maintenance", 40)
    assert row.open_until == datetime(2027, 1, 15, 9, 0, tzinfo=UTC).timestamp()
    assert "2027-01-15 09:00" in row.detail
    assert (world.ends[DOWN].calls, len(world.ends["erp"].taken)) == ([], 3)
    world.pass_time(1800, seen)
    assert len(set(world.ends[DOWN].taken)) == 40
    assert min(world.ends[DOWN].calls) >= row.open_until
    assert seen.claimed[:4] == [1, 2, 4, 8]


def test_a_window_that_is_taken_out_of_the_settings_is_over(make: MakeWorld) -> None:
    world = make()
    world.ledger.write(
        lambda change: change.pause_endpoint(DOWN, world.clock.now() + HOUR, cause=endpoints.MAINTENANCE, detail="…")
    )
    endpoints.put_on_record(world.desk)
    assert world.ledger.endpoint(DOWN).open_until is None


def test_the_settings_limits_are_rows_that_claims_obey(make: MakeWorld) -> None:
    world = make(down=EndpointSettings(per_second=2, burst=4))
    endpoints.put_on_record(world.desk)
    world.put(DOWN, range(40))
    claimed = world.ledger.claim(Kind.DELIVERY, 40, lease_seconds=60, owner="a", endpoint=DOWN)
    assert len(claimed) == 4
    row = world.ledger.endpoint(DOWN)
    assert (row.per_second, row.burst, row.max_concurrent) == (2.0, 4, None)
    swept = world.ledger.sweep()
    assert swept.stages == (), "it is not hinted before a token is there"
    assert swept.next_seconds == pytest.approx(0.5)
    world.clock.seconds += 0.5
    assert world.ledger.sweep().stages == (f"delivery:{DOWN}",)


def test_retry_after_holds_the_endpoint_not_only_the_message(make: MakeWorld) -> None:
    world, seen = make(), Outage()
    end = world.ends[DOWN]
    end.error, end.down_until = Throttled("slow down", retry_after_seconds=45.0), world.clock.now() + 10
    world.put(DOWN, range(60))
    begun = world.clock.now()
    world.pass_time(120, seen, f"delivery:{DOWN}")
    assert len(set(end.taken)) == 60
    assert end.calls[0] == begun
    assert end.calls[1] >= begun + 45


def test_three_calls_without_an_answer_are_enough(make: MakeWorld) -> None:
    world, seen = make(), Outage()
    end = world.ends[DOWN]
    end.error, end.down_until = OutcomeUnknown("no answer"), world.clock.now() + 10
    world.put(DOWN, range(60))
    begun = world.clock.now()
    world.pass_time(60, seen, f"delivery:{DOWN}")
    assert end.calls[:3] == [begun] * 3
    assert end.calls[3] > begun + 1
    assert len(set(end.taken)) == len(end.taken) == 60


def test_what_is_late_is_dead_until_a_person_sends_it_again(make: MakeWorld) -> None:
    world, seen = make(down=EndpointSettings(give_up_after_hours=1.0)), Outage()
    end = world.ends[DOWN]
    end.down_until = world.clock.now() + 2 * HOUR
    world.put(DOWN, range(5))
    world.pass_time(HOUR / 2, seen, f"delivery:{DOWN}")
    assert len(deliveries(world, State.RECEIVED)) == 5
    world.pass_time(HOUR, seen)
    dead = deliveries(world, State.DEAD)
    assert {(message.cause, "by 2027-01-15 09:00" in message.detail) for message in dead} == {("deadline", True)}
    assert len(dead) == 5, "those behind the one that is tried are given up as well"
    replay.run(world.desk, [dead[0].id], actor="dana", reason="they still want it")
    world.pass_time(HOUR, seen)
    assert len(end.taken) == 1


@pytest.mark.parametrize(
    ("on_unknown", "states"),
    [("find", {State.DELIVERED}), ("hold", {State.HELD}), ("resend", {State.DELIVERED})],
)
def test_without_an_answer_the_endpoint_settings_say_what_is_done(
    make: MakeWorld, on_unknown: str, states: set[State]
) -> None:
    settings = EndpointSettings.model_validate({"on_unknown": on_unknown})
    world, seen = make(down=settings), Outage()
    world.ends[DOWN].error, world.ends[DOWN].down_until = OutcomeUnknown("no answer"), world.clock.now() + 1
    world.put(DOWN, range(1))
    world.pass_time(60, seen, f"delivery:{DOWN}")
    (message,) = world.ledger.messages(limit=10).items
    assert {message.state} == states
    assert message.cause == ("outcome_unknown" if on_unknown == "hold" else "")
