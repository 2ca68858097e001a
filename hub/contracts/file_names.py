"""Names of files that cross a border: which are not finished yet, and which are safe to create. Pure."""

from __future__ import annotations

import hashlib
import re
from pathlib import PurePosixPath

__all__ = ["NAME_BYTES_MAX", "TEMPORARY_ENDINGS", "is_temporary", "key_digest", "name_for_key", "safe_name"]

NAME_BYTES_MAX = 160
TEMPORARY_ENDINGS = (".tmp", ".part", ".filepart", ".partial", ".uploading")


def is_temporary(name: str) -> bool:
    """Whether a file of this name is still being written: a leading dot or one of ``TEMPORARY_ENDINGS``, any case."""
    return name.startswith(".") or name.lower().endswith(TEMPORARY_ENDINGS)


def safe_name(name: str) -> str:
    """``name`` made safe for any file system: letters, digits and ``._-``, no leading dot, at most 160 bytes.

    A name that would count as temporary gets ``.edi`` at its end. Never empty.
    """
    kept = re.sub(r"[^A-Za-z0-9._-]+", "_", name).lstrip(".")[:NAME_BYTES_MAX] or "document.edi"
    return kept + ".edi" if is_temporary(kept) else kept


def key_digest(key: str) -> str:
    """A file name for a key: 64 hexadecimal digits."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def name_for_key(name: str, key: str) -> str:
    """A safe name that no other key has: ``850_1.edi`` and key ``k`` give ``850_1-8254c329.edi``, always the same."""
    safe = PurePosixPath(safe_name(name))
    return f"{safe.stem}-{key_digest(key)[:8]}{safe.suffix}"
