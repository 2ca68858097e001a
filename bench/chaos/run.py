"""One run: start everything, strike by seed, wait until all has come to rest, judge."""

from __future__ import annotations

import shutil
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench.chaos.doubt import Doubts
from bench.chaos.scene import Scene, Settings, set_scene
from bench.chaos.shipper import posted
from bench.chaos.sink import read_records
from bench.chaos.strikes import KILLS, strike_all

__all__ = ["HEAD", "Settings", "fire", "table_row"]

_AUDITED = (
    "balanced", "chain_ok", "received", "delivered", "answered", "held", "rejected", "dead", "in_flight", "unknown",
    "sent_again", "failed",
)  # fmt: skip
_QUIET_SECONDS = 2.0
HEAD = (
    "| ledger + broker | seed | documents | messages | kills -9 | power cuts | disk full | clock jumps | answers cut |"
    " effects | lost | doubled | out of order | marked unknown | resent silently | audit | to rest | whole run |\n"
    + "|---" * 18
    + "|"
)


def fire(settings: Settings, folder: Path | None = None) -> dict[str, Any]:
    """Run once: settings, strikes, verdict, audit, seconds. The folder is kept where it is given or all is not well.

    ``seconds_to_rest``: from the last strike to the last effect.
    """
    place = folder or Path(tempfile.mkdtemp(prefix="crossdock-chaos-"))
    begun = time.monotonic()
    with ExitStack() as stack:
        scene = set_scene(settings, place, stack)
        doubts = Doubts(scene)
        strike_all(scene)
        struck = time.monotonic()
        rested = _until_rest(scene, doubts)
        result = _result(scene, doubts)
    result |= {
        "seconds": round(time.monotonic() - begun, 1),
        "seconds_to_rest": round(max(0.0, rested - struck), 1),
    }
    if result["clean"] and folder is None:
        shutil.rmtree(place, ignore_errors=True)
    else:
        result["folder"] = str(place)
    return result


def table_row(result: dict[str, Any]) -> str:
    """The run as a row under `HEAD`."""
    setup = {"memory": "in process", "valkey": "Valkey"}[result["broker"]]
    setup += {0: "", 1: ", 1 worker"}.get(result["workers"], f", {result['workers']} workers")
    engine = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[result["ledger"]]
    kills = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in result["kills"].items())
    doubts = result["doubts"]
    audit = "balanced" if result["audit"]["balanced"] and result["audit"]["chain_ok"] else "NOT BALANCED"
    cells = (
        f"{engine} + {setup}", result["seed"], f"{result['documents']:,}", f"{result['audit']['received']:,}", kills,
        result["power_cuts"] if result["disk"] else "no disk", result["disk_full"], result["clock_jumps"],
        result["answers_cut"], f"{result['happened']:,}", result["lost"], result["doubled"], result["out_of_order"],
        f"{doubts['marked_unknown']} {result['warehouse']}" if doubts else "can be asked",
        doubts["resent_silently"] if doubts else "", audit + ("" if result["clean"] else ", NOT CLEAN"),
        f"{result['seconds_to_rest']} s", f"{result['seconds']} s",
    )  # fmt: skip
    return "| " + " | ".join(map(str, cells)) + " |"


def _result(scene: Scene, doubts: Doubts) -> dict[str, Any]:
    settings, strikes = scene.settings, scene.strikes
    verdict = scene.verdict()
    ended_with = scene.hub.stop()
    audit = scene.hub.audit()
    doubtful = doubts.result() if settings.warehouse != "asked" else {}
    shipments = {entry["shipment"] for entry in posted(scene.folder / "shipped.jsonl")}
    records = [record for path in (scene.far.erp, scene.far.warehouse) for record in read_records(path)]
    balanced = bool(audit.get("balanced")) and bool(audit.get("chain_ok")) and not audit.get("problem_count")
    at_rest = not any(audit.get(name) for name in ("dead", "held", "in_flight"))
    refused = strikes["second_hub_refused"] == 1
    all_sent = len(scene.answered) == len(scene.plan.drops) and len(shipments) == sum(scene.plan.shipped.values())
    return {
        "ledger": settings.ledger,
        "broker": settings.broker,
        "workers": settings.workers,
        "source": settings.source,
        "warehouse": settings.warehouse,
        "seed": settings.seed,
        "documents": len(scene.plan.orders) + len(shipments),
        "files": len(scene.plan.drops),
        "shipments": len(shipments),
        "kills": {name: strikes[name] for name in KILLS if strikes[name]},
        "disk": not scene.no_disk,
        **({"no_disk": scene.no_disk} if scene.no_disk else {}),
        "power_cuts": strikes["power_cut"],
        "disk_full": strikes["disk_full"],
        **({"health_told_of_full_disk": scene.health_told} if strikes["disk_full"] else {}),
        "clock_jumps": strikes["clock_jump"],
        "answers_cut": sum(bool(record.get("cut")) for record in records),
        "second_hub_refused": refused,
        "all_sent": all_sent,
        "clean": verdict.is_clean and balanced and at_rest and refused and all_sent and not scene.missing
        and doubtful.get("clean", True),
        **verdict.as_json(),
        "missing_after_power_cuts": scene.missing[:5],
        "doubts": doubtful,
        "hub_ended_with": ended_with,
        "audit": {name: audit[name] for name in _AUDITED if name in audit},
    }  # fmt: skip


def _until_rest(scene: Scene, doubts: Doubts) -> float:
    """Until all that was promised has happened, or nothing happens any more; when the last thing happened."""
    latest, seen, complete = time.monotonic(), (-1, -1, -1, -1), None
    while time.monotonic() - latest < scene.settings.patience_seconds:
        scene.wait(0.5)
        now = _progress(scene)
        if now != seen:
            latest, seen, complete = time.monotonic(), now, None
        elif time.monotonic() - latest > _QUIET_SECONDS and scene.sender.succeeded and scene.hub.is_ready:
            if scene.settings.warehouse != "asked" and doubts.settle():
                latest = time.monotonic()
            elif complete is None:  # judged once for what is there: reading all of it takes long
                complete = _all_has_happened(scene)
            elif complete and not scene.hub.audit().get("in_flight"):
                break
    return latest


def _all_has_happened(scene: Scene) -> bool:
    return scene.others["shipper"].succeeded and not scene.verdict().lost


def _progress(scene: Scene) -> tuple[int, int, int, int]:
    far = scene.far
    files = sum(len(list(folder.glob("*.edi"))) for folder in far.outboxes.values())
    sizes = [path.stat().st_size if path.exists() else 0 for path in (far.erp, far.warehouse)]
    return len(scene.answered), sizes[0], sizes[1], files
