"""The hub's configuration for the demo: ``config/hub.toml`` and ``config/partners/bigbox.toml``."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

from demo.catalogue import FREIGHT_PER_CARTON, ITEMS, SHIP_TO, VENDOR
from demo.ports import Ports
from demo.warehouse import GS1_PREFIX

__all__ = ["write"]

HUB = """\
[entity]
id = "crossdock"
name = "Crossdock Distribution"
site = "RNO1"
gs1_company_prefix = "{prefix}"
invoice_prefix = "INV-"

[entity.address]
lines = ["1 DOCK ROAD"]
city = "RENO"
region = "NV"
postal_code = "89502"
country = "US"

[http]
host = "127.0.0.1"
port = {hub}

[timing]
retry_first_seconds = 0.5
retry_max_seconds = 4.0
tracking_poll_seconds = 1.0
source_poll_seconds = 0.5
lease_seconds = 15.0

[connections.mailbox]
connector = "sftp_mailbox"
settings = {{ host = "127.0.0.1", port = {mailbox} }}

[connections.erp]
connector = "http_push"
[connections.erp.settings]
base_url = "http://127.0.0.1:{erp}"
find_path = "/idempotency/{{key}}"
signing_secrets = ["erp_webhook"]
[connections.erp.settings.paths]
erp_order = "/orders"
erp_shipment = "/shipments"
erp_invoice = "/invoices"
erp_cash = "/cash-applications"

[connections.rno1]
connector = "http_push"
[connections.rno1.settings]
base_url = "http://127.0.0.1:{warehouse}"
find_path = "/idempotency/{{key}}"
signing_secrets = ["rno1_webhook"]
[connections.rno1.settings.paths]
warehouse_order = "/orders"

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
base_url = "http://127.0.0.1:{carrier}"
credentials_secret = "carrier_credentials"

[roles]
erp = "erp"
warehouse = "rno1"
tax = "tax"
carrier = "carrier"
"""

PARTNER = """\
id = "bigbox"
name = "Bigbox Stores"
currency = "USD"
channel = "mailbox"
freight_per_carton = {freight}

[channel_settings]
authorized_keys = [{key}]

[x12]
partner = {{ qualifier = "ZZ", id = "BIGBOX" }}
us = {{ qualifier = "ZZ", id = "CROSSDOCK" }}
version = "004010"
usage = "T"
acknowledge = "all"

[values]
vendor_id = {vendor}

[ship_to.{code}]
name = {name}
[ship_to.{code}.address]
lines = [{street}]
city = {city}
region = {region}
postal_code = {postal_code}
country = "US"

[prices]
{prices}
"""


def write(config: Path, ports: Ports, public_key: str) -> None:
    """Write both files anew; ports may differ from those of an earlier start."""
    (config / "partners").mkdir(parents=True, exist_ok=True)
    numbers = {name: ports[name] for name in ("hub", "mailbox", "erp", "warehouse", "tax", "carrier")}
    hub = HUB.format(prefix=GS1_PREFIX, **numbers)
    partner = PARTNER.format(
        freight=_quoted(FREIGHT_PER_CARTON),
        key=_quoted(public_key),
        vendor=_quoted(VENDOR),
        code=_quoted(SHIP_TO.code),
        name=_quoted(SHIP_TO.name),
        street=_quoted(SHIP_TO.street),
        city=_quoted(SHIP_TO.city),
        region=_quoted(SHIP_TO.region),
        postal_code=_quoted(SHIP_TO.postal_code),
        prices="\n".join(f"{sku} = {_quoted(item.price)}" for sku, item in ITEMS.items()),
    )
    for path, text in ((config / "hub.toml", hub), (config / "partners" / "bigbox.toml", partner)):
        fresh = path.with_suffix(".new")
        fresh.write_text(text)
        fresh.replace(path)


def _quoted(value: str | Decimal) -> str:
    """A TOML basic string; JSON's escapes are TOML's."""
    return json.dumps(str(value))
