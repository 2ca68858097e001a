"""What a person decides about messages that stopped: close, skip."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.exits import Exit, exit_for
from hub.cli.home import opened
from hub.cli.options import Home, Json
from hub.cli.output import emit, table
from hub.errors import CrossdockError, Misconfigured

if TYPE_CHECKING:
    from hub.ledger import Message

__all__ = ["close", "skip"]

_Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; kept in the message's history.")]


def close(
    ids: Annotated[list[str], typer.Argument(metavar="ID…", help="Messages that nothing more follows from.")],
    reason: _Reason,
    json: Json = False,
    home: Home = None,
) -> None:
    """Say that nothing more follows from messages that stopped: it arrived, it was cancelled, it is of no use.

    \b
    Examples:
      crossdock close 0q3k8z5v1a9b7c2d4e6f --reason "the ERP has it, entered by hand"
    """
    from hub.flow import replay

    _each(home, ids, "closed", reason, replay.close, as_json=json)


def skip(
    ids: Annotated[list[str], typer.Argument(metavar="ID…", help="Held or dead messages that others wait for.")],
    reason: _Reason,
    json: Json = False,
    home: Home = None,
) -> None:
    """Let what waits behind messages that stopped go on without them; they stay as they are, to be mended later.

    \b
    Examples:
      crossdock skip 0q3k8z5v1a9b7c2d4e6f --reason "the 856 may go before the 855 is mended"
    """
    from hub.flow import replay

    _each(home, ids, "skipped", reason, replay.skip, as_json=json)


def _each(
    home: Path | None, ids: list[str], done: str, reason: str, decide: Callable[..., Message], *, as_json: bool
) -> None:
    """Decide about each, a line for each; those that are refused say why and stop no other."""
    if not reason.strip():
        raise Misconfigured("It needs a reason.", fix="Add --reason '…'.")
    lines: list[dict[str, Any]] = []
    refused: list[Exit] = []
    with opened(home) as hub:
        decided = partial(decide, hub.flow, actor=getpass.getuser(), reason=reason.strip())
        for message_id in ids:
            try:
                message = decided(message_id)
            except CrossdockError as error:
                if len(ids) == 1:
                    raise
                lines.append({"id": message_id, done: False, "state": "", "detail": error.message})
                refused.append(exit_for(error))
            else:
                lines.append({"id": message_id, done: True, "state": message.state.value, "detail": message.detail})
    if as_json:
        emit(lines)
    else:
        table(("id", "state", "detail"), [(line["id"], line["state"], line["detail"]) for line in lines], empty="")
    if refused:
        raise typer.Exit(refused[0] if len(refused) == len(ids) else Exit.PARTLY)
