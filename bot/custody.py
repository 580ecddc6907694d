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
from bot.locales import Translator, translator
from bot.settings import Settings
from bot.transfer import TransferRefused, export_to, import_from


async def perform(asked: argparse.Namespace, settings: Settings) -> int:
    """Returns the exit code: 1 when it was refused, with the reason on stderr."""
    tasks = {"backup": _backup, "restore": _restore, "export": _export, "import": _import}
    t = translator(settings.spoken)
    try:
        await tasks[asked.command](asked.file, settings, t)
    except (BackupRefused, TransferRefused, AlreadyRunning) as refusal:
        print(t.told(str(refusal)), file=sys.stderr)
        return 1
    return 0


async def _backup(file: Path, settings: Settings, t: Translator) -> None:
    size = await asyncio.to_thread(backup, _file_of(settings, "pg_dump"), file)
    print(t("{file}: {n} bytes, whole and checked", file=file, n=size))


async def _restore(file: Path, settings: Settings, t: Translator) -> None:
    database = _file_of(settings, "pg_restore")
    with sole_process(settings):
        size = await asyncio.to_thread(restore, file, database)
        await _migrated(settings)
    print(t("{file}: {n} bytes, whole and checked", file=database, n=size))


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


async def _export(file: Path, settings: Settings, t: Translator) -> None:
    database = Database(settings.database_address)
    try:
        await schema.upgrade(database)
        counts = await export_to(file, database, SystemClock().now())
    finally:
        await database.close()
    _show(str(file), counts, t)


async def _import(file: Path, settings: Settings, t: Translator) -> None:
    async with open_desk(settings, SystemClock()) as desk:
        counts = await import_from(file, desk.database, desk.services.indicators)
        _show(desk.database.place, counts, t)


def _show(where: str, counts: Mapping[str, int], t: Translator) -> None:
    print(t("{where}:", where=where))
    for name, count in counts.items():
        print(f"{count:8} {t(name)}")
