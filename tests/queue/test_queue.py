"""The queue inside one process: hints, sweeps, slices, and a graceful end."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
import redis

from hub.errors import Misconfigured
from hub.ledger import Swept
from hub.queue import Queue
from hub.queue.hints import Hints
from hub.queue.lanes import LANES

from .conftest import eventually


class Stage:
    """Work that counts how often it ran; ``left`` is how much there is."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.left = 0
        self.swept = Swept()
        self.sweeps = 0
        self.lock = threading.Lock()

    def run(self, stage: str) -> int:
        with self.lock:
            self.ran.append(stage)
            done = min(self.left, 1)
            self.left -= done
            return done

    def sweep(self) -> Swept:
        self.sweeps += 1
        return self.swept


class _Held:
    """Work of some stages that does not come to its end before ``go_on``; ``count``: how many threads are at it."""

    def __init__(self, stages: tuple[str, ...]) -> None:
        self.stages, self.count, self.ran = stages, 0, list[str]()
        self.go_on, self.lock = threading.Event(), threading.Lock()

    def run(self, stage: str) -> int:
        with self.lock:
            self.ran.append(stage)
            self.count += stage in self.stages
        if stage in self.stages:
            self.go_on.wait()
        return 0


@pytest.fixture
def stage() -> Stage:
    return Stage()


@pytest.fixture
def queue(broker_url: str, stage: Stage) -> Iterator[Queue]:
    opened = Queue(broker_url, stage.run, stage.sweep, threads=4)
    yield opened
    opened.stop(10)


def test_a_hint_is_followed_until_nothing_is_left(queue: Queue, stage: Stage) -> None:
    stage.left = 3
    queue.start()
    queue.hint("document")
    eventually(lambda: len(stage.ran) == 4, "three runs that did something and one that did not")
    assert set(stage.ran) == {"document"}
    assert stage.left == 0


@pytest.mark.parametrize("name", ["interchange", "delivery:mailbox/bigbox", "solo"])
def test_every_lane_runs(queue: Queue, stage: Stage, name: str) -> None:
    queue.start()
    queue.hint(name)
    eventually(lambda: name in stage.ran, "the stage ran")


def test_the_sweeper_hints_what_nobody_hinted(queue: Queue, stage: Stage) -> None:
    stage.swept = Swept(stages=("document", "delivery:erp"))
    queue.start()
    eventually(lambda: {"document", "delivery:erp"} <= set(stage.ran), "both stages ran")


def test_an_idle_process_waits_at_the_broker_instead_of_asking(valkey_url: str, stage: Stage) -> None:
    queue = Queue(valkey_url, stage.run, stage.sweep, threads=4)
    queue.start()
    server = redis.Redis.from_url(valkey_url)
    eventually(lambda: server.info("clients")["blocked_clients"] >= len(LANES), "every lane waits")
    begun, before = time.monotonic(), _scripts_run(server)
    threading.Event().wait(1.0)
    asked, seconds = _scripts_run(server) - before, time.monotonic() - begun
    queue.hint("document")
    eventually(lambda: stage.ran == ["document"], "the hint was heard")
    queue.stop(10)
    server.close()
    assert asked <= len(LANES) * (2 * seconds + 1)


def _scripts_run(server: redis.Redis) -> int:
    return int(server.info("commandstats").get("cmdstat_evalsha", {}).get("calls", 0))


