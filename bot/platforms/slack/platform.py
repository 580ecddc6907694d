"""Slack as a platform: its parts put together, and its connection."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from typing import TYPE_CHECKING

from alerts.platform import Message, TemporaryFailure
from alerts.store.destinations import Place
from bot.platforms import Context, PlatformRefused
from bot.platforms.slack.arrivals import Arrivals
from bot.platforms.slack.calls import SlackCalls, TeamCalls, introduced, sdk_logger
from bot.platforms.slack.conversation import Conversation
from bot.platforms.slack.doings import Doings, Work
from bot.platforms.slack.errors import SlackRefused
from bot.platforms.slack.home import Home
from bot.platforms.slack.modals import Modals
from bot.platforms.slack.people import People
from bot.platforms.slack.posts import Posts
from bot.platforms.slack.workspaces import PLATFORM, ManyWorkspaces, OneWorkspace, Workspaces
from bot.sealing import KeyTooShort, Seal
from bot.settings import Settings

if TYPE_CHECKING:
    from aiohttp import web
    from pydantic import SecretStr
    from slack_bolt.app.async_app import AsyncApp
    from slack_bolt.authorization import AuthorizeResult
    from slack_bolt.authorization.async_authorize_args import AsyncAuthorizeArgs

    from bot.platforms.slack.sockets import Sockets

log = logging.getLogger(__name__)


class SlackPlatform:
    """Posts, finds and edits; `run` keeps the connection and answers people.

    One workspace by its bot token, or many by OAuth; by sockets with an app token, else by HTTP.
    """

    name = PLATFORM

    def __init__(self, context: Context) -> None:
        self._context = context
        self._settings = context.settings
        self._clock = context.clock
        url = context.settings.slack_api_url
        self._calls = SlackCalls(None if url is None else str(url))
        self._bot_token = _secret(context.settings.slack_bot_token)
        self._workspaces = self._made_workspaces()
        self._call = TeamCalls(self._calls, self._workspaces)
        self._people = People(self._call, context.services.database, self._clock)
        self._posts = Posts(self._call, context.compose)
        self._work = Work()
        self._sockets: Sockets | None = None
        self._app: AsyncApp | None = None
        self._door_is_elsewhere = False

    async def post(self, message: Message) -> str:
        return await self._posts.post(await self._with_name(message))

    async def _with_name(self, message: Message) -> Message:
        """A notice about another channel calls it as people do, where Slack still knows it."""
        channel = message.notice.get("channel")
        if channel is None:
            return message
        team = message.destination.place.workspace
        called = await self._people.channel_called(team, channel)
        if called is None:
            return message
        return replace(message, notice={**message.notice, "called": called})

    async def find(self, message: Message) -> str | None:
        return await self._posts.find(message)

    async def edit(self, message: Message) -> None:
        await self._posts.edit(message)

    def person(self, place: Place, user: str) -> Place:
        return Place(PLATFORM, place.workspace, user)

    async def run(self) -> None:
        """Until cancelled. Raises PlatformRefused when a setting is missing or Slack refuses it."""
        _complete(self._settings)
        if isinstance(self._workspaces, OneWorkspace):
            await self._introduced(self._workspaces)
        try:
            if self._door_is_elsewhere:
                await asyncio.Event().wait()
            async with self.open():
                if self._settings.slack_app_token is not None:
                    await self._by_sockets(self._settings.slack_app_token)
                else:
                    await self._by_http()
        finally:
            await self.close()

    async def close(self) -> None:
        """Give back the connections; the next call opens them again."""
        await self._calls.close()

    async def at_rest(self) -> None:
        """Until everything that people did so far is answered."""
        if self._sockets is not None:
            await self._sockets.handed_on()
        await self._work.rest()

    def doors(self) -> Sequence[web.RouteDef]:
        """What the HTTP mode answers, for a server that is shared with others: whoever takes them
        serves them within `open`, and `run` opens no port. None in Socket Mode.

        People are answered by whichever replica Slack's request reaches, connected or not.
        """
        if self._settings.slack_app_token is not None:
            return ()
        try:
            _complete(self._settings)
        except PlatformRefused:
            # `run` tells the operator.
            return ()
        self._door_is_elsewhere = True
        return self._routes()

    def open(self) -> AbstractAsyncContextManager[object]:
        """While people's requests are taken: answers in hand at the end are waited for."""
        return self._work

    def _bolt(self) -> AsyncApp:
        """The Bolt app with all listeners."""
        if self._app is None:
            self._app = self._made_app()
        return self._app

    def _made_app(self) -> AsyncApp:
        from slack_bolt.app.async_app import AsyncApp

        async def authorize(args: AsyncAuthorizeArgs) -> AuthorizeResult | None:
            # A function, because Bolt passes a method its own name for `self`.
            return await self._authorize(args)

        app = AsyncApp(
            name="bubblewatch",
            logger=sdk_logger(),
            signing_secret=_secret(self._settings.slack_signing_secret) or "",
            client=self._calls.client(),
            authorize=authorize,  # type: ignore[arg-type] # None: not ours
        )
        services = self._context.services
        conversation = Conversation(self._call, self._people, services)
        home = Home(self._call, conversation)
        modals = Modals(self._call, conversation, home)
        arrivals = Arrivals(
            self._context.presence, self._people, self._workspaces, services.database
        )
        Doings(conversation, modals, home, arrivals, self._work).listen(app)
        return app

    def _routes(self) -> list[web.RouteDef]:
        from bot.platforms.slack.installs import SealedInstallations, SealedStates, oauth_flow
        from bot.platforms.slack.web import routes

        settings = self._settings
        if not isinstance(self._workspaces, ManyWorkspaces):
            return routes(self._bolt(), None)
        flow = oauth_flow(
            self._calls.client(),
            settings.slack_client_id,
            _secret(settings.slack_client_secret) or "",
            str(settings.public_url),
            SealedStates(Seal(_secret(settings.secret_key) or "", "states"), self._clock),
            SealedInstallations(self._workspaces, self._context.presence),
        )
        return routes(self._bolt(), flow)

    async def _by_sockets(self, app_token: SecretStr) -> None:
        from bot.platforms.slack.sockets import Sockets

        token = app_token.get_secret_value()
        self._sockets = Sockets(self._bolt(), self._calls, token, self._context.random)
        await self._sockets.run()

    async def _by_http(self) -> None:
        from bot.platforms.slack.web import serve

        port = self._settings.port
        assert port is not None
        await serve(self._routes(), port)

    def _made_workspaces(self) -> Workspaces:
        token = self._bot_token
        if token is not None:
            return OneWorkspace(token, lambda given: introduced(self._calls, given))
        key = _secret(self._settings.secret_key) or ""
        database = self._context.services.database
        return ManyWorkspaces(database, key, self._clock, self._refresh)

    async def _refresh(self, refresh_token: str) -> Mapping[str, object]:
        arguments = {
            "client_id": self._settings.slack_client_id,
            "client_secret": _secret(self._settings.slack_client_secret),
            "grant_type": "refresh_token",
            "refresh_token": refresh_token,
        }
        return await self._calls.ask("", "oauth.v2.access", arguments)

    async def _introduced(self, workspaces: OneWorkspace) -> None:
        """Whose token it is; waits for as long as Slack cannot be reached."""
        pause = 1.0
        while True:
            try:
                own = await workspaces.own()
                break
            except TemporaryFailure as failure:
                log.warning("slack: %s; trying again", failure.reason)
            except SlackRefused as refused:
                raise _bot_token_refused(refused) from refused
            await self._clock.sleep(pause)
            pause = min(60.0, pause * 2)
        # What was switched off while the token was refused is on again.
        await self._context.presence.back(PLATFORM, own.team)

    async def _authorize(self, args: AsyncAuthorizeArgs) -> AuthorizeResult | None:
        """Bolt asks for each request whether the workspace is ours."""
        from slack_bolt.authorization import AuthorizeResult

        try:
            known = await self._workspaces.of(args.team_id or "")
        except SlackRefused:
            return None
        return AuthorizeResult(
            enterprise_id=args.enterprise_id,
            team_id=known.team,
            bot_user_id=known.bot_user,
            bot_id=known.bot_id,
            bot_token=known.token,
        )


