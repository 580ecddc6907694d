"""The gateway: coming, going, coming back, with discord.py at the other end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import aiohttp
import discord
import pytest

from tests.emulators.discord import Channel, DiscordEmulator, Guild, Permission
from tests.emulators_own.discord_bot import Bot, connected, logged_in


@pytest.fixture
def emulator() -> Iterator[DiscordEmulator]:
    with DiscordEmulator() as emulator:
        yield emulator


@pytest.fixture
def guild(emulator: DiscordEmulator) -> Guild:
    return emulator.add_guild("Fund", channels=("alerts",))


@pytest.fixture
def channel(guild: Guild) -> Channel:
    return next(iter(guild.channels.values()))


@pytest.fixture
async def bot(emulator: DiscordEmulator, guild: Guild) -> AsyncIterator[Bot]:
    async with connected(emulator, sync=True) as bot:
        yield bot


async def seen(emulator: DiscordEmulator, bot: Bot, event: str) -> None:
    await emulator.until(lambda: event in bot.events, 5, f"no {event} in {bot.events}")


async def test_the_bot_is_told_of_its_servers(
    emulator: DiscordEmulator, guild: Guild, channel: Channel
) -> None:
    emulator.add_guild("Not there", bot=False)
    async with connected(emulator) as bot:
        assert [one.name for one in bot.guilds] == ["Fund"]
        there = bot.get_channel(int(channel.id))
        assert isinstance(there, discord.TextChannel)
        assert there.permissions_for(there.guild.me).send_messages
        assert not there.permissions_for(there.guild.me).manage_messages


async def test_it_hears_of_what_happens_to_its_places(
    emulator: DiscordEmulator, bot: Bot, guild: Guild, channel: Channel
) -> None:
    other = emulator.add_guild("Other", bot=False, channels=("general",))
    emulator.invite_bot(other)
    await seen(emulator, bot, "guild_join")
    emulator.deny(channel, Permission.SEND_MESSAGES)
    await seen(emulator, bot, "guild_channel_update")
    there = bot.get_channel(int(channel.id))
    assert isinstance(there, discord.TextChannel)
    assert not there.permissions_for(there.guild.me).send_messages
    emulator.delete_channel(channel)
    await seen(emulator, bot, "guild_channel_delete")
    emulator.outage(guild)
    await seen(emulator, bot, "guild_unavailable")
    emulator.recover(guild)
    await seen(emulator, bot, "guild_available")
    emulator.remove_bot(other)
    await seen(emulator, bot, "guild_remove")


async def test_what_was_said_while_the_bot_was_away_is_told_when_it_resumes(
    emulator: DiscordEmulator, bot: Bot, guild: Guild, channel: Channel
) -> None:
    ada = emulator.add_user("Ada")
    emulator.add_member(guild, ada)
    emulator.gateway.refuse()
    emulator.gateway.drop()
    await emulator.until(lambda: emulator.gateway.refused)
    said = emulator.slash(channel, ada, "bubble board")
    assert said.ack is None
    emulator.gateway.accept()
    assert (await said.answered(15))["content"] == "3 rows"
    assert emulator.gateway.resumes == 1
    assert len(emulator.gateway.identifies) == 1
    assert "/resume/" in emulator.paths("/resume/")


@pytest.mark.parametrize("how", ["reconnect", "invalid but resumable", "closed"])
async def test_it_comes_back_at_once(emulator: DiscordEmulator, bot: Bot, how: str) -> None:
    match how:
        case "reconnect":
            emulator.gateway.reconnect()
        case "closed":
            emulator.gateway.drop(4000)
        case _:
            emulator.gateway.invalidate(resumable=True)
    await seen(emulator, bot, "resumed")
    assert emulator.gateway.resumes == 1


async def test_a_session_that_is_gone_begins_anew(emulator: DiscordEmulator, bot: Bot) -> None:
    emulator.gateway.invalidate(resumable=False)
    await emulator.until(lambda: len(emulator.gateway.identifies) == 2)
    await emulator.ready()
    assert emulator.gateway.resumes == 0


async def test_a_resume_that_comes_too_late_begins_anew(
    emulator: DiscordEmulator, bot: Bot
) -> None:
    emulator.gateway.forget_sessions()
    emulator.gateway.drop()
    await emulator.until(lambda: len(emulator.gateway.identifies) == 2, 10)
    await emulator.ready()


@pytest.mark.parametrize("new_too", [False, True])
async def test_a_deaf_connection_is_left_for_a_new_one(
    emulator: DiscordEmulator, guild: Guild, new_too: bool
) -> None:
    emulator.gateway.heartbeat_interval = 0.2
    async with connected(emulator, heartbeat_timeout=0.6) as bot:
        await emulator.until(lambda: emulator.gateway.heartbeats >= 2)
        emulator.gateway.go_deaf(new_too=new_too)
        await seen(emulator, bot, "disconnect")
        if new_too:
            emulator.gateway.hear_again()
        await seen(emulator, bot, "resumed")


async def test_shards_have_their_own_servers(emulator: DiscordEmulator) -> None:
    guilds = [emulator.add_guild(f"Fund {number}") for number in range(4)]
    emulator.gateway.shards = 2
    async with connected(emulator, shards=2) as bot:
        assert bot.shard_count == 2
        assert len(bot.guilds) == 4
        for guild in guilds:
            there = bot.get_guild(int(guild.id))
            assert there is not None
            assert there.shard_id == guild.shard(2)


async def test_a_wrong_token_is_refused_by_rest(emulator: DiscordEmulator) -> None:
    async with logged_in(emulator) as bot:
        with pytest.raises(discord.LoginFailure):
            await bot.login("wrong")


async def test_a_revoked_token_ends_the_connection_for_good(
    emulator: DiscordEmulator, guild: Guild
) -> None:
    async with logged_in(emulator) as bot:
        running = asyncio.create_task(bot.connect())
        await emulator.ready()
        emulator.revoke_token()
        with pytest.raises(discord.ConnectionClosed) as closed:
            await running
        assert closed.value.code == 4004


async def test_an_intent_that_was_not_granted_ends_it_for_good(
    emulator: DiscordEmulator, guild: Guild
) -> None:
    intents = discord.Intents(guilds=True, message_content=True)
    async with logged_in(emulator, intents=intents) as bot:
        with pytest.raises(discord.PrivilegedIntentsRequired):
            await bot.connect()
    assert emulator.gateway.closed_with == [4014]


async def test_other_peoples_words_are_blank_without_the_intent(
    emulator: DiscordEmulator, bot: Bot, guild: Guild, channel: Channel
) -> None:
    ada = emulator.add_user("Ada")
    emulator.add_member(guild, ada)
    message = emulator.say(channel, ada, "secret")
    await seen(emulator, bot, "message")
    cached = discord.utils.get(bot.cached_messages, id=int(message["id"]))
    assert cached is not None
    assert cached.content == ""


async def test_nonsense_is_closed_with_the_code_that_it_deserves(
    emulator: DiscordEmulator,
) -> None:
    async def code_for(query: str, *said: str) -> int | None:
        async with session.ws_connect(f"{emulator.gateway_url}/?{query}") as socket:
            for one in said:
                await socket.send_str(one)
            async for _ in socket:
                pass
            return socket.close_code

    identify = f'{{"op": 2, "d": {{"token": "{emulator.token}", "intents": 1, "shard": [%s]}}}}'
    async with aiohttp.ClientSession() as session:
        assert await code_for("v=9") == 4012
        assert await code_for("v=10", "{") == 4002
        assert await code_for("v=10", '{"op": 3, "d": {}}') == 4003
        assert await code_for("v=10", '{"op": 2, "d": {"token": "x"}}') == 4004
        assert await code_for("v=10", identify % "0, 1", identify % "0, 1") == 4005
        assert await code_for("v=10", identify % "1, 1") == 4010
        assert await code_for("v=10", identify % "0, 1", '{"op": 99}') == 4001
