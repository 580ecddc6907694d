"""Digests and pinned boards: sent unasked, exactly once for their time."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from alerts.digests import enqueue_due
from alerts.store import deliveries
from alerts.store.database import Database
from alerts.store.models import DeliveryKind, Digest
from tests.alerts.newsroom import Newsroom
from tests.alerts.posting import Editing, Office

pytestmark = pytest.mark.both_databases

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database, Editing())


async def due(office: Office) -> int:
    async with office.database.write() as connection:
        return await enqueue_due(connection, office.clock.now())


async def test_a_daily_digest_comes_at_its_time_and_once(office: Office) -> None:
    home = await office.home("#a", digest=Digest.DAILY, digest_minute=9 * 60)
    assert home.digest_due_at == datetime(2025, 11, 4, 9, tzinfo=UTC)
    assert await due(office) == 0
    office.set(12 * HOUR_S)
    assert await due(office) == 1
    assert await due(office) == 0
    await office.drain()
    assert [message.kind for message in office.recorder.posted] == [DeliveryKind.DIGEST]
    assert (await office.home("#a")).digest_due_at == datetime(2025, 11, 5, 9, tzinfo=UTC)


async def test_two_workers_make_one_digest(office: Office, database: Database) -> None:
    await office.home("#a", digest=Digest.DAILY)
    office.set(12 * HOUR_S)
    elsewhere = Database(database.url.render_as_string(False))
    other = Office(elsewhere)
    other.set(12 * HOUR_S)
    counts = await asyncio.gather(due(office), due(other))
    await elsewhere.close()
    assert sorted(counts) == [0, 1]


async def test_of_the_digests_that_a_downtime_swallowed_only_the_newest_comes(
    office: Office,
) -> None:
    await office.home("#a", digest=Digest.DAILY)
    office.set(5 * DAY_S)
    assert await due(office) == 1
    assert (await office.home("#a")).digest_due_at == datetime(2025, 11, 9, 9, tzinfo=UTC)


async def test_a_digest_that_still_waits_is_enough(office: Office) -> None:
    await office.home("#a", digest=Digest.DAILY)
    office.set(DAY_S)
    assert await due(office) == 1
    office.set(2 * DAY_S)
    assert await due(office) == 0
    assert await office.drain() == 1


async def test_a_weekly_digest_comes_on_its_day_in_its_own_time_zone(office: Office) -> None:
    chosen = {"digest": Digest.WEEKLY, "digest_weekday": 4, "digest_minute": 8 * 60}
    home = await office.home("#a", timezone="America/New_York", **chosen)
    assert home.digest_due_at == datetime(2025, 11, 7, 13, tzinfo=UTC)


async def test_the_digest_keeps_its_wall_clock_time_over_daylight_saving(office: Office) -> None:
    office.clock.set(datetime(2026, 3, 27, 12, tzinfo=UTC))
    await office.home("#a", timezone="Europe/Berlin", digest=Digest.DAILY)
    times = []
    for _ in range(3):
        at = (await office.home("#a")).digest_due_at
        assert at is not None
        times.append(at.hour)
        office.clock.set(at)
        assert await due(office) == 1
        await office.drain()
    assert times == [8, 7, 7]


async def test_another_time_zone_moves_the_digest_with_it(office: Office) -> None:
    await office.home("#a", digest=Digest.DAILY)
    home = await office.home("#a", timezone="Asia/Taipei")
    assert home.digest_due_at == datetime(2025, 11, 4, 1, tzinfo=UTC)
    home = await office.home("#a", digest=Digest.OFF)
    assert home.digest_due_at is None


async def test_a_digest_knows_when_the_last_one_was_made(office: Office) -> None:
    await office.home("#a", digest=Digest.DAILY)
    for day in (1, 2):
        office.set(day * DAY_S)
        await due(office)
        await office.drain()
    first = office.clock.now() - timedelta(days=1)
    assert [m.notice for m in office.recorder.posted] == [{}, {"since": first.isoformat()}]


async def test_a_place_that_is_off_gets_no_digest_and_no_pile_of_them_later(
    office: Office,
) -> None:
    from alerts.store import destinations

    home = await office.home("#a", digest=Digest.DAILY)
    async with office.database.write() as connection:
        await destinations.set_off(connection, home.id, "no permission")
    office.set(3 * DAY_S)
    assert await due(office) == 0
    await office.switch_on("#a")
    assert await office.drain() == 0


async def pinned(room: Newsroom) -> int:
    home = await room.choose()
    async with room.database.write() as connection:
        await deliveries.pin_board(connection, home, room.clock.now())
    await room.send()
    return home


async def test_a_pinned_board_is_posted_once_and_edited_as_values_change(
    database: Database,
) -> None:
    room = Newsroom(database)
    await room.see(0, 90)
    await pinned(room)
    assert [(m.kind, m.edits) for m in room.posted] == [(DeliveryKind.BOARD, None)]
    await room.told_at(1, 91)
    await room.told_at(2, 92)
    assert [(m.kind, m.edits) for m in room.wall.edited] == [(DeliveryKind.BOARD, "m1")] * 2
    assert len(room.posted) == 1


async def test_a_look_that_finds_nothing_new_leaves_the_board_alone(database: Database) -> None:
    room = Newsroom(database)
    await room.see(0, 90)
    await pinned(room)
    await room.tick(1)
    assert await room.send() == 0


async def test_board_updates_that_wait_are_one(database: Database) -> None:
    room = Newsroom(database)
    await room.see(0, 90)
    await pinned(room)
    for hours in (1, 2, 3):
        await room.see(hours, 90 + hours)
    assert await room.send() == 1


async def test_a_board_that_was_deleted_is_posted_again_and_lives_on(database: Database) -> None:
    room = Newsroom(database)
    await room.see(0, 90)
    await pinned(room)
    room.wall.gone.add("m1")
    await room.told_at(1, 91)
    await room.told_at(2, 92)
    assert [(m.kind, m.follows) for m in room.posted] == [(DeliveryKind.BOARD, None)] * 2
    assert room.wall.edits() == ["m2"]


async def test_an_unpinned_board_is_left_alone(database: Database) -> None:
    room = Newsroom(database)
    await room.see(0, 90)
    home = await pinned(room)
    await room.see(1, 91)
    async with room.database.write() as connection:
        assert await deliveries.unpin_board(connection, home)
        assert not await deliveries.unpin_board(connection, home)
    await room.told_at(2, 92)
    assert room.wall.edited == []
