"""A document is sent in the functional group that its mapping names."""

from __future__ import annotations

import pytest

from hub.errors import Misconfigured
from hub.flow.envelope import one_document
from hub.mapping.x12_mapping import X12Mapping
from mappings import CATALOG

GROUPS = {mapping.document: mapping.group for mapping in CATALOG.values() if isinstance(mapping, X12Mapping)}


@pytest.mark.parametrize("document", GROUPS)
def test_a_document_goes_out_in_its_mappings_group(document: str) -> None:
    assert one_document(document, []).type == GROUPS[document]


def test_a_document_without_a_table_has_no_group() -> None:
    with pytest.raises(Misconfigured, match="999999"):
        one_document("999999", [])
