"""The counterparties' memory."""

from demo.journal import Journal, read


def test_what_was_appended_is_there_after_a_restart(tmp_path):
    first = Journal(tmp_path / "j")
    first.append("taken", key="a")
    first.close()
    again = Journal(tmp_path / "j")
    assert again.first("taken", key="a") is not None
    assert again.first("taken", key="b") is None
    again.close()


def test_a_torn_line_is_cut_off_and_never_read(tmp_path):
    path = tmp_path / "j"
    first = Journal(path)
    first.append("one")
    first.close()
    with path.open("ab") as file:
        file.write(b'{"event": "tor')
    assert [record["event"] for record in read(path)] == ["one"]
    again = Journal(path)
    again.append("two")
    again.close()
    assert [record["event"] for record in read(path)] == ["one", "two"]
