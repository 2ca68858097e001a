"""A hub that nobody can reach any more does not go on as if it were up."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from hub.server.http import HttpServer

ROOT = Path(__file__).parent.parent.parent
PATIENCE_SECONDS = 60.0
ENVIRONMENT = {
    "CROSSDOCK_LISTEN_HOST": "127.0.0.1",
    "CROSSDOCK_ERP_URL": "https://erp.example",
    "CROSSDOCK_WAREHOUSE_URL": "https://wms.example",
    "CROSSDOCK_TAX_URL": "https://tax.example",
    "CROSSDOCK_CARRIER_URL": "https://carrier.example",
    "CROSSDOCK_SECRET_WMS_WEBHOOK": "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
}
PAGE = """
import asyncio
from hub.cli import main
from hub.server import serve

build = serve.build

def fragile(hub):
    app = build(hub)
    app.add_api_route("/die", die)
    return app

async def die():
    asyncio.get_running_loop().stop()

serve.build = fragile
main()
"""
MAILBOX = """
import asyncio
from connectors.sftp_mailbox.door import Visitor
from hub.cli import main

Visitor.connection_made = lambda visitor, connection: asyncio.get_running_loop().stop()
main()
"""


@pytest.mark.parametrize(
    ("program", "address", "died"),
    [
        (PAGE, "page", "page, API and inbound HTTP died"),
        (MAILBOX, "mailbox", "the listener of connection mailbox died"),
    ],
)
def test_a_hub_that_has_ceased_to_listen_ends_in_order_and_with_an_error(
    tmp_path: Path, program: str, address: str, died: str
) -> None:
    shutil.copytree(ROOT / "deploy" / "config", tmp_path / "config")
    hub = tmp_path / "config" / "hub.toml"
    hub.write_text(hub.read_text().replace("port = 8080", "port = 0").replace("port = 2222", "port = 0"))
    command = [sys.executable, "-c", program, "up", "--json", "--home", str(tmp_path)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CROSSDOCK_")}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment | ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            ready = process.stdout.readline()
            assert ready, process.communicate()[1]
            _visit(json.loads(ready)[address])
            _, said = process.communicate(timeout=PATIENCE_SECONDS)
        finally:
            process.kill()
    assert process.returncode == 1
    assert died in said
    assert not (tmp_path / "hub.pid").exists(), "it ended in order"


def _visit(address: str) -> None:
    """What ends it, over HTTP or SSH; it may answer yet."""
    url = httpx.URL(address)
    if url.scheme == "http":
        with suppress(httpx.HTTPError):
            httpx.get(url.join("/die"), timeout=PATIENCE_SECONDS)
        return
    with socket.create_connection((url.host, url.port or 22), PATIENCE_SECONDS) as connection, suppress(OSError):
        connection.recv(1)


def test_an_end_that_was_asked_for_is_no_death() -> None:
    dead = threading.Event()
    server = HttpServer(FastAPI(), "127.0.0.1", 0, died=dead.set)
    server.start()
    assert httpx.get(server.url).status_code == 404
    server.stop()
    assert not dead.is_set()
