"""What goes wrong: rate limits, errors, silence, lost connections, and what is not described."""

from __future__ import annotations

import asyncio
import itertools
import subprocess
import sys
import time
from collections.abc import AsyncIterator

import aiohttp
import discord
import pytest

from tests.emulators.discord import Channel, DiscordEmulator
from tests.emulators.discord.openapi import PATH, Description
from tests.emulators_own.discord_bot import Bot, logged_in


class Scene:
    def __init__(self, emulator: DiscordEmulator, bot: Bot) -> None:
        self.emulator, self.bot = emulator, bot
        self.guild = emulator.add_guild("Fund", channels=("alerts", "other"))
        self.channel, self.other = self.guild.channels.values()
        self.there = bot.get_partial_messageable(int(self.channel.id))

    async def raw(self, channel: Channel | None = None) -> aiohttp.ClientResponse:
        """A post by somebody who does not look at the headers."""
        url = f"{self.emulator.api_url}/channels/{(channel or self.channel).id}/messages"
        headers = {"Authorization": f"Bot {self.emulator.token}"}
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, json={"content": "x"}, headers=headers) as answer,
        ):
            await answer.read()
            return answer


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    with DiscordEmulator() as emulator:
        async with logged_in(emulator) as bot:
            yield Scene(emulator, bot)


async def test_a_client_that_looks_at_the_headers_never_earns_a_429(scene: Scene) -> None:
    scene.emulator.rates.buckets["messages.create"] = (5, 0.3)
    await asyncio.gather(*(scene.there.send(f"{n}") for n in range(12)))
    assert len(scene.channel.messages) == 12
    assert scene.emulator.rates.count_429 == 0


async def test_the_sixth_message_in_five_seconds_is_refused(scene: Scene) -> None:
    answers = [await scene.raw() for _ in range(6)]
    assert [one.status for one in answers] == [200] * 5 + [429]
    assert [one.headers["X-RateLimit-Remaining"] for one in answers[:5]] == list("43210")
    assert answers[0].headers["X-RateLimit-Limit"] == "5"
    assert 0 < float(answers[0].headers["X-RateLimit-Reset-After"]) <= 5
    assert float(answers[0].headers["X-RateLimit-Reset"]) > time.time() - 60
    refused = answers[5]
    assert refused.headers["Via"] == "1.1 google"
    assert refused.headers["X-RateLimit-Scope"] == "user"
    assert refused.content_type == "application/json"
    assert 0 < int(refused.headers["Retry-After"]) <= 6
    told = await refused.json()
    assert (told["global"], told["message"]) == (False, "You are being rate limited.")
    assert 0 < told["retry_after"] <= 5
    assert (await scene.raw(scene.other)).status == 200
    assert scene.emulator.rates.refused == [f"messages.create {scene.channel.id}"]


async def test_the_global_limit_counts_all_channels(scene: Scene) -> None:
    scene.emulator.rates.per_second = 2
    answers = await asyncio.gather(*(scene.raw(one) for one in (scene.channel, scene.other) * 2))
    refused = [one for one in answers if one.status == 429]
    assert refused
    assert refused[0].headers["X-RateLimit-Global"] == "true"
    assert (await refused[0].json())["global"] is True


async def test_a_429_on_demand_is_waited_out_by_the_client(scene: Scene) -> None:
    scene.emulator.too_many(0.05, where=scene.channel.id, times=2)
    await scene.there.send("hello")
    assert scene.emulator.rates.count_429 == 2
    assert len(scene.channel.messages) == 1


async def test_a_429_of_cloudflare_is_raised_at_once(scene: Scene) -> None:
    scene.emulator.too_many(60, where=scene.channel.id, via=False)
    with pytest.raises(discord.HTTPException) as refused:
        await scene.there.send("hello")
    assert refused.value.status == 429


@pytest.mark.parametrize("code", [10003, 10004, 40005, 50001, 50013, 50035, 50083])
async def test_every_error_can_be_had(scene: Scene, code: int) -> None:
    scene.emulator.fail(code, where=scene.channel.id)
    with pytest.raises(discord.HTTPException) as refused:
        await scene.there.send("hello")
    assert refused.value.code == code
    await scene.bot.get_partial_messageable(int(scene.other.id)).send("not there")
    scene.emulator.behave()
    await scene.there.send("hello")


async def test_a_revoked_token_is_unauthorised(scene: Scene) -> None:
    scene.emulator.revoke_token()
    with pytest.raises(discord.HTTPException) as refused:
        await scene.there.send("hello")
    assert refused.value.status == 401


async def test_an_error_of_the_server_has_no_effect(scene: Scene) -> None:
    scene.emulator.server_error(503, where="/messages", method="POST", times=1)
    with pytest.raises(discord.DiscordServerError):
        await scene.there.send("hello")
    assert scene.channel.messages == {}
    await scene.there.send("hello")


@pytest.mark.parametrize("taken", [False, True])
async def test_a_connection_can_break_before_and_after(scene: Scene, taken: bool) -> None:
    scene.emulator.cut(taken=taken, where=scene.channel.id)
    with pytest.raises((aiohttp.ClientError, OSError)):
        await scene.there.send("hello", nonce="n1")
    assert len(scene.channel.messages) == int(taken)
    await scene.there.send("hello", nonce="n1")
    assert len(scene.channel.messages) == 1


async def test_a_call_can_hang(scene: Scene) -> None:
    scene.emulator.hang(scene.channel.id, times=1)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(scene.there.send("hello"), 0.1)
    assert scene.channel.messages == {}


async def test_what_is_not_described_is_a_violation(scene: Scene) -> None:
    assert scene.emulator.described == PATH.exists()
    scene.emulator.description = Description(
        {
            "components": {"schemas": {"Text": {"type": "string"}}},
            "paths": {
                "/channels/{channel_id}/messages": {
                    "parameters": [{"name": "channel_id", "in": "path"}],
                    "post": {
                        "requestBody": {
                            "required": True,
                            "content": {
                                "application/json": {
                                    "schema": {
                                        "properties": {
                                            "content": {"$ref": "#/components/schemas/Text"},
                                            "tts": {"type": "string"},
                                        }
                                    }
                                }
                            },
                        }
                    },
                }
            },
        }
    )
    await scene.raw()
    assert scene.emulator.violations == []
    await scene.there.send("hello")
    await scene.there.fetch_message(int(scene.channel.latest()["id"]))
    first, second = scene.emulator.violations
    assert first.startswith("POST /channels/{channel_id}/messages: tts")
    assert second.endswith("not described")


def test_it_can_be_started_by_hand() -> None:
    command = [sys.executable, "-m", "tests.emulators.discord", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        told = list(itertools.takewhile(lambda line: "http://" not in line, running.stdout))
        assert "BUBBLEWATCH_DISCORD_TOKEN=emulated\n" in told
        running.terminate()
