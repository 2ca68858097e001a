"""What leaves: a canonical message is written for its endpoint and put on record as a delivery, in the same commit as
its cause."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.canonical import (
    Canonical,
    CashApplication,
    Invoice,
    Order,
    OrderRelease,
    OrderResponse,
    ShipmentConfirmation,
    ShipNotice,
)
from hub.contracts.partner import Partner
from hub.contracts.route import Deliver
from hub.flow.desk import Desk
from hub.flow.envelope import Outgoing, Sent, interchange, one_document
from hub.ledger import Change
from hub.ledger.message import Kind, Message, NewMessage
from hub.mapping.json_text import dumps

__all__ = ["Outbox", "natural_key"]

_KEYS: dict[type[Canonical], str] = {
    CashApplication: "remittance_id",
    Invoice: "id",
    Order: "id",
    OrderRelease: "order_id",
    OrderResponse: "order_id",
    ShipNotice: "shipment_id",
    ShipmentConfirmation: "shipment_id",
}


def natural_key(message: Canonical) -> str:
    """The business number by which a far end knows a message: PO number, shipment id, invoice id, trace number."""
    return str(getattr(message, _KEYS[type(message)]))


@dataclass(slots=True)
class Outbox:
    """Collects the deliveries of one change; ``stages`` are to be hinted after the commit."""

    desk: Desk
    change: Change
    stages: set[str] = field(default_factory=set)

    def put(
        self,
        deliver: Deliver,
        message: Canonical,
        partner: Partner,
        parent: Message,
        order: str | None,
        *,
        awaited: bool = False,
    ) -> bool:
        """Write a message and insert its delivery. False where this very effect is on record already (P2).

        ``awaited``: another delivery is made when this one has arrived.
        """
        key = natural_key(message)
        mapping = self.desk.mapping(deliver.document, partner)
        written = mapping.write(message, self.desk.context(partner))
        facts: dict[str, Any] = {
            "document": deliver.document,
            "key": key,
            "order": order,
            "on_unknown": deliver.on_unknown,
        }
        if deliver.give_up_after_hours is not None:
            facts["give_up_at"] = self.change.now + deliver.give_up_after_hours * 3_600
        if awaited:
            facts["awaited"] = True
        effect = f"{partner.id}:{deliver.document}:{key}"
        if deliver.document.startswith("x12/"):
            groups = [one_document(mapping.document, written)]
            hold = deliver.in_order == "hold"
            return self.put_x12(mapping.document, groups, partner, parent, effect, facts, order=order, hold=hold)
        endpoint = self.desk.role(deliver.to)
        name = f"{mapping.document}_{key}.json"
        return self._insert(
            type_=mapping.document, endpoint=endpoint, partner=partner, parent=parent, effect=effect,
            data=dumps(written), facts={**facts, "name": name}, order=order, hold=deliver.in_order == "hold",
        )  # fmt: skip

    def put_x12(
        self,
        type_: str,
        groups: Sequence[Outgoing],
        partner: Partner,
        parent: Message,
        effect: str,
        facts: dict[str, Any],
        *,
        order: str | None = None,
        hold: bool = False,
        ta1: Sequence[Sequence[str]] = (),
    ) -> bool:
        """Wrap groups in one interchange for the partner and insert its delivery. False as for `put`."""
        if self.change.existing(effect):
            return False
        sent = interchange(self.desk, self.change, partner, groups, ta1=ta1)
        name = "_".join(filter(None, (type_, facts.get("key"), sent.control_number))) + ".edi"
        inserted = self._insert(
            type_=type_, endpoint=f"{partner.channel}/{partner.id}", partner=partner, parent=parent, effect=effect,
            data=sent.data, facts={**facts, "name": name, "isa13": sent.control_number}, order=order, hold=hold,
        )  # fmt: skip
        self._expect_acknowledgment(sent, partner, effect)
        return inserted

    def _insert(
        self, *, type_: str, endpoint: str, partner: Partner, parent: Message, effect: str, data: bytes,
        facts: dict[str, Any], order: str | None, hold: bool,
    ) -> bool:  # fmt: skip
        new = NewMessage(
            id=self.desk.ids.new(),
            kind=Kind.DELIVERY,
            type=type_,
            partner=partner.id,
            endpoint=endpoint,
            payload=self.desk.ledger.store(data),
            parent=parent.id,
            order_key=f"{endpoint}|{order}" if order else None,
            order_hold=hold,
            unique_key=effect,
            facts=facts,
        )
        inserted = self.change.insert(new)
        if inserted:
            keys: list[tuple[str, str]] = [(kind, facts[kind]) for kind in ("isa13", "name") if kind in facts]
            if "isa13" in facts:
                keys.append(("sent_isa13", f"{partner.id}:{facts['isa13']}"))
            self.change.add_search_keys(new.id, order, keys)
            self.stages.add(f"delivery:{endpoint}")
        return inserted

    def _expect_acknowledgment(self, sent: Sent, partner: Partner, effect: str) -> None:
        if not partner.x12.expects_acknowledgment:
            return
        delivery = self.change.existing(effect)
        wait = partner.expect_seconds.get("997", 86_400.0)
        for entry in sent.documents:
            if entry.group_type != "FA" and delivery:
                self.change.record_sent(
                    partner=partner.id,
                    group_type=entry.group_type,
                    group_control=entry.group_control,
                    document=entry.document,
                    document_control=entry.document_control,
                    message_id=delivery,
                    due_at=self.desk.clock.now() + wait,
                )

    def hint(self) -> None:
        """Tell the queue; to be called after the commit."""
        for stage in sorted(self.stages):
            self.desk.hint(stage)
