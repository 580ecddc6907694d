"""Staying connected: signing in, the gateway, backoff, and what only the operator can mend."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import aiohttp
import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from alerts.clock import Clock
from bot.platforms import Context, PlatformRefused
from bot.platforms.discord.doings import Doings

log = logging.getLogger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 300.0
SIGN_IN_WITHIN_S = 60.0
_MORE_SHARDS = 4011
_SETTING = "BUBBLEWATCH_DISCORD_TOKEN"
_BAD_TOKEN = (
    "Discord does not take the token: make a new one in the developer portal (Bot, Reset Token), "
    f"put it into {_SETTING} and start again"
)
_REFUSALS = {
    4004: _BAD_TOKEN,
    4010: "Discord refused the shard that was asked for; please report this as a bug",
    4012: "Discord no longer speaks this version of its gateway; update bubblewatch",
    4013: "Discord does not know what was asked to be told; update bubblewatch",
    4014: "Discord refused an intent: allow it in the developer portal (Bot, Privileged Gateway "
    "Intents) and start again",
}
_LOSSES = (
    aiohttp.ClientError,
    OSError,
    TimeoutError,
    discord.GatewayNotFound,
    discord.HTTPException,
    discord.RateLimited,
)

MakeClient = Callable[[int], discord.Client]
"""A client for so many shards."""
SignedIn = Callable[[discord.Client], Awaitable[None]]


def point_at(api_url: str | None) -> None:
    """Another server in the place of Discord's REST API; the gateway's address comes from it."""
    if api_url is not None:
        Route.BASE = api_url.rstrip("/")


class Connection:
    """One bot's connection, kept up until cancelled."""

    def __init__(
        self,
        context: Context,
        token: str,
        make_client: MakeClient,
        signed_in: SignedIn,
        doings: Doings,
    ) -> None:
        self._clock: Clock = context.clock
        self._random = context.random
        self._token = token
        self._make_client = make_client
        self._signed_in = signed_in
        self._doings = doings
        self._failures = 0
        self._client: discord.Client | None = None
        self._refused: str | None = None
        self._there = asyncio.Event()

    async def client(self, within_s: float) -> discord.Client:
        """The client that is signed in. It can post while the gateway is down.

        Raises TimeoutError, and PlatformRefused once the operator alone can help.
        """
        async with asyncio.timeout(within_s):
            while self._client is None:
                if self._refused is not None:
                    raise PlatformRefused(self._refused)
                await self._there.wait()
        return self._client

    async def run(self) -> None:
        """Sign in and stay, for ever. Raises PlatformRefused."""
        self._refused = None
        try:
            await self._run()
        except PlatformRefused as refusal:
            self._refused = str(refusal)
            raise

    async def _run(self) -> None:
        while True:
            client, wait_s = await self._sign_in()
            self._client = client
            self._there.set()
            try:
                # Discord resets the token of a bot that starts more sessions than it may.
                if wait_s:
                    log.warning("Discord allows no new session for %.0f s; waiting", wait_s)
                    await self._clock.sleep(wait_s)
                await self._stay(client)
            finally:
                self._client = None
                self._there.clear()
                # Answers that are under way still need the client.
                await self._doings.end()
                await client.close()
            await self._pause("the connection to Discord ended")

    def hears(self) -> bool:
        """Whether the gateway has told us of our servers since the last sign-in."""
        return self._client is not None and self._client.is_ready()

    def settle(self) -> None:
        """The gateway has us: the next loss begins with the shortest pause again."""
        self._failures = 0

    async def _sign_in(self) -> tuple[discord.Client, float]:
        """A client with as many shards as Discord wants, and the seconds it has to wait."""
        shards = 1
        while True:
            client = self._make_client(shards)
            try:
                async with asyncio.timeout(SIGN_IN_WITHIN_S):
                    await client.login(self._token)
                    wanted, wait_s = await _advice(client)
                    if wanted == shards:
                        await self._signed_in(client)
                if wanted == shards:
                    return client, wait_s
            except discord.LoginFailure as error:
                await client.close()
                raise PlatformRefused(_BAD_TOKEN) from error
            except _LOSSES as error:
                await client.close()
                await self._pause(f"signing in to Discord failed ({_said(error)})")
            except BaseException:
                await client.close()
                raise
            else:
                await client.close()
                shards = wanted

    async def _stay(self, client: discord.Client) -> None:
        """Until the client is of no use any more."""
        while not client.is_closed():
            try:
                await client.connect()
                return
            except discord.PrivilegedIntentsRequired as error:
                raise PlatformRefused(_REFUSALS[4014]) from error
            except discord.ConnectionClosed as error:
                if error.code in _REFUSALS:
                    raise PlatformRefused(_REFUSALS[error.code]) from error
                what = "more shards are needed" if error.code == _MORE_SHARDS else str(error)
                log.warning("Discord closed the gateway: %s", what)
                return
            except AttributeError:
                # A gateway that is down at the first connect (discord.py #10520).
                if getattr(client, "ws", None) is not None:
                    raise
                await self._pause("Discord's gateway cannot be reached")
            except _LOSSES as error:
                await self._pause(f"Discord's gateway was lost ({_said(error)})")

    async def _pause(self, why: str) -> None:
        longest = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(self._failures, 20))
        seconds = longest * (1 - self._random.random() / 2)
        self._failures += 1
        log.warning("%s; trying again in %.0f s", why, seconds)
        await self._clock.sleep(seconds)


async def _advice(client: discord.Client) -> tuple[int, float]:
    """How many shards Discord recommends, and the seconds until a session may be started."""
    shards, gateway, limits = await client.http.get_bot_gateway()
    # Also where a session begins anew after it could not be resumed.
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)
    wait_s = limits["reset_after"] / 1000 if limits["remaining"] <= 0 else 0.0
    return max(1, shards), wait_s


def _said(error: BaseException) -> str:
    return str(error)[:200] or type(error).__name__
