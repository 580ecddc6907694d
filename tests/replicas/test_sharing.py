"""Workers on one PostgreSQL: what one takes no other takes, and nothing falls between them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from alerts.clock import SystemClock
from alerts.leadership import Leadership
from alerts.rules import State
from alerts.store import deliveries, destinations, rules
from alerts.store.database import Database
from alerts.store.deliveries import Claim
from tests.alerts.posting import START, Office
from tests.alerts.world import HERE, World
from tests.databases import PostgresServer


@pytest.fixture
def url(postgres: PostgresServer, migrated_postgres: str) -> Iterator[str]:
    made = postgres.create(migrated_postgres)
    yield made
    postgres.drop(made)


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    made = Database(url)
    yield made
    await made.close()


async def claimed(database: Database, *, by: int, hours: int = 0) -> list[Claim]:
    """What a worker gets that asks then."""
    now = START + timedelta(hours=hours, seconds=1)
    async with database.write(beside=True) as connection:
        return await deliveries.claim(connection, "test", now, now + timedelta(minutes=1), 10, by)


async def test_a_worker_passes_over_what_another_is_taking(database: Database) -> None:
    office = Office(database)
    for channel in ("#a", "#b", "#c"):
        await office.alert(channel)
    now = START + timedelta(seconds=1)
    async with database.write(beside=True) as connection:
        lease = now + timedelta(minutes=1)
        first = await deliveries.claim(connection, "test", now, lease, 2, worker=1)
        second = await claimed(database, by=2)
    assert len(first) == 2
    assert {one.id for one in first} | {one.id for one in second} == {1, 2, 3}
    assert await claimed(database, by=3) == []


async def test_many_workers_at_once_get_each_message_once(database: Database) -> None:
    office = Office(database)
    for number in range(30):
        await office.alert(f"#{number}")
    found = await asyncio.gather(*(claimed(database, by=number) for number in range(1, 6)))
    ids = [one.id for claims in found for one in claims]
    assert len(ids) == len(set(ids))
    while more := await claimed(database, by=9):
        ids += [one.id for one in more]
    assert sorted(ids) == list(range(1, 31))


async def test_an_edit_is_not_taken_while_somebody_adds_to_its_story(database: Database) -> None:
    """Taken in between it would be sent without what is just being decided."""
    world, office = World(database), Office(database)
    rule = await world.draw(100)
    await world.see(0, 90)
    await world.see(1, 120)
    await office.drain(3600)
    async with database.write() as connection:
        assert await deliveries.story_changed(connection, [rule], START) == 1
    async with database.write() as connection:
        assert await deliveries.story_changed(connection, [rule], START) == 1
        assert await claimed(database, by=1, hours=1) == []
    assert len(await claimed(database, by=1, hours=1)) == 1


async def test_a_rule_that_was_removed_while_a_tick_held_it_stays_removed(
    database: Database,
) -> None:
    world = World(database)
    rule = await world.draw(100)
    async with database.read() as connection:
        held = await rules.one(connection, rule)
    assert held is not None
    async with database.write() as connection:
        await destinations.remove_rule(connection, rule, START)
    async with database.write() as connection:
        await rules.save(connection, [(held, replace(held.rule, state=State.FIRED))])
    assert (await world.rule(rule)).state is State.DONE


async def test_writers_wait_for_one_another_and_readers_for_nobody(database: Database) -> None:
    order: list[str] = []

    async def another() -> None:
        async with database.write() as connection:
            order.append("second")
            await destinations.find_or_make(connection, HERE, START)

    async with database.write() as connection:
        waiting = asyncio.create_task(another())
        async with database.read() as reading:
            assert await destinations.find(reading, HERE) is None
        await destinations.find_or_make(connection, HERE, START)
        order.append("first")
    await waiting
    assert order == ["first", "second"]
    async with database.read() as reading:
        assert (await reading.execute(text("SELECT count(*) FROM destination"))).scalar_one() == 1


@asynccontextmanager
async def process(url: str) -> AsyncIterator[Leadership]:
    """One process's part in the duties."""
    database = Database(url)
    leadership = Leadership(database, SystemClock(), look_every_s=0.05)
    try:
        async with leadership.kept():
            yield leadership
    finally:
        await database.close()


class Work:
    """A duty's work that goes on until it is cut off."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.ended = asyncio.Event()

    async def __call__(self) -> None:
        self.begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.ended.set()


async def test_a_duty_is_one_process_s_until_it_ends_then_another_goes_on(url: str) -> None:
    ours, theirs = Work(), Work()
    async with process(url) as second:
        async with process(url) as first:
            mine = asyncio.create_task(first.while_mine("watching", ours))
            await ours.begun.wait()
            waiting = asyncio.create_task(second.while_mine("watching", theirs))
            assert first.has("watching")
            assert not second.has("watching")
            assert not theirs.begun.is_set()
            mine.cancel()
        await theirs.begun.wait()
        assert ours.ended.is_set()
        assert second.has("watching")
        waiting.cancel()
    assert theirs.ended.is_set()


async def test_a_lost_connection_is_a_lost_duty_and_is_tried_for_again(
    url: str, postgres: PostgresServer, database: Database
) -> None:
    work = Work()
    async with process(url) as leadership:
        working = asyncio.create_task(leadership.while_mine("watching", work))
        await work.begun.wait()
        work.begun.clear()
        async with database.write() as connection:
            await connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks"
                    " WHERE locktype = 'advisory' AND pid <> pg_backend_pid()"
                )
            )
        await work.ended.wait()
        await work.begun.wait()
        working.cancel()


async def test_the_leases_of_the_dead_end_and_those_of_the_living_do_not(
    database: Database,
) -> None:
    office = Office(database)
    for channel in ("#a", "#b"):
        await office.alert(channel)
    now = START + timedelta(seconds=1)
    for worker in (1, 2):
        async with database.write(beside=True) as connection:
            lease = now + timedelta(minutes=1)
            await deliveries.claim(connection, "test", now, lease, 1, worker)
    office.set(1)
    assert await office.outbox.release_leases_of_dead({2}) == 1
    [taken] = await claimed(database, by=3)
    assert (taken.id, taken.uncertain) == (1, True)
