"""The tax engine: ``python -m demo.tax_engine --port N --home DIR --credentials-file FILE [--fail-first N]``.

Shaped like AvaTax REST v2 (developer.avalara.com/api-reference/avatax/rest/v2): Basic auth, ping that answers 200 even
to strangers, transactions created, looked at, committed and voided by company and code. 6.25 % state and 2 % city tax
on every line whose tax code does not begin with NT, computed a line, rounded half up to cents.
"""

from __future__ import annotations

import argparse
import base64
import hmac
import json
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

from demo.endpoint import Call, Endpoint, Reply, Routes, dumps, run
from demo.journal import Journal

__all__ = ["RATE", "TaxEngine", "tax_on"]

STATE_RATE = Decimal("0.0625")
CITY_RATE = Decimal("0.02")
RATE = STATE_RATE + CITY_RATE
CENT = Decimal("0.01")
RETRY_AFTER_SECONDS = 1


def tax_on(amount: Decimal) -> Decimal:
    """The tax on one line, in cents rounded half up."""
    return (amount * RATE).quantize(CENT, ROUND_HALF_UP)


class TaxEngine:
    """``credentials``: ``accountId:licenseKey``.

    ``fail_first``: how many calls that create a transaction are turned away with 503.
    """

    def __init__(self, journal: Journal, credentials: str, fail_first: int = 0) -> None:
        self._journal = journal
        self._credentials = b"Basic " + base64.b64encode(credentials.encode())
        self._account = credentials.partition(":")[0]
        self._fail_first = fail_first

    def routes(self) -> Routes:
        """What it answers."""
        one = "/api/v2/companies/([^/]+)/transactions/([^/]+)"
        return {
            ("GET", "/api/v2/utilities/ping"): self.ping,
            ("POST", "/api/v2/transactions/create"): self.create,
            ("POST", "/api/v2/transactions/createoradjust"): self.create_or_adjust,
            ("GET", one): self.get,
            ("POST", one + "/commit"): self.commit,
            ("POST", one + "/void"): self.void,
            ("POST", "/admin/fail"): self.fail,
        }

    def ping(self, call: Call) -> Reply:
        """Who is calling; never an error."""
        known = self._known(call)
        return Reply(
            200,
            {
                "version": "demo",
                "authenticated": known,
                "authenticationType": "AccountIdLicenseKey" if known else "None",
                "authenticatedAccountId": int(self._account) if known and self._account.isdigit() else 0,
            },
        )

    def create(self, call: Call) -> Reply:
        """Records a transaction; one that is committed already is a conflict."""
        return self._create(call, call.json)

    def create_or_adjust(self, call: Call) -> Reply:
        """The same with the model one level down."""
        return self._create(call, lambda: call.json()["createTransactionModel"])

    def get(self, call: Call) -> Reply:
        """A transaction by company and code."""
        stored = self._stored(*call.parts)
        return self._stranger(call) or (Reply(200, stored) if stored else _missing(call.parts[1]))

    def commit(self, call: Call) -> Reply:
        """Makes a saved transaction final; again is harmless."""
        return self._move(call, "committed", "Committed")

    def void(self, call: Call) -> Reply:
        """Cancels a transaction."""
        return self._move(call, "voided", "Cancelled")

    def fail(self, call: Call) -> Reply:
        """``{"calls": N}``: so many more creations are turned away."""
        self._journal.append("told_to_fail", calls=int(call.json()["calls"]))
        return Reply(200, {"status": "failing"})

    def _create(self, call: Call, model: Any) -> Reply:
        stranger = self._stranger(call)
        if stranger:
            return stranger
        with self._journal.lock:
            if self._overloaded():
                self._journal.append("turned_away")
                busy = _error("ServerUnreachable", 500, "The server is busy.")
                return Reply(503, busy, {"Retry-After": str(RETRY_AFTER_SECONDS)})
            return self._record(model())

    def _record(self, asked: dict[str, Any]) -> Reply:
        for name in ("lines", "date", "customerCode"):
            if not asked.get(name):
                return Reply(400, _error("ValueRequiredError", 5, f"Field {name} is required.", name))
        answer = _answer(asked)
        if answer["status"] == "Temporary":
            return Reply(201, answer)
        before = self._stored(answer["companyCode"], answer["code"])
        if before and before["status"] == "Committed":
            return Reply(400, _error("DocumentCodeConflict", 303, f"{answer['code']} is committed already."))
        answer["version"] = before["version"] + 1 if before else 1
        answer["id"] = before["id"] if before else len(self._journal.all("saved")) + 1
        self._keep("saved", answer)
        return Reply(201, answer)

    def _move(self, call: Call, event: str, status: str) -> Reply:
        stranger = self._stranger(call)
        if stranger:
            return stranger
        with self._journal.lock:
            stored = self._stored(*call.parts)
            if stored is None:
                return _missing(call.parts[1])
            if stored["status"] == status:
                self._journal.append("repeated", code=stored["code"], status=status)
            elif stored["status"] == "Cancelled":
                return Reply(400, _error("CannotModifyVoidedTransaction", 320, f"{stored['code']} is voided."))
            else:
                stored = {**stored, "status": status}
                self._keep(event, stored)
            return Reply(200, stored)

    def _keep(self, event: str, answer: dict[str, Any]) -> None:
        facts = {name: answer[name] for name in ("companyCode", "code", "purchaseOrderNo", "status")}
        self._journal.append(event, **facts, total=str(answer["totalTax"]), body=dumps(answer))

    def _stored(self, company: str, code: str) -> dict[str, Any] | None:
        known = [record for record in self._journal.records if record.get("code") == code and "body" in record]
        mine = [record for record in known if record["companyCode"] == company]
        return json.loads(mine[-1]["body"], parse_float=Decimal) if mine else None

    def _overloaded(self) -> bool:
        told = sum(int(record["calls"]) for record in self._journal.all("told_to_fail"))
        return len(self._journal.all("turned_away")) < self._fail_first + told

    def _known(self, call: Call) -> bool:
        given = (call.headers.get("authorization") or "").encode()
        return hmac.compare_digest(given, self._credentials)

    def _stranger(self, call: Call) -> Reply | None:
        if self._known(call):
            return None
        return Reply(401, _error("AuthenticationException", 30, "Authentication failed."))


