"""Servers that tests share: started when first asked for, once per process, ended with it."""

from __future__ import annotations

import itertools
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.servers import Postgres, Valkey
from hub.clock import SystemClock
from hub.ledger.revisions import apply_pending

signal.signal(signal.SIGINT, signal.default_int_handler)
"""A shell that starts the tests in the background has them ignore Ctrl-C, and with them all that they start."""

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Postgres]:
    server = Postgres()
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture(scope="session")
def ledger_template(postgres_server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Name of a database with an empty ledger that belongs to no home yet, copied for each test."""
    name = "ledger_template"
    apply_pending(postgres_server.create(name), home=tmp_path_factory.mktemp("template"), clock=SystemClock())
    return name


@pytest.fixture
def postgres_url(postgres_server: Postgres) -> Iterator[str]:
    """A new, empty PostgreSQL database."""
    name = f"test_{next(_numbers)}"
    yield postgres_server.create(name)
    postgres_server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def postgres_ledger_url(postgres_server: Postgres, ledger_template: str) -> Iterator[str]:
    """A PostgreSQL database that holds an empty ledger."""
    name = f"ledger_{next(_numbers)}"
    yield postgres_server.create(name, ledger_template)
    postgres_server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty ledger of the test's own, on each engine in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'ledger.db'}"
    return str(request.getfixturevalue("postgres_ledger_url"))


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[Valkey]:
    server = Valkey()
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture
def valkey_url(valkey_server: Valkey) -> str:
    """An empty Valkey."""
    import redis

    with redis.Redis.from_url(valkey_server.url) as client:
        client.flushall()
    return valkey_server.url
