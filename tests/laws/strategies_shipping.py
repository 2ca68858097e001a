"""Canonical messages that a shipping advice can say."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from hub.canonical import Carrier, Lot, Package, PackedItem, Quantity, Remainder, ShipmentConfirmation, ShippedLine
from tests.laws.values import (
    FREIGHT,
    MODES,
    UNITS,
    dates,
    glns,
    items,
    lists,
    maybe,
    moments,
    number,
    parties,
    ssccs,
    text,
    weights,
)


@st.composite
def _lines(draw: st.DrawFn, number_: int) -> ShippedLine:
    uom, shipped, short = draw(UNITS), draw(st.just(Decimal(0)) | number(3)), draw(st.just(Decimal(0)) | number(3))
    more = Decimal(0) if short else min(shipped, draw(st.just(Decimal(0)) | number(3)))

    def count(value: Decimal) -> Quantity:
        return Quantity(value=value, uom=uom)

    return ShippedLine(
        line_id=str(number_),
        item=draw(items(buyer=False)),
        ordered=count(shipped + short - more),
        picked=count(shipped),
        shipped=count(shipped),
        short=count(short) if short else None,
        short_reason=draw(maybe(text(45, 3) | st.just("05"))) if short else None,
        remainder=draw(st.sampled_from(Remainder)) if short else None,
        substitution_for=draw(maybe(text(40))),
    )


@st.composite
def _packed(draw: st.DrawFn, line: ShippedLine, quantity: Decimal) -> PackedItem:
    """Lots share out the quantity, or several are named without quantities."""
    lot = st.builds(Lot, lot_number=text(30), expiry_date=maybe(dates))
    lots = draw(lists(lot, 2, 3) | st.just(()))
    if not lots and draw(st.booleans()):
        part = quantity if draw(st.booleans()) else (quantity / 2).quantize(Decimal("0.001"))
        if part:
            lots = (draw(lot).model_copy(update={"quantity": Quantity(value=part, uom=line.shipped.uom)}),)
    whole = Quantity(value=quantity, uom=line.shipped.uom)
    return PackedItem(line_id=line.line_id, quantity=whole, lots=lots, serials=draw(lists(text(30))))


@st.composite
def _packages(draw: st.DrawFn, lines: tuple[ShippedLine, ...]) -> tuple[Package, ...]:
    """Every shipped line lies in one package or in two."""
    contents: list[list[PackedItem]] = [[], []]
    for line in lines:
        first = line.shipped.value
        if draw(st.booleans()):
            first = (first / 2).quantize(Decimal("0.001"))
        for box, quantity in zip(contents, (first, line.shipped.value - first), strict=True):
            if quantity:
                box.append(draw(_packed(line, quantity)))
    marks = draw(st.lists(ssccs, min_size=2, max_size=2, unique=True))
    return tuple(
        Package(
            id=f"{draw(text(20))}-{index}",
            sscc=draw(maybe(st.just(marks[index]))),
            parent_id=draw(maybe(text(40))),
            tracking_number=draw(maybe(text(40))),
            weight=draw(maybe(weights)),
            items=tuple(box),
        )
        for index, box in enumerate(contents)
        if box
    )


@st.composite
def shipments(draw: st.DrawFn) -> ShipmentConfirmation:
    lines = tuple(draw(_lines(index)) for index in range(1, 1 + draw(st.integers(1, 3))))
    scac = draw(maybe(text(4, 2)))
    carrier = Carrier(
        scac=scac,
        name=draw(maybe(text(35)) if scac else text(35)),
        service_code=draw(maybe(text(10))),
        mode=draw(maybe(MODES)),
    )
    return ShipmentConfirmation(
        id=draw(text(30)),
        occurred_at=draw(moments),
        site=draw(text(20, 2)),
        site_gln=draw(maybe(glns)),
        ship_to=draw(maybe(parties())),
        seller_order_id=draw(text(22)),
        order_id=draw(text(22)),
        shipment_id=draw(text(30)),
        shipped_at=draw(moments),
        final=draw(st.booleans()),
        carrier=carrier,
        bill_of_lading=draw(maybe(text(30))),
        pro_number=draw(maybe(text(30))),
        freight_payment=draw(maybe(FREIGHT)),
        gross_weight=draw(maybe(weights)),
        packages=draw(st.just(()) | _packages(lines)),
        lines=lines,
    )


SAYABLE: dict[str, st.SearchStrategy[Any]] = {"x12/945": shipments()}
