"""What a sender would be told: ack."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from hub.cli.options import Home, Json, PartnerName
from hub.cli.output import emit, emit_bytes, note
from hub.cli.profile import agreement, profile
from hub.cli.sources import Input

__all__ = ["ack"]


def ack(
    file: Annotated[str, typer.Argument(metavar="FILE", help="An X12 file; - is standard input.")],
    partner: PartnerName = None,
    faulty: Annotated[
        bool, typer.Option("--faulty", help="List only documents that are not plainly accepted.")
    ] = False,
    use_999: Annotated[bool, typer.Option("--999", help="Write a 999 instead of a 997.")] = False,
    json: Json = False,
    home: Home = None,
) -> None:
    """Write the 997 or 999 and the TA1 that would be sent for a file; control numbers begin at 1. Stores nothing.

    With --partner: by that partner's settings and guide, as far as X12 goes; what its mapping asks for is not judged.

    \b
    Examples:
      crossdock ack order.edi
      crossdock ack order.edi --partner bigbox > 997.edi
    """
    from hub.x12 import read as read_x12
    from hub.x12.answer import answers

    found = profile(home, partner)
    wanted = found.x12 if found else None
    with Input(file) as given, given.open() as source:
        reader = read_x12(source, agreement=agreement(found))
        owed = list(
            answers(
                reader,
                at_seconds=time.time(),
                style="999" if use_999 else wanted.acknowledge_with if wanted else "997",
                listed="faulty" if faulty else wanted.acknowledge if wanted else "all",
                whole_group=wanted is not None and wanted.reject_whole_group,
            )
        )
    if reader.syntax != "x12":
        raise given.no_x12(reader.syntax)
    if json:
        emit([{"bytes": len(answer), "text": answer.decode("utf-8", "replace")} for answer in owed])
        return
    for answer in owed:
        emit_bytes(answer)
    if not owed:
        note("No acknowledgment is owed for this file.")
