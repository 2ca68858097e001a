"""HTTP against clients that mean no good: connections and bodies are bounded, and the honest are served meanwhile."""

from __future__ import annotations

import resource
import select
import socket
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.http_inbound.inbound import HttpInbound
from connectors.http_inbound.settings import HttpInboundSettings
from hub.contracts.http_bodies import SMALL_BYTES, BodyLimits, Budget, widest
from hub.contracts.http_connections import ConnectionLimits
from hub.contracts.standard_webhooks import signed_headers
from hub.server.http import HttpServer
from tests.contract.site import HUB_SECRETS, NOW, Hub, Time, site
from tests.contract.waiting import WAIT_SECONDS_MAX, eventually

PATH = "/v1/documents/under_test"
LARGE = 4_000_000
LONG = 40_000_000
STRANGER = {"webhook-id": "m", "webhook-timestamp": str(int(NOW)), "webhook-signature": "v1,made-up"}
BEARER = {"authorization": f"Bearer {HUB_SECRETS['bearer']}", "idempotency-key": "k-1"}


class Server:
    """The hub's server, and sockets to it that are closed after the test."""

    def __init__(self, stack: ExitStack, app: Any, **limits: Any) -> None:
        self._http = HttpServer(app, "127.0.0.1", 0, **limits)
        self._stack = stack
        self.url = self._http.url
        self._http.start()
        stack.callback(self._http.stop)

    def connected(self, *sent: bytes) -> socket.socket:
        host, port = self.url.removeprefix("http://").split(":")
        client = self._stack.enter_context(socket.create_connection((host, int(port)), WAIT_SECONDS_MAX))
        for data in sent:
            client.sendall(data)
        return client

    def post(self, headers: dict[str, str], body: bytes = b"ISA~") -> httpx.Response:
        return httpx.post(self.url + PATH, content=body, headers=headers, timeout=WAIT_SECONDS_MAX, trust_env=False)

    @property
    def connections(self) -> int:
        return len(self._http._server.server_state.connections)

    def connection(self) -> Any:
        """The only one, once it is there."""
        eventually(lambda: self.connections == 1)
        return next(iter(self._http._server.server_state.connections))

    def run_in_loop(self, work: Callable[[], None]) -> None:
        """In the server's event loop, to the end."""
        done = threading.Event()
        self.connection().loop.call_soon_threadsafe(lambda: (work(), done.set()))
        assert done.wait(WAIT_SECONDS_MAX)

    @property
    def budget(self) -> Budget:
        return self._http._server.config.app.budget


Serve = Callable[..., Server]


@pytest.fixture
def serve(tmp_path: Path, time: Time, hub: Hub) -> Iterator[Serve]:
    settings = HttpInboundSettings(signing_secrets=("signing",), bearer_secrets=("bearer",), body_bytes_max=LARGE)
    with ExitStack() as stack:
        inbound = HttpInbound(settings, site(tmp_path, time)).app(hub.accept)
        yield lambda app=inbound, **limits: Server(stack, app, **limits)


