"""Avalara AvaTax: tax is asked for, recorded, committed and voided.

Service: ``quote`` (a SalesOrder, never recorded), ``record`` (kept as Saved), ``void``. Sink: the document
``tax_commit``. Requests and answers are AvaTax's own JSON; this module sets only what makes an operation that
operation (type, commit, companyCode) and passes every number through as it was written.

AvaTax has no idempotency header. The key of a transaction is company, code and type: where an answer is lost, or AvaTax
says DocumentCodeConflict, the transaction is looked up and compared before anything is said about it.

Sources: developer.avalara.com, AvaTax REST v2: "CreateTransaction", "CommitTransaction", "VoidTransaction",
"GetTransactionByCode", "Ping", "Client headers", "Errors and outages", "URI encoding of transaction codes". Built from
these pages; never run against Avalara.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any
from urllib.parse import quote

from pydantic import Field

from hub.contracts.connector import Answer, ConnectorSpec, Parcel, Probe, Question, Receipt, Settings, Site, Status
from hub.contracts.http_outcome import Reply, VendorUrl, Wire, refuse
from hub.contracts.redaction import redacted
from hub.errors import (
    AuthExpired,
    Broken,
    CrossdockError,
    KeyConflict,
    Misconfigured,
    OutcomeUnknown,
    Rejected,
    Throttled,
    Unreachable,
)

__all__ = ["SPEC", "Avatax", "AvataxSettings", "escaped_code"]

CODE_CHARACTERS_MAX = 50
REQUEST_BYTES_MAX = 4_000_000
_INCLUDE = "$include=Lines,Details,Summary"
_ESCAPES = {"%": "_-ava25-_", "/": "_-ava2f-_", "+": "_-ava2b-_", "?": "_-ava3f-_", "#": "_-ava23-_"}
_ERRORS: Mapping[str, type[CrossdockError]] = {
    "AuthenticationException": AuthExpired,
    "AuthenticationIncomplete": AuthExpired,
    "AuthorizationException": Misconfigured,
    "CompanyNotFoundError": Misconfigured,
    "EntityNotFoundError": Rejected,
    "RequestLimitExceeded": Throttled,
    "ConcurrentRequestLimitExceeded": Throttled,
    "RateLimitExceededError": Throttled,
    "TimeoutRequested": OutcomeUnknown,
    "ServerUnreachable": OutcomeUnknown,
    "UnhandledException": OutcomeUnknown,
    "InternalServerError": OutcomeUnknown,
    "DocumentCodeConflict": KeyConflict,
    "CannotModifyLockedTransaction": Rejected,
    "GetTaxError": Rejected,
    "InvalidAddress": Rejected,
    "AddressLocationNotFound": Rejected,
    "InvalidPostalCode": Rejected,
    "ValueRequiredError": Rejected,
    "JsonFormatError": Rejected,
    "ValidationException": Rejected,
}
"""AvaTax's own error codes -> what to do next; codes that are not here go by HTTP status."""


class AvataxSettings(Settings):
    """``credentials_secret`` names a secret of the form ``accountId:licenseKey``."""

    base_url: VendorUrl
    company_code: Annotated[str, Field(min_length=1, max_length=25)]
    credentials_secret: str
    connect_timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 5.0
    answer_timeout_seconds: Annotated[float, Field(gt=0, le=120)] = 30.0


