"""Measuring: bench."""

from __future__ import annotations

from enum import StrEnum
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated

import typer

from hub.cli.options import Home, Json
from hub.errors import NotFound

__all__ = ["Figure", "bench"]


class Figure(StrEnum):
    """What can be measured; each is a module of the folder ``bench``."""

    X12 = "x12"
    FLOW = "flow"


def bench(
    figure: Annotated[Figure, typer.Argument(help="x12: reading and judging; flow: messages through the hub.")],
    json: Json = False,
    home: Home = None,
) -> None:
    """Measure this machine, with peers beside it in the same run.

    \b
    Examples:
      crossdock bench x12
      crossdock bench flow --json
    """
    del home
    name = f"bench.{figure.value}"
    if find_spec("bench") is None or find_spec(name) is None:
        raise NotFound(
            f"This installation has no benchmark {figure.value}.",
            fix="Run it from a clone that has bench/" + figure.value + ".py.",
        )
    raise typer.Exit(import_module(name).run(as_json=json))
