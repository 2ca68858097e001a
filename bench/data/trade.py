"""What happens between a hub and its partners, as rows: files of orders, what follows from them, what goes wrong.

A life is a generator: it writes what happens at once and yields the seconds until it goes on. The lives of all files
and orders run beside each other in the order of time, as they would.
"""

from __future__ import annotations

import hashlib
import heapq
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from bench.data.rows import Happened, Rows
from bench.data.texts import Texts, texts
from hub.ledger import State

__all__ = ["PARTNERS", "Trade"]

PARTNERS = tuple(f"partner{number:02d}" for number in range(1, 41))
_WEIGHTS = [1 / rank for rank in range(1, len(PARTNERS) + 1)]
_DAY = 86_400.0
_FILE_MESSAGES = 85
"""About as many follow from one file of orders."""

_PARKED_SECONDS = 400 * _DAY
"""Longer than the trade lasts: what is parked stays so, and a hub that is started on the ledger leaves it alone."""

_TAKEN_APART = Happened(State.DELIVERED, "taken_apart")
_PROCESSED = Happened(State.DELIVERED, "processed")
_DELIVERED = Happened(State.DELIVERED, "delivered")
_DUPLICATE = Happened(State.ANSWERED, "duplicate", "duplicate", "Interchange {} came before, unchanged.")
_MATCHED = Happened(State.ANSWERED, "matched")
_FAULTY = Happened(
    State.REJECTED, "", "bad_document", "3 problems; BEG05 (Date) is '2026{}', which is no date CCYYMMDD."
)
_UNMAPPED = Happened(State.HELD, "", "held", "No mapping reads 860 004010 of {}.")
_TROUBLE = {
    Happened(State.DEAD, "refused", "rejected", "erp answered 422 (BLOCKED): the customer of {} is blocked"): 3,
    Happened(State.DEAD, "gave_up", "unreachable", "The connection was refused, last for {}.", again=3): 2,
    Happened(State.DEAD, "refused", "rejected", "HTTP 413: the document {} is larger than the far end takes"): 1,
    Happened(State.HELD, "unknown", "unknown", "It is not known whether {} arrived."): 2,
    Happened(State.RECEIVED, "parked", "unreachable", "Nobody answered for {}.", due_in=_PARKED_SECONDS): 2,
    Happened(State.DELIVERED, "delivered", again=1): 10,
    _DELIVERED: 980,
}
"""How a delivery ends, and how many of a thousand."""


