"""One far end for each connector: what the contract suite needs to try every rule on it.

A hook that a connector has no use for raises `NoSuchShape`; the rule then needs a waiver with its reason.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import respx

from connectors import CATALOG
from hub.contracts.connector import Answer, Parcel, Question, Receipt
from hub.contracts.standard_webhooks import signed_headers
from tests.contract.host_keys import give_host_keys
from tests.contract.http_server import HttpFarEnd, answering, silent
from tests.contract.site import HUB_SECRETS, Hub, Time, parcel, site
from tests.contract.ssh_server import PartnerServer

__all__ = ["FAR_ENDS", "FarEnd", "NoSuchShape"]


class NoSuchShape(Exception):
    """The connector does not do this at all."""


class FarEnd:
    """``connector`` talks to something that works, until a hook makes it misbehave."""

    id = ""
    secrets: tuple[str, ...] = ()

    def __init__(self, home: Path) -> None:
        self.home = home
        self.time = Time()
        self.connector: Any = None

    def settings(self) -> dict[str, Any]:
        raise NoSuchShape

    def build(self, **changes: Any) -> Any:
        spec = CATALOG[self.id]
        model = spec.settings.model_validate({**self.settings(), **changes})
        return spec.build(model, site(self.home, self.time, self.partners()))

    def partners(self) -> dict[str, dict[str, Any]]:
        return {}

    @contextmanager
    def open(self) -> Iterator[FarEnd]:
        self.connector = self.build()
        try:
            yield self
        finally:
            self.connector.close()

    def unreachable(self) -> Any:
        """The connector, built towards something that is not there."""
        raise NoSuchShape

    def call(self, connector: Any) -> Any:
        """The connector's main call."""
        raise NoSuchShape

    def arrive(self, name: str, data: bytes) -> None:
        """A file appears, finished."""
        raise NoSuchShape

    def parcel(self, key: str) -> Parcel:
        raise NoSuchShape

    def effects(self) -> int:
        """How many documents the far end was given."""
        raise NoSuchShape

    def go_silent(self) -> None:
        """From now on the far end takes documents and does not answer."""
        raise NoSuchShape

    def answer(self, status: int, headers: dict[str, str]) -> None:
        """From now on the far end answers so."""
        raise NoSuchShape

    def oversized(self) -> Any:
        """Make the connector meet more bytes than it takes; returns what came of it."""
        raise NoSuchShape

    def transcript(self) -> bytes:
        """What went over the wire, as a tap would show it."""
        raise NoSuchShape


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class FolderFarEnd(FarEnd):
    id = "folder"

    def settings(self) -> dict[str, Any]:
        for folder in ("in", "out"):
            (self.home / folder).mkdir(parents=True, exist_ok=True)
        return {
            "inbox": self.home / "in",
            "outbox": self.home / "out",
            "archive": self.home / "done",
            "ready": "renamed",
            "file_bytes_max": 1000,
        }

    def unreachable(self) -> Any:
        return self.build(inbox=self.home / "nowhere")

    def call(self, connector: Any) -> Any:
        return list(connector.fetch(10))

    def arrive(self, name: str, data: bytes) -> None:
        (self.home / "in" / name).write_bytes(data)

    def parcel(self, key: str) -> Parcel:
        return parcel(key)

    def effects(self) -> int:
        return sum(path.is_file() for path in (self.home / "out").iterdir())

    def oversized(self) -> Any:
        self.arrive("large.edi", b"x" * 1001)
        return self.call(self.connector)


class SftpFarEnd(FarEnd):
    id = "sftp"
    secrets = ("password",)

    @contextmanager
    def open(self) -> Iterator[FarEnd]:
        root = self.home / "partner"
        for folder in ("in", "out", "done"):
            (root / folder).mkdir(parents=True)
        self.server = PartnerServer(root).start()
        try:
            with super().open():
                yield self
        finally:
            self.server.stop()

    def settings(self) -> dict[str, Any]:
        return {
            "host": "127.0.0.1",
            "port": self.server.port,
            "user": "crossdock",
            "host_keys": self.server.fingerprints,
            "password_secret": "password",
            "inbox": "/in",
            "outbox": "/out",
            "archive": "/done",
            "ready": "renamed",
            "answer_timeout_seconds": 0.5,
            "connect_timeout_seconds": 5,
            "file_bytes_max": 1000,
        }

    def unreachable(self) -> Any:
        return self.build(port=closed_port())

    def call(self, connector: Any) -> Any:
        return list(connector.fetch(10))

    def arrive(self, name: str, data: bytes) -> None:
        (self.server.root / "in" / name).write_bytes(data)

    def parcel(self, key: str) -> Parcel:
        return parcel(key)

    def effects(self) -> int:
        return len(list((self.server.root / "out").iterdir()))

    def go_silent(self) -> None:
        self.server.trouble["posix_rename"] = "stall"

    def oversized(self) -> Any:
        self.arrive("large.edi", b"x" * 1001)
        return self.call(self.connector)