def _answer(asked: dict[str, Any]) -> dict[str, Any]:
    lines = [_line(entry) for entry in asked["lines"]]
    tax = sum((line["tax"] for line in lines), Decimal(0))
    taxable = sum((line["taxableAmount"] for line in lines), Decimal(0))
    total = sum((line["lineAmount"] for line in lines), Decimal(0))
    kind = asked.get("type") or "SalesOrder"
    saved = "Committed" if asked.get("commit") is True else "Saved"
    return {
        "id": 0,
        "code": str(asked.get("code") or ""),
        "companyCode": str(asked.get("companyCode") or "DEFAULT"),
        "date": asked["date"],
        "status": saved if kind.endswith("Invoice") else "Temporary",
        "type": kind,
        "currencyCode": asked.get("currencyCode") or "USD",
        "customerCode": asked["customerCode"],
        "purchaseOrderNo": str(asked.get("purchaseOrderNo") or ""),
        "totalAmount": total,
        "totalExempt": total - taxable,
        "totalDiscount": Decimal(0),
        "totalTaxable": taxable,
        "totalTax": tax,
        "totalTaxCalculated": tax,
        "taxDate": asked["date"],
        "locked": False,
        "version": 1,
        "lines": lines,
        "summary": _summary(lines),
        "messages": [],
    }


def _line(asked: dict[str, Any]) -> dict[str, Any]:
    amount = Decimal(str(asked["amount"]))
    code = str(asked.get("taxCode") or "P0000000")
    taxable = Decimal(0) if code.startswith("NT") else amount
    tax = tax_on(taxable)
    state = (taxable * STATE_RATE).quantize(CENT, ROUND_HALF_UP)
    return {
        "lineNumber": str(asked["number"]),
        "quantity": Decimal(str(asked.get("quantity") or 1)),
        "lineAmount": amount,
        "taxableAmount": taxable,
        "exemptAmount": amount - taxable,
        "tax": tax,
        "taxCode": code,
        "details": [
            _detail("State", "48", "TEXAS", STATE_RATE, taxable, state),
            _detail("City", "2057220", "DALLAS", CITY_RATE, taxable, tax - state),
        ],
    }


def _detail(kind: str, code: str, name: str, rate: Decimal, taxable: Decimal, tax: Decimal) -> dict[str, Any]:
    return {
        "jurisdictionType": kind,
        "jurisCode": code,
        "jurisName": name,
        "region": "TX",
        "country": "US",
        "rate": rate,
        "taxableAmount": taxable,
        "tax": tax,
        "taxName": f"TX {kind.upper()} TAX",
        "taxType": "Sales",
        "rateType": "General",
    }


def _summary(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    summary: dict[str, dict[str, Any]] = {}
    for line in lines:
        for detail in line["details"]:
            entry = summary.setdefault(
                detail["jurisName"],
                {
                    "country": "US",
                    "region": "TX",
                    "jurisType": detail["jurisdictionType"],
                    "jurisCode": detail["jurisCode"],
                    "jurisName": detail["jurisName"],
                    "taxName": detail["taxName"],
                    "taxType": "Sales",
                    "rate": detail["rate"],
                    "taxable": Decimal(0),
                    "tax": Decimal(0),
                    "nonTaxable": Decimal(0),
                    "exemption": Decimal(0),
                },
            )
            entry["taxable"] += detail["taxableAmount"]
            entry["tax"] += detail["tax"]
    return [{**entry, "taxCalculated": entry["tax"]} for entry in summary.values()]


def _missing(code: str) -> Reply:
    return Reply(404, _error("EntityNotFoundError", 4, f"Transaction {code} is not known."))


def _error(code: str, number: int, message: str, target: str = "Unknown") -> dict[str, Any]:
    detail = {"code": code, "number": number, "message": message, "description": message, "severity": "Error"}
    return {"error": {"code": code, "message": message, "target": target, "details": [detail]}}


def main() -> None:
    """Run until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m demo.tax_engine", description="The tax engine of the demo.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--credentials-file", type=Path, required=True, help="holds accountId:licenseKey")
    parser.add_argument("--fail-first", type=int, default=0, help="answer 503 to so many creations")
    chosen = parser.parse_args()
    credentials = chosen.credentials_file.read_text().strip()
    engine = TaxEngine(Journal(chosen.home / "journal.jsonl"), credentials, chosen.fail_first)
    run(Endpoint(chosen.port, engine.routes()), chosen.home / "address")


if __name__ == "__main__":
    main()
