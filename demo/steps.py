"""The steps of the story: what is done, and how it is seen that it had its effect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from demo import checks
from demo.carrier import RECEIVED_BY
from demo.catalogue import BLOCKED, FAULTY, FIRST, ORDERS
from demo.scene import Scene

__all__ = ["STEPS", "Step"]

SHORT = Decimal("18.00")
"""What the retailer keeps back of the first invoice."""
REASON = "59"
"""X12 element 426: item not received."""


def _nothing(_scene: Scene) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Step:
    """``act`` is called until it says that it is done, and must bear being called again in a story that is continued.

    ``seen`` is a sentence once the effect was seen. ``after``: steps that must have been seen before.
    """

    id: str
    title: str
    seen: Callable[[Scene], str]
    act: Callable[[Scene], bool] = _nothing
    after: tuple[str, ...] = ()


def _send_order(purchase_order: str, kind: str = "order") -> Callable[[Scene], bool]:
    lines = {sku: str(pieces) for sku, pieces in ORDERS[purchase_order].items()}
    return lambda scene: scene.send(purchase_order, kind, purchase_order_number=purchase_order, lines=lines)


def _send_again(scene: Scene) -> bool:
    return scene.send(f"{FIRST}-again", "again", of=FIRST)


def _pay(scene: Scene) -> bool:
    return scene.send("payment", "remittance", purchase_order_number=FIRST, short=str(SHORT), reason=REASON)


def _reported_as_duplicate(scene: Scene) -> str:
    """The file was taken, the hub calls it a duplicate, and there is no second order anywhere."""
    made = scene.seen.all("retailer", "made", id=FIRST)
    if not made or not scene.seen.uploaded(f"{FIRST}-again"):
        return ""
    messages = scene.ask_hub("/v1/messages?cause=duplicate&kind=interchange")
    if not messages or not any(f"{made[0]['control']:09d}" in message["detail"] for message in messages["items"]):
        return ""
    checks.effects(scene.seen)
    return "taken, reported as a duplicate, no second order at ERP or warehouse"


def _shown_as_dead(scene: Scene) -> str:
    """The ERP refused the order, and ``crossdock dead`` shows it."""
    told = scene.told.first("dead_shown")
    if told:
        return str(told["words"])
    if not scene.seen.all("erp", "refused", number=BLOCKED):
        return ""
    outcome = scene.commands.run("dead")
    if outcome is None or not isinstance(outcome.data, list):
        return ""
    for message in outcome.data:
        if message["type"] == "erp_order" and BLOCKED in f"{message['order_key']} {message['detail']}":
            words = f"`crossdock dead` shows {message['id']}: {message['detail']}"
            scene.told.append("dead_shown", id=message["id"], words=words)
            return words
    return ""


def _mend_and_replay(scene: Scene) -> bool:
    """The customer is unblocked at the ERP, then the dead message is replayed, once."""
    if scene.told.first("replayed") or scene.seen.booked("orders", BLOCKED):
        return True
    if not scene.seen.all("erp", "unblocked") and not scene.tell("erp", "/admin/unblock", {}):
        return False
    dead = scene.told.all("dead_shown")[-1]
    outcome = scene.commands.run("replay", dead["id"], "--reason", "the customer was unblocked")
    if outcome is None:
        return False
    if outcome.code == 0:
        scene.told.append("replayed", id=dead["id"])
    return outcome.code == 0


def _delivered_with_proof(scene: Scene) -> str:
    """The carrier told of the delivery, and the order shows who received it."""
    words = checks.delivered(scene.seen, FIRST)
    order = scene.ask_hub(f"/v1/orders/{FIRST}") if words else None
    if order is None:
        return ""
    parcels = [parcel for shipment in order["shipments"] for parcel in shipment["parcels"]]
    proven = [parcel for parcel in parcels if parcel["received_by"] == RECEIVED_BY and parcel["delivered_at"]]
    return f"{words}; the order shows {RECEIVED_BY}" if len(proven) == len(parcels) > 0 else ""


def _balanced(scene: Scene) -> str:
    """``crossdock audit`` balances, its chain is whole, and nothing is dead."""
    outcome = scene.commands.run("audit")
    if outcome is None or not isinstance(outcome.data, dict) or "balanced" not in outcome.data:
        return ""
    if not (outcome.data.get("balanced") and outcome.data.get("chain_ok")):
        raise checks.Wrong(f"crossdock audit: {outcome.data}")
    return f"received {outcome.data['received']} messages, all accounted for; chain of events whole"


STEPS = (
    Step(
        "order",
        "The retailer uploads an 850 and gets a 997",
        lambda scene: checks.acknowledged(scene.seen, FIRST),
        _send_order(FIRST),
    ),
    Step(
        "booked", "The ERP receives the order", lambda scene: checks.booked_order(scene.seen, FIRST), after=("order",)
    ),
    Step(
        "answered",
        "The retailer gets an 855",
        lambda scene: checks.answered_line_by_line(scene.seen, FIRST),
        after=("order",),
    ),
    Step(
        "shipped",
        "The warehouse picks and ships, one line short",
        lambda scene: checks.shipped(scene.seen, FIRST),
        after=("order",),
    ),
    Step("notified", "The retailer gets an 856", lambda scene: checks.notified(scene.seen, FIRST), after=("shipped",)),
    Step(
        "billed",
        "The retailer gets an 810; the ERP the same",
        lambda scene: checks.billed(scene.seen, FIRST),
        after=("shipped",),
    ),
    Step(
        "taxed",
        "The tax engine, busy at first, has it committed",
        lambda scene: checks.taxed(scene.seen, FIRST),
        after=("shipped",),
    ),
    Step(
        "receipts",
        "The retailer returns its 997s",
        lambda scene: checks.receipts_returned(scene.seen, FIRST),
        after=("answered", "notified", "billed"),
    ),
    Step("delivered", "The parcels are delivered, with proof", _delivered_with_proof, after=("shipped",)),
    Step(
        "paid",
        "The retailer pays by 820, short; the ERP is told",
        lambda scene: checks.cash_applied(scene.seen, FIRST, SHORT, REASON),
        _pay,
        after=("billed",),
    ),
    Step(
        "faulty",
        "An 850 with three faults is rejected in words",
        lambda scene: checks.rejected_in_words(scene.seen, FAULTY),
        _send_order(FAULTY, "faulty_order"),
        after=("order",),
    ),
    Step("again", "The first 850 is dropped again", _reported_as_duplicate, _send_again, after=("booked",)),
    Step("refused", "The ERP refuses an order: dead letter", _shown_as_dead, _send_order(BLOCKED), after=("order",)),
    Step(
        "replayed",
        "Mended and replayed: the ERP takes it, once",
        lambda scene: checks.booked_order(scene.seen, BLOCKED),
        _mend_and_replay,
        after=("refused",),
    ),
    Step(
        "complete",
        "Nothing was lost and nothing doubled",
        lambda scene: checks.complete(scene.seen),
        after=("receipts", "paid", "faulty", "again", "replayed", "taxed"),
    ),
    Step("audit", "`crossdock audit` balances", _balanced, after=("complete", "delivered")),
)
