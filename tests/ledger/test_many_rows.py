"""Many rows as one statement say what a statement for each would say."""

from __future__ import annotations

import pytest

from hub.ledger.many_rows import whole


def test_an_insert_takes_its_columns_from_one_text() -> None:
    found = whole("INSERT INTO t (a, b, c) VALUES (?,0,?) ON CONFLICT (a) DO UPDATE SET b=t.b%2")
    assert found is not None
    assert found.statement == (
        "INSERT INTO t (a, b, c) SELECT r.a, 0, r.c FROM json_populate_recordset(NULL::t, %s::json) AS r"
        " ON CONFLICT (a) DO UPDATE SET b=t.b%%2"
    )
    assert found.values([(1, 2)]) == ('[{"a":1,"c":2}]',)


def test_an_update_sets_some_columns_and_finds_its_row_by_others() -> None:
    found = whole("UPDATE t SET a=?, n=t.n+1, b='' WHERE a=? AND b='x' AND c=?")
    assert found is not None
    assert found.statement == (
        "UPDATE t SET a=r.a, n=t.n+1, b='' FROM json_array_elements(%s::json) AS row,"
        " json_populate_record(NULL::t, row->0) AS r, json_populate_record(NULL::t, row->1) AS k"
        " WHERE t.a=k.a AND t.b='x' AND t.c=k.c"
    )
    assert found.values([(1, 2, None)]) == ('[[{"a":1},{"a":2,"c":null}]]',)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE t SET a=? WHERE b IN (SELECT 1)",
        "UPDATE t SET a=a-? WHERE b=?",
        "UPDATE t SET a=a+1 WHERE b=?",
        "UPDATE t SET a=? WHERE b<?",
        "UPDATE t SET a=? WHERE b=? OR c=?",
        "INSERT INTO t (a) VALUES (1+(SELECT 2)) RETURNING a",
    ],
)
def test_other_statements_are_run_row_by_row(sql: str) -> None:
    assert whole(sql) is None


def test_values_are_written_as_postgresql_reads_them() -> None:
    found = whole("INSERT INTO t (t, f, n) VALUES (?,?,?)")
    assert found is not None
    assert found.values([("ü\"'\\", 0.1, None), ("", -2.5, 7)]) == (
        '[{"t":"ü\\"\'\\\\","f":0.1,"n":null},{"t":"","f":-2.5,"n":7}]',
    )
    with pytest.raises(TypeError):
        found.values([(object(), 0, 0)])


def test_bytes_go_as_they_are() -> None:
    found = whole("INSERT INTO payload (sha256, size, created_at, data) VALUES (?,0,?,?) ON CONFLICT DO NOTHING")
    assert found is not None
    assert found.statement == (
        "INSERT INTO payload (sha256, size, created_at, data) SELECT sha256, 0, created_at, data"
        " FROM unnest(%b::text[], %b::float8[], %b::bytea[]) AS r (sha256, created_at, data) ON CONFLICT DO NOTHING"
    )
    assert found.values([("a", 0.5, b"\x00"), ("b", 1.5, None)]) == [["a", "b"], [0.5, 1.5], [b"\x00", None]]
