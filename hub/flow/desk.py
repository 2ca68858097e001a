"""What every stage works with: the ledger, the catalogues, the partners, the connections. No control flow here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from hub.canonical import MESSAGES, Canonical
from hub.clock import Clock, Ids, utc
from hub.contracts.connector import Connector, Service, Sink, has_shape
from hub.contracts.mapping import Context
from hub.contracts.mapping import Mapping as DocumentMapping
from hub.contracts.partner import HubSettings, Partner
from hub.contracts.route import Route
from hub.errors import Broken, Misconfigured
from hub.flow.pace import Pace
from hub.ledger import Ledger
from hub.ledger.message import Message
from hub.x12.guide import Guide

__all__ = ["Desk", "FindGuide", "FindMapping", "Hand"]

FindGuide = Callable[[str], Guide | None]
"""Partner id -> what its documents must hold beyond X12; None where nothing was agreed."""
FindMapping = Callable[[str, str, str], DocumentMapping | None]
"""(mapping id, partner id, X12 version) -> the mapping with the partner's overlay; None if there is none."""


class Hand(NamedTuple):
    """What one thread claimed together. ``since``: by a clock that only goes forward."""

    messages: Sequence[Message]
    since: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything a stage needs, put together once by `hub.runtime`.

    ``hint(stage)``: tells the queue that a stage has work; never raises, losing it only costs time. ``trying``:
    services that failed, each with the thread that tries whether it is back. ``in_hand``: what each thread works on.
    ``paces``: of far ends.
    """

    ledger: Ledger
    clock: Clock
    ids: Ids
    settings: HubSettings
    partners: Mapping[str, Partner]
    routes: Mapping[str, Route]
    find_mapping: FindMapping
    find_guide: FindGuide
    connection: Callable[[str], Connector]
    hint: Callable[[str], None]
    trying: dict[str, int] = field(default_factory=dict)
    in_hand: dict[int, Hand] = field(default_factory=dict)
    paces: defaultdict[str, Pace] = field(default_factory=lambda: defaultdict(Pace))

    def now(self) -> datetime:
        """The time as an aware datetime."""
        return utc(self.clock.now())

    def partner(self, partner_id: str) -> Partner:
        """Raises Misconfigured where the partner has no profile any more."""
        try:
            return self.partners[partner_id]
        except KeyError:
            known = ", ".join(sorted(self.partners))
            raise Misconfigured(
                f"Partner {partner_id!r} has no profile; profiles: {known}.",
                fix=f"Add partners/{partner_id}.toml and restart.",
            ) from None

    def route(self, name: str) -> Route:
        """The route of a canonical message; raises Misconfigured where it has none."""
        try:
            return self.routes[name]
        except KeyError:
            raise Misconfigured(f"No route takes {name}.", fix="Add one in routes/.") from None

    def holds(self, name: str) -> bool:
        """Whether those behind a canonical message of its order wait for it when it stops."""
        route = self.routes.get(name)
        return route is not None and route.in_order == "hold"

    def mapping(self, mapping_id: str, partner: Partner) -> DocumentMapping:
        """The mapping for this partner; raises Misconfigured where there is none."""
        found = self.find_mapping(mapping_id, partner.id, partner.x12.version)
        if found is None:
            raise Misconfigured(f"There is no mapping {mapping_id}.", fix="Add it to mappings/ and its CATALOG.")
        return found

    def context(self, partner: Partner) -> Context:
        """The partner's values for a mapping."""
        return Context(currency=partner.currency, values=partner.values, now=self.clock.now())

    def canonical(self, message: Message, readings: Mapping[str, bytes] | None = None) -> Canonical:
        """The reading of a document as a canonical message. ``readings``: those fetched before, by SHA-256."""
        if message.reading is None:
            raise Broken(f"document {message.id} has no reading")
        model = MESSAGES[message.facts["message"]]
        data = (readings or {}).get(message.reading) or self.ledger.payload(message.reading)
        return model.model_validate_json(data)

    def role(self, role: str) -> str:
        """The connection that plays a role; raises Misconfigured where none does."""
        try:
            return self.settings.roles[role]
        except KeyError:
            raise Misconfigured(
                f"No connection plays the role {role!r}.", fix=f'Add {role} = "<connection>" to [roles] in hub.toml.'
            ) from None

    def sink(self, endpoint: str) -> Sink:
        """The sink behind an endpoint, ``erp`` or ``mailbox/bigbox``."""
        connection = self.connection(endpoint.partition("/")[0])
        if not has_shape(connection, Sink):
            raise Misconfigured(f"Connection {endpoint} cannot deliver.", fix="Name a connection that is a sink.")
        return connection

    def service(self, role: str) -> Service:
        """The service that plays a role."""
        connection = self.connection(self.role(role))
        if not has_shape(connection, Service):
            raise Misconfigured(f"Connection {role} cannot be asked.", fix="Name a connection that is a service.")
        return connection

    def message(self, message_id: str) -> Message:
        """A message; raises NotFound."""
        return self.ledger.message(message_id)
