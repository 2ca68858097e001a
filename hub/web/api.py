"""The JSON API under ``/v1``: the same objects as ``crossdock … --json``."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import Base64Bytes, BaseModel, ConfigDict, Field

from hub.flow import replay as flow_replay
from hub.web.audits import Audits
from hub.web.health import Health
from hub.web.query import family, find_messages, find_order, message_filter, orders_page
from hub.web.shapes import message_json, message_lines, order_json, order_line, payload_text
from hub.web.waiting import endpoint_lines, pauses

if TYPE_CHECKING:
    from hub.runtime import Hub

__all__ = ["Api", "ReplayRequest", "routes"]

Limit = Annotated[int, Query(ge=1, le=1000)]


class ReplayRequest(BaseModel):
    """``reason`` is kept in the message's history. ``edit_base64``: corrected bytes. ``dry_run`` changes nothing."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=1, max_length=500)]
    actor: Annotated[str, Field(min_length=1, max_length=60)] = "api"
    edit_base64: Base64Bytes | None = None
    dry_run: bool = False


def routes(hub: Hub) -> APIRouter:
    """The API's routes over one hub; lists are ``{items, cursor}``, newest first."""
    router = APIRouter()
    api = Api(hub, Audits(hub.ledger), Health(hub.ledger))
    router.add_api_route("/healthz", api.healthz, methods=["GET"])
    router.add_api_route("/v1/messages", api.messages, methods=["GET"])
    router.add_api_route("/v1/messages/{message_id}", api.message, methods=["GET"])
    router.add_api_route("/v1/messages/{message_id}/payload", api.payload, methods=["GET"])
    router.add_api_route("/v1/messages/{message_id}/replay", api.replay, methods=["POST"])
    router.add_api_route("/v1/orders", api.orders, methods=["GET"])
    router.add_api_route("/v1/orders/{key:path}", api.order, methods=["GET"])
    router.add_api_route("/v1/dead", api.dead, methods=["GET"])
    router.add_api_route("/v1/endpoints", api.endpoints, methods=["GET"])
    router.add_api_route("/v1/audit", api.audit, methods=["GET"])
    return router


@dataclass(frozen=True, slots=True)
class Api:
    """The API over one hub, a method each."""

    hub: Hub
    audits: Audits
    health: Health

    async def healthz(self) -> JSONResponse:
        """503 while the ledger cannot be written or does not answer, with why."""
        status, facts = await self.health.answer()
        return JSONResponse(facts, status)

    def messages(
        self,
        state: str = "",
        kind: str = "",
        type: str = "",  # noqa: A002  the query's own name
        partner: str = "",
        endpoint: str = "",
        cause: str = "",
        order: str = "",
        since: str = "",
        until: str = "",
        search: str = "",
        limit: Limit = 50,
        cursor: str | None = None,
    ) -> dict[str, Any]:
        chosen = message_filter(
            state=state, kind=kind, type=type, partner=partner, endpoint=endpoint, cause=cause, order=order,
            since=since, until=until,
        )  # fmt: skip
        page = find_messages(self.hub.ledger, chosen, search=search, limit=limit, cursor=cursor)
        return {"items": message_lines(page.messages, pauses(self.hub.ledger)), "cursor": page.cursor}

    def message(self, message_id: str) -> dict[str, Any]:
        found, events, children, replays = family(self.hub.ledger, message_id)
        waits = pauses(self.hub.ledger)
        return message_json(found, events=events, children=children, replays=replays, pauses=waits)

    def payload(self, message_id: str) -> dict[str, Any]:
        found, _, _, _ = family(self.hub.ledger, message_id)
        data = self.hub.ledger.payload(found.payload) if found.payload else b""
        text, cut = payload_text(data)
        return {"bytes": len(data), "base64": base64.b64encode(data).decode(), "text": text, "cut": cut}

    def replay(self, message_id: str, wanted: ReplayRequest) -> list[dict[str, Any]]:
        if wanted.dry_run:
            return flow_replay.plan(self.hub.flow, [message_id], edit=wanted.edit_base64)
        return flow_replay.run(
            self.hub.flow, [message_id], edit=wanted.edit_base64, actor=wanted.actor, reason=wanted.reason
        )

    def orders(self, limit: Limit = 50, cursor: str | None = None) -> dict[str, Any]:
        page = orders_page(self.hub.ledger, limit=limit, cursor=cursor)
        return {"items": [order_line(row) for row in page.items], "cursor": page.cursor}

    def order(self, key: str) -> dict[str, Any]:
        return order_json(*find_order(self.hub.ledger, key))

    def dead(self, limit: Limit = 50, cursor: str | None = None) -> dict[str, Any]:
        page = find_messages(self.hub.ledger, message_filter(state="dead"), limit=limit, cursor=cursor)
        return {"items": message_lines(page.messages, pauses(self.hub.ledger)), "cursor": page.cursor}

    def endpoints(self) -> dict[str, Any]:
        return {"items": endpoint_lines(self.hub.ledger)}

    def audit(self) -> JSONResponse:
        """202 while it runs: ask again."""
        status, told = self.audits.answer()
        return JSONResponse(told, status)
