"""``python -m bench.data --messages N [--url postgresql://…] --home FOLDER``; see `bench.data`."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import bench.data


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.data", description=bench.data.__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--home", type=Path, required=True, help="folder of the hub; SQLite's ledger.db is made there")
    parser.add_argument("--url", help="postgresql://…: an empty database; without it SQLite")
    parser.add_argument("--seed", type=int, default=1)
    chosen = parser.parse_args()
    home = chosen.home.resolve()
    home.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    url = chosen.url or f"sqlite:///{home / 'ledger.db'}"
    bench.data.generate(url, home, chosen.messages, seed=chosen.seed, until=time.time())
    print(json.dumps({"messages": chosen.messages, "url": url, "seconds": round(time.monotonic() - begun)}))


if __name__ == "__main__":
    main()
