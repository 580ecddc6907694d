"""HTTP mode: signatures, replays, workspaces that install us, tokens that rotate."""

from __future__ import annotations

import asyncio
import shutil
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from pydantic import SecretStr

from alerts.clock import SystemClock
from alerts.store import credentials
from bot.platforms import PlatformRefused
from bot.platforms.slack.workspaces import PLATFORM
from bot.settings import Settings
from tests.emulators.slack import SlackEmulator
from tests.emulators.slack.request_url import signed
from tests.platforms.slack.conftest import Acme
from tests.platforms.slack.office import SECRET, Office, database_at, settings_of, words


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def http_settings(slack: SlackEmulator, port: int, **more: object) -> Settings:
    return settings_of(
        slack,
        None,
        slack_signing_secret=SecretStr(slack.signing_secret),
        slack_client_id=slack.client_id,
        slack_client_secret=SecretStr(slack.client_secret),
        public_url=f"http://127.0.0.1:{port}",
        port=port,
        **more,
    )


@pytest.fixture
async def shop(slack: SlackEmulator, seeded: Path, tmp_path: Path) -> AsyncIterator[Office]:
    """Open for installations, on a port of its own; nobody has installed anything yet."""
    path = tmp_path / "shop.db"
    shutil.copy(seeded, path)
    database = database_at(path)
    port = free_port()
    slack.request_url.url = f"http://127.0.0.1:{port}/slack/events"
    office = Office(slack, database, http_settings(slack, port), SystemClock())
    running = asyncio.create_task(office.platform.run())
    await listening(port, running)
    yield office
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await office.close()
    assert slack.violations == []


async def listening(port: int, running: asyncio.Task[None]) -> None:
    """Until somebody can connect."""
    while not running.done():
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionError:
            await asyncio.sleep(0.01)
        else:
            writer.close()
            return
    running.result()


def install_address(office: Office) -> str:
    return f"{str(office.settings.public_url).rstrip('/')}/slack/install"


async def test_a_workspace_installs_and_asks(shop: Office, slack: SlackEmulator) -> None:
    team = slack.add_team("Acme", installed=False)
    ann, general = team.add_user("Ann", admin=True), team.add_channel("general")
    page = await slack.browser().install(install_address(shop), team)
    assert page.status == 200
    asked = slack.slash(team, general, ann, "show nvda")
    assert (await asked.acknowledged()).after_seconds < 1
    assert "Nvidia" in words(await asked.answered())


