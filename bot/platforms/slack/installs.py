"""Workspaces that install us by OAuth: Bolt's flow, with states and tokens under our seal.

https://docs.slack.dev/authentication/installing-with-oauth
"""

from __future__ import annotations

import logging
import secrets
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from slack_bolt.oauth.async_callback_options import (
    AsyncCallbackOptions,
    AsyncFailureArgs,
    AsyncSuccessArgs,
)
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.response import BoltResponse
from slack_sdk.oauth.installation_store import Installation as SlackInstallation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore

from alerts.clock import Clock
from bot.platforms.slack.calls import OFFICIAL, sdk_logger
from bot.platforms.slack.workspaces import PLATFORM, Installation, ManyWorkspaces
from bot.presence import Presence
from bot.sealing import Seal, SealBroken

if TYPE_CHECKING:
    from slack_sdk.web.async_client import AsyncWebClient

log = logging.getLogger(__name__)

INSTALL_PATH = "/slack/install"
REDIRECT_PATH = "/slack/oauth_redirect"
STATE_LIVES = timedelta(minutes=10)
SCOPES = (
    "channels:history",
    "channels:join",
    "channels:read",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:write",
    "pins:write",
    "usergroups:read",
    "users:read",
)
"""The same as in deploy/slack-manifest.json."""


class SealedStates(AsyncOAuthStateStore):
    """States that need no table: a seal says that they are ours and how old they are.

    Bolt binds each to the browser by a cookie. Those that were used are remembered until they
    would have run out.
    """

    def __init__(self, seal: Seal, clock: Clock) -> None:
        self._seal = seal
        self._clock = clock
        self._used: dict[str, datetime] = {}

    @property
    def logger(self) -> logging.Logger:
        return log

    async def async_issue(self, *args: object, **kwargs: object) -> str:
        sealed = self._seal.seal(secrets.token_bytes(16), self._clock.now())
        return sealed.decode().rstrip("=")

    async def async_consume(self, state: str) -> bool:
        now = self._clock.now()
        self._used = {one: until for one, until in self._used.items() if until > now}
        try:
            self._seal.open((state + "=" * (-len(state) % 4)).encode(), now, STATE_LIVES)
        except SealBroken:
            return False
        if state in self._used:
            return False
        self._used[state] = now + STATE_LIVES
        return True


class SealedInstallations(AsyncInstallationStore):
    """Where Bolt's flow puts a workspace that has installed us."""

    def __init__(self, workspaces: ManyWorkspaces, presence: Presence) -> None:
        self._workspaces = workspaces
        self._presence = presence

    @property
    def logger(self) -> logging.Logger:
        return log

    async def async_save(self, installation: SlackInstallation) -> None:
        """Kept; what was switched off when it left is on again."""
        assert installation.team_id is not None
        expires = installation.bot_token_expires_at
        await self._workspaces.keep(
            Installation(
                installation.team_id,
                installation.bot_token or "",
                installation.bot_user_id or "",
                installation.bot_id or "",
                installation.bot_refresh_token,
                None if expires is None else float(expires),
            )
        )
        await self._presence.back(PLATFORM, installation.team_id)


def oauth_flow(
    client: AsyncWebClient,
    client_id: str,
    client_secret: str,
    public_url: str,
    states: SealedStates,
    installations: SealedInstallations,
) -> AsyncOAuthFlow:
    """A page with a button, the way to Slack and back, and a page that says how it went."""
    return AsyncOAuthFlow(
        client=client,
        logger=sdk_logger(),
        settings=AsyncOAuthSettings(
            client_id=client_id,
            client_secret=client_secret,
            scopes=SCOPES,
            user_scopes=(),
            redirect_uri=public_url.rstrip("/") + REDIRECT_PATH,
            install_path=INSTALL_PATH,
            redirect_uri_path=REDIRECT_PATH,
            authorization_url=authorization_url(client.base_url),
            installation_store=installations,
            installation_store_bot_only=True,
            state_store=states,
            state_expiration_seconds=int(STATE_LIVES.total_seconds()),
            callback_options=AsyncCallbackOptions(success=_installed, failure=_not_installed),
        ),
    )


def authorization_url(api_url: str) -> str:
    """Where people consent: beside the API, wherever that is."""
    if api_url == OFFICIAL:
        return "https://slack.com/oauth/v2/authorize"
    parts = urlsplit(api_url)
    return f"{parts.scheme}://{parts.netloc}/oauth/v2/authorize"


async def _installed(args: AsyncSuccessArgs) -> BoltResponse:
    log.warning("slack: %s has installed bubblewatch", args.installation.team_id)
    response: BoltResponse = await args.default.success(args)
    return response


async def _not_installed(args: AsyncFailureArgs) -> BoltResponse:
    log.warning("slack: an installation failed: %s", args.reason)
    response: BoltResponse = await args.default.failure(args)
    return response
