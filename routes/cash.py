"""A remittance: applied to invoices, short payments opened as deductions, told to the ERP."""

from hub.contracts.route import Deliver, Route

REMITTANCES = Route(
    id="remittances",
    on="Remittance",
    deliver=(Deliver(to="erp", document="json/erp_cash", make="cash_application"),),
)
