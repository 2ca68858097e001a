"""What the steps of the story work with: the counterparties to talk to, what they have, and the command."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from demo.command import Commands
from demo.evidence import Evidence
from demo.journal import Journal
from demo.ports import Ports

__all__ = ["Scene"]


@dataclass(slots=True)
class Scene:
    """``told``: what the story itself must remember when it is continued. ``seen`` is renewed by `look`."""

    home: Path
    ports: Ports
    commands: Commands
    told: Journal
    seen: Evidence

    def look(self) -> None:
        """Read the counterparties' journals anew."""
        self.seen = Evidence(self.home)

    def send(self, made_id: str, kind: str, **facts: Any) -> bool:
        """Tell the retailer to make and send a document, which it does once an id; whether it knows."""
        return self.tell("retailer", "/send", {"id": made_id, "kind": kind, **facts})

    def tell(self, who: str, path: str, body: Any) -> bool:
        """Tell a counterparty something; whether it took it."""
        try:
            answer = httpx.post(f"{self._url(who)}{path}", json=body, timeout=5.0)
        except httpx.TransportError:
            return False
        return answer.is_success

    def ask_hub(self, path: str) -> Any | None:
        """What the hub's API says; None while it is away or does not know."""
        try:
            answer = httpx.get(f"{self._url('hub')}{path}", timeout=5.0)
        except httpx.TransportError:
            return None
        return answer.json() if answer.is_success else None

    def _url(self, who: str) -> str:
        return f"http://127.0.0.1:{self.ports[who]}"