class Avatax:
    """One company at Avalara."""

    def __init__(self, settings: AvataxSettings, site: Site) -> None:
        self._settings = settings
        self._site = site
        self._base = str(settings.base_url).rstrip("/") + "/api/v2"
        self._transactions = f"{self._base}/companies/{quote(settings.company_code, safe='')}/transactions"
        self._wire = Wire(
            "AvaTax",
            connect_seconds=settings.connect_timeout_seconds,
            answer_seconds=settings.answer_timeout_seconds,
        )

    def ask(self, question: Question) -> Answer:
        """``quote`` and ``record`` take a CreateTransactionModel; ``void`` takes ``facts["code"]``.

        ``facts["repeated"]`` of the answer is "true" where it was recorded or voided before.
        """
        if question.operation == "quote":
            return _answer(self._create(question.data, {"type": "SalesOrder", "commit": False}))
        if question.operation == "record":
            return self._record(question.data)
        if question.operation == "void":
            return self._void(_code(question.facts))
        raise Broken(f"AvaTax has no operation {question.operation!r}; it has quote, record and void.")

    def deliver(self, parcel: Parcel) -> Receipt:
        """Commit the transaction ``facts["code"]``; one that is committed already counts as repeated."""
        if parcel.document != "tax_commit":
            raise Misconfigured(f"AvaTax takes tax_commit, not {parcel.document!r}.", fix="check the route")
        code = _code(parcel.facts)
        reply = self._call("POST", f"{self._transactions}/{escaped_code(code)}/commit", b'{"commit": true}')
        if not reply.ok:
            committed = self.find(parcel) if reply.status in (400, 409, 422) else None
            if committed is None:
                self._refuse(reply)
            else:
                return committed
        return Receipt(reference=str(_object(reply).get("id", "")), facts={"code": code})

    def find(self, parcel: Parcel) -> Receipt | None:
        """Whether the transaction is committed."""
        code = _code(parcel.facts)
        found = self._look(code)
        if found is None or _object(found).get("status") != "Committed":
            return None
        return Receipt(reference=str(_object(found).get("id", "")), repeated=True, facts={"code": code})

    def probe(self) -> Probe:
        """Ping answers 200 to anyone; only ``authenticated`` says whether the credentials are good."""
        try:
            reply = self._call("GET", f"{self._base}/utilities/ping", safe=True)
            self._refuse(reply, safe=True)
            good = _object(reply).get("authenticated") is True
        except CrossdockError as error:
            return Probe(False, error.message, error.fix)
        return Probe(good, "AvaTax knows us" if good else "AvaTax answers, but does not accept these credentials")

    def close(self) -> None:
        self._wire.close()

    def _record(self, data: bytes) -> Answer:
        """Create as Saved. Saying it again replaces what is Saved; what is Committed is compared instead."""
        request = _exact(data)
        code = request.get("code")
        if not isinstance(code, str) or not code:
            raise Broken("a transaction to be recorded has a code")
        wanted = {"type": request.get("type", "SalesInvoice"), "commit": False}
        try:
            return _answer(self._create(data, wanted))
        except KeyConflict:
            found = self._look(code)
            if found is None:
                raise
        except OutcomeUnknown:
            found = self._look(code)
            if found is None:
                raise Unreachable("AvaTax did not answer and has not recorded it.") from None
        if not _same_transaction(request, _exact(found.body)):
            raise KeyConflict(
                f"AvaTax already has another transaction {code}.", fix="use another invoice number, or void that one"
            )
        return _answer(found, repeated=True)

    def _create(self, data: bytes, wanted: Mapping[str, Any]) -> Reply:
        if len(data) > REQUEST_BYTES_MAX:
            raise Rejected(f"A tax request of {len(data)} bytes is too large ({REQUEST_BYTES_MAX} at most).")
        request = {**_exact(data), **wanted, "companyCode": self._settings.company_code}
        reply = self._call("POST", f"{self._base}/transactions/create?{_INCLUDE}", _written(request))
        self._refuse(reply)
        return reply

    def _void(self, code: str) -> Answer:
        reply = self._call("POST", f"{self._transactions}/{escaped_code(code)}/void", b'{"code": "DocVoided"}')
        if not reply.ok:
            found = self._look(code) if reply.status in (400, 409, 422) else None
            if found is not None and _object(found).get("status") == "Cancelled":
                return _answer(found, repeated=True)
        self._refuse(reply)
        return _answer(reply)

    def _look(self, code: str) -> Reply | None:
        """The transaction as AvaTax has it, None if it has none."""
        reply = self._call("GET", f"{self._transactions}/{escaped_code(code)}?{_INCLUDE}", safe=True)
        if reply.status == 404 and _error(reply)[0] == "EntityNotFoundError":
            return None
        self._refuse(reply, safe=True)
        return reply

    def _call(self, method: str, url: str, content: bytes | None = None, *, safe: bool = False) -> Reply:
        credentials = base64.b64encode(self._site.secret(self._settings.credentials_secret).encode()).decode()
        headers = {
            "accept": "application/json",
            "authorization": f"Basic {credentials}",
            "x-avalara-client": f"Crossdock; 0.1; ; v2; {self._site.connection}",
        }
        if content is not None:
            headers["content-type"] = "application/json"
        return self._wire.call(method, url, headers=headers, content=content, safe=safe)

    def _refuse(self, reply: Reply, *, safe: bool = False) -> None:
        if reply.ok:
            return
        code, words = _error(reply)
        kind = _ERRORS.get(code)
        if kind is None or reply.status == 429:
            refuse("AvaTax", reply, code=code, words=words, now=self._site.now(), safe=safe)
        elif safe and kind is OutcomeUnknown:
            raise Unreachable(f"AvaTax: {code}: {words}", code=code)
        else:
            raise kind(f"AvaTax: {code}: {words}", code=code)


