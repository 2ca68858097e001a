"""The catalogue of problem codes: current, and complete."""

from __future__ import annotations

import ast
from pathlib import Path

from hub.x12.problems import KINDS
from tools.problems import OTHERS, PAGE, page

ROOT = Path(__file__).parents[2]


def test_the_page_is_current() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python -m tools.problems"


def told(path: Path) -> set[str]:
    """Codes written out in a module: ``Problem(code="…")`` and ``self._tell("…", …)``."""
    codes = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        given = [k.value for k in node.keywords if k.arg == "code"] if name == "Problem" else node.args[:1]
        if name in {"Problem", "_tell", "found"} and given and isinstance(given[0], ast.Constant):
            codes.add(given[0].value)
    return {code for code in codes if isinstance(code, str) and code.replace("_", "").isalpha() and code.islower()}


def test_every_code_in_the_sources_is_on_the_page() -> None:
    sources = [path for folder in ("x12", "mapping", "cli") for path in (ROOT / "hub" / folder).rglob("*.py")]
    codes = set().union(*map(told, sources))
    assert {"document_count", "bad_value", "tag_not_writable"} <= codes
    assert codes - set(KINDS) - {code for _, code, _, _ in OTHERS} == set()


def test_each_code_is_told_once() -> None:
    others = [code for _, code, _, _ in OTHERS]
    assert len({*KINDS, *others}) == len(KINDS) + len(others)
