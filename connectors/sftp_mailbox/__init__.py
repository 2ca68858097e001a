"""A hosted SFTP mailbox: partners log in to us, drop files in /inbox and fetch ours from /outbox.

Listener and sink. One port, many partners, each in its own folder of the connection's home. A file is taken when it
is closed under a final name, or renamed from a temporary name (leading dot, ``.tmp``, ``.part``, ``.filepart`` …) to
a final one; the client's request is answered only after the hub owns the bytes. If the hub cannot take them, the
client's request fails and the file is as it was before: still under its temporary name, or not there at all.

The source key is partner, name, inode, modification time in nanoseconds and SHA-256. A crash between acceptance and
archiving leaves the file in place with all five unchanged, so that taking it again is recognised; a second upload of
the same bytes is another inode or time and so another arrival, which the hub judges by what the document says.

Server: asyncssh (https://asyncssh.readthedocs.io). SFTP version 3 (draft-ietf-secsh-filexfer-02), the version all
clients speak. Its own ``chroot`` is not used: a client could leave it by renaming links.
"""

from __future__ import annotations

from connectors.sftp_mailbox.mailbox import MailboxPartnerSettings, MailboxSettings, SftpMailbox
from hub.contracts.connector import ConnectorSpec, Status
from hub.contracts.redaction import redacted

__all__ = ["SPEC", "MailboxPartnerSettings", "MailboxSettings", "SftpMailbox"]

SPEC = ConnectorSpec(
    id="sftp_mailbox",
    label="Hosted SFTP mailbox",
    settings=MailboxSettings,
    build=SftpMailbox,
    redact=redacted,
    status=Status.CERTIFIED,
    docs="https://asyncssh.readthedocs.io/en/latest/api.html#sftp-support",
    partner_settings=MailboxPartnerSettings,
)