@dataclass(slots=True)
class Trade:
    """``orders`` and ``due``: rows that change until the time is over, written then."""

    rows: Rows
    dice: random.Random
    texts: Texts = field(default_factory=texts)
    numbers: Counter[str] = field(default_factory=Counter)
    orders: dict[str, list[Any]] = field(default_factory=dict)
    due: dict[tuple[str, str], list[Any]] = field(default_factory=dict)
    lives: list[tuple[float, int, Iterator[float]]] = field(default_factory=list)

    def run(self, messages: int, until: float, span_seconds: float) -> Iterator[None]:
        """Lets time pass until there are so many messages; yields every now and then, for rows to be taken away."""
        self._begin(self._days(span_seconds * _FILE_MESSAGES / messages))
        while self.rows.messages < messages:
            at, number, life = heapq.heappop(self.lives)
            self.rows.now = max(self.rows.now, min(at, until))
            wait = next(life, None)
            if wait is not None:
                heapq.heappush(self.lives, (self.rows.now + wait, number, life))
            yield
        self._close()
        yield

    def _begin(self, life: Iterator[float]) -> None:
        wait = next(life, None)
        if wait is not None:
            heapq.heappush(self.lives, (self.rows.now + wait, self._number("life"), life))

    def _number(self, name: str) -> int:
        self.numbers[name] += 1
        return self.numbers[name]

    def _days(self, between: float) -> Iterator[float]:
        while True:
            self._begin(self._file(self.dice.choices(PARTNERS, _WEIGHTS)[0]))
            yield self.dice.expovariate(1 / between)

    def _file(self, partner: str) -> Iterator[float]:
        """Five orders in one file, some of them faulty; now and then the file comes once more."""
        number = f"{self._number('isa13:' + partner):09d}"
        name = f"{partner}_850_{number}.edi"
        pos = [f"PO{self._number('po'):010d}" for _ in range(5)]
        body = f"ISA*{partner}*{number}~".encode() + b"".join(map(self.texts.document, pos))
        file = self._interchange(partner, name, number, _TAKEN_APART, body, len(pos))
        self.rows.add("business_key", "isa13", f"{partner}:{number}", "", file, self.rows.now)
        for position, po in enumerate(pos, 1):
            envelope = {"control_number": f"{position:04d}", "group": number.lstrip("0"), "isa13": number}
            self._document(partner, po, file, {**envelope, "document": "850", "version": "004010"})
        self._deliver("997", partner, file, number, "")
        if self.dice.random() < 0.02:
            yield 3600.0
            again = replace(_DUPLICATE, detail=_DUPLICATE.detail.format(number))
            self._interchange(partner, f"{name}.again", number, again, hashlib.sha256(body).hexdigest())

    def _interchange(
        self, partner: str, name: str, number: str, happened: Happened, body: bytes | str, documents: int = 0
    ) -> str:
        facts: dict[str, Any] = {"control_number": number, "name": name, "problems": []}
        if documents:
            facts["documents"] = documents
        return self.rows.message(
            "interchange", "x12", partner, happened, endpoint="mailbox", actor="connection:mailbox",
            payload=body, unique_key=f"arrival:mailbox::{partner}/{name}",
            keys=(("name", name), ("isa13", number)), facts=facts,
        )  # fmt: skip

    def _document(self, partner: str, po: str, file: str, facts: dict[str, Any]) -> None:
        chance, payload = self.dice.random(), self.texts.document(po)
        about: dict[str, Any] = {"endpoint": "mailbox", "payload": payload, "parent": file, "facts": facts}
        if chance < 0.015:
            wrong = replace(_FAULTY, detail=_FAULTY.detail.format(self.dice.randrange(1300, 9900)))
            self.rows.message("document", "850", partner, wrong, **about)
        elif chance < 0.018:
            wrong = replace(_UNMAPPED, detail=_UNMAPPED.detail.format(partner))
            self.rows.message("document", "860", partner, wrong, **about)
        else:
            self._begin(self._order(partner, po, about))

    def _order(self, partner: str, po: str, about: dict[str, Any]) -> Iterator[float]:
        """Long because it is the whole life of an order: confirmed, released, picked, shipped, billed and paid."""
        key, release = f"{partner}:{po}", f"{partner.upper()}-{po}"
        source = self._made("850", partner, key, key, (("po", po), ("release", release)), po=po, **about)
        self.rows.add("business_key", "Order", key, "", source, self.rows.now)
        self.orders[key] = [partner, po, "released", 3, self.rows.now, self.rows.now]
        for what in ("ordered", "confirmed", "released"):
            self.rows.add("order_step", key, self.rows.now, what, "", source)
        self._open(key, partner, "shipment", source, 5 * _DAY)
        self._deliver("erp_order", partner, source, po, key)
        self._deliver("855", partner, source, po, key)
        self._deliver("warehouse_order", partner, source, po, key)
        yield self.dice.uniform(0.1, 1.0) * _DAY
        self._made("pick_confirmation", "", f"wms|{release}", key, (("release", release), ("po", po)), endpoint="wms")
        self._stage(key, "picked", 1)
        yield self.dice.uniform(0.1, 1.0) * _DAY
        number = self._number("shipment")
        shipment, tracking, sscc = f"SHP-{number:08d}", f"1Z8A7E42{number:010d}", f"0086000{number:011d}"
        named = (("shipment", shipment), ("tracking", tracking), ("sscc", sscc), ("po", po))
        shipped = self._made("shipment_confirmation", "", f"wms|{release}", key, named, endpoint="wms")
        self._stage(key, "shipped", 1)
        self.due[key, "shipment"][-2:] = [self.rows.now, shipped]
        self._deliver("856", partner, shipped, shipment, key)
        self._deliver("erp_shipment", partner, shipped, shipment, key)
        invoice = f"INV-{self._number('invoice'):08d}"
        billed = self._made("invoice", partner, f"{key}#billing", key, (("invoice", invoice), ("po", po)))
        self._stage(key, "invoiced", 2)
        self._open(key, partner, "payment", billed, 30 * _DAY)
        for type_ in ("810", "erp_invoice", "tax_commit"):
            self._deliver(type_, partner, billed, invoice, key)
        yield self.dice.uniform(0.1, 3.0) * _DAY
        self._made("tracking", partner, None, key, (("tracking", tracking),))
        yield self.dice.uniform(1.0, 14.0) * _DAY
        remittance = f"PAY-{self._number('remittance'):08d}"
        paid = self._made("820", partner, None, key, (("remittance", remittance), ("invoice", invoice)))
        self._deliver("erp_cash", partner, paid, remittance, key)
        self._stage(key, "paid", 1)
        self.due[key, "payment"][-2:] = [self.rows.now, paid]

    def _made(
        self,
        type_: str,
        partner: str,
        order_key: str | None,
        order: str,
        keys: tuple[tuple[str, str], ...],
        *,
        po: str = "",
        facts: dict[str, Any] | None = None,
        payload: bytes = b"",
        **about: Any,
    ) -> str:
        """A document that was processed; an 850 with its canonical order, others with stand-ins."""
        number = keys[0][1]
        reading = self.texts.reading(po) if po else self.texts.other(type_, number)
        return self.rows.message(
            "document", type_, partner, _PROCESSED, order_key=order_key, order=order, keys=keys, reading=reading,
            payload=payload, facts={"document": type_, "reread": False, **(facts or {})}, **about,
        )  # fmt: skip

    def _deliver(self, type_: str, partner: str, parent: str, number: str, order: str) -> None:
        """One delivery; a document for a partner is acknowledged by it a little later."""
        chances = list(_TROUBLE)
        happened = self.dice.choices(chances, list(_TROUBLE.values()))[0]
        happened = replace(happened, detail=happened.detail.format(number))
        is_x12 = type_.isdigit()
        endpoint = f"mailbox/{partner}" if is_x12 else _ENDPOINTS[type_]
        sent = f"{self._number('sent:' + partner):09d}" if is_x12 else ""
        name = f"{type_}_{number}_{sent}.edi" if is_x12 else f"{type_}_{number}.json"
        keys = [("name", name), *((("isa13", sent), ("sent_isa13", f"{partner}:{sent}")) if is_x12 else ())]
        delivery = self.rows.message(
            "delivery", type_, partner, happened, endpoint=endpoint, parent=parent, order=order or None, keys=keys,
            payload=self.texts.other(type_, f"{partner}/{number}"), order_key=f"{endpoint}|{order}" if order else None,
            unique_key=f"{partner}:{type_}:{parent if type_ == '997' else number}",
            facts={"document": type_, "key": number, "name": name, "on_unknown": "hold"},
        )  # fmt: skip
        if is_x12 and type_ != "997" and happened.state is State.DELIVERED:
            self._begin(self._acknowledged(partner, type_, sent, delivery))

    def _acknowledged(self, partner: str, type_: str, sent: str, delivery: str) -> Iterator[float]:
        at = self.rows.now
        yield self.dice.uniform(60.0, 7200.0)
        number = f"{self._number('isa13:' + partner):09d}"
        body = self.texts.other("997", f"{partner}/{number}")
        file = self._interchange(partner, f"{partner}_997_{number}.edi", number, _TAKEN_APART, body, 1)
        facts = {"document": "997", "isa13": number, "control_number": "0001"}
        self.rows.message(
            "document", "997", partner, _MATCHED, parent=file, endpoint="mailbox", payload=body[1:], facts=facts
        )
        answer = (delivery, "accepted", "", at, at + _DAY, self.rows.now)
        self.rows.add("sent_document", partner, _GROUPS[type_], sent.lstrip("0"), "0001", type_, *answer)

    def _open(self, key: str, partner: str, what: str, by: str, seconds: float) -> None:
        self.due[key, what] = [partner, self.rows.now + seconds, self.rows.now, by, None, ""]

    def _stage(self, key: str, stage: str, saves: int) -> None:
        order = self.orders[key]
        order[2:4], order[5] = [stage, order[3] + saves], self.rows.now

    def _close(self) -> None:
        for key, (partner, po, state, version, created, changed) in self.orders.items():
            data = self.texts.state(partner, po)
            self.rows.add("customer_order", key, partner, po, state, data, version, created, changed)
        for (key, what), row in self.due.items():
            self.rows.add("obligation", key, what, *row)
        for row in self.rows.sequences():
            self.rows.add("order_sequence", *row)
        for name, number in self.numbers.items():
            if name.startswith("sent:"):
                self.rows.add("control_number", name.replace("sent:", "isa13:"), number, 0)


_ENDPOINTS = {
    "erp_order": "erp",
    "erp_shipment": "erp",
    "erp_invoice": "erp",
    "erp_cash": "erp",
    "tax_commit": "tax",
    "warehouse_order": "rno1",
}
_GROUPS = {"855": "PR", "856": "SH", "810": "IN"}
