"""Settings from TOML files, refused at start in words: which file, which key, what is allowed."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from hub.contracts.partner import HubSettings, Partner
from hub.errors import Misconfigured

__all__ = ["Config", "checked", "load_config"]

S = TypeVar("S", bound=BaseModel)

_VARIABLE = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")


@dataclass(frozen=True, slots=True)
class Config:
    """``hub.toml`` and ``partners/*.toml`` of one directory."""

    directory: Path
    hub: HubSettings
    partners: dict[str, Partner]


def load_config(directory: Path) -> Config:
    """Read and check a configuration directory. Values may hold ``${VARIABLE}`` from the environment.

    Raises Misconfigured with every fault found in the first faulty file.
    """
    hub = checked(HubSettings, _toml(directory / "hub.toml"), str(directory / "hub.toml"))
    partners: dict[str, Partner] = {}
    for path in sorted((directory / "partners").glob("*.toml")):
        partner = checked(Partner, _toml(path), str(path))
        if partner.id != path.stem:
            raise Misconfigured(
                f"{path}: id is {partner.id!r}, the file is called {path.name}.", fix="Give both the same name."
            )
        partners[partner.id] = partner
    _check_partners(directory, hub, partners)
    return Config(directory, hub, partners)


def checked(model: type[S], values: dict[str, Any], where: str) -> S:
    """Values as a model; raises Misconfigured naming the place, each faulty key and what is allowed there."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        faults = [_fault(model, entry) for entry in error.errors(include_url=False, include_input=False)]
        raise Misconfigured(
            f"{where}: " + "; ".join(faults[:10]), fix="Correct these keys and start again.", file=where, faults=faults
        ) from None


def _fault(model: type[BaseModel], entry: Any) -> str:
    key = ".".join(str(part) for part in entry["loc"]) or "(file)"
    if entry["type"] == "extra_forbidden":
        allowed = _allowed(model, entry["loc"][:-1])
        return f"{key} is not a setting" + (f"; allowed here: {allowed}" if allowed else "")
    if entry["type"] == "missing":
        return f"{key} is missing"
    return f"{key}: {entry['msg']}"


def _allowed(model: type[BaseModel], location: tuple[Any, ...]) -> str:
    """The keys of the table at a location, where the model knows them."""
    current: Any = model
    for part in location:
        field = getattr(current, "model_fields", {}).get(part)
        if field is None:
            return ""
        current = field.annotation
    return ", ".join(sorted(getattr(current, "model_fields", {})))


def _toml(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise Misconfigured(
            f"{path} cannot be read: {error.strerror}.", fix="Write it, or name the directory with CROSSDOCK_CONFIG."
        ) from None
    except UnicodeDecodeError:
        raise Misconfigured(f"{path} is not UTF-8.", fix="Save it as UTF-8.") from None
    try:
        values: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(f"{path}: {error}.", fix="Correct the TOML at that line.") from None
    resolved: dict[str, Any] = _resolved(values, path)
    return resolved


def _resolved(value: Any, path: Path) -> Any:
    if isinstance(value, dict):
        return {key: _resolved(entry, path) for key, entry in value.items()}
    if isinstance(value, list):
        return [_resolved(entry, path) for entry in value]
    return _VARIABLE.sub(lambda match: _variable(match[1], path), value) if isinstance(value, str) else value


def _variable(name: str, path: Path) -> str:
    try:
        return os.environ[name]
    except KeyError:
        raise Misconfigured(f"{path} asks for the variable {name}, which is not set.", fix=f"Set {name}.") from None


def _check_partners(directory: Path, hub: HubSettings, partners: dict[str, Partner]) -> None:
    seen: dict[tuple[str, ...], str] = {}
    for partner in partners.values():
        if partner.channel not in hub.connections:
            raise Misconfigured(
                f"{directory / 'partners' / partner.id}.toml: channel {partner.channel!r} is no connection; "
                f"connections are: {', '.join(sorted(hub.connections))}.",
                fix="Name one of them, or add it to hub.toml.",
            )
        ids = (*partner.x12.partner.model_dump().values(), *partner.x12.us.model_dump().values())
        if ids in seen:
            raise Misconfigured(
                f"Partners {seen[ids]} and {partner.id} have the same x12.partner and x12.us ids {ids}.",
                fix="Interchanges could not be told apart: give one of them other ids.",
            )
        seen[ids] = partner.id
