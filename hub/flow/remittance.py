"""A remittance: cash applied to the invoices it names, over as many orders as it takes."""

from __future__ import annotations

from hub.canonical import Canonical, Remittance
from hub.errors import Broken
from hub.flow.outbox import write
from hub.flow.visit import Visit
from hub.orders.cash import apply_remittance
from hub.orders.obligations import settled_by_message
from hub.orders.state import OrderState

__all__ = ["remit"]


def remit(visit: Visit) -> None:
    """Apply it, open deductions, tell the ERP. Raises Held where an invoice is not known or overpaid."""
    remittance = visit.canonical
    if not isinstance(remittance, Remittance):
        raise Broken(f"{type(remittance).__name__} is no remittance")
    partner = visit.desk.partner(visit.message.partner)
    visit.take_business_key(partner.id)
    application, changed = apply_remittance(remittance, _orders(visit, remittance), visit.desk.now(), visit.message.id)
    for state in changed.values():
        visit.book.save(state)
        for what in settled_by_message(remittance, state):
            visit.change.close_obligation(state.key, what, message_id=visit.message.id)
    only = next(iter(changed)) if len(changed) == 1 else None
    for deliver in visit.route.deliver if visit.route else ():
        made: Canonical = application if deliver.make == "cash_application" else remittance
        visit.outbox.put(write(visit.desk, deliver, made, partner), visit.message, only)
    visit.finish(only, [("remittance", remittance.id), *(("invoice", line.invoice_id) for line in remittance.lines)])


def _orders(visit: Visit, remittance: Remittance) -> dict[str, OrderState]:
    """Invoice id -> the order that it bills, of this partner only."""
    orders: dict[str, OrderState] = {}
    for line in remittance.lines:
        found = visit.change.orders_found("invoice", line.invoice_id)
        state = visit.book.load(found[0]) if len(found) == 1 else None
        if state is not None and state.partner == visit.message.partner:
            orders[line.invoice_id] = state
    return orders
