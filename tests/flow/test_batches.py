"""Deliveries that a far end takes many of in one call."""

from __future__ import annotations

import pytest

from hub.flow.delivery import at_once
from tests.flow.world import World


@pytest.mark.parametrize(("batch_max", "claimed"), [(70, 70), (10, 40)])
def test_no_call_is_smaller_than_the_far_end_allows_because_too_few_were_claimed(
    world: World, batch_max: int, claimed: int
) -> None:
    settings = world.hub.settings.connections["erp"].settings
    settings.update(batch_paths={"erp_order": "/orders/batch"}, batch_max=batch_max)
    assert at_once(world.hub.flow, "erp") == claimed
