"""What is sent, made by seed: files of 850s for several partners, some of them again, and shipments of some orders."""

from __future__ import annotations

import json
import random
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

from demo import documents, x12

__all__ = ["PARTNERS", "Drop", "Plan", "make", "read_plan"]

PARTNERS = ("alder", "birch", "cedar")
SKUS = ("SKU-RED", "SKU-BLUE", "SKU-GREEN")
AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Drop:
    """One file for one partner's inbox. ``again``: its interchange was sent before under another name."""

    partner: str
    name: str
    control: int
    orders: tuple[str, ...]
    again: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """``drops`` in the order of sending; ``shipped``: PO number -> how many shipments it gets, one after the other."""

    drops: tuple[Drop, ...]
    shipped: dict[str, int]

    @property
    def orders(self) -> list[str]:
        """All PO numbers, each once."""
        return [order for drop in self.drops if not drop.again for order in drop.orders]


def make(
    folder: Path,
    messages: int,
    seed: int,
    *,
    sizes: tuple[int, int] = (1, 20),
    again: float = 0.1,
    ship: float = 0.1,
) -> Plan:
    """Write the files and ``plan.json`` to the folder. ``messages``: 850s in all, without those sent again.

    ``sizes``: of a file, in documents. ``again``: how many files are sent again, ``ship``: how many orders are shipped.
    """
    dice = random.Random(seed)
    drops: list[Drop] = []
    made = 0
    while made < messages:
        partner = dice.choice(PARTNERS)
        orders = tuple(f"{partner[0].upper()}{seed:03d}-{made + n:06d}" for n in range(dice.randint(*sizes)))
        orders = orders[: messages - made]
        made += len(orders)
        control = len(drops) + 1
        drop = Drop(partner, f"{partner}_{control:06d}.edi", control, orders, again=False)
        _write(folder, drop, dice)
        drops.append(drop)
        if dice.random() < again:
            before = dice.choice([entry for entry in drops if not entry.again])
            name = f"{before.partner}_{len(drops) + 1:06d}_again.edi"
            drops.append(Drop(before.partner, name, before.control, before.orders, again=True))
            (folder / name).write_bytes((folder / before.name).read_bytes())
    orders_all = [order for drop in drops if not drop.again for order in drop.orders]
    shipped = {order: dice.randint(2, 3) for order in dice.sample(orders_all, round(ship * len(orders_all)))}
    plan = Plan(tuple(drops), shipped)
    (folder / "plan.json").write_text(json.dumps(asdict(plan)))
    return plan


def read_plan(folder: Path) -> Plan:
    """What `make` wrote."""
    data = json.loads((folder / "plan.json").read_text())
    drops = tuple(Drop(**{**entry, "orders": tuple(entry["orders"])}) for entry in data["drops"])
    return Plan(drops, data["shipped"])


def _write(folder: Path, drop: Drop, dice: random.Random) -> None:
    bodies = []
    for order in drop.orders:
        skus = dice.sample(SKUS, dice.randint(1, len(SKUS)))
        pieces = {sku: Decimal(dice.randint(10, 60)) for sku in skus}
        bodies.append(("850", documents.purchase_order(order, pieces, AT.date())))
    text = x12.write(drop.partner.upper(), "CROSSDOCK", drop.control, "PO", bodies, AT)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / drop.name).write_text(text)
