"""The command ``crossdock``: one file a group of verbs, every verb with ``--json``, one table of exit codes."""

__all__ = ["main"]


def main() -> None:
    """Run the command and leave with one of the codes of `hub.cli.exits`."""
    from hub.cli.app import run

    run()
