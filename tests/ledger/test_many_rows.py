"""Many rows as one statement say what a statement for each would say."""

from __future__ import annotations

import pytest

from hub.ledger.many_rows import as_json, from_json


def test_an_insert_takes_its_columns_from_one_text() -> None:
    found = from_json("INSERT INTO t (a, b, c) VALUES (?,0,?) ON CONFLICT (a) DO UPDATE SET b=t.b%2")
    assert found is not None
    assert found[0] == (
        "INSERT INTO t (a, b, c) SELECT r.a, 0, r.c FROM json_populate_recordset(NULL::t, %s::json) AS r"
        " ON CONFLICT (a) DO UPDATE SET b=t.b%%2"
    )
    assert found[1] == ("a", "c")


@pytest.mark.parametrize("sql", ["UPDATE t SET a=? WHERE b=?", "INSERT INTO t (a) VALUES (1+(SELECT 2)) RETURNING a"])
def test_other_statements_are_run_row_by_row(sql: str) -> None:
    assert from_json(sql) is None


def test_values_are_written_as_postgresql_reads_them() -> None:
    rows = [("ü\"'\\", 0.1, None, b"\x00\xff"), ("", -2.5, 7, memoryview(b""))]
    assert as_json(("t", "f", "n", "b"), rows) == (
        '[{"t":"ü\\"\'\\\\","f":0.1,"n":null,"b":"\\\\x00ff"},{"t":"","f":-2.5,"n":7,"b":"\\\\x"}]'
    )
    with pytest.raises(TypeError):
        as_json(("t",), [(object(),)])
