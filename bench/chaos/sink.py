"""A far end that remembers: ``python -m bench.chaos.sink --port N --records FILE [--drop P --seed S] [--forgetful]``.

Any POST with ``Idempotency-Key`` is an effect, noted in FILE before it is answered; the same key again is answered
``repeated`` and noted as that. ``GET /idempotency/{key}`` tells whether a key was used. POST /batch/… takes ``{"items":
[{"key", "document"}]}``. With ``--drop`` that share of calls is noted, and the connection is cut in the middle of the
answer. A forgetful one takes whatever comes as an effect and cannot be asked; its records tell which came before.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import os
import random
import signal
import time
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import orjson

__all__ = ["Records", "Tail", "read_records"]

_REASONS = {200: "OK", 201: "Created", 400: "Bad Request", 404: "Not Found", 422: "Unprocessable Entity"}


class Records:
    """What has arrived, in order, in a file whose lines are whole or not there."""

    def __init__(self, path: Path, *, forgetful: bool = False) -> None:
        self._forgetful = forgetful
        self._known = {record["key"]: record["digest"] for record in read_records(path) if record["new"]}
        self._count = len(self._known)
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def take(self, path: str, key: str, document: dict[str, Any], *, cut: bool = False) -> dict[str, Any]:
        """Note a document; what is answered. ``cut``: the answer will not get through."""
        digest = hashlib.sha256(orjson.dumps(document, option=orjson.OPT_SORT_KEYS)).hexdigest()
        known = self._known.get(key)
        if known is not None and known != digest and not self._forgetful:
            self._note(path, key, document, digest, new=False, conflict=True)
            return {"error": {"code": "KEY_REUSED", "message": "this key was used for something else"}}
        self._note(path, key, document, digest, new=known is None, cut=cut)
        self._known[key] = digest
        repeated = known is not None and not self._forgetful
        return {"reference": f"R-{key[-40:]}", **({"repeated": True} if repeated else {})}

    def knows(self, key: str) -> bool:
        return key in self._known and not self._forgetful

    def _note(self, path: str, key: str, document: dict[str, Any], digest: str, **facts: bool) -> None:
        self._count += 1
        record = {
            "n": self._count,
            "at": time.time(),
            "path": path,
            "key": key,
            "po": document.get("purchase_order_number", ""),
            "number": document.get("shipment_id") or document.get("order_number", ""),
            "digest": digest,
            **facts,
        }
        if path == "/warehouse":
            record["lines"] = document["lines"]
        os.write(self._file, orjson.dumps(record) + b"\n")


def read_records(path: Path) -> list[dict[str, Any]]:
    """The records in a file, oldest first; a line that was torn by a kill was told to nobody."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return []
    return [orjson.loads(line) for line in data[: data.rfind(b"\n") + 1].splitlines()]


class Tail:
    """The records in a file as they come."""

    def __init__(self, path: Path) -> None:
        self._path, self._read = path, 0

    def new(self) -> list[dict[str, Any]]:
        """Those that came since the last call."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(self._read)
            data = file.read()
        whole = data[: data.rfind(b"\n") + 1]
        self._read += len(whole)
        return [orjson.loads(line) for line in whole.splitlines()]


class Connection(asyncio.Protocol):
    """HTTP/1.1 with Content-Length, just enough to be quick."""

    def __init__(self, records: Records, drop: float, dice: random.Random) -> None:
        self._records, self._drop, self._dice = records, drop, dice
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            lines = self._buffer[:end].decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
            length = int(headers.get("content-length", "0"))
            if len(self._buffer) < end + 4 + length:
                return
            body, self._buffer = self._buffer[end + 4 : end + 4 + length], self._buffer[end + 4 + length :]
            method, target, _ = lines[0].split(" ", 2)
            cut = method == "POST" and self._dice.random() < self._drop
            status, answer = self._serve(method, unquote(target), headers, body, cut=cut)
            text = orjson.dumps(answer)
            head = f"HTTP/1.1 {status} {_REASONS[status]}\r\ncontent-type: application/json\r\n"
            whole = head.encode() + f"content-length: {len(text)}\r\n\r\n".encode() + text
            assert self._transport is not None
            self._transport.write(whole[: len(whole) - len(text) // 2] if cut else whole)
            if cut:
                self._transport.abort()
                return

    def _serve(self, method: str, target: str, headers: dict[str, str], body: bytes, *, cut: bool) -> tuple[int, Any]:
        if method == "GET":
            key = target.removeprefix("/idempotency/")
            return (200, {"reference": f"R-{key[-40:]}"}) if self._records.knows(key) else (404, {})
        if target.startswith("/batch/"):
            path, items = target.removeprefix("/batch"), orjson.loads(body)["items"]
            return 200, {
                "results": [
                    {"key": item["key"], **self._records.take(path, item["key"], item["document"], cut=cut)}
                    for item in items
                ]
            }
        answer = self._records.take(target, headers["idempotency-key"], orjson.loads(body), cut=cut)
        return (422 if "error" in answer else 200 if "repeated" in answer else 201), answer


async def serve(port: int, records: Records, drop: float, seed: int) -> None:
    """Until SIGTERM."""
    loop = asyncio.get_running_loop()
    dice = random.Random(seed)
    server = await loop.create_server(lambda: Connection(records, drop, dice), "127.0.0.1", port)
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    async with server:
        await stop.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--records", type=Path, required=True)
    parser.add_argument("--drop", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--forgetful", action="store_true")
    chosen = parser.parse_args()
    records = Records(chosen.records, forgetful=chosen.forgetful)
    asyncio.run(serve(chosen.port, records, chosen.drop, chosen.seed))


if __name__ == "__main__":
    main()
