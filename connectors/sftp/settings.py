"""What has to be known about a partner's SFTP server."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from hub.contracts.connector import Settings

__all__ = ["SftpSettings"]

Fingerprint = Annotated[str, Field(pattern=r"^SHA256:[A-Za-z0-9+/]{43}$")]
Folder = Annotated[str, Field(pattern=r"^[^\x00]+$")]
Positive = Annotated[int, Field(gt=0)]
Seconds = Annotated[float, Field(gt=0, le=300)]


class SftpSettings(Settings):
    """``inbox`` is read, ``outbox`` is written; either may be missing. Paths are the server's.

    ``host_keys``: fingerprints as ``ssh-keygen -lf`` prints them. ``private_key_secret``: a key in OpenSSH or PEM form;
    with ``password_secret`` as well both are given to servers that ask for both. ``temporary_name``: the name while an
    upload runs. ``unique_names``: digits of the key are added to file names, so that no two documents share one.
    ``verify_size``: off for servers that take a file away the moment it is closed. ``rename``: off for servers that
    cannot rename; their readers see unfinished files.
    """

    host: Annotated[str, Field(min_length=1, max_length=253)]
    port: Annotated[int, Field(gt=0, le=65535)] = 22
    user: Annotated[str, Field(min_length=1, max_length=64)]
    host_keys: Annotated[tuple[Fingerprint, ...], Field(min_length=1, max_length=4)]
    private_key_secret: str | None = None
    passphrase_secret: str | None = None
    password_secret: str | None = None
    inbox: Folder | None = None
    outbox: Folder | None = None
    archive: Folder | None = None
    claim: Folder | None = None
    partner: str = ""
    pattern: str = "*"
    ready: Literal["stable", "renamed"] = "stable"
    stable_seconds: Annotated[float, Field(gt=0)] = 2.0
    temporary_name: Annotated[str, Field(pattern=r"^[^/\x00]*\{name\}[^/\x00]*$")] = "{name}.tmp"
    unique_names: bool = True
    verify_size: bool = True
    rename: bool = True
    file_bytes_max: Positive = 64_000_000
    listing_max: Positive = 10_000
    connections_max: Annotated[int, Field(gt=0, le=16)] = 2
    connect_timeout_seconds: Seconds = 15.0
    answer_timeout_seconds: Seconds = 60.0

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if not self.private_key_secret and not self.password_secret:
            msg = "name private_key_secret, password_secret or both"
            raise ValueError(msg)
        if self.inbox is None and self.outbox is None:
            msg = "give inbox, outbox or both"
            raise ValueError(msg)
        return self
