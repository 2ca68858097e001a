"""The quick transport against real servers: sockets kept and given up, odd answers, TLS."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from hub.contracts.http_outcome import Reply, Wire
from hub.contracts.http_quick import QuickTransport
from hub.errors import Misconfigured, OutcomeUnknown, Unreachable

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nOK"


class _Server:
    """Answers each request on a socket with the next of ``answers``, the last one ever after; ``None`` hangs up."""

    def __init__(self, answers: tuple[bytes | None, ...]) -> None:
        self.sockets = 0
        self._answers = answers
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                end, _ = self._listener.accept()
            except OSError:
                return
            self.sockets += 1
            threading.Thread(target=self._talk, args=(end,), daemon=True).start()

    def _talk(self, end: socket.socket) -> None:
        with end:
            for number in range(1000):
                answer = self._answers[min(number, len(self._answers) - 1)]
                if not end.recv(65536) or answer is None:
                    return
                end.sendall(answer)

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@pytest.fixture
def serve() -> Iterator[Callable[..., _Server]]:
    servers: list[_Server] = []

    def start(*answers: bytes | None) -> _Server:
        servers.append(_Server(answers))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def wire() -> Iterator[Callable[..., Wire]]:
    built: list[Wire] = []

    def build(*, answer_seconds: float = 5.0, idle_seconds: float = 5.0, tls: ssl.SSLContext | None = None) -> Wire:
        transport = QuickTransport(idle_seconds=idle_seconds, tls=tls)
        built.append(Wire("ERP", connect_seconds=2, answer_seconds=answer_seconds, transport=transport))
        return built[-1]

    yield build
    for each in built:
        each.close()


def _post(wire: Wire, url: str, *, safe: bool = False) -> Reply:
    return wire.call("POST", url, headers={"x": "y"}, content=b"{}", safe=safe)


def test_a_socket_is_kept_from_call_to_call(serve: Callable[..., _Server], wire: Callable[..., Wire]) -> None:
    server, client = serve(OK), wire()
    assert [_post(client, server.url).body for _ in range(20)] == [b"OK"] * 20
    assert server.sockets == 1


def test_threads_share_the_sockets_that_rest(serve: Callable[..., _Server], wire: Callable[..., Wire]) -> None:
    server, client = serve(OK), wire()
    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda _: _post(client, server.url), range(80)))
    assert {reply.body for reply in replies} == {b"OK"}
    assert server.sockets <= 4


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"HTTP/1.1 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nOK",
        b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nOK",
    ],
    ids=["more than was asked for", "closing", "HTTP/1.0"],
)
def test_a_socket_that_is_spent_is_not_used_again(
    serve: Callable[..., _Server], wire: Callable[..., Wire], answer: bytes
) -> None:
    server, client = serve(answer), wire()
    assert [_post(client, server.url).body for _ in range(2)] == [b"OK"] * 2
    assert server.sockets == 2


def test_a_socket_that_rested_long_is_not_used_again(serve: Callable[..., _Server], wire: Callable[..., Wire]) -> None:
    server, client = serve(OK), wire(idle_seconds=-1.0)
    _post(client, server.url)
    _post(client, server.url)
    assert server.sockets == 2


def test_what_is_sent_on_a_socket_that_ends_is_not_sent_again(
    serve: Callable[..., _Server], wire: Callable[..., Wire]
) -> None:
    server, client = serve(OK, None), wire()
    _post(client, server.url)
    with pytest.raises(OutcomeUnknown):
        _post(client, server.url)
    assert server.sockets == 1
    assert _post(client, server.url).body == b"OK"


@pytest.mark.parametrize(
    ("answer", "body"),
    [
        (b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n" + OK, b"OK"),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nOK\r\n1\r\n!\r\n0\r\n\r\n", b"OK!"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b""),
        (b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n", None),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\nOK", None),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", None),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", None),
        (b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 20_000, None),
    ],
    ids=["1xx first", "chunks", "nothing", "another protocol", "two lengths", "no chunk", "no HTTP", "endless head"],
)
def test_what_is_read(
    serve: Callable[..., _Server], wire: Callable[..., Wire], answer: bytes, body: bytes | None
) -> None:
    server, client = serve(answer), wire()
    if body is not None:
        assert _post(client, server.url).body == body
        return
    with pytest.raises(OutcomeUnknown, match="did not answer completely"):
        _post(client, server.url)
    with pytest.raises(Unreachable, match="did not answer completely"):
        _post(client, server.url, safe=True)


def test_a_head_that_drips_comes_to_an_end(wire: Callable[..., Wire]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        over = threading.Event()

        def drip() -> None:
            end, _ = listener.accept()
            with end:
                while not over.wait(0.05):
                    try:
                        end.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
                    except OSError:
                        return

        dripping = threading.Thread(target=drip)
        dripping.start()
        try:
            with pytest.raises(OutcomeUnknown, match="in time"):
                _post(wire(answer_seconds=0.2), f"http://127.0.0.1:{listener.getsockname()[1]}/")
        finally:
            over.set()
            dripping.join()


def test_tls(tmp_path: Path, wire: Callable[..., Wire]) -> None:
    certificate = _certificate(tmp_path)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Polite)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    port = server.server_address[1]
    try:
        trusting = wire(tls=ssl.create_default_context(cafile=str(certificate)))
        assert [_post(trusting, f"https://127.0.0.1:{port}/").body for _ in range(3)] == [b"OK"] * 3
        with pytest.raises(Misconfigured, match="certificate that is not trusted"):
            _post(trusting, f"https://localhost:{port}/")
        with pytest.raises(Misconfigured, match="certificate that is not trusted"):
            _post(wire(), f"https://127.0.0.1:{port}/")
        with pytest.raises(OutcomeUnknown):
            _post(wire(), f"http://127.0.0.1:{port}/")
    finally:
        server.shutdown()
        server.server_close()
    with pytest.raises(Unreachable):
        _post(wire(), f"https://127.0.0.1:{port}/")


class _Polite(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        """Silent."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.wfile.write(OK)


def _certificate(folder: Path) -> Path:
    """For 127.0.0.1, signed by itself, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "erp")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = folder / "erp.pem"
    path.write_bytes(made.public_bytes(pem) + private)
    return path
