"""`bubblewatch backup`, `restore`, `export` and `import` as an operator calls them."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path

from alerts.clock import SystemClock
from alerts.store import schema
from alerts.store.database import Database
from bot.app import AlreadyRunning, open_desk, sole_process
from bot.backup import BackupRefused, backup, restore
from bot.settings import Settings
from bot.transfer import TransferRefused, export_to, import_from


async def perform(asked: argparse.Namespace, settings: Settings) -> int:
    """Returns the exit code: 1 when it was refused, with the reason on stderr."""
    tasks = {"backup": _backup, "restore": _restore, "export": _export, "import": _import}
    try:
        await tasks[asked.command](asked.file, settings)
    except (BackupRefused, TransferRefused, AlreadyRunning) as refusal:
        print(refusal, file=sys.stderr)
        return 1
    return 0


async def _backup(file: Path, settings: Settings) -> None:
    size = await asyncio.to_thread(backup, _file_of(settings, "pg_dump"), file)
    print(f"{file}: {size} bytes, whole and checked")


async def _restore(file: Path, settings: Settings) -> None:
    database = _file_of(settings, "pg_restore")
    with sole_process(settings):
        size = await asyncio.to_thread(restore, file, database)
        await _migrated(settings)
    print(f"{database}: {size} bytes, whole and checked")


def _file_of(settings: Settings, instead: str) -> Path:
    if settings.database_path is None:
        raise BackupRefused(f"the database is PostgreSQL: use its own {instead}")
    return settings.database_path


async def _migrated(settings: Settings) -> None:
    database = Database(settings.database_address)
    try:
        await schema.upgrade(database)
    finally:
        await database.close()


async def _export(file: Path, settings: Settings) -> None:
    database = Database(settings.database_address)
    try:
        await schema.upgrade(database)
        counts = await export_to(file, database, SystemClock().now())
    finally:
        await database.close()
    _show(str(file), counts)


async def _import(file: Path, settings: Settings) -> None:
    async with open_desk(settings, SystemClock()) as desk:
        counts = await import_from(file, desk.database, desk.services.indicators)
        _show(desk.database.place, counts)


def _show(where: str, counts: Mapping[str, int]) -> None:
    print(f"{where}:")
    for name, count in counts.items():
        print(f"{count:8} {name}")
