"""aiosqlite with one change of threads a statement.

aiosqlite runs SQLite on a thread of its own, and goes there and back to make a cursor, to execute,
to fetch and to close: four times for what takes SQLite some microseconds. Here a statement is
executed, fetched and closed in one visit.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Self, cast

import aiosqlite


async def connect(database: str) -> Connection:
    """A connection to that file, for SQLAlchemy (`create_async_engine(async_creator=…)`)."""
    return cast("Connection", await Connection(database))


class Connection(aiosqlite.Connection):
    """Its cursors are made, used up and closed in one visit to its thread."""

    def __init__(self, database: str) -> None:
        # Whoever gives up a connection closes it from another thread.
        super().__init__(partial(sqlite3.connect, database, check_same_thread=False), 64)
        # A connection that nobody closed does not keep the program from ending.
        self._thread.daemon = True

    def cursor(self) -> Cursor:  # type: ignore[override] # SQLAlchemy asks for no more
        return Cursor(self)

    async def visit(self, do: Callable[[sqlite3.Connection], None]) -> None:
        """Do it on the connection's thread."""
        await self._execute(do, self._conn)  # type: ignore[no-untyped-call]

    async def single(self, statement: str) -> object:
        """The only value of a statement's only row. Raises sqlite3.Error."""
        found: list[object] = []
        await self.visit(lambda connection: found.extend(connection.execute(statement).fetchone()))
        return found[0]


class Cursor:
    """As much of an asynchronous cursor as SQLAlchemy asks for; it holds all rows at once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: tuple[tuple[Any, ...], ...] | None = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, parameters: Iterable[Any] = ()) -> Self:
        await self._connection.visit(
            partial(self._run, sqlite3.Cursor.execute, statement, parameters)
        )
        return self

    async def executemany(self, statement: str, parameters: Iterable[Iterable[Any]]) -> Self:
        await self._connection.visit(
            partial(self._run, sqlite3.Cursor.executemany, statement, parameters)
        )
        return self

    def _run(
        self,
        execute: Callable[..., object],
        statement: str,
        parameters: Iterable[Any],
        connection: sqlite3.Connection,
    ) -> None:
        cursor = connection.cursor()
        try:
            execute(cursor, statement, parameters)
            self._rows = cursor.fetchall() if cursor.description else []
            self.description = cursor.description
            self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        finally:
            # SQLite keeps the locks of a statement for as long as its cursor is open.
            cursor.close()

    async def fetchall(self) -> list[Any]:
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """It was closed where it ran."""
        self._rows = []
