"""A database with people's rules in it comes to the newest schema whole."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from alembic import command
from sqlalchemy import Connection

from alerts.clock import SetClock
from alerts.outbox import Outbox
from alerts.store import destinations, schema
from alerts.store.database import Database, sqlite_url
from alerts.store.destinations import Place
from tests.alerts.posting import Recorder

NOW = datetime(2025, 11, 3, 21, tzinfo=UTC)

# What a version 0001 left behind: one message sent, one under way when it was stopped, one that
# waits, with their alerts.
CONTENTS = """
INSERT INTO destination (id, platform, workspace, channel, language, timezone, created_at)
VALUES (1, 'test', 'server', '#a', 'zh_Hant', 'Asia/Taipei', '2025-11-01 00:00:00.000000');
INSERT INTO delivery (id, nonce, destination_id, state, away, created_at, due_at, lease_until,
    uncertain, plain, attempts, first_tried_at, settled_at, reason, message)
VALUES
(1, 'n1', 1, 'sent', 0, '2025-11-03 20:00:00.000000', '2025-11-03 20:00:00.000000', NULL, 0, 0, 1,
    '2025-11-03 20:00:00.000000', '2025-11-03 20:00:01.000000', NULL, 'm1'),
(2, 'n2', 1, 'claimed', 0, '2025-11-03 20:50:00.000000', '2025-11-03 20:50:00.000000',
    '2025-11-03 20:59:00.000000', 0, 0, 1, '2025-11-03 20:50:00.000000', NULL, NULL, NULL),
(3, 'n3', 1, 'due', 0, '2025-11-03 20:55:00.000000', '2025-11-03 20:55:00.000000', NULL, 0, 0, 0,
    NULL, NULL, NULL, NULL);
INSERT INTO attempt (delivery_id, at, outcome) VALUES (1, '2025-11-03 20:00:01.000000', 'sent');
INSERT INTO alert (destination_id, delivery_id, indicator, kind, level, as_of, happened_at,
    created_at, value, unit, held_back)
SELECT 1, id, 'level', 'stale', 'watch', created_at, created_at, created_at, id, 'usd', 0
FROM delivery;
"""


async def at_revision(database: Database, revision: str) -> None:
    def run(connection: Connection) -> None:
        command.upgrade(schema._config(connection), revision)

    async with database.write() as connection:
        await connection.run_sync(run)


async def test_what_people_have_survives_0002_and_what_waited_is_sent(tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    database = Database(sqlite_url(file))
    await at_revision(database, "0001")
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(CONTENTS)
    assert await schema.upgrade(database) == ("0001", schema.newest_revision())
    assert await schema.drift(database) == []

    async with database.read() as reading:
        home = await destinations.find(reading, Place("test", "server", "#a"))
    assert home is not None
    assert (home.language, home.timezone, home.owner) == ("zh_Hant", "Asia/Taipei", None)

    recorder = Recorder()
    recorder.there["n2"] = "m2"
    await Outbox(database, {"test": recorder}, SetClock(NOW), Random(0)).drain()
    await database.close()
    assert recorder.asked == ["n2"]
    assert recorder.texts() == [[3]]


async def test_0002_can_be_taken_back_without_losing_anything(tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    database = Database(sqlite_url(file))
    await at_revision(database, "0001")
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(CONTENTS)

    def contents() -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(file)) as connection:
            names = "nonce, state, due_at, attempts, message"
            return connection.execute(f"SELECT {names} FROM delivery ORDER BY id").fetchall()

    await schema.upgrade(database)
    upgraded = contents()

    def back(connection: Connection) -> None:
        command.downgrade(schema._config(connection), "0001")

    async with database.write() as writing:
        await writing.run_sync(back)
    assert contents() == upgraded
    await schema.upgrade(database)
    assert await schema.drift(database) == []
    await database.close()
