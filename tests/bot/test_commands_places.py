"""What people choose for a place, where its messages go, and what became of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from alerts.outbox import Outbox
from alerts.platform import DestinationGone, Message, Platform, TemporaryFailure
from alerts.store import deliveries, destinations
from alerts.store.destinations import Destination, Place
from bot.commands import Request
from bot.platforms.terminal import plain_text
from bot.replies import Form
from tests.bot.conftest import NOW, Talk, lines, pressable

pytestmark = pytest.mark.both_databases


class Post:
    """Takes every message, or raises what it is given."""

    name = "terminal"

    def __init__(self, *troubles: Exception) -> None:
        self.troubles = list(troubles)
        self.posted: list[Message] = []

    async def post(self, message: Message) -> str:
        if self.troubles:
            raise self.troubles.pop(0)
        self.posted.append(message)
        return message.nonce

    async def find(self, message: Message) -> str | None:
        return None


async def send(talk: Talk, platform: Platform) -> None:
    outbox = Outbox(talk.services.database, {platform.name: platform}, talk.clock, Random(0))
    await outbox.drain()


async def place_of(talk: Talk) -> Destination:
    async with talk.services.database.read() as connection:
        found = await destinations.find(connection, talk.request.place)
    assert found is not None
    return found


async def lose(talk: Talk, reason: str) -> None:
    place = await place_of(talk)
    async with talk.services.database.write() as connection:
        await destinations.set_off(connection, place.id, reason)


def values_of(form: Form) -> dict[str, str]:
    return {field.name: field.value for field in form.fields}


async def notify(talk: Talk) -> None:
    place = await place_of(talk)
    async with talk.services.database.write() as connection:
        await deliveries.notice(connection, place.id, {"notice": "back"}, talk.clock.now())


async def test_language_and_time_zone_belong_to_the_place(talk: Talk) -> None:
    await talk.text("settings language zh-TW timezone Taipei")
    data: Any = (await talk("settings")).data
    assert (data["language"], data["timezone"]) == ("zh_Hant", "Asia/Taipei")
    assert "輝達市值" in await talk.text("status")


async def test_a_persons_own_language_goes_before_that_of_the_place(talk: Talk) -> None:
    talk.request = replace(talk.request, language="zh_Hant")
    await talk.text("settings language en")
    assert "輝達市值" in await talk.text("status")
    talk.request = replace(talk.request, language=None)
    assert "Nvidia market cap" in await talk.text("status")


async def test_a_new_place_begins_in_its_own_language_and_knows_who_asked_first(
    talk: Talk,
) -> None:
    talk.request = Request(Place("slack", "T1", "C1"), "U1", place_language="zh_Hans")
    assert "语言：简体中文" in await talk.text("settings")
    assert {"language": "zh_Hans"}.items() <= values_of(await talk.form("settings")).items()
    await talk.text("subscribe crack")
    place = await place_of(talk)
    assert (place.language, place.owner, place.direct) == ("zh_Hans", "U1", False)


@pytest.mark.parametrize(
    ("typed", "minutes", "shown"),
    [
        ("quiet 22:00-07:00", (22 * 60, 7 * 60), "22:00-07:00"),
        ("quiet 9:30 – 17:05", (9 * 60 + 30, 17 * 60 + 5), "09:30-17:05"),
        ("quiet off", (None, None), "none"),
    ],
)
async def test_quiet_hours_are_kept_in_minutes_of_the_day(
    talk: Talk, typed: str, minutes: tuple[int | None, int | None], shown: str
) -> None:
    await talk.text("settings quiet 1:00-2:00")
    assert f"quiet hours: {shown}" in await talk.text(f"settings {typed}")
    place = await place_of(talk)
    assert (place.quiet_from, place.quiet_to) == minutes


@pytest.mark.parametrize(
    ("typed", "due", "shown"),
    [
        ("daily 09:00", datetime(2025, 11, 30, 1, tzinfo=UTC), "every day at 09:00"),
        ("weekly mon 09:00", datetime(2025, 12, 1, 1, tzinfo=UTC), "every Monday at 09:00"),
        ("weekly", datetime(2025, 12, 1, 1, tzinfo=UTC), "every Monday at 09:00"),
        ("fri 7:30", datetime(2025, 12, 4, 23, 30, tzinfo=UTC), "every Friday at 07:30"),
        ("21:00", datetime(2025, 11, 29, 13, tzinfo=UTC), "every day at 21:00"),
        ("off", None, "none"),
    ],
)
async def test_a_digest_is_due_at_its_time_on_the_clocks_of_the_place(
    talk: Talk, typed: str, due: datetime | None, shown: str
) -> None:
    await talk.text("settings digest daily")
    said = await talk.text(f"settings timezone Asia/Taipei digest {typed}")
    assert f"digest: {shown}" in said
    assert (await place_of(talk)).digest_due_at == due


async def test_what_is_not_understood_leaves_every_other_choice_alone(talk: Talk) -> None:
    await talk.text("settings language zh_Hant timezone Taipei")
    talk.request = replace(talk.request, language="en")
    await talk.refusal("settings language en timezone Nowhere")
    await talk.refusal("settings quiet 1:00-2:00 digest never")
    assert (await place_of(talk)).language == "zh_Hant"


async def test_settings_are_changed_by_clicking_and_show_themselves_again(talk: Talk) -> None:
    said = lines(await talk("settings"))
    assert "none" in await talk.text("settings")
    subscribed = await talk(said["Subscribe to crack"])
    assert "presets: crack" in plain_text(subscribed)
    assert lines(subscribed)["Unsubscribe from crack"] == "settings unsubscribe crack"
    assert "presets: none" in await talk.text("settings unsubscribe crack")
    again = await talk(said["Tell when it is over"])
    assert lines(again)["Do not tell when it is over"] == "settings cleared off"
    assert "繁體中文" in plain_text(await talk(said["繁體中文"]))
    assert all(button.replaces or button.opens for button in pressable(again))


async def test_a_role_that_manages_is_set_for_the_whole_workspace(talk: Talk) -> None:
    await talk.text("settings managers <@&42>")
    talk.request = replace(talk.request, place=replace(talk.request.place, channel="other"))
    await talk.text("subscribe crack")
    data: Any = (await talk("settings")).data
    assert data["managers"] == "42"
    await talk.text("settings managers off")
    data = (await talk("settings")).data
    assert data["managers"] is None
    talk.request = replace(talk.request, direct=True, permission_everywhere=None)
    assert "Only those who manage the whole" in await talk.refusal("settings managers 42")


async def test_a_lost_channels_lines_come_to_another_with_their_history(talk: Talk) -> None:
    await talk.text("subscribe crack")
    await talk.text('alert add nvda above 5.5T note "kept"')
    await lose(talk, "the channel was deleted")
    lost = talk.request.place
    talk.request = replace(talk.request, user="another", place=replace(lost, channel="new"))
    offered = await talk("move")
    assert "terminal: the channel was deleted" in plain_text(offered)
    moved = await talk(lines(offered)[f"Bring those of {lost.channel}"])
    assert "Moved here from terminal" in plain_text(moved)
    data: Any = (await talk("alert list")).data
    assert [row["note"] for row in data if row["note"]] == ["kept"]
    assert "presets: crack" in await talk.text("settings")
    assert "That is this very place" in await talk.refusal("move new")


async def test_a_place_that_was_off_is_on_again_by_one_command(talk: Talk) -> None:
    await talk.text("subscribe crack")
    await notify(talk)
    post = Post(DestinationGone("the channel is archived"))
    await send(talk, post)
    assert "This place is off: the channel is archived." in await talk.text("settings")
    assert lines(await talk("settings"))["Switch on"] == "on"
    assert post.posted == []
    assert "On again" in await talk.text("on")
    await send(talk, post)
    assert len(post.posted) == 1
    assert "This place is on; nothing was changed." in await talk.refusal("on")


async def test_the_log_shows_each_try_and_how_it_ended(talk: Talk) -> None:
    assert "Nothing has been sent here yet." in await talk.text("log")
    await talk.text("settings timezone Asia/Taipei")
    await notify(talk)
    post = Post(TemporaryFailure("the server is busy", 30))
    await send(talk, post)
    waiting = await talk.text("log")
    assert "29 Nov 2025, 20:00 notice 1 to be tried again: the server is busy" in waiting
    assert "due at 29 Nov 2025, 20:00" in waiting
    talk.clock.set(NOW.replace(minute=5))
    await send(talk, post)
    assert "29 Nov 2025, 20:05 notice 2 sent" in await talk.text("log")
    data: Any = (await talk("log 1")).data
    assert [attempt["outcome"] for attempt in data[0]["attempts"]] == ["retry", "sent"]


async def test_a_board_is_refused_where_messages_cannot_be_changed(talk: Talk) -> None:
    talk.services = replace(talk.services, editing=frozenset({"discord"}))
    assert "cannot be changed here" in await talk.refusal("pin")


async def test_the_board_is_pinned_once_and_let_go(talk: Talk) -> None:
    pinned = await talk("pin")
    assert "kept up to date" in plain_text(pinned)
    assert (await place_of(talk)).board_id is not None
    assert "pinned board: yes" in await talk.text("settings")
    assert "no longer kept up to date" in await talk.text(lines(pinned)["Unpin"])
    assert (await place_of(talk)).board_id is None


async def test_why_tells_the_whole_case_and_the_one_against_it(talk: Talk) -> None:
    said = await talk.text("why nvda")
    for words in (
        "When it rises, the bubble story gets hotter.",
        "value: $4.30T",
        "as of: 28 Nov 2025",
        "formula: ",
        "source: ",
        "What the article said",
        "In its own history",
        "earlier values since",
        "Against reading much into it",
    ):
        assert words in said
    data: Any = (await talk("why nvda")).data
    assert data["stands"] in said
    assert lines(await talk("why nvda"))["Draw a line …"] == "alert add nvidia_market_cap"


async def test_a_private_answer_that_reads_can_be_shown_to_everyone(talk: Talk) -> None:
    talk.request = replace(talk.request, private=True)
    for line in ("status", "why nvda", "log 5", "settings", "alert list"):
        shown = [button for button in pressable(await talk(line)) if button.public]
        assert [button.line for button in shown] == [line]
    assert not [b for b in pressable(await talk("subscribe crack")) if b.public]
    shown = [b for b in pressable(await talk("settings cleared on")) if b.public]
    assert [button.line for button in shown] == ["settings"], "to show it does not do it again"