class MailboxFarEnd(FarEnd):
    id = "sftp_mailbox"
    secrets = ("mailbox_password",)

    def settings(self) -> dict[str, Any]:
        return {"port": 0, "file_bytes_max": 1000}

    def partners(self) -> dict[str, dict[str, Any]]:
        return {"bigbox": {"password_secret": "mailbox_password"}}

    @contextmanager
    def open(self) -> Iterator[FarEnd]:
        self.hub = Hub()
        give_host_keys(self.home)
        with super().open():
            self.connector.start(self.hub.accept)
            yield self

    def parcel(self, key: str) -> Parcel:
        return parcel(key)

    def effects(self) -> int:
        return sum(path.is_file() for path in (self.home / "bigbox" / "outbox").iterdir())


class HttpInboundFarEnd(FarEnd):
    id = "http_inbound"
    secrets = ("signing", "bearer")

    def settings(self) -> dict[str, Any]:
        return {"signing_secrets": ["signing"], "bearer_secrets": ["bearer"], "body_bytes_max": 1000}

    @contextmanager
    def open(self) -> Iterator[FarEnd]:
        self.hub = Hub()
        with super().open():
            self.connector.start(self.hub.accept)
            yield self

    def unreachable(self) -> Any:
        return self.build(bearer_secrets=["missing"])

    def transcript(self) -> bytes:
        bearer = HUB_SECRETS["bearer"]
        signed = signed_headers([HUB_SECRETS["signing"]], "m-1", self.time(), b"{}")
        lines = [f"{name}: {value}" for name, value in {**signed, "Authorization": f"Bearer {bearer}"}.items()]
        return "\r\n".join(["POST /v1/wms/x HTTP/1.1", *lines, "", HUB_SECRETS["signing"]]).encode()


class HttpPushFarEnd(FarEnd):
    id = "http_push"
    secrets = ("bearer",)

    @contextmanager
    def open(self) -> Iterator[FarEnd]:
        self.server = HttpFarEnd().start()
        try:
            with super().open():
                yield self
        finally:
            self.server.stop()

    def settings(self) -> dict[str, Any]:
        return {
            "base_url": self.server.url,
            "paths": {"erp_order": "/orders"},
            "find_path": "/deliveries/{key}",
            "bearer_secret": "bearer",
            "signing_secrets": ["signing"],
            "answer_timeout_seconds": 0.3,
        }

    def unreachable(self) -> Any:
        return self.build(base_url=f"http://127.0.0.1:{closed_port()}")

    def call(self, connector: Any) -> Any:
        return connector.deliver(self.parcel("k-call"))

    def parcel(self, key: str) -> Parcel:
        return parcel(key, document="erp_order", media_type="application/json", data=b'{"quantity": "1"}')

    def effects(self) -> int:
        return len(self.server.kept)

    def go_silent(self) -> None:
        self.server.trouble = silent

    def answer(self, status: int, headers: dict[str, str]) -> None:
        self.server.trouble = answering(status, {"error": {"code": "E", "message": "words"}}, headers)

    def oversized(self) -> Any:
        return self.connector.deliver(
            parcel("k-large", document="erp_order", data=b"x" * 20_000_001, media_type="application/json")
        )

    def transcript(self) -> bytes:
        self.call(self.connector)
        request = self.server.requests[-1]
        lines = [f"{name}: {value}" for name, value in request.headers.items()]
        return "\n".join(["POST /orders HTTP/1.1", *lines, "", ""]).encode() + request.body


