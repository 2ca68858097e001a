"""What people see of the story."""

import io

from rich.console import Console

from demo.progress import Progress, Told
from demo.steps import Step


def progress(**options):
    output = io.StringIO()
    told = [Told(Step("one", "The [first] step", lambda _: "")), Told(Step("two", "The second", lambda _: ""))]
    return Progress(Console(file=output, width=100, **options), told), output


def test_without_a_terminal_each_change_is_one_line():
    shown, output = progress()
    with shown.showing():
        shown.show()
        shown.told[0].state, shown.told[0].detail, shown.told[0].seconds = "seen", "997 accepts", 1.25
        shown.show("hub was gone")
        shown.show()
        shown.told[1].state, shown.told[1].detail = "failed", "twice"
        shown.show()
    assert output.getvalue().splitlines() == [
        "hub was gone",
        "  1.2 s ✓ The [first] step: 997 accepts",
        "  0.0 s ✗ The second: twice",
    ]


def test_on_a_terminal_all_steps_stand_in_a_table():
    shown, output = progress(force_terminal=True, color_system=None)
    with shown.showing():
        shown.told[0].state, shown.told[0].detail, shown.told[0].seconds = "seen", "997 accepts" + " it" * 60, 1.25
        shown.show()
    last = output.getvalue().replace("\r", "\n").splitlines()
    assert any(
        "✓" in line and "The [first] step" in line and "997 accepts" in line and "1.2 s" in line for line in last
    )
    assert any("·" in line and "The second" in line for line in last)
