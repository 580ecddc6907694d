"""What the store keeps for conversations and platforms."""

from __future__ import annotations

from datetime import timedelta

import pytest

from alerts.clock import SetClock
from alerts.platform import TemporaryFailure
from alerts.store import acts, credentials, deliveries, destinations, memory, workspaces
from alerts.store.database import Database
from alerts.store.destinations import Place
from alerts.store.models import ActKind
from tests.alerts.newsroom import Newsroom
from tests.alerts.posting import Editing, Office

HOUR = timedelta(hours=1)


async def test_who_manages_a_workspace_is_kept_for_that_workspace_alone(
    database: Database,
) -> None:
    async with database.write() as connection:
        assert await workspaces.managers_of(connection, "discord", "g1") is None
        await workspaces.set_managers(connection, "discord", "g1", "role1")
        await workspaces.set_managers(connection, "slack", "g1", "group1")
        await workspaces.set_managers(connection, "discord", "g1", "role2")
        assert await workspaces.managers_of(connection, "discord", "g1") == "role2"
        assert await workspaces.managers_of(connection, "discord", "g2") is None
        await workspaces.set_managers(connection, "discord", "g1", None)
        assert await workspaces.managers_of(connection, "discord", "g1") is None
        assert await workspaces.managers_of(connection, "slack", "g1") == "group1"


async def test_a_credential_takes_the_place_of_the_one_before(
    database: Database, clock: SetClock
) -> None:
    async with database.write() as connection:
        for workspace, sealed in (("T2", b"b"), ("T1", b"a"), ("T1", b"c")):
            await credentials.save(connection, "slack", workspace, sealed, clock.now())
        assert await credentials.load(connection, "slack", "T1") == b"c"
        assert await credentials.workspaces_of(connection, "slack") == ["T1", "T2"]
        assert await credentials.workspaces_of(connection, "discord") == []
        assert await credentials.forget(connection, "slack", "T1")
        assert not await credentials.forget(connection, "slack", "T1")
        assert await credentials.load(connection, "slack", "T1") is None


async def test_a_platform_remembers_facts_over_restarts(database: Database) -> None:
    async with database.write() as connection:
        assert await memory.recall(connection, "discord.commands") is None
        await memory.remember(connection, "discord.commands", "one")
        await memory.remember(connection, "discord.commands", "two")
    async with database.read() as connection:
        assert await memory.recall(connection, "discord.commands") == "two"


async def test_acts_are_told_in_their_order_from_a_moment_on(database: Database) -> None:
    room = Newsroom(database)
    await room.see(0, 90)
    one, other = await room.draw(100), await room.draw(110)
    start = room.at(0)
    async with database.write() as connection:
        for hours, rule, by in ((3, one, "Cy"), (1, one, "Ann"), (2, one, "Bo"), (2, other, "Di")):
            at, until = start + hours * HOUR, start + 9 * HOUR
            await acts.record(connection, rule, ActKind.SNOOZED, "u", by, at, until)
        found = await acts.of_rules(connection, [one], start + 2 * HOUR)
    assert [act.by for act in found[one]] == ["Bo", "Cy"]
    assert found[one][0].until == start + 9 * HOUR
    assert other not in found


async def test_the_log_has_every_attempt_of_a_place_newest_delivery_first(
    database: Database,
) -> None:
    office = Office(database, Editing())
    await office.alert("#a")
    await office.alert("#b")
    office.recorder.troubles["#a"] = [TemporaryFailure("503"), TemporaryFailure("429", 5)]
    for seconds in (0, 5, 60):
        await office.drain(seconds)
    await office.alert("#a")
    home = await office.home("#a")
    async with database.read() as connection:
        logged = await deliveries.log(connection, home.id, 10)
        newest = await deliveries.log(connection, home.id, 1)
    assert [one.state.value for one in logged] == ["due", "sent"]
    assert newest == logged[:1]
    assert [(a.outcome.value, a.detail) for a in logged[1].attempts] == [
        ("retry", "503"),
        ("retry", "429"),
        ("sent", None),
    ]
    assert (logged[0].attempts, logged[0].alerts) == ((), 1)


async def test_a_destination_is_described_when_it_is_made_and_keeps_its_first_owner(
    database: Database, clock: SetClock
) -> None:
    place = Place("slack", "T1", "U1")
    async with database.write() as connection:
        made = await destinations.find_or_make(
            connection, place, clock.now(), language="zh_Hans", direct=True
        )
        owned = await destinations.find_or_make(connection, place, clock.now(), owner="U1")
        again = await destinations.find_or_make(
            connection, place, clock.now(), owner="U2", language="en"
        )
    assert (made.language, made.direct, made.owner) == ("zh_Hans", True, None)
    assert (owned.owner, again.owner, again.language) == ("U1", "U1", "zh_Hans")


async def test_only_what_people_choose_can_be_chosen(database: Database, clock: SetClock) -> None:
    async with database.write() as connection:
        home = await destinations.find_or_make(connection, Place("t", "w", "c"), clock.now())
        with pytest.raises(ValueError, match="nobody chooses board_id"):
            await destinations.choose(connection, home.id, board_id=3)


async def test_the_places_of_one_workspace_are_listed_with_those_that_are_off(
    database: Database, clock: SetClock
) -> None:
    async with database.write() as connection:
        for workspace, channel in (("w", "b"), ("w", "a"), ("v", "c")):
            place = Place("t", workspace, channel)
            home = await destinations.find_or_make(connection, place, clock.now())
        await destinations.set_off(connection, home.id, "gone")
        found = await destinations.of_workspace(connection, "t", "w")
    assert [one.place.channel for one in found] == ["b", "a"]
