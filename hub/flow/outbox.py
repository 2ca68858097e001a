"""What leaves: a canonical message is written for its endpoint and put on record as a delivery, in the same commit as
its cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

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
from hub.ledger.message import Kind, Message, NewMessage, Stored
from hub.mapping.json_text import dumps

__all__ = ["Letter", "Outbox", "natural_key", "write"]

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


class Letter(NamedTuple):
    """A delivery as far as it can be written without the ledger: JSON as bytes, X12 still without its envelope.

    ``effect``: its unique key.
    """

    deliver: Deliver
    partner: Partner
    document: str
    effect: str
    facts: Mapping[str, Any]
    body: Stored | Outgoing


def write(desk: Desk, deliver: Deliver, message: Canonical, partner: Partner, *, awaited: bool = False) -> Letter:
    """Write a message for where it goes. ``awaited``: another delivery is made when this one has arrived.

    Raises BadDocument or Misconfigured as its mapping does.
    """
    key = natural_key(message)
    mapping = desk.mapping(deliver.document, partner)
    written = mapping.write(message, desk.context(partner))
    facts: dict[str, Any] = {"document": deliver.document, "key": key, "on_unknown": deliver.on_unknown}
    if deliver.give_up_after_hours is not None:
        facts["give_up_at"] = desk.ledger.now() + deliver.give_up_after_hours * 3_600
    if awaited:
        facts["awaited"] = True
    body: Stored | Outgoing
    if deliver.document.startswith("x12/"):
        body = one_document(mapping.document, written)
    else:
        body = desk.ledger.store(dumps(written))
        facts["name"] = f"{mapping.document}_{key}.json"
    return Letter(deliver, partner, mapping.document, f"{partner.id}:{deliver.document}:{key}", facts, body)


@dataclass(frozen=True, slots=True)
class _Bundle:
    """X12 on its way to one partner, still without its envelope."""

    type: str
    groups: Sequence[Outgoing]
    partner: Partner
    parent: Message
    effect: str
    facts: Mapping[str, Any]
    order: str | None = None
    hold: bool = False
    ta1: Sequence[Sequence[str]] = ()


@dataclass(slots=True)
class Outbox:
    """Collects the deliveries of one change; ``stages`` are to be hinted after the commit."""

    desk: Desk
    change: Change
    stages: set[str] = field(default_factory=set)
    _gathered: list[NewMessage] = field(default_factory=list)
    _bundles: list[_Bundle] = field(default_factory=list)

    def put(self, letter: Letter, parent: Message, order: str | None) -> None:
        """Make a delivery of a letter with `flush`; none where this very effect is on record (P2)."""
        facts, hold = {**letter.facts, "order": order}, letter.deliver.in_order == "hold"
        type_, partner, body = letter.document, letter.partner, letter.body
        if isinstance(body, Outgoing):
            self._bundles.append(_Bundle(type_, [body], partner, parent, letter.effect, facts, order, hold))
            return
        endpoint = self.desk.role(letter.deliver.to)
        self._gathered.append(self._new(type_, endpoint, partner, parent, letter.effect, body, facts, order, hold))

    def put_x12(
        self,
        type_: str,
        groups: Sequence[Outgoing],
        partner: Partner,
        parent: Message,
        effect: str,
        facts: Mapping[str, Any],
        *,
        ta1: Sequence[Sequence[str]] = (),
    ) -> None:
        """As `put`, of groups that go out as one interchange."""
        self._bundles.append(_Bundle(type_, groups, partner, parent, effect, facts, ta1=ta1))

    def flush(self) -> None:
        """Insert what was put; to be called at the end of the change.

        X12 comes last and by partner: whoever takes a control number keeps others who want one waiting to the end of
        its change, and all must take them in the same order.
        """
        gathered, self._gathered = self._gathered, []
        self._insert(gathered)
        bundles = dict[str, _Bundle]()
        for bundle in self._bundles:
            bundles.setdefault(bundle.effect, bundle)
        self._bundles.clear()
        for effect in self.change.on_record(bundles):
            del bundles[effect]
        leaving = sorted(bundles.values(), key=lambda bundle: bundle.partner.id)
        written = [self._written(bundle) for bundle in leaving]
        self._insert([new for new, _ in written])
        for bundle, (new, sent) in zip(leaving, written, strict=True):
            self._expect_acknowledgment(sent, bundle.partner, new.id)

    def _written(self, bundle: _Bundle) -> tuple[NewMessage, Sent]:
        partner = bundle.partner
        sent = interchange(self.desk, self.change, partner, bundle.groups, ta1=bundle.ta1)
        name = "_".join(filter(None, (bundle.type, bundle.facts.get("key"), sent.control_number))) + ".edi"
        facts = {**bundle.facts, "name": name, "isa13": sent.control_number}
        endpoint, data = f"{partner.channel}/{partner.id}", self.desk.ledger.store(sent.data)
        parent, effect, order, hold = bundle.parent, bundle.effect, bundle.order, bundle.hold
        return self._new(bundle.type, endpoint, partner, parent, effect, data, facts, order, hold), sent

    def _insert(self, news: Sequence[NewMessage]) -> None:
        for new, inserted in zip(news, self.change.insert_many(news), strict=True):
            if inserted:
                self._inserted(new)

    def _new(
        self, type_: str, endpoint: str, partner: Partner, parent: Message, effect: str, data: Stored,
        facts: Mapping[str, Any], order: str | None, hold: bool,
    ) -> NewMessage:  # fmt: skip
        return NewMessage(
            id=self.desk.ids.new(),
            kind=Kind.DELIVERY,
            type=type_,
            partner=partner.id,
            endpoint=endpoint,
            payload=data,
            parent=parent.id,
            order_key=f"{endpoint}|{order}" if order else None,
            order_hold=hold,
            unique_key=effect,
            facts=facts,
        )

    def _inserted(self, new: NewMessage) -> None:
        """Make a delivery findable, and its endpoint one that has work."""
        keys: list[tuple[str, str]] = [(kind, new.facts[kind]) for kind in ("isa13", "name") if kind in new.facts]
        if "isa13" in new.facts:
            keys.append(("sent_isa13", f"{new.partner}:{new.facts['isa13']}"))
        self.change.add_search_keys(new.id, new.facts.get("order"), keys)
        self.stages.add(f"delivery:{new.endpoint}")

    def _expect_acknowledgment(self, sent: Sent, partner: Partner, delivery: str) -> None:
        if not partner.x12.expects_acknowledgment:
            return
        wait = partner.expect_seconds.get("997", 86_400.0)
        for entry in sent.documents:
            if entry.group_type != "FA":
                self.change.record_sent(
                    partner=partner.id,
                    group_type=entry.group_type,
                    group_control=entry.group_control,
                    document=entry.document,
                    document_control=entry.document_control,
                    message_id=delivery,
                    due_at=self.desk.clock.now() + wait,
                )
