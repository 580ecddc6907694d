"""What messages say: alerts and how their stories go on, boards, digests, notices."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from alerts.platform import Message
from alerts.store import destinations
from alerts.store.destinations import Destination
from alerts.store.models import DeliveryKind
from bot import messages
from bot.alert_text import with_picture
from bot.platforms.terminal import plain_text
from bot.replies import Buttons, Heading, Menu, Paragraph, Picture, Reply, Tone
from tests.bot.conftest import NOW, lines, pressable
from tests.bot.stories import BEFORE, CHANNEL, Story


async def test_an_alert_says_how_serious_what_value_line_change_date_and_source(
    story: Story,
) -> None:
    await story.talk.text('alert add nvda above 5T critical note "look" mention <@&7>')
    [told] = await story.go_on(1)
    first = told.blocks[0]
    assert first == Paragraph(
        "Critical: Nvidia market cap has reached $5.03T, at or above $5.00T, as of 29 Oct 2025.",
        Tone.CRITICAL,
        strong=True,
    )
    said = plain_text(told)
    assert "from $4.89T on 28 Oct 2025 (+3.0%)" in said
    assert "source record · rule 1" in said
    assert "Note: look" in said
    assert told.mentions == ("7",)


async def test_an_alert_has_two_buttons_and_a_menu_that_work(story: Story) -> None:
    await story.talk.text("alert add nvda above 5T")
    [told] = await story.go_on(1)
    row, menu = (block for block in told.blocks if isinstance(block, Buttons))
    assert [item.label for item in row.items if not isinstance(item, Menu)] == [
        "Acknowledge",
        "Snooze 1 day",
    ]
    [only] = menu.items
    assert isinstance(only, Menu)
    assert [option.line for option in only.options] == [
        "snooze 1 1h",
        "snooze 1 1d",
        "snooze 1 1w",
        "alert show 1",
        "alert mute 1",
        "alert edit 1",
    ]
    for button in pressable(told):
        if not button.opens:
            await story.talk.text(button.line)


async def test_the_message_tells_how_the_story_went_on_with_who_and_when(story: Story) -> None:
    await story.talk.text("settings timezone Asia/Taipei")
    await story.talk.text("alert add nvda above 5T mention <@&7>")
    await story.go_on(1)
    await story.talk.text("alert acknowledge 1")
    story.talk.request = replace(story.talk.request, user="U2", name="Bob")
    await story.talk.text("snooze 1 1d")
    [told] = await story.go_on()
    said = plain_text(told)
    assert "Acknowledged by Ada, 30 Oct 2025, 06:00." in said
    assert "Snoozed by Bob until 31 Oct 2025, 06:00." in said
    assert lines(told)["Wake"] == "snooze 1 off"
    assert "Acknowledge" not in lines(told)
    assert told.mentions == ()
    assert told.blocks[0] == Paragraph(
        "Watch: Nvidia market cap has reached $5.03T, at or above $5.00T, as of 29 Oct 2025.",
        Tone.WATCH,
        strong=True,
    )


async def test_what_is_over_says_how_long_it_lasted_and_how_far_it_went(story: Story) -> None:
    await story.talk.text("alert add nvda above 5T")
    [told, *others] = await story.go_on(12)
    said = plain_text(told)
    assert "Over after 6 d: $4.83T on 4 Nov 2025." in said
    assert isinstance(told.blocks[0], Paragraph)
    assert told.blocks[0].tone is Tone.GOOD
    assert "Acknowledge" not in lines(told)
    assert others == []


async def test_where_it_is_asked_for_the_way_back_is_also_a_short_answer(story: Story) -> None:
    await story.talk.text("settings cleared on")
    await story.talk.text('alert add nvda above 5T note "look"')
    [first, answer] = await story.go_on(12)
    assert "Over after 6 d" in plain_text(first)
    assert story.chat.posted[1].follows == story.chat.posted[0].nonce
    assert plain_text(answer) == (
        "Nvidia market cap is back below its line of $5.00T: $4.83T as of 4 Nov 2025."
    )
    assert pressable(answer) == []


async def test_a_rule_over_conditions_says_how_many_are_met_in_a_sentence(story: Story) -> None:
    await story.talk.text("settings language zh_Hant")
    await story.talk.text("alert any 2 of nvda above 5T, sp500_return_since_chatgpt above 60%")
    [told] = await story.go_on(1)
    assert "警告：已有 2 項條件成立，達到所需的 2 項（2025年10月29日）。" in plain_text(told)
    assert "備註：輝達市值 ≥ 5.00兆美元；標普500自 ChatGPT 以來報酬 ≥ 60.00%" in plain_text(told)


async def test_a_strange_name_is_told_without_what_it_hides(story: Story) -> None:
    await story.talk.text("alert add nvda above 5T")
    await story.go_on(1)
    story.talk.request = replace(story.talk.request, name="E\u202eve\x00" + "x" * 200)
    await story.talk.text("alert acknowledge 1")
    [told] = await story.go_on()
    assert f"Acknowledged by Eve{'x' * 77}, 29 Oct" in plain_text(told)


async def test_a_changed_line_leaves_the_message_true_and_without_its_buttons(
    story: Story,
) -> None:
    await story.talk.text("alert add nvda above 5T")
    await story.go_on(1)
    await story.talk.text("alert edit 1 line 6T")
    [told] = await story.go_on()
    said = plain_text(told)
    assert "at or above $5.00T" in said
    assert "$6.00T" not in said
    assert "The rule was changed by Ada" in said
    assert pressable(told) == []


async def test_several_alerts_are_acknowledged_together_and_chosen_from_a_menu(
    story: Story,
) -> None:
    for line in ("5T", "4.95T", "4.9T"):
        await story.talk.text(f"alert add nvda above {line}")
    [told] = await story.go_on(1)
    assert len(story.chat.posted) == 1
    said = lines(told)
    assert said["Acknowledge all"] == "alert acknowledge 1-3"
    assert said["Snooze all 1 day"] == "snooze 1-3 1d"
    assert said["2 · Nvidia market cap ≥ $4.95T"] == "alert show 2"
    await story.talk.text(said["Acknowledge all"])
    [told] = await story.go_on()
    assert plain_text(told).count("Acknowledged by Ada") == 3
    assert "Acknowledge all" not in lines(told)


async def test_the_picture_stands_after_the_first_sentence(story: Story) -> None:
    await story.talk.text("alert add nvda above 5T")
    [told] = await story.go_on(1)
    picture = Picture(b"png", "a line that rises")
    blocks = with_picture(told, picture).blocks
    assert blocks[1] == picture
    assert (blocks[0], *blocks[2:]) == told.blocks
    away = Reply((Heading("While I was away"), *told.blocks))
    assert with_picture(away, picture).blocks[2] == picture


async def test_the_board_shows_what_a_place_watches_and_when_it_was_made(story: Story) -> None:
    await story.talk.text("settings timezone Asia/Taipei language zh_Hant")
    await story.talk.text("pin")
    [board] = await story.go_on()
    said = plain_text(board)
    assert "輝達市值" in said
    assert "2025年10月29日 06:00" in said
    assert len([b for b in pressable(board) if b.line.startswith("show ")]) <= 25
    await story.go_on(1)
    assert len(story.chat.posted) == 1
    [board] = story.chat.replies()
    assert "5.03兆" in plain_text(board)


async def digest(story: Story, since: datetime | None) -> Reply:
    facts = {} if since is None else {"since": since.isoformat()}
    message = Message("n", await place(story), (), kind=DeliveryKind.DIGEST, notice=facts)
    services = story.talk.services
    return await messages.compose(
        message, services.database, services.indicators, services.clock.now()
    )


async def place(story: Story) -> Destination:
    async with story.talk.services.database.read() as connection:
        found = await destinations.find(connection, CHANNEL)
    assert found is not None
    return found


async def test_a_digest_tells_what_has_changed_since_the_last(story: Story) -> None:
    await story.talk.text("alert add nvda above 5T")
    await story.go_on(1)
    said = plain_text(await digest(story, BEFORE))
    assert "The numbers since 28 Oct 2025, 22:00" in said
    assert "Nvidia market cap has reached $5.03T" in said
    assert "+$145" in said or "+$14" in said
    await story.go_on(2)
    quiet = plain_text(await digest(story, None))
    assert "No line was crossed." in quiet


@pytest.mark.parametrize(
    ("facts", "says", "pressed"),
    [
        ({"notice": "greeting"}, "tell this channel when one of them crosses a line",
         {"Subscribe": "subscribe article", "See the board": "status", "Settings": "settings"}),
        ({"notice": "lost", "channel": "C9", "reason": "the channel was deleted"},
         "I can no longer post to the channel C9: the channel was deleted.",
         {"Bring them here": "move C9"}),
        ({"notice": "back"}, "I can post here again.", {}),
    ],
)  # fmt: skip
async def test_a_notice_says_what_happened_and_offers_what_to_do(
    story: Story, facts: dict[str, str], says: str, pressed: dict[str, str]
) -> None:
    await story.talk.text("settings language en")
    message = Message("n", await place(story), (), kind=DeliveryKind.NOTICE, notice=facts)
    services = story.talk.services
    told = await messages.compose(message, services.database, services.indicators, NOW)
    assert says in plain_text(told)
    assert lines(told) == pressed
    assert all(b.public for b in pressable(told) if b.label in ("Subscribe", "Bring them here"))


async def test_the_greetings_button_subscribes(story: Story) -> None:
    await story.talk.text("settings language en")
    message = Message(
        "n", await place(story), (), kind=DeliveryKind.NOTICE, notice={"notice": "greeting"}
    )
    services = story.talk.services
    told = await messages.compose(message, services.database, services.indicators, NOW)
    assert "Subscribed to “article”" in await story.talk.text(lines(told)["Subscribe"])


async def test_a_persons_notice_of_a_loss_tells_what_to_say_instead_of_a_button(
    story: Story,
) -> None:
    await story.talk.text("settings language en")
    alone = (await place(story))._replace(direct=True)
    facts = {"notice": "lost", "channel": "C9", "reason": "it was archived"}
    message = Message("n", alone, (), kind=DeliveryKind.NOTICE, notice=facts)
    services = story.talk.services
    told = await messages.compose(message, services.database, services.indicators, NOW)
    assert "say “/bubble move” there" in plain_text(told)
    assert pressable(told) == []
