"""Own indicators in a file: `indicators.toml` beside the database.

    [nvidia_to_microsoft]
    formula = "nvidia_market_cap / market_cap(MSFT)"
    name = "Nvidia over Microsoft"

What stands there is kept in the database like what is defined by command; what is taken out of the
file is removed. A part of the file that cannot be used is told, and the rest is used.
"""

from __future__ import annotations

import asyncio
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.indicators import Indicator
from alerts.own import tickers
from alerts.own.formula import KEY, BadFormula, read
from alerts.store import own
from alerts.store.own import Defined

FILE = "indicators.toml"
LARGEST = 200_000
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Entry:
    key: str
    formula: str
    name: str


class SettingsFile:
    """Reads the file when it has changed. `troubles`: by key, or under the file's own name."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = (0, 0)
        self.troubles: Mapping[str, BadFormula | str] = {}

    async def changed(self) -> list[Entry] | None:
        """What stands there now; None when nothing has changed, or nothing can be read.

        A file that cannot be read leaves everything as it is: half-written is not removed.
        """
        return await asyncio.to_thread(self._changed)

    def _changed(self) -> list[Entry] | None:
        try:
            stat = self._path.stat()
            mark = (stat.st_mtime_ns, stat.st_size)
            if mark == self._seen:
                return None
            if stat.st_size > LARGEST:
                raise ValueError(f"it is larger than {LARGEST} bytes")
            found = tomllib.loads(self._path.read_text("utf-8"))
        except FileNotFoundError:
            gone, self._seen, self.troubles = self._seen is not None, None, {}
            return [] if gone else None
        except (OSError, ValueError) as error:
            self.troubles = {FILE: str(error)}
            return None
        self._seen = mark
        self.troubles = {}
        return self._entries(found)

    def _entries(self, found: Mapping[str, object]) -> list[Entry]:
        entries: list[Entry] = []
        troubles: dict[str, BadFormula | str] = {}
        for key, table in found.items():
            formula = table.get("formula") if isinstance(table, dict) else None
            name = table.get("name", key) if isinstance(table, dict) else None
            if KEY.fullmatch(key) is None:
                troubles[key[:60]] = "a name is of small letters, digits and _"
            elif not isinstance(formula, str) or not isinstance(name, str):
                troubles[key] = 'it needs formula = "…", and may have name = "…"'
            else:
                entries.append(Entry(key, " ".join(formula.split()), name[:LONGEST_NAME]))
        self.troubles = troubles
        return entries

    async def keep(
        self,
        connection: AsyncConnection,
        entries: list[Entry],
        catalogue: Mapping[str, Indicator],
        now: datetime,
    ) -> None:
        """Bring the database to what the file says.

        A name whose history belongs to another formula is refused: its values would be mixed.
        """
        troubles = dict(self.troubles)
        kept = {one.key: one for one in await own.definitions(connection, removed=True)}
        for entry in entries:
            before = kept.get(entry.key)
            fault = await fault_of(connection, entry, before, catalogue)
            if fault is not None:
                troubles[entry.key] = fault
            elif before is None or before.removed_at is not None or differs(entry, before):
                defined = Defined(entry.key, entry.formula, entry.name, FILE, now)
                await own.define(connection, defined)
        named = {entry.key for entry in entries} | set(troubles)
        for one in kept.values():
            if one.defined_by == FILE and one.key not in named:
                await own.remove(connection, one.key, FILE, now)
        self.troubles = troubles


def differs(entry: Entry, before: Defined) -> bool:
    return (entry.formula, entry.name) != (before.formula, before.name)


async def fault_of(
    connection: AsyncConnection,
    entry: Entry,
    before: Defined | None,
    catalogue: Mapping[str, Indicator],
) -> BadFormula | str | None:
    """Why a definition cannot be kept, or None."""
    try:
        formula = read(entry.formula)
    except BadFormula as error:
        return error
    if entry.key in catalogue or tickers.is_ticker(entry.key):
        return "the catalogue has an indicator of that name"
    other = before is not None and before.formula != formula.text
    if other and await own.was_observed(connection, entry.key):
        return "its history belongs to another formula; take a new name"
    return None
