"""The operator's own channel: troubles are told once, together, and not in a storm."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from alerts.clock import SetClock
from alerts.indicators import catalogue
from alerts.outbox import Outbox
from alerts.platform import MessageRefused
from alerts.store import deliveries, destinations, memory, schema, sources
from alerts.store.database import Database
from alerts.store.destinations import Place
from alerts.store.sources import SourceState
from bot.messages import compose
from bot.operator_notices import KEY, OperatorNotices
from bot.platforms.terminal import plain_text
from bot.vitals import Link, LinkState, Tick
from tests.alerts.posting import Recorder

START = datetime(2025, 11, 3, 21, tzinfo=UTC)
HOME = Place("test", "server", "#operator")

pytestmark = pytest.mark.both_databases


class House:
    """A service whose operator listens in #operator; times are minutes after START."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = SetClock(START)
        self.recorder = Recorder()
        self.links: dict[str, Link] = {}
        self.look: Tick | None = None
        self.restart()

    def restart(self, home: Place = HOME) -> None:
        self.home = home
        self.notices = OperatorNotices(
            self.database,
            home,
            self.clock,
            lambda: None,
            lambda: self.links,
            lambda: self.look,
        )
        platforms = {"test": self.recorder}
        self.outbox = Outbox(self.database, platforms, self.clock, Random(7), self.notices.outcome)

    async def said(self, minutes: float) -> list[str]:
        """What the operator reads at a review at that time, message by message."""
        self.clock.set(START + timedelta(minutes=minutes))
        before = len(self.recorder.posted)
        await self.notices.review()
        await self.outbox.drain()
        told = self.recorder.posted[before:]
        assert all(message.destination.place == self.home for message in told)
        return [
            plain_text(await compose(message, self.database, catalogue(), self.clock.now()))
            for message in told
        ]

    async def source(self, name: str, trouble: str | None, since: float = 0) -> None:
        at = START + timedelta(minutes=since) if trouble else None
        state = SourceState(name, START, None, trouble, at)
        async with self.database.write() as connection:
            await sources.save(connection, [state])

    async def channel(self, name: str, off: str | None, *, direct: bool = False) -> int:
        async with self.database.write() as connection:
            place = Place("test", "server", name)
            made = await destinations.find_or_make(connection, place, START, direct=direct)
            await destinations.set_off(connection, made.id, off)
        return made.id


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


async def test_a_source_is_told_when_it_is_down_for_long_and_when_it_answers_again(
    house: House,
) -> None:
    await house.source("yahoo", "it answers 503")
    assert await house.said(5) == []
    [down] = await house.said(31)
    assert "yahoo" in down
    assert "it answers 503" in down
    assert await house.said(120) == []
    await house.source("yahoo", None)
    [up] = await house.said(121)
    assert "The source yahoo answers again." in up


async def test_many_channels_that_are_lost_at_once_are_one_message(house: House) -> None:
    for number in range(30):
        await house.channel(f"#{number}", "the channel was deleted")
    [told] = await house.said(1)
    assert told.count("the channel was deleted") == 10
    assert "and 20 more" in told


async def test_a_restart_tells_nothing_again(house: House) -> None:
    await house.channel("#a", "the channel was deleted")
    await house.source("sec", "it does not answer")
    assert len(await house.said(40)) == 1
    for minutes in (60, 80, 100):
        house.restart()
        assert await house.said(minutes) == []


async def test_looks_that_fail_for_long_are_told_until_one_succeeds(house: House) -> None:
    def looked(minutes: float, *, failed: bool, since: float) -> None:
        at, begun = (START + timedelta(minutes=one) for one in (minutes, since))
        house.look = Tick(at, failed, begun)

    looked(0, failed=True, since=0)
    assert await house.said(1) == []
    looked(30, failed=True, since=0)
    [told] = await house.said(30)
    assert "Every look at the sources has failed since" in told
    # Another process looks meanwhile, and says itself how it goes on.
    house.look = None
    assert await house.said(60) == []
    looked(61, failed=True, since=61)
    assert await house.said(61) == []
    looked(90, failed=False, since=90)
    [told] = await house.said(90)
    assert "Looks at the sources succeed again." in told


async def test_another_place_for_the_operator_hears_what_goes_on(house: House) -> None:
    await house.channel("#a", "the channel was deleted")
    assert len(await house.said(1)) == 1
    house.restart(Place("test", "server", "#watch"))
    assert await house.said(2) == []
    [told] = await house.said(16)
    assert "test:server:#a" in told
    assert await house.said(40) == []


async def test_a_channel_that_is_off_is_told_with_what_can_be_done(house: House) -> None:
    await house.channel("#a", "The channel is archived. Unarchive it.")
    [told] = await house.said(1)
    assert "is switched off: The channel is archived. Unarchive it. Its lines are kept" in told
    assert "“/bubble move #a”" in told


async def test_what_follows_within_a_quarter_of_an_hour_waits_and_is_told_together(
    house: House,
) -> None:
    await house.channel("#a", "the channel was deleted")
    assert len(await house.said(1)) == 1
    await house.channel("#b", "missing permission")
    assert await house.said(2) == []
    await house.channel("#c", "missing permission")
    assert await house.said(15) == []
    [told] = await house.said(16)
    assert "test:server:#b" in told
    assert "test:server:#c" in told
    assert "#a" not in told


async def test_a_message_that_was_given_up_is_told_with_its_reason(house: House) -> None:
    id_ = await house.channel("#a", None)
    house.recorder.troubles["#a"] = [MessageRefused("too long"), MessageRefused("too long")]
    async with house.database.write() as connection:
        await deliveries.notice(connection, id_, {"notice": "back"}, START)
    assert await house.said(1) == []
    [told] = await house.said(2)
    assert "1 messages on test were given up" in told
    assert "too long" in told
    assert await house.said(60) == []


async def test_a_person_who_blocks_the_bot_and_the_operators_own_channel_are_not_told(
    house: House,
) -> None:
    await house.channel("@ada", "she blocked the bot", direct=True)
    await house.channel("#operator", "the channel was deleted")
    assert await house.said(1) == []


async def test_a_refused_platform_is_told_once_over_restarts_until_it_is_steadily_back(
    house: House,
) -> None:
    house.links = {"discord": Link(LinkState.REFUSED, START)}
    [told] = await house.said(1)
    assert "discord is not connected" in told
    # A start with the same token looks well for a moment.
    house.restart()
    house.links = {"discord": Link(LinkState.RUNNING, START + timedelta(minutes=20))}
    assert await house.said(21) == []
    house.links = {}
    assert await house.said(40) == []
    house.links = {"discord": Link(LinkState.RUNNING, START + timedelta(minutes=60))}
    [told] = await house.said(66)
    assert "discord is connected again." in told


async def test_a_migration_is_told_and_a_new_database_is_not(house: House) -> None:
    assert await house.said(1) == []
    async with house.database.write() as connection:
        text = await memory.recall(connection, KEY)
        assert text is not None
        newest = schema.newest_revision()
        await memory.remember(connection, KEY, text.replace(f'"{newest}"', '"0001"'))
    [told] = await house.said(2)
    assert f"from schema 0001 to {newest}" in told
    assert await house.said(60) == []
