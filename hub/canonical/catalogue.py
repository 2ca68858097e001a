"""What is for sale, and for how much: Catalogue."""

from __future__ import annotations

from hub.canonical.order import PaymentTerms
from hub.canonical.related import DateEntry, ItemDescription, ItemPrice, PartyInRole, Reference
from hub.canonical.values import AllowanceCharge, Canonical, Contact, Currency, Decimal_, Item, Quantity, Text

__all__ = ["Catalogue", "CatalogueLine", "CatalogueRestriction", "CatalogueVersion", "Measurement", "Packing"]


class CatalogueVersion(Canonical):
    """A catalogue by number, version and revision."""

    id: Text
    version: Text | None = None
    revision: Text | None = None


class CatalogueRestriction(Canonical):
    """A condition of sale: ``quantity`` of ``quantity_type`` is the least, the most, or the step."""

    type: Text
    description: Text | None = None
    quantity_type: Text | None = None
    quantity: Decimal_ | None = None


class Measurement(Canonical):
    """One measure of an item: ``reference`` says of what, ``type`` which."""

    reference: Text | None = None
    type: Text | None = None
    value: Decimal_ | None = None
    uom: Text | None = None


class Packing(Canonical):
    """How an item is packed. ``pack``: inner units in the outer one; ``inner_pack``: eaches in an inner unit."""

    pack: int | None = None
    inner_pack: int | None = None
    size: Quantity | None = None
    code: Text | None = None
    weight_type: Text | None = None
    gross_weight: Quantity | None = None
    volume: Quantity | None = None
    length: Decimal_ | None = None
    width: Decimal_ | None = None
    height: Decimal_ | None = None
    dimensions_uom: Text | None = None


class CatalogueLine(Canonical):
    """One item. ``maintenance`` says whether it is new, changed or gone."""

    line_id: Text | None = None
    item: Item
    maintenance: Text | None = None
    descriptions: tuple[ItemDescription, ...] = ()
    measurements: tuple[Measurement, ...] = ()
    packing: Packing | None = None
    dates: tuple[DateEntry, ...] = ()
    references: tuple[Reference, ...] = ()
    restrictions: tuple[CatalogueRestriction, ...] = ()
    allowance_charges: tuple[AllowanceCharge, ...] = ()
    prices: tuple[ItemPrice, ...] = ()


class Catalogue(Canonical):
    """Items and their prices; ``replaces`` is the catalogue that this one supersedes."""

    type: Text
    purpose: Text | None = None
    catalogue: CatalogueVersion
    replaces: CatalogueVersion | None = None
    description: Text | None = None
    currency: Currency
    references: tuple[Reference, ...] = ()
    contact: Contact | None = None
    dates: tuple[DateEntry, ...] = ()
    payment_terms: PaymentTerms | None = None
    parties: tuple[PartyInRole, ...] = ()
    lines: tuple[CatalogueLine, ...] = ()
