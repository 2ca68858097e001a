"""The parcel carrier: ``python -m demo.carrier --port N --home DIR --credentials-file FILE``.

Shaped like UPS (developer.ups.com: OAuth client credentials, Tracking). Every parcel goes one step at each look: label
made, in transit, out for delivery, delivered. A number that is none gets 200 with a warning and no package, as at UPS.
"""

from __future__ import annotations

import argparse
import base64
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from demo.endpoint import Call, Endpoint, Reply, Routes, run
from demo.journal import Journal
from demo.marks import tracking_check_digit

__all__ = ["RECEIVED_BY", "STAGES", "Carrier"]

RECEIVED_BY = "RECEIVING DOCK"
LIFETIME_SECONDS = 14399


@dataclass(frozen=True, slots=True)
class Stage:
    """One scan: UPS status type, code, three-digit status code, words, place."""

    type: str
    code: str
    status_code: str
    description: str
    city: str
    region: str


STAGES = (
    Stage("M", "MP", "003", "Shipper created a label, UPS has not received the package yet.", "Reno", "NV"),
    Stage("I", "DP", "005", "Departed from Facility", "Sparks", "NV"),
    Stage("I", "OT", "021", "Out For Delivery", "Dallas", "TX"),
    Stage("D", "FS", "011", "Delivered", "Dallas", "TX"),
)


class Carrier:
    """``credentials``: ``client_id:client_secret``.

    Tokens live in memory: after a restart, callers must ask for a new one.
    """

    def __init__(self, journal: Journal, credentials: str) -> None:
        self._journal = journal
        self._client = credentials.partition(":")[0]
        self._credentials = b"Basic " + base64.b64encode(credentials.encode())
        self._tokens: dict[str, float] = {}

    def routes(self) -> Routes:
        """What it answers."""
        return {
            ("POST", "/security/v1/oauth/token"): self.token,
            ("GET", "/api/track/v1/details/([^/]+)"): self.details,
        }

    def token(self, call: Call) -> Reply:
        """A bearer token for client credentials; all values are strings, as at UPS."""
        given = (call.headers.get("authorization") or "").encode()
        if not hmac.compare_digest(given, self._credentials) or b"grant_type=client_credentials" not in call.body:
            return _error(401, "10401", "ClientId is Invalid")
        token = secrets.token_urlsafe(32)
        self._tokens[token] = time.time() + LIFETIME_SECONDS
        return Reply(
            200,
            {
                "token_type": "Bearer",
                "issued_at": str(int(time.time() * 1000)),
                "client_id": self._client,
                "access_token": token,
                "expires_in": str(LIFETIME_SECONDS),
                "refresh_count": "0",
                "status": "approved",
            },
        )

    def details(self, call: Call) -> Reply:
        """All scans of a parcel so far, newest first."""
        scheme, _, token = (call.headers.get("authorization") or "").partition(" ")
        if scheme.lower() != "bearer" or self._tokens.get(token, 0.0) < time.time():
            return _error(401, "250002", "Invalid Authentication Information.")
        if not (call.headers.get("transid") and call.headers.get("transactionsrc")):
            return _error(400, "TV1001", "Missing transId or transactionSrc")
        number = call.parts[0]
        if not _is_ours(number):
            warning = {"code": "TW0001", "message": "Tracking Information Not Found"}
            return Reply(200, {"trackResponse": {"shipment": [{"inquiryNumber": number, "warnings": [warning]}]}})
        with self._journal.lock:
            seen = len(self._journal.all("scanned", tracking=number))
            if seen < len(STAGES):
                self._journal.append("scanned", tracking=number, status=STAGES[seen].status_code)
            scans = self._journal.all("scanned", tracking=number)
        self._journal.append("asked", tracking=number, status=scans[-1]["status"])
        return Reply(200, _details(number, [datetime.fromisoformat(scan["at"]) for scan in scans]))


def _is_ours(number: str) -> bool:
    body = number[2:-1]
    fits = len(number) == 18 and number.startswith("1Z") and body.isalnum() and body.isascii() and body.isupper()
    return (fits or body.isdigit()) and tracking_check_digit(body) == number[-1]


def _details(number: str, times: list[datetime]) -> dict[str, Any]:
    # Scans a second apart at least, so that their order can be told from their times.
    first = times[0].astimezone(UTC).replace(microsecond=0)
    moments = [max(at.astimezone(UTC), first + timedelta(seconds=index)) for index, at in enumerate(times)]
    activity = [_activity(stage, at) for stage, at in zip(STAGES, moments, strict=False)][::-1]
    package: dict[str, Any] = {
        "trackingNumber": number,
        "currentStatus": {"code": activity[0]["status"]["statusCode"], **activity[0]["status"]},
        "activity": activity,
        "packageCount": 1,
    }
    if len(moments) == len(STAGES):
        package["deliveryDate"] = [{"type": "DEL", "date": f"{moments[-1]:%Y%m%d}"}]
        package["deliveryTime"] = {"type": "DEL", "endTime": f"{moments[-1]:%H%M%S}"}
        package["deliveryInformation"] = {"receivedBy": RECEIVED_BY, "location": "Dock"}
    return {"trackResponse": {"shipment": [{"inquiryNumber": number, "package": [package]}]}}


def _activity(stage: Stage, at: datetime) -> Mapping[str, Any]:
    return {
        "location": {"address": {"city": stage.city, "stateProvince": stage.region, "countryCode": "US"}},
        "status": {
            "type": stage.type,
            "code": stage.code,
            "statusCode": stage.status_code,
            "description": stage.description,
        },
        "date": f"{at:%Y%m%d}",
        "time": f"{at:%H%M%S}",
        "gmtDate": f"{at:%Y%m%d}",
        "gmtTime": f"{at:%H:%M:%S}",
        "gmtOffset": "+00:00",
    }


def _error(status: int, code: str, message: str) -> Reply:
    return Reply(status, {"response": {"errors": [{"code": code, "message": message}]}})


def main() -> None:
    """Run until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m demo.carrier", description="The parcel carrier of the demo.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--credentials-file", type=Path, required=True, help="holds client_id:client_secret")
    chosen = parser.parse_args()
    carrier = Carrier(Journal(chosen.home / "journal.jsonl"), chosen.credentials_file.read_text().strip())
    run(Endpoint(chosen.port, carrier.routes()), chosen.home / "address")


if __name__ == "__main__":
    main()
