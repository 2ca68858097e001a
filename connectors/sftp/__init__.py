"""SFTP to a partner's server: files are fetched from it and put onto it.

Source and sink. The server is known by the SHA-256 fingerprint of its host key (one, or two while it changes), never by
first use. A file is taken when size and time were the same in two looks, or from the claim folder where one is set;
what was accepted is moved to the archive folder or deleted. A document is uploaded under a temporary name, its size is
checked, and it is renamed; what was delivered under which key is remembered in the connection's home, so that `find`
can answer when the partner has taken the file already.

Client: paramiko (https://docs.paramiko.org). SFTP version 3 (draft-ietf-secsh-filexfer-02) with
``posix-rename@openssh.com``.
"""

from __future__ import annotations

from connectors.sftp.client import Sftp
from connectors.sftp.settings import SftpSettings
from hub.contracts.connector import ConnectorSpec, Status
from hub.contracts.redaction import redacted

__all__ = ["SPEC", "Sftp", "SftpSettings"]

SPEC = ConnectorSpec(
    id="sftp",
    label="SFTP",
    settings=SftpSettings,
    build=Sftp,
    redact=redacted,
    status=Status.CERTIFIED,
    docs="https://docs.paramiko.org/en/stable/api/sftp.html",
)
