"""The real commands against local servers; nothing here knows a real token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.command_line import parser
from bot.settings import Settings
from bot.tasks import perform
from tests.emulators.discord import Channel, DiscordEmulator, Guild
from tests.emulators.slack import Channel as SlackChannel
from tests.emulators.slack import SlackEmulator, Team
from tests.service.conftest import environment


@dataclass
class Accounts:
    """A Discord server and a Slack workspace in which the bot is."""

    discord: DiscordEmulator
    slack: SlackEmulator
    guild: Guild
    channel: Channel
    team: Team
    general: SlackChannel

    def addresses(self) -> dict[str, str]:
        return {
            "BUBBLEWATCH_DISCORD_API_URL": self.discord.api_url,
            "BUBBLEWATCH_SLACK_API_URL": self.slack.api_url,
        }

    def tokens(self) -> dict[str, str]:
        return {
            "BUBBLEWATCH_DISCORD_TOKEN": self.discord.token,
            "BUBBLEWATCH_SLACK_BOT_TOKEN": self.team.bot_token,
            "BUBBLEWATCH_SLACK_APP_TOKEN": self.slack.app_token,
        }

    def check_untold(self, *texts: str) -> None:
        """No token is in any of the texts."""
        for token in self.tokens().values():
            assert all(token not in text for text in texts)


@pytest.fixture
def accounts() -> Iterator[Accounts]:
    with DiscordEmulator() as discord, SlackEmulator() as slack:
        guild = discord.add_guild("Fund")
        channel = discord.add_channel(guild, "alerts")
        team = slack.add_team("Acme")
        ann = team.add_user("Ann", admin=True)
        general = team.add_channel("general", creator=ann)
        yield Accounts(discord, slack, guild, channel, team, general)


Told = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
def told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Told:
    """Does what a command does, with its own data folder: (exit code, everything it said)."""

    async def run(*arguments: str, env: Mapping[str, str] | None = None) -> tuple[int, str]:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("COLUMNS", "300")
        for name, value in {**environment(tmp_path), **(env or {})}.items():
            monkeypatch.setenv(name, value)
        asked = parser().parse_args(arguments)
        code = await perform(asked, Settings.of(asked.settings_file))
        said = capsys.readouterr()
        return code, said.out + said.err

    return run
