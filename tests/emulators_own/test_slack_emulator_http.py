"""HTTP mode and OAuth, with the real Bolt's own server, signature check and install flow."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from slack_bolt.async_app import AsyncApp
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.authorize_url_generator import AuthorizeUrlGenerator
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.installation_store.models import Bot, Installation
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient

from tests.emulators.slack import Channel, SlackEmulator, Team, User


class Installations(AsyncInstallationStore):
    """In memory."""

    def __init__(self) -> None:
        self.by_team: dict[str, Installation] = {}

    async def async_save(self, installation: Installation) -> None:
        self.by_team[installation.team_id or ""] = installation

    async def async_find_bot(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        is_enterprise_install: bool | None = False,
    ) -> Bot | None:
        found = self.by_team.get(team_id or "")
        return found.to_bot() if found else None

    async def async_find_installation(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None = None,
        is_enterprise_install: bool | None = False,
    ) -> Installation | None:
        return self.by_team.get(team_id or "")


class States(AsyncOAuthStateStore):
    """In memory."""

    def __init__(self) -> None:
        self.open: set[str] = set()

    async def async_issue(self, *args: Any, **kwargs: Any) -> str:
        self.open.add("state-1")
        return "state-1"

    async def async_consume(self, state: str) -> bool:
        found = state in self.open
        self.open.discard(state)
        return found


class App:
    """A Bolt app behind an HTTP server of its own."""

    def __init__(self, slack: SlackEmulator) -> None:
        self.slack = slack
        self.store = Installations()
        client = AsyncWebClient(base_url=slack.api_url)
        settings = AsyncOAuthSettings(
            client_id=slack.client_id,
            client_secret=slack.client_secret,
            scopes=["commands", "chat:write"],
            installation_store=self.store,
            state_store=States(),
            install_page_rendering_enabled=True,
        )
        settings.authorize_url_generator = AuthorizeUrlGenerator(
            client_id=slack.client_id,
            redirect_uri=None,
            scopes=["commands", "chat:write"],
            authorization_url=slack.authorize_url,
        )
        self.bolt = AsyncApp(
            signing_secret=slack.signing_secret,
            client=client,
            oauth_flow=AsyncOAuthFlow(client=client, settings=settings),
        )
        self.bolt.command("/bubble")(self.command)
        self.bolt.event("app_uninstalled")(self.event)
        self.heard: list[str] = []
        self.url = ""

    async def command(self, ack: Any, respond: Any, body: dict[str, Any]) -> None:
        await ack("at once")
        await respond(f"you said {body['text']}", response_type="in_channel")

    async def event(self, event: dict[str, Any]) -> None:
        self.heard.append(event["type"])
        self.slack.bell.ring()

    async def install(self, name: str) -> tuple[Team, User, Channel]:
        team = self.slack.add_team(name, installed=False)
        user = team.add_user("Alice")
        channel = team.add_channel("general", creator=user)
        page = await self.slack.browser().install(f"{self.url}/slack/install", team)
        assert page.status == 200, page.text
        return team, user, channel


@pytest.fixture
async def app() -> AsyncIterator[App]:
    with SlackEmulator() as slack:
        slack.deadline = slack.request_url.deadline = 60
        app = App(slack)
        runner = web.AppRunner(app.bolt.server(port=0).web_app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        app.url = f"http://{host}:{port}"
        slack.request_url.url = f"{app.url}/slack/events"
        slack.redirect_url = f"{app.url}/slack/oauth_redirect"
        yield app
        await runner.cleanup()


async def test_the_request_url_answers_the_challenge_and_the_ssl_check(app: App) -> None:
    answered = await app.slack.verify_url()
    assert (answered.status, "3eZbrw1aB" in answered.answer) == (200, True)
    assert (await app.slack.check_ssl()).status == 200


async def test_two_workspaces_install_and_each_is_answered_with_its_own_token(app: App) -> None:
    for name in ("Acme", "Umbrella"):
        team, user, channel = await app.install(name)
        asked = app.slack.slash(team, channel, user, name)
        await asked.until(lambda asked=asked: len(asked.responses) == 2)  # type: ignore[misc]
        said = {message["text"] for message in asked.responses}
        assert said == {"at once", f"you said {name}"}
        assert [m["text"] for m in channel.messages] == [f"you said {name}"]
    tokens = {installation.bot_token for installation in app.store.by_team.values()}
    assert tokens == {team.bot_token for team in app.slack.teams.values()}
    assert len(tokens) == 2


async def test_somebody_who_declines_is_told_so(app: App) -> None:
    team = app.slack.add_team("Acme", installed=False)
    page = await app.slack.browser().install(f"{app.url}/slack/install", team, deny=True)
    assert "access_denied" in page.text
    assert app.store.by_team == {}


async def test_another_browser_cannot_end_an_installation(app: App) -> None:
    team = app.slack.add_team("Acme", installed=False)
    back = await app.slack.browser().agree(f"{app.url}/slack/install", team)
    page = await app.slack.browser().get(back)
    assert page.status == 400
    assert app.store.by_team == {}


async def test_forged_old_and_replayed_requests_are_made_as_an_attacker_makes_them(
    app: App,
) -> None:
    team, user, channel = await app.install("Acme")
    app.slack.request_url.sign_wrongly = 1
    forged = app.slack.slash(team, channel, user, "x")
    await app.slack.until(lambda: forged.failure)
    assert forged.attempts[0].status == 401
    app.slack.request_url.seconds_old = 301
    old = app.slack.slash(team, channel, user, "x")
    await app.slack.until(lambda: old.failure)
    assert old.attempts[0].status == 401
    app.slack.request_url.seconds_old = 0
    good = app.slack.slash(team, channel, user, "x")
    await good.acknowledged()
    again = await app.slack.replay(app.slack.request_url.posted[-1])
    assert again.status == 200  # Bolt takes a replay within five minutes


async def test_r25_an_uninstall_is_told_with_both_events(app: App) -> None:
    team, _, channel = await app.install("Acme")
    client = AsyncWebClient(team.bot_token, base_url=app.slack.api_url)
    app.slack.event_retries = ()
    _, gone = app.slack.uninstall(team)
    await gone.acknowledged()
    with pytest.raises(SlackApiError, match="account_inactive"):
        await client.chat_postMessage(channel=channel.id, text="x")
    assert team.installed is False


async def test_events_that_are_not_taken_are_tried_again_with_their_number(app: App) -> None:
    team, user, channel = await app.install("Acme")
    app.slack.event_retries = (0.0, 0.0)
    app.slack.request_url.sign_wrongly = 2
    told = app.slack.archive(team, channel)
    await app.slack.until(lambda: len(told.attempts) == 3)
    numbers = [attempt.headers.get("X-Slack-Retry-Num") for attempt in told.attempts]
    assert numbers == [None, "1", "2"]
    assert user.id in channel.members


class Rotating:
    def __init__(self, slack: SlackEmulator) -> None:
        self.slack = slack
        self.client = AsyncWebClient(base_url=slack.api_url)
        self.who = {"client_id": slack.client_id, "client_secret": slack.client_secret}

    async def refresh(self, token: str) -> Any:
        return await self.client.oauth_v2_access(
            **self.who, grant_type="refresh_token", refresh_token=token
        )


async def consented(slack: SlackEmulator) -> tuple[Team, str]:
    """The code that a browser brings back from the consent page."""
    team = slack.add_team("Acme", installed=False)
    slack.redirect_url = "http://127.0.0.1/back"
    query = {"client_id": slack.client_id, "scope": "chat:write", "state": "s"}
    async with (
        aiohttp.ClientSession() as session,
        session.get(slack.authorize_url, params=query, allow_redirects=False) as response,
    ):
        back = response.headers["Location"]
    assert back.endswith("&state=s")
    return team, back.partition("code=")[2].partition("&")[0]


async def test_a_code_works_once(app: App) -> None:
    rotating = Rotating(app.slack)
    _, code = await consented(app.slack)
    granted = await rotating.client.oauth_v2_access(**rotating.who, code=code)
    assert (granted["scope"], "refresh_token" in granted.data) == ("chat:write", False)
    for wrong, error in ((code, "code_already_used"), ("x", "invalid_code")):
        with pytest.raises(SlackApiError, match=error):
            await rotating.client.oauth_v2_access(**rotating.who, code=wrong)


async def test_tokens_rotate_and_a_refresh_token_works_once(app: App) -> None:
    app.slack.rotation = True
    rotating = Rotating(app.slack)
    team, code = await consented(app.slack)
    first = await rotating.client.oauth_v2_access(**rotating.who, code=code)
    assert first["expires_in"] == 43_200
    second = await rotating.refresh(first["refresh_token"])
    assert second["access_token"] == team.bot_token != first["access_token"]
    with pytest.raises(SlackApiError, match="invalid_refresh_token"):
        await rotating.refresh(first["refresh_token"])
    app.slack.token_of(team).expires_at = time.time() - 1
    with pytest.raises(SlackApiError, match="token_expired"):
        await rotating.client.auth_test(token=second["access_token"])
    assert (await rotating.client.auth_test(token=first["access_token"]))["ok"]


async def test_a_lasting_token_is_exchanged_for_one_that_rotates(app: App) -> None:
    rotating = Rotating(app.slack)
    team = app.slack.add_team("Acme")
    lasting = team.bot_token
    new = await rotating.client.oauth_v2_exchange(**rotating.who, token=lasting)
    assert new["access_token"].startswith("xoxe.xoxb-")
    with pytest.raises(SlackApiError, match="token_revoked"):
        await rotating.client.auth_test(token=lasting)


async def test_many_commands_at_once_are_all_acknowledged(app: App) -> None:
    team, user, channel = await app.install("Acme")
    asked = [app.slack.slash(team, channel, user, str(n)) for n in range(50)]
    acks = await asyncio.gather(*(one.acknowledged() for one in asked))
    assert len(acks) == 50
