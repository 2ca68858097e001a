"""HTTP inbound: warehouses post confirmations, partners post EDI, and are answered when the hub owns the bytes.

Listener. The hub mounts `HttpInbound.router` in its own server; `HttpInbound.start` runs a server of its own.

``POST /v1/wms/{connection}/shipment-confirmations``, ``…/pick-confirmations``: JSON.
``POST /v1/documents/{connection}``: any bytes, an inbox for EDI over HTTP.

Authentication: a Standard Webhooks signature over the raw body, made with any of the active secrets, or a bearer token
where the settings name one, which is judged before the body is read. The key is ``webhook-id``, or ``Idempotency-Key``
without a signature.

======  ===============================================================================================
status  means
======  ===============================================================================================
202     accepted: ``{"id", "status": "accepted", "duplicate": false}``
200     the same key and bytes were accepted before: ``"duplicate": true``
400     no usable key
401     no signature or token that is believed
404     no such connection or document · 405 only POST · 408 the body did not arrive, or not in time
413     longer than ``body_bytes_max``, announced or counted · 415 a media type that is not taken
422     the same key with other bytes, or turned away: ``{"error", "message", "fix", "problems": […]}``
503     the hub cannot take it now, or too many large bodies at once; Retry-After says when to try again
======  ===============================================================================================

Sources: Standard Webhooks specification 1.0; draft-ietf-httpapi-idempotency-key-header; RFC 9110.
"""

from __future__ import annotations

from connectors.http_inbound.settings import HttpInboundSettings
from hub.contracts.connector import Connector, ConnectorSpec, Site, Status
from hub.contracts.redaction import redacted

__all__ = ["SPEC", "HttpInboundSettings"]


def _build(settings: HttpInboundSettings, site: Site) -> Connector:
    from connectors.http_inbound.inbound import HttpInbound  # only here: a worker needs no server

    return HttpInbound(settings, site)


SPEC = ConnectorSpec(
    id="http_inbound",
    label="HTTP inbound",
    settings=HttpInboundSettings,
    build=_build,
    redact=redacted,
    status=Status.CERTIFIED,
    docs="https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md",
)
