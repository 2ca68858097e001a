"""The pages: overview, messages, one message, one order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from hub.errors import BadDocument, Held
from hub.flow import replay as flow_replay
from hub.ledger.message import Kind, Message, State
from hub.web.forms import form
from hub.web.query import family, find_messages, find_order, message_filter, orders_page, totals
from hub.web.render import render
from hub.web.shapes import message_json, message_lines, order_json, order_line, payload_text
from hub.web.waiting import endpoint_lines, pauses

if TYPE_CHECKING:
    from hub.runtime import Hub

__all__ = ["Pages", "routes"]

Refresh = Annotated[int, Query(ge=0, le=3600)]


def routes(hub: Hub) -> APIRouter:
    """The pages over one hub."""
    router = APIRouter(include_in_schema=False, default_response_class=Response)
    pages = Pages(hub)
    router.add_api_route("/", pages.overview, methods=["GET"])
    router.add_api_route("/messages", pages.messages, methods=["GET"])
    router.add_api_route("/messages/{message_id}", pages.message, methods=["GET"])
    router.add_api_route("/messages/{message_id}/replay", pages.replay, methods=["POST"])
    router.add_api_route("/messages/{message_id}/skip", pages.skip, methods=["POST"])
    router.add_api_route("/orders/{key:path}", pages.order, methods=["GET"])
    return router


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages over one hub, a method each."""

    hub: Hub

    def overview(self, refresh: Refresh = 0) -> Response:
        orders = orders_page(self.hub.ledger, limit=50, cursor=None)
        messages = self.hub.ledger.messages(message_filter(), limit=25, cursor=None)
        return render(
            "overview.html",
            "Overview",
            here="/",
            refresh=refresh,
            counts=totals(self.hub.ledger),
            orders=[order_line(row) for row in orders.items],
            endpoints=[line for line in endpoint_lines(self.hub.ledger) if line["paused_until"] or line["at_once"]],
            more_orders=orders.cursor is not None,
            messages=message_lines(messages.items, pauses(self.hub.ledger)),
        )

    def messages(
        self,
        state: str = "",
        kind: str = "",
        type: str = "",  # noqa: A002  the query's own name
        partner: str = "",
        endpoint: str = "",
        cause: str = "",
        since: str = "",
        until: str = "",
        search: str = "",
        cursor: str | None = None,
    ) -> Response:
        chosen = {
            "state": state, "kind": kind, "type": type, "partner": partner, "endpoint": endpoint, "cause": cause,
            "since": since, "until": until,
        }  # fmt: skip
        which = message_filter(**chosen)
        page = find_messages(self.hub.ledger, which, search=search, limit=100, cursor=cursor)
        used = {name: value for name, value in {**chosen, "search": search}.items() if value}
        return render(
            "messages.html",
            "Messages",
            here="/messages",
            counts=totals(self.hub.ledger),
            chosen=chosen,
            search=search,
            states=[entry.value for entry in State],
            kinds=[entry.value for entry in Kind],
            messages=message_lines(page.messages, pauses(self.hub.ledger)),
            orders=[order_line(row) for row in page.orders],
            following=urlencode({**used, "cursor": page.cursor}) if page.cursor else "",
        )

    def message(self, message_id: str) -> Response:
        found, events, children, replays = family(self.hub.ledger, message_id)
        text, cut = self._payload(found.payload) if found.payload else ("", False)
        return render(
            "message.html",
            f"{found.type} {found.id}",
            here="/messages",
            counts=totals(self.hub.ledger),
            message=message_json(
                found, events=events, children=children, replays=replays, pauses=pauses(self.hub.ledger)
            ),
            payload=text.split("\n") if text else [],
            marked=_marked(found),
            cut=cut,
            may_skip=found.order_hold and found.state in {State.DEAD, State.HELD},
            may_replay=found.state in {State.DEAD, State.HELD, State.REJECTED},
        )

    def _payload(self, sha256: str) -> tuple[str, bool]:
        """Its text and whether it is cut; of one whose pack was taken elsewhere, what to do."""
        try:
            return payload_text(self.hub.ledger.payload(sha256))
        except Held as error:
            return f"{error.message}: {error.fix}", False

    async def replay(self, message_id: str, request: Request) -> Response:
        reason = (await form(request)).get("reason", "").strip()
        if not reason:
            raise BadDocument("A replay needs a reason.", fix="Go back and say why.")
        done = await run_in_threadpool(flow_replay.run, self.hub.flow, [message_id], actor="page", reason=reason[:500])
        target = done[0].get("message_id") or message_id
        return RedirectResponse(f"/messages/{target}", status_code=303)

    async def skip(self, message_id: str, request: Request) -> Response:
        """Those behind it in its order go on without it."""
        reason = (await form(request)).get("reason", "").strip()
        if not reason:
            raise BadDocument("Skipping needs a reason.", fix="Go back and say why.")
        await run_in_threadpool(flow_replay.skip, self.hub.flow, message_id, actor="page", reason=reason[:500])
        return RedirectResponse(f"/messages/{message_id}", status_code=303)

    def order(self, key: str) -> Response:
        value = order_json(*find_order(self.hub.ledger, key))
        return render("order.html", f"Order {value['key']}", here="/", counts=totals(self.hub.ledger), order=value)


def _marked(message: Message) -> set[int]:
    """The lines of a document's payload that have a problem: its segments, counted from ST as 1."""
    if message.kind is not Kind.DOCUMENT:
        return set()
    return {problem["position"] for problem in message.facts.get("problems", ()) if problem.get("position")}
