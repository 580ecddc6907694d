"""`bubblewatch setup`: by flags, by the environment, and by a person's answers."""

from __future__ import annotations

import json
import os
import pty
import select
import stat
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from bot.setup import env_file
from tests.emulators.discord import DiscordEmulator
from tests.service.conftest import BUBBLEWATCH, environment
from tests.setup.conftest import Accounts, Told


def settings_of(file: Path) -> dict[str, str]:
    lines = [line for line in file.read_text("utf-8").splitlines() if "=" in line]
    return dict(line.split("=", 1) for line in lines if not line.startswith("#"))


async def test_flags_are_checked_written_for_the_owner_alone_and_never_printed(
    accounts: Accounts, tmp_path: Path, told: Told
) -> None:
    file = tmp_path / "settings" / ".env"
    code, said = await told(
        "setup",
        f"--discord-token={accounts.discord.token}",
        f"--slack-bot-token={accounts.team.bot_token}",
        f"--slack-app-token={accounts.slack.app_token}",
        "--contact=ada@example.org",
        f"--file={file}",
        env=accounts.addresses(),
    )
    assert code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    written = settings_of(file)
    assert written == {"BUBBLEWATCH_CONTACT": "ada@example.org", **accounts.tokens()}
    assert "oauth2/authorize?client_id=" in said
    assert "permissions=" in said
    accounts.check_untold(said)
    assert accounts.discord.violations == []
    assert accounts.slack.violations == []


async def test_a_token_that_is_refused_is_not_written_and_the_exit_code_says_so(
    accounts: Accounts, tmp_path: Path, told: Told
) -> None:
    file = tmp_path / ".env"
    env = {**accounts.addresses(), "BUBBLEWATCH_DISCORD_TOKEN": "wrong-token-of-mine"}
    arguments = ("setup", "--contact=ada@example.org", f"--file={file}")
    code, said = await told(*arguments, env=env)
    assert code == 1
    assert "does not take the token" in said
    assert set(settings_of(file)) == {"BUBBLEWATCH_CONTACT"}


async def test_it_asks_and_tells_in_chinese_where_the_terminal_is_chinese(
    accounts: Accounts, tmp_path: Path, told: Told
) -> None:
    arguments = ("setup", "--contact=ada@example.org", f"--file={tmp_path / '.env'}")
    env = {**accounts.addresses(), **accounts.tokens(), "LANG": "zh_CN.UTF-8"}
    code, said = await told(*arguments, env=env)
    assert code == 0
    assert "机器人令牌属于" in said
    assert "只有你能读" in said
    code, said = await told(*arguments, "--language=zh-TW", env=env)
    assert code == 0
    assert "機器人權杖屬於" in said


async def test_a_test_alert_arrives_by_the_way_of_every_alert(
    accounts: Accounts, tmp_path: Path, told: Told
) -> None:
    place = f"discord:{accounts.guild.id}:{accounts.channel.id}"
    code, said = await told(
        "setup",
        f"--test={place}",
        f"--file={tmp_path / '.env'}",
        env={**accounts.addresses(), "BUBBLEWATCH_DISCORD_TOKEN": accounts.discord.token},
    )
    assert code == 0, said
    assert f"✓ test alert: it is in {place}" in said
    told_there = [str(one["embeds"]) for one in accounts.channel.messages.values()]
    assert sum("This is a test" in text for text in told_there) == 1


async def test_a_test_alert_to_slack_arrives_too(
    accounts: Accounts, tmp_path: Path, told: Told
) -> None:
    tokens = {name: value for name, value in accounts.tokens().items() if "SLACK" in name}
    code, said = await told(
        "setup",
        f"--test=slack:{accounts.team.id}:{accounts.general.id}",
        f"--file={tmp_path / '.env'}",
        env={**accounts.addresses(), **tokens},
    )
    assert code == 0, said
    assert any("This is a test" in str(one) for one in accounts.general.messages)


async def test_a_test_alert_that_cannot_arrive_says_why(
    accounts: Accounts, tmp_path: Path, told: Told
) -> None:
    code, said = await told(
        "setup",
        f"--test=discord:{accounts.guild.id}:999999999999999999",
        f"--file={tmp_path / '.env'}",
        env={**accounts.addresses(), "BUBBLEWATCH_DISCORD_TOKEN": accounts.discord.token},
    )
    assert code == 1
    assert "✗ test alert: it did not arrive" in said


async def test_the_manifest_that_is_printed_is_the_one_in_the_repository(
    tmp_path: Path, told: Told
) -> None:
    code, said = await told("setup", "--slack-manifest")
    kept = Path(__file__).parents[2] / "deploy" / "slack-manifest.json"
    assert code == 0
    assert json.loads(said) == json.loads(kept.read_text("utf-8"))


def test_what_else_stands_in_the_settings_file_stays(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# mine\nOTHER=1\nexport BUBBLEWATCH_CONTACT=old\nBUBBLEWATCH_CONTACT=older\n")
    file.chmod(0o644)
    env_file.write(file, {"BUBBLEWATCH_CONTACT": "new", "BUBBLEWATCH_LANGUAGE": "it's #1"})
    assert file.read_text("utf-8") == (
        "# mine\nOTHER=1\nBUBBLEWATCH_CONTACT=new\nBUBBLEWATCH_LANGUAGE='it\\'s #1'\n"
    )
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@dataclass
class Screen:
    """What appears on a terminal, read piece by piece."""

    terminal: int
    _unread: str = ""

    def until(self, text: str, seconds: float = 60.0) -> str:
        """What is new, up to and with the text."""
        ends = time.monotonic() + seconds
        while text not in self._unread:
            left = ends - time.monotonic()
            assert left > 0, f"no “{text}” in:\n{self._unread}"
            if select.select([self.terminal], [], [], left)[0]:
                self._unread += os.read(self.terminal, 65536).decode("utf-8", "replace")
        before, _, self._unread = self._unread.partition(text)
        return before + text


def test_a_person_at_a_terminal_is_asked_and_may_leave_things_out(tmp_path: Path) -> None:
    with DiscordEmulator() as discord:
        guild = discord.add_guild("Fund")
        channel = discord.add_channel(guild, "alerts")
        ours, theirs = pty.openpty()
        env = {
            **environment(tmp_path),
            "BUBBLEWATCH_CONTACT": "",
            "BUBBLEWATCH_DISCORD_API_URL": discord.api_url,
            "TERM": "dumb",
            "COLUMNS": "200",
        }
        process = subprocess.Popen(
            [BUBBLEWATCH, "setup", f"--file={tmp_path / '.env'}"],
            env=env,
            cwd=tmp_path,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        try:
            screen = Screen(ours)
            said = screen.until("Your e-mail address")
            os.write(ours, b"ada@example.org\n")
            said += screen.until("Discord bot token")
            os.write(ours, discord.token.encode() + b"\n")
            said += screen.until("Slack bot token")
            os.write(ours, b"\n")
            said += screen.until("test alert to which")
            os.write(ours, b"1\n")
            said += screen.until("it is in discord:")
            said += screen.until("doctor")
            assert process.wait(timeout=60) == 0
        finally:
            process.kill()
            process.wait()
            os.close(ours)
        assert discord.token not in said
        written = settings_of(tmp_path / ".env")
        assert written["BUBBLEWATCH_DISCORD_TOKEN"] == discord.token
        assert set(written) == {"BUBBLEWATCH_CONTACT", "BUBBLEWATCH_DISCORD_TOKEN"}
        assert any("This is a test" in str(one["embeds"]) for one in channel.messages.values())
