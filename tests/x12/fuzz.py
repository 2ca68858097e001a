"""Fuzzing: ``python -m tests.x12.fuzz [--inputs N] [--seed S] [--guided]``; `make fuzz` runs both kinds.

Without ``--guided``: seeded damage to samples of every set. With it: atheris (libFuzzer), guided by the coverage of
``hub``; wants the extra ``fuzz``. What breaks a promise of `tests.x12.attack` is kept in ``.fuzz`` and told at the end.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
import traceback
from concurrent.futures import ProcessPoolExecutor
from hashlib import sha256
from itertools import count
from pathlib import Path

KEPT = Path(".fuzz")
MOST_KEPT = 50


def damage(inputs: int, seed: int) -> int:
    """Runs ``inputs`` inputs; how many broke a promise."""
    from tests.x12.attack import attack
    from tests.x12.damage import damaged, seeds

    bases, dice = seeds(), random.Random(seed)
    broken, slowest = 0, 0.0
    began = time.process_time()
    for turn in range(inputs):
        data = damaged(dice.choice(bases), dice.choice(bases), dice)
        start = time.process_time()
        try:
            attack(data, turn)
        except Exception:  # noqa: BLE001 - any exception is what this looks for
            broken += 1
            if broken <= MOST_KEPT:
                _keep(data, turn)
        slowest = max(slowest, time.process_time() - start)
        if turn % 50_000 == 49_999:
            print(f"{turn + 1} inputs, {broken} broken, slowest {slowest:.3f} s", flush=True)
    taken = time.process_time() - began
    print(f"{inputs} inputs from {len(bases)} seeds in {taken:.0f} s CPU, {broken} broken, slowest {slowest:.3f} s")
    return broken


def _keep(data: bytes, turn: int) -> None:
    KEPT.mkdir(exist_ok=True)
    path = KEPT / f"{sha256(data).hexdigest()[:16]}-{turn}"
    path.write_bytes(data)
    print(f"{path}\n{traceback.format_exc(limit=-3)}", flush=True)


def guided(inputs: int, seed: int) -> None:
    """libFuzzer over the same check; ends the process, with 0 only where nothing broke."""
    try:
        import atheris
    except ImportError:
        sys.exit("atheris is not installed: pip install 'crossdock[fuzz]' (wheels for Linux, Python 3.11 to 3.13)")
    with atheris.instrument_imports(include=["hub", "mappings"]):
        from tests.x12.attack import attack
    from tests.x12.damage import PIECES, seeds

    corpus = KEPT / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, data in enumerate(seeds()):
        (corpus / f"seed-{number:03d}").write_bytes(data)
    words = KEPT / "words"
    words.write_text("".join('"' + "".join(f"\\x{byte:02x}" for byte in piece) + '"\n' for piece in PIECES))
    turns = count()

    def check(data: bytes) -> None:
        attack(data, next(turns))

    options = [f"-runs={inputs}", f"-seed={seed}", "-max_len=8192", "-timeout=10", "-print_final_stats=1"]
    options += [f"-dict={words}", f"-artifact_prefix={KEPT}/", str(corpus)]
    atheris.Setup([sys.argv[0], *options], check)
    atheris.Fuzz()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--guided", action="store_true")
    chosen = parser.parse_args()
    if chosen.guided:
        guided(chosen.inputs, chosen.seed)
        return
    share = -(-chosen.inputs // chosen.workers)
    with ProcessPoolExecutor(chosen.workers) as pool:
        broken = sum(pool.map(damage, [share] * chosen.workers, range(chosen.seed, chosen.seed + chosen.workers)))
    print(f"{share * chosen.workers} inputs, {broken} broken")
    sys.exit(broken > 0)


if __name__ == "__main__":
    main()
