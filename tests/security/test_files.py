"""Files that hold what people told us can be read by their owner alone, whatever the umask."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.service.conftest import ask


@pytest.fixture(autouse=True)
def _open_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def readable_by_others(folder: Path) -> list[str]:
    return [
        path.name
        for path in folder.iterdir()
        if path.is_file() and stat.S_IMODE(path.stat().st_mode) & 0o077
    ]


def test_the_database_its_journal_a_backup_and_an_export_are_their_owners_alone(
    tmp_path: Path,
) -> None:
    data, kept = tmp_path / "data", tmp_path / "kept"
    kept.mkdir()
    assert ask(data, "ask", "subscribe article").returncode == 0
    # A reader that stays keeps the journal there.
    with closing(sqlite3.connect(data / "bubblewatch.db")) as reader:
        reader.execute("SELECT count(*) FROM rule").fetchone()
        assert ask(data, "ask", "alert list").returncode == 0
        names = {path.name for path in data.iterdir()}
        assert {"bubblewatch.db", "bubblewatch.db-wal", "bubblewatch.db-shm"} <= names
        assert readable_by_others(data) == []
    for command in ("backup", "export"):
        assert ask(data, command, str(kept / command)).returncode == 0
    assert len(list(kept.iterdir())) == 2
    assert readable_by_others(kept) == []


def test_a_database_that_was_open_to_all_is_closed_at_the_next_start(data: Path) -> None:
    (data / "bubblewatch.db").chmod(0o644)
    assert ask(data, "ask", "help").returncode == 0
    assert readable_by_others(data) == []
