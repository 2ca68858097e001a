"""The hub's configuration under fire: three partners by SFTP or folder, an ERP, a warehouse, a tax engine."""

from __future__ import annotations

import json
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.chaos.plan import PARTNERS
from demo import signing
from demo.catalogue import ITEMS, SHIP_TO, VENDOR

__all__ = ["PORTS", "key_file", "write"]

PORTS = ("hub", "mailbox", "erp", "warehouse", "tax")

_HUB = """\
[entity]
id = "crossdock"
name = "Crossdock Distribution"
site = "RNO1"
gs1_company_prefix = "0614141"

[entity.address]
lines = ["1 DOCK ROAD"]
city = "RENO"
region = "NV"
postal_code = "89502"
country = "US"

[http]
port = {hub}

[timing]
retry_first_seconds = 0.3
retry_max_seconds = 3.0
source_poll_seconds = {poll}
lease_seconds = 8.0

[connections.erp]
connector = "http_push"
[connections.erp.settings]
base_url = "http://127.0.0.1:{erp}"
find_path = "/idempotency/{{key}}"
answer_timeout_seconds = 10.0
{batch}
[connections.erp.settings.paths]
erp_order = "/orders"
erp_shipment = "/shipments"
erp_invoice = "/invoices"
erp_cash = "/cash"

[connections.warehouse]
connector = "http_push"
[connections.warehouse.settings]
base_url = "http://127.0.0.1:{warehouse}"
answer_timeout_seconds = 10.0
{find}[connections.warehouse.settings.paths]
warehouse_order = "/warehouse"

[connections.wms]
connector = "http_inbound"
settings = {{ signing_secrets = ["wms_webhook"] }}

[connections.tax]
connector = "tax_avatax"
[connections.tax.settings]
base_url = "http://127.0.0.1:{tax}"
credentials_secret = "tax_credentials"
company_code = "CROSSDOCK"

[connections.carrier]
connector = "carrier_ups"
[connections.carrier.settings]
base_url = "http://127.0.0.1:9"
credentials_secret = "tax_credentials"

[endpoints.warehouse]
on_unknown = "{on_unknown}"

[roles]
erp = "erp"
warehouse = "warehouse"
tax = "tax"
carrier = "carrier"
"""
_BATCH = """\
batch_max = {batch_max}
[connections.erp.settings.batch_paths]
erp_order = "/batch/orders"
erp_shipment = "/batch/shipments"
erp_invoice = "/batch/invoices"
"""
_MAILBOX = """
[connections.mailbox]
connector = "sftp_mailbox"
settings = {{ host = "127.0.0.1", port = {mailbox} }}
"""
_FOLDER = """
[connections.{name}]
connector = "folder"
[connections.{name}.settings]
inbox = {inbox}
outbox = {outbox}
archive = {archive}
partner = "{name}"
ready = "renamed"
"""
_PARTNER = """\
id = "{id}"
name = "{id}"
channel = "{channel}"
without = {without}

[channel_settings]
{channel_settings}

[x12]
partner = {{ qualifier = "ZZ", id = "{upper}" }}
us = {{ qualifier = "ZZ", id = "CROSSDOCK" }}
usage = "T"

[values]
vendor_id = "{vendor}"

[ship_to.{code}]
name = "{name}"
[ship_to.{code}.address]
lines = ["{street}"]
city = "{city}"
region = "{region}"
postal_code = "{postal_code}"
country = "US"

[prices]
{prices}
"""


def write(
    home: Path,
    ports: dict[str, int],
    *,
    source: str = "sftp",
    batch_max: int = 1,
    warehouse: str = "asked",
    without: tuple[str, ...] = (),
    poll_seconds: float = 0.3,
) -> None:
    """Write configuration and secrets.

    ``source``: ``sftp`` or ``folder``, below ``home/folders/<partner>``. ``warehouse``: ``asked`` what it has, or not,
    and then what may have arrived is ``held`` or ``resent``.
    """
    config = home / "config"
    (config / "partners").mkdir(parents=True, exist_ok=True)
    (home / "secrets").mkdir(exist_ok=True)
    (home / "secrets" / "wms_webhook").write_text(signing.new_secret())
    (home / "secrets" / "tax_credentials").write_text("2000000001:license")
    batch = _BATCH.format(batch_max=batch_max) if batch_max > 1 else ""
    find = 'find_path = "/idempotency/{key}"\n' if warehouse == "asked" else ""
    on_unknown = "resend" if warehouse == "resent" else "find"
    text = _HUB.format(**ports, batch=batch, find=find, poll=poll_seconds, on_unknown=on_unknown)
    if source == "sftp":
        text += _MAILBOX.format(**ports)
    for partner in PARTNERS:
        if source == "folder":
            text += _folder(home, partner)
        (config / "partners" / f"{partner}.toml").write_text(_partner(home, partner, source, without))
    (config / "hub.toml").write_text(text)


def key_file(home: Path, partner: str) -> Path:
    """The partner's private key for the mailbox."""
    return home / "secrets" / f"{partner}_key"


def _folder(home: Path, partner: str) -> str:
    folders = {name: home / "folders" / partner / name for name in ("inbox", "outbox", "archive")}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    return _FOLDER.format(name=partner, **{name: json.dumps(str(folder)) for name, folder in folders.items()})


def _partner(home: Path, partner: str, source: str, without: tuple[str, ...]) -> str:
    keys = ""
    if source == "sftp":
        keys = f'authorized_keys = ["{_new_key(key_file(home, partner))} {partner}"]'
    return _PARTNER.format(
        id=partner,
        upper=partner.upper(),
        channel="mailbox" if source == "sftp" else partner,
        channel_settings=keys,
        without=json.dumps(list(without)),
        vendor=VENDOR,
        code=SHIP_TO.code,
        name=SHIP_TO.name,
        street=SHIP_TO.street,
        city=SHIP_TO.city,
        region=SHIP_TO.region,
        postal_code=SHIP_TO.postal_code,
        prices="\n".join(f'{sku} = "{item.price}"' for sku, item in ITEMS.items()),
    )


def _new_key(path: Path) -> str:
    private = Ed25519PrivateKey.generate()
    encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH
    path.write_bytes(private.private_bytes(encoding, form, serialization.NoEncryption()))
    path.chmod(0o600)
    public = private.public_key()
    return public.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()
