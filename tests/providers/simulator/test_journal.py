"""The journal: what is written is read again, and the file does not grow with what no longer counts."""

from pathlib import Path

import pytest

from providers.simulator import journal
from providers.simulator.journal import Journal


def test_rows_come_back_in_order_without_the_dropped(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "state.jsonl"
    first = Journal(path)
    table = first.table("number", int, 3)
    first.open()
    for number in range(5):
        table.put(str(number), number)
    table.drop("3")
    first.close()

    second = Journal(path)
    again = second.table("number", int, 3)
    second.open()
    second.close()

    assert list(again) == [2, 4]


@pytest.mark.parametrize(
    "content", [b"", b"garbage\n", b'{"t":"number","k":"1","v":"x"}\n', b'{"t":"absent","k":"1"}\n\xff']
)
def test_a_damaged_journal_does_not_stop_the_start(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "state.jsonl"
    path.write_bytes(content + b'{"t":"number","k":"7","v":7}\n' if content.endswith(b"\n") else content)
    made = Journal(path)
    table = made.table("number", int, 10)

    made.open()
    made.close()

    assert list(table) in ([7], [])


def test_the_file_is_written_anew_when_most_of_it_is_history(tmp_path: Path) -> None:
    path = tmp_path / "state.jsonl"
    made = Journal(path)
    table = made.table("number", int, 10)
    made.open()

    for number in range(journal.FIRST_ROOM + 10):
        table.put("same", number)
    made.close()

    assert len(path.read_bytes().splitlines()) < 20


def test_without_a_path_nothing_is_written(tmp_path: Path) -> None:
    made = Journal(None)
    table = made.table("number", int, 10)
    made.open()
    table.put("1", 1)

    assert list(table) == [1]
    assert list(tmp_path.iterdir()) == []
