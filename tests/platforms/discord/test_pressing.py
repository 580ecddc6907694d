"""Buttons, menus and forms on Discord's wire."""

from __future__ import annotations

import pytest

from bot.commands import commands
from bot.replies import Button, Buttons, Form, FormField, Menu, Paragraph, Reply
from tests.emulators.discord import Interaction, Json, User
from tests.platforms.discord.home import Home, labels_of, text_of


async def posted(home: Home, *rows: Buttons) -> Json:
    """A message of ours in the channel with these buttons."""
    return await home.post(Reply((Paragraph("news"), *rows)))


def press(home: Home, message: Json, label: str, by: User | None = None) -> Interaction:
    return home.discord.press(message, label, by or home.ada)


async def test_a_button_says_its_line_and_the_answer_is_private(home: Home) -> None:
    message = await posted(home, Buttons((Button("Lines", "alert list"),)))
    pressed = press(home, message, "Lines", home.bob)
    assert "No lines here yet" in text_of(await pressed.answered())
    assert pressed.ephemeral


async def test_a_button_of_a_public_message_asks_who_presses_it(home: Home) -> None:
    row = Buttons((Button("Subscribe", "subscribe article", public=True),))
    message = await posted(home, row)
    refused = press(home, message, "Subscribe", home.bob)
    assert "Only those who manage" in text_of(await refused.answered())
    assert refused.ephemeral
    allowed = press(home, message, "Subscribe", home.ada)
    assert "Subscribed" in text_of(await allowed.answered())
    assert not allowed.ephemeral


async def test_a_choice_in_a_menu_says_its_options_line(home: Home) -> None:
    menu = Menu("More …", (Button("Lines", "alert list"), Button("Presets", "presets")))
    message = await posted(home, Buttons((Button("Board", "status"), menu)))
    assert [row["components"][0]["type"] for row in message["components"]] == [2, 3]
    select = message["components"][1]["components"][0]
    value = select["options"][1]["value"]
    chosen = home.discord.choose(message, select["custom_id"], [value], home.bob)
    assert "crack" in text_of(await chosen.answered())


async def test_a_button_that_replaces_edits_the_private_message_it_stands_in(home: Home) -> None:
    answer = await home.ask("subscribe")
    pressed = press(home, answer, "Unsubscribe again")
    assert (await pressed.acknowledged()).kind == 6
    again = await pressed.answered()
    assert again["id"] == answer["id"]
    assert "Unsubscribed" in text_of(again)


async def test_a_button_that_replaces_never_replaces_a_public_message(home: Home) -> None:
    message = await posted(home, Buttons((Button("Lines", "alert list", replaces=True),)))
    pressed = press(home, message, "Lines")
    answer = await pressed.answered()
    assert answer["id"] != message["id"]
    assert text_of(home.channel.latest()) == "news"


async def test_a_form_asks_for_the_rest_and_its_answers_make_the_rule(home: Home) -> None:
    row = Buttons((Button("Draw a line …", "alert add nvidia_market_cap", opens=True),))
    message = await posted(home, row)
    opened = await press(home, message, "Draw a line …").opened()
    assert opened.modal is not None
    labels = opened.modal["components"]
    assert 1 <= len(labels) <= 5
    sent = home.discord.submit(opened, {"direction": "above", "line": "5.5T"})
    assert "Rule 1" in text_of(await sent.answered())


async def test_a_command_that_leaves_something_open_opens_its_form(home: Home) -> None:
    asked = home.discord.slash(
        home.channel, home.ada, "bubble alert add", {"indicator": "nvidia_market_cap"}
    )
    opened = await asked.opened()
    sent = home.discord.submit(opened, {"direction": "above", "line": "5.5T"})
    assert "Rule 1" in text_of(await sent.answered())
    edited = home.discord.slash(home.channel, home.ada, "bubble alert edit", {"rule": 1})
    again = await edited.opened()
    changed = home.discord.submit(again, {"line": "6T"})
    assert "$6.00T" in text_of(await changed.answered())


async def test_whom_a_line_mentions_is_named_and_chosen_from_the_servers_roles(home: Home) -> None:
    desk, night = (home.discord.add_role(home.guild, name) for name in ("desk", "night"))
    line: dict[str, str | int | bool] = {
        "indicator": "nvda",
        "direction": "above",
        "line": "6T",
        "mention": desk.id,
    }
    await home.ask("alert add", line)
    shown = await home.ask("alert show", {"rule": 1})
    assert "mentions: **\\@desk**" in text_of(shown)
    opened = await press(home, shown, "Edit …").opened()
    sent = home.discord.submit(opened, {"mention": [night.id]})
    assert "mentions: **\\@night**" in text_of(await sent.answered())
    sent = home.discord.submit(await press(home, shown, "Edit …").opened(), {"mention": []})
    assert "mentions" not in text_of(await sent.answered())


async def test_a_form_is_refused_to_who_may_not_use_it(home: Home) -> None:
    asked = home.discord.slash(home.channel, home.bob, "bubble alert add", {})
    assert "Only those who manage" in text_of(await asked.answered())
    assert asked.ephemeral


async def test_wrong_answers_in_a_form_say_what_is_wrong(home: Home) -> None:
    asked = home.discord.slash(
        home.channel, home.ada, "bubble alert add", {"indicator": "nvidia_market_cap"}
    )
    sent = home.discord.submit(await asked.opened(), {"direction": "above", "line": "much"})
    assert "much" in text_of(await sent.answered())
    assert "No lines here yet" in text_of(await home.ask("alert list"))


async def test_a_form_that_is_not_ready_in_time_says_so(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    import asyncio

    async def slow(*_: object) -> Reply:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr("bot.platforms.discord.answering.form", slow)
    monkeypatch.setattr("bot.platforms.discord.answering.FORM_WITHIN_S", 0.05)
    asked = home.discord.slash(home.channel, home.ada, "bubble alert add", {})
    assert "took too long" in text_of(await asked.answered())


async def test_a_long_form_shows_five_questions_and_no_required_one_is_left_out(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = (
        *(FormField(f"optional{n}", "o" * 90, hint="h" * 200) for n in range(6)),
        FormField("last", "The last one", required=True),
    )

    async def long(*_: object) -> Form:
        return Form("t" * 90, "alert add", fields, "Send")

    monkeypatch.setattr("bot.platforms.discord.answering.form", long)
    asked = home.discord.slash(home.channel, home.ada, "bubble alert add", {})
    modal = (await asked.opened()).modal
    assert modal is not None
    names = [label["component"]["custom_id"] for label in modal["components"]]
    assert names == ["optional0", "optional1", "optional2", "optional3", "last"]


async def test_more_buttons_than_discord_takes_are_left_out(home: Home) -> None:
    rows = [Buttons(tuple(Button(f"{r}.{n}", f"show {r} {n}") for n in range(7))) for r in range(4)]
    menu = Menu("Choose", tuple(Button(f"o{n}", f"show {n}") for n in range(30)))
    too_long = Button("too long", "x" * 200)
    message = await posted(home, Buttons((too_long, menu)), *rows)
    assert len(message["components"]) == 5
    assert "too long" not in labels_of(message)
    assert len(message["components"][0]["components"][0]["options"]) == 25


def test_every_command_can_be_carried_by_a_button() -> None:
    assert all(len(" ".join(path)) < 40 for path in commands())
