"""Bytes in, bytes out: one connector a module, none knows another, none knows a document.

To add one: write the module with its ``SPEC``, add its name here, add its far end in ``tests/contract/far_ends.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

from hub.contracts.connector import ConnectorSpec

__all__ = ["CATALOG"]

_MODULES = ("folder", "sftp", "sftp_mailbox", "http_inbound", "http_push", "tax_avatax", "carrier_ups")


class _Catalog(Mapping[str, ConnectorSpec]):
    """Imports a connector when it is asked for: some bring a server or a client that takes long to load."""

    def __getitem__(self, name: str) -> ConnectorSpec:
        if name not in _MODULES:
            raise KeyError(name)
        spec: ConnectorSpec = import_module(f"connectors.{name}").SPEC
        return spec

    def __iter__(self) -> Iterator[str]:
        return iter(_MODULES)

    def __len__(self) -> int:
        return len(_MODULES)


CATALOG: Mapping[str, ConnectorSpec] = _Catalog()
"""Connector id -> what it is; the ids are the module names."""
