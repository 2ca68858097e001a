"""Options that many verbs share, so that they are spelled and explained once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["Files", "Home", "Json", "PartnerName"]

Json = Annotated[bool, typer.Option("--json", help="JSON on stdout instead of text; an empty list is [].")]

Home = Annotated[
    Path | None,
    typer.Option(
        "--home",
        metavar="DIR",
        help="Folder of the hub: hub.toml, partners/, ledger. Default: CROSSDOCK_HOME, else ./.crossdock.",
        show_default=False,
    ),
]

PartnerName = Annotated[
    str | None,
    typer.Option(
        "--partner", metavar="ID", help="Partner whose profile and overlay apply; needs a home.", show_default=False
    ),
]

Files = Annotated[
    list[str],
    typer.Argument(metavar="FILE…", help="Files; folders are searched through; - is standard input."),
]
