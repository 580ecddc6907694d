"""`bubblewatch backup` and `restore`: the whole SQLite file, while the service goes on."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from alerts.store.schema import newest_revision

PAGES_AT_ONCE = 1024
BREATH_S = 0.01
BUSY_S = 15.0


class BackupRefused(Exception):
    """It was not done; nothing has changed. A sentence for the operator, with what to do."""


def backup(database: Path, target: Path) -> int:
    """Copy a database that may be in use into a new file, and check the copy. Returns its bytes.

    Blocks: for a thread of its own.
    """
    if not database.exists():
        raise BackupRefused(f"there is no database at {database}")
    with _new_file(target):
        _copy(database, target)
        _check(target)
    return target.stat().st_size


def restore(source: Path, database: Path) -> int:
    """Bring a backup to where the database belongs and is not yet. Returns its bytes.

    Blocks: for a thread of its own. For a time when no service runs there.
    """
    if not source.exists():
        raise BackupRefused(f"there is no backup at {source}")
    if database.exists():
        raise BackupRefused(
            f"{database} is there already and is not overwritten; move it away first, with the "
            f"files {database.name}-wal and {database.name}-shm beside it"
        )
    _check(source)
    database.parent.mkdir(parents=True, exist_ok=True)
    with _new_file(database):
        _copy(source, database)
        _check(database)
    return database.stat().st_size


@contextmanager
def _new_file(path: Path) -> Iterator[None]:
    """Only its owner may read it; it is gone again when what follows fails."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError as error:
        raise BackupRefused(f"{path} is there already; give another name") from error
    except OSError as error:
        raise BackupRefused(f"{path} cannot be written: {error.strerror}") from error
    try:
        yield
    except BaseException as error:
        with suppress(FileNotFoundError):
            path.unlink()
        if isinstance(error, sqlite3.Error | OSError):
            raise BackupRefused(f"{path} could not be written: {error}") from error
        raise


def _copy(source: Path, target: Path) -> None:
    """SQLite's own online backup: what is written meanwhile is in it too."""
    reading = closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=BUSY_S))
    writing = closing(sqlite3.connect(target))
    with reading as origin, writing as copied:
        origin.backup(copied, pages=PAGES_AT_ONCE, sleep=BREATH_S)
        # One file, without a journal beside it.
        copied.execute("PRAGMA journal_mode = DELETE")


def _check(path: Path) -> None:
    """Raises BackupRefused unless it is a whole database of ours, of this version or before."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=BUSY_S)) as opened:
            faults = [row[0] for row in opened.execute("PRAGMA integrity_check(3)")]
            faults = [fault for fault in faults if fault != "ok"]
            if not faults and opened.execute("PRAGMA foreign_key_check").fetchone() is not None:
                faults = ["a row points to one that is not there"]
            [revision] = opened.execute("SELECT version_num FROM alembic_version").fetchone()
    except (sqlite3.Error, TypeError) as error:
        raise BackupRefused(f"{path} is not a bubblewatch database: {error}") from error
    if faults:
        raise BackupRefused(f"{path} is damaged: {'; '.join(faults)}")
    if revision > newest_revision():
        raise BackupRefused(
            f"{path} has schema {revision}, newer than this version's {newest_revision()}; "
            "install the newer bubblewatch"
        )
