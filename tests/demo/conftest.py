"""A plain SFTP server, and counterparties as the processes that they are."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from demo import signing
from tests.demo.support import Program, SftpServer


@pytest.fixture
def secret_file(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text(signing.new_secret())
    return path


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Callable[..., Program]]:
    programs: list[Program] = []

    def start(name: str, *options: str) -> Program:
        one = Program(name, tmp_path / name, options)
        programs.append(one)
        one.start()
        return one

    yield start
    for one in programs:
        one.stop()


@pytest.fixture
def sftp(tmp_path: Path) -> Iterator[SftpServer]:
    server = SftpServer(tmp_path / "mailbox", tmp_path / "client_key")
    yield server
    server.close()
