"""Bytes in, bytes out: one connector a module, none knows another, none knows a document.

To add one: write the module with its ``SPEC``, add a line here, add its far end in ``tests/contract/far_ends.py``.
"""

from __future__ import annotations

from connectors import carrier_ups, folder, http_inbound, http_push, sftp, sftp_mailbox, tax_avatax
from hub.contracts.connector import ConnectorSpec

__all__ = ["CATALOG"]

CATALOG: dict[str, ConnectorSpec] = {
    "folder": folder.SPEC,
    "sftp": sftp.SPEC,
    "sftp_mailbox": sftp_mailbox.SPEC,
    "http_inbound": http_inbound.SPEC,
    "http_push": http_push.SPEC,
    "tax_avatax": tax_avatax.SPEC,
    "carrier_ups": carrier_ups.SPEC,
}
"""Connector id -> what it is; the ids are the module names."""
