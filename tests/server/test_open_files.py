"""A hub may hold more connections than the usual limit of open files allows."""

from __future__ import annotations

import resource
import subprocess
import sys

RAISED = """
import resource
from hub.server.open_files import allow_open_files
resource.setrlimit(resource.RLIMIT_NOFILE, (256, {hard}))
allow_open_files()
print(*resource.getrlimit(resource.RLIMIT_NOFILE))
"""


def _raised(hard: int) -> list[int]:
    run = subprocess.run([sys.executable, "-c", RAISED.format(hard=hard)], capture_output=True, text=True, check=True)
    return [int(word) for word in run.stdout.split()]


def test_as_many_as_the_machine_allows_and_no_more() -> None:
    assert _raised(2000) == [2000, 2000]
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    soft, kept = _raised(hard)
    assert kept == hard
    assert soft == (65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536))
