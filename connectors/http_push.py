"""HTTP push: documents are posted to an ERP, a warehouse or anything else that speaks HTTP and JSON.

Sink. ``POST {base_url}{path of the document}`` with ``Idempotency-Key: <key>`` (draft-ietf-httpapi-idempotency-key-
header); where a signing secret is set also Standard Webhooks headers with ``webhook-id = <key>``. A 2xx answer may be
JSON ``{"reference": "…", "repeated": true}``. ``GET {base_url}{find_path}`` with ``{key}`` in it answers 200 with the
same JSON, or 404. A refusal is 4xx with ``{"error": {"code", "message"}}``; 400, 409, 422 and others like them are
`Rejected`, everything else goes by the table of `hub.contracts.http_outcome`.

Where ``batch_paths`` are set, several documents go in one call: ``POST {base_url}{batch path}`` with ``{"items":
[{"key", "document": {…}}]}`` is answered 200 ``{"results": [{"key", "reference", "repeated"?} or {"key", "error":
{"code", "message"}}]}``, each key on its own. A key without a result may have arrived.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Self
from urllib.parse import quote

import orjson
from pydantic import Field, HttpUrl, model_validator

from hub.contracts.connector import ConnectorSpec, Parcel, Probe, Receipt, Settings, Site, Status
from hub.contracts.http_outcome import KEEPALIVE_SECONDS, Reply, Wire, refuse
from hub.contracts.http_quick import QuickTransport
from hub.contracts.redaction import redacted
from hub.contracts.standard_webhooks import signed_headers, usable_secrets
from hub.errors import CrossdockError, Misconfigured, OutcomeUnknown, Rejected

__all__ = ["SPEC", "HttpPush", "HttpPushSettings"]

BODY_BYTES_MAX = 20_000_000
REFERENCE_CHARACTERS_MAX = 200
WORDS_CHARACTERS_MAX = 500
Path = Annotated[str, Field(pattern=r"^/[^\s?#]*(\?[^\s#]*)?$")]
Seconds = Annotated[float, Field(gt=0, le=300)]


class HttpPushSettings(Settings):
    """Where to, and how to prove who we are. ``paths``: document -> path; ``find_path`` holds ``{key}``.

    At most one of ``bearer_secret`` and ``basic_secret`` (its value is ``user:password``); ``signing_secrets`` are
    added to either. ``probe_path``: answers 2xx or 404 where the far end is well. ``batch_paths``: document -> path
    that takes several of them, at most ``batch_max`` in one call.
    """

    base_url: HttpUrl
    paths: dict[str, Path]
    find_path: Path | None = None
    batch_paths: dict[str, Path] = Field(default_factory=dict)
    batch_max: Annotated[int, Field(ge=1, le=1000)] = 50
    probe_path: Path = "/"
    bearer_secret: str | None = None
    basic_secret: str | None = None
    signing_secrets: tuple[str, ...] = ()
    connect_timeout_seconds: Seconds = 5.0
    answer_timeout_seconds: Seconds = 30.0

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.bearer_secret and self.basic_secret:
            msg = "give bearer_secret or basic_secret, not both"
            raise ValueError(msg)
        if self.find_path is not None and "{key}" not in self.find_path:
            msg = 'find_path holds "{key}" where the key goes, for example "/deliveries/{key}"'
            raise ValueError(msg)
        if self.base_url.username or self.base_url.password:
            msg = "base_url holds no credentials; name them with bearer_secret or basic_secret"
            raise ValueError(msg)
        return self


class HttpPush:
    """One far end."""

    def __init__(self, settings: HttpPushSettings, site: Site) -> None:
        self._settings = settings
        self._site = site
        self._base = str(settings.base_url).rstrip("/")
        self._wire = Wire(
            site.connection,
            connect_seconds=settings.connect_timeout_seconds,
            answer_seconds=settings.answer_timeout_seconds,
            transport=QuickTransport(idle_seconds=KEEPALIVE_SECONDS),
        )

    def deliver(self, parcel: Parcel) -> Receipt:
        """Post once. Raises as said in `hub.contracts.http_outcome`; Misconfigured where the document has no path."""
        path = self._path(parcel.document)
        if len(parcel.data) > BODY_BYTES_MAX:
            raise Rejected(f"A document of {len(parcel.data)} bytes is too large to post ({BODY_BYTES_MAX} at most).")
        return _receipt(self._post(path, parcel.key, parcel.data, parcel.media_type))

    @property
    def is_blind(self) -> bool:
        """Whether its far end has no way to look."""
        return self._settings.find_path is None

    @property
    def batch_max(self) -> int:
        """Documents in one call at most."""
        return self._settings.batch_max if self._settings.batch_paths else 1

    def deliver_many(self, parcels: Sequence[Parcel]) -> list[Receipt | CrossdockError]:
        """Post each once, those of one path together; one answer for each, in order. Raises nothing itself."""
        answers: dict[str, Receipt | CrossdockError] = {}
        for path, group in self._grouped(parcels):
            try:
                if path is None:
                    answers[group[0].key] = self.deliver(group[0])
                else:
                    answers |= self._post_batch(path, group)
            except CrossdockError as error:
                answers |= dict.fromkeys((parcel.key for parcel in group), error)
        return [answers[parcel.key] for parcel in parcels]

    def _grouped(self, parcels: Sequence[Parcel]) -> Iterator[tuple[str | None, list[Parcel]]]:
        """Parcels that share a path and a body; those that cannot share one come alone, without a path."""
        groups: dict[str, list[Parcel]] = {}
        for parcel in parcels:
            path = self._settings.batch_paths.get(parcel.document)
            if path is None or not _is_json(parcel.data):
                yield None, [parcel]
            else:
                groups.setdefault(path, []).append(parcel)
        for path, group in groups.items():
            begin, size = 0, 0
            for index, parcel in enumerate(group):
                size += len(parcel.data)
                if index > begin and (size > BODY_BYTES_MAX or index - begin >= self._settings.batch_max):
                    yield path, group[begin:index]
                    begin, size = index, len(parcel.data)
            yield path, group[begin:]

    def _post_batch(self, path: str, parcels: Sequence[Parcel]) -> dict[str, Receipt | CrossdockError]:
        items = (b'{"key":' + orjson.dumps(parcel.key) + b',"document":' + parcel.data + b"}" for parcel in parcels)
        digest = hashlib.sha256("\n".join(parcel.key for parcel in parcels).encode()).hexdigest()
        reply = self._post(path, f"batch-{digest[:32]}", b'{"items":[' + b",".join(items) + b"]}", "application/json")
        told = _object(reply.body).get("results")
        results = (
            {entry.get("key"): entry for entry in told if isinstance(entry, dict)} if isinstance(told, list) else {}
        )
        return {parcel.key: self._result(results.get(parcel.key), reply) for parcel in parcels}

    def _result(self, result: dict[str, Any] | None, reply: Reply) -> Receipt | CrossdockError:
        """What the answer to a batch says of one document."""
        if result is None:
            return OutcomeUnknown(f"{self._site.connection} answered without a word about this document.")
        if "error" in result:
            code, words = (text[:WORDS_CHARACTERS_MAX] for text in _words(result))
            said = f"{self._site.connection} refused it" + (f" ({code})" if code else "") + f": {words or 'no reason'}"
            return Rejected(said, fix="change what the far end names, then replay", code=code)
        return _told(result, reply.status)

    def _post(self, path: str, key: str, data: bytes, media_type: str) -> Reply:
        headers = self._headers() | {"content-type": media_type, "idempotency-key": key}
        if self._settings.signing_secrets:
            secrets = usable_secrets(self._site.secret, self._settings.signing_secrets)
            headers |= signed_headers(secrets, key, self._site.now(), data)
        reply = self._wire.call("POST", self._base + path, headers=headers, content=data)
        self._refuse(reply)
        return reply

    def find(self, parcel: Parcel) -> Receipt | None:
        """Ask for the key. Raises Rejected where the settings name no way to look."""
        if self._settings.find_path is None:
            raise Rejected(
                f"{self._site.connection} has no way to look whether it has a document.",
                fix="set find_path, or let the route send again after an unknown outcome",
            )
        path = self._settings.find_path.replace("{key}", quote(parcel.key, safe=""))
        reply = self._wire.call("GET", self._base + path, headers=self._headers(), safe=True)
        if reply.status == 404:
            return None
        self._refuse(reply, safe=True)
        found = _receipt(reply)
        return Receipt(reference=found.reference, repeated=True, facts=found.facts)

    def probe(self) -> Probe:
        try:
            usable_secrets(self._site.secret, self._settings.signing_secrets)
            url = self._base + self._settings.probe_path
            reply = self._wire.call("GET", url, headers=self._headers(), safe=True)
            if reply.status not in (404, 405):
                self._refuse(reply, safe=True)
        except CrossdockError as error:
            return Probe(False, error.message, error.fix)
        return Probe(True, f"{self._base} answers")

    def close(self) -> None:
        self._wire.close()

    def _path(self, document: str) -> str:
        try:
            return self._settings.paths[document]
        except KeyError:
            known = ", ".join(sorted(self._settings.paths)) or "none"
            raise Misconfigured(
                f"{self._site.connection} has no path for {document!r}; it has: {known}.",
                fix=f"add paths.{document} to its settings",
            ) from None

    def _headers(self) -> dict[str, str]:
        settings = self._settings
        headers = {"accept": "application/json", "user-agent": "crossdock"}
        if settings.bearer_secret:
            headers["authorization"] = f"Bearer {self._site.secret(settings.bearer_secret)}"
        if settings.basic_secret:
            credentials = base64.b64encode(self._site.secret(settings.basic_secret).encode()).decode()
            headers["authorization"] = f"Basic {credentials}"
        return headers

    def _refuse(self, reply: Reply, *, safe: bool = False) -> None:
        if not reply.ok:
            code, words = _refusal(reply.body)
            refuse(self._site.connection, reply, code=code, words=words, now=self._site.now(), safe=safe)


def _receipt(reply: Reply) -> Receipt:
    """What a 2xx answer says; one that is no JSON object says nothing but that the far end has it."""
    return _told(_object(reply.body), reply.status)


def _told(answer: dict[str, Any], status: int) -> Receipt:
    reference = answer.get("reference")
    text = str(reference)[:REFERENCE_CHARACTERS_MAX] if isinstance(reference, str | int) else ""
    return Receipt(reference=text, repeated=answer.get("repeated") is True, facts={"status": str(status)})


def _refusal(body: bytes) -> tuple[str, str]:
    """Code and words of ``{"error": {"code", "message"}}`` or ``{"error": "…", "message": "…"}``."""
    return _words(_object(body))


def _words(answer: dict[str, Any]) -> tuple[str, str]:
    error = answer.get("error")
    if isinstance(error, dict):
        return str(error.get("code") or ""), str(error.get("message") or "")
    return str(error or ""), str(answer.get("message") or answer.get("detail") or "")


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _is_json(data: bytes) -> bool:
    """Whether it may stand in the body of a batch as it is."""
    try:
        orjson.loads(data)
    except orjson.JSONDecodeError:
        return False
    return True


SPEC = ConnectorSpec(
    id="http_push",
    label="HTTP push",
    settings=HttpPushSettings,
    build=HttpPush,
    redact=redacted,
    status=Status.CERTIFIED,
    docs="https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/",
)
