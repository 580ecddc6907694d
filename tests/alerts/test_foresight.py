"""What messages will need is made ready while their alerts are still being recorded."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.evaluate import MANY
from alerts.rules import Kind
from alerts.store import alerts, observations
from alerts.store.alerts import Alert
from alerts.store.database import Database
from alerts.store.destinations import Place
from alerts.store.models import AlertRow, DeliveryRow
from alerts.watch import Watch
from tests.alerts.test_watch_transaction import Broken, breaking
from tests.alerts.world import HERE, World


class Eyes:
    """Keeps what it is told beforehand."""

    def __init__(self) -> None:
        self.seen: list[Alert] = []
        self.recorded: list[int] = []
        self.grounds: list[int] = []
        self.heard: list[str] = []

    def some(self) -> None:
        self.heard.append("some")

    async def many(self, connection: AsyncConnection, alert: Alert) -> None:
        self.heard.append("many")
        self.seen.append(alert)
        count = await connection.execute(select(func.count()).select_from(AlertRow))
        self.recorded.append(count.scalar_one())
        assert alert.observation_id is not None
        [own] = (await observations.by_ids(connection, {alert.observation_id})).values()
        self.grounds.append(own.fixed)

    def none(self) -> None:
        self.heard.append("none")


@pytest.fixture
def eyes() -> Eyes:
    return Eyes()


@pytest.fixture
async def world(database: Database, eyes: Eyes) -> World:
    world = World(database)
    world.watch = Watch(
        database,
        world.indicators,
        world.sources,
        world.background,
        world.clock,
        foresight=eyes,
    )
    await world.see(0, 90)
    return world


async def drawn(world: World, places: int) -> None:
    for n in range(places):
        await world.draw(100, place=Place("test", "server", f"#{n}"))


async def test_the_first_of_many_alerts_is_foreseen_as_it_will_be_read(
    world: World, eyes: Eyes, database: Database
) -> None:
    await drawn(world, MANY + 1)
    await world.see(1, 101)
    [foreseen] = eyes.seen
    assert eyes.heard == ["many", "some"]
    assert eyes.recorded == [0]
    assert eyes.grounds == [foreseen.value]
    async with database.read() as connection:
        first = select(DeliveryRow.id).where(DeliveryRow.destination_id == foreseen.destination_id)
        delivery = (await connection.execute(first)).scalar_one()
        [[read]] = (await alerts.of_deliveries(connection, [delivery])).values()
    assert read.kind is Kind.FIRED
    assert foreseen._replace(number=read.number).told == read.told
    assert foreseen.rule_id == read.rule_id


async def test_few_alerts_are_recorded_before_anything_could_be_made_ready(
    world: World, eyes: Eyes
) -> None:
    await drawn(world, 3)
    await world.see(1, 101)
    assert eyes.heard == ["some"]


async def test_what_was_made_ready_is_given_up_when_nothing_is_kept(
    world: World, eyes: Eyes, database: Database
) -> None:
    await drawn(world, MANY)
    with breaking(database, -1), pytest.raises(Broken):
        await world.see(1, 101)
    assert eyes.heard == ["many", "some", "none"]
    await world.see(1, 101)
    assert eyes.heard[3:] == ["many", "some"]


async def test_without_alerts_nothing_is_made_ready(world: World, eyes: Eyes) -> None:
    await world.draw(100, place=HERE)
    await world.see(1, 99)
    assert eyes.heard == []
