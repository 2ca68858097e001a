"""``python -m demo [--home DIR] [--exit] [--json]``: the same as ``crossdock demo``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from demo import play

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m demo", description="One order from 850 to payment.")
    parser.add_argument("--home", type=Path, help="folder of this run; .demo/run-N unless given")
    parser.add_argument("--exit", action="store_true", help="end after the story; 0 only if every step was seen")
    parser.add_argument("--json", action="store_true", help="a summary as JSON on standard output")
    chosen = parser.parse_args()
    sys.exit(play(chosen.home, leave=chosen.exit, as_json=chosen.json))
