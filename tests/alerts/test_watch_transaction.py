"""Everything that one tick decides commits together or not at all (RULES.md R17, R19)."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from sqlalchemy import event, insert
from sqlalchemy.exc import IntegrityError

from alerts.evidence import Answer, Evidence, Need
from alerts.rules import Kind
from alerts.sources import Collected
from alerts.store.database import Database
from alerts.store.models import AlertRow
from tests.alerts.world import HERE, HOUR, THERE, World, level


class Broken(Exception):
    """The disk is full."""


class Breaks:
    """Raises at the n-th statement of each writing transaction, or at its commit."""

    def __init__(self, at: int | None) -> None:
        self.at = at
        self.statements: list[str] = []

    def execute(self, connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if not connection.get_execution_options().get("writes"):
            return
        if self.at == len(self.statements):
            raise Broken
        self.statements.append(statement)

    def commit(self, connection: Any) -> None:
        if self.at == -1:
            raise Broken


@contextmanager
def breaking(database: Database, at: int | None) -> Iterator[Breaks]:
    breaks = Breaks(at)
    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", breaks.execute)
    event.listen(engine, "commit", breaks.commit)
    try:
        yield breaks
    finally:
        event.remove(engine, "before_cursor_execute", breaks.execute)
        event.remove(engine, "commit", breaks.commit)


def contents(database: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, but for the random nonces."""
    with closing(sqlite3.connect(database.url.database or "")) as connection:
        tables = [
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        found = {}
        for table in tables:
            columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
            kept = ", ".join(f'"{column}"' for column in columns if column != "nonce")
            found[table] = sorted(connection.execute(f'SELECT {kept} FROM "{table}"'), key=repr)
    return found


class OnlyNews:
    """A source that tells each thing once, as the real ones do."""

    name = "news"

    def __init__(self, world: World) -> None:
        self._figures = world.figures
        self._told: dict[Need[Answer], Answer] = {}

    def supplies(self, need: Need[Answer]) -> bool:
        return self._figures.supplies(need)

    async def collect(self, needs: Any, known: Evidence) -> Collected:
        found = await self._figures.collect(needs, known)
        fresh = {n: a for n, a in found.evidence.items() if self._told.get(n) != a}
        self._told |= fresh
        return Collected(Evidence(fresh))

    async def close(self) -> None:
        """Nothing is held open."""


async def eventful(database: Database) -> World:
    """A world one tick before a crossing, a reminder, an expiry and a restatement."""
    world = World(database, [level(), level("other")])
    world.sources = (OnlyNews(world),)
    world.start_again()
    for hours, value in ((-48, 70), (-24, 80), (0, 90)):
        world.say(hours, value)
    await world.tick(0)
    for place in (HERE, THERE):
        await world.draw(100, place=place)
        await world.draw(100, place=place, key="other", cooldown=24 * HOUR)
        await world.draw(80, place=place, remind=20 * HOUR)
        await world.draw(500, place=place, expires_at=world.at(20))
    world.clock.set(world.at(24))
    for hours, value in ((-48, 71), (20, 110), (22, 90), (24, 120)):
        world.say(hours, value)
    return world


async def test_r19_a_failure_at_any_statement_leaves_nothing_behind(database: Database) -> None:
    """And the next tick does it all: nothing that a source told once is lost."""
    world = await eventful(database)
    before = contents(database)
    statement = 0
    while True:
        with breaking(database, statement) as breaks:
            try:
                report = await world.tick()
                break
            except Broken:
                assert contents(database) == before, breaks.statements[-1:]
        statement += 1
    assert statement > 15
    assert world.woken == 1
    assert (len(report.stored), report.alerts, report.deliveries) == (8, 16, 2)


async def test_r19_a_failing_commit_leaves_nothing_behind(database: Database) -> None:
    world = await eventful(database)
    before = contents(database)
    with breaking(database, -1), pytest.raises(Broken):
        await world.tick()
    assert contents(database) == before
    assert (await world.tick()).alerts == 16


async def test_r19_a_cancelled_tick_leaves_nothing_behind(database: Database) -> None:
    world = await eventful(database)
    before = contents(database)
    ticking = asyncio.create_task(world.tick())

    def cancel(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if statement.startswith("INSERT INTO alert"):
            ticking.cancel()

    engine = database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", cancel)
    with pytest.raises(asyncio.CancelledError):
        await ticking
    event.remove(engine, "before_cursor_execute", cancel)
    assert contents(database) == before
    assert (await world.tick()).alerts == 16


async def test_r19_a_tick_that_failed_ends_as_one_that_did_not(
    database: Database, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from alerts.store import schema
    from alerts.store.database import sqlite_url

    smooth = Database(sqlite_url(tmp_path_factory.mktemp("smooth") / "test.db"))
    await schema.upgrade(smooth)
    await (await eventful(smooth)).tick()
    expected = contents(smooth)
    await smooth.close()

    world = await eventful(database)
    for statement in (3, 9, 12, -1):
        with breaking(database, statement), pytest.raises(Broken):
            await world.tick()
    await world.tick()
    assert contents(database) == expected


async def test_r17_one_alert_for_a_rule_an_observation_and_a_kind(database: Database) -> None:
    world = World(database)
    await world.see(0, 90)
    await world.draw(100)
    await world.see(24, 100)
    async with database.read() as connection:
        row = (await connection.execute(AlertRow.__table__.select())).mappings().one()
    again = {name: value for name, value in row.items() if name != "id"}
    with pytest.raises(IntegrityError, match="UNIQUE"):
        async with database.write() as connection:
            await connection.execute(insert(AlertRow).values(again))
    async with database.write() as connection:
        await connection.execute(insert(AlertRow).values(again | {"kind": Kind.REMINDER}))


async def test_r17_one_notice_for_a_place_an_indicator_a_kind_and_a_moment(
    database: Database,
) -> None:
    world = World(database)
    await world.see(0, 90)
    await world.draw(100)
    await world.tick(24 * 6)
    async with database.read() as connection:
        row = (await connection.execute(AlertRow.__table__.select())).mappings().one()
    assert row["rule_id"] is None
    again = {name: value for name, value in row.items() if name != "id"}
    with pytest.raises(IntegrityError, match="UNIQUE"):
        async with database.write() as connection:
            await connection.execute(insert(AlertRow).values(again))


async def test_two_ticks_at_once_take_turns(database: Database) -> None:
    world = await eventful(database)
    reports = await asyncio.gather(world.tick(), world.tick())
    assert [report.alerts for report in reports] == [16, 0]
