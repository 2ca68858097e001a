"""An invoice: taxed, sent to the partner, told to the ERP, and its tax committed once the partner has it."""

from hub.contracts.route import Ask, Deliver, Expect, Route

DAY = 86_400.0

INVOICES = Route(
    id="invoices",
    on="Invoice",
    ask=Ask(service="tax", operation="record", request="json/tax_request", response="json/tax_answer"),
    deliver=(
        Deliver(to="partner", document="x12/810"),
        Deliver(to="erp", document="json/erp_invoice"),
        Deliver(to="tax", document="json/tax_commit", after="x12/810"),
    ),
    expect=(Expect(what="810", within_seconds=DAY), Expect(what="payment", within_seconds=45 * DAY)),
)
