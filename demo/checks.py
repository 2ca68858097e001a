"""Whether each thing that should happen was seen at the counterparties, once and right.

A check returns a sentence once it is satisfied and "" while it is not yet; it raises `Wrong` where something happened
that must not have: a second effect, another number, an amount that is a cent off.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Any, TypeVar

from demo import catalogue, x12
from demo.evidence import NUMBERED_BY, Evidence
from demo.marks import gs1_check_digit
from demo.tax_engine import tax_on

__all__ = [
    "Wrong",
    "acknowledged",
    "answered_line_by_line",
    "billed",
    "booked_order",
    "cash_applied",
    "complete",
    "delivered",
    "effects",
    "expected_invoice",
    "notified",
    "receipts_returned",
    "rejected_in_words",
    "shipped",
    "taxed",
]

T = TypeVar("T")
CENT = Decimal("0.01")
DELIVERED = "011"


class Wrong(Exception):
    """Something is at a counterparty that must not be there."""


def acknowledged(seen: Evidence, made_id: str) -> str:
    """The retailer got a 997 that accepts its document."""
    answers = seen.acknowledgments(made_id)
    if not answers:
        return ""
    _equal("AK5 of the 997", answers[0].value("AK5", 1), "A")
    _equal("AK9 of the 997", answers[0].value("AK9", 1), "A")
    return f"997 accepts group {answers[0].value('AK1', 2)}"


def rejected_in_words(seen: Evidence, made_id: str) -> str:
    """The retailer got a 997 that rejects its document and points at three faults: AK3, AK4 and AK5."""
    answers = seen.acknowledgments(made_id)
    if not answers:
        return ""
    answer = answers[0]
    _equal("AK5 of the 997", answer.value("AK5", 1), "R")
    _equal("AK9 of the 997", answer.value("AK9", 1), "R")
    segments = sorted({segment[1] for segment in answer.all("AK3")})
    _equal("segments that AK3 names", segments, ["BEG", "PO1", "ZZZ"])
    _equal("elements that AK4 names", sorted(entry[1] for entry in answer.all("AK4")), ["2", "5"])
    faults = " ".join("*".join(entry) for entry in answer.segments if entry[0] in {"AK3", "AK4"})
    return f"997 rejects it: {faults}"


def booked_order(seen: Evidence, purchase_order: str) -> str:
    """The ERP has the order once, line by line as it was ordered."""
    order = _once(seen.booked("orders", purchase_order), f"order {purchase_order} at the ERP")
    if order is None:
        return ""
    lines = [(line["sku"], Decimal(line["quantity"]), Decimal(line["unit_price"])) for line in order["lines"]]
    ordered = catalogue.ORDERS[purchase_order]
    _equal("lines at the ERP", lines, [(sku, pieces, catalogue.ITEMS[sku].price) for sku, pieces in ordered.items()])
    _equal("ship-to at the ERP", order["ship_to"]["code"], catalogue.SHIP_TO.code)
    return f"the ERP has it once, {len(lines)} lines"


def answered_line_by_line(seen: Evidence, purchase_order: str) -> str:
    """The retailer has one 855 that accepts every line in full."""
    answer = _once(seen.about("855", purchase_order), f"855 for order {purchase_order}")
    if answer is None:
        return ""
    accepted = [(entry[1], Decimal(entry[2])) for entry in answer.all("ACK")]
    _equal("ACK of the 855", accepted, [("IA", pieces) for pieces in catalogue.ORDERS[purchase_order].values()])
    return f"855 accepts {len(accepted)} lines"


def shipped(seen: Evidence, purchase_order: str) -> str:
    """The warehouse has the order once; its confirmations were taken, the repeated one as a duplicate."""
    order = _once(seen.released(purchase_order), f"order {purchase_order} at the warehouse")
    if order is None:
        return ""
    posted = [
        (record["kind"], record["duplicate"])
        for record in seen.all("warehouse", "posted", number=order["order_number"])
    ]
    if len(posted) < 3:
        return ""
    _equal("answer to the repeated confirmation", posted[2], ("ship_again", True))
    shipment = seen.shipment(purchase_order)
    short = [line for line in shipment["lines"] if Decimal(line["short"])] if shipment else []
    words = ", ".join(f"{line['short']} {line['sku']} short, {line['remainder']}" for line in short) or "in full"
    return f"picked and shipped, {words}; posted again: duplicate"


def notified(seen: Evidence, purchase_order: str) -> str:
    """The retailer has one 856: its tree, cartons and quantities are what the warehouse shipped."""
    notice, shipment = (
        _once(seen.about("856", purchase_order), f"856 for {purchase_order}"),
        seen.shipment(purchase_order),
    )
    if notice is None or shipment is None:
        return ""
    levels = Counter(entry[3] for entry in notice.all("HL"))
    cartons = shipment["packages"]
    items = sum(len(package["items"]) for package in cartons)
    _equal("HL levels of the 856", dict(levels), {"S": 1, "O": 1, "P": len(cartons), "I": items})
    _equal("CTT01 of the 856", notice.value("CTT", 1), str(len(notice.all("HL"))))
    marks = sorted(entry[2] for entry in notice.all("MAN") if entry[1] == "GM")
    _equal("SSCCs of the 856", [mark[-18:] for mark in marks], sorted(package["sscc"] for package in cartons))
    if any(gs1_check_digit(mark[:-1]) != mark[-1] for mark in marks):
        raise Wrong(f"an SSCC of the 856 has a wrong check digit: {marks}")
    text = "*".join(element for segment in notice.segments for element in segment)
    for package in cartons:
        if package["tracking_number"] not in text:
            raise Wrong(f"the 856 does not name tracking number {package['tracking_number']}")
    _equal("quantities of the 856", _by_item(notice, "LIN", "SN1", 2), _shipped_pieces(shipment))
    return f"856 with {len(cartons)} cartons, SSCC and tracking numbers, {items} items"


def taxed(seen: Evidence, purchase_order: str) -> str:
    """The tax engine turned the hub away at first, and has one committed transaction of the right amount."""
    transaction = _once(seen.committed(purchase_order), f"committed tax transaction for {purchase_order}")
    shipment = seen.shipment(purchase_order)
    if transaction is None or shipment is None or not seen.all("tax", "turned_away"):
        return ""
    _, _, tax, _ = expected_invoice(shipment)
    _equal("tax committed", Decimal(transaction["totalTax"]), tax)
    return f"503 {len(seen.all('tax', 'turned_away'))} times, then {transaction['code']} committed with {tax} tax"


def expected_invoice(shipment: Any) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    """Goods, freight, tax and total of what was shipped: each line rounded half up to cents, taxed a line."""
    lines = [
        (pieces * catalogue.ITEMS[sku].price).quantize(CENT, ROUND_HALF_UP)
        for sku, pieces in _shipped_pieces(shipment).items()
    ]
    goods = sum(lines, Decimal(0))
    freight = catalogue.FREIGHT_PER_CARTON * len(shipment["packages"])
    tax = sum(map(tax_on, lines), tax_on(freight))
    return goods, freight, tax, goods + freight + tax


def billed(seen: Evidence, purchase_order: str) -> str:
    """One 810 at the retailer and one shipment and invoice at the ERP, agreeing with what was shipped to the cent."""
    invoice = _once(seen.about("810", purchase_order), f"810 for {purchase_order}")
    booked = _once(seen.booked("invoices", purchase_order), f"invoice for {purchase_order} at the ERP")
    told = _once(seen.booked("shipments", purchase_order), f"shipment of {purchase_order} at the ERP")
    shipment = seen.shipment(purchase_order)
    if invoice is None or booked is None or told is None or shipment is None:
        return ""
    goods, freight, tax, total = expected_invoice(shipment)
    _equal("pieces of the 810", _by_item(invoice, "IT1", "IT1", 2), _shipped_pieces(shipment))
    _equal("TDS01 of the 810", Decimal(invoice.value("TDS", 1)) / 100, total)
    charges = [Decimal(entry[5]) / 100 for entry in invoice.all("SAC") if entry[1] == "C"]
    _equal("charges of the 810", charges, [freight])
    _equal("invoice number at the ERP", booked["invoice_number"], invoice.value("BIG", 2))
    amounts = [Decimal(booked[name]) for name in ("subtotal", "tax", "total")]
    _equal("tax and total at the ERP", amounts[1:], [tax, total])
    if amounts[0] not in {goods, goods + freight}:
        raise Wrong(f"subtotal at the ERP is {amounts[0]}, the goods are {goods} and the freight {freight}")
    pieces = {line["sku"]: Decimal(line["shipped"]) for line in told["lines"] if Decimal(line["shipped"])}
    _equal("pieces of the shipment at the ERP", pieces, _shipped_pieces(shipment))
    return f"{invoice.value('BIG', 2)}: goods {goods} + freight {freight} + tax {tax} = {total}, at retailer and ERP"


def receipts_returned(seen: Evidence, purchase_order: str) -> str:
    """The retailer's 997s for the 855, the 856 and the 810 were taken."""
    received = [document for kind in NUMBERED_BY for document in seen.about(kind, purchase_order)]
    if len(received) < len(NUMBERED_BY) or not all(map(seen.answered, received)):
        return ""
    return "997s returned for " + ", ".join(document.kind for document in received)


