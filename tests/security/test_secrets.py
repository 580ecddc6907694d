"""Secrets stay where they belong: not in logs at any level, pages, figures, files or backups.

The real service runs at DEBUG with secrets that are known here, against platforms that refuse half
of what is asked; then everything that came out of it is searched.
"""

from __future__ import annotations

import json
import socket
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from bot.logs import HIDDEN
from tests.emulators.discord import DiscordEmulator, Permission
from tests.emulators.slack import SlackEmulator
from tests.faults.town import SECRET_KEY, Town, town
from tests.service.conftest import BUBBLEWATCH, Service, StartService, environment

MAIL = "s3cr3t-of-the-mail"
PING = "s3cr3t-of-the-ping"
PATHS = ("/", "/metrics", "/healthz", "/readyz", "/feed.xml", "/api/v1/indicators", "/nowhere")


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
    return number


@pytest.fixture
def small_town(tmp_path: Path) -> Iterator[Town]:
    with town(tmp_path, 4) as made:
        yield made


def page(port: int, path: str) -> str:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
            return f"{answer.headers}{answer.read().decode()}"
    except urllib.error.HTTPError as refused:
        return f"{refused.headers}{refused.read().decode()}"


def said_by(arguments: list[str], env: Mapping[str, str]) -> str:
    done = subprocess.run(
        [BUBBLEWATCH, *arguments], env=env, capture_output=True, text=True, timeout=60, check=False
    )
    return done.stdout + done.stderr


def found_in(folder: Path, secrets: set[str]) -> list[tuple[str, str]]:
    """Which file holds which secret."""
    return [
        (path.name, secret)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for secret in secrets
        if secret.encode() in path.read_bytes()
    ]


def search(service: Service, pages: str, folder: Path, secrets: set[str]) -> None:
    assert all(len(secret) >= 6 for secret in secrets)
    assert [secret for secret in secrets if secret in service.output] == []
    assert [secret for secret in secrets if secret in pages] == []
    assert found_in(folder, secrets) == []


async def test_tokens_in_the_settings_are_in_nothing_that_comes_out(
    start: StartService, tmp_path: Path, data: Path, port: int
) -> None:
    with DiscordEmulator() as discord, SlackEmulator() as slack:
        guild = discord.add_guild("Fund")
        channel = discord.add_channel(guild, "alerts")
        ada = discord.add_user("Ada")
        discord.add_member(guild, ada, permissions=Permission.MANAGE_GUILD)
        team = slack.add_team("Acme")
        ann = team.add_user("Ann", admin=True)
        general = team.add_channel("general", creator=ann)
        env = {
            "BUBBLEWATCH_LOG_LEVEL": "DEBUG",
            "PORT": str(port),
            "BUBBLEWATCH_DISCORD_TOKEN": discord.token,
            "BUBBLEWATCH_DISCORD_API_URL": discord.api_url,
            "BUBBLEWATCH_SLACK_BOT_TOKEN": team.bot_token,
            "BUBBLEWATCH_SLACK_APP_TOKEN": slack.app_token,
            "BUBBLEWATCH_SLACK_API_URL": slack.api_url,
            "BUBBLEWATCH_SECRET_KEY": SECRET_KEY,
            "BUBBLEWATCH_PING_URL": f"http://127.0.0.1:9/{PING}",
            "BUBBLEWATCH_APPRISE": json.dumps({"mail": f"json://me:{MAIL}@127.0.0.1:9/{MAIL}"}),
        }
        secrets = {discord.token, team.bot_token, slack.app_token, SECRET_KEY, MAIL, PING}
        discord.server_error(500, where=f"/channels/{channel.id}", times=2)
        discord.fail(50013, where=f"/channels/{channel.id}", times=1)
        slack.fail("chat.postMessage", "fatal_error", times=2)
        slack.break_with("conversations.info", 503, times=2)
        service = start(data, "--no-replay", env=env)
        await discord.ready(within=60)
        await slack.connected(within=30)
        await discord.until(lambda: discord.commands.of(None), 30)
        await discord.slash(channel, ada, "bubble subscribe", {"preset": "article"}).answered(30)
        await slack.slash(team, general, ann, "alert add nvda above 9T").answered(30)
        pages = "".join(page(port, path) for path in PATHS)
        discord.revoke_token()
        slack.refuse_token(team, "invalid_auth")
        await slack.slash(team, general, ann, "alert test 1").acknowledged(30)
        service.wait_for("discord is switched off")
        whole = {**environment(data), **env}
        backups = tmp_path / "backups"
        backups.mkdir()
        for command in ("backup", "export"):
            pages += said_by([command, str(backups / command)], whole)
        pages += said_by(["doctor"], whole) + said_by(
            ["ask", "--at", "apprise:mail", "help"], whole
        )
        code, _ = service.stop()
    assert code == 0
    assert {path.name for path in backups.iterdir()} == {"backup", "export"}
    assert '"debug"' in service.output, "it was told everything there is to tell"
    assert HIDDEN in service.output, "something was there to be hidden"
    search(service, pages, tmp_path, secrets)


def test_tokens_of_workspaces_lie_sealed_and_come_out_nowhere(
    start: StartService, tmp_path: Path, port: int, small_town: Town
) -> None:
    data = tmp_path / "data"
    small_town.begin(data)
    slack = small_town.slack
    tokens = {team.bot_token for team in slack.teams.values()}
    secrets = {
        *tokens,
        slack.client_secret,
        slack.signing_secret,
        small_town.discord.token,
        SECRET_KEY,
    }
    slack.fail("chat.postMessage", "fatal_error", times=2)
    env = {
        **small_town.environment(data),
        "BUBBLEWATCH_PORT": str(port),
        "BUBBLEWATCH_LOG_LEVEL": "DEBUG",
    }
    service = start(data, "--no-replay", env=env)
    slack.wait_until(lambda: slack.calls_of("chat.postMessage"), 60)
    pages = "".join(page(port, path) for path in (*PATHS, "/slack/install"))
    code, _ = service.stop()
    assert code == 0
    pages += said_by(["backup", str(tmp_path / "backup")], env)
    pages += said_by(["export", str(tmp_path / "export")], env)
    used = {call.bearer for call in slack.calls_of("chat.postMessage")}
    assert used <= tokens, "the sealed tokens were opened and used"
    search(service, pages, tmp_path, secrets)


@pytest.mark.parametrize(
    "setting",
    [
        {"BUBBLEWATCH_APPRISE": f"mailto://me:{MAIL}@example.org"},
        {"BUBBLEWATCH_APPRISE": json.dumps([f"mailto://me:{MAIL}@example.org"])},
        {"DATABASE_URL": f"mysql://me:{MAIL}@example.org/x"},
        {"DATABASE_URL": f"post gres//{MAIL}"},
        {"DATABASE_URL": f"postgresql://me:{MAIL}@127.0.0.1:9/x"},
    ],
    ids=["apprise-words", "apprise-list", "another-database", "no-address", "no-database-there"],
)
def test_a_setting_that_is_wrong_is_told_without_its_value(
    tmp_path: Path, setting: dict[str, str]
) -> None:
    said = said_by(["ask", "help"], {**environment(tmp_path), **setting})
    assert MAIL not in said
    assert "Traceback" not in said
    assert len(said.splitlines()) <= 3
    assert said.strip()
