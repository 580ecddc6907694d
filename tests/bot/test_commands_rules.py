"""What people do about the lines of a place: acknowledge, snooze, mute, change, remove."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from alerts.store import acts, destinations
from alerts.store.acts import Act
from alerts.store.destinations import OwnRule, Place
from alerts.store.models import ActKind
from bot import places
from bot.platforms.terminal import plain_text
from tests.bot.conftest import NOW, Talk, lines

pytestmark = pytest.mark.both_databases


async def rule(talk: Talk, number: int) -> OwnRule:
    async with talk.services.database.read() as connection:
        place = await destinations.find(connection, talk.request.place)
        assert place is not None
        (found,) = await destinations.rules_of(connection, place.id, [number])
        return found


async def acts_of(talk: Talk, rule_id: int) -> list[Act]:
    async with talk.services.database.read() as connection:
        found = await acts.of_rules(connection, [rule_id], NOW - timedelta(days=1))
    return found.get(rule_id, [])


@pytest.fixture
async def fired(talk: Talk) -> Talk:
    """A place with three lines, the first of them beyond."""
    talk.request = replace(talk.request, user="U1", name="Ada")
    await talk.text("alert add alphabet above 3.5T")
    await talk.text("alert add nvda above 5.5T")
    await talk.text("alert add top5 above 60%")
    return talk


async def test_acknowledging_is_kept_with_who_and_when(fired: Talk) -> None:
    assert "Acknowledged: Alphabet market cap" in await fired.text("alert acknowledge 1")
    [act] = await acts_of(fired, (await rule(fired, 1)).id)
    assert (act.kind, act.user, act.by, act.at) == (ActKind.ACKNOWLEDGED, "U1", "Ada", NOW)


async def test_what_has_not_fired_cannot_be_acknowledged(fired: Talk) -> None:
    assert "nothing to acknowledge" in await fired.refusal("alert acknowledge 2 3")
    reply = await fired("alert acknowledge all")
    assert reply.data == {"acknowledged": [1]}


async def test_several_lines_are_snoozed_at_once_and_a_missing_one_is_named(fired: Talk) -> None:
    said = await fired.text("snooze 1, 3-4 2d")
    assert "until 1 Dec 2025, 12:00: Alphabet market cap ≥ $3.50T; Top-5 weight" in said
    assert "Not here any more: 4." in said
    for number, sleeps in ((1, True), (2, False), (3, True)):
        until = (await rule(fired, number)).rule.snoozed_until
        assert until == (NOW + timedelta(days=2) if sleeps else None)
    [act] = await acts_of(fired, (await rule(fired, 1)).id)
    assert (act.kind, act.until) == (ActKind.SNOOZED, NOW + timedelta(days=2))


async def test_a_snooze_ends_on_the_clocks_of_the_place(fired: Talk) -> None:
    await fired.text("settings timezone Asia/Taipei")
    assert "until 29 Nov 2025, 21:00" in await fired.text("snooze 1 1h")
    assert "Awake again: 3 lines" in await fired.text("snooze all off")
    assert (await acts_of(fired, (await rule(fired, 2)).id))[-1].kind is ActKind.AWAKENED


async def test_muting_is_pausing_and_says_how_to_undo_it(fired: Talk) -> None:
    said = await fired.text("alert mute 1")
    assert "Paused: Alphabet market cap ≥ $3.50T. “alert resume 1” wakes it." in said
    assert (await rule(fired, 1)).paused
    assert "paused; nothing was changed" in await fired.refusal("alert mute 1")
    await fired.text("alert resume 1")
    kinds = [act.kind for act in await acts_of(fired, (await rule(fired, 1)).id)]
    assert kinds == [ActKind.PAUSED, ActKind.RESUMED]


async def test_resuming_what_only_sleeps_says_how_to_wake_it(fired: Talk) -> None:
    await fired.text("snooze 1 1d")
    assert "“snooze 1 off” wakes it" in await fired.refusal("alert resume 1")


async def test_a_line_is_not_drawn_where_only_a_forgotten_unit_can_bring_it(fired: Talk) -> None:
    assert "Did you mean 4T?" in await fired.refusal("alert edit 1 line 4")
    several = "alert any 1 of alphabet above 4, nvda above 5T"
    assert "Did you mean 4T?" in await fired.refusal(several)


async def test_lines_are_removed_together_and_the_act_stays(fired: Talk) -> None:
    removed = await rule(fired, 2)
    await fired.text("alert remove 2-3")
    assert [act.kind for act in await acts_of(fired, removed.id)] == [ActKind.REMOVED]
    data: Any = (await fired("alert list")).data
    assert [row["rule"] for row in data] == [1]


async def test_a_new_line_starts_where_the_value_is(fired: Talk) -> None:
    said = await fired.text("alert edit 1 line 4.5T level critical")
    assert "1. Alphabet market cap ≥ $4.50T" in said
    assert "I will speak when it reaches $4.50T" in said
    data: Any = (await fired("alert show 1")).data
    assert (data["state"], data["line"], data["rearm"]) == (
        "armed",
        "4500000000000",
        "4410000000000",
    )
    assert data["level"] == "critical"
    for typed in ("alert edit 1 3.5T", "alert edit 1 below 4T", "alert edit 1 above line 3.6T"):
        assert "It is already there" in await fired.text(typed), typed


async def test_what_was_told_of_an_earlier_line_stays_true(fired: Talk) -> None:
    before = await rule(fired, 1)
    await fired.text("alert edit 1 line 4.5T")
    after = await rule(fired, 1)
    assert after.id != before.id
    async with fired.services.database.read() as connection:
        old = await connection.execute(
            text("SELECT line, state FROM rule WHERE id = :id"), {"id": before.id}
        )
        assert old.one() == (before.rule.line, "done")
    assert [act.kind for act in await acts_of(fired, before.id)] == [ActKind.EDITED]


async def test_words_and_times_change_without_touching_the_story(fired: Talk) -> None:
    before = await rule(fired, 1)
    await fired.text('alert edit 1 note "look closely" for 3d remind 7d cooldown 1d once')
    after = await rule(fired, 1)
    assert (after.id, after.rule.state) == (before.id, before.rule.state)
    assert (after.note, after.rule.hold, after.rule.once) == (
        "look closely",
        timedelta(days=3),
        True,
    )
    await fired.text("alert edit 1 note off hold off remind off cooldown off every")
    again = await rule(fired, 1)
    assert replace(again, rule=replace(again.rule, remind_at=None)) == before


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("alert edit 1", "Say what to change"),
        ("alert edit 9 line 4T", "There is no rule 9 here"),
        ("alert edit 1 line 30%", "Alphabet market cap is in dollars"),
        ("alert edit 1 line 4T rearm 5T", "The re-arm line must be below the line itself"),
        ("alert edit 1 below rearm 3.4T", "The re-arm line must be above the line itself"),
        ("alert edit 1 for ever", "is not a length of time"),
        ("alert edit 1 until 2020-01-01", "is over already"),
        ("alert edit 1 colour red", "I do not understand “red”"),
        ("alert edit nvda line 4T", "“nvda” is not a number"),
    ],
)
async def test_a_change_that_makes_no_sense_changes_nothing(
    fired: Talk, line: str, says: str
) -> None:
    assert says in await fired.refusal(line)


async def test_a_rule_over_conditions_shows_them_and_keeps_how_many_it_takes(talk: Talk) -> None:
    await talk.text("alert any 2 of nvda below 4T, top5 below 28%, drawdown below -10%")
    shown = await talk.text("alert show 1")
    assert "S&P 500 drawdown from its peak ≤ −10.00% −0.61% –" in shown
    assert "1. at least 2 of its conditions" in shown
    for line in ("alert edit 1 line 3", "alert edit 1 below", "alert edit 1 rearm 1"):
        assert "draw it anew" in await talk.refusal(line)
    await talk.text("alert edit 1 level critical note hello")
    assert "line" not in [field.name for field in (await talk.form("alert edit 1")).fields]


async def test_a_mention_is_a_role_or_group_by_any_platforms_writing(talk: Talk) -> None:
    for number, (typed, kept) in enumerate(
        [("<@&123>", "123"), ("<!subteam^S1|@risk>", "S1"), ("@S2", "S2"), ("S3", "S3")], 1
    ):
        await talk.text(f"alert add nvda above 5.5T mention {typed} level warn")
        assert (await rule(talk, number)).mention == kept
    await talk.text("alert add nvda mention <@&9> above 5.5T")
    await talk.text("alert edit 1 mention <@&124> level warn")
    assert [(await rule(talk, n)).mention for n in (5, 1)] == ["9", "124"]
    await talk.text("alert edit 1 mention off")
    assert (await rule(talk, 1)).mention is None


@pytest.mark.parametrize("typed", ["@everyone", "@here", "<!channel>", "<@U1>", "#C1", "<#C1>"])
async def test_neither_everyone_nor_a_person_nor_a_channel_can_be_mentioned(
    talk: Talk, typed: str
) -> None:
    refused = await talk.refusal(f"alert add nvda above 5.5T mention {typed}")
    assert "is not a role or group" in refused


async def test_the_role_that_everyone_has_cannot_be_mentioned(talk: Talk) -> None:
    talk.request = replace(talk.request, place=Place("discord", "77", "1"))
    await talk.text("alert add nvda above 5.5T mention <@&78>")
    for line in ("alert add nvda above 6T mention <@&77>", "alert edit 1 mention <@&77>"):
        assert "never everyone" in await talk.refusal(line)


async def test_a_place_has_room_for_so_many_lines_and_no_more(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "MOST_RULES", 2)
    await talk.text("alert add nvda above 5.5T")
    refused = await talk.refusal("subscribe crack")
    assert "This place has 1 rules, and 2 are the most; remove some first." in refused
    await talk.text("alert add nvda above 6.5T")
    for line in ("alert add top5 above 33%", "alert any 1 of nvda below 4T, top5 above 33%"):
        assert "2 are the most" in await talk.refusal(line)


async def test_what_was_just_drawn_can_be_taken_back_by_a_button(talk: Talk) -> None:
    said = lines(await talk("alert add nvda above 5.5T"))
    assert said["Remove it again"] == "alert remove 1"
    await talk.text(said["See its message"])
    assert "Removed: Nvidia market cap" in await talk.text(said["Remove it again"])


async def test_every_button_under_a_rule_does_what_it_says(fired: Talk) -> None:
    said = lines(await fired("alert show 1"))
    assert said == {
        "Snooze 1 day": "snooze 1 1d",
        "Mute": "alert mute 1",
        "Edit …": "alert edit 1",
        "See its message": "alert test 1",
        "Remove": "alert remove 1",
    }
    await fired.text(said["Snooze 1 day"])
    assert lines(await fired("alert show 1"))["Wake"] == "snooze 1 off"
    await fired.text(said["Mute"])
    assert lines(await fired("alert show 1"))["Resume"] == "alert resume 1"
    assert set(lines(await fired("alert list")).values()) == {
        "alert show 1",
        "alert show 2",
        "alert show 3",
        "alert add",
    }


async def test_a_test_message_mentions_nobody(talk: Talk) -> None:
    await talk.text("alert add nvda above 5.5T mention <@&7>")
    reply = await talk("alert test 1")
    assert reply.mentions == ()
    assert "Nothing has happened" in plain_text(reply)
