"""Looking: messages, show, orders."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.home import ledger_of
from hub.cli.message_table import message_table
from hub.cli.moments import moment
from hub.cli.options import Home, Json
from hub.cli.order_view import show_order
from hub.cli.output import emit, emit_bytes, note, table, text
from hub.visible import visible

if TYPE_CHECKING:
    from hub.ledger import Ledger

__all__ = ["messages", "orders", "show"]

_LIMIT = typer.Option("--limit", min=1, max=1000, help="Entries to show at most.")
_CURSOR = typer.Option("--cursor", metavar="CURSOR", help="Where to go on, as the last page said.", show_default=False)


def messages(
    state: Annotated[
        str | None,
        typer.Option(
            "--state", help="received, working, delivered, answered, held, rejected or dead; several with commas."
        ),
    ] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="interchange, document or delivery.")] = None,
    type_: Annotated[str, typer.Option("--type", help="850, erp_order, Invoice …", show_default=False)] = "",
    partner: Annotated[str, typer.Option("--partner", metavar="ID", help="Partner.", show_default=False)] = "",
    endpoint: Annotated[str, typer.Option("--endpoint", metavar="NAME", help="Where to.", show_default=False)] = "",
    cause: Annotated[str, typer.Option("--cause", help="rejected, unreachable …", show_default=False)] = "",
    order: Annotated[
        str, typer.Option("--order", metavar="KEY", help="Its place in an order.", show_default=False)
    ] = "",
    since: Annotated[str, typer.Option("--since", metavar="T", help="2026-11-25, or 4h, 2d ago.")] = "",
    until: Annotated[str, typer.Option("--until", metavar="T", help="As --since; before that moment.")] = "",
    search: Annotated[
        str, typer.Option("--search", metavar="VALUE", help="PO, invoice, shipment, tracking or control number.")
    ] = "",
    limit: Annotated[int, _LIMIT] = 50,
    cursor: Annotated[str | None, _CURSOR] = None,
    json: Json = False,
    home: Home = None,
) -> None:
    """List messages, newest first, each in exactly one state.

    \b
    Examples:
      crossdock messages
      crossdock messages --state dead,held --partner bigbox
      crossdock messages --endpoint erp --since 2d
      crossdock messages --search PO-1001 --json
    """
    from hub.web.query import find_messages, message_filter
    from hub.web.shapes import message_lines
    from hub.web.waiting import pauses

    with ledger_of(home) as ledger:
        now = ledger.now()
        chosen = message_filter(
            state=state or "", kind=kind or "", type=type_, partner=partner, endpoint=endpoint, cause=cause,
            order=order, since=moment(since, now, past=True) if since else "",
            until=moment(until, now, past=True) if until else "",
        )  # fmt: skip
        page = find_messages(ledger, chosen, search=search, limit=limit, cursor=cursor)
        lines = message_lines(page.messages, pauses(ledger))
    if json:
        emit(lines)
        if page.cursor:
            note(f"cursor: {page.cursor}")
        return
    message_table(lines)
    if page.cursor:
        note(f"There are more: the same with --cursor {page.cursor}")


def show(
    message_id: Annotated[str, typer.Argument(metavar="ID", help="Id of a message, as `crossdock messages` lists it.")],
    payload: Annotated[bool, typer.Option("--payload", help="Print its bytes as they came, and nothing else.")] = False,
    reading: Annotated[
        bool, typer.Option("--reading", help="Print its canonical message as JSON, and nothing else.")
    ] = False,
    json: Json = False,
    home: Home = None,
) -> None:
    """Show one message: where it stands, what is wrong with it, its history and what came of it.

    \b
    Examples:
      crossdock show 0q3k8z5v1a9b7c2d4e6f
      crossdock show 0q3k8z5v1a9b7c2d4e6f --payload > order.edi
    """
    from hub.web.query import family
    from hub.web.shapes import message_json
    from hub.web.waiting import pauses

    with ledger_of(home) as ledger:
        message, events, children, replays = family(ledger, message_id)
        waits = pauses(ledger)
        if payload or reading:
            _bytes(ledger, message.payload if payload else message.reading, message_id, as_text=json)
            return
        archived = ledger.archived(*filter(None, (message.payload, message.reading)))
    value = message_json(message, events=events, children=children, replays=replays, pauses=waits)
    value["archived"] = [
        {"sha256": place.sha256, "pack": str(place.path), "is_there": place.is_there} for place in archived.values()
    ]
    if json:
        emit(value)
    else:
        _show(value)


def _bytes(ledger: Ledger, sha256: str | None, message_id: str, *, as_text: bool) -> None:
    from hub.errors import NotFound
    from hub.web.shapes import payload_text

    if sha256 is None:
        raise NotFound(f"Message {message_id} has none.", fix=f"`crossdock show {message_id}` tells what it has.")
    data = ledger.payload(sha256)
    if as_text or sys.stdout.isatty():
        shown, cut = payload_text(data)
        if as_text:
            emit({"sha256": sha256, "bytes": len(data), "text": shown, "cut": cut})
            return
        text(shown)
        if cut:
            note("Cut. Redirect it to a file to have all of it.")
    else:
        emit_bytes(data)


def _show(value: dict[str, Any]) -> None:
    from hub.cli.words import problem_lines

    text(f"{value['kind']} {visible(value['type'])} {value['id']}", "bold")
    names = ("state", "partner", "endpoint", "order_key", "attempts", "cause", "detail", "waits", "parent", "replay_of")
    for name in (*names, "created_at", "changed_at", "due_at"):
        if value[name]:
            text(f"  {name:<11} {visible(str(value[name]))}")
    for name, fact in value["facts"].items():
        text(f"  {visible(name):<11} {visible(str(fact), 200)}")
    for place in value["archived"]:
        what = "payload" if place["sha256"] == value["payload_sha256"] else "reading"
        text(f"  {'archived':<11} {what} in {place['pack']}" + ("" if place["is_there"] else ", which is not there"))
    if value["problems"]:
        text()
        text(f"{len(value['problems'])} problems", "bold")
        for number, problem in enumerate(value["problems"], 1):
            for line in problem_lines(problem, number):
                text("  " + line)
    text()
    table(
        ("at", "what", "from", "to", "by", "detail"),
        [
            (entry["at"], entry["what"], entry["from"], entry["to"], entry["actor"], entry["detail"] or entry["cause"])
            for entry in value["events"]
        ],
        empty="No events.",
    )
    for title, lines in (("Came of it", value["children"]), ("Replays", value["replays"])):
        if lines:
            text()
            text(title, "bold")
            message_table(lines, indent=2)


def orders(
    number: Annotated[
        str | None,
        typer.Argument(metavar="PO", help="PO number, or PARTNER:PO; without it all are listed.", show_default=False),
    ] = None,
    limit: Annotated[int, _LIMIT] = 50,
    cursor: Annotated[str | None, _CURSOR] = None,
    json: Json = False,
    home: Home = None,
) -> None:
    """List orders and how far each has come, or show one with its lines, shipments, invoices and steps.

    \b
    Examples:
      crossdock orders
      crossdock orders 4500087213
      crossdock orders bigbox:4500087213 --json
    """
    from hub.web.query import find_order, orders_page
    from hub.web.shapes import order_json, order_line

    with ledger_of(home) as ledger:
        if number is not None:
            value = order_json(*find_order(ledger, number))
            if json:
                emit(value)
            else:
                show_order(value)
            return
        page = orders_page(ledger, limit=limit, cursor=cursor)
    lines = [order_line(row) for row in page.items]
    if json:
        emit(lines)
    else:
        table(
            ("order", "stage", "lines#", "ordered#", "shipped#", "open#", "delivered", "changed"),
            [
                (
                    line["key"],
                    line["stage"],
                    line["lines"],
                    line["ordered"],
                    line["shipped"],
                    line["open"],
                    "yes" if line["delivered"] else "no",
                    line["changed_at"][:19].replace("T", " "),
                )
                for line in lines
            ],
            empty="No orders.",
        )
    if page.cursor:
        note(f"There are more: crossdock orders --cursor {page.cursor}")
