"""The judge: reads what the counterparties have and what was sent and answered, and nothing of the hub's."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bench.chaos.plan import Plan
from bench.chaos.sink import read_records
from demo import x12

__all__ = ["Far", "Verdict", "judge"]


@dataclass(frozen=True, slots=True)
class Far:
    """Where the counterparties keep what they got. ``outboxes``: partner -> folder with the files for it."""

    erp: Path
    warehouse: Path
    outboxes: dict[str, Path]


@dataclass(slots=True)
class Verdict:
    """How many effects were expected and happened; names of those that did not, happened twice, or out of order."""

    expected: int = 0
    happened: int = 0
    repeated: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    out_of_order: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not (self.lost or self.doubled or self.out_of_order or self.unexpected)

    def as_json(self) -> dict[str, Any]:
        """Counts, and the first names of each kind of fault."""
        counts: dict[str, Any] = {
            name: len(value) if isinstance(value, list) else value for name, value in asdict(self).items()
        }
        faults = {name: value[:5] for name, value in asdict(self).items() if isinstance(value, list) and value}
        return {**counts, **({"faults": faults} if faults else {})}

    def compare(self, what: str, wanted: Counter[str], found: Counter[str]) -> None:
        """Count effects of one kind; each is wanted once."""
        self.expected += wanted.total()
        self.happened += found.total()
        self.lost += [f"{what} {name}" for name in (wanted - found)]
        self.doubled += [f"{what} {name}" for name in (found - wanted) if name in wanted]
        self.unexpected += [f"{what} {name}" for name in found if name not in wanted]


def judge(plan: Plan, answered: list[str], shipments: list[dict[str, Any]], far: Far) -> Verdict:
    """What became of all files whose carrier was answered, and of all confirmations that were."""
    verdict = Verdict()
    sent = [drop for drop in plan.drops if drop.name in set(answered)]
    orders = Counter({order: 1 for drop in sent for order in drop.orders})
    shipped = Counter(entry["shipment"] for entry in shipments)
    erp, warehouse = read_records(far.erp), read_records(far.warehouse)
    verdict.repeated = sum(not record["new"] for record in [*erp, *warehouse])
    verdict.compare("order at the ERP", orders, _new(erp, "/orders", "po"))
    verdict.compare("shipment at the ERP", Counter(set(shipped)), _new(erp, "/shipments", "number"))
    _in_order(verdict, erp, shipments)
    told = _outgoing(far.outboxes)
    interchanges = Counter({f"{drop.partner} {drop.control}": 1 for drop in sent})
    verdict.compare("997 of", interchanges, told["997"])
    verdict.compare("order at the warehouse", orders, _new(warehouse, "/warehouse", "po"))
    verdict.compare("855 of", orders, told["855"])
    verdict.compare("856 of", Counter(set(shipped)), told["856"])
    verdict.compare("invoice at the ERP by shipment", Counter(set(shipped)), _invoiced(erp, shipments))
    return verdict


def _new(records: list[dict[str, Any]], path: str, name: str) -> Counter[str]:
    return Counter(record[name] for record in records if record["new"] and record["path"] == path)


def _in_order(verdict: Verdict, erp: list[dict[str, Any]], shipments: list[dict[str, Any]]) -> None:
    """Of each PO: the order, then its shipments in the order in which they were answered."""
    wanted: dict[str, list[str]] = {}
    for entry in shipments:
        wanted.setdefault(entry["po"], [entry["po"]]).append(entry["shipment"])
    found: dict[str, list[str]] = {}
    for record in erp:
        if record["new"] and record["path"] in ("/orders", "/shipments"):
            found.setdefault(record["po"], []).append(record["number"] or record["po"])
    for po, steps in wanted.items():
        there = [step for step in steps if step in found.get(po, [])]
        if [step for step in found.get(po, []) if step in there] != there:
            verdict.out_of_order.append(f"{po}: {found[po]}")


def _invoiced(erp: list[dict[str, Any]], shipments: list[dict[str, Any]]) -> Counter[str]:
    known = {entry["shipment"] for entry in shipments}
    return Counter(
        record["number"]
        for record in erp
        if record["new"] and record["path"] == "/invoices" and record["number"] in known
    )


def _outgoing(outboxes: dict[str, Path]) -> dict[str, Counter[str]]:
    """By kind what the partners were sent: interchanges answered by 997, orders by 855, shipments by 856."""
    told: dict[str, Counter[str]] = {"997": Counter(), "855": Counter(), "856": Counter(), "810": Counter()}
    for partner, folder in outboxes.items():
        for path in sorted(folder.glob("*.edi")):
            for document in x12.split(path.read_text()).documents:
                name = {
                    "997": f"{partner} {int(document.value('AK1', 2) or 0)}",
                    "855": document.value("BAK", 3),
                    "856": document.value("BSN", 2),
                    "810": document.value("BIG", 2),
                }[document.kind]
                told[document.kind][name] += 1
    return told
