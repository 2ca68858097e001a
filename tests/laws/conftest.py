"""Every document's strategies in the one table that the laws read."""

from __future__ import annotations

from tests.laws import (
    strategies_changes,
    strategies_finance,
    strategies_freight,
    strategies_goods,
    strategies_shipping,
    strategies_transport,
    strategies_warehouse,
)
from tests.laws.strategies import SAYABLE

SAYABLE.update(strategies_changes.SAYABLE)
SAYABLE.update(strategies_finance.SAYABLE)
SAYABLE.update(strategies_goods.SAYABLE)
SAYABLE.update(strategies_warehouse.SAYABLE)
SAYABLE.update(strategies_shipping.SAYABLE)
SAYABLE.update(strategies_transport.SAYABLE)
SAYABLE.update(strategies_freight.SAYABLE)
