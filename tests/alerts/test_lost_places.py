"""Places that are lost, come back, or are moved (RULES.md R24, R25, R30)."""

from __future__ import annotations

from typing import Any

import pytest

from alerts.platform import DestinationGone, TemporaryFailure
from alerts.sending import GIVE_UP_AFTER
from alerts.store import deliveries, destinations
from alerts.store.database import Database
from alerts.store.destinations import Destination, Place
from alerts.store.models import DeliveryKind, Digest
from bot.presence import Presence
from tests.alerts.newsroom import Newsroom
from tests.alerts.posting import Editing, Office, Recorder
from tests.alerts.world import HERE, THERE

pytestmark = pytest.mark.both_databases

DAY_S = 24 * 3600.0
GONE = DestinationGone("the channel was deleted")


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database, Editing())


def presence(office: Office) -> Presence:
    return Presence(office.database, office.clock, office.outbox.wake)


def notices(recorder: Recorder) -> list[tuple[str, str, dict[str, str]]]:
    """(workspace, channel, facts) of each notice."""
    return [
        (m.destination.place.workspace, m.destination.place.channel, dict(m.notice))
        for m in recorder.posted
        if m.kind is DeliveryKind.NOTICE
    ]


LOST = {"notice": "lost", "channel": "#gone", "reason": "the channel was deleted"}


async def lose(office: Office, channel: str = "#gone", gone: DestinationGone = GONE) -> None:
    await office.alert(channel)
    office.recorder.troubles[channel] = [gone]
    await office.drain()


async def test_r30_the_owner_is_told_in_another_channel_of_the_workspace(office: Office) -> None:
    await office.home("#gone", owner="u1")
    await office.home("#other")
    await office.home("#own", owner="u1")
    await lose(office)
    assert notices(office.recorder) == [("server", "#own", LOST)]


async def test_r30_the_owner_is_told_alone_where_there_is_no_other_channel(
    office: Office,
) -> None:
    await office.home("#gone", owner="u1", language="zh_Hant")
    await lose(office)
    assert notices(office.recorder) == [("@me", "u1", LOST)]
    home = office.recorder.posted[-1].destination
    assert (home.direct, home.language, home.owner) == (True, "zh_Hant", "u1")


async def test_r30_it_is_said_once(office: Office) -> None:
    await office.home("#gone", owner="u1")
    await lose(office)
    home = await office.home("#gone")
    person = Place("test", "@me", "u1")
    for _ in range(2):
        await presence(office).channel_gone(home.place, "deleted", person)
    await office.drain()
    assert len(notices(office.recorder)) == 1


async def test_r30_a_person_who_cannot_be_reached_is_nobody_elses_news(office: Office) -> None:
    now = office.clock.now()
    await office.home("#a")
    async with office.database.write() as connection:
        alone = await destinations.find_or_make(
            connection, Place("test", "server", "u1"), now, owner="u1", direct=True
        )
    await lose(office, "u1", DestinationGone("they do not take messages"))
    assert office.recorder.posted == []
    assert await office.off_reason("u1") == "they do not take messages"
    assert alone.direct


async def test_r24_a_lost_workspace_is_off_in_all_its_places_and_in_no_other(
    office: Office,
) -> None:
    await office.home("#b")
    async with office.database.write() as connection:
        away = await destinations.find_or_make(
            connection, Place("test", "elsewhere", "#b"), office.clock.now()
        )
    await lose(office, "#a", DestinationGone("the token was revoked", whole_workspace=True))
    assert await office.off_reason("#a") == "the token was revoked"
    assert await office.off_reason("#b") == "the token was revoked"
    async with office.database.read() as connection:
        found = await destinations.by_ids(connection, [away.id])
    assert found[away.id].off_reason is None
    assert notices(office.recorder) == []


async def test_r25_a_workspace_that_comes_back_says_so_once_and_sends_what_waited(
    office: Office,
) -> None:
    await office.alert("#a")
    await office.alert("#b")
    await presence(office).left("test", "server", "the bot was removed")
    assert await office.drain() == 0
    assert await office.states() == ["parked", "parked"]
    for _ in range(2):
        await presence(office).back("test", "server")
        await office.drain()
    assert notices(office.recorder) == [("server", "#a", {"notice": "back"})]
    assert [m.destination.place.channel for m in office.recorder.posted if m.alerts] == ["#a", "#b"]


async def test_r25_what_was_off_for_its_own_reason_stays_off(office: Office) -> None:
    await lose(office)
    await office.home("#a")
    await presence(office).left("test", "server", "the bot was removed")
    await presence(office).back("test", "server")
    assert await office.off_reason("#gone") == "the channel was deleted"
    assert await office.off_reason("#a") is None


async def test_a_joined_workspace_is_greeted_once(office: Office) -> None:
    channel = Place("test", "new", "#general")
    for _ in range(2):
        await presence(office).joined(channel, channel, "zh_Hans")
        await office.drain()
    assert notices(office.recorder) == [("new", "#general", {"notice": "greeting"})]
    assert office.recorder.posted[0].destination.language == "zh_Hans"


async def test_a_workspace_without_a_channel_to_speak_in_is_greeted_when_there_is_one(
    office: Office,
) -> None:
    place = Place("test", "new", "#general")
    await presence(office).joined(None, place, None)
    await presence(office).joined(place, place, None)
    await office.drain()
    assert len(notices(office.recorder)) == 1


async def test_r24_it_comes_back_with_one_call_and_old_messages_folded(office: Office) -> None:
    await office.home("#gone")
    await lose(office)
    await office.alert("#gone")
    assert await office.drain(2 * DAY_S) == 0
    await office.switch_on("#gone")
    await office.drain()
    assert [(m.away, len(m.alerts)) for m in office.recorder.posted] == [(True, 2)]


