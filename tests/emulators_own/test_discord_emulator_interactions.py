"""Commands, buttons, menus, forms and completion, with discord.py at the other end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import discord
import pytest

from tests.emulators.discord import Channel, DiscordEmulator, Guild, Permission, User
from tests.emulators_own.discord_bot import Bot, connected


class Scene:
    """A server, a channel and Ada in it, and the bot connected with its commands."""

    bot: Bot

    def __init__(self, emulator: DiscordEmulator) -> None:
        self.emulator = emulator
        self.guild: Guild = emulator.add_guild("Fund", locale="de")
        self.channel: Channel = emulator.add_channel(self.guild, "alerts")
        self.ada: User = emulator.add_user("Ada", locale="zh-TW")
        self.boss = emulator.add_role(self.guild, "boss", permissions=Permission.MANAGE_GUILD)
        emulator.add_member(self.guild, self.ada, roles=[self.boss])


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    with DiscordEmulator(check_answers=True) as emulator:
        scene = Scene(emulator)
        async with connected(emulator, sync=True) as bot:
            scene.bot = bot
            yield scene
        assert emulator.violations == []
        assert emulator.rates.count_429 == 0


async def test_a_command_is_answered_in_the_channel(scene: Scene) -> None:
    said = scene.emulator.slash(scene.channel, scene.ada, "bubble board", {"rows": 5})
    message = await said.answered()
    assert message["content"] == "5 rows"
    assert said.ack is not None
    assert said.ack.kind == 4
    assert said.ack.after_seconds < 3
    assert scene.channel.latest() is message


async def test_a_deferred_answer_for_one_person_is_in_no_channel(scene: Scene) -> None:
    said = scene.emulator.slash(scene.channel, scene.ada, "bubble why")
    message = await said.answered()
    assert said.ack is not None
    assert said.ack.kind == 5
    assert (message["content"], said.ephemeral) == ("because", True)
    assert [one["content"] for one in await said.followed_up()] == ["and"]
    assert scene.channel.messages == {}


async def test_the_bot_learns_who_asked_where_and_in_which_language(scene: Scene) -> None:
    await scene.emulator.slash(scene.channel, scene.ada, "bubble board").answered()
    told = scene.bot.interactions[-1]
    assert str(told.user.id) == scene.ada.id
    assert isinstance(told.user, discord.Member)
    assert told.permissions.manage_guild
    assert not told.permissions.manage_channels
    assert told.app_permissions.send_messages
    assert (str(told.locale), str(told.guild_locale)) == ("zh-TW", "de")
    assert told.guild is not None
    assert str(told.guild.id) == scene.guild.id
    assert told.is_guild_integration()


async def test_options_of_a_nested_subcommand_arrive_resolved(scene: Scene) -> None:
    options = {"indicator": "top5", "role": scene.boss.id, "channel": scene.channel.id}
    said = scene.emulator.slash(scene.channel, scene.ada, "bubble alert add", options)
    assert (await said.answered())["content"] == "top5 boss alerts"


async def test_what_is_typed_is_completed(scene: Scene) -> None:
    typed = scene.emulator.autocomplete(
        scene.channel, scene.ada, "bubble alert add", {"indicator": "nv"}
    )
    choices = await typed.suggested()
    assert len(choices) == 25
    assert choices[0] == {"name": "nv0", "value": "0"}


async def test_a_button_updates_the_message_that_it_stands_in(scene: Scene) -> None:
    message = await scene.emulator.slash(scene.channel, scene.ada, "bubble board").answered()
    pressed = scene.emulator.press(message, "Update", scene.ada)
    assert (await pressed.answered())["id"] == message["id"]
    assert message["content"] == "updated"
    assert message["edited_timestamp"] is not None


async def test_a_menu_sends_what_was_chosen(scene: Scene) -> None:
    message = await scene.emulator.slash(scene.channel, scene.ada, "bubble board").answered()
    chosen = scene.emulator.choose(message, "for", ["1d"], scene.ada)
    assert (await chosen.answered())["content"] == "for 1d"
    with pytest.raises(LookupError, match="none of"):
        scene.emulator.choose(message, "for", ["1w"], scene.ada)


async def test_a_button_opens_a_form_and_the_form_is_sent(scene: Scene) -> None:
    message = await scene.emulator.slash(scene.channel, scene.ada, "bubble board").answered()
    opened = await scene.emulator.press(message, "ask", scene.ada).opened()
    assert opened.modal is not None
    assert opened.modal["title"] == "A line"
    sent = scene.emulator.submit(opened, {"line": "40%", "Side": "below"})
    assert (await sent.answered())["content"] == "below 40%"


async def test_a_form_cannot_be_sent_without_what_it_needs(scene: Scene) -> None:
    message = await scene.emulator.slash(scene.channel, scene.ada, "bubble board").answered()
    opened = await scene.emulator.press(message, "ask", scene.ada).opened()
    with pytest.raises(ValueError, match="Where is required"):
        scene.emulator.submit(opened, {"Side": "below"})
    with pytest.raises(ValueError, match="0 chosen"):
        scene.emulator.submit(opened, {"line": "40%"})
    with pytest.raises(LookupError, match="colour"):
        scene.emulator.submit(opened, {"line": "40%", "side": "above", "colour": "red"})


async def test_after_three_seconds_there_is_no_answering(scene: Scene) -> None:
    scene.emulator.answer_within = 0.0
    said = scene.emulator.slash(scene.channel, scene.ada, "bubble board")
    assert await said.refusal() == 10062


async def test_a_second_answer_is_refused(scene: Scene) -> None:
    said = scene.emulator.slash(scene.channel, scene.ada, "bubble board")
    await said.answered()
    told = scene.bot.interactions[-1]
    told.response._response_type = None  # The library would not even ask.
    with pytest.raises(discord.HTTPException) as refused:
        await told.response.send_message("again")
    assert refused.value.code == 40060


async def test_after_fifteen_minutes_the_token_is_worth_nothing(scene: Scene) -> None:
    said = scene.emulator.slash(scene.channel, scene.ada, "bubble why")
    await said.followed_up()
    scene.emulator.expire(said)
    with pytest.raises(discord.HTTPException) as refused:
        await scene.bot.interactions[-1].edit_original_response(content="late")
    assert refused.value.code == 50027


async def test_a_follow_up_before_any_answer_is_refused(scene: Scene) -> None:
    scene.emulator.slash(scene.channel, scene.ada, "bubble silent")
    await scene.emulator.until(lambda: scene.bot.interactions)
    with pytest.raises(discord.NotFound) as refused:
        await scene.bot.interactions[-1].followup.send("too early")
    assert refused.value.code == 10015


async def test_in_direct_messages_a_person_is_a_user(scene: Scene) -> None:
    said = scene.emulator.slash(scene.emulator.direct(scene.ada), scene.ada, "bubble board")
    await said.answered()
    told = scene.bot.interactions[-1]
    assert told.guild_id is None
    assert isinstance(told.user, discord.User)
    assert told.context.dm_channel


async def test_where_the_bot_is_not_only_who_installed_it_may_ask(scene: Scene) -> None:
    elsewhere = scene.emulator.add_guild("Elsewhere", bot=False)
    room = scene.emulator.add_channel(elsewhere, "room")
    scene.emulator.add_member(elsewhere, scene.ada)
    with pytest.raises(LookupError, match="has the app"):
        scene.emulator.slash(room, scene.ada, "bubble board")
    scene.ada.installed = True
    said = scene.emulator.slash(room, scene.ada, "bubble board")
    assert (await said.answered())["content"] == "3 rows"
    told = scene.bot.interactions[-1]
    assert told.is_user_integration()
    assert not told.is_guild_integration()


async def test_between_people_it_answers_who_has_it_installed(scene: Scene) -> None:
    room = scene.emulator.between(scene.ada, scene.emulator.add_user("Bob"))
    scene.ada.installed = True
    with pytest.raises(LookupError, match="context"):
        scene.emulator.slash(room, scene.ada, "bubble board")
    scene.emulator.commands.of(None)["bubble"]["contexts"] = None
    await scene.emulator.slash(room, scene.ada, "bubble board").answered()
    told = scene.bot.interactions[-1]
    assert told.context.private_channel
    assert told.is_user_integration()
    with pytest.raises(discord.Forbidden) as refused:
        await scene.bot.get_partial_messageable(int(room.id)).send("by myself")
    assert refused.value.code == 50001


async def test_only_registered_commands_are_offered(scene: Scene) -> None:
    for line in ("bauble", "bubble shout", "bubble alert"):
        with pytest.raises(LookupError):
            scene.emulator.slash(scene.channel, scene.ada, line)
    with pytest.raises(LookupError, match="no option"):
        scene.emulator.slash(scene.channel, scene.ada, "bubble board", {"colour": "red"})
    with pytest.raises(ValueError, match="wrong type"):
        scene.emulator.slash(scene.channel, scene.ada, "bubble board", {"rows": "five"})
    with pytest.raises(ValueError, match="missing"):
        scene.emulator.slash(scene.channel, scene.ada, "bubble alert add")
    stranger = scene.emulator.add_user("Stranger")
    with pytest.raises(LookupError, match="not a member"):
        scene.emulator.slash(scene.channel, stranger, "bubble board")


async def test_by_hand_a_person_asks_presses_chooses_and_fills_in_with_curl(scene: Scene) -> None:
    async with aiohttp.ClientSession(base_url=scene.emulator.url) as session:

        async def did(door: str, **said: object) -> Any:
            async with session.post(f"/people/{door}", json=said) as response:
                return response.status, await response.json()

        _, asked = await did("slash", line="board", options={"rows": 5})
        assert asked["answer"]["content"] == "5 rows"
        _, pressed = await did("press", what="Update")
        assert pressed["answer"]["content"] == "updated"
        _, opened = await did("press", what="Ask")
        assert opened["form"]["title"] == "A line"
        _, sent = await did("submit", answers={"line": "6T", "side": "above"})
        assert sent["answer"]["content"] == "above 6T"
        await did("slash", line="board")
        _, chosen = await did("choose", what="for", value="1d")
        assert chosen["answer"]["content"] == "for 1d"
        assert (await did("press", what="nothing"))[0] == 400
        async with session.get("/people/said") as response:
            said = await response.json()
        assert said["against"] == []
        [channel] = (c for c in said["channels"].values() if c)
        assert channel[-1]["content"] == "for 1d"
