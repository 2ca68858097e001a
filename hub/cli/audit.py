"""Proving: audit, doctor."""

from __future__ import annotations

import typer

from hub.cli.exits import Exit
from hub.cli.home import ledger_of, opened
from hub.cli.options import Home, Json
from hub.cli.output import emit, note, progress, table, text
from hub.visible import visible

__all__ = ["audit", "doctor"]


def audit(json: Json = False, home: Home = None) -> None:
    """Prove that nothing is lost: every message in one state, the sum right, the chain of events unbroken.

    Leaves with 1 where it does not balance. On a terminal it tells how far it is; 100,000 messages take about ten
    seconds.

    \b
    Examples:
      crossdock audit
      crossdock audit --json
    """
    with ledger_of(home) as ledger:
        result = ledger.audit(progress)
    progress("", 0)
    good = result["balanced"] and result["chain_ok"] and not result["problem_count"]
    if json:
        emit(result)
    else:
        for name, value in result.items():
            if not isinstance(value, list | dict):
                text(f"{name:<18} {_word(value)}")
        for problem in result["problems"]:
            about = problem.get("message_id") or problem.get("sha256") or ""
            text(visible(f"  - {problem['problem']} {about}: {problem['detail']}"), "red")
            if problem["command"]:
                text(visible(f"    {problem['command']}"))
        text("It balances." if good else "IT DOES NOT BALANCE.", "bold")
    if not good:
        raise typer.Exit(Exit.FAILED)


def doctor(json: Json = False, home: Home = None) -> None:
    """Check settings, ledger, queue and every connection, and say how to mend what is wrong.

    Leaves with 1 where anything is wrong.

    \b
    Examples:
      crossdock doctor
      crossdock doctor --home /srv/crossdock --json
    """
    from hub.cli.checks import run

    with opened(home) as hub:
        checks = run(hub)
    if json:
        emit(checks)
    else:
        table(
            ("state", "check", "detail"),
            [("ok" if check["ok"] else "failed", check["check"], check["detail"]) for check in checks],
            empty="Nothing to check.",
        )
        for check in checks:
            if not check["ok"] and check["fix"]:
                note(f"{check['check']}: {check['fix']}")
    if not all(check["ok"] for check in checks):
        raise typer.Exit(Exit.FAILED)


def _word(value: object) -> str:
    return {True: "yes", False: "NO"}[value] if isinstance(value, bool) else str(value)
