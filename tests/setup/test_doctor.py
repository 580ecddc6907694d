"""`bubblewatch doctor`: ticks where all is well, the exact repair where it is not."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot.setup import env_file
from tests.emulators.discord import DiscordEmulator, Permission
from tests.service.conftest import ask
from tests.setup.conftest import Accounts, Told


async def test_before_the_first_start_it_says_what_is_missing_and_fails_nothing(
    tmp_path: Path, told: Told
) -> None:
    code, said = await told("doctor")
    assert code == 0
    assert "is made at the first start" in said
    assert "→ bubblewatch setup" in said
    assert not (tmp_path / "bubblewatch.db").exists()


async def test_with_accounts_that_are_set_up_everything_has_a_tick(
    accounts: Accounts, tmp_path: Path, told: Told
) -> None:
    code, said = await told("doctor", env={**accounts.addresses(), **accounts.tokens()})
    assert code == 0
    for tick in (
        "✓ Discord: the token is that of",
        "✓ Discord intents",
        "✓ Slack: the bot token is that of",
        "✓ Slack scopes: all are there",
        "✓ Slack app token: a socket can be opened",
    ):
        assert tick in said
    assert "Guilds intent" not in said, "discord.py's worries are not the reader's"
    accounts.check_untold(said)


ENGLISH = re.compile(r"(?:\b[a-z]{2,} ){3}")
"""Three words in a row are a sentence of ours; names of buttons and commands are not."""


@pytest.mark.parametrize(
    ("locale", "tick"), [("zh_TW.UTF-8", "✓ 資料庫"), ("zh_CN.UTF-8", "✓ 数据库")]
)
async def test_it_speaks_the_language_of_the_terminal(
    accounts: Accounts, migrated_file: Path, tmp_path: Path, told: Told, locale: str, tick: str
) -> None:
    accounts.discord.deny(accounts.channel, Permission.SEND_MESSAGES)
    accounts.slack.without_scope(accounts.team, "files:write")
    with_destination(migrated_file, tmp_path, "discord", accounts.guild.id, accounts.channel.id)
    env = {**accounts.addresses(), **accounts.tokens(), "LANG": locale, "BUBBLEWATCH_APPRISE": "{}"}
    code, said = await told("doctor", env=env)
    assert code == 1
    assert tick in said
    assert "Send Messages" in said
    assert ENGLISH.findall(said) == []

    code, said = await told("doctor", "--json", env=env)
    assert {"database", "Slack scopes"} <= {one["part"] for one in json.loads(said)}


async def test_a_wrong_discord_token_is_bad_and_says_where_to_get_another(
    accounts: Accounts, tmp_path: Path, told: Told
) -> None:
    env = {**accounts.addresses(), "BUBBLEWATCH_DISCORD_TOKEN": "wrong-token-of-mine"}
    code, said = await told("doctor", env=env)
    assert code == 1
    assert "✗ Discord: Discord does not take the token" in said
    assert "Reset Token" in said
    assert "wrong-token-of-mine" not in said


async def test_missing_permissions_of_a_server_are_named_with_the_address_that_adds_them(
    accounts: Accounts, tmp_path: Path, told: Told
) -> None:
    env = {**accounts.addresses(), **accounts.tokens()}
    code, said = await told("doctor", "--json", env=env)
    assert code == 0
    parts = {one["part"]: one for one in json.loads(said)}
    # Pinning is nobody's by default.
    server = parts["Discord server “Fund”"]
    assert server["state"] == "warning"
    assert "Pin Messages" in server["found"]
    assert "oauth2/authorize?client_id=" in server["repair"]


def with_destination(
    migrated: Path, data: Path, platform: str, workspace: str, channel: str
) -> None:
    """A database that tells one channel something."""
    shutil.copy(migrated, data / "bubblewatch.db")
    with closing(sqlite3.connect(data / "bubblewatch.db")) as connection, connection:
        connection.execute(
            "INSERT INTO destination (platform, workspace, channel, language, timezone,"
            " created_at) VALUES (?, ?, ?, 'en', 'UTC', '2025-11-01 00:00:00.000000')",
            (platform, workspace, channel),
        )


async def test_a_channel_where_the_bot_may_not_post_is_bad_and_says_what_to_allow(
    migrated_file: Path, accounts: Accounts, tmp_path: Path, told: Told
) -> None:
    accounts.discord.deny(accounts.channel, Permission.SEND_MESSAGES)
    with_destination(migrated_file, tmp_path, "discord", accounts.guild.id, accounts.channel.id)
    env = {**accounts.addresses(), "BUBBLEWATCH_DISCORD_TOKEN": accounts.discord.token}
    code, said = await told("doctor", env=env)
    assert code == 1
    assert "✗ Discord #alerts in “Fund”: nothing can be posted" in said
    assert "Send Messages" in said


async def test_a_scope_that_slack_did_not_give_is_named(
    accounts: Accounts, tmp_path: Path, told: Told
) -> None:
    accounts.slack.without_scope(accounts.team, "files:write")
    code, said = await told("doctor", env={**accounts.addresses(), **accounts.tokens()})
    assert code == 1
    assert "✗ Slack scopes: missing: files:write" in said
    assert "Reinstall to Workspace" in said


async def test_an_archived_slack_channel_is_bad(
    migrated_file: Path, accounts: Accounts, tmp_path: Path, told: Told
) -> None:
    with_destination(migrated_file, tmp_path, "slack", accounts.team.id, accounts.general.id)
    accounts.general.archived = True
    code, said = await told("doctor", env={**accounts.addresses(), **accounts.tokens()})
    assert code == 1
    assert "it is archived" in said


async def test_settings_of_slack_that_belong_together_are_asked_for_together(
    accounts: Accounts, tmp_path: Path, told: Told
) -> None:
    env = {**accounts.addresses(), "BUBBLEWATCH_SLACK_SIGNING_SECRET": "a" * 32}
    code, said = await told("doctor", env={**env, "BUBBLEWATCH_SLACK_CLIENT_ID": "1.2"})
    assert code == 1
    for name in ("PORT", "PUBLIC_URL", "SLACK_CLIENT_SECRET", "SECRET_KEY"):
        assert f"BUBBLEWATCH_{name}" in said


async def test_a_platform_that_cannot_be_reached_is_told_apart_from_a_wrong_token(
    tmp_path: Path, told: Told
) -> None:
    with DiscordEmulator() as gone:
        url, token = gone.api_url, gone.token
    env = {"BUBBLEWATCH_DISCORD_API_URL": url, "BUBBLEWATCH_DISCORD_TOKEN": token}
    code, said = await told("doctor", env=env)
    assert code == 1
    assert "Discord could not be asked" in said
    assert "does not take" not in said


async def test_a_database_of_a_newer_version_and_one_that_is_no_database_are_told(
    migrated_file: Path, tmp_path: Path, told: Told
) -> None:
    shutil.copy(migrated_file, tmp_path / "bubblewatch.db")
    with closing(sqlite3.connect(tmp_path / "bubblewatch.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    code, said = await told("doctor")
    assert code == 1
    assert "newer than this version knows" in said

    for ending in ("", "-wal", "-shm"):
        (tmp_path / f"bubblewatch.db{ending}").unlink(missing_ok=True)
    (tmp_path / "bubblewatch.db").write_text("this is no database, only words" * 100)
    code, said = await told("doctor")
    assert code == 1
    assert "cannot be read" in said


async def test_a_folder_that_cannot_be_written_and_an_unknown_apprise_url_are_bad(
    tmp_path: Path, told: Told
) -> None:
    (tmp_path / "file").write_text("")
    env = {
        "BUBBLEWATCH_DATA_DIR": str(tmp_path / "file" / "below"),
        "BUBBLEWATCH_APPRISE": '{"mail": "nonsense", "phone": "ntfy://topic"}',
        "BUBBLEWATCH_OPERATOR": "apprise:nobody",
    }
    code, said = await told("doctor", env=env)
    assert code == 1
    assert "✗ data folder" in said
    assert "✗ Apprise “mail”" in said
    assert "✓ Apprise “phone”" in said
    assert "✗ operator" in said


async def test_a_slack_that_cannot_be_reached_is_told_once(
    accounts: Accounts, tmp_path: Path, told: Told
) -> None:
    env = {**accounts.tokens(), "BUBBLEWATCH_SLACK_API_URL": "http://127.0.0.1:9/api/"}
    code, said = await told("doctor", env={**accounts.addresses(), **env})
    assert code == 1
    assert said.count("✗ Slack") == 1
    assert "Slack could not be asked" in said


@pytest.mark.parametrize("platform", ["discord", "slack"])
async def test_a_place_for_the_operator_that_is_not_there_is_bad_before_anything_is_told(
    accounts: Accounts, migrated_file: Path, tmp_path: Path, told: Told, platform: str
) -> None:
    shutil.copy(migrated_file, tmp_path / "bubblewatch.db")
    home = {"discord": accounts.guild.id, "slack": accounts.team.id}[platform]
    channel = {"discord": "999999999999999999", "slack": "C0GONE00000"}[platform]
    env = {**accounts.addresses(), **accounts.tokens()}
    code, said = await told(
        "doctor", env={**env, "BUBBLEWATCH_OPERATOR": f"{platform}:{home}:{channel}"}
    )
    assert code == 1
    assert re.search(f"✗ {platform.title()} channel {channel}", said)


async def test_the_settings_file_may_lie_elsewhere(
    accounts: Accounts, tmp_path: Path, told: Told
) -> None:
    file = tmp_path / "of-the-unit.env"
    env_file.write(file, accounts.tokens())
    code, said = await told("doctor", f"--file={file}", env=accounts.addresses())
    assert code == 0
    assert "✓ Slack app token" in said


def test_a_settings_file_that_is_not_there_is_a_mistake_in_the_call(tmp_path: Path) -> None:
    ended = ask(tmp_path, "doctor", "--file", str(tmp_path / "none.env"))
    assert ended.returncode == 2
    assert "none.env cannot be read: No such file or directory" in ended.stderr
