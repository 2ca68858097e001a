"""How far the story is: a live table on a terminal, a line for each change elsewhere."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from demo.steps import Step

__all__ = ["Progress", "Told"]

MARKS = {"waiting": ("·", "dim"), "running": ("▸", "yellow"), "seen": ("✓", "green"), "failed": ("✗", "red")}


@dataclass(slots=True)
class Told:
    """One step as it stands; ``seconds`` since the story began, when it was seen or failed."""

    step: Step
    state: str = "waiting"
    detail: str = ""
    seconds: float = 0.0


@dataclass(slots=True)
class Progress:
    """Shows the steps."""

    console: Console
    told: list[Told]
    _live: Live | None = None
    _shown: dict[str, str] = field(default_factory=dict)

    def showing(self) -> AbstractContextManager[object]:
        """While it lasts, `show` draws."""
        if not self.console.is_terminal:
            return nullcontext()
        self._live = Live(self._table(), console=self.console, refresh_per_second=8)
        return self._live

    def show(self, note: str = "") -> None:
        """Draw what changed; ``note`` is a line of its own."""
        if note:
            self.console.print(Text(note, "yellow"))
        if self._live is not None:
            self._live.update(self._table())
            return
        for entry in self.told:
            if entry.state in {"seen", "failed"} and self._shown.get(entry.step.id) != entry.state:
                self._shown[entry.step.id] = entry.state
                mark = MARKS[entry.state][0]
                line = f"{entry.seconds:5.1f} s {mark} {entry.step.title}: {entry.detail}"
                self.console.print(Text(line), soft_wrap=True)

    def _table(self) -> Table:
        table = Table(box=None, pad_edge=False, show_header=False, expand=True)
        table.add_column(width=1, no_wrap=True)
        table.add_column(min_width=max(len(entry.step.title) for entry in self.told), no_wrap=True)
        table.add_column(ratio=1)
        table.add_column(justify="right", width=7, no_wrap=True)
        for entry in self.told:
            mark, style = MARKS[entry.state]
            seconds = f"{entry.seconds:.1f} s" if entry.state in {"seen", "failed"} else ""
            detail = Text(entry.detail, "dim", no_wrap=True, overflow="ellipsis")
            table.add_row(Text(mark, style), Text(entry.step.title), detail, Text(seconds, "dim"))
        return table
