"""Hints by a real RabbitMQ server, which may die and come back with nothing."""

from __future__ import annotations

import gc
import importlib.util
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bench.servers import Rabbit
from hub.errors import Misconfigured
from hub.ledger import Ledger, State, Swept
from hub.queue import Queue
from hub.queue.broker import new_broker

from .conftest import ROOT, eventually

pytestmark = [
    pytest.mark.skipif(not Rabbit.program.exists(), reason="rabbitmq-server is not installed (Debian package)"),
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.skipif(importlib.util.find_spec("pika") is None, reason="pika is not installed (crossdock[rabbitmq])"),
]


@pytest.fixture
def rabbit() -> Iterator[Rabbit]:
    server = Rabbit().start()
    yield server
    server.stop()
    gc.collect()  # pika leaves the sockets of connections that were refused or cut to it


@pytest.fixture
def ledger_url(home: Path) -> str:
    """One engine is enough for what is between queue and broker."""
    return f"sqlite:///{home / 'ledger.db'}"


@pytest.fixture
def make_queue(rabbit: Rabbit) -> Iterator[Callable[..., tuple[Queue, list[str]]]]:
    """Queues that sweep nothing, so that only hints make them work; what each was hinted."""
    made: list[Queue] = []

    def make(*, threads: int = 4) -> tuple[Queue, list[str]]:
        heard: list[str] = []

        def run(stage: str) -> int:
            heard.append(stage)
            return 0

        made.append(Queue(rabbit.url, run, Swept, threads=threads))
        made[-1].start()
        return made[-1], heard

    yield make
    for each in made:
        each.stop(10)


def test_hints_reach_another_queue_also_after_the_server_was_gone(
    rabbit: Rabbit, make_queue: Callable[..., tuple[Queue, list[str]]]
) -> None:
    _, heard = make_queue()
    hinting, _ = make_queue(threads=0)
    for stage in ("interchange", "delivery:mailbox/bigbox", "solo"):
        hinting.hint(stage)
    eventually(lambda: set(heard) == {"interchange", "delivery:mailbox/bigbox", "solo"}, "all were heard")
    rabbit.kill()
    begun = time.monotonic()
    hinting.hint("document")
    assert time.monotonic() - begun < 5, "nobody waits for a broker that is gone"
    rabbit.start()
    heard.clear()
    again = threading.Event()

    def hint() -> bool:
        hinting.hint("document")
        again.wait(0.2)
        return "document" in heard

    eventually(hint, "hints are heard again")


def test_a_server_that_dies_and_comes_back_empty_loses_nothing(
    rabbit: Rabbit, ledger: Ledger, ledger_url: str, home: Path, add: Callable[..., list[str]]
) -> None:
    def done(ids: list[str]) -> Callable[[], bool]:
        return lambda: all(ledger.message(each).state is State.DELIVERED for each in ids)

    command = [sys.executable, "-m", "tests.queue.worker", ledger_url, str(home), rabbit.url]
    with subprocess.Popen(command, cwd=ROOT) as worker:
        try:
            eventually(done(add(5)), "the worker works")
            rabbit.kill()
            ids = add(50)
            rabbit.start()
            eventually(done(ids), "all is done after the server came back")
        finally:
            worker.terminate()
    effects = (home / "effects").read_text().split()
    assert len(effects) == len(set(effects)) == 55


def test_a_url_that_is_not_understood_is_said() -> None:
    with pytest.raises(Misconfigured, match="not understood"):
        new_broker("amqp://127.0.0.1:port/", "crossdock")
