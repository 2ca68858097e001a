"""A canonical message with some of its fields changed: ``lines[0].quantity.value`` = ``9``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from hub.canonical import Canonical
from hub.errors import BadDocument

__all__ = ["edited"]

_STEP = re.compile(r"\.?(?P<name>[a-z_][a-z0-9_]*)|\[(?P<index>\d{1,5})\]")


def edited(message: Canonical, fields: Mapping[str, str]) -> Canonical:
    """The message with the values put at their paths, checked as if it had been read so.

    A value is JSON where it can be one and the field wants it, otherwise text. Raises BadDocument where a path leads
    nowhere or the model refuses a value.
    """
    value: Any = message.model_dump(mode="json")
    for path, text in fields.items():
        _put(value, path, text)
    try:
        return type(message).model_validate_json(json.dumps(value))
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors()[:5])
        raise BadDocument(f"The edited message is not valid: {faults}", fix="Correct --set and try again.") from None


def _steps(path: str) -> list[str | int]:
    steps: list[str | int] = []
    position = 0
    while position < len(path):
        found = _STEP.match(path, position)
        if found is None:
            break
        steps.append(found["name"] if found["name"] else int(found["index"]))
        position = found.end()
    if position < len(path) or not steps:
        raise BadDocument(f"{path!r} is no path of a field.", fix="Write lines[0].quantity.value=9.")
    return steps


def _put(value: Any, path: str, text: str) -> None:
    steps = _steps(path)
    try:
        for step in steps[:-1]:
            value = value[step]
        there = value[steps[-1]]
        value[steps[-1]] = _typed(text) if there != text else there
    except (KeyError, IndexError, TypeError):
        raise BadDocument(
            f"There is no {path} in it.", fix="`crossdock show ID --reading` shows what there is."
        ) from None


def _typed(text: str) -> Any:
    """Text, which fields read as what they hold; null, true, false, lists and objects are JSON."""
    if text in {"null", "true", "false"} or text[:1] in {"[", "{"}:
        try:
            return json.loads(text)
        except ValueError:
            return text
    return text