def escaped_code(code: str) -> str:
    """``code`` as it stands in a path. Raises Rejected for codes AvaTax could not tell apart."""
    if not 1 <= len(code) <= CODE_CHARACTERS_MAX or "_-ava" in code:
        raise Rejected(
            f"AvaTax cannot take {code[:60]!r} as a transaction code.",
            fix=f'use 1 to {CODE_CHARACTERS_MAX} characters without "_-ava"',
        )
    return quote("".join(_ESCAPES.get(character, character) for character in code), safe="")


def _code(facts: Mapping[str, str]) -> str:
    try:
        return facts["code"]
    except KeyError:
        raise Broken('what concerns a transaction has its code in facts["code"]') from None


def _error(reply: Reply) -> tuple[str, str]:
    """AvaTax's code and words: the first detail where there is one, it is more exact than the whole."""
    error = _object(reply).get("error")
    if not isinstance(error, dict):
        return "", ""
    details = error.get("details")
    detail = details[0] if isinstance(details, list) and details and isinstance(details[0], dict) else {}
    code = str(error.get("code") or detail.get("code") or "")
    words = [str(part) for part in (error.get("message"), detail.get("description")) if part]
    return code[:100], " ".join(dict.fromkeys(words))[:500]


def _answer(reply: Reply, *, repeated: bool = False) -> Answer:
    return Answer(data=reply.body, facts={"repeated": "true"} if repeated else {})


def _object(reply: Reply) -> dict[str, Any]:
    try:
        value = json.loads(reply.body, parse_float=Decimal)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


_NUMBER = re.compile('"\ue000([^"\ue000]*)\ue000"')


def _exact(data: bytes) -> dict[str, Any]:
    """A JSON object whose numbers are text between two private characters, so that none is rounded."""

    def mark(text: str) -> str:
        return f"\ue000{text}\ue000"

    try:
        value = json.loads(data, parse_float=mark, parse_int=mark)
    except (ValueError, RecursionError) as error:
        raise Broken("a tax request is a JSON object") from error
    if not isinstance(value, dict):
        raise Broken("a tax request is a JSON object")
    return value


def _written(value: Mapping[str, Any]) -> bytes:
    return _NUMBER.sub(r"\1", json.dumps(value, ensure_ascii=False)).encode()


def _same_transaction(request: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    """Whether what AvaTax has was made from this request: the customer and the sum of the lines say so."""
    customers = {str(request.get("customerCode")), str(found.get("customerCode", request.get("customerCode")))}
    lines = request.get("lines")
    amounts = [line.get("amount", 0) for line in lines if isinstance(line, dict)] if isinstance(lines, list) else []
    try:
        return len(customers) == 1 and sum(map(_decimal, amounts)) == _decimal(found.get("totalAmount"))
    except InvalidOperation:
        return False


def _decimal(value: Any) -> Decimal:
    return Decimal(str(value).strip("\ue000"))


SPEC = ConnectorSpec(
    id="tax_avatax",
    label="Avalara AvaTax",
    settings=AvataxSettings,
    build=Avatax,
    redact=redacted,
    status=Status.DOCUMENTED,
    docs="https://developer.avalara.com/api-reference/avatax/rest/v2/",
)
