"""A mailbox whose process dies the moment the hub has accepted a file, before the partner is answered.

``python -m tests.contract.crashing_mailbox HOME ACCEPTED``: prints its address; the source key of what was accepted is
in the file ACCEPTED.
"""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

from connectors.sftp_mailbox import MailboxSettings, SftpMailbox
from hub.contracts.connector import Accepted, Arrival
from tests.contract.site import Time, site


def main() -> None:
    home, accepted = Path(sys.argv[1]), Path(sys.argv[2])

    def accept(arrival: Arrival) -> Accepted:
        accepted.write_text(arrival.source_key)
        os._exit(9)

    partners = {"bigbox": {"password_secret": "mailbox_password"}}
    mailbox = SftpMailbox(MailboxSettings(port=0), site(home, Time(), partners))
    mailbox.start(accept)
    print(mailbox.address(), flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
