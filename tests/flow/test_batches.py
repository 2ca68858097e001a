"""What is worked on together: files in a commit, deliveries in a call."""

from __future__ import annotations

import pytest

from hub.flow import work
from hub.flow.delivery import at_once
from hub.ledger import Kind, State
from tests.flow.world import World

MEGABYTE = 2**20


@pytest.mark.parametrize(("batch_max", "claimed"), [(70, 70), (10, 40)])
def test_no_call_is_smaller_than_the_far_end_allows_because_too_few_were_claimed(
    world: World, batch_max: int, claimed: int
) -> None:
    settings = world.hub.settings.connections["erp"].settings
    settings.update(batch_paths={"erp_order": "/orders/batch"}, batch_max=batch_max)
    assert at_once(world.hub.flow, "erp") == claimed


def test_small_files_share_a_commit_and_a_large_one_has_its_own(world: World) -> None:
    padding = [b"", b"", b"\n" * MEGABYTE, b"", b"\n" * (MEGABYTE // 2), b"\n" * (MEGABYTE // 2)]
    for number, blanks in enumerate(padding):
        world.drop(world.order(f"PO-{number}") + blanks)
    assert work.run(world.hub.flow, "interchange") == len(padding)
    files = world.messages(Kind.INTERCHANGE)
    assert {file.state for file in files} == {State.DELIVERED}
    commits = [file.changed_at for file in files]
    assert commits == sorted(commits)
    assert [commits.index(at) for at in commits] == [0, 0, 2, 3, 3, 5]


def test_of_a_far_end_that_is_slow_no_more_is_claimed_than_there_is_time_for(world: World) -> None:
    desk = world.hub.flow
    pace = desk.paces["erp"]
    pace.note(0.25)
    assert at_once(desk, "erp") == 40, "one call says nothing"
    pace.note(0.25)
    assert at_once(desk, "erp") == 4
    pace.note(30.0)
    pace.note(30.0)
    assert at_once(desk, "erp") == 1
    pace.note(0.0001)
    assert at_once(desk, "erp") == 40, "it is quick again"


def test_deliveries_that_a_slow_far_end_leaves_no_time_for_keep_their_places(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        world.drop(world.order(f"PO-{number}"))
    for stage in ("interchange", "document"):
        while work.run(world.hub.flow, stage):
            pass
    before = {message.id: message.due_at for message in world.messages(Kind.DELIVERY, "erp_order")}
    monkeypatch.setattr("hub.flow.delivery.TURN_SECONDS", 0.0)
    work.run(world.hub.flow, "delivery:erp")
    assert len(world.journals["erp"].all("taken")) == 1
    waiting = [m for m in world.messages(Kind.DELIVERY, "erp_order") if m.state is State.RECEIVED]
    assert [(m.attempts, m.due_at) for m in waiting] == [(0, before[m.id]) for m in waiting]
    assert len(waiting) == 2
    world.run()
    assert len(world.journals["erp"].all("taken")) == 3
    assert world.journals["erp"].all("repeated") == []
