"""The grammar tables as map directories of pyx12: maps."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hub.cli.options import Home, Json
from hub.cli.output import emit, text
from hub.errors import NotFound, Rejected

__all__ = ["maps"]


def maps(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that is made, or is empty.")],
    release: Annotated[str, typer.Option("--release", metavar="RELEASE", help="004010 or 005010.")] = "004010",
    json: Json = False,
    home: Home = None,
) -> None:
    """Write the grammar of a release as a map directory of pyx12, for its own programs and for others who read it.

    \b
    Examples:
      crossdock maps pyx12-maps
      crossdock maps pyx12-maps --release 005010
    """
    from hub.x12.grammar import RELEASES
    from hub.x12.second_opinion import write_directory

    del home
    if release not in RELEASES:
        raise NotFound(f"There are no tables for {release}.", fix=f"Name one of: {', '.join(RELEASES)}.")
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise Rejected(f"{directory} is not an empty folder.", fix="Name a new one.")
    directory.mkdir(parents=True, exist_ok=True)
    write_directory(directory, release)
    files = sorted(path.name for path in directory.iterdir())
    if json:
        emit({"directory": str(directory), "release": release, "files": files})
    else:
        text(f"{len(files)} files in {directory}; x12valid --map-path {directory} takes them.")
