"""Writes hub/x12/tables from a folder of X12 structure facts.

    python tools/x12_tables.py FACTS

FACTS holds ``<release>/{elements,segments,codes}.json``, ``<release>/sets/*.json`` and ``codes_common.json``. The
tables keep every fact, one to a line, so that a changed fact is a changed line. ``hub/x12/tables/README.md``
describes the form. ``x12_mended.json`` beside this file says which of the facts' notes a second collection agrees with,
and which notes are mended, with the reason.
"""

from __future__ import annotations

import json
import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

TABLES = Path(__file__).resolve().parent.parent / "hub" / "x12" / "tables"
RELEASES = ("004010", "005010")
MENDED = json.loads(Path(__file__).with_name("x12_mended.json").read_text(encoding="utf-8"))
USUAL = {
    "66": "92 91 1 9 UL ZZ",
    "92": "SA NE RL BK OS",
    "98": "ST BT BY SF VN SE RE",
    "128": "PO DP IA BM CN IV VN",
    "235": "UP VN BP SK EN UK IN",
    "355": "EA CA BX DZ LB",
    "374": "002 010 037 038 001 011",
    "668": "IA IB IR IQ ID",
    "1650": "AF X3 X1 D1 AG",
}
"""Codes that come first in `words.json`: what a problem names as examples where the list is long."""
LACKING = {("005010", "618"): ["I5"]}
"""Codes that the facts lack: pyx12's maps of the 999 (005010X231A1, BSD-3) have them, and its guide names them."""


def line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def write(path: Path, rows: Iterable[tuple[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    body = ",\n".join(f"{line(key)}:{line(value)}" for key, value in rows)
    path.write_text("{\n" + body + "\n}\n", encoding="utf-8")


def use(item: dict[str, Any]) -> str:
    repeat = item.get("repeat") or 1
    return f"{item['element']}{item['req']}" + (f"*{repeat}" if repeat > 1 else "")


def uses(items: list[dict[str, Any]]) -> str:
    return " ".join(use(item) for item in items)


def notes(release: str, tag: str, segment: dict[str, Any]) -> tuple[str, str]:
    """The notes of a segment, and where they are from."""
    mended = MENDED[release]
    if tag in mended["notes"]:
        return mended["notes"][tag][0], "mended"
    agreed = tag in " ".join(mended["agreed"]).split()
    return " ".join(segment["syntax"]), "agreed" if agreed else segment["syntax_source"]


def composites(segments: dict[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for segment in segments.values():
        for item in segment["elements"]:
            if item["composite"]:
                shape = [uses(item["composite"]), " ".join(item.get("composite_syntax", []))]
                if found.setdefault(item["element"], shape) != shape:
                    raise SystemExit(f"composite {item['element']} has two shapes")
    return dict(sorted(found.items()))


def tree(items: list[dict[str, Any]]) -> list[Any]:
    rows: list[Any] = []
    for item in items:
        if "loop" in item:
            rows.append([item["loop"], item["req"], item["repeat"] or 0, tree(item["children"])])
        else:
            rows.append([item["segment"], item["req"], item["max"] or 0])
    return rows


def lines(rows: list[Any], depth: int = 1) -> str:
    """One use a line, loops indented."""
    pad = " " * depth
    return ",\n".join(
        pad + (line(row) if len(row) == 3 else f"[{line(row[:3])[1:-1]},[\n{lines(row[3], depth + 1)}]]")
        for row in rows
    )


def release(facts: Path, name: str) -> None:
    source, target = facts / name, TABLES / name
    elements, segments, codes = (
        json.loads((source / f"{x}.json").read_text()) for x in ("elements", "segments", "codes")
    )
    write(target / "elements.json", ((k, [v["name"], v["type"], v["min"], v["max"]]) for k, v in elements.items()))
    write(
        target / "segments.json",
        ((k, [v["name"], uses(v["elements"]), *notes(name, k, v)]) for k, v in segments.items()),
    )
    write(target / "composites.json", composites(segments).items())
    lists = ((k, sorted([*v, *LACKING.get((name, k), ())])) for k, v in codes.items())
    write(target / "codes.json", ((k, textwrap.wrap(" ".join(v), 110)) for k, v in lists))
    for path in sorted((source / "sets").glob("*.json")):
        facts_of_set = json.loads(path.read_text())
        areas = ",\n".join(f"{line(area)}:[\n{lines(tree(rows))}]" for area, rows in facts_of_set["areas"].items())
        head = f'"name":{line(facts_of_set["name"])},\n"group":{line(facts_of_set["functional_group"])},\n'
        destination = target / "sets" / path.name
        destination.parent.mkdir(exist_ok=True)
        destination.write_text("{\n" + head + areas + "\n}\n", encoding="utf-8")


def usual_first(element: str, texts: dict[str, str]) -> list[str]:
    usual = USUAL.get(element, "").split()
    return [*usual, *(code for code in texts if code not in usual)]


def main() -> None:
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    facts = Path(sys.argv[1])
    for name in RELEASES:
        release(facts, name)
    words = json.loads((facts / "codes_common.json").read_text())
    rows = ",\n".join(
        f"{line(element)}:{{\n" + ",\n".join(f" {line(k)}:{line(texts[k])}" for k in usual_first(element, texts)) + "}"
        for element, texts in words.items()
    )
    (TABLES / "words.json").write_text("{\n" + rows + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
