"""A home that takes the place of another: adopt."""

from __future__ import annotations

from hub.cli.home import existing_home
from hub.cli.options import Home, Json
from hub.cli.output import emit, note, text
from hub.places import database_url

__all__ = ["adopt"]


def adopt(json: Json = False, home: Home = None) -> None:
    """Make this folder the home of a ledger in PostgreSQL, in place of one that was lost or replaced.

    Every other home is refused from then on. Payloads above 64 KB, mailboxes and archive are not in the ledger: bring
    them from the old home first, or what needs them is held. Refused while processes use the ledger.

    \b
    Examples:
      crossdock adopt --home /srv/crossdock
    """
    from hub.clock import SystemClock
    from hub.ledger.engines import refuse_second
    from hub.ledger.home_id import adopt as make_own

    folder = existing_home(home)
    url = database_url(folder)
    refuse_second(url, folder)
    before, after = make_own(url, folder, SystemClock())
    if json:
        emit({"home": str(folder), "id": after, "was": before})
        return
    text(f"{folder} is the home of the ledger, with id {after[:8]}…", "bold")
    note(f"Any other is refused, also the one with id {before[:8]}…" if before else "It had none before.")
