"""The documents say what is so: their links lead somewhere, and what they name exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hub.cli.app import VERBS
from hub.cli.exits import MEANINGS

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
VERB_NAMES = {verb.__name__ for verbs in VERBS.values() for verb in verbs}
NOT_VERBS = {"is", "in", "with", "and", "on", "VERB"}


def text(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_somewhere(name: str) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text(name)):
        path, _, anchor = target.partition("#")
        if "://" in path:
            continue
        found = (ROOT / name).parent / path if path else ROOT / name
        if not found.exists() or (anchor and anchor not in anchors(found)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("name", NAMES)
def test_every_verb_that_is_named_exists(name: str) -> None:
    named = set(re.findall(r"`crossdock ([a-z]+)", text(name))) | set(
        re.findall(r"^ +crossdock (\w+)", text(name), re.M)
    )
    assert named - VERB_NAMES - NOT_VERBS == set()


@pytest.mark.parametrize("name", NAMES)
def test_every_target_of_make_that_is_named_exists(name: str) -> None:
    targets = set(re.findall(r"^([a-z0-9-]+):", text("Makefile"), re.MULTILINE))
    assert set(re.findall(r"(?:`|^ {4})make ([a-z0-9-]+)", text(name), re.MULTILINE)) <= targets


def test_the_page_of_the_command_lists_every_verb_and_exit_code() -> None:
    page = text("docs/command.md")
    assert set(re.findall(r"^\| `([a-z]+)", page, re.MULTILINE)) == VERB_NAMES
    listed = dict(re.findall(r"^\| (\d+) \| (.+) \|$", page, re.MULTILINE))
    assert listed == {str(code.value): meaning for code, meaning in MEANINGS.items()}


def test_the_page_of_the_configuration_lists_every_variable_of_the_program() -> None:
    read = set()
    for path in (ROOT / "hub").rglob("*.py"):
        read |= set(re.findall(r"environ(?:\.get\(|\[)\"(CROSSDOCK_[A-Z_]+)\"", path.read_text("utf-8")))
    listed = set(re.findall(r"^\| `(CROSSDOCK_[A-Z_]+)(?=`|<)", text("docs/configuration.md"), re.MULTILINE))
    assert listed - {"CROSSDOCK_SECRET_"} == read


def test_the_page_of_the_configuration_lists_every_key() -> None:
    from hub.contracts.partner import Entity, Http, HubSettings, Partner, Timing, X12Profile

    page = text("docs/configuration.md")
    keys = {key for model in (HubSettings, Entity, Http, Timing, Partner) for key in model.model_fields}
    missing = {key for key in keys if not re.search(rf"[`\[.]{key}\b", page)}
    assert missing == set()
    assert {"partner", "us", "version", "usage", "newline", "acknowledge"} <= set(X12Profile.model_fields)


def test_every_promise_is_held_by_a_test_that_exists() -> None:
    rows = re.findall(r"^\| (P\d+) \| .+ \| (.+) \|$", text("ARCHITECTURE.md"), re.MULTILINE)
    assert [row[0] for row in rows] == [f"P{number}" for number in range(1, 11)]
    missing = []
    for _, holders in rows:
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", holders)
        assert named
        missing += [f"{path}::{test}" for path, test in named if not has_test(path, test)]
    assert missing == []


def has_test(path: str, test: str) -> bool:
    file = ROOT / path
    return file.exists() and f"def {test}(" in file.read_text("utf-8")


def test_the_layers_are_drawn_as_they_are() -> None:
    layers = re.findall(r'^  "((?:hub\.|routes|connectors)[^"]*)",$', text("pyproject.toml"), re.MULTILINE)
    drawn = text("ARCHITECTURE.md").split("## The layers", 1)[1].split("```")[1]
    order = [re.split(r"  +", line.strip())[0] for line in drawn.strip().splitlines()]
    assert order == layers


def test_the_changelog_is_kept_by_component() -> None:
    entries = re.findall(r"^- (.+)", text("CHANGELOG.md"), re.MULTILINE)
    assert entries
    assert [entry for entry in entries if not re.match(r"[a-z0-9]+: ", entry)] == []
    assert text("CHANGELOG.md").count("## [Unreleased]") == 1


def test_the_readme_is_one_screen() -> None:
    assert len(text("README.md").splitlines()) <= 60
