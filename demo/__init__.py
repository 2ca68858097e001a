"""The counterparties of a hub, each a small program of its own, and a story that they play together.

A retailer (SFTP), an ERP, a warehouse, a tax engine and a carrier (HTTP). Nothing here imports the hub: what happened
is judged from what the counterparties have, by code that shares nothing with the code it judges.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["play"]


def play(home: Path | None = None, *, leave: bool = False, as_json: bool = False) -> int:
    """Play the story; see `demo.story.play`. The counterparties, which import this package too, need none of it."""
    try:
        from demo.story import play as play_story

        return play_story(home, exit_when_done=leave, as_json=as_json)
    except KeyboardInterrupt:
        # Before the story began; from there on, Ctrl-C is noted and answered in order.
        return 1
