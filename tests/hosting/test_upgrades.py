"""Every released schema comes to the newest one with what was in it; `migrate` may be repeated."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import (
    Boolean,
    Connection,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    func,
    insert,
    select,
)
from sqlalchemy.types import JSON, TypeEngine

import migrations
from alerts.store import schema
from alerts.store.database import Database, sqlite_url
from tests.databases import PostgresServer
from tests.emulators.yahoo import YahooEmulator
from tests.service.conftest import StartService, ask

VERSIONS = Path(migrations.__file__).parent / "versions"
RELEASED = sorted(path.name.partition("_")[0] for path in VERSIONS.glob("[0-9]*_*.py"))
MOMENT = datetime(2025, 11, 3, 21, tzinfo=UTC)
VALUES: dict[str, str] = {
    "state": "sent",
    "kind": "alerts",
    "digest": "off",
    "timezone": "Asia/Taipei",
    "language": "zh_Hant",
}


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database in which there is nothing yet."""
    if request.param == "sqlite":
        yield sqlite_url(tmp_path / "bubblewatch.db")
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    address = server.create()
    yield address
    server.drop(address)


def at_revision(revision: str) -> Any:
    def run(connection: Connection) -> None:
        command.upgrade(schema._config(connection), revision)

    return run


def _something(name: str, kind: TypeEngine[Any]) -> object:
    """A value for a column, by its type."""
    match kind:
        case Boolean():
            return False
        case DateTime():
            return MOMENT if kind.timezone else MOMENT.replace(tzinfo=None)
        case Date():
            return MOMENT.date()
        case Integer() | Numeric():
            return 1
        case LargeBinary():
            return b"sealed"
        case JSON():
            return {}
        case _:
            return VALUES.get(name, "x")


def fill(connection: Connection) -> dict[str, int]:
    """One row in every table of the schema that is there; returns how many each has now."""
    found = MetaData()
    found.reflect(connection)
    counts: dict[str, int] = {}
    for table in found.sorted_tables:
        if table.name != "alembic_version":
            connection.execute(insert(table).values(_row(table)))
        counts[table.name] = connection.execute(
            select(func.count()).select_from(table)
        ).scalar_one()
    return counts


def _row(table: Table) -> dict[str, object]:
    return {
        column.name: 1 if column.foreign_keys else _something(column.name, column.type)
        for column in table.columns
        if not column.nullable or column.foreign_keys or column.name == "id"
    }


def count(connection: Connection) -> dict[str, int]:
    found = MetaData()
    found.reflect(connection)
    return {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for table in found.sorted_tables
    }


@pytest.mark.parametrize("released", RELEASED)
async def test_what_was_in_a_released_schema_is_there_after_the_upgrade(
    empty: str, released: str
) -> None:
    database = Database(empty)
    try:
        async with database.write() as connection:
            await connection.run_sync(at_revision(released))
        async with database.write() as connection:
            before = await connection.run_sync(fill)
        assert await schema.upgrade(database) == (released, RELEASED[-1])
        assert await schema.upgrade(database) == (RELEASED[-1], RELEASED[-1])
        assert await schema.drift(database) == []
        async with database.read() as connection:
            after = await connection.run_sync(count)
        assert {name: after.get(name) for name in before} == before
    finally:
        await database.close()


def test_many_processes_may_migrate_at_once(empty: str, tmp_path: Path) -> None:
    def migrate(_: int) -> tuple[int, str]:
        ended = ask(tmp_path, "migrate", env={"BUBBLEWATCH_DATABASE_URL": empty})
        return ended.returncode, ended.stdout + ended.stderr

    with ThreadPoolExecutor(3) as pool:
        told = list(pool.map(migrate, range(3)))
    assert [code for code, _ in told] == [0, 0, 0], told
    assert sum("already at schema" in said for _, said in told) == 2


def test_it_migrates_while_the_service_runs_and_takes_nothing_from_it(
    start: StartService, data: Path, busy_yahoo: YahooEmulator
) -> None:
    service = start(data, "--no-replay", yahoo=busy_yahoo.url)
    service.wait_for("Hyperscaler debt")
    ended = ask(data, "migrate")
    assert ended.returncode == 0
    assert "already at schema" in ended.stdout
    assert ask(data, "ask", "/bubble status").returncode == 0
    code, _ = service.stop()
    assert code == 0
    assert "Traceback" not in service.output


async def test_a_database_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "bubblewatch.db"
    database = Database(sqlite_url(file))
    await schema.upgrade(database)
    async with database.write() as connection:
        await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    await database.close()
    before = await asyncio.to_thread(os.stat, file)
    ended = await asyncio.to_thread(ask, tmp_path, "migrate")
    assert ended.returncode == 1
    assert "9999" in ended.stderr
    assert "Traceback" not in ended.stderr
    after = await asyncio.to_thread(os.stat, file)
    assert (after.st_mtime_ns, after.st_size) == (before.st_mtime_ns, before.st_size)
