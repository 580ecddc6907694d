"""The running service tells its operator, in a channel of the operator's own."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from bot.settings import Settings
from tests.emulators.discord import DiscordEmulator
from tests.service.conftest import StartService, ask


async def test_a_channel_that_is_off_is_told_at_the_start_and_never_again(
    start: StartService, data: Path
) -> None:
    with closing(sqlite3.connect(data / "bubblewatch.db")) as connection, connection:
        connection.execute(
            "INSERT INTO destination (platform, workspace, channel, language, timezone,"
            " off_reason, created_at) VALUES ('slack', 'T1', 'C1', 'en', 'UTC',"
            " 'the channel is archived', '2025-11-01 00:00:00.000000')"
        )
    with DiscordEmulator() as discord:
        guild = discord.add_guild("Fund")
        channel = discord.add_channel(guild, "operator")
        env = {
            "BUBBLEWATCH_DISCORD_TOKEN": discord.token,
            "BUBBLEWATCH_DISCORD_API_URL": discord.api_url,
            "BUBBLEWATCH_OPERATOR": f"discord:{guild.id}:{channel.id}",
        }

        def told() -> int:
            texts = [str(one["embeds"]) for one in channel.messages.values()]
            return sum("is switched off: the channel is archived" in text for text in texts)

        service = start(data, env=env)
        await discord.until(lambda: told() == 1, 40)
        assert service.stop()[0] == 0
        service = start(data, env=env)
        await discord.ready(within=40)
        await discord.until(lambda: discord.commands.of(None), 20)
        code, _ = service.stop()
    assert code == 0
    assert told() == 1
    assert "Traceback" not in service.output


def test_a_place_that_is_none_is_refused_in_a_sentence(tmp_path: Path) -> None:
    ended = ask(tmp_path, "doctor", env={"BUBBLEWATCH_OPERATOR": "my channel"})
    assert ended.returncode == 2
    assert "BUBBLEWATCH_OPERATOR" in ended.stderr
    assert "discord:SERVER:CHANNEL" in ended.stderr


def test_a_language_is_understood_as_people_write_it_and_no_other_is_taken_for_english(
    tmp_path: Path,
) -> None:
    assert Settings(data_dir=tmp_path, language="zh-TW").language == "zh_Hant"
    assert Settings(data_dir=tmp_path, language="en_GB").language == "en"
    ended = ask(tmp_path, "doctor", env={"BUBBLEWATCH_LANGUAGE": "klingon"})
    assert ended.returncode == 2
    assert "“klingon” is not one of en, zh_Hant and zh_Hans" in ended.stderr
