"""The engine and its transactions."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

from sqlalchemy import event, text
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from alerts.store import sqlite_driver
from alerts.store.kept import Kept
from alerts.store.mark import MEMORY, PostgresMark, SqliteMark

BUSY_TIMEOUT_MS = 15_000
STATEMENT_TIMEOUT_MS = 300_000
CONNECT_TIMEOUT_S = 10
LOCKS = 0x62776174
"""Our advisory locks on PostgreSQL are pairs whose first number is this («bwat»)."""
WRITER = 0
"""The second number of the lock that makes writers wait for one another."""


class UnknownDatabase(ValueError):
    """A database address that we do not understand, in a sentence for the operator."""


def sqlite_url(path: Path) -> str:
    return URL.create("sqlite+aiosqlite", database=str(path)).render_as_string(False)


def database_url(address: str) -> str:
    """An address as hosting places write it, with our drivers in it.

    Understands postgres:// (Heroku), postgresql:// and sqlite:///. Raises UnknownDatabase.
    """
    try:
        url = make_url(address.strip())
    except ArgumentError as error:
        # Without the text: a password may be in it.
        raise UnknownDatabase(
            "is no database address; write postgresql://user:password@host/name or sqlite:///path"
        ) from error
    kind = url.drivername.partition("+")[0]
    if kind in ("postgres", "postgresql"):
        return url.set(drivername="postgresql+psycopg").render_as_string(False)
    if kind == "sqlite" and url.database:
        return url.set(drivername="sqlite+aiosqlite").render_as_string(False)
    raise UnknownDatabase(f"{kind}: only PostgreSQL and SQLite (with a path) are understood")


class Database:
    """One database. `read` and `write` are the only ways in; `write` is one transaction. `kept` is
    what was read and is still so.

    Writers wait for one another, on both databases: what reads first and writes later finds
    nothing changed in between, and rows get their ids in the order in which they are committed.
    SQLite does so with its write lock, taken at the first statement (BEGIN IMMEDIATE), because a
    transaction that takes it later can fail half-way with «database is locked»; PostgreSQL with
    an advisory lock.
    """

    def __init__(self, url: str) -> None:
        self.url = make_url(database_url(url))
        if self.is_sqlite:
            if self.url.database:
                _create_private(Path(self.url.database))
            # Errors end up in logs, and what people and platforms told us does not belong there.
            self.engine = create_async_engine(
                self.url,
                hide_parameters=True,
                async_creator=partial(sqlite_driver.connect, self.url.database or MEMORY),
                json_deserializer=_from_json,
            )
            event.listen(self.engine.sync_engine, "connect", _configure_sqlite)
            event.listen(self.engine.sync_engine, "begin", _begin_sqlite)
            event.listen(self.engine.sync_engine, "invalidate", _release_sqlite)
            self._mark: SqliteMark | PostgresMark = SqliteMark(self.url.database or MEMORY)
        else:
            self.engine = create_async_engine(
                self.url,
                hide_parameters=True,
                pool_pre_ping=True,
                pool_recycle=1800,
                connect_args={"connect_timeout": CONNECT_TIMEOUT_S, **KEEPALIVES},
            )
            event.listen(self.engine.sync_engine, "connect", _configure_postgresql)
            self._mark = PostgresMark(self.engine)
        self.kept = Kept(self._mark)

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @property
    def place(self) -> str:
        """Where it is, without any password: for words to the operator."""
        if self.is_sqlite:
            return self.url.database or ""
        return f"PostgreSQL at {self.url.host or 'localhost'}, database {self.url.database}"

    @asynccontextmanager
    async def write(self, *, beside: bool = False) -> AsyncIterator[AsyncConnection]:
        """Commits when the block ends, rolls back when it raises.

        `beside`: does not wait for other writers where the database can do without. Only for what
        changes rows that nobody else changes, each under its own lock.
        """
        async with self.engine.connect() as connection:
            await connection.execution_options(writes=True)
            async with connection.begin():
                if not self.is_sqlite and not beside:
                    await connection.execute(_BECOME_WRITER)
                yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A consistent view; nothing written in it is kept."""
        async with self.engine.connect() as connection:
            if not self.is_sqlite:
                # The default shows each statement what was committed before it.
                await connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    async def close(self) -> None:
        await self._mark.close()
        await self.engine.dispose()


_BECOME_WRITER = text(f"SELECT pg_advisory_xact_lock({LOCKS}, {WRITER})")

# A server that went away without a word is noticed within 15 seconds, on both ends.
KEEPALIVES: Mapping[str, int] = {
    "keepalives_idle": 5,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}
_SESSION = (
    ("statement_timeout", STATEMENT_TIMEOUT_MS),
    ("lock_timeout", BUSY_TIMEOUT_MS),
    ("idle_in_transaction_session_timeout", 2 * STATEMENT_TIMEOUT_MS),
    ("tcp_keepalives_idle", 5),
    ("tcp_keepalives_interval", 3),
    ("tcp_keepalives_count", 3),
)


def _configure_postgresql(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    # Said here and not at the connect: poolers in front of PostgreSQL refuse start-up options.
    cursor = connection.cursor()
    cursor.execute("; ".join(f"SET {name} = {value}" for name, value in _SESSION))
    cursor.close()
    connection.commit()


def _from_json(text: str) -> object:
    """Nearly every rule's list is empty, and a crossing reads thousands."""
    return [] if text == "[]" else json.loads(text)


def _create_private(path: Path) -> None:
    """Make the file before SQLite does: only its owner may read what people told us."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    path.chmod(0o600)


def _configure_sqlite(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    # The driver's own BEGIN comes late and is never IMMEDIATE; `_begin_sqlite` replaces it.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA page_count")
    if cursor.fetchone() == (0,):
        # Only an empty file hears it: its free pages can be given back without a stop.
        cursor.execute("PRAGMA auto_vacuum = INCREMENTAL")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _release_sqlite(
    connection: DBAPIConnection, entry: ConnectionPoolEntry, error: BaseException | None
) -> None:
    # A cancelled statement makes the pool throw its connection away, and SQLite keeps the locks of
    # a closed connection for as long as any cursor of it is alive, as in the error's traceback.
    with suppress(Exception):
        connection.rollback()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def sqlite_version() -> tuple[int, ...]:
    return sqlite3.sqlite_version_info
