"""One living message a rule and destination (RULES.md R26)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from alerts.outbox import LEASE
from alerts.platform import MessageRefused, TemporaryFailure
from alerts.store.database import Database
from alerts.store.models import ActKind, DeliveryKind
from tests.alerts.newsroom import Newsroom
from tests.alerts.posting import Recorder
from tests.alerts.world import DAY, HERE, THERE

pytestmark = pytest.mark.both_databases

LEASE_H = LEASE.total_seconds() / 3600


@pytest.fixture
def room(database: Database) -> Newsroom:
    return Newsroom(database)


async def fired(room: Newsroom, line: int = 100, **how: Any) -> int:
    """A rule that has spoken once, a day after the start."""
    await room.see(0, 90)
    rule = await room.draw(line, **how)
    await room.told_at(24, 110)
    return rule


async def states(room: Newsroom) -> list[tuple[str, str]]:
    return [(row.kind.value, row.state.value) for row in await room.deliveries()]


async def test_what_clears_is_told_by_an_edit_of_what_fired(room: Newsroom) -> None:
    rule = await fired(room)
    await room.told_at(48, 130)
    await room.told_at(72, 90)
    assert len(room.posted) == 1
    [edit] = room.wall.edited
    assert (edit.kind, edit.edits) == (DeliveryKind.EDIT, "m1")
    assert [alert.kind.value for alert in edit.alerts] == ["fired"]
    story = edit.stories[rule]
    assert (story.cleared_at, story.lasted) == (room.at(72), 2 * DAY)
    unit = edit.alerts[0].unit
    assert unit.from_fixed(story.peak or 0) == 130
    assert unit.from_fixed(story.cleared_value or 0) == 90
    assert story.peak_as_of == room.at(48)


async def test_the_alert_that_an_edit_told_counts_as_told(room: Newsroom) -> None:
    await fired(room)
    await room.told_at(48, 90)
    edit = (await room.deliveries())[-1]
    cleared = (await room.alerts())[-1]
    assert (cleared.kind.value, cleared.delivery_id) == ("cleared", edit.id)


async def test_where_people_ask_for_it_a_short_answer_is_posted_too(room: Newsroom) -> None:
    rule = await fired(room)
    await room.choose(tells_cleared=True)
    await room.told_at(48, 90)
    assert room.wall.follows() == [None, "m1"]
    assert [alert.kind.value for alert in room.posted[1].alerts] == ["cleared"]
    assert room.posted[1].stories[rule].lasted == DAY
    assert room.wall.edits() == ["m1"]


async def test_a_platform_that_cannot_edit_posts_what_clears(database: Database) -> None:
    room = Newsroom(database, Recorder())
    await fired(room)
    await room.told_at(48, 90)
    assert [alert.kind.value for m in room.posted for alert in m.alerts] == ["fired", "cleared"]


async def test_a_platform_that_cannot_edit_settles_edits_without_sending(
    database: Database,
) -> None:
    room = Newsroom(database, Recorder())
    rule = await fired(room)
    assert await room.act(rule) == 1
    await room.send()
    assert len(room.posted) == 1
    assert await states(room) == [("alerts", "sent"), ("edit", "folded")]


async def test_a_reminder_is_posted_as_an_answer_because_an_edit_reminds_nobody(
    room: Newsroom,
) -> None:
    await fired(room, remind=DAY)
    await room.tick(48)
    await room.send()
    assert [alert.kind.value for alert in room.posted[1].alerts] == ["reminder"]
    assert room.wall.follows() == [None, "m1"]
    assert room.wall.edits() == ["m1"]


async def test_a_rule_that_expires_while_it_is_fired_says_so_in_its_message(
    room: Newsroom,
) -> None:
    rule = await fired(room, expires_at=room.at(30))
    await room.tick(31)
    await room.send()
    assert len(room.posted) == 1
    assert room.wall.edited[0].stories[rule].expired_at is not None


async def test_a_rule_that_expires_when_its_story_is_over_gets_a_line_of_its_own(
    room: Newsroom,
) -> None:
    await fired(room, expires_at=room.at(50))
    await room.told_at(48, 90)
    await room.tick(51)
    await room.send()
    assert [alert.kind.value for alert in room.posted[1].alerts] == ["expired"]
    assert room.wall.edits() == ["m1"]


async def test_what_people_do_is_edited_in_with_who_and_when(room: Newsroom) -> None:
    rule = await fired(room)
    room.clock.set(room.at(25))
    await room.act(rule, ActKind.ACKNOWLEDGED, "Ann")
    await room.change(rule, snoozed_until=room.at(30))
    await room.act(rule, ActKind.SNOOZED, "Bo")
    await room.send()
    [edit] = room.wall.edited
    story = edit.stories[rule]
    assert [(act.kind.value, act.by, act.at) for act in story.acts] == [
        ("acknowledged", "Ann", room.at(25)),
        ("snoozed", "Bo", room.at(25)),
    ]
    assert story.snoozed_until == room.at(30)


async def test_edits_that_wait_are_one(room: Newsroom) -> None:
    rule = await fired(room)
    for by in ("Ann", "Bo", "Cy"):
        assert await room.act(rule, by=by) == 1
    assert await room.send() == 1
    assert len(room.wall.edited) == 1


async def test_what_happens_while_an_edit_is_under_way_gets_one_more(room: Newsroom) -> None:
    rule = await fired(room)
    await room.act(rule)
    gate = room.wall.slow["#here"] = asyncio.Event()
    room.wall.begun.clear()
    sending = asyncio.create_task(room.send())
    await room.wall.begun.wait()
    await room.act(rule, by="Bo")
    gate.set()
    await sending
    await room.send()
    assert [len(edit.stories[rule].acts) for edit in room.wall.edited] == [1, 2]


async def test_r21_an_edit_never_goes_ahead_of_its_message(room: Newsroom) -> None:
    await room.see(0, 90)
    rule = await room.draw(100)
    room.wall.troubles["#here"] = [TemporaryFailure("503", 60, never_arrived=True)]
    await room.told_at(24, 110)
    await room.act(rule)
    assert await room.send() == 0
    assert await room.send(25) == 2
    assert (len(room.posted), room.wall.edits()) == (1, ["m1"])


async def test_an_edit_of_which_nobody_knows_is_made_again_without_asking(room: Newsroom) -> None:
    rule = await fired(room)
    await room.act(rule)
    room.wall.troubles["#here"] = [TemporaryFailure("the connection was lost")]
    await room.send()
    await room.send(25)
    assert (room.wall.asked, room.wall.edits()) == ([], ["m1"])


async def test_a_message_that_is_gone_gets_a_new_one_that_links_to_it(room: Newsroom) -> None:
    rule = await fired(room)
    room.wall.gone.add("m1")
    await room.act(rule)
    await room.send()
    assert (room.posted[1].kind, room.posted[1].follows) == (DeliveryKind.EDIT, "m1")
    assert len(room.posted[1].stories[rule].acts) == 1
    await room.told_at(48, 90)
    assert (len(room.posted), room.wall.edits()) == (2, ["m2"])


async def test_a_new_message_for_one_that_is_gone_is_not_posted_twice(room: Newsroom) -> None:
    rule = await fired(room)
    room.wall.gone.add("m1")
    await room.act(rule)
    edit = (await room.deliveries())[-1]
    room.wall.there[edit.nonce] = "m2"
    await room.doubt(edit.id)
    await room.send()
    assert len(room.posted) == 1
    await room.told_at(48, 90)
    assert room.wall.edits() == ["m2"]


async def test_r24_a_refused_edit_is_made_once_more_as_plain_text(room: Newsroom) -> None:
    rule = await fired(room)
    await room.act(rule)
    room.wall.troubles["#here"] = [MessageRefused("invalid form body")]
    await room.send()
    assert [edit.plain for edit in room.wall.edited] == [True]


async def test_what_was_posted_as_plain_text_is_edited_as_plain_text(room: Newsroom) -> None:
    await room.see(0, 90)
    rule = await room.draw(100)
    room.wall.troubles["#here"] = [MessageRefused("invalid form body")]
    await room.told_at(24, 110)
    await room.act(rule)
    await room.send()
    assert [edit.plain for edit in room.wall.edited] == [True]


async def test_what_clears_is_posted_when_what_fired_was_never_taken(room: Newsroom) -> None:
    await room.see(0, 90)
    await room.draw(100)
    room.wall.troubles["#here"] = [MessageRefused("no"), MessageRefused("no")]
    await room.told_at(24, 110)
    await room.told_at(48, 90)
    assert [alert.kind.value for m in room.posted for alert in m.alerts] == ["cleared"]
    assert room.wall.edited == []


async def test_the_next_crossing_begins_a_new_message(room: Newsroom) -> None:
    rule = await fired(room)
    await room.act(rule, by="Ann")
    await room.told_at(48, 90)
    await room.told_at(72, 110)
    await room.act(rule, by="Bo")
    await room.send()
    assert len(room.posted) == 2
    assert room.wall.edits() == ["m1", "m2"]
    assert [act.by for act in room.wall.edited[0].stories[rule].acts] == ["Ann"]
    assert [act.by for act in room.wall.edited[1].stories[rule].acts] == ["Bo"]


async def test_several_rules_of_one_message_live_on_in_it(room: Newsroom) -> None:
    await room.see(0, 90)
    low, high = await room.draw(100), await room.draw(105)
    await room.told_at(24, 110)
    await room.told_at(48, 101)
    await room.told_at(72, 90)
    assert len(room.posted) == 1
    last = room.wall.edited[-1]
    assert {alert.rule_id for alert in last.alerts} == {low, high}
    assert last.stories[high].lasted == DAY
    assert last.stories[low].lasted == 2 * DAY


async def test_a_story_that_begins_and_ends_in_one_look_is_one_message(room: Newsroom) -> None:
    await room.see(0, 90)
    await room.draw(100)
    for hours, value in ((24, 110), (48, 90)):
        room.say(hours, value)
    await room.tick(48)
    await room.send()
    assert [[a.kind.value for a in m.alerts] for m in room.posted] == [["fired", "cleared"]]
    assert room.wall.edited == []


async def test_r15_what_was_folded_lives_on_in_the_message_that_took_it(room: Newsroom) -> None:
    await room.see(0, 90)
    rule, _ = await room.draw(100), await room.draw(120)
    await room.see(24, 110)
    await room.see(25, 130)
    await room.act(rule)
    await room.send(72)
    assert [len(message.alerts) for message in room.posted] == [2]
    assert room.wall.edits() == ["m1"]
    assert room.posted[0].away


async def test_a_story_in_another_place_is_not_touched(room: Newsroom) -> None:
    await room.see(0, 90)
    here, there = await room.draw(100, place=HERE), await room.draw(100, place=THERE)
    await room.told_at(24, 110)
    await room.act(here)
    await room.send(24 + LEASE_H)
    [edit] = room.wall.edited
    assert edit.destination.place == HERE
    assert there not in edit.stories
    assert edit.late is None
    assert room.clock.now() - edit.alerts[0].created_at < timedelta(minutes=5)