def _bot_token_refused(refused: SlackRefused) -> PlatformRefused:
    return PlatformRefused(
        f"Slack does not take the bot token ({refused}). BUBBLEWATCH_SLACK_BOT_TOKEN needs the "
        "bot token (xoxb-) from «Install App» in the app's settings."
    )


def _secret(setting: SecretStr | None) -> str | None:
    return None if setting is None else setting.get_secret_value()


def _complete(settings: Settings) -> None:
    """Raises PlatformRefused with the setting that is missing for what the others begin."""
    lacking: list[str] = []
    if settings.slack_bot_token is None:
        if settings.slack_app_token is not None and settings.slack_client_id:
            raise PlatformRefused(
                "Slack's Socket Mode serves one workspace, by BUBBLEWATCH_SLACK_BOT_TOKEN. For "
                "many, set BUBBLEWATCH_SLACK_SIGNING_SECRET in the place of "
                "BUBBLEWATCH_SLACK_APP_TOKEN."
            )
        if not settings.slack_client_id or settings.slack_client_secret is None:
            lacking.append("SLACK_BOT_TOKEN, or BUBBLEWATCH_SLACK_CLIENT_ID and _SECRET")
        if settings.public_url is None:
            lacking.append("PUBLIC_URL")
        try:
            Seal(_secret(settings.secret_key) or "", "slack tokens")
        except KeyTooShort as short:
            raise PlatformRefused(f"Slack for many workspaces: {short}") from short
    if settings.slack_app_token is None:
        if settings.slack_signing_secret is None:
            lacking.append("SLACK_APP_TOKEN, or BUBBLEWATCH_SLACK_SIGNING_SECRET")
        elif settings.port is None:
            lacking.append("PORT")
    if lacking:
        names = " and ".join(f"BUBBLEWATCH_{name}" for name in lacking)
        raise PlatformRefused(f"Slack still needs {names} in the settings.")
