"""A backup is taken while the service writes, is whole, and comes back (issue 5)."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from alerts.store import destinations
from alerts.store.database import Database
from alerts.store.destinations import Place
from bot.backup import BackupRefused, backup, restore
from tests.alerts.world import START


async def add_places(database: Database, first: int, last: int) -> None:
    for number in range(first, last):
        async with database.write() as connection:
            await destinations.find_or_make(connection, Place("t", "w", f"#{number}"), START)


def places(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        [count] = connection.execute("SELECT count(*) FROM destination").fetchone()
    return int(count)


def file_of(database: Database) -> Path:
    return Path(database.url.database or "")


def companions(file: Path) -> list[Path]:
    """What SQLite put beside it."""
    return list(file.parent.glob(f"{file.name}-*"))


async def test_a_backup_is_taken_in_the_midst_of_writing(
    database: Database, tmp_path: Path
) -> None:
    await add_places(database, 0, 20)
    copy = tmp_path / "copy.db"
    writing = asyncio.create_task(add_places(database, 20, 60))
    await asyncio.to_thread(backup, file_of(database), copy)
    await writing
    assert 20 <= places(copy) <= 60
    assert copy.stat().st_mode & 0o777 == 0o600
    assert companions(copy) == []


async def test_what_was_backed_up_is_restored(database: Database, tmp_path: Path) -> None:
    await add_places(database, 0, 5)
    copy, back = tmp_path / "copy.db", tmp_path / "folder" / "bubblewatch.db"
    backup(file_of(database), copy)
    restore(copy, back)
    assert places(back) == 5
    assert back.stat().st_mode & 0o777 == 0o600


async def test_neither_overwrites_anything(database: Database, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("precious")
    with pytest.raises(BackupRefused, match="there already"):
        backup(file_of(database), precious)
    copy = tmp_path / "copy.db"
    backup(file_of(database), copy)
    with pytest.raises(BackupRefused, match="move it away first"):
        restore(copy, file_of(database))
    assert precious.read_text() == "precious"


async def test_a_damaged_backup_is_refused_and_leaves_nothing(
    database: Database, tmp_path: Path
) -> None:
    await add_places(database, 0, 300)
    copy, back = tmp_path / "copy.db", tmp_path / "back.db"
    backup(file_of(database), copy)
    whole = copy.read_bytes()
    # Zeros over the middle of it: pages of tables and indexes.
    copy.write_bytes(whole[:8192] + bytes(len(whole) - 16384) + whole[-8192:])
    with pytest.raises(BackupRefused, match=r"damaged|not a bubblewatch database"):
        restore(copy, back)
    assert not back.exists()


def test_a_file_of_another_make_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE shopping (item TEXT)")
    with pytest.raises(BackupRefused, match="not a bubblewatch database"):
        restore(other, tmp_path / "back.db")


async def test_a_backup_of_a_newer_version_is_refused_with_what_to_do(
    database: Database, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    backup(file_of(database), copy)
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with pytest.raises(BackupRefused, match="install the newer"):
        restore(copy, tmp_path / "back.db")
