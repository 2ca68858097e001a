"""Measuring: bench."""

from __future__ import annotations

from enum import StrEnum
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated

import typer

from hub.cli.options import Home, Json
from hub.cli.output import emit, table
from hub.errors import NotFound

__all__ = ["Figure", "bench"]


class Figure(StrEnum):
    """What can be measured: modules of the folder ``bench`` with a function ``figures``, a list of flat objects."""

    X12 = "x12"
    FLOW = "flow"


def bench(
    figure: Annotated[Figure, typer.Argument(help="x12: reading and judging; flow: messages through the hub.")],
    json: Json = False,
    home: Home = None,
) -> None:
    """Measure this machine, with peers beside it in the same run; what counts are the ratios. Needs no home.

    \b
    Examples:
      crossdock bench x12
      crossdock bench flow --json
    """
    del home
    if not _is_there(figure):
        there = ", ".join(other for other in Figure if _is_there(other)) or "none"
        raise NotFound(
            f"This installation has no benchmark {figure.value}; it has: {there}.",
            fix=f"Run it in a clone that has bench/{figure.value}.py.",
        )
    rows = import_module(f"bench.{figure.value}").figures()
    if json:
        emit(rows)
        return
    columns = [name if any(isinstance(row[name], str) for row in rows) else f"{name}#" for name in rows[0]]
    table(columns, [list(row.values()) for row in rows], empty="No figures.")


def _is_there(figure: Figure) -> bool:
    try:
        return find_spec(f"bench.{figure.value}") is not None
    except ModuleNotFoundError:
        return False