class VendorFarEnd(FarEnd):
    """A vendor's API in the shape of its documentation, at the edge of httpx."""

    base = ""

    @contextmanager
    def open(self) -> Iterator[FarEnd]:
        with respx.mock(assert_all_called=False) as router:
            self.router = router
            self.shape()
            with super().open():
                yield self

    def shape(self) -> None:
        raise NoSuchShape

    def main(self) -> respx.Route:
        """The route of the main call."""
        raise NoSuchShape

    def unreachable(self) -> Any:
        self.router.route().mock(side_effect=httpx.ConnectError("refused"))
        for route in self.router.routes:
            route.mock(side_effect=httpx.ConnectError("refused"))
        return self.build()

    def answer(self, status: int, headers: dict[str, str]) -> None:
        self.main().mock(return_value=httpx.Response(status, headers=headers, json={}))

    def transcript(self) -> bytes:
        self.call(self.connector)
        sent = []
        for call in self.router.calls:
            lines = [f"{name}: {value}" for name, value in call.request.headers.items()]
            sent.append("\r\n".join([*lines, "", ""]).encode() + call.request.content + call.response.content)
        return b"\r\n".join(sent)

    def oversized(self) -> Any:
        self.main().mock(return_value=httpx.Response(200, content=b" " * 4_000_001))
        return self.call(self.connector)


TRANSACTION = {"id": 123, "code": "INV-1", "status": "Saved", "customerCode": "ACME", "totalAmount": 125.5}


class AvataxFarEnd(VendorFarEnd):
    id = "tax_avatax"
    secrets = ("avatax",)
    base = "https://sandbox-rest.avatax.com/api/v2"

    def settings(self) -> dict[str, Any]:
        return {
            "base_url": "https://sandbox-rest.avatax.com",
            "company_code": "HUBCO",
            "credentials_secret": "avatax",
        }

    def shape(self) -> None:
        self.committed = 0
        one = f"{self.base}/companies/HUBCO/transactions/INV-1"
        self.router.get(f"{self.base}/utilities/ping").mock(
            return_value=httpx.Response(200, json={"authenticated": True})
        )
        self.commit = self.router.post(f"{one}/commit").mock(side_effect=self._commit)
        self.router.get(one).mock(side_effect=lambda request: httpx.Response(200, json=self._transaction()))
        self.create = self.router.post(f"{self.base}/transactions/create").respond(201, json=TRANSACTION)

    def _transaction(self) -> dict[str, Any]:
        return {**TRANSACTION, "status": "Committed" if self.committed else "Saved"}

    def _commit(self, request: httpx.Request) -> httpx.Response:
        if self.committed:
            words = {"error": {"code": "InvalidDocumentStatusForCommit", "message": "already committed", "details": []}}
            return httpx.Response(400, json=words)
        self.committed += 1
        return httpx.Response(200, json=self._transaction())

    def main(self) -> respx.Route:
        return self.commit

    def call(self, connector: Any) -> Receipt:
        receipt: Receipt = connector.deliver(self.parcel("k-call"))
        return receipt

    def parcel(self, key: str) -> Parcel:
        return parcel(key, document="tax_commit", data=b'{"commit": true}', facts={"code": "INV-1"})

    def effects(self) -> int:
        return self.committed

    def go_silent(self) -> None:
        self.commit.mock(side_effect=httpx.ReadTimeout("silent"))


class UpsFarEnd(VendorFarEnd):
    id = "carrier_ups"
    secrets = ("ups",)
    base = "https://wwwcie.ups.com"

    def settings(self) -> dict[str, Any]:
        return {"base_url": self.base, "credentials_secret": "ups"}

    def shape(self) -> None:
        token = {"access_token": "token-5c0ffee", "expires_in": "14399", "token_type": "Bearer"}
        answer = {"trackResponse": {"shipment": [{"package": [{"trackingNumber": "1Z999AA10123456784"}]}]}}
        self.token = self.router.post(f"{self.base}/security/v1/oauth/token").respond(200, json=token)
        self.track = self.router.get(url__startswith=f"{self.base}/api/track/v1/details/").respond(200, json=answer)

    def main(self) -> respx.Route:
        return self.track

    def call(self, connector: Any) -> Answer:
        facts = {"tracking_number": "1Z999AA10123456784"}
        answer: Answer = connector.ask(Question(operation="track", key="q-1", facts=facts))
        return answer


FAR_ENDS: dict[str, Callable[[Path], FarEnd]] = {
    "folder": FolderFarEnd,
    "sftp": SftpFarEnd,
    "sftp_mailbox": MailboxFarEnd,
    "http_inbound": HttpInboundFarEnd,
    "http_push": HttpPushFarEnd,
    "tax_avatax": AvataxFarEnd,
    "carrier_ups": UpsFarEnd,
}
