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
