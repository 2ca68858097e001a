"""The tidy: sizes, names, layers, catalogues. What a reviewer would otherwise have to say every time."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = ("bench", "connectors", "demo", "hub", "mappings", "routes", "tools")
LINES_MAX, FUNCTION_LINES_MAX = 400, 60
REASON = "Long because"
"""A module or function may be longer where its docstring has a sentence that begins so."""
BANNED = {"utils", "util", "helpers", "helper", "common", "manager", "base", "core", "misc"}
FOREIGN = re.compile(
    r"(?:pypi|pythonhosted|npmjs|debian)[.](?:org|com)|(?<![.\w])/(?:w[o]rk|f[a]rm|r[o]ot)/[a-z.]|/tmp/b[a]sh"
)
UNFINISHED = re.compile(r"\b(?:T[O]DO|F[I]XME|X[X]X|H[A]CK|NotImplemented[E]rror)\b")
SAMPLE_BYTES_MAX = 256 * 1024


def tracked() -> list[Path]:
    """Files that git has, or would have once they are added."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [path for name in listed.stdout.splitlines() if (path := ROOT / name).is_file()]


def modules(*folders: str) -> list[Path]:
    return [path for path in tracked() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in folders]


def named(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def test_no_module_is_long_without_a_reason() -> None:
    long = []
    for path in modules(*SOURCES, "tests"):
        text = path.read_text("utf-8")
        reason = REASON in (ast.get_docstring(ast.parse(text)) or "")
        if len(text.splitlines()) > LINES_MAX and not reason:
            long.append(path)
    assert not long, "\n".join(named(long))


def test_no_function_is_long_without_a_reason() -> None:
    long = []
    for path in modules(*SOURCES, "tests"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES_MAX and REASON not in (ast.get_docstring(node) or ""):
                long.append(f"{path.relative_to(ROOT)}:{node.lineno} {node.name} {lines}")
    assert not long, "\n".join(long)


def test_module_names_say_what_is_inside() -> None:
    assert named([path for path in modules(*SOURCES) if path.stem in BANNED or path.parent.name in BANNED]) == []


def test_every_module_says_what_it_is() -> None:
    silent = [path for path in modules(*SOURCES) if not ast.get_docstring(ast.parse(path.read_text("utf-8")))]
    assert named(silent) == []


def test_every_part_of_the_hub_has_a_layer() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    layers = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    placed = {name.strip() for layer in layers for name in layer.split("|")}
    parts = {
        f"hub.{path.stem}"
        for path in (ROOT / "hub").iterdir()
        if (path.is_dir() and (path / "__init__.py").exists()) or (path.suffix == ".py" and path.stem != "__init__")
    }
    assert parts == {name for name in placed if name.startswith("hub.")}


def test_connectors_and_their_catalogue_agree() -> None:
    catalogue = import_module("connectors").CATALOG
    files = {
        path.stem
        for path in (ROOT / "connectors").iterdir()
        if path.stem != "__init__" and (path.suffix == ".py" or (path / "__init__.py").exists())
    }
    assert set(catalogue) == files
    assert {name: spec.id for name, spec in catalogue.items()} == {name: name for name in catalogue}


def test_routes_and_their_catalogue_agree() -> None:
    from hub.contracts.route import Route

    declared = set()
    for path in (ROOT / "routes").glob("*.py"):
        if path.stem != "__init__":
            values = vars(import_module(f"routes.{path.stem}")).values()
            declared |= {value.on for value in values if isinstance(value, Route)}
    assert set(import_module("routes").CATALOG) == declared


def test_x12_mappings_and_their_catalogue_agree() -> None:
    catalogue = import_module("mappings").CATALOG
    files = {f"x12/{path.stem[1:4]}" for path in (ROOT / "mappings" / "x12").glob("p[0-9]*.py")}
    assert {name for name in catalogue if name.startswith("x12/")} == files


def test_no_host_of_a_registry_and_no_path_of_a_machine() -> None:
    found = []
    for path in tracked():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in FOREIGN.finditer(text)]
    assert found == []


def test_nothing_is_left_unfinished() -> None:
    found = []
    for path in modules(*SOURCES, "tests"):
        text = path.read_text("utf-8")
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in UNFINISHED.finditer(text)]
    assert found == []


def test_samples_are_small() -> None:
    large = [
        path for path in (ROOT / "edi_samples").rglob("*") if path.is_file() and path.stat().st_size > SAMPLE_BYTES_MAX
    ]
    assert named(large) == []


@pytest.mark.parametrize("package", ["hub", "connectors", "mappings", "routes"])
def test_public_names_exist(package: str) -> None:
    wrong = []
    for path in modules(package):
        dotted = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if "migrations" in dotted or dotted.endswith("__main__"):
            continue
        module = import_module(dotted)
        wrong += [f"{dotted}.{name}" for name in getattr(module, "__all__", ()) if not hasattr(module, name)]
    assert wrong == []
