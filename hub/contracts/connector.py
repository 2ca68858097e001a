"""What a connector is: bytes in, bytes out, and nothing else.

Four shapes. A `Source` is asked for what has arrived; a `Listener` or `HttpListener` is called by the far end; a `Sink`
is given bytes to deliver; a `Service` is asked a question. One class may have several. All calls are synchronous and
may be made from several threads at once. Retries, breakers and limits are the hub's; a connector tries once and says
what came of it by returning or by raising from `hub.errors`:

* `Unreachable`, `Throttled`: nothing was accepted there; `OutcomeUnknown`: sent, no answer.
* `Rejected`: refused for its content. `AuthExpired`: refused for stale credentials. `Misconfigured`: will never work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeGuard, TypeVar, cast, runtime_checkable

from pydantic import BaseModel, ConfigDict

from hub.errors import CrossdockError

if TYPE_CHECKING:
    from hub.contracts.http_bodies import BodyLimits

__all__ = [
    "Accept",
    "Accepted",
    "Answer",
    "Arrival",
    "BatchSink",
    "BlindSink",
    "Connector",
    "ConnectorSpec",
    "HttpListener",
    "Listener",
    "Parcel",
    "Probe",
    "Question",
    "Receipt",
    "RememberingSink",
    "Service",
    "Settings",
    "Sink",
    "Site",
    "Source",
    "Status",
    "has_shape",
    "nobody",
]

S = TypeVar("S")


def nobody() -> None:
    """Hears of an end where nothing hangs on it."""


class Settings(BaseModel):
    """Base of every connector's settings: unknown keys are refused; secrets are given by name (``*_secret``)."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """Bytes that came in.

    ``source_key`` names this very arrival (path, inode and mtime; webhook id), so that settling twice after a crash is
    no second arrival. ``name``: file name or message id, for people. ``document``: what the channel says it is
    (``shipment_confirmation``), "" where only the bytes know. ``facts``: headers worth keeping; never secrets.
    """

    connection: str
    partner: str
    name: str
    data: bytes
    source_key: str
    media_type: str = "application/octet-stream"
    document: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The hub owns the bytes now: they and their row are committed with full sync.

    ``duplicate``: this arrival was on record already. ``problems``: why it was turned away, as JSON problems, empty if
    it was not.
    """

    message_id: str
    duplicate: bool = False
    problems: tuple[dict[str, Any], ...] = ()


Accept = Callable[[Arrival], Accepted]
"""Hands bytes to the hub. Returns only when they are safe; raises `KeyConflict` where the same key came with other
bytes, and any other CrossdockError when the hub cannot take them: then the far end must not be told that it did."""


class Parcel(NamedTuple):
    """Bytes to be delivered under a key that stays the same through every attempt and replay.

    ``name``: proposed file name. ``document``: what it is (``997``, ``erp_order``, ``tax_commit``). ``facts``: what the
    sink may need to address it (``{"code": "INV-1"}``).
    """

    key: str
    name: str
    data: bytes
    document: str
    partner: str = ""
    media_type: str = "application/octet-stream"
    facts: Mapping[str, str] = {}


class Receipt(NamedTuple):
    """The far end has it. ``reference``: its own number for it. ``repeated``: it had it before."""

    reference: str = ""
    repeated: bool = False
    facts: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something to ask a service. ``operation`` is one of the connector's documented operations."""

    operation: str
    key: str
    data: bytes = b""
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the service said."""

    data: bytes
    media_type: str = "application/json"
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Probe:
    """The result of trying a connection without moving anything; ``detail`` is a sentence, ``fix`` how to mend it."""

    ok: bool
    detail: str
    fix: str = ""


class Connector(Protocol):
    """What all connectors share."""

    def probe(self) -> Probe:
        """Try the connection; never raises."""

    def close(self) -> None:
        """Let go of sockets and threads; may be called twice."""


@runtime_checkable
class Source(Connector, Protocol):
    """Asked for what has arrived."""

    def fetch(self, limit: int) -> Iterable[Arrival]:
        """Arrivals not settled yet, oldest first; the same ones again until they are settled."""

    def settle(self, arrival: Arrival, accepted: Accepted) -> None:
        """Called after the commit: archive or delete at the source. Safe to repeat."""


@runtime_checkable
class Listener(Connector, Protocol):
    """Called by the far end."""

    def start(self, accept: Accept, died: Callable[[], None] = nobody) -> None:
        """Begin to listen; returns when the port is open. Each arrival is answered after ``accept`` has returned.

        ``died`` is called, from any thread, when it has ceased to listen without having been closed.
        """

    def address(self) -> str:
        """Where it listens, as a URL: ``sftp://127.0.0.1:2222``."""