async def test_r23_the_day_of_tries_begins_anew_when_a_place_is_on_again(office: Office) -> None:
    await office.home("#gone")
    await lose(office)
    office.set(GIVE_UP_AFTER.total_seconds() * 2)
    await office.switch_on("#gone")
    office.recorder.troubles["#gone"] = [TemporaryFailure("503")]
    await office.drain()
    assert await office.states() == ["retry"]


async def test_nobody_looks_for_what_waits_for_a_place_that_is_off(office: Office) -> None:
    await office.home("#gone")
    await lose(office)
    assert await office.states() == ["parked"]
    async with office.database.read() as connection:
        assert await deliveries.next_due(connection, ["test"], office.clock.now()) is None


async def test_what_may_have_arrived_is_looked_for_when_the_place_is_back(office: Office) -> None:
    await office.alert("#gone")
    office.recorder.troubles["#gone"] = [TemporaryFailure("the connection was lost")]
    await office.drain()
    [row] = await office.deliveries()
    office.recorder.blind = [GONE]
    await office.drain(60)
    office.recorder.there[row.nonce] = "m0"
    await office.switch_on("#gone")
    await office.drain()
    assert office.recorder.posted == []
    assert await office.states() == ["sent"]


async def homes(room: Newsroom) -> tuple[Destination, Destination]:
    now = room.clock.now()
    async with room.database.write() as connection:
        return (
            await destinations.find_or_make(connection, HERE, now),
            await destinations.find_or_make(connection, THERE, now),
        )


async def move(room: Newsroom) -> int:
    here, there = await homes(room)
    async with room.database.write() as connection:
        return await destinations.move(connection, here, there, room.clock.now())


async def numbers(room: Newsroom, at: int) -> list[int]:
    home = (await homes(room))[at]
    async with room.database.read() as connection:
        return [rule.number for rule in await destinations.rules_of(connection, home.id)]


@pytest.fixture
def room(database: Database) -> Newsroom:
    return Newsroom(database)


async def test_r30_rules_move_and_get_new_numbers_where_theirs_are_taken(room: Newsroom) -> None:
    await room.see(0, 90)
    for line in (100, 110, 120):
        await room.draw(line, place=HERE)
    await room.draw(500, place=THERE)
    assert await move(room) == 3
    assert (await numbers(room, 0), await numbers(room, 1)) == ([], [1, 2, 3, 4])
    await room.told_at(24, 105)
    assert [m.destination.place for m in room.posted] == [THERE]


async def test_r30_history_moves_and_later_news_is_posted_where_the_rule_is_now(
    room: Newsroom,
) -> None:
    await room.see(0, 90)
    await room.draw(100)
    await room.told_at(24, 110)
    await move(room)
    assert [alert.kind.value for alert in await room.alerts(THERE)] == ["fired"]
    assert await room.alerts(HERE) == []
    await room.told_at(48, 90)
    assert [m.destination.place for m in room.posted] == [HERE, THERE]
    assert room.wall.edited == []


async def test_r30_what_waited_for_the_lost_place_is_sent_to_the_new_one(room: Newsroom) -> None:
    await room.see(0, 90)
    rule = await room.draw(100)
    await room.told_at(24, 110)
    room.wall.troubles["#here"] = [GONE]
    await room.act(rule)
    await room.send()
    await room.draw(120)
    await room.told_at(48, 90)
    await move(room)
    await room.send()
    told = [[alert.kind.value for alert in m.alerts] for m in room.posted]
    assert told == [["fired"]]
    here, _ = await homes(room)
    assert here.off_reason == "the channel was deleted"


async def test_r30_a_preset_that_both_places_have_is_kept_once(room: Newsroom) -> None:
    here, there = await homes(room)
    now = room.clock.now()
    await room.see(0, 90)
    async with room.database.write() as connection:
        for home, preset in ((here, "article"), (there, "article"), (here, "heat")):
            await destinations.subscribe(connection, home.id, preset, now)
    await move(room)
    async with room.database.read() as connection:
        assert await destinations.presets_of(connection, here.id) == []
        assert await destinations.presets_of(connection, there.id) == ["article", "heat"]


async def test_r30_a_new_place_takes_over_what_was_chosen(room: Newsroom) -> None:
    chosen: dict[str, Any] = {
        "language": "zh_Hant",
        "timezone": "Asia/Taipei",
        "digest": Digest.DAILY,
        "quiet_from": 60,
        "quiet_to": 120,
        "owner": "u1",
    }
    await room.choose(HERE, **chosen)
    await move(room)
    here, there = await homes(room)
    for name, value in chosen.items():
        assert getattr(there, name) == value
    assert (here.digest, here.digest_due_at) == (Digest.OFF, None)
    assert there.digest_due_at is not None


async def test_r30_the_board_is_pinned_in_the_new_place(room: Newsroom) -> None:
    await room.see(0, 90)
    here, _ = await homes(room)
    async with room.database.write() as connection:
        await deliveries.pin_board(connection, here.id, room.clock.now())
    await room.send()
    here, _ = await homes(room)
    await move(room)
    await room.send()
    await room.told_at(24, 91)
    assert [m.destination.place for m in room.posted] == [HERE, THERE]
    assert room.wall.edits() == ["m2"]


async def test_r30_a_notice_that_both_places_got_stays_with_each(database: Database) -> None:
    room = Newsroom(database)
    room.start_again(tells_staleness=True)
    await room.see(0, 90)
    for place in (HERE, THERE):
        await room.draw(100, place=place)
    await room.tick(24 * 6)
    await move(room)
    assert [alert.kind.value for alert in await room.alerts(HERE)] == ["stale"]
    assert [alert.kind.value for alert in await room.alerts(THERE)] == ["stale"]
