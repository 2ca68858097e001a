"""One far end for each connector: real servers for what is ours to prove, documented shapes for vendors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hub.contracts.connector import Parcel
from hub.contracts.standard_webhooks import signed_headers
from tests.contract.far_end import FarEnd, closed_port
from tests.contract.host_keys import give_host_keys
from tests.contract.http_server import HttpFarEnd, answering, silent
from tests.contract.site import HUB_SECRETS, Hub, parcel
from tests.contract.ssh_server import PartnerServer
from tests.contract.vendor_far_ends import AvataxFarEnd, UpsFarEnd

__all__ = ["FAR_ENDS"]


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


FAR_ENDS: dict[str, Callable[[Path], FarEnd]] = {
    "folder": FolderFarEnd,
    "sftp": SftpFarEnd,
    "sftp_mailbox": MailboxFarEnd,
    "http_inbound": HttpInboundFarEnd,
    "http_push": HttpPushFarEnd,
    "tax_avatax": AvataxFarEnd,
    "carrier_ups": UpsFarEnd,
}
