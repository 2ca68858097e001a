"""Who we are and whom we trade with: the shapes of ``hub.toml`` and ``partners/<partner>.toml``."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from hub.canonical import Address, Party
from hub.contracts.endpoint import EndpointSettings

__all__ = [
    "Connection",
    "DuplicatePolicy",
    "Duplicates",
    "Entity",
    "Http",
    "HubSettings",
    "Identifier",
    "Partner",
    "Place",
    "Retention",
    "Timing",
    "X12Profile",
]


def _exact(value: Any) -> Any:
    if isinstance(value, float):
        msg = 'write it in quotes, "9.95": a TOML float is not exact'
        raise ValueError(msg)
    return value


Price = Annotated[Decimal, BeforeValidator(_exact), Field(ge=0)]
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]


_NOTHING_SAID = EndpointSettings()


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Entity(_Table):
    """Our legal company and the site that ships. ``gs1_company_prefix`` is for SSCCs and GLNs we assign."""

    id: Id
    name: Annotated[str, Field(min_length=1, max_length=60)]
    site: Annotated[str, Field(min_length=1, max_length=20)] = "MAIN"
    gs1_company_prefix: Annotated[str, Field(pattern=r"^\d{7,10}$")] | None = None
    invoice_prefix: Annotated[str, Field(pattern=r"^[A-Z0-9-]{0,8}$")] = "INV-"
    address: Address | None = None

    def party(self) -> Party:
        """Ourselves as a party of a document."""
        return Party(name=self.name, seller_assigned_id=self.site, address=self.address)


class Http(_Table):
    """Where page, API and inbound HTTP listen; port 0 takes a free one."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080


class Connection(_Table):
    """One connection: which connector, and that connector's own settings (checked by its model)."""

    connector: str
    settings: dict[str, Any] = Field(default_factory=dict)


class Timing(_Table):
    """How long things wait. A retry waits ``retry_first_seconds``, then twice as long each time up to the maximum.

    ``pause_max_seconds``: so long at most nothing is sent to an endpoint that could not be reached.
    """

    retry_first_seconds: Annotated[float, Field(gt=0)] = 2.0
    retry_max_seconds: Annotated[float, Field(gt=0)] = 3600.0
    pause_max_seconds: Annotated[float, Field(gt=0)] = 60.0
    tracking_poll_seconds: Annotated[float, Field(gt=0)] = 1800.0
    source_poll_seconds: Annotated[float, Field(gt=0)] = 5.0
    lease_seconds: Annotated[float, Field(gt=0)] = 60.0


class Retention(_Table):
    """How long payloads stay in the ledger. ``payload_days``: older ones of finished messages are moved to ``archive``,
    a folder (``archive`` in the home unless given); never where it is left out."""

    payload_days: Annotated[int, Field(ge=1)] | None = None
    archive: Path | None = None


class HubSettings(_Table):
    """``hub.toml``. ``roles``: what routes call a system (erp, warehouse, tax, carrier) -> connection.

    ``endpoints``: by connection, or by ``connection/partner`` where a channel serves several.
    """

    entity: Entity
    http: Http = Http()
    connections: dict[Id, Connection] = Field(default_factory=dict)
    roles: dict[Id, Id] = Field(default_factory=dict)
    endpoints: dict[str, EndpointSettings] = Field(default_factory=dict)
    timing: Timing = Timing()
    retention: Retention = Retention()

    def endpoint(self, name: str) -> EndpointSettings:
        """What is kept to at an endpoint: its own settings, else those of its connection."""
        return self.endpoints.get(name) or self.endpoints.get(name.partition("/")[0]) or _NOTHING_SAID

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        for role, connection in self.roles.items():
            if connection not in self.connections:
                msg = f"roles.{role} names {connection!r}; connections are: {', '.join(sorted(self.connections))}"
                raise ValueError(msg)
        for name in self.endpoints:
            if name.partition("/")[0] not in self.connections:
                msg = f"endpoints.{name} is no connection; connections are: {', '.join(sorted(self.connections))}"
                raise ValueError(msg)
        return self


class Identifier(_Table):
    """An interchange id with its qualifier (X12 elements I05 and I06)."""

    qualifier: Annotated[str, Field(pattern=r"^[A-Z0-9]{2}$")]
    id: Annotated[str, Field(min_length=1, max_length=15)]


Duplicates = Literal["off", "ignore", "flag", "reject", "hold"]
"""What to do with a number that was used before: not looked at; noted and not taken again; taken and marked; turned
away, which its sender is told; held for a person."""


class DuplicatePolicy(_Table):
    """By what is numbered: ISA13; GS06 within GS01; ST02 within the set, for partners who do not begin again at 1; and
    the business key (PO number, shipment id), which has its effect once whatever is said here.

    ``window_days``: a control number that is older may be used again.
    """

    interchange: Duplicates = "ignore"
    group: Duplicates = "off"
    document: Duplicates = "off"
    business: Literal["ignore", "hold"] = "ignore"
    window_days: Annotated[int, Field(ge=1)] | None = None


class X12Profile(_Table):
    """How X12 is written to this partner, and read from it.

    ``acknowledge``: an acknowledgment lists all documents, only faulty ones, or is not sent. ``acknowledge_with``: 997,
    or 999. ``reject_whole_group``: one rejected document rejects its group. ``lenient_counts``: wrong SE01, GE01 and
    IEA01 are told, but reject nothing. ``repetition``: false where ISA11 looks like a separator and is none. ``naked``:
    documents may come without ISA.
    """

    partner: Identifier
    us: Identifier
    version: Annotated[str, Field(pattern=r"^00[345]0[0-9]{2}[A-Z0-9]{0,6}$")] = "004010"
    usage: Literal["T", "P"] = "P"
    element_separator: Annotated[str, Field(min_length=1, max_length=1)] = "*"
    segment_terminator: Annotated[str, Field(min_length=1, max_length=2)] = "~"
    component_separator: Annotated[str, Field(min_length=1, max_length=1)] = ">"
    repetition_separator: Annotated[str, Field(min_length=1, max_length=1)] = "^"
    newline: bool = True
    acknowledge: Literal["all", "faulty", "none"] = "all"
    acknowledge_with: Literal["997", "999"] = "997"
    reject_whole_group: bool = False
    expects_acknowledgment: bool = True
    duplicates: DuplicatePolicy = DuplicatePolicy()
    lenient_counts: bool = False
    repetition: bool = True
    naked: bool = False


class Place(_Table):
    """A ship-to we know, by the code the buyer gave it."""

    name: str
    address: Address


class Partner(_Table):
    """``partners/<id>.toml``. ``channel``: the connection that carries the partner's files both ways.

    ``prices``: our item id -> unit price, what the price gate compares with. ``expect_seconds``: how long each expected
    thing may take before its absence is an exception, overriding the route's own figure. ``without``: documents of the
    routes (mapping ids, ``x12/855``) that are not made for this partner's orders.
    """

    id: Id
    name: str
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "USD"
    channel: Id
    channel_settings: dict[str, Any] = Field(default_factory=dict)
    x12: X12Profile
    values: dict[str, str] = Field(default_factory=dict)
    ship_to: dict[str, Place] = Field(default_factory=dict)
    prices: dict[str, Price] = Field(default_factory=dict)
    price_tolerance_percent: Price = Decimal(0)
    freight_per_carton: Price = Decimal(0)
    expect_seconds: dict[str, float] = Field(default_factory=dict)
    without: frozenset[str] = frozenset()
