"""Every test of this folder that asks for a world runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.flow.world import World
from tests.flow.world import world as build

MakeWorld = Callable[..., World]


@pytest.fixture
def make_world(ledger_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MakeWorld]:
    """Makes a world; options as `tests.flow.world.world`."""
    monkeypatch.setenv("CROSSDOCK_DATABASE_URL", ledger_url)
    with ExitStack() as stack:

        def make(**options: Any) -> World:
            made: AbstractContextManager[World] = build(tmp_path / "home", **options)
            return stack.enter_context(made)

        yield make


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    """A world without trouble."""
    return make_world()
