"""``python -m bench.chaos --ledger sqlite|postgresql --broker memory|valkey --workers W --messages N --kills K``, or
``python -m bench.chaos --series 20 --messages 5000 --kills 30 --out FILE``.

Prints a line of JSON and a row of a table a run; exit code 1 when an effect was lost, doubled or out of order, or the
audit is not balanced. A series takes the four setups in turns, with a power cut, a full disk and two wrong clocks in
each run, and a warehouse that can be asked in every other one. ``--out FILE`` gets the lines of JSON, ``FILE.md`` the
table, both as they come; runs that FILE has already are not done again.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from bench.chaos.run import HEAD, Settings, fire, table_row

_SETUPS = (("sqlite", "memory", 0), ("postgresql", "valkey", 2), ("sqlite", "memory", 1), ("sqlite", "valkey", 2))
_WAREHOUSES = ("asked", "held", "asked", "resent")


def main() -> int:
    chosen = _arguments()
    out: Path | None = chosen.out
    runs = _series(chosen) if chosen.series else [_single(chosen, seed) for seed in _seeds(chosen)]
    done = _done(out)
    clean = True
    print(HEAD, flush=True)
    for settings in runs:
        if settings.seed in done:
            continue
        result = _fired(settings, chosen.folder and chosen.folder / f"seed-{settings.seed}")
        clean = clean and result["clean"]
        row = table_row(result) if "audit" in result else f"| {settings.seed} failed: {result['failed']} |"
        print(row, file=sys.stdout, flush=True)
        print(json.dumps(result), file=sys.stderr, flush=True)
        if out is not None:
            _append(out, json.dumps(result))
            _append(out.with_name(out.name + ".md"), row, HEAD)
    return 0 if clean else 1


def _fired(settings: Settings, folder: Path | None) -> dict[str, Any]:
    """A run that could not come to its end is no clean one, and the next begins."""
    try:
        return fire(settings, folder)
    except Exception as error:  # noqa: BLE001 - whatever stopped it is what there is to tell
        return {"seed": settings.seed, "clean": False, "failed": f"{type(error).__name__}: {error}"}


def _single(chosen: argparse.Namespace, seed: int) -> Settings:
    names = ("ledger", "broker", "source", "messages", "kills", "cuts", "fulls", "jumps", "batch_max", "warehouse")
    workers = (2 if chosen.broker == "valkey" else 0) if chosen.workers is None else chosen.workers
    return Settings(**{name: getattr(chosen, name) for name in names}, workers=workers, seed=seed)


def _series(chosen: argparse.Namespace) -> list[Settings]:
    found = []
    for number, seed in enumerate(range(chosen.seed, chosen.seed + chosen.series)):
        ledger, broker, workers = _SETUPS[number % len(_SETUPS)]
        found.append(
            Settings(
                ledger=ledger,
                broker=broker,
                workers=workers,
                source="folder" if number % 5 == 4 else "sftp",
                messages=chosen.messages,
                kills=chosen.kills,
                cuts=1,
                fulls=1,
                jumps=2,
                seed=seed,
                batch_max=10 if number % 3 == 1 else 1,
                warehouse=_WAREHOUSES[(number + number // len(_SETUPS)) % len(_WAREHOUSES)],
            )
        )
    return found


def _seeds(chosen: argparse.Namespace) -> range:
    return range(chosen.seed, chosen.seed + chosen.runs)


def _done(out: Path | None) -> set[int]:
    if out is None or not out.exists():
        return set()
    return {json.loads(line)["seed"] for line in out.read_text().splitlines()}


def _append(path: Path, line: str, head: str = "") -> None:
    first = f"{head}\n" if head and not path.exists() else ""
    with path.open("a") as file:
        file.write(f"{first}{line}\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__)
    parser.add_argument("--ledger", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--broker", choices=["memory", "valkey"], default="memory")
    parser.add_argument("--workers", type=int, help="processes beside the hub; 2 with Valkey, else 0, unless given")
    parser.add_argument("--source", choices=["sftp", "folder"], default="sftp")
    parser.add_argument("--messages", type=int, default=500, help="850s and shipment confirmations")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--cuts", type=int, default=0, help="power cuts")
    parser.add_argument("--fulls", type=int, default=0, help="times the disk is full for seconds")
    parser.add_argument("--jumps", type=int, default=0, help="times a clock is an hour wrong for seconds")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=1, help="with seeds that follow")
    parser.add_argument("--series", type=int, default=0, help="so many runs, the setups in turns")
    parser.add_argument("--out", type=Path, help="where results are appended")
    parser.add_argument("--batch-max", type=int, default=1, help="deliveries in one call to the ERP")
    parser.add_argument("--warehouse", choices=["asked", "held", "resent"], default="asked")
    parser.add_argument("--folder", type=Path, help="kept afterwards")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
