"""Deliveries go after their time; figures, alerts and what still lives stay (issue 5)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from alerts.retention import Retention
from alerts.store import deliveries, destinations
from alerts.store.alerts import recent
from alerts.store.database import Database
from alerts.store.destinations import Place
from alerts.store.models import AttemptRow, DeliveryRow
from tests.alerts.posting import Office
from tests.alerts.world import START, World

KEEP = timedelta(days=90)


async def rows(database: Database, table: type[DeliveryRow] | type[AttemptRow]) -> int:
    async with database.read() as connection:
        found = await connection.execute(select(func.count()).select_from(table))
        return int(found.scalar_one())


async def cleared_up(office: Office, days: float) -> int:
    office.set(days * 86_400)
    return await Retention(office.database, office.clock, KEEP).clear_up()


@pytest.mark.both_databases
async def test_what_was_sent_is_forgotten_after_its_time_and_the_alert_stays(
    database: Database,
) -> None:
    office = Office(database)
    await office.alert("#a")
    await office.drain(1)
    assert await cleared_up(office, 89) == 0
    assert await cleared_up(office, 91) == 1
    assert await rows(database, DeliveryRow) == 0
    assert await rows(database, AttemptRow) == 0
    async with database.read() as connection:
        [alert] = await recent(connection, 1, 10)
    assert (alert.value, alert.delivery_id) == (1, None)


@pytest.mark.both_databases
async def test_what_waits_and_what_is_pinned_stays(database: Database) -> None:
    office = Office(database)
    await office.alert("#waits")
    async with database.write() as connection:
        pins = Place("test", "server", "#pins")
        home = await destinations.find_or_make(connection, pins, START)
        await deliveries.pin_board(connection, home.id, START)
        await destinations.workspace_gone(connection, "test", "server", "gone")
    assert await cleared_up(office, 200) == 0
    assert await rows(database, DeliveryRow) == 2


@pytest.mark.both_databases
async def test_the_message_of_a_rule_that_is_beyond_its_line_lives_on(database: Database) -> None:
    world, office = World(database), Office(database)
    await world.draw(100)
    await world.see(1, 90)
    await world.see(2, 120)
    await office.drain(7200)
    assert await cleared_up(office, 200) == 0
    await world.see(201 * 24, 50)
    await office.drain(202 * 86_400)
    # It is over: its own message may go; that of the way back is young.
    assert await cleared_up(office, 203) == 1


async def test_many_are_deleted_step_by_step(database: Database) -> None:
    office = Office(database)
    async with database.write() as connection:
        home = await destinations.find_or_make(connection, Place("test", "server", "#a"), START)
        one = deliveries.NewDelivery(home.id, "test", START)
        await deliveries.add(connection, [one] * 1300, START)
        await connection.execute(text("UPDATE delivery SET state = 'sent'"))
    assert await cleared_up(office, 91) == 1300


async def test_the_file_gives_back_what_was_deleted(database: Database, tmp_path: Path) -> None:
    async with database.write() as connection:
        await connection.execute(text("CREATE TABLE heap (stuff BLOB)"))
        await connection.execute(text("INSERT INTO heap VALUES (zeroblob(3000000))"))
    await _into_the_file(database)
    full = size_of(tmp_path)
    async with database.write() as connection:
        await connection.execute(text("DROP TABLE heap"))
    await cleared_up(Office(database), 1)
    await _into_the_file(database)
    assert size_of(tmp_path) < full - 2_500_000


def size_of(folder: Path) -> int:
    return (folder / "bubblewatch.db").stat().st_size


async def _into_the_file(database: Database) -> None:
    """SQLite writes to its log first."""
    async with database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