def head(length: int | None, headers: dict[str, str] = STRANGER) -> bytes:
    """A request's head; chunked without a length."""
    size = "transfer-encoding: chunked" if length is None else f"content-length: {length}"
    lines = [f"POST {PATH} HTTP/1.1", "host: x", size, *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


def ended(client: socket.socket) -> bool:
    """Whether the server ended the connection; waits for it."""
    try:
        while client.recv(4000):
            pass
    except TimeoutError:
        return False
    except ConnectionError:
        return True
    return True


def test_hundreds_of_idle_connections_hinder_nobody(serve: Serve) -> None:
    server = serve(connections=ConnectionLimits(connections_max=100, head_seconds=60))
    first = server.connected()
    for _ in range(300):
        server.connected()
    assert server.post(BEARER).status_code == 202
    assert server.connections <= 100
    assert ended(first)


@pytest.mark.parametrize("begun", [b"", b"POST / HTTP/1.1\r\nhost: x\r\n"])
def test_a_head_that_does_not_come_is_waited_for_so_long_only(serve: Serve, begun: bytes) -> None:
    server = serve(connections=ConnectionLimits(head_seconds=0.2))
    assert ended(server.connected(begun))
    assert server.connections == 0


def test_a_head_that_comes_slowly_is_not_waited_for_longer(serve: Serve) -> None:
    server = serve(connections=ConnectionLimits(head_seconds=0.2))
    client = server.connected(b"GET / HTTP/1.1\r\nx: ")
    client.settimeout(0.02)

    def cut_off() -> bool:
        try:
            client.sendall(b"y")
            return client.recv(1) == b""
        except TimeoutError:
            return False
        except ConnectionError:
            return True

    eventually(cut_off)


def test_a_second_head_has_the_same_time(serve: Serve) -> None:
    server = serve(connections=ConnectionLimits(head_seconds=0.2, rest_seconds=60))
    client = server.connected(b"GET /nothing HTTP/1.1\r\nhost: x\r\n\r\n")
    assert client.recv(4000).startswith(b"HTTP/1.1 404")
    client.sendall(b"GET")
    assert ended(client)


def test_a_body_that_goes_on_after_its_answer_is_not_waited_for(serve: Serve) -> None:
    server = serve(connections=ConnectionLimits(head_seconds=0.2, rest_seconds=60))
    client = server.connected(head(LARGE, {}))
    assert client.recv(100).startswith(b"HTTP/1.1 401")
    client.sendall(b"x")
    assert ended(client)


def test_a_request_under_way_may_take_longer_than_its_head(serve: Serve) -> None:
    server = serve(connections=ConnectionLimits(head_seconds=0.1))
    client = server.connected(head(4, BEARER), b"I")
    other = server.connected()
    assert ended(other)
    client.sendall(b"SA~")
    assert client.recv(100).startswith(b"HTTP/1.1 202")


def test_who_comes_while_all_are_served_is_told_when_to_come_again(serve: Serve) -> None:
    server = serve(connections=ConnectionLimits(connections_max=2))
    busy = [server.connected(head(4, BEARER | {"expect": "100-continue"})) for _ in range(2)]
    for client in busy:
        assert client.recv(100).startswith(b"HTTP/1.1 100")
    refused = server.post(BEARER)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "10")
    for client in busy:
        client.sendall(b"ISA~")
        assert client.recv(100).startswith(b"HTTP/1.1 20")
    assert server.post(BEARER).status_code == 200


async def endless(scope: Any, receive: Any, send: Any) -> None:
    """An application whose answer is larger than what the kernel keeps for a client."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for _ in range(1000):
        await send({"type": "http.response.body", "body": b"x" * 1_000_000, "more_body": True})
    await send({"type": "http.response.body"})


def test_an_answer_that_nobody_takes_is_cut_off(serve: Serve) -> None:
    server = serve(endless, connections=ConnectionLimits(head_seconds=60, answer_seconds=0.2, rest_seconds=60))
    client = server.connected(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
    assert client.recv(10) == b"HTTP/1.1 2"
    eventually(lambda: server.connections == 0)


async def long(scope: Any, receive: Any, send: Any) -> None:
    """An application that gives at once an answer several times as long as what the kernel keeps for a client."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % LONG)]})
    await send({"type": "http.response.body", "body": b"x" * LONG})


@pytest.mark.parametrize("head_seconds", [60, 0.1], ids=["open", "closing"])
def test_an_answer_is_cut_off_only_when_nothing_is_taken(serve: Serve, head_seconds: float) -> None:
    limits = ConnectionLimits(head_seconds=head_seconds, answer_seconds=3600, rest_seconds=60)
    server = serve(long, connections=limits)
    client = server.connected(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
    connection = server.connection()
    eventually(lambda: connection._answer and connection.transport.is_closing() == (head_seconds < 1))
    before = connection.transport.get_write_buffer_size()
    taken = 0
    while taken < LONG // 5:
        taken += len(client.recv(100_000))
    eventually(lambda: connection.transport.get_write_buffer_size() < before)
    server.run_in_loop(lambda: connection._judge(before))
    assert not connection._answer.cancelled()
    server.run_in_loop(lambda: connection._judge(connection.transport.get_write_buffer_size()))
    eventually(lambda: server.connections == 0)


def test_connections_are_few_beside_the_files_that_may_be_open() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (400, hard))
    try:
        assert ConnectionLimits().connections_max == 100
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize("limits", [BodyLimits(stall_seconds=0.2), BodyLimits(seconds=0.2)])
def test_a_body_that_stalls_or_takes_too_long_is_ended(serve: Serve, hub: Hub, limits: BodyLimits) -> None:
    server = serve(bodies=limits)
    client = server.connected(head(100), b"ISA")
    assert client.recv(100).startswith(b"HTTP/1.1 408")
    assert hub.calls == 0


