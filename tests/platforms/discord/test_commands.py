"""Commands, buttons, menus, forms and suggestions on Discord's wire."""

from __future__ import annotations

import asyncio

import pytest

from alerts.store import workspaces
from bot.commands import commands
from tests.emulators.discord import DiscordEmulator, Json
from tests.platforms.discord.home import Home, connected, labels_of, new_platform, said, text_of


def registered(discord: DiscordEmulator) -> Json:
    [command] = discord.commands.of(None).values()
    return command


def registrations(discord: DiscordEmulator) -> int:
    return sum(
        seen.method == "PUT" and seen.path.endswith("/commands") for seen in discord.requests
    )


async def test_every_command_is_offered_everywhere_with_its_options(home: Home) -> None:
    bubble = registered(home.discord)
    assert bubble["name"] == "bubble"
    assert (bubble["contexts"], bubble["integration_types"]) == ([0, 1, 2], [0, 1])
    paths: dict[tuple[str, ...], Json] = {}
    for option in bubble["options"]:
        if option["type"] == 2:
            paths |= {(option["name"], inner["name"]): inner for inner in option["options"]}
        else:
            paths[(option["name"],)] = option
    assert paths.keys() == commands().keys()
    for path, command in commands().items():
        names = {option["name"] for option in paths[path].get("options", [])}
        assert names == {param.name for param in command.params}


async def test_commands_have_names_and_words_in_both_chinese_scripts(home: Home) -> None:
    alert = next(one for one in registered(home.discord)["options"] if one["name"] == "alert")
    listing = next(one for one in alert["options"] if one["name"] == "list")
    assert listing["description_localizations"]["zh-TW"] == "這裡的門檻"
    assert listing["description_localizations"]["zh-CN"] == "这里的阈值"
    adding = next(one for one in alert["options"] if one["name"] == "add")
    indicator = next(one for one in adding["options"] if one["name"] == "indicator")
    assert indicator["name_localizations"]["zh-TW"] == "指標"


async def test_commands_are_registered_only_when_they_changed(away: Home) -> None:
    async with connected(away):
        assert registrations(away.discord) == 1
    away.platform = new_platform(away.discord, away.services, said, away.presence)
    async with connected(away):
        assert registrations(away.discord) == 1


