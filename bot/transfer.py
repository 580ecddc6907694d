"""`bubblewatch export` and `import`: what people made, as one JSON file."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from alerts.evaluate import measured
from alerts.indicators import Indicator
from alerts.store import rules, transfer
from alerts.store.database import Database

FORMAT = "bubblewatch export"
VERSION = 1


class TransferRefused(Exception):
    """It was not done; nothing has changed. A sentence for the operator, with what to do."""


async def export_to(file: Path, database: Database, now: datetime) -> dict[str, int]:
    """Write a new file that only its owner may read. Returns the counts by table."""
    async with database.read() as connection:
        found = await transfer.read(connection)
    counts = {name: len(rows) for name, rows in found.items()}
    whole = {
        "format": FORMAT,
        "version": VERSION,
        "made_at": now.isoformat(),
        "counts": counts,
        "tables": found,
    }
    text = json.dumps(whole, ensure_ascii=False, indent=1)
    try:
        handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError as error:
        raise TransferRefused(f"{file} is there already; give another name") from error
    except OSError as error:
        raise TransferRefused(f"{file} cannot be written: {error.strerror}") from error
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        out.write(text)
    return counts


async def import_from(
    file: Path, database: Database, indicators: Mapping[str, Indicator]
) -> dict[str, int]:
    """Bring a file's rows into a database that people have not used yet, all or nothing.

    Lines stand where they stood: what had fired has fired. Returns the counts by table, which are
    those that the file names.
    """
    tables, counts = _read(file)
    try:
        async with database.write() as connection:
            there = await transfer.write(connection, tables)
            if there != counts:
                raise TransferRefused(f"{file} names {counts}, but {there} arrived")
            for stored in await rules.measures(connection):
                if stored.indicator in indicators:
                    await measured(connection, indicators[stored.indicator], stored.measure)
    except transfer.NotEmpty as error:
        raise TransferRefused(
            f"this database is in use ({error}); import into a new one: another "
            "BUBBLEWATCH_DATA_DIR or DATABASE_URL"
        ) from error
    except transfer.NotUnderstood as error:
        raise TransferRefused(f"{file} does not fit this version: {error}") from error
    return there


def _read(file: Path) -> tuple[Mapping[str, transfer.Rows], Mapping[str, int]]:
    try:
        whole = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise TransferRefused(f"{file} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise TransferRefused(f"{file} is not JSON: it may have been cut off") from error
    if not isinstance(whole, dict) or whole.get("format") != FORMAT:
        raise TransferRefused(f"{file} was not written by `bubblewatch export`")
    if whole.get("version") != VERSION:
        raise TransferRefused(f"{file} is of version {whole.get('version')}, this reads {VERSION}")
    return whole["tables"], whole["counts"]
