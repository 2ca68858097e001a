"""``python child.py PARENT COMMAND…``: becomes the command, and ends when its parent ends.

On Linux the kernel sends SIGTERM when the thread that started this process is gone (prctl(2), PR_SET_PDEATHSIG); the
setting outlives exec. Elsewhere a child of a killed supervisor stays until it is told to end. It is run as a file,
because importing its package would cost a second.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(0)
    os.execvp(command[0], command)  # noqa: S606 - the supervisor's own command line, no shell


if __name__ == "__main__":
    main()