async def test_a_changed_command_is_registered_anew(
    away: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connected(away):
        pass
    fewer = {path: command for path, command in commands().items() if path != ("help",)}
    monkeypatch.setattr("bot.platforms.discord.platform.commands", lambda: fewer)
    away.platform = new_platform(away.discord, away.services, said, away.presence)
    async with connected(away):
        assert registrations(away.discord) == 2


async def test_a_command_is_acknowledged_at_once_and_answered_in_private(home: Home) -> None:
    asked = home.discord.slash(home.channel, home.bob, "bubble status", {})
    acknowledged = await asked.acknowledged()
    assert (acknowledged.kind, acknowledged.data["flags"]) == (5, 64)
    assert acknowledged.after_seconds < 3
    answer = await asked.answered()
    assert asked.ephemeral
    assert "Nvidia" in text_of(answer)


async def test_the_answer_is_in_the_persons_own_language(home: Home) -> None:
    mei = home.discord.add_user("Mei", locale="zh-TW")
    home.discord.add_member(home.guild, mei)
    answer = await home.ask("alert list", by=mei)
    assert "alert add nvda above 5.5T" in text_of(answer)
    assert "No lines here yet" not in text_of(answer)


async def test_typed_options_make_a_rule(home: Home) -> None:
    answer = await home.ask(
        "alert add",
        {
            "indicator": "nvidia_market_cap",
            "direction": "above",
            "line": "5.5T",
            "level": "critical",
            "note": "mind the *gap* @everyone",
        },
    )
    assert "Rule 1" in text_of(answer)
    shown = await home.ask("alert show", {"rule": 1})
    assert "mind the \\*gap\\* \\@everyone" in text_of(shown)


async def test_only_who_manages_the_server_changes_things(home: Home) -> None:
    refused = await home.ask("subscribe", by=home.bob)
    assert "Only those who manage" in text_of(refused)
    assert "Subscribed" in text_of(await home.ask("subscribe", by=home.ada))
    assert "Nvidia" in text_of(await home.ask("alert list", by=home.bob))


async def test_a_role_that_was_set_may_change_things_too(home: Home) -> None:
    role = home.discord.add_role(home.guild, "analysts")
    home.discord.give_role(home.guild, home.bob, role)
    async with home.database.write() as connection:
        await workspaces.set_managers(connection, "discord", home.guild.id, role.id)
    assert "Subscribed" in text_of(await home.ask("subscribe", by=home.bob))


async def test_the_role_that_manages_is_named_and_goes_by_a_click(home: Home) -> None:
    role = home.discord.add_role(home.guild, "analysts")
    answer = await home.ask("settings", {"managers": role.id})
    assert "who may change this: **\\@analysts**" in text_of(answer)
    pressed = home.discord.press(answer, "Only those who manage it", home.ada)
    assert "who may change this: **those who manage it**" in text_of(await pressed.answered())


async def test_a_channel_whose_lines_move_is_called_by_its_name(home: Home) -> None:
    old = home.discord.add_channel(home.guild, "old-news")
    asked = home.discord.slash(old, home.ada, "bubble subscribe", {})
    await asked.answered()
    moved = await home.ask("move", {"from": old.id})
    assert "Moved here from \\#old-news, with subscriptions and history" in text_of(moved)


async def test_a_private_answer_can_be_shown_to_everyone_in_the_channels_language(
    home: Home,
) -> None:
    mei = home.discord.add_user("Mei", locale="zh-TW")
    home.discord.add_member(home.guild, mei)
    answer = await home.ask("status", by=mei)
    pressed = home.discord.press(answer, labels_of(answer)[-1], mei)
    shared = await pressed.answered()
    assert not pressed.ephemeral
    assert shared["id"] in home.channel.messages
    assert "Nvidia" in text_of(shared)
    assert text_of(shared) != text_of(answer)


async def test_in_direct_messages_one_has_ones_own_rules(home: Home) -> None:
    direct = home.discord.direct(home.bob)
    asked = home.discord.slash(direct, home.bob, "bubble subscribe", {})
    assert "Subscribed" in text_of(await asked.answered())
    assert "No lines here" in text_of(await home.ask("alert list"))
    mine = home.discord.slash(direct, home.bob, "bubble alert list", {})
    assert "Nvidia" in text_of(await mine.answered())
    assert not mine.ephemeral


async def test_lines_drawn_where_the_bot_is_not_say_where_they_are_told(home: Home) -> None:
    elsewhere = home.discord.add_guild("Elsewhere", bot=False)
    chat = home.discord.add_channel(elsewhere, "chat")
    eve = home.discord.add_user("Eve", installed=True)
    home.discord.add_member(elsewhere, eve)
    asked = home.discord.slash(chat, eve, "bubble subscribe", {})
    assert "told to you alone, in a direct message" in text_of(await asked.answered())
    assert "direct message" not in text_of(await home.ask("subscribe"))


async def test_who_installed_the_app_has_it_where_the_bot_is_not(home: Home) -> None:
    strange = home.discord.add_guild("Elsewhere", bot=False)
    channel = home.discord.add_channel(strange, "chat")
    eve = home.discord.add_user("Eve", installed=True)
    home.discord.add_member(strange, eve)
    asked = home.discord.slash(channel, eve, "bubble subscribe", {})
    assert "Subscribed" in text_of(await asked.answered())
    assert asked.ephemeral
    mine = home.discord.slash(home.discord.direct(eve), eve, "bubble alert list", {})
    assert "Nvidia" in text_of(await mine.answered())


async def test_indicators_presets_and_own_rules_are_suggested(home: Home) -> None:
    found = await home.discord.autocomplete(
        home.channel, home.bob, "bubble show", {"indicator": "nv"}
    ).suggested()
    assert "nvidia_market_cap" in [choice["value"] for choice in found]
    await home.ask("subscribe")
    rules = await home.discord.autocomplete(
        home.channel, home.bob, "bubble alert show", {"rule": ""}
    ).suggested()
    assert rules
    assert all(isinstance(choice["value"], int) for choice in rules)
    presets = await home.discord.autocomplete(
        home.channel, home.bob, "bubble subscribe", {"preset": "cr"}
    ).suggested()
    assert [choice["value"] for choice in presets] == ["crack"]


async def test_a_question_without_suggestions_gets_an_empty_list(
    home: Home, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*_: object) -> object:
        raise OSError("the disk is gone")

    monkeypatch.setattr("bot.platforms.discord.answering.suggestions", broken)
    typed = home.discord.autocomplete(home.channel, home.bob, "bubble show", {"indicator": "nv"})
    assert await typed.suggested() == []
    assert "the disk is gone" in caplog.text


async def test_a_button_works_after_a_restart(away: Home) -> None:
    async with connected(away):
        answer = await away.ask("status")
    away.platform = new_platform(away.discord, away.services, said, away.presence)
    async with connected(away):
        pressed = away.discord.press(answer, labels_of(answer)[-1], away.ada)
        assert "Nvidia" in text_of(await pressed.answered())


async def test_two_hundred_commands_at_once_are_all_acknowledged_in_time(home: Home) -> None:
    asked = [
        home.discord.slash(home.channel, home.bob, "bubble alert list", {}) for _ in range(200)
    ]
    signs = await asyncio.gather(*(one.acknowledged() for one in asked))
    assert max(sign.after_seconds for sign in signs) < 3
    answers = await asyncio.gather(*(one.answered(30) for one in asked))
    assert len(answers) == 200


async def test_a_command_that_came_too_late_changes_nothing(home: Home) -> None:
    home.discord.answer_within = 0.0
    asked = home.discord.slash(home.channel, home.ada, "bubble subscribe", {})
    assert await asked.refusal() == 10062
    home.discord.answer_within = 3.0
    assert "No lines here" in text_of(await home.ask("alert list"))


async def test_an_answer_that_discord_refuses_is_given_in_plain_words(home: Home) -> None:
    home.discord.fail(50035, where="/messages/@original", times=1)
    asked = home.discord.slash(home.channel, home.ada, "bubble alert list", {})
    answer = await asked.answered()
    assert answer["embeds"] == []
    assert "No lines here yet" in answer["content"]


async def test_a_command_as_it_was_before_an_update_says_so(
    away: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connected(away):
        pass
    fewer = {path: command for path, command in commands().items() if path != ("help",)}
    monkeypatch.setattr("bot.platforms.discord.platform.commands", lambda: fewer)
    away.discord.fail(30034, where="/commands", method="PUT", times=1)
    away.platform = new_platform(away.discord, away.services, said, away.presence)
    async with connected(away):
        assert "reload Discord" in (await away.ask("help"))["content"]


async def test_a_database_that_fails_leaves_nobody_without_a_word(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> object:
        raise OSError("the disk is gone")

    monkeypatch.setattr("bot.answer.translator_for", broken)
    monkeypatch.setattr("bot.platforms.discord.answering.translator_for", broken)
    assert "operator's log" in text_of(await home.ask("status"))
