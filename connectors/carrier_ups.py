"""UPS: where a parcel is.

Service, operation ``track``: ``facts["tracking_number"]`` gives UPS's own answer. A number UPS does not know yet is
`NotYet`; UPS says so with 404, or with 200, a warning and no package.

The access token is fetched once for all threads and kept until shortly before its end. A call that is answered 401
drops it and raises AuthExpired; the next call fetches a new one.

Sources: github.com/UPS-API/api-documentation: "OAuthClientCredentials.yaml", "Tracking.yaml". Built from these pages;
never run against UPS.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from hub.contracts.connector import Answer, ConnectorSpec, Probe, Question, Settings, Site, Status
from hub.contracts.http_outcome import Reply, VendorUrl, Wire, refuse
from hub.contracts.redaction import redacted
from hub.errors import AuthExpired, Broken, CrossdockError, Misconfigured, NotYet, Rejected, Throttled, Unreachable

__all__ = ["SPEC", "Ups", "UpsSettings"]

_NUMBER = re.compile(r"[A-Za-z0-9]{7,34}")
_QUERY = "locale=en_US&returnSignature=false&returnMilestones=false&returnPOD=false"
NOT_FOUND_RETRY_SECONDS = 3600.0
THROTTLED_RETRY_SECONDS = 60.0
TOKEN_MARGIN_SECONDS = 60.0
TOKEN_MARGIN_SHARE = 0.1
_ERRORS: Mapping[str, type[CrossdockError]] = {
    "250002": AuthExpired,
    "250003": AuthExpired,
    "TW0001": NotYet,
    "TV1002": Rejected,
    "151018": NotYet,
    "151044": NotYet,
}
"""UPS's own codes -> what to do next: invalid authentication, invalid token, not found, bad number, no information."""


class UpsSettings(Settings):
    """``credentials_secret`` names a secret of the form ``client_id:client_secret``."""

    base_url: VendorUrl
    credentials_secret: str
    merchant_id: Annotated[str, Field(pattern=r"^[A-Z0-9]{6}$")] | None = None
    transaction_source: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,40}$")] = "crossdock"
    connect_timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 5.0
    answer_timeout_seconds: Annotated[float, Field(gt=0, le=120)] = 20.0


class Ups:
    """One UPS account."""

    def __init__(self, settings: UpsSettings, site: Site) -> None:
        self._settings = settings
        self._site = site
        self._base = str(settings.base_url).rstrip("/")
        self._wire = Wire(
            "UPS",
            connect_seconds=settings.connect_timeout_seconds,
            answer_seconds=settings.answer_timeout_seconds,
        )
        self._lock = threading.Lock()
        self._token = ""
        self._token_until = 0.0

    def ask(self, question: Question) -> Answer:
        """Where the parcel is. Raises NotYet for a number UPS does not know yet."""
        if question.operation != "track":
            raise Broken(f"UPS has no operation {question.operation!r}; it has track.")
        number = question.facts.get("tracking_number", "")
        if not _NUMBER.fullmatch(number):
            raise Rejected(f"{number[:60]!r} is no UPS tracking number.", fix="it has 7 to 34 letters and digits")
        token = self._current_token()
        headers = {
            "accept": "application/json",
            "authorization": f"Bearer {token}",
            "transid": hashlib.sha256(question.key.encode()).hexdigest()[:32],
            "transactionsrc": self._settings.transaction_source,
        }
        url = f"{self._base}/api/track/v1/details/{number}?{_QUERY}"
        reply = self._wire.call("GET", url, headers=headers, safe=True)
        if reply.status == 401:
            self._drop(token)
        self._refuse(reply)
        _require_package(reply)
        return Answer(data=reply.body)

    def probe(self) -> Probe:
        """Fetching a token proves address and credentials."""
        try:
            self._current_token()
        except CrossdockError as error:
            return Probe(False, error.message, error.fix)
        return Probe(True, "UPS knows us")

    def close(self) -> None:
        self._wire.close()

    def _current_token(self) -> str:
        """One thread fetches, the others wait for it."""
        with self._lock:
            if not self._token or self._site.now() >= self._token_until:
                self._token, seconds = self._fetch_token()
                margin = max(TOKEN_MARGIN_SECONDS, seconds * TOKEN_MARGIN_SHARE)
                self._token_until = self._site.now() + seconds - margin
            return self._token

    def _drop(self, token: str) -> None:
        with self._lock:
            if self._token == token:
                self._token = ""

    def _fetch_token(self) -> tuple[str, float]:
        """``(token, seconds it lives)``. UPS writes the seconds as a string."""
        credentials = base64.b64encode(self._site.secret(self._settings.credentials_secret).encode()).decode()
        headers = {
            "accept": "application/json",
            "authorization": f"Basic {credentials}",
            "content-type": "application/x-www-form-urlencoded",
        }
        if self._settings.merchant_id:
            headers["x-merchant-id"] = self._settings.merchant_id
        reply = self._wire.call(
            "POST",
            f"{self._base}/security/v1/oauth/token",
            headers=headers,
            content=b"grant_type=client_credentials",
            safe=True,
        )
        if reply.status in (400, 401):
            raise Misconfigured("UPS does not accept the client id and secret.", fix="check the credentials secret")
        self._refuse(reply)
        answer = _object(reply)
        token, seconds = answer.get("access_token"), str(answer.get("expires_in", ""))
        if not isinstance(token, str) or not token or not (seconds.isascii() and seconds.isdigit()):
            raise Unreachable("UPS answered something that is no access token.")
        return token, float(seconds[:9])

    def _refuse(self, reply: Reply) -> None:
        if reply.ok:
            return
        code, words = _error(reply)
        if reply.status == 404 or _ERRORS.get(code) is NotYet:
            raise NotYet(f"UPS does not know this parcel yet: {words}", retry_after_seconds=NOT_FOUND_RETRY_SECONDS)
        kind = _ERRORS.get(code)
        if kind is not None:
            raise kind(f"UPS: {code}: {words}", code=code)
        try:
            refuse("UPS", reply, code=code, words=words, now=self._site.now(), safe=True)
        except Throttled as error:
            error.retry_after_seconds = error.retry_after_seconds or THROTTLED_RETRY_SECONDS
            raise


def _require_package(reply: Reply) -> None:
    """Raises NotYet where a 200 holds no package: that is how UPS says "not found" too."""
    tracked = _object(reply).get("trackResponse")
    shipments = tracked.get("shipment") if isinstance(tracked, dict) else None
    if not isinstance(shipments, list):
        raise Unreachable("UPS answered something that is no tracking answer.")
    if not any(isinstance(shipment, dict) and shipment.get("package") for shipment in shipments):
        raise NotYet("UPS has no information on this parcel yet.", retry_after_seconds=NOT_FOUND_RETRY_SECONDS)


def _error(reply: Reply) -> tuple[str, str]:
    response = _object(reply).get("response")
    errors = response.get("errors") if isinstance(response, dict) else None
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    return str(first.get("code") or "")[:40], str(first.get("message") or "")[:500]


def _object(reply: Reply) -> dict[str, Any]:
    try:
        value = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


SPEC = ConnectorSpec(
    id="carrier_ups",
    label="UPS tracking",
    settings=UpsSettings,
    build=Ups,
    redact=redacted,
    status=Status.DOCUMENTED,
    docs="https://developer.ups.com/tag/Tracking",
)
