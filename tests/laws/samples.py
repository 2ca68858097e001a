"""The samples in ``edi_samples``: a new case is files, not code."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub.canonical.values import Canonical
from hub.contracts.mapping import Context, Reading
from hub.mapping.json_mapping import JsonMapping
from hub.mapping.x12_mapping import X12Mapping
from hub.x12.document import Document
from hub.x12.reader import read
from mappings import CATALOG, find
from mappings.overlays import OVERLAYS

__all__ = ["CONTEXT", "JSON", "X12", "JsonSample", "X12Sample"]

ROOT = Path(__file__).parents[2] / "edi_samples"
CONTEXT = Context(currency="USD")


@dataclass(frozen=True)
class X12Sample:
    """``edi_samples/x12/<release>/<set>/<case>.edi`` and the files beside it."""

    path: Path

    def __str__(self) -> str:
        return "-".join((*self.path.parts[-3:-1], self.path.stem))

    @property
    def release(self) -> str:
        return self.path.parts[-3]

    @property
    def mapping_id(self) -> str:
        return f"x12/{self.path.parts[-2]}"

    @property
    def mapping(self) -> X12Mapping:
        partner = self.path.stem.partition("_")[0]
        found = find(self.mapping_id, partner=partner if partner in OVERLAYS else "", version=self.release)
        assert isinstance(found, X12Mapping)
        return found

    def beside(self, ending: str) -> Any:
        """The JSON file with this ending, None where there is none."""
        return _json(self.path.with_suffix(ending))

    def document(self) -> Document:
        (document,) = [item for item in read(self.path.read_bytes()) if isinstance(item, Document)]
        return document


@dataclass(frozen=True)
class JsonSample:
    """``edi_samples/json/<document>/<case>.json`` and the files beside it."""

    path: Path

    def __str__(self) -> str:
        return "-".join((self.path.parts[-2], self.path.stem))

    @property
    def mapping_id(self) -> str:
        return f"json/{self.path.parts[-2]}"

    @property
    def mapping(self) -> JsonMapping:
        found = CATALOG[self.mapping_id]
        assert isinstance(found, JsonMapping)
        return found

    def beside(self, ending: str) -> Any:
        return _json(self.path.with_suffix(ending))

    def value(self) -> Any:
        return self.mapping.loads(self.path.read_bytes())

    def reading(self) -> Reading:
        return self.mapping.read(self.value(), CONTEXT)

    def message(self) -> Canonical:
        """The canonical message that belongs to the sample."""
        text = self.path.with_suffix(".canonical.json").read_text(encoding="utf-8")
        return self.mapping.model.model_validate_json(text)


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


X12 = [X12Sample(path) for path in sorted((ROOT / "x12").glob("*/*/*.edi"))]
JSON = [
    JsonSample(path)
    for path in sorted((ROOT / "json").glob("*/*.json"))
    if not path.stem.endswith((".canonical", ".errors", ".unmapped"))
]
