"""The gateway drops, resumes, refuses and comes back; no command is lost meanwhile (R23, R25)."""

from __future__ import annotations

import asyncio

import discord
import pytest

from bot.platforms import PlatformRefused
from tests.platforms.discord.home import Home, connected, new_platform, said, text_of


async def test_a_command_given_while_the_connection_is_down_is_answered_after_the_resume(
    home: Home,
) -> None:
    home.discord.gateway.drop()
    asked = home.discord.slash(home.channel, home.ada, "bubble alert list", {})
    assert "No lines here yet" in text_of(await asked.answered(10))
    assert home.discord.gateway.resumes == 1
    assert len(home.discord.gateway.identifies) == 1


async def test_discord_may_ask_for_a_reconnect_at_any_time(home: Home) -> None:
    home.discord.gateway.reconnect()
    await home.wait_for(lambda: home.discord.gateway.resumes == 1, "no resume")
    assert "No lines here yet" in text_of(await home.ask("alert list"))


async def test_a_session_that_cannot_be_resumed_begins_anew(home: Home) -> None:
    home.discord.gateway.forget_sessions()
    home.discord.gateway.drop()
    await home.discord.until(lambda: len(home.discord.gateway.identifies) == 2, 15)
    await home.discord.until(home.platform.hears, 10)
    assert "No lines here yet" in text_of(await home.ask("alert list"))


async def test_a_gateway_that_is_down_at_the_first_connect_is_tried_again(away: Home) -> None:
    away.discord.gateway.refuse(3)
    async with connected(away):
        assert "No lines here yet" in text_of(await away.ask("alert list"))


async def test_the_operator_is_not_warned_of_what_nobody_uses(
    away: Home, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(discord.VoiceClient, "warn_nacl", True)
    monkeypatch.setattr(discord.VoiceClient, "warn_dave", True)
    async with connected(away):
        assert "voice" not in caplog.text


async def test_messages_go_out_while_the_gateway_is_down(away: Home) -> None:
    away.discord.gateway.refuse()
    running = asyncio.create_task(away.platform.run())
    try:
        await away.alert()
        await away.drain()
        assert away.texts() == ["news 1"]
        assert not away.platform.hears()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_rest_api_that_is_down_at_the_start_is_tried_again(away: Home) -> None:
    away.discord.server_error(503, where="/users/@me", times=2)
    async with connected(away):
        assert "No lines here yet" in text_of(await away.ask("alert list"))


async def test_a_bad_token_is_one_sentence_for_the_operator(away: Home) -> None:
    away.discord.token = "another"
    with pytest.raises(PlatformRefused, match="BUBBLEWATCH_DISCORD_TOKEN"):
        await away.platform.run()


async def test_a_token_that_is_reset_ends_the_connection_with_that_sentence(home: Home) -> None:
    home.discord.revoke_token()
    assert home.running is not None
    with pytest.raises(PlatformRefused, match="BUBBLEWATCH_DISCORD_TOKEN"):
        await asyncio.wait_for(asyncio.shield(home.running), 10)


async def test_r24_after_that_messages_wait_until_the_operator_has_mended_it(away: Home) -> None:
    token = away.discord.token
    away.discord.token = "another"
    with pytest.raises(PlatformRefused):
        await away.platform.run()
    await away.alert()
    await away.drain()
    assert "BUBBLEWATCH_DISCORD_TOKEN" in str(await away.off_reason())
    away.discord.token = token

    async def is_on() -> bool:
        return await away.off_reason() is None

    async with connected(away):
        await away.eventually(is_on, "the destination is still off")
        await away.drain(60)
        assert away.texts()[0] == "news 1"


async def test_a_refused_intent_is_one_sentence_for_the_operator(home: Home) -> None:
    home.discord.gateway.drop(4014)
    assert home.running is not None
    with pytest.raises(PlatformRefused, match="Intents"):
        await asyncio.wait_for(asyncio.shield(home.running), 10)


async def test_the_least_is_asked_of_the_gateway(home: Home) -> None:
    [session] = home.discord.gateway.live()
    assert session.intents == 1


async def test_as_many_shards_as_discord_asks_for(away: Home) -> None:
    away.discord.gateway.shards = 2
    async with connected(away):
        await away.discord.ready(2)
        assert "No lines here yet" in text_of(await away.ask("alert list"))


async def test_no_session_is_started_that_discord_does_not_allow(
    away: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Discord resets the token of a bot that starts too many."""
    gateway = away.discord.gateway
    gateway.session_starts_left = 0
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        gateway.session_starts_left = 1000

    monkeypatch.setattr(away.clock, "sleep", sleep)
    async with connected(away):
        assert len(slept) == 1
        assert len(gateway.identifies) == 1


async def test_a_deaf_connection_is_noticed_and_what_was_said_meanwhile_is_answered(
    away: Home,
) -> None:
    gateway = away.discord.gateway
    gateway.heartbeat_interval = 0.2
    away.platform = new_platform(away.discord, away.services, said, away.presence, silence_s=1.0)
    async with connected(away):
        gateway.go_deaf()
        asked = away.discord.slash(away.channel, away.ada, "bubble alert list", {})
        await away.wait_for(lambda: not gateway.live(), "the deaf connection was kept")
        gateway.hear_again()
        await away.wait_for(lambda: gateway.resumes == 1, "no resume")
        assert "No lines here yet" in text_of(await asked.answered())


async def test_a_stop_lets_the_answers_in_hand_be_finished(away: Home) -> None:
    async with connected(away):
        asked = away.discord.slash(away.channel, away.ada, "bubble alert list", {})
        await asked.acknowledged()
    assert "No lines here yet" in text_of(await asked.answered(0.1))
