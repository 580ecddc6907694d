"""`bubblewatch setup`: by flags, by the environment, and by a person's answers."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import stat
import subprocess
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.setup import env_file
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
    process: subprocess.Popen[bytes]
    said: str = ""
    _unread: str = ""

    def until(self, text: str, seconds: float = 60.0) -> None:
        ends = time.monotonic() + seconds
        while text not in self._unread:
            left = ends - time.monotonic()
            assert left > 0, f"no “{text}” in:\n{self.said}{self._unread}"
            if select.select([self.terminal], [], [], left)[0]:
                self._unread += os.read(self.terminal, 65536).decode("utf-8", "replace")
        before, _, self._unread = self._unread.partition(text)
        self.said += before + text

    def answers(self, question: str, keys: str) -> None:
        self.until(question)
        # What a terminal shows while it hides what is typed comes with the colon.
        self.until(": ")
        os.write(self.terminal, keys.encode())

    def ended(self) -> int:
        """The exit code; what it still said is read, so that it can end."""
        with suppress(OSError):
            while piece := os.read(self.terminal, 65536):
                self.said += piece.decode("utf-8", "replace")
        return self.process.wait(timeout=60)


@contextmanager
def sitting(folder: Path, env: Mapping[str, str], *arguments: str) -> Iterator[Screen]:
    """Somebody at a terminal who starts `bubblewatch setup`; at the end it must have ended."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [BUBBLEWATCH, "setup", *arguments],
        env={
            **environment(folder),
            "BUBBLEWATCH_CONTACT": "",
            "TERM": "dumb",
            "COLUMNS": "200",
            **env,
        },
        cwd=folder,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        # Ctrl-C is for whoever's terminal it is.
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(theirs)
    try:
        yield Screen(ours, process)
    finally:
        process.kill()
        process.wait()
        os.close(ours)


CTRL_C, CTRL_D = "\x03", "\x04"


def test_a_person_at_a_terminal_is_asked_and_may_leave_things_out(
    accounts: Accounts, tmp_path: Path
) -> None:
    with sitting(tmp_path, accounts.addresses()) as screen:
        screen.answers("Your e-mail address", "ada@example.org\n")
        screen.answers("Discord bot token", f"{accounts.discord.token}\n")
        screen.answers("Slack too?", "\n")
        screen.answers("test alert to which", "1\n")
        screen.until("it is in discord:")
        assert screen.ended() == 0
    assert accounts.discord.token not in screen.said
    written = settings_of(tmp_path / ".env")
    assert written["BUBBLEWATCH_DISCORD_TOKEN"] == accounts.discord.token
    assert set(written) == {"BUBBLEWATCH_CONTACT", "BUBBLEWATCH_DISCORD_TOKEN"}
    told = [str(one["embeds"]) for one in accounts.channel.messages.values()]
    assert any("This is a test" in text for text in told)


def test_a_token_that_is_refused_is_asked_for_again(accounts: Accounts, tmp_path: Path) -> None:
    with sitting(tmp_path, accounts.addresses(), "--contact=ada@example.org") as screen:
        screen.answers("Discord bot token", "wrong-token-of-mine\n")
        screen.until("does not take the token")
        screen.answers("Discord bot token", f"{accounts.discord.token}\n")
        screen.answers("Slack too?", "\n")
        screen.answers("test alert to which", "\n")
        assert screen.ended() == 0
    assert settings_of(tmp_path / ".env")["BUBBLEWATCH_DISCORD_TOKEN"] == accounts.discord.token


def test_whoever_wants_slack_sees_the_manifest_and_may_try_a_channel(
    accounts: Accounts, tmp_path: Path
) -> None:
    with sitting(tmp_path, accounts.addresses(), "--contact=ada@example.org") as screen:
        screen.answers("Discord bot token", "\n")
        screen.answers("Slack too?", "y\n")
        screen.until('"socket_mode_enabled": true')
        screen.answers("Slack bot token", f"{accounts.team.bot_token}\n")
        screen.answers("Slack app token", "xapp-wrong-one\n")
        screen.until("Slack does not take it")
        screen.answers("Slack bot token", f"{accounts.team.bot_token}\n")
        screen.answers("Slack app token", f"{accounts.slack.app_token}\n")
        screen.until("1. #general in Acme")
        screen.answers("test alert to which", "1\n")
        screen.until("it is in slack:")
        assert screen.ended() == 0
    accounts.check_untold(screen.said)
    assert any("This is a test" in str(one) for one in accounts.general.messages)
    assert accounts.slack.violations == []


@pytest.mark.parametrize("key", [CTRL_C, CTRL_D])
@pytest.mark.parametrize("question", ["Your e-mail address", "Discord bot token"])
def test_whoever_leaves_at_a_question_has_left_and_nothing_is_written(
    tmp_path: Path, question: str, key: str
) -> None:
    with sitting(tmp_path, {}) as screen:
        if question != "Your e-mail address":
            screen.answers("Your e-mail address", "ada@example.org\n")
        screen.answers(question, key)
        screen.until("Stopped; nothing was written.")
        assert screen.ended() == 130
    assert "Traceback" not in screen.said
    assert not (tmp_path / ".env").exists()


def test_whoever_leaves_while_a_platform_does_not_answer_has_left_too(
    accounts: Accounts, tmp_path: Path
) -> None:
    accounts.discord.hang()
    with sitting(tmp_path, accounts.addresses(), "--contact=ada@example.org") as screen:
        screen.answers("Discord bot token", f"{accounts.discord.token}\n")
        accounts.discord.bell.wait_until(lambda: accounts.discord.requests, 30)
        os.write(screen.terminal, CTRL_C.encode())
        screen.until("Stopped; nothing was written.")
        assert screen.ended() == 130


def test_whoever_leaves_at_the_test_alert_keeps_the_file(
    accounts: Accounts, tmp_path: Path
) -> None:
    env = {**accounts.addresses(), "BUBBLEWATCH_DISCORD_TOKEN": accounts.discord.token}
    with sitting(tmp_path, env, "--contact=ada@example.org") as screen:
        screen.answers("Slack too?", "\n")
        screen.answers("test alert to which", CTRL_C)
        screen.until(".env is written, and all in it is kept.")
        assert screen.ended() == 130
    assert "BUBBLEWATCH_DISCORD_TOKEN" in settings_of(tmp_path / ".env")


async def test_a_second_run_knows_what_the_first_has_written(
    accounts: Accounts, tmp_path: Path, told: Told
) -> None:
    file = tmp_path / "elsewhere.env"
    env_file.write(file, {"BUBBLEWATCH_CONTACT": "ada@example.org", **accounts.tokens()})
    before = file.read_text("utf-8")
    code, said = await told(
        "setup", f"--file={file}", env={**accounts.addresses(), "BUBBLEWATCH_CONTACT": ""}
    )
    assert code == 0
    assert "✓ Discord: the token is that of" in said
    assert "✓ Slack app token" in said
    assert file.read_text("utf-8") == before


async def test_a_file_that_cannot_be_written_is_told_before_anything_is_asked(
    tmp_path: Path, told: Told
) -> None:
    (tmp_path / "file").touch()
    place = tmp_path / "file" / ".env"
    code, said = await told("setup", f"--file={place}")
    assert code == 1
    assert said == f"setup stops here: {place}: Permission denied\n"
