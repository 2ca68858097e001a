"""What a connection of this kind is told."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from hub.contracts.connector import Settings

__all__ = ["HttpInboundSettings"]


class HttpInboundSettings(Settings):
    """How the far end proves itself, and limits. ``host`` and ``port`` are used only by a server of its own."""

    partner: str = ""
    signing_secrets: tuple[str, ...] = ()
    bearer_secrets: tuple[str, ...] = ()
    body_bytes_max: Annotated[int, Field(gt=0)] = 10_000_000
    body_timeout_seconds: Annotated[float, Field(gt=0)] = 30.0
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 0

    @model_validator(mode="after")
    def _some_proof(self) -> Self:
        if not self.signing_secrets and not self.bearer_secrets:
            msg = "name at least one secret in signing_secrets or bearer_secrets"
            raise ValueError(msg)
        return self
