"""One delivery: look if it may have arrived already, send, and put the receipt on record."""

from __future__ import annotations

from hub.contracts.connector import Parcel, Receipt
from hub.contracts.route import Route
from hub.errors import CrossdockError, Held, Rejected
from hub.flow.book import Book
from hub.flow.desk import Desk
from hub.flow.outbox import Outbox
from hub.flow.settle import settle
from hub.ledger import Change, LeaseLost
from hub.ledger.message import Message, State
from hub.orders.obligations import settled_by_delivery

__all__ = ["deliver"]

ATTEMPTS_MAX = 10


def deliver(desk: Desk, message: Message) -> None:
    """Take a claimed delivery to rest, or leave it to be tried again; never raises for what the far end does."""
    try:
        receipt = _send(desk, message)
    except CrossdockError as error:
        settle(desk, message, error, attempts_max=ATTEMPTS_MAX)
        return
    try:
        _record(desk, message, receipt)
    except LeaseLost:
        return


def _send(desk: Desk, message: Message) -> Receipt:
    sink = desk.sink(message.endpoint)
    assert message.payload is not None, "a delivery is made with its bytes"
    parcel = Parcel(
        key=message.facts.get("effect_key") or message.unique_key or message.id,
        name=message.facts.get("name", message.id),
        data=desk.ledger.payload(message.payload),
        document=message.facts.get("document", message.type).partition("/")[2] or message.type,
        partner=message.partner,
        facts={"code": str(message.facts.get("key", ""))},
    )
    if message.attempts > 1 or message.crashes or message.facts.get("look_first"):
        found = _look(message, sink.find, parcel)
        if found is not None:
            return found
    return sink.deliver(parcel)


def _look(message: Message, find: object, parcel: Parcel) -> Receipt | None:
    """What lies at the far end. Where that cannot be asked and it may have arrived, the route decides."""
    assert callable(find), "a sink can be asked"
    try:
        receipt: Receipt | None = find(parcel)
    except Rejected as error:
        may_have_arrived = message.crashes or message.facts.get("look_first")
        if may_have_arrived and message.facts.get("on_unknown") != "send_again":
            raise Held(
                f"{parcel.name} may have reached {message.endpoint} already, and it cannot be asked.",
                fix="Look there. `crossdock replay` sends it again; `crossdock close` says that it arrived.",
            ) from error
        return None
    return receipt


def _record(desk: Desk, message: Message, receipt: Receipt) -> None:
    stages: set[str] = set()

    def work(change: Change) -> None:
        outbox = Outbox(desk, change)
        facts = {"reference": receipt.reference, "repeated": receipt.repeated}
        change.finish(message, State.DELIVERED, event="delivered", facts=facts)
        change.endpoint_succeeded(message.endpoint)
        _tell_order(desk, change, message, receipt)
        _send_what_waits(desk, outbox, message)
        stages.clear()
        stages.update(outbox.stages)

    desk.ledger.write(work)
    for stage in sorted(stages):
        desk.hint(stage)


def _tell_order(desk: Desk, change: Change, message: Message, receipt: Receipt) -> None:
    key = message.facts.get("order")
    book = Book(change)
    state = book.load(key) if key else None
    if state is None or key is None:
        return
    book.save(state.with_step(desk.now(), f"{message.type}_delivered", receipt.reference, message.id))
    settled = settled_by_delivery(message.facts.get("document", ""))
    if settled:
        change.close_obligation(key, settled, message_id=message.id)


def _send_what_waits(desk: Desk, outbox: Outbox, message: Message) -> None:
    """Deliveries of the same route that come after this one are made now."""
    parent = outbox.change.message(message.parent) if message.parent else None
    if parent is None or parent.reading is None:
        return
    route: Route | None = desk.routes.get(parent.facts.get("message", ""))
    for entry in route.deliver if route else ():
        if entry.after and entry.after == message.facts.get("document"):
            outbox.put(entry, desk.canonical(parent), desk.partner(message.partner), parent, message.facts.get("order"))