def delivered(seen: Evidence, purchase_order: str) -> str:
    """The carrier told the hub of every carton that it was delivered."""
    shipment = seen.shipment(purchase_order)
    if shipment is None:
        return ""
    numbers = [package["tracking_number"] for package in shipment["packages"]]
    if not all(seen.all("carrier", "asked", tracking=number, status=DELIVERED) for number in numbers):
        return ""
    return f"{len(numbers)} parcels polled until delivered"


def cash_applied(seen: Evidence, purchase_order: str, short: Decimal, reason: str) -> str:
    """The ERP was told once what was applied to the invoice, and of one deduction with amount and reason."""
    invoice = _once(seen.about("810", purchase_order), f"810 for {purchase_order}")
    application = _once(seen.erp("cash-applications"), "cash application at the ERP")
    if invoice is None or application is None:
        return ""
    number, total = invoice.value("BIG", 2), Decimal(invoice.value("TDS", 1)) / 100
    applied = [(entry["invoice_number"], Decimal(entry["applied"])) for entry in application["applied"]]
    _equal("cash applied", applied, [(number, total - short)])
    _equal("payment", Decimal(application["total"]), total - short)
    deductions = [
        (entry["invoice_number"], Decimal(entry["amount"]), entry["reason_code"]) for entry in application["deductions"]
    ]
    _equal("deductions", deductions, [(number, short, reason)])
    return f"{total - short} applied to {number}, deduction of {short} opened for reason {reason}"


