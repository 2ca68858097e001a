"""What inventory reports, catalogues and returns can say, for hypothesis."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from hub.canonical import (
    Catalogue,
    CatalogueLine,
    CatalogueRestriction,
    CatalogueVersion,
    ExpectedQuantity,
    InventoryLine,
    InventoryQuantity,
    InventoryReport,
    Measurement,
    Packing,
    ReturnAuthorization,
    ReturnDisposition,
    ReturnLine,
)
from mappings.x12.p180_return import DISPOSITION, REQUEST_REASON, RESPONSE_REASON
from mappings.x12.p832_catalogue import MEASURE, MEASURED, RESTRICTION
from mappings.x12.p846_inventory import MAINTENANCE, REPORT
from mappings.x12.words import QUANTITY
from tests.laws.strategies_related import (
    amounts,
    contacts,
    counted,
    date_entries,
    descriptions,
    meanings,
    priced,
    prices,
    purposes,
    references,
    remarks,
    roles,
    stores,
    times,
)
from tests.laws.values import (
    CURRENCIES,
    UNITS,
    carriers,
    charges,
    dates,
    items,
    lists,
    maybe,
    number,
    quantities,
    terms,
    text,
    weights,
)


@st.composite
def inventory_reports(draw: st.DrawFn) -> InventoryReport:
    currency = draw(CURRENCIES)
    expected = st.builds(ExpectedQuantity, quantity=quantities, when=date_entries)
    line = st.builds(
        InventoryLine,
        line_id=maybe(text(20)),
        item=items(),
        descriptions=lists(descriptions, 0, 2),
        dates=lists(date_entries, 0, 2),
        prices=lists(prices(currency, dated=False), 0, 2),
        references=lists(references, 0, 2),
        stores=stores(),
        maintenance=maybe(meanings(MAINTENANCE)),
        quantities=lists(counted(InventoryQuantity, expected=lists(expected, 0, 2)), 0, 2),
        parties=lists(roles(), 0, 1),
    )
    return InventoryReport(
        id=draw(text(30)),
        report_type=draw(meanings(REPORT)),
        purpose=draw(purposes),
        issue_date=draw(dates),
        issue_time=draw(maybe(times)),
        action_code=draw(maybe(st.sampled_from(["2", "7"]))),
        currency=currency,
        dates=draw(lists(date_entries)),
        references=draw(lists(references)),
        contact=draw(maybe(contacts)),
        parties=draw(lists(roles())),
        lines=draw(lists(line, 1, 3)),
    )


@st.composite
def _packings(draw: st.DrawFn) -> Packing:
    """PO4 notes: a kind of weight needs a weight, and a length a unit, and the other way round."""
    weight = draw(maybe(weights))
    sides = [draw(maybe(number(2))) for _ in range(3)]
    return Packing(
        pack=draw(st.integers(1, 999_999)),
        inner_pack=draw(maybe(st.integers(1, 999_999))),
        size=draw(maybe(quantities)),
        code=draw(maybe(st.sampled_from(["CTN", "PLT94"]))),
        weight_type=draw(maybe(st.just("G"))) if weight else None,
        gross_weight=weight,
        volume=draw(maybe(quantities)),
        length=sides[0],
        width=sides[1],
        height=sides[2],
        dimensions_uom=draw(UNITS) if any(side is not None for side in sides) else None,
    )


_RESTRICTIONS = st.one_of(
    st.builds(CatalogueRestriction, type=meanings(RESTRICTION), description=text(80)),
    st.builds(
        CatalogueRestriction,
        type=meanings(RESTRICTION),
        description=maybe(text(80)),
        quantity_type=meanings(QUANTITY),
        quantity=number(3),
    ),
)


@st.composite
def catalogues(draw: st.DrawFn) -> Catalogue:
    currency = draw(CURRENCIES)
    version = st.builds(CatalogueVersion, id=text(15), version=maybe(text(15)), revision=maybe(text(6)))
    measurement = st.builds(
        Measurement,
        reference=maybe(meanings(MEASURED)),
        type=maybe(meanings(MEASURE)),
        value=number(3),
        uom=maybe(UNITS),
    )
    line = st.builds(
        CatalogueLine,
        line_id=maybe(text(20)),
        item=items(),
        maintenance=maybe(meanings(MAINTENANCE)),
        descriptions=lists(descriptions, 0, 2),
        measurements=lists(measurement, 0, 2),
        packing=maybe(_packings()),
        dates=lists(date_entries, 0, 2),
        references=lists(references, 0, 2),
        restrictions=lists(_RESTRICTIONS, 0, 2),
        allowance_charges=lists(charges(currency), 0, 2),
        prices=lists(prices(currency, dated=True), 0, 2),
    )
    return Catalogue(
        type=draw(st.sampled_from(["SC", "PS", "RC"])),
        purpose=draw(maybe(purposes)),
        catalogue=draw(version),
        replaces=draw(maybe(version)),
        description=draw(maybe(text(80))),
        currency=currency,
        references=draw(lists(references)),
        contact=draw(maybe(contacts)),
        dates=draw(lists(date_entries)),
        payment_terms=draw(maybe(terms())),
        parties=draw(lists(roles(), 0, 2)),
        lines=draw(lists(line)),
    )


@st.composite
def _dispositions(draw: st.DrawFn) -> ReturnDisposition:
    """RDR note E0203: the buyer's reason or the seller's, not both."""
    request = draw(maybe(meanings(REQUEST_REASON)))
    return ReturnDisposition(
        disposition=draw(meanings(DISPOSITION)),
        request_reason=request,
        response_reason=None if request else draw(maybe(meanings(RESPONSE_REASON))),
        description=draw(maybe(text(80))),
        used=draw(maybe(st.booleans())),
    )


@st.composite
def _return_lines(draw: st.DrawFn) -> ReturnLine:
    order = draw(maybe(text(22)))
    return ReturnLine(
        item=draw(items()),
        quantity=draw(maybe(quantities)),
        price=draw(maybe(priced("USD"))),
        references=draw(lists(references, 0, 2)),
        descriptions=draw(lists(descriptions, 0, 2)),
        disposition=draw(maybe(_dispositions())),
        allowance_charges=draw(lists(charges("USD"), 0, 2)),
        amounts=draw(lists(amounts("USD"), 0, 2)),
        notes=draw(lists(remarks, 0, 2)),
        order_id=order,
        order_date=draw(maybe(dates)) if order else None,
        order_line_id=draw(maybe(text(20))) if order else None,
        dates=draw(lists(date_entries, 0, 2)),
        quantities=draw(lists(counted(), 0, 2)),
    )


@st.composite
def return_authorizations(draw: st.DrawFn) -> ReturnAuthorization:
    order = draw(maybe(text(22)))
    return ReturnAuthorization(
        id=draw(text(30)),
        issue_date=draw(dates),
        issue_time=draw(maybe(times)),
        purpose=draw(purposes),
        reference_id=draw(maybe(text(30))),
        type_code=draw(maybe(st.sampled_from(["AB", "RA"]))),
        action_code=draw(maybe(st.sampled_from(["2", "7"]))),
        disposition=draw(maybe(_dispositions())),
        order_id=order,
        release_id=draw(maybe(text(30))) if order else None,
        order_date=draw(maybe(dates)) if order else None,
        dates=draw(lists(date_entries)),
        references=draw(lists(references)),
        contact=draw(maybe(contacts)),
        allowance_charges=draw(lists(charges("USD"))),
        carrier=draw(maybe(carriers())),
        notes=draw(lists(remarks)),
        parties=draw(lists(roles())),
        lines=draw(lists(_return_lines())),
    )


SAYABLE: dict[str, st.SearchStrategy[Any]] = {
    "x12/180": return_authorizations(),
    "x12/832": catalogues(),
    "x12/846": inventory_reports(),
}
