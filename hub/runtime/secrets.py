"""Named secrets: settings name them, the environment or a file holds them."""

from __future__ import annotations

import os
import re
from pathlib import Path

from hub.errors import Misconfigured

__all__ = ["read_secret"]


def read_secret(home: Path, name: str) -> str:
    """The secret's value: ``CROSSDOCK_SECRET_<NAME>``, else the file ``<home>/secrets/<name>`` without its line end.

    Raises Misconfigured where neither is there; the message holds the name, never a value.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name):
        raise Misconfigured(f"{name!r} is no name of a secret.", fix="Use letters, digits, - and _.")
    variable = f"CROSSDOCK_SECRET_{name.upper().replace('-', '_')}"
    value = os.environ.get(variable)
    if value:
        return value
    path = home / "secrets" / name
    try:
        return path.read_text("utf-8").rstrip("\r\n")
    except OSError:
        raise Misconfigured(f"The secret {name} is not there.", fix=f"Set {variable}, or write it to {path}.") from None
