"""The warehouse's clerk: ``python -m bench.chaos.shipper --home DIR --files DIR --orders FILE --journal FILE --hub U``.

For each order of the plan that is to be shipped, once the warehouse has it: several shipment confirmations, one after
the other, each posted until it is answered 2xx, then noted. Now and then one is posted twice.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import threading
import time
from pathlib import Path
from typing import Any

import httpx

from bench.chaos.plan import read_plan
from bench.chaos.sink import Tail
from demo import signing
from demo.marks import sscc

__all__ = ["posted"]

AT = "2026-11-20T10:00:00+00:00"
_ANSWER_SECONDS = 15.0
_PAUSE_SECONDS = 0.2


def posted(journal: Path) -> list[dict[str, Any]]:
    """What was answered, in that order: ``{"po", "shipment"}``."""
    return [json.loads(line) for line in journal.read_text().splitlines()] if journal.exists() else []


class Shipper:
    """Posts what the warehouse's records and the plan ask for."""

    def __init__(self, home: Path, files: Path, orders: Path, journal: Path, hub: str) -> None:
        self._secret = (home / "secrets" / "wms_webhook").read_text().strip()
        self._shipped = read_plan(files).shipped
        self._orders, self._hub = Tail(orders), hub
        self._done = {entry["shipment"] for entry in posted(journal)}
        self._journal = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._wait = threading.Event()

    def run(self) -> None:
        """Until every order of the plan is shipped."""
        left = {po for po in self._shipped if f"{po}-S{self._shipped[po]}" not in self._done}
        with httpx.Client(timeout=_ANSWER_SECONDS) as client:
            while left:
                for record in self._orders.new():
                    if record["po"] in left:
                        left.discard(record["po"])
                        self._ship(client, record["po"], record["number"], record["lines"])
                self._wait.wait(_PAUSE_SECONDS)

    def _ship(self, client: httpx.Client, po: str, order: str, lines: list[dict[str, Any]]) -> None:
        parts = self._shipped[po]
        for part in range(1, parts + 1):
            shipment = f"{po}-S{part}"
            if shipment in self._done:
                continue
            body = json.dumps(_confirmation(po, order, shipment, lines, part, parts)).encode()
            while not self._post(client, shipment, body):
                self._wait.wait(_PAUSE_SECONDS)
            if part % 2:
                self._post(client, shipment, body)
            os.write(self._journal, json.dumps({"po": po, "shipment": shipment}).encode() + b"\n")

    def _post(self, client: httpx.Client, shipment: str, body: bytes) -> bool:
        headers = signing.headers(self._secret, shipment, int(time.time()), body)
        headers["content-type"] = "application/json"
        try:
            reply = client.post(f"{self._hub}/v1/wms/wms/shipment-confirmations", content=body, headers=headers)
        except httpx.TransportError:
            return False
        return reply.is_success


def _confirmation(
    po: str, order: str, shipment: str, lines: list[dict[str, Any]], part: int, parts: int
) -> dict[str, Any]:
    """Two pieces of the first line; of what is open the rest is said to follow."""
    line, shipped = lines[0], 2
    open_now = int(line["quantity"]) - shipped * (part - 1)
    serial = int.from_bytes(hashlib.sha256(shipment.encode()).digest()[:4]) % 10**8
    return {
        "schema": "crossdock.shipment_confirmation/1",
        "message_id": shipment,
        "occurred_at": AT,
        "warehouse": {"code": "RNO1", "gln": "0860001234563"},
        "order": {"order_number": order, "purchase_order_number": po},
        "shipment": {
            "shipment_id": shipment,
            "shipped_at": AT,
            "final": part == parts,
            "carrier": {"scac": "UPSN", "name": "UPS", "service_code": "GND", "mode": "SMALL_PARCEL"},
            "bill_of_lading": f"BOL{serial}",
            "freight_terms": "PREPAID",
            "gross_weight": {"value": "11.50", "uom": "LBR"},
        },
        "packages": [
            {
                "package_id": "P1",
                "sscc": sscc("0860001", serial),
                "type": "CARTON",
                "items": [{"line_number": line["line_number"], "quantity": str(shipped)}],
            }
        ],
        "lines": [
            {
                "line_number": line["line_number"],
                "sku": line["sku"],
                "uom": line["uom"],
                "ordered": str(open_now),
                "picked": str(shipped),
                "shipped": str(shipped),
                "short": str(open_now - shipped),
                "short_reason": "OUT_OF_STOCK",
                "remainder": "BACKORDER",
            }
        ],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("home", "files", "orders", "journal"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--hub", required=True)
    chosen = parser.parse_args()
    Shipper(chosen.home, chosen.files, chosen.orders, chosen.journal, chosen.hub).run()


if __name__ == "__main__":
    main()
