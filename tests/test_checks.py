"""`make check`, so that one test command tells everything: format, lint, types, layers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent


def recipe() -> list[str]:
    """The commands of the target ``check``, without their folder."""
    lines = (ROOT / "Makefile").read_text("utf-8").split("\ncheck:", 1)[1].split("\n\n", 1)[0].splitlines()[1:]
    return [line.strip().removeprefix("$(BIN)/") for line in lines]


def test_the_recipe_is_read() -> None:
    assert [command.split()[0] for command in recipe()] == ["ruff", "ruff", "mypy", "lint-imports"]


@pytest.mark.parametrize("command", recipe())
def test_check(command: str) -> None:
    program, *arguments = command.split()
    done = subprocess.run(
        [BIN / program, *arguments], cwd=ROOT, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
