"""What a route is: which canonical message starts it, which gates it must pass, and what follows. Data only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from hub.contracts.endpoint import OnUnknown

__all__ = ["Ask", "Deliver", "Expect", "Gate", "InOrder", "Route"]

InOrder = Literal["hold", "skip"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A condition on the message: ``check`` names one of `hub.orders.gates`.

    ``otherwise``: ``hold`` asks a person, ``reject`` tells the sender.
    """

    check: str
    otherwise: Literal["hold", "reject"] = "hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A service is asked before anything is written.

    ``service``: role in the entity's settings (``tax``). ``operation``: the connector's. ``request``, ``response``:
    mapping ids (``json/tax_request``); an empty ``request`` asks by the message's own facts.
    """

    service: str
    operation: str
    request: str
    response: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliver:
    """A document goes somewhere.

    ``to``: ``partner`` or a role in the entity's settings (``erp``, ``warehouse``, ``tax``). ``document``: mapping id
    (``x12/855``, ``json/erp_order``). ``make``: which message is written: the one that started the route
    (``message``) or one that `hub.orders.derive` makes from it (``order_response``). ``after``: mapping id of another
    delivery of this route; this one is made when that one has arrived. ``on_unknown``: what to do where it was sent
    and not answered. ``give_up_after_hours``: it is not sent any more when it is older. ``in_order``: what those do
    that are about the same order and go to the same place, when it stops: ``hold`` waits until a person has mended or
    skipped it, ``skip`` goes on.
    """

    to: str
    document: str
    make: str = "message"
    after: str = ""
    on_unknown: OnUnknown = "find"
    give_up_after_hours: float | None = None
    in_order: InOrder = "hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """Something must now happen (P7). ``within_seconds`` may be overridden by the partner's profile."""

    what: str
    within_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What happens with one kind of canonical message.

    ``next``: canonical messages that are made from this one and take their own route (a shipment leads to an invoice
    by itself). ``in_order``: as of `Deliver`, for documents of the same order from the same sender.
    """

    id: str
    on: str
    gates: tuple[Gate, ...] = ()
    ask: Ask | None = None
    deliver: tuple[Deliver, ...] = ()
    next: tuple[str, ...] = ()
    expect: tuple[Expect, ...] = ()
    owner: str = "edi-operations"
    unmapped: Literal["record", "hold"] = "record"
    attempts_max: int = 8
    in_order: InOrder = "hold"
    notes: str = field(default="")