def test_a_failing_stage_and_a_failing_sweep_stop_nothing(
    broker_url: str, stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    failed = threading.Event()

    def run(name: str) -> int:
        if not failed.is_set():
            failed.set()
            raise ZeroDivisionError("a bug in the stage")
        return stage.run(name)

    def sweep() -> Swept:
        stage.sweeps += 1
        if stage.sweeps == 1:
            raise ConnectionError("the database is away")
        return Swept(stages=("document",))

    queue = Queue(broker_url, run, sweep, threads=2)
    queue.start()
    queue.hint("document")
    eventually(lambda: failed.is_set() and stage.ran, "the stage ran again")
    queue.stop(10)
    assert "work on stage document was interrupted" in caplog.text
    assert "sweeping failed" in caplog.text


def test_stopping_waits_for_the_work_at_hand(broker_url: str, stage: Stage) -> None:
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def run(_name: str) -> int:
        begun.set()
        go_on.wait()
        ended.set()
        return 1

    queue = Queue(broker_url, run, stage.sweep, threads=2)
    queue.start()
    queue.hint("document")
    assert begun.wait(30)
    threading.Timer(0.2, go_on.set).start()
    queue.stop(20)
    assert ended.is_set()


def test_one_slow_endpoint_leaves_threads_to_the_others(broker_url: str) -> None:
    slow, fast, go_on = threading.Semaphore(0), threading.Event(), threading.Event()

    def run(name: str) -> int:
        if name == "delivery:slow":
            slow.release()
            go_on.wait()
        else:
            fast.set()
        return 0

    queue = Queue(broker_url, run, lambda: Swept(stages=("delivery:slow",)), threads=8)
    queue.start()
    try:
        assert slow.acquire(timeout=30)
        assert slow.acquire(timeout=30)
        queue.hint("delivery:fast")
        assert fast.wait(30)
    finally:
        go_on.set()
        queue.stop(10)


def test_slow_endpoints_together_leave_a_thread_to_another(broker_url: str) -> None:
    slow = ("delivery:first", "delivery:second", "delivery:third")
    held = _Held(slow)
    queue = Queue(broker_url, held.run, lambda: Swept(stages=slow), threads=6)
    queue._slow.update(slow)
    queue.start()
    try:
        eventually(lambda: held.count >= 3, "three of four threads wait for slow endpoints")
        queue.hint("delivery:quick")
        eventually(lambda: "delivery:quick" in held.ran, "the fourth was left")
        assert held.count == 3
    finally:
        held.go_on.set()
        queue.stop(10)


@pytest.mark.parametrize(
    "stages",
    [
        [f"delivery:{number}" for number in range(4)],
        [f"delivery:{number}" for number in range(6)],
        ["interchange", "document"],
    ],
    ids=["four endpoints", "six endpoints", "documents beside files"],
)
def test_slow_stages_take_turns(broker_url: str, stages: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Each works without an end, and all but ``interchange`` count as slow from the first time on."""
    monkeypatch.setattr("hub.queue.queue._SLOW_SECONDS", 0.0)
    monkeypatch.setattr("hub.queue.queue._SLICE_SECONDS", 0.0)
    ran: list[str] = []

    def run(name: str) -> int:
        time.sleep(0.01)
        ran.append(name)
        return 1

    queue = Queue(broker_url, run, lambda: Swept(stages=tuple(stages)), threads=6)
    queue.start()
    try:
        eventually(lambda: len(ran) >= 300, "they work")
    finally:
        queue.stop(10)
    assert min(ran.count(name) for name in stages) >= 300 // len(stages) // 4


def test_documents_that_wait_for_a_service_leave_a_thread_to_files(broker_url: str) -> None:
    held = _Held(("document",))
    queue = Queue(broker_url, held.run, lambda: Swept(stages=("document",)), threads=6)
    queue._slow.add("document")
    queue.start()
    try:
        eventually(lambda: held.count >= 1, "a thread waits for the service")
        queue.hint("interchange")
        eventually(lambda: "interchange" in held.ran, "the other was left")
        assert held.count == 1
    finally:
        held.go_on.set()
        queue.stop(10)


def test_what_was_slow_is_known_until_it_is_quick_again(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.queue.queue._SLOW_SECONDS", 0.0)
    queue._run = lambda _stage: 1
    assert queue._timed("delivery:erp") == 1
    assert queue._timed("interchange") == 1
    assert queue._slow == {"delivery:erp"}
    monkeypatch.setattr("hub.queue.queue._SLOW_SECONDS", 60.0)
    queue._run = lambda _stage: 0
    queue._timed("delivery:erp")
    assert queue._slow == {"delivery:erp"}, "that there was nothing to do shows nothing"
    queue._run = lambda _stage: 1
    queue._timed("delivery:erp")
    assert queue._slow == set()


def test_a_process_without_threads_only_hints(broker_url: str, stage: Stage) -> None:
    queue = Queue(broker_url, stage.run, stage.sweep, threads=0)
    queue.start()
    queue.hint("document")
    queue.stop(1)
    assert (stage.ran, stage.sweeps) == ([], 0)


def test_a_broker_that_is_not_there_costs_nothing_but_a_warning(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    queue = Queue("redis://127.0.0.1:1/0", stage.run, stage.sweep, threads=0)
    before = time.monotonic()
    for _ in range(100):
        queue.hint("document")
    assert time.monotonic() - before < 5
    assert caplog.text.count("the broker does not take hints") == 1
    queue.stop(1)


@pytest.mark.parametrize(
    "url", ["http://example.com", "kafka://x", "redis://host:notaport/0", "localhost", "localhost/0"]
)
def test_a_wrong_url_is_told_in_words(url: str, stage: Stage) -> None:
    with pytest.raises(Misconfigured) as told:
        Queue(url, stage.run, stage.sweep)
    assert told.value.fix


def test_hints_that_wait_are_not_repeated() -> None:
    hints = Hints(lambda: 0.0, None)
    assert [hints.offer("document"), hints.offer("document"), hints.offer("solo")] == [True, False, True]
    hints.taken("document")
    assert hints.offer("document")


def test_hints_held_back_from_a_shared_broker_come_later() -> None:
    now = [10.0]
    hints = Hints(lambda: now[0], 0.05)
    assert [hints.offer("document"), hints.offer("document")] == [True, False]
    assert hints.any_held_back()
    assert hints.overdue() == []
    now[0] += 0.06
    assert hints.overdue() == ["document"]
    assert hints.offer("document")
    assert not hints.any_held_back()