@runtime_checkable
class HttpListener(Connector, Protocol):
    """Called by the far end over HTTP, on the port that the hub serves page and API on."""

    bodies: BodyLimits
    """What its paths take; the server refuses no less."""

    def router(self, accept: Accept) -> Any:
        """A FastAPI router with its paths. Each request is answered after ``accept`` has returned."""


@runtime_checkable
class Sink(Connector, Protocol):
    """Given bytes to deliver."""

    def deliver(self, parcel: Parcel) -> Receipt:
        """Deliver once. Raises as said in the module's docstring."""

    def find(self, parcel: Parcel) -> Receipt | None:
        """Whether a parcel with this key lies at the far end already; None if it does not.

        Raises `Rejected` where the protocol has no way to look.
        """


@runtime_checkable
class BlindSink(Sink, Protocol):
    """A sink that may be unable to ask its far end what it has."""

    @property
    def is_blind(self) -> bool:
        """Whether `find` always raises `Rejected`. Then deliveries are claimed one by one, so that a crash leaves only
        those in doubt that were under way."""


@runtime_checkable
class RememberingSink(Sink, Protocol):
    """A sink whose `find` answers from what it keeps itself."""

    @property
    def keeps_memory(self) -> bool:
        """Whether what it found to have been taken by the far end is known from its own directory only. After a restore
        that is as old as the backup."""


@runtime_checkable
class BatchSink(Sink, Protocol):
    """A sink whose far end takes several parcels in one call."""

    @property
    def batch_max(self) -> int:
        """Parcels in one call at most; 1 where this connection's far end takes single ones only."""

    def deliver_many(self, parcels: Sequence[Parcel]) -> list[Receipt | CrossdockError]:
        """Deliver each once; one answer for each, in order: its receipt, or why it was refused.

        Raises, as `deliver` does, where the call as a whole came to nothing.
        """


@runtime_checkable
class Service(Connector, Protocol):
    """Asked a question."""

    def ask(self, question: Question) -> Answer:
        """Ask once. Raises as said in the module's docstring; `NotYet` where the answer does not exist yet."""


_SHAPES: dict[tuple[type, object], bool] = {}


def has_shape(connector: object, shape: Callable[..., S]) -> TypeGuard[S]:
    """``isinstance(connector, shape)``, found out once for each class: of a protocol that takes a tenth of a
    millisecond."""
    known = _SHAPES.get((type(connector), shape))
    if known is None:
        known = _SHAPES[type(connector), shape] = isinstance(connector, cast("type", shape))
    return known


class Status(StrEnum):
    """How far a connector is proven."""

    CERTIFIED = "certified"
    DOCUMENTED = "built to public documentation"


@dataclass(frozen=True, slots=True)
class Site:
    """Where a connector runs: what it gets from the hub besides its settings.

    ``connection``: the connection's own id. ``home``: a directory of its own, made on demand. ``secret(name)``: the
    value of a named secret; raises `Misconfigured` if there is none. ``now()``: seconds since 1970 UTC.
    ``partners``: for listeners that many partners share, partner id -> that partner's table for this connection.
    """

    connection: str
    home: Path
    secret: Callable[[str], str]
    now: Callable[[], float]
    partners: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorSpec:
    """One line of the catalogue. ``redact`` takes a transcript of bytes and removes every secret from it."""

    id: str
    label: str
    settings: type[Settings]
    build: Callable[[Any, Site], Connector]
    redact: Callable[[bytes], bytes]
    status: Status
    docs: str
    partner_settings: type[Settings] | None = None
