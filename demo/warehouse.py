"""The warehouse: ``python -m demo.warehouse --port N --home DIR --hub URL --order-secret-file F --secret-file F``.

Takes orders by POST /orders. For each it posts, by itself, a pick confirmation and a ship confirmation to the hub,
signed as Standard Webhooks says, until they are taken; then the ship confirmation a second time, byte for byte. What it
lacks is short and back-ordered. Every order leaves in two cartons.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import json
import threading
import time
from collections.abc import Iterable
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from demo import signing
from demo.endpoint import Call, Endpoint, Reply, Routes, run
from demo.journal import Journal, Record
from demo.marks import sscc, tracking_number

__all__ = ["Warehouse"]

SITE = {"code": "RNO1", "gln": "0860001234563"}
GS1_PREFIX = "0860001"
SHIPPER = "8A7E42"
ZONE = timezone(timedelta(hours=-8))
CARTONS = 2
RETRY_SECONDS = 0.5
POSTS = (("pick", "pick-confirmations"), ("ship", "shipment-confirmations"), ("ship_again", "shipment-confirmations"))
"""What is posted for an order, in this order, and where."""


class Warehouse:
    """``secrets``: what orders are signed with, and what confirmations. ``hub``: base URL of its inbound connection.

    ``stock``: SKUs of which there is only so much.
    """

    def __init__(self, journal: Journal, secrets: tuple[str, str], hub: str, stock: dict[str, Decimal]) -> None:
        self._journal = journal
        self._order_secret, self._secret = secrets
        self._hub = hub
        self._stock = stock
        self._work = threading.Event()
        self._end = threading.Event()

    def routes(self) -> Routes:
        """What it answers."""
        return {("POST", "/orders"): self.take, ("GET", "/idempotency/(.+)"): self.find}

    def take(self, call: Call) -> Reply:
        """One order; the same key again is answered as repeated, the same order under another key is noted."""
        wrong = signing.fault(self._order_secret, call.headers, call.body, time.time())
        if wrong:
            self._journal.append("unsigned", path=call.path, reason=wrong)
            return Reply(401, {"error": {"code": "BAD_SIGNATURE", "message": wrong}})
        order, key = call.json(), call.headers.get("idempotency-key", "")
        number, digest = str(order["order_number"]), hashlib.sha256(call.body).hexdigest()
        with self._journal.lock:
            before = self._journal.first("order", key=key)
            if before and before["digest"] != digest:
                return Reply(422, {"error": {"code": "KEY_REUSED", "message": "this key was used for something else"}})
            if before:
                self._journal.append("repeated", key=key)
                return Reply(200, {"reference": before["reference"], "repeated": True})
            if self._journal.first("order", number=number):
                self._journal.append("doubled", number=number, key=key)
            reference = f"WH-{len(self._journal.all('order')) + 1:05d}"
            text = call.body.decode()
            self._journal.append("order", key=key, number=number, reference=reference, digest=digest, body=text)
        self._work.set()
        return Reply(201, {"reference": reference})

    def find(self, call: Call) -> Reply:
        """Whether a key was used."""
        record = self._journal.first("order", key=call.parts[0])
        if record is None:
            return Reply(404, {"error": {"code": "NOT_FOUND", "message": "this key was not used"}})
        return Reply(200, {"reference": record["reference"]})

    def start(self) -> None:
        """Begin to pick, ship and confirm; what was begun before is gone on with."""
        threading.Thread(target=self._run, daemon=True).start()

    def stop(self) -> None:
        """Make no further confirmation."""
        self._end.set()
        self._work.set()

    def _run(self) -> None:
        while not self._end.is_set():
            self._work.clear()
            waiting = [post for record in self._journal.all("order") for post in self._posts(record)]
            for post in waiting:
                self._post(*post)
            self._work.wait(RETRY_SECONDS if waiting else None)

    def _posts(self, record: Record) -> Iterable[tuple[str, str, Record]]:
        """The next post of an order, if one is left."""
        order = json.loads(record["body"], parse_float=Decimal)
        for kind, path in POSTS:
            if self._journal.first("posted", number=record["number"], kind=kind) is None:
                yield kind, path, self._confirmation(record["reference"], order, kind)
                return

    def _confirmation(self, reference: str, order: dict[str, Any], kind: str) -> Record:
        """What is posted: made once, and the same bytes ever after."""
        wanted = "ship" if kind == "ship_again" else kind
        made = self._journal.first("made", number=order["order_number"], kind=wanted)
        if made:
            return made
        picked = self._picked(order)
        body = _pick(reference, order, picked) if kind == "pick" else self._ship(reference, order, picked)
        return self._journal.append(
            "made",
            number=order["order_number"],
            kind=wanted,
            id=body["message_id"],
            picked={line["line_number"]: str(picked[line["line_number"]]) for line in order["lines"]},
            skus={line["line_number"]: line["sku"] for line in order["lines"]},
            cartons=len(body.get("packages", ())),
            body=json.dumps(body),
        )

    def _picked(self, order: dict[str, Any]) -> dict[str, Decimal]:
        """How much of each line there is; what other orders took is gone."""
        pick = self._journal.first("made", number=order["order_number"], kind="pick")
        if pick:
            return {line: Decimal(amount) for line, amount in pick["picked"].items()}
        left = dict(self._stock)
        for record in self._journal.all("made", kind="pick"):
            for line, sku in record["skus"].items():
                if sku in left:
                    left[sku] -= Decimal(record["picked"][line])
        picked = {}
        for line in order["lines"]:
            wanted = Decimal(line["quantity"])
            picked[line["line_number"]] = min(wanted, left.get(line["sku"], wanted))
            if line["sku"] in left:
                left[line["sku"]] -= picked[line["line_number"]]
        return picked

    def _ship(self, reference: str, order: dict[str, Any], picked: dict[str, Decimal]) -> dict[str, Any]:
        serial = sum(record["cartons"] for record in self._journal.all("made", kind="ship"))
        packages = [
            {
                "package_id": f"P{index + 1}",
                "sscc": sscc(GS1_PREFIX, serial + index + 1),
                "parent_package_id": None,
                "type": "CARTON",
                "tracking_number": tracking_number(SHIPPER, serial + index + 1),
                "weight": {"value": "11.50", "uom": "LBR"},
                "dimensions": {"length": "18", "width": "12", "height": "10", "uom": "INH"},
                "items": items,
            }
            for index, items in enumerate(_packed(picked))
        ]
        return _shipment(reference, order, packages, [_line(line, picked) for line in order["lines"]])

    def _post(self, kind: str, path: str, made: Record) -> None:
        body = made["body"].encode()
        headers = signing.headers(self._secret, made["id"], int(time.time()), body)
        try:
            status, answer = _send(f"{self._hub}/{path}", body, headers)
        except OSError as error:
            # The hub is away, or its answer was lost: the same bytes go again under the same id.
            self._note("unanswered", made["number"], kind, reason=type(error).__name__)
            return
        if 200 <= status < 300:
            self._journal.append(
                "posted", number=made["number"], kind=kind, status=status, duplicate=answer.get("duplicate") is True
            )
            self._work.set()
        else:
            self._note("turned_down", made["number"], kind, status=status, answer=json.dumps(answer)[:500])

    def _note(self, event: str, number: str, kind: str, **facts: Any) -> None:
        """Notes what went wrong, once however often it goes wrong the same way."""
        if self._journal.first(event, number=number, kind=kind, **facts) is None:
            self._journal.append(event, number=number, kind=kind, **facts)


def _packed(picked: dict[str, Decimal]) -> list[list[dict[str, Any]]]:
    """Each line shared out over the cartons; a line of one piece lies in the first."""
    cartons: list[list[dict[str, Any]]] = [[] for _ in range(CARTONS)]
    for line, amount in picked.items():
        half = amount // CARTONS
        for carton, share in zip(cartons, (amount - half, half), strict=True):
            if share:
                carton.append({"line_number": line, "quantity": str(share), "lots": [], "serials": []})
    return [carton for carton in cartons if carton]


def _pick(reference: str, order: dict[str, Any], picked: dict[str, Decimal]) -> dict[str, Any]:
    return {
        "schema": "crossdock.pick_confirmation/1",
        "message_id": f"{reference}-PICK",
        "occurred_at": _now(),
        "warehouse": SITE,
        "order": _order(order),
        "lines": [
            {name: line[name] for name in ("line_number", "uom", "ordered", "picked", "short", "short_reason")}
            for line in (_line(entry, picked) for entry in order["lines"])
        ],
    }


def _shipment(
    reference: str, order: dict[str, Any], packages: list[dict[str, Any]], lines: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "schema": "crossdock.shipment_confirmation/1",
        "message_id": f"{reference}-SHIP",
        "occurred_at": _now(),
        "warehouse": SITE,
        "order": {**_order(order), "release": None},
        "shipment": {
            "shipment_id": f"SHP-{reference.removeprefix('WH-')}",
            "shipped_at": _now(),
            "final": not any(Decimal(line["short"]) for line in lines),
            "carrier": {"scac": "UPSN", "name": "UPS", "service_code": "GND", "mode": "SMALL_PARCEL"},
            "bill_of_lading": f"BOL-{reference.removeprefix('WH-')}",
            "pro_number": None,
            "trailer": None,
            "seal": None,
            "freight_terms": "PREPAID",
            "gross_weight": {"value": str(Decimal("11.50") * len(packages)), "uom": "LBR"},
        },
        "packages": packages,
        "lines": lines,
    }


def _line(line: dict[str, Any], picked: dict[str, Decimal]) -> dict[str, Any]:
    ordered, shipped = Decimal(line["quantity"]), picked[line["line_number"]]
    short = ordered - shipped
    return {
        "line_number": line["line_number"],
        "sku": line["sku"],
        "gtin": line.get("gtin"),
        "uom": line["uom"],
        "ordered": str(ordered),
        "picked": str(shipped),
        "shipped": str(shipped),
        "short": str(short),
        "short_reason": "OUT_OF_STOCK" if short else None,
        "remainder": "BACKORDER" if short else None,
        "substitution_for": None,
    }


def _order(order: dict[str, Any]) -> dict[str, Any]:
    return {name: order[name] for name in ("order_number", "purchase_order_number")}


def _now() -> str:
    return datetime.now(ZONE).isoformat(timespec="seconds")


def _send(url: str, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
    """Status and JSON answer; raises OSError where none comes."""
    target = urlsplit(url)
    connection = http.client.HTTPConnection(target.hostname or "", target.port, timeout=10)
    try:
        connection.request("POST", target.path, body, {"Content-Type": "application/json", **headers})
        response = connection.getresponse()
        data = response.read(1_000_000)
    except http.client.HTTPException as error:
        raise ConnectionError(str(error)) from error
    finally:
        connection.close()
    try:
        answer = json.loads(data)
    except ValueError:
        answer = None
    return response.status, answer if isinstance(answer, dict) else {}


def _stock(text: str) -> tuple[str, Decimal]:
    sku, _, amount = text.partition("=")
    return sku, Decimal(amount)


def main() -> None:
    """Run until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m demo.warehouse", description="The warehouse of the demo.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--hub", required=True, help="base URL of the hub's inbound connection")
    parser.add_argument("--order-secret-file", type=Path, required=True, help="what the hub signs orders with")
    parser.add_argument("--secret-file", type=Path, required=True, help="what confirmations are signed with")
    parser.add_argument("--stock", type=_stock, action="append", default=[], help="SKU=N: there is only so much")
    chosen = parser.parse_args()
    journal = Journal(chosen.home / "journal.jsonl")
    secrets = chosen.order_secret_file.read_text().strip(), chosen.secret_file.read_text().strip()
    warehouse = Warehouse(journal, secrets, chosen.hub, dict(chosen.stock))
    warehouse.start()
    run(Endpoint(chosen.port, warehouse.routes()), chosen.home / "address")
    warehouse.stop()


if __name__ == "__main__":
    main()
