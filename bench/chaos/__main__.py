"""``python -m bench.chaos --ledger sqlite|postgresql --broker memory|valkey --messages N --kills K --seed S``.

Prints a line of JSON a run; exit code 1 when an effect was lost, doubled or out of order, or the audit is not balanced.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from bench.chaos.run import Settings, fire


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.chaos", description=__doc__)
    parser.add_argument("--ledger", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--broker", choices=["memory", "valkey"], default="memory")
    parser.add_argument("--source", choices=["sftp", "folder"], default="sftp")
    parser.add_argument("--messages", type=int, default=500, help="850s, in files of 1 to 20")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--cuts", type=int, default=0, help="power cuts simulated on the way; SQLite only")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=1, help="with seeds that follow")
    parser.add_argument("--batch-max", type=int, default=1, help="deliveries in one call to the ERP")
    parser.add_argument("--folder", type=Path, help="kept afterwards")
    chosen = parser.parse_args()
    clean = True
    for seed in range(chosen.seed, chosen.seed + chosen.runs):
        settings = Settings(
            ledger=chosen.ledger,
            broker=chosen.broker,
            source=chosen.source,
            messages=chosen.messages,
            kills=chosen.kills,
            cuts=chosen.cuts if chosen.ledger == "sqlite" else 0,
            seed=seed,
            batch_max=chosen.batch_max,
        )
        result = fire(settings, chosen.folder and chosen.folder / f"seed-{seed}")
        print(json.dumps(result), flush=True)
        clean = clean and result["clean"]
    return 0 if clean else 1


if __name__ == "__main__":
    sys.exit(main())