async def test_one_workspace_by_its_token_needs_no_installation(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    port = free_port()
    office.settings.slack_app_token = None
    office.settings.slack_signing_secret = SecretStr(slack.signing_secret)
    office.settings.port = port
    slack.request_url.url = f"http://127.0.0.1:{port}/slack/events"
    running = asyncio.create_task(office.platform.run())
    await listening(port, running)
    asked = slack.slash(acme.team, acme.general, acme.ben, "show nvda")
    assert "Nvidia" in words(await asked.answered())
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@asynccontextmanager
async def shared_server(office: Office, slack: SlackEmulator) -> AsyncIterator[None]:
    """The doors in a server of somebody else's, where Slack calls from now on."""
    office.settings.slack_app_token = None
    office.settings.slack_signing_secret = SecretStr(slack.signing_secret)
    office.settings.port = free_port()
    application = web.Application()
    application.add_routes(office.platform.doors())
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    slack.request_url.url = f"http://127.0.0.1:{runner.addresses[0][1]}/slack/events"
    async with office.platform.open():
        yield
        await runner.cleanup()


async def test_the_door_can_stand_in_a_server_that_is_shared_with_others(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    async with shared_server(office, slack):
        running = asyncio.create_task(office.platform.run())
        await slack.until(lambda: slack.calls_of("auth.test"), 5)
        asked = slack.slash(acme.team, acme.general, acme.ben, "show nvda")
        assert "Nvidia" in words(await asked.answered())
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_a_replica_without_the_connection_answers_people_too(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    async with shared_server(office, slack):
        asked = slack.slash(acme.team, acme.general, acme.ann, "alert add nvda above 6.5T")
        assert "Nvidia" in words(await asked.answered())
        last = slack.slash(acme.team, acme.general, acme.ann, "alert list")
        await last.acknowledged()
    # The server is gone, and what it had taken is answered all the same.
    assert "6.5" in words(await last.answered())


async def test_with_sockets_there_is_no_door(office: Office) -> None:
    assert list(office.platform.doors()) == []


async def test_many_workspaces_by_socket_are_refused_with_the_way_out(
    office: Office, slack: SlackEmulator
) -> None:
    office.settings.slack_bot_token = None
    office.settings.slack_client_id = slack.client_id
    with pytest.raises(PlatformRefused, match="SLACK_SIGNING_SECRET in the place of"):
        await office.another_platform().run()


async def test_two_workspaces_have_tokens_of_their_own(shop: Office, slack: SlackEmulator) -> None:
    for name in ("Acme", "Umbrella"):
        team = slack.add_team(name, installed=False)
        channel = team.add_channel("general")
        await slack.browser().install(install_address(shop), team)
        await shop.platform.post(await shop.message(team, channel.id))
        assert len(channel.messages) == 1
        assert slack.calls_of("chat.postMessage")[-1].bearer == team.bot_token


async def test_what_is_kept_of_a_workspace_cannot_be_read_from_the_database(
    shop: Office, slack: SlackEmulator
) -> None:
    team = slack.add_team("Acme", installed=False)
    await slack.browser().install(install_address(shop), team)
    async with shop.database.read() as connection:
        sealed = await credentials.load(connection, PLATFORM, team.id)
    assert sealed is not None
    assert team.bot_token.encode() not in sealed
    # Another process with the same key goes on with it.
    channel = team.add_channel("general")
    await shop.another_platform().post(await shop.message(team, channel.id))
    assert len(channel.messages) == 1


async def test_after_the_key_was_changed_the_old_one_still_opens(
    shop: Office, slack: SlackEmulator
) -> None:
    team = slack.add_team("Acme", installed=False)
    await slack.browser().install(install_address(shop), team)
    channel = team.add_channel("general")
    shop.settings.secret_key = SecretStr(f"{SECRET[::-1]},{SECRET}")
    await shop.another_platform().post(await shop.message(team, channel.id))
    assert len(channel.messages) == 1


@pytest.mark.parametrize("how", ["another_browser", "forged_state", "twice"])
async def test_an_installation_that_nobody_here_began_is_refused(
    shop: Office, slack: SlackEmulator, how: str
) -> None:
    team = slack.add_team("Acme", installed=False)
    browser = slack.browser()
    back = await browser.agree(install_address(shop), team)
    cookies = dict(browser.cookies)
    if how == "another_browser":
        answer = await slack.browser().get(back)
    elif how == "forged_state":
        answer = await browser.get(back.replace("state=", "state=x"))
    else:
        assert (await browser.get(back)).status == 200
        browser.cookies = cookies
        answer = await browser.get(back)
    assert answer.status in (400, 401)
    async with shop.database.read() as connection:
        known = await credentials.workspaces_of(connection, PLATFORM)
    assert known == ([team.id] if how == "twice" else [])


async def test_a_token_is_renewed_before_it_runs_out_once_for_all_who_need_it(
    shop: Office, slack: SlackEmulator
) -> None:
    slack.rotation = True
    slack.token_lifetime = 3600
    team = slack.add_team("Acme", installed=False)
    await slack.browser().install(install_address(shop), team)
    channels = [team.add_channel(f"room-{n}") for n in range(5)]
    slack.token_lifetime = 43_200
    messages = [await shop.message(team, channel.id) for channel in channels]
    first = team.bot_token
    await asyncio.gather(*(shop.platform.post(message) for message in messages))
    refreshes = [
        call
        for call in slack.calls_of("oauth.v2.access")
        if call.arguments.get("grant_type") == "refresh_token"
    ]
    assert len(refreshes) == 1
    assert {call.bearer for call in slack.calls_of("chat.postMessage")} == {team.bot_token}
    assert team.bot_token != first


async def test_a_token_that_ran_out_unexpectedly_is_renewed_and_the_message_goes_out(
    shop: Office, slack: SlackEmulator
) -> None:
    slack.rotation = True
    team = slack.add_team("Acme", installed=False)
    await slack.browser().install(install_address(shop), team)
    channel = team.add_channel("general")
    slack.token_of(team).expires_at = 1.0
    await shop.platform.post(await shop.message(team, channel.id))
    assert len(channel.messages) == 1


async def test_while_slack_does_not_renew_a_token_that_still_lives_it_is_used(
    shop: Office, slack: SlackEmulator
) -> None:
    slack.rotation = True
    slack.token_lifetime = 3600
    team = slack.add_team("Acme", installed=False)
    await slack.browser().install(install_address(shop), team)
    channel = team.add_channel("general")
    slack.break_with("oauth.v2.access", 503, times=None)
    await shop.platform.post(await shop.message(team, channel.id))
    assert len(channel.messages) == 1


async def test_r25_a_workspace_that_removes_us_is_forgotten_and_may_come_back(
    shop: Office, slack: SlackEmulator
) -> None:
    team = slack.add_team("Acme", installed=False)
    await slack.browser().install(install_address(shop), team)
    channel = team.add_channel("general")
    await shop.home(team, channel.id)
    for told in slack.uninstall(team):
        await told.acknowledged()
    await shop.platform.at_rest()
    assert (await shop.destination(team, channel.id)).off_reason is not None
    async with shop.database.read() as connection:
        assert await credentials.load(connection, PLATFORM, team.id) is None
    await slack.browser().install(install_address(shop), team)
    assert (await shop.destination(team, channel.id)).off_reason is None
    await shop.platform.post(await shop.message(team, channel.id))
    assert len(channel.messages) == 1


async def test_the_address_proves_itself_to_slack(shop: Office, slack: SlackEmulator) -> None:
    posted = await slack.verify_url()
    assert posted.status == 200
    assert "3eZbrw1aB" in posted.answer


async def test_a_forged_signature_is_refused(shop: Office, slack: SlackEmulator) -> None:
    team = slack.add_team("Acme")
    ann, general = team.add_user("Ann"), team.add_channel("general")
    slack.request_url.sign_wrongly = 1
    asked = slack.slash(team, general, ann, "show nvda")
    await slack.until(lambda: asked.failure, 5)
    assert "401" in str(asked.failure)


@pytest.mark.parametrize("seconds", [301, 3600])
async def test_an_old_request_is_refused_though_its_signature_is_right(
    shop: Office, slack: SlackEmulator, seconds: int
) -> None:
    team = slack.add_team("Acme")
    ann, general = team.add_user("Ann"), team.add_channel("general")
    slack.request_url.seconds_old = seconds
    asked = slack.slash(team, general, ann, "show nvda")
    await slack.until(lambda: asked.failure, 5)
    assert "401" in str(asked.failure)


async def test_a_body_that_was_changed_is_refused(shop: Office, slack: SlackEmulator) -> None:
    headers = signed(b"text=show", slack.signing_secret, int(time.time()))
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    posted = await slack.there(slack.request_url.post_exactly(b"text=subscribe", headers))
    assert posted.status == 401


async def test_a_recorded_request_that_is_sent_again_does_nothing(
    shop: Office, slack: SlackEmulator
) -> None:
    team = slack.add_team("Acme", installed=False)
    ann, general = team.add_user("Ann", admin=True), team.add_channel("general")
    await slack.browser().install(install_address(shop), team)
    asked = slack.slash(team, general, ann, "alert add nvda above 6.5T")
    await asked.answered()
    recorded = slack.request_url.posted[-1]
    again = await slack.replay(recorded)
    assert again.status == 200
    await slack.slash(team, general, ann, "alert list").answered()
    assert len(asked.responses) == 1


async def test_a_workspace_that_has_not_installed_us_is_answered_politely(
    shop: Office, slack: SlackEmulator
) -> None:
    team = slack.add_team("Stranger")
    ann, general = team.add_user("Ann"), team.add_channel("general")
    asked = slack.slash(team, general, ann, "show nvda")
    await asked.acknowledged()


async def test_a_port_that_is_taken_is_told_to_the_operator(office: Office, acme: Acme) -> None:
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))
        taken.listen()
        port = taken.getsockname()[1]
        office.settings.slack_app_token = None
        office.settings.slack_signing_secret = SecretStr("secret")
        office.settings.port = port
        with pytest.raises(PlatformRefused, match=f"port {port}"):
            await office.another_platform().run()


async def test_a_secret_key_that_is_too_short_is_told_to_the_operator(shop: Office) -> None:
    shop.settings.secret_key = SecretStr("short")
    with pytest.raises(PlatformRefused, match="32 or more characters"):
        await shop.another_platform().run()
