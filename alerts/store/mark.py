"""A mark of what a database holds: whoever finds it unchanged need not read anything again."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Hashable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from alerts.store import sqlite_driver

MEMORY = ":memory:"
_SNAPSHOT = text("SELECT CAST(pg_current_snapshot() AS text)")


class SqliteMark:
    """By a connection of its own, because SQLite counts only what others commit:
    https://www.sqlite.org/pragma.html#pragma_data_version
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._opening = asyncio.Lock()
        self._connection: sqlite_driver.Connection | None = None
        self._opened = 0

    async def __call__(self) -> Hashable:
        """Raises sqlite3.Error."""
        if self._path == MEMORY:
            # No other connection can see it: nothing is known to be unchanged.
            return object()
        connection = self._connection or await self._open()
        try:
            return self._opened, await connection.single("PRAGMA data_version")
        except sqlite3.Error:
            await self.close()
            raise

    async def _open(self) -> sqlite_driver.Connection:
        async with self._opening:
            if self._connection is None:
                # Each connection counts anew.
                self._opened += 1
                self._connection = await sqlite_driver.connect(self._path)
            return self._connection

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()


class PostgresMark:
    """By the snapshot: which transactions have ended decides all that a reader can see."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def __call__(self) -> Hashable:
        """Raises sqlalchemy.exc.DBAPIError."""
        async with self._engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            return str((await connection.execute(_SNAPSHOT)).scalar_one())

    async def close(self) -> None:
        """It has nothing of its own."""
