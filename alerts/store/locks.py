"""What only one process may do at a time, where several share a PostgreSQL database.

Advisory locks belong to a connection: they are gone when its process is, whatever ended it.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import bindparam, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.store.database import LOCKS, Database

WORKERS = LOCKS + 1
"""The first number of the locks by which workers show that they live."""

_TAKE = text("SELECT pg_try_advisory_lock(:kind, :number)").bindparams(bindparam("kind", LOCKS))
_LET_GO = text("SELECT pg_advisory_unlock(:kind, :number)").bindparams(bindparam("kind", LOCKS))
_SEEN = text(
    "SELECT CAST(classid AS bigint) AS kind, CAST(objid AS bigint) AS number,"
    " pid = pg_backend_pid() AS own FROM pg_locks"
    " WHERE locktype = 'advisory' AND granted AND objsubid = 2"
    " AND classid IN (:locks, :workers)"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
).bindparams(locks=LOCKS, workers=WORKERS)


@dataclass(frozen=True, slots=True)
class Seen:
    """Which of the wanted locks are ours, and which workers live."""

    mine: frozenset[str]
    living: frozenset[int]


class Locks:
    """The locks of one worker, on a connection of its own."""

    def __init__(self, database: Database, worker: int) -> None:
        self._database = database
        self._worker = worker
        self._connection: AsyncConnection | None = None
        self._held: frozenset[str] = frozenset()

    async def look(self, wanted: Collection[str]) -> Seen:
        """Try for what is wanted and not ours yet; give back what is no longer wanted.

        What is ours is read from the database each time: a pooler that changes connections under
        us would lose locks without a word. Raises the driver's errors when the database does not
        answer: then everything is lost.
        """
        connection = await self._connected()
        for name in sorted(set(wanted) - self._held):
            await connection.execute(_TAKE, {"number": number_of(name)})
        for name in sorted(self._held - set(wanted)):
            await connection.execute(_LET_GO, {"number": number_of(name)})
        rows = (await connection.execute(_SEEN)).all()
        own = {row.number for row in rows if row.own and row.kind == LOCKS}
        self._held = frozenset(name for name in wanted if number_of(name) in own)
        return Seen(self._held, frozenset(row.number for row in rows if row.kind == WORKERS))

    async def _connected(self) -> AsyncConnection:
        if self._connection is None:
            made = await self._database.engine.connect()
            self._connection = await made.execution_options(isolation_level="AUTOCOMMIT")
            await made.execute(_TAKE, {"kind": WORKERS, "number": self._worker})
        return self._connection

    async def drop(self) -> None:
        """Let go of everything, whatever state the connection is in."""
        connection, self._connection = self._connection, None
        self._held = frozenset()
        if connection is not None:
            # Closed for good: given back to the pool it would keep its locks.
            with suppress(SQLAlchemyError, OSError):
                await connection.invalidate()
            with suppress(SQLAlchemyError, OSError):
                await connection.close()


def number_of(name: str) -> int:
    """The lock's second number: positive, never that of the writers (0)."""
    return (zlib.crc32(name.encode()) >> 1) | 1
