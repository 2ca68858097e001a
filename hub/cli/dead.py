"""The queue of what failed for good: dead."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.home import ledger_of
from hub.cli.message_table import message_table
from hub.cli.moments import moment
from hub.cli.options import Home, Json
from hub.cli.output import emit, note, table, text
from hub.errors import Misconfigured

if TYPE_CHECKING:
    from hub.ledger import Ledger

__all__ = ["dead"]


def dead(
    group: Annotated[bool, typer.Option("--group", help="The causes, with count, owner and note, in full.")] = False,
    of: Annotated[str, typer.Option("--of", metavar="GROUP", help="One cause: what people did, its messages.")] = "",
    state: Annotated[
        str, typer.Option("--state", help="dead; held and rejected stop too and are grouped alike; with commas.")
    ] = "dead",
    assign: Annotated[str, typer.Option("--assign", metavar="GROUP", help="Give a cause to someone: --to NAME.")] = "",
    to: Annotated[str | None, typer.Option("--to", metavar="NAME", help="Who looks after it; empty: nobody.")] = None,
    snooze: Annotated[str, typer.Option("--snooze", metavar="GROUP", help="Not to be listed before --until T.")] = "",
    until: Annotated[str, typer.Option("--until", metavar="T", help="4h, 2d, 2026-11-25; now wakes it.")] = "",
    note_: Annotated[str, typer.Option("--note", metavar="GROUP", help="Say what is known of it: --text.")] = "",
    text_: Annotated[str, typer.Option("--text", metavar="TEXT", help="The note.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="With the causes that are snoozed.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1000, help="Messages to show at most.")] = 50,
    cursor: Annotated[str | None, typer.Option("--cursor", metavar="CURSOR", help="Where to go on.")] = None,
    json: Json = False,
    home: Home = None,
) -> None:
    """List what failed for good and waits for someone to mend and replay it, grouped by cause; it never expires.

    \b
    Examples:
      crossdock dead
      crossdock dead --group --json
      crossdock dead --assign 3f0a91c27e55 --to dana
      crossdock dead --snooze 3f0a91c27e55 --until 2d
      crossdock dead --note 3f0a91c27e55 --text "ERP team: fixed on Monday"
      crossdock dead --of 3f0a91c27e55
    """
    from hub.web.query import states_of

    states = states_of(state)
    named = [name for name in (assign, snooze, note_, of) if name]
    if len(named) > 1:
        raise Misconfigured("One of --assign, --snooze, --note and --of at a time.", fix="Call it twice.")
    for given, name, verb in (
        (to is not None and not assign, "--to", "--assign"),
        (until and not snooze, "--until", "--snooze"),
        (text_ and not note_, "--text", "--note"),
    ):
        if given:
            raise Misconfigured(f"{name} goes with {verb}.", fix=f"Add {verb} GROUP.")
    with ledger_of(home) as ledger:
        if assign or snooze or note_:
            _say(ledger, assign=assign, to=to, snooze=snooze, until=until, note_=note_, words=text_)
        if named:
            _one_group(ledger, named[0], as_json=json)
        elif group:
            _groups(ledger, states, everything=everything, as_json=json)
        else:
            _messages(ledger, state, limit=limit, cursor=cursor, as_json=json)


def _say(ledger: Ledger, *, assign: str, to: str | None, snooze: str, until: str, note_: str, words: str) -> None:
    ledger.stopped_group(assign or snooze or note_)  # raises NotFound where there is none
    actor = getpass.getuser()
    if snooze:
        if not until:
            raise Misconfigured("Until when?", fix="Add --until 2d.")
        wake = None if until == "now" else moment(until, ledger.now())
        ledger.write(lambda change: change.snooze_group(snooze, wake, actor=actor, detail=until))
    elif assign:
        if to is None:
            raise Misconfigured("To whom?", fix="Add --to NAME; --to '' gives it back.")
        ledger.write(lambda change: change.assign_group(assign, to.strip(), actor=actor))
    else:
        if not words.strip():
            raise Misconfigured("What is the note?", fix="Add --text '…'.")
        ledger.write(lambda change: change.note_group(note_, words.strip(), actor=actor))


def _one_group(ledger: Ledger, group: str, *, as_json: bool) -> None:
    from hub.web.stopped import group_json

    value = group_json(ledger, ledger.stopped_group(group), history=True)
    if as_json:
        emit(value)
        return
    _group_table([value])
    text(f"  for example: {value['example']}")
    table(
        ("at", "by", "what", "detail"),
        [(step["at"], step["actor"], step["what"], step["detail"]) for step in value["history"]],
        empty="Nobody has said anything about it.",
    )
    message_table(value["messages"])
    note(f"Mend the cause, then: crossdock replay --group {group} --reason '…'   (--dry-run rehearses it)")
    note("It takes all that this cause stopped: dead, held and rejected.")


def _groups(ledger: Ledger, states: Any, *, everything: bool, as_json: bool) -> None:
    from hub.web.stopped import group_json, groups_to_do

    shown, asleep = groups_to_do(ledger, states, everything=everything)
    values = [group_json(ledger, found) for found in shown]
    if as_json:
        emit(values)
        return
    _group_table(values)
    if asleep:
        note(f"{asleep} more are snoozed; --all shows them.")


def _group_table(values: list[dict[str, Any]]) -> None:
    table(
        ("group", "count#", "state", "cause", "type", "endpoint", "first", "last", "owner", "until", "what", "note"),
        [
            (
                value["group"], value["count"], value["state"], value["cause"], value["type"], value["endpoint"],
                value["first_seen"][:16], value["last_seen"][:16], value["owner"], (value["snoozed_until"] or "")[:16],
                value["what"], value["note"],
            )
            for value in values
        ],
        empty="Nothing is dead.",
    )  # fmt: skip


def _messages(ledger: Ledger, state: str, *, limit: int, cursor: str | None, as_json: bool) -> None:
    from hub.web.query import find_messages, message_filter
    from hub.web.shapes import message_lines
    from hub.web.stopped import groups_to_do
    from hub.web.waiting import pauses

    page = find_messages(ledger, message_filter(state=state), limit=limit, cursor=cursor)
    lines = message_lines(page.messages)
    if as_json:
        emit(lines)
    elif not lines:
        note(f"Nothing is {' or '.join(state.split(','))}.")
    else:
        shown, asleep = groups_to_do(ledger, frozenset(message.state for message in page.messages), everything=False)
        rows = [(found.count, found.cause, found.type, found.endpoint, found.id, found.owner) for found in shown]
        table(("count#", "cause", "type", "endpoint", "group", "owner"), rows, empty="All causes are snoozed.")
        text()
        message_table(lines)
        note("Mend the cause, then: crossdock replay --group GROUP --reason '…'   (--dry-run rehearses it)")
        if asleep:
            note(f"{asleep} causes are snoozed; crossdock dead --group --all")
    for sentence in pauses(ledger).values():
        note(sentence)
    if page.cursor:
        note(f"There are more: the same with --cursor {page.cursor}")