def test_a_body_that_trickles_is_not_waited_for_longer(serve: Serve) -> None:
    server = serve(bodies=BodyLimits(seconds=0.3))
    client = server.connected(head(1_000_000))
    client.settimeout(0.02)
    answer = b""

    def answered() -> bytes:
        nonlocal answer
        client.sendall(b"y")
        try:
            answer = client.recv(100)
        except TimeoutError:
            return b""
        return answer

    eventually(answered)
    assert answer.startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize("length", [LARGE, None], ids=["announced", "chunked"])
def test_large_bodies_of_strangers_share_a_budget(serve: Serve, hub: Hub, length: int | None) -> None:
    server = serve(bodies=BodyLimits(bytes_max=LARGE, at_once=4))
    piece = b"x" * (LARGE - 1000)
    begin = (head(length), b"%x\r\n" % LARGE if length is None else b"", piece)
    tracemalloc.start()
    try:
        clients = [server.connected(*begin) for _ in range(30)]
        eventually(lambda: len(select.select(clients, [], [], 0)[0]) >= 26)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 12 * LARGE
    for client in select.select(clients, [], [], 0)[0]:
        refused = client.recv(1000)
        assert refused.startswith(b"HTTP/1.1 503")
        assert b"retry-after: 10" in refused
    body = b"x" * SMALL_BYTES
    assert server.post(signed_headers([HUB_SECRETS["signing"]], "small", NOW, body), body).status_code == 202
    for client in clients:
        client.close()
    eventually(lambda: server.budget.left == 4 * LARGE)
    body = b"x" * LARGE
    assert server.post(signed_headers([HUB_SECRETS["signing"]], "large", NOW, body), body).status_code == 202
    assert [len(arrival.data) for arrival in hub.arrivals] == [SMALL_BYTES, LARGE]
    eventually(lambda: server.budget.left == 4 * LARGE)


def test_who_only_announces_much_keeps_nobody_out(serve: Serve) -> None:
    server = serve(bodies=BodyLimits(bytes_max=LARGE, at_once=1))
    for _ in range(20):
        server.connected(head(LARGE), b"x" * 1000)
    body = b"x" * LARGE
    assert server.post(signed_headers([HUB_SECRETS["signing"]], "large", NOW, body), body).status_code == 202


@pytest.mark.parametrize("sent", [0, 1000, LARGE // 2])
def test_who_vanishes_gives_his_share_back(serve: Serve, hub: Hub, sent: int) -> None:
    server = serve()
    whole = server.budget.left
    client = server.connected(head(LARGE), b"x" * sent)
    eventually(lambda: server.budget.left == whole - max(0, sent - SMALL_BYTES))
    client.close()
    eventually(lambda: server.budget.left == whole)
    assert hub.calls == 0


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        (BEARER | {"authorization": "Bearer wrong"}, 401),
        ({"authorization": BEARER["authorization"]}, 400),
    ],
    ids=["nobody", "wrong", "no key"],
)
def test_who_can_be_judged_by_his_head_is_answered_without_a_body(
    serve: Serve, headers: dict[str, str], status: int
) -> None:
    client = serve().connected(head(LARGE, headers))
    assert client.recv(100).startswith(b"HTTP/1.1 %d" % status)


@pytest.mark.parametrize("length", [1001, None], ids=["announced", "chunked"])
def test_no_body_is_larger_than_the_server_takes(serve: Serve, length: int | None) -> None:
    server = serve(bodies=BodyLimits(bytes_max=1000))
    client = server.connected(head(length, BEARER), b"3e9\r\n" if length is None else b"", b"x" * 1001)
    assert client.recv(100).startswith(b"HTTP/1.1 413")


def test_a_server_of_several_allows_what_each_of_them_takes() -> None:
    small, quick = BodyLimits(bytes_max=10, seconds=90), BodyLimits(bytes_max=20, seconds=30)
    assert widest([small, quick]) == BodyLimits(bytes_max=20, seconds=90)
