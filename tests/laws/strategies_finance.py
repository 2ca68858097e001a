"""What adjustments, advices and text messages can say, for hypothesis."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from hub.canonical import (
    AdjustmentLine,
    AdviceError,
    AdvisedDocument,
    ApplicationAdvice,
    CreditDebitNotice,
    EntryKind,
    Reference,
    TextLine,
    TextMessage,
    TextSection,
)
from mappings.x12.p812_credit_debit import HANDLING
from mappings.x12.p824_application_advice import CONDITION, VERDICT
from mappings.x12.p864_text_message import SPACING
from mappings.x12.words import REFERENCE
from tests.laws.strategies_related import (
    amounts,
    contacts,
    date_entries,
    meanings,
    priced,
    purposes,
    references,
    remarks,
    roles,
    times,
)
from tests.laws.values import CURRENCIES, charges, dates, items, lists, maybe, money, quantities, terms, text

numbered = st.builds(Reference, type=meanings(REFERENCE), id=text(30))


@st.composite
def _adjustment_lines(draw: st.DrawFn, currency: str) -> AdjustmentLine:
    """CDD notes R0407, C0711: an amount or a quantity, and a price with the quantity."""
    quantity = draw(maybe(quantities))
    return AdjustmentLine(
        line_id=draw(maybe(text(20))),
        reason_code=draw(st.sampled_from(["01", "59", "L7"])),
        kind=draw(st.sampled_from(EntryKind)),
        returned=draw(maybe(st.booleans())),
        amount=draw(maybe(money(currency)) if quantity else money(currency)),
        quantity=quantity,
        price_difference=draw(maybe(money(currency, places=4))),
        price=draw(priced(currency)) if quantity else None,
        other_price=draw(maybe(priced(currency))),
        item=draw(maybe(items(described=False))),
        allowance_charges=draw(lists(charges(currency), 0, 2)),
        references=draw(lists(references, 0, 2)),
        dates=draw(lists(date_entries, 0, 2)),
    )


@st.composite
def credit_debit_notices(draw: st.DrawFn) -> CreditDebitNotice:
    """BCD note R071014: an invoice, an order or a reference."""
    currency = draw(CURRENCIES)
    invoice = draw(maybe(text(22)))
    order = draw(maybe(text(22)))
    return CreditDebitNotice(
        id=draw(text(22)),
        issue_date=draw(dates),
        kind=draw(st.sampled_from(EntryKind)),
        amount=draw(money(currency)),
        currency=currency,
        handling=draw(meanings(HANDLING)),
        purpose=draw(maybe(purposes)),
        type_code=draw(maybe(st.sampled_from(["CB", "RA"]))),
        action_code=draw(maybe(st.sampled_from(["4", "7"]))),
        invoice_id=invoice,
        invoice_date=draw(maybe(dates)),
        order_id=order,
        order_date=draw(maybe(dates)),
        seller_order_id=draw(maybe(text(22))),
        reference=draw(maybe(numbered) if invoice or order else numbered),
        references=draw(lists(references)),
        dates=draw(lists(date_entries)),
        contact=draw(maybe(contacts)),
        payment_terms=draw(maybe(terms())),
        allowance_charges=draw(lists(charges(currency))),
        parties=draw(lists(roles(), 1, 3)),
        lines=draw(lists(_adjustment_lines(currency))),
    )


_ERRORS = st.builds(
    AdviceError,
    condition=meanings(CONDITION),
    message=maybe(text(60)),
    segment=maybe(st.sampled_from(["BIG", "TD1"])),
    position=maybe(st.integers(1, 999_999)),
    element=maybe(st.integers(1, 99)),
    element_number=maybe(st.integers(1, 9999)),
    value=maybe(text(99)),
    new_value=maybe(text(99)),
    notes=lists(remarks, 0, 2),
)


@st.composite
def _advised(draw: st.DrawFn) -> AdvisedDocument:
    group = draw(maybe(st.integers(1, 999_999_999).map(str)))
    return AdvisedDocument(
        verdict=draw(meanings(VERDICT)),
        reference=draw(numbered),
        document=draw(maybe(st.sampled_from(["810", "856"]))),
        control_number=draw(maybe(text(9, 4))) if group else None,
        group_control_number=group,
        group_sender=draw(maybe(text(15, 2))),
        group_receiver=draw(maybe(text(15, 2))),
        group_date=draw(maybe(dates)),
        group_time=draw(maybe(times)),
        version=draw(maybe(st.sampled_from(["004010", "005010"]))),
        purpose=draw(maybe(purposes)),
        references=draw(lists(references)),
        dates=draw(lists(date_entries, 0, 2)),
        contact=draw(maybe(contacts)),
        amounts=draw(lists(amounts("USD"), 0, 2)),
        errors=draw(lists(_ERRORS)),
    )


advices = st.builds(
    ApplicationAdvice,
    id=text(30),
    issue_date=dates,
    issue_time=maybe(times),
    purpose=purposes,
    reference_id=maybe(text(30)),
    type_code=maybe(st.sampled_from(["CB", "RA"])),
    action_code=maybe(st.sampled_from(["WQ", "7"])),
    parties=lists(roles(), 0, 2),
    documents=lists(_advised(), 1, 3),
)

_LINES = st.one_of(
    st.builds(TextLine, text=text(264)),
    st.builds(TextLine, text=text(264), spacing=meanings(SPACING), advance=maybe(st.integers(1, 9))),
)
text_messages = st.builds(
    TextMessage,
    purpose=purposes,
    subject=maybe(text(80)),
    type_code=maybe(st.sampled_from(["TX", "RA"])),
    dates=lists(date_entries),
    parties=lists(roles(), 0, 2),
    sections=lists(
        st.builds(
            TextSection,
            id=text(30),
            subject=maybe(text(80)),
            page_width=maybe(st.integers(1, 999)),
            page_length=maybe(st.integers(1, 999)),
            lines=lists(_LINES, 1, 4),
        ),
        1,
        3,
    ),
)

SAYABLE: dict[str, st.SearchStrategy[Any]] = {
    "x12/812": credit_debit_notices(),
    "x12/824": advices,
    "x12/864": text_messages,
}
