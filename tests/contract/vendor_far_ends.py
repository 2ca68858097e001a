"""Vendors' APIs in the shapes of their documentation, at the edge of httpx."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import respx

from hub.contracts.connector import Answer, Parcel, Question, Receipt
from tests.contract.far_end import FarEnd, NoSuchShape
from tests.contract.site import parcel

__all__ = ["AvataxFarEnd", "UpsFarEnd"]


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
