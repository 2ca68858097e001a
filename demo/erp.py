"""The ERP: ``python -m demo.erp --port N --home DIR --secret-file FILE [--refuse PO]``.

POST /orders, /shipments, /invoices and /cash-applications with ``Idempotency-Key`` and a Standard Webhooks signature:
201 ``{"reference"}``; 200 with ``repeated`` where the key was used before; 422 where it was used with another body.
GET /idempotency/{key} tells whether a key was used. An order that is refused gets 422 CUSTOMER_BLOCKED until POST
/admin/unblock. What comes under a second key for the same order, shipment, invoice or payment is taken, as many an ERP
would, and noted as ``doubled``.
"""

from __future__ import annotations

import argparse
import hashlib
import time
from pathlib import Path

from demo import signing
from demo.endpoint import Call, Endpoint, Reply, Routes, run
from demo.journal import Journal

__all__ = ["Erp"]

BUSINESS_KEYS = {
    "orders": "purchase_order_number",
    "shipments": "shipment_id",
    "invoices": "invoice_number",
    "cash-applications": "remittance_id",
}
"""Path -> the field of which there may be one."""
PREFIXES = {"orders": "SO", "shipments": "SH", "invoices": "AR", "cash-applications": "CR"}


class Erp:
    """Takes documents. ``refused``: PO number of the order that is refused until somebody unblocks its customer."""

    def __init__(self, journal: Journal, secret: str, refused: str = "") -> None:
        self._journal = journal
        self._secret = secret
        self._refused = refused

    def routes(self) -> Routes:
        """What it answers."""
        kinds = "|".join(BUSINESS_KEYS)
        return {
            ("POST", f"/({kinds})"): self.take,
            ("GET", "/idempotency/(.+)"): self.find,
            ("POST", "/admin/unblock"): self.unblock,
        }

    def take(self, call: Call) -> Reply:
        """One document."""
        wrong = signing.fault(self._secret, call.headers, call.body, time.time())
        if wrong:
            self._journal.append("unsigned", path=call.path, reason=wrong)
            return _error(401, "BAD_SIGNATURE", wrong)
        key = call.headers.get("idempotency-key", "")
        if not key:
            return _error(400, "KEY_NEEDED", "Idempotency-Key is needed")
        kind = call.parts[0]
        number = str(call.json()[BUSINESS_KEYS[kind]])
        with self._journal.lock:
            return (
                self._repeated(key, kind, call.body)
                or self._refusal(kind, number)
                or self._book(key, kind, number, call.body)
            )

    def find(self, call: Call) -> Reply:
        """Whether a key was used."""
        record = self._journal.first("taken", key=call.parts[0])
        if record is None:
            return _error(404, "NOT_FOUND", "this key was not used")
        return Reply(200, {"reference": record["reference"]})

    def unblock(self, _call: Call) -> Reply:
        """From now on nothing is refused."""
        self._journal.append("unblocked")
        return Reply(200, {"status": "unblocked"})

    def _repeated(self, key: str, kind: str, data: bytes) -> Reply | None:
        record = self._journal.first("taken", key=key)
        if record is None:
            return None
        if (record["kind"], record["digest"]) != (kind, _digest(data)):
            self._journal.append("key_conflict", key=key, kind=kind)
            return _error(422, "KEY_REUSED", "this key was used for something else")
        self._journal.append("repeated", key=key, kind=kind)
        return Reply(200, {"reference": record["reference"], "repeated": True})

    def _refusal(self, kind: str, number: str) -> Reply | None:
        if kind != "orders" or number != self._refused or self._journal.first("unblocked"):
            return None
        self._journal.append("refused", number=number)
        return _error(422, "CUSTOMER_BLOCKED", f"the customer of order {number} is blocked")

    def _book(self, key: str, kind: str, number: str, data: bytes) -> Reply:
        if self._journal.first("taken", kind=kind, number=number):
            self._journal.append("doubled", kind=kind, number=number, key=key)
        reference = f"{PREFIXES[kind]}-{len(self._journal.all('taken', kind=kind)) + 1:06d}"
        text = data.decode()
        self._journal.append(
            "taken", key=key, kind=kind, number=number, reference=reference, digest=_digest(data), body=text
        )
        return Reply(201, {"reference": reference})


def _error(status: int, code: str, message: str) -> Reply:
    return Reply(status, {"error": {"code": code, "message": message}})


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def main() -> None:
    """Run until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m demo.erp", description="The ERP of the demo.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--secret-file", type=Path, required=True)
    parser.add_argument("--refuse", default="", help="PO number that is refused until POST /admin/unblock")
    chosen = parser.parse_args()
    journal = Journal(chosen.home / "journal.jsonl")
    erp = Erp(journal, chosen.secret_file.read_text().strip(), chosen.refuse)
    run(Endpoint(chosen.port, erp.routes()), chosen.home / "address")


if __name__ == "__main__":
    main()
