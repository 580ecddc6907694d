"""The server: one app of Slack's, installed in some workspaces, on a local port."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiohttp import web

from tests.emulators.server import Emulator
from tests.emulators.slack import delivery, doors
from tests.emulators.slack.bell import Bell
from tests.emulators.slack.calls import Called
from tests.emulators.slack.files import File, unknown_files
from tests.emulators.slack.interactions import Interaction, event_callback
from tests.emulators.slack.oauth import Browser, Consent
from tests.emulators.slack.rates import Rates
from tests.emulators.slack.request_url import Posted, RequestUrl, check_ssl, verify_url
from tests.emulators.slack.response_urls import ResponseUrl
from tests.emulators.slack.socket_mode import SocketMode
from tests.emulators.slack.troubles import Troubles
from tests.emulators.slack.views import Trigger
from tests.emulators.slack.world import Channel, Json, Team, Token, User, new_ts

T = TypeVar("T")

SCOPES = frozenset(
    (
        "app_mentions:read",
        "channels:history",
        "channels:join",
        "channels:read",
        "chat:write",
        "chat:write.public",
        "commands",
        "files:read",
        "files:write",
        "groups:history",
        "groups:read",
        "im:history",
        "im:read",
        "im:write",
        "pins:read",
        "pins:write",
        "usergroups:read",
        "users:read",
    )
)
"""What a workspace that needs no OAuth has granted."""


@dataclass
class SlackServer(Emulator):
    """See the package's docstring. Times are seconds; assign them before they matter."""

    app_id: str = "A0EMULATED"
    client_id: str = "1234567890.0987654321"
    client_secret: str = "emulated-client-secret"
    signing_secret: str = "emulated-signing-secret"
    app_token: str = "xapp-1-A0EMULATED-1-emulated"
    rotation: bool = False
    """Tokens from OAuth expire and come with a refresh token."""
    token_lifetime: float = 43_200
    trigger_lifetime: float = 3.0
    deadline: float = 3.0
    """How long Slack waits for an acknowledgement."""
    event_retries: tuple[float, ...] = (0.0, 60.0, 300.0)
    """The waits before an event that was not acknowledged is sent once more."""
    edit_window: float | None = None
    """How old a message may be and still be edited; None: for ever."""
    file_delay: float = 0.05
    """How long after completeUploadExternal a file is ready for blocks and channels."""
    command: str = "/bubble"
    redirect_url: str = ""
    """Where OAuth returns to when the app does not say."""

    teams: dict[str, Team] = field(default_factory=dict, init=False)
    tokens: dict[str, Token] = field(default_factory=dict, init=False)
    files: dict[str, File] = field(default_factory=dict, init=False)
    consents: dict[str, Consent] = field(default_factory=dict, init=False)
    refresh_tokens: dict[str, Token] = field(default_factory=dict, init=False)
    triggers: dict[str, Trigger] = field(default_factory=dict, init=False)
    response_urls: dict[str, ResponseUrl] = field(default_factory=dict, init=False)
    interactions: list[Interaction] = field(default_factory=list, init=False)
    calls: list[Called] = field(default_factory=list, init=False)
    deleted: list[Json] = field(default_factory=list, init=False)
    violations: list[str] = field(default_factory=list, init=False)
    """What was sent against Slack's documented limits."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.bell = Bell()
        self.rates = Rates()
        self.rates.enforce_tiers()
        self.sockets = SocketMode(self.bell, self._took)
        self.request_url = RequestUrl(self.bell, self._took)
        self.troubles = Troubles(self.bell)
        self.tokens[self.app_token] = Token(self.app_token, "app")

    @property
    def api_url(self) -> str:
        """The base address for slack-sdk: ends with /api/."""
        return f"{self.url}/api/"

    @property
    def authorize_url(self) -> str:
        """Where the install page sends a browser; it consents for the only or the last team."""
        return f"{self.url}/oauth/v2/authorize"

    def routes(self) -> list[web.RouteDef]:
        return doors.routes(self)

    def stop(self) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.troubles.release)
        super().stop()

    # -- workspaces and tokens

    def add_team(self, name: str, *, installed: bool = True) -> Team:
        """`installed`: with a bot token at once, as a workspace that needs no OAuth."""
        team = Team(name, app_id=self.app_id, installed=installed)
        self.teams[team.id] = team
        if installed:
            team.bot_token = self.issue_token(team).value
        return team

    def issue_token(self, team: Team, *, expires_in: float | None = None) -> Token:
        return delivery.issue_token(self, team, SCOPES, expires_in)

    def token_of(self, team: Team) -> Token:
        return self.tokens[team.bot_token]

    def without_scope(self, team: Team, *scopes: str) -> None:
        """From now on the team's tokens lack these."""
        for token in self.tokens.values():
            if token.team is team and token.scopes is not None:
                token.scopes -= set(scopes)

    def refuse_token(self, team: Team, error: str | None) -> None:
        """Every token of the team gets this (`account_inactive`, `token_revoked`…; None: no)."""
        for token in self.tokens.values():
            if token.team is team:
                token.error = error

    def browser(self) -> Browser:
        """Someone's browser, with its cookies, for OAuth."""
        return Browser(self)

    # -- what Slack tells of a workspace

    def event(
        self,
        team: Team,
        event: Json,
        *,
        user: User | None = None,
        channel: Channel | None = None,
    ) -> Interaction:
        """Any event, in its wrapper."""
        body = event_callback(team, {**event, "event_ts": event.get("event_ts") or new_ts()})
        told = Interaction("events_api", body, team, user=user, channel=channel)
        return self.deliver(told)

    def uninstall(self, team: Team) -> tuple[Interaction, Interaction]:
        """Both events that Slack sends, in no promised order: tokens_revoked, app_uninstalled."""
        revoked = self.revoke_tokens(team)
        team.installed = False
        return revoked, self.event(team, {"type": "app_uninstalled"})

    def revoke_tokens(self, team: Team) -> Interaction:
        for token in list(self.tokens.values()):
            if token.team is team:
                token.error = "account_inactive" if token.kind == "bot" else "token_revoked"
        tokens = {"oauth": [], "bot": [team.bot.id]}
        return self.event(team, {"type": "tokens_revoked", "tokens": tokens})

    # -- what was asked

    def calls_of(self, method: str) -> list[Called]:
        return [call for call in list(self.calls) if call.method == method]

    async def until(self, seen: Callable[[], T], within: float = 10, what: str = "") -> T:
        """What `seen` gives as soon as it is true."""
        return await self.bell.until(seen, within, what)

    def wait_until(self, seen: Callable[[], T], within: float = 10, what: str = "") -> T:
        return self.bell.wait_until(seen, within, what)

    async def connected(self, sockets: int = 1, within: float = 10) -> None:
        await self.until(lambda: len(self.sockets.live()) >= sockets, within, "no socket")

    # -- HTTP mode

    async def verify_url(self) -> Posted:
        return await self.there(verify_url(self.request_url, self.signing_secret))

    async def check_ssl(self) -> Posted:
        return await self.there(check_ssl(self.request_url, self.signing_secret))

    async def replay(self, posted: Posted) -> Posted:
        """A request of before once more, byte for byte."""
        return await self.there(self.request_url.post_exactly(posted.body, posted.headers))

    # -- its own loop

    def deliver(self, interaction: Interaction) -> Interaction:
        interaction.bell.above = self.bell
        self.interactions.append(interaction)
        self.run(delivery.deliver(self, interaction))
        return interaction

    def run(self, work: Coroutine[Any, Any, T]) -> Any:
        """Begin it on the emulator's loop; the concurrent future of its result."""
        assert self._loop is not None, "the emulator is not started"
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def there(self, work: Coroutine[Any, Any, T]) -> T:
        result: T = await asyncio.wrap_future(self.run(work))
        return result

    def on_loop(self, act: Callable[[], object]) -> None:
        assert self._loop is not None, "the emulator is not started"
        self._loop.call_soon_threadsafe(act)

    def later(self, seconds: float, act: Callable[[], object]) -> None:
        """On the emulator's loop."""
        assert self._loop is not None
        loop = self._loop
        self.on_loop(lambda: loop.call_later(seconds, act))

    def _took(self, interaction: Interaction, payload: Json | None) -> None:
        delivery.took(self, interaction, payload)

    @property
    def ended(self) -> bool:
        return self._ended is not None and self._ended.is_set()

    def unknown_files(self, blocks: object, at: str) -> list[str]:
        return unknown_files(self, blocks, at)

    def attribute(self, message: Json, user: User, channel: Channel) -> None:
        """A message for one person answers what that person did last in that channel."""
        for interaction in reversed(list(self.interactions)):
            if interaction.user is user and interaction.channel is channel:
                interaction.responses.append(message)
                interaction.bell.ring()
                return

    def new_trigger(self, interaction: Interaction) -> str:
        trigger_id = f"{secrets.randbelow(10**9)}.{secrets.randbelow(10**9)}.{self.new_secret()}"
        self.triggers[trigger_id] = Trigger(interaction)
        return trigger_id

    def new_secret(self) -> str:
        return secrets.token_hex(12)