def effects(seen: Evidence) -> dict[str, int]:
    """How often each thing happened for each order; raises Wrong where anything happened more often than it may."""
    doubled = [*seen.all("erp", "doubled"), *seen.all("warehouse", "doubled")]
    if doubled:
        raise Wrong(f"doubled effects: {[(record.get('kind', 'order'), record['number']) for record in doubled]}")
    faults = seen.envelope_faults()
    if faults:
        raise Wrong(f"envelopes that do not add up: {faults}")
    counts = {
        f"{purchase_order} {what}": count
        for purchase_order in catalogue.ORDERS
        for what, count in _counts(seen, purchase_order).items()
    }
    counts["cash applications at the ERP"] = len(seen.erp("cash-applications"))
    for name, count in counts.items():
        if count > _wanted(name):
            raise Wrong(f"{name}: {count} times instead of {_wanted(name)}")
    return counts


def complete(seen: Evidence) -> str:
    """Everything that should have happened did, for every order and once; nothing did for the faulty one."""
    counts = effects(seen)
    missing = [name for name, count in counts.items() if count < _wanted(name)]
    if missing:
        return ""
    return f"{sum(counts.values())} effects, each once; none for the faulty order"


def _wanted(name: str) -> int:
    return 0 if name.startswith(catalogue.FAULTY) else 1


def _counts(seen: Evidence, purchase_order: str) -> dict[str, int]:
    return {
        "at the warehouse": len(seen.released(purchase_order)),
        **{
            f"{kind} at the ERP": len(seen.booked(kind, purchase_order)) for kind in ("orders", "shipments", "invoices")
        },
        **{f"{kind} at the retailer": len(seen.about(kind, purchase_order)) for kind in NUMBERED_BY},
        "taxes committed": len(seen.committed(purchase_order)),
    }


def _shipped_pieces(shipment: Any) -> dict[str, Decimal]:
    return {line["sku"]: Decimal(line["shipped"]) for line in shipment["lines"] if Decimal(line["shipped"])}


def _by_item(document: x12.Document, item_tag: str, quantity_tag: str, element: int) -> dict[str, Decimal]:
    """SKU -> pieces, added up: the item of a segment, the quantity of the same or of the next of another kind."""
    pieces: dict[str, Decimal] = {}
    sku = ""
    for segment in document.segments:
        if segment[0] == item_tag:
            sku = _sku(segment)
        if segment[0] == quantity_tag:
            pieces[sku] = pieces.get(sku, Decimal(0)) + Decimal(segment[element])
    return pieces


def _sku(segment: Sequence[str]) -> str:
    """The article of a segment with pairs of qualifier and number: VN is ours, UP the GTIN-12."""
    for qualifier, number in pairwise(segment):
        for sku, item in catalogue.ITEMS.items():
            if (qualifier, number) in {("VN", sku), ("UP", item.upc)}:
                return sku
    raise Wrong(f"{'*'.join(segment)} names no article that was ordered")


def _once(found: Iterable[T], what: str) -> T | None:
    entries = list(found)
    if len(entries) > 1:
        raise Wrong(f"{what}: {len(entries)} times instead of once")
    return entries[0] if entries else None


def _equal(what: str, found: object, expected: object) -> None:
    if found != expected:
        raise Wrong(f"{what}: {found} instead of {expected}")
