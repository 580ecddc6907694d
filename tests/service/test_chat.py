"""`bubblewatch run` as it is hosted: no terminal, a token for Discord and two for Slack."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.emulators.discord import Channel, DiscordEmulator, Permission, User
from tests.emulators.slack import Channel as SlackChannel
from tests.emulators.slack import SlackEmulator, Team
from tests.emulators.slack import User as SlackUser
from tests.service.conftest import Service, StartService
from tests.service.market import passes_five_trillion, until_yesterday


@dataclass
class Chat:
    """One server and one workspace, each with a channel and somebody who manages it."""

    discord: DiscordEmulator
    slack: SlackEmulator
    team: Team
    channel: Channel
    ada: User
    general: SlackChannel
    ann: SlackUser

    def tokens(self) -> dict[str, str]:
        return {
            "BUBBLEWATCH_DISCORD_TOKEN": self.discord.token,
            "BUBBLEWATCH_DISCORD_API_URL": self.discord.api_url,
            "BUBBLEWATCH_SLACK_BOT_TOKEN": self.team.bot_token,
            "BUBBLEWATCH_SLACK_APP_TOKEN": self.slack.app_token,
            "BUBBLEWATCH_SLACK_API_URL": self.slack.api_url,
        }

    async def connected(self) -> None:
        # A process takes its time to start where many tests run.
        await self.discord.ready(within=40)
        await self.slack.connected(within=40)
        await self.discord.until(lambda: self.discord.commands.of(None), 20)

    def told(self, text: str) -> tuple[int, int]:
        """How many messages say it, on Discord and on Slack."""
        here = [one for one in self.channel.messages.values() if text in str(one["embeds"])]
        there = [one for one in self.general.messages if text in str(one["blocks"])]
        return len(here), len(there)


@pytest.fixture
def chat() -> Iterator[Chat]:
    with DiscordEmulator() as discord, SlackEmulator() as slack:
        guild = discord.add_guild("Fund")
        channel = discord.add_channel(guild, "alerts")
        ada = discord.add_user("Ada")
        discord.add_member(guild, ada, permissions=Permission.MANAGE_GUILD)
        team = slack.add_team("Acme")
        ann = team.add_user("Ann", admin=True)
        general = team.add_channel("general", creator=ann)
        yield Chat(discord, slack, team, channel, ada, general, ann)
        assert discord.violations == []
        assert slack.violations == []
        assert discord.rates.count_429 == slack.rates.count_429 == 0


def assert_followed_from_look_to_message(service: Service, channel: Channel) -> None:
    """One identifier: in the log's line of the look, in those of its deliveries, in the message."""
    events = [json.loads(line) for line in service.lines if line.startswith("{")]
    (look,) = [one for one in events if one["message"].startswith("a look: alerts 2, deliveries ")]
    sent = [one for one in events if one["message"].endswith(": sent")]
    begun = {one["correlation"] for one in sent if "discord" in one["message"]}
    assert look["correlation"] in begun
    (alert,) = [one for one in channel.messages.values() if "$5.10T" in str(one["embeds"])]
    assert look["correlation"] in alert["embeds"][-1]["footer"]["text"]


async def test_people_subscribe_by_a_click_and_a_crossing_while_it_was_down_is_told_once(
    start: StartService, watched: Path, chat: Chat
) -> None:
    with until_yesterday() as yahoo:
        urls = {"yahoo": yahoo.url}
        service: Service = start(watched, env=chat.tokens(), **urls)
        await chat.connected()
        (greeting,) = await chat.discord.posted(chat.channel, 1)
        await chat.discord.press(greeting, "Subscribe", chat.ada).answered()
        asked = chat.slack.slash(chat.team, chat.general, chat.ann, "subscribe article")
        await asked.answered()
        service.stop()
        assert chat.told("$5.10T") == (0, 0)

        passes_five_trillion(yahoo)
        service = start(watched, env={**chat.tokens(), "BUBBLEWATCH_LOG_LEVEL": "INFO"}, **urls)
        await chat.discord.until(lambda: chat.told("$5.10T") == (1, 1), 90)
        # The message is there a moment before the service knows it, and logs it.
        service.wait_for("on discord: sent")
        service.stop()
        assert_followed_from_look_to_message(service, chat.channel)

        service = start(watched, env=chat.tokens(), **urls)
        await chat.connected()
        status = chat.discord.slash(chat.channel, chat.ada, "bubble status", {})
        await status.answered()
        code, _ = service.stop()
    assert code == 0
    assert chat.told("$5.10T") == (1, 1)
    assert "Traceback" not in service.output


def test_without_any_platform_that_would_have_us_it_says_why_and_ends(
    start: StartService, data: Path, chat: Chat
) -> None:
    env = {name: value for name, value in chat.tokens().items() if "DISCORD" in name}
    service = start(data, env={**env, "BUBBLEWATCH_DISCORD_TOKEN": "wrong"})
    assert "token" in service.wait_for("discord is switched off")
    assert service.process.wait(timeout=60) == 1
