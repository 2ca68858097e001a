"""180 Return Merchandise Authorization and Notification ⇄ ReturnAuthorization."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hub.canonical import Item, ReturnAuthorization, ReturnLine
from hub.mapping.codecs import an, code, date8, money, r
from hub.mapping.notation import M, Node, Via, const, each, loop, pairs, row, skip
from hub.mapping.x12_mapping import document
from mappings.x12.codes import MODE, UNIT
from mappings.x12.parties import ITEM
from mappings.x12.related import AMOUNTS, CHARGE_ROWS, CONTACT, DATES, DESCRIPTIONS, PARTIES, REMARKS, references
from mappings.x12.words import PRICE, QUANTITY, SENT_FOR, TIME, YES_NO

__all__ = ["RETURN_AUTHORIZATION"]

DISPOSITION = code(
    {
        "CR": "CONSUMER_RETURN",
        "DI": "DISPOSE",
        "KA": "KEEP_WITH_ALLOWANCE",
        "KR": "KEEP_AND_REPAIR",
        "MW": "WARRANTY_SERVICE",
        "RA": "RETURN_WITH_AUTHORIZATION",
        "RN": "RETURN_WITHOUT_AUTHORIZATION",
        "RD": "REQUEST_DENIED",
        "RF": "FACTORY_REPAIR",
        "RP": "AUTHORIZATION_PENDING",
        "RT": "SHIP_TO_THIRD_PARTY",
        "SC": "SHIP_TO_CHARITY",
        "SD": "SHIP_TO_DISPOSAL",
    },
    others=True,
)
"""1292."""

REQUEST_REASON = code(
    {
        "CO": "ORDERING_ERROR",
        "CV": "COLOUR_VARIANCE",
        "DM": "DEFECTIVE_AT_STORE",
        "DP": "DEFECTIVE_PACKAGING",
        "DR": "DEFECTIVE_FROM_CONSUMER",
        "EI": "EXCESS_INVENTORY",
        "EO": "END_OF_SEASON",
        "EW": "EXCESSIVE_WEAR",
        "LP": "LABEL_PROBLEM",
        "NA": "NOT_AS_EXPECTED",
        "OP": "OUTDATED_PACKAGING",
        "PE": "PRICE_ERROR",
        "PF": "POOR_FIT",
        "PW": "POOR_WORKMANSHIP",
        "SD": "SHORT_DATED",
        "SP": "SHIPPED_LATE",
        "SR": "STOCK_REDUCTION",
        "ST": "STYLE_PROBLEM",
        "WG": "WRONG_GOODS",
    },
    others=True,
)
"""1293: what the buyer says."""

RESPONSE_REASON = code(
    {
        "EW": "EXCESSIVE_WEAR",
        "FR": "FREIGHT_DAMAGE",
        "IN": "NOT_DEFECTIVE",
        "IO": "AS_ORDERED",
        "MI": "MORE_INFORMATION_WANTED",
        "NR": "NO_RECORD_OF_SALE",
        "OS": "OUT_OF_SEASON",
        "PC": "PRICE_DIFFERENCE",
        "PR": "PICTURE_WANTED",
        "QD": "QUANTITY_DIFFERENCE",
        "RR": "REPAIR",
        "RT": "TIME_LIMIT_EXCEEDED",
        "SR": "SAMPLE_WANTED",
        "UI": "UNIDENTIFIABLE",
    },
    others=True,
)
"""1294: what the seller answers."""

REASONS: tuple[Node, ...] = (
    row("RDR01", "disposition.disposition", DISPOSITION),
    row("RDR02", "disposition.request_reason", REQUEST_REASON),
    row("RDR03", "disposition.response_reason", RESPONSE_REASON),
    row("RDR04", "disposition.description", an),
    row("RDR05", "disposition.used", YES_NO),
)

_IDENTIFIERS = ("gtin", "seller_item_id", "buyer_item_id")
_AGAIN = "MUTUALLY_DEFINED"


class BaselineItem(ReturnLine):
    """BLI has one identifier before quantity and price, and up to three behind them."""

    others: Item | None = None


def _join(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One item of both; a second identifier of a kind is kept as a reference."""
    for line in lines:
        item, others = line.setdefault("item", {}), line.pop("others", {})
        for name, value in others.items():
            if item.setdefault(name, value) != value:
                line.setdefault("references", []).append({"type": _AGAIN, "id": value, "description": name})
    return lines


def _split(lines: Sequence[ReturnLine]) -> list[BaselineItem]:
    return [_baseline(line) for line in lines]


def _baseline(line: ReturnLine) -> BaselineItem:
    known = {name: value for name in _IDENTIFIERS if (value := getattr(line.item, name)) is not None}
    first = next(iter(known), None)
    own = {name: value for name, value in known.items() if name == first}
    rest = {name: value for name, value in known.items() if name != first}
    item = Item(**own, description=line.item.description)
    values = {name: getattr(line, name) for name in ReturnLine.model_fields if name != "item"}
    return BaselineItem(item=item, others=Item(**rest) if rest else None, **values)


BASELINE = loop(
    "BLI",
    "lines[]",
    pairs("BLI01", *ITEM, most=1),
    row("BLI03", "quantity.value", r),
    row("BLI04", "quantity.uom", UNIT),
    row("BLI05", "price.type", PRICE),
    row("BLI06", "price.amount", money),
    pairs(
        "BLI08", *((qualifier, field.replace("item.", "others."), codec) for qualifier, field, codec in ITEM), most=3
    ),
    references("N9"),
    *DESCRIPTIONS,
    *REASONS,
    each("SAC", "allowance_charges[]", *CHARGE_ROWS),
    AMOUNTS,
    REMARKS,
    row("PRF01", "order_id", an),
    row("PRF04", "order_date", date8),
    row("PRF05", "order_line_id", an),
    DATES,
    loop(
        "QTY",
        "quantities[]",
        row("QTY01", "type", QUANTITY, M),
        row("QTY02", "value", r, M),
        row("QTY03", "uom", UNIT),
        DATES,
    ),
    via=Via(model=BaselineItem, read=_join, write=_split),
)

RETURN_AUTHORIZATION = document(
    "180",
    group="AN",
    model=ReturnAuthorization,
    rows=(
        row("BGN01", "purpose", SENT_FOR, M),
        row("BGN02", "id", an, M),
        row("BGN03", "issue_date", date8, M),
        row("BGN04", "issue_time", TIME),
        skip("BGN05", why="the zone of BGN04, which is for people to read"),
        row("BGN06", "reference_id", an),
        row("BGN07", "type_code", an),
        row("BGN08", "action_code", an),
        *REASONS,
        row("PRF01", "order_id", an),
        row("PRF02", "release_id", an),
        row("PRF04", "order_date", date8),
        DATES,
        references("N9"),
        *CONTACT,
        each("SAC", "allowance_charges[]", *CHARGE_ROWS),
        const("TD501", "B"),
        pairs("TD502", ("2", "carrier.scac", an), most=1),
        row("TD504", "carrier.mode", MODE),
        row("TD505", "carrier.name", an),
        row("TD512", "carrier.service_code", an),
        REMARKS,
        PARTIES,
        BASELINE,
    ),
)
