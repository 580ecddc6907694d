"""A Discord application as Discord knows it: its token, its servers, what it may do there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp
import discord

from alerts.store.destinations import Destination
from bot.locales import Translator
from bot.platforms.discord.connection import point_at
from bot.setup.findings import Finding, bad, good, warning

PART = "Discord"
WITHIN_S = 60.0
MOST_SERVERS = 25
"""Of more servers than this only the first are looked at."""

PERMISSIONS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    embed_links=True,
    attach_files=True,
    read_message_history=True,
    pin_messages=True,
)
"""Exactly what is used; docs/discord.md says what each is for."""
_NEEDED = ("view_channel", "send_messages", "embed_links")
_LOSSES = (aiohttp.ClientError, OSError, TimeoutError, discord.HTTPException, discord.RateLimited)

Channels = Sequence[discord.abc.GuildChannel]


@dataclass(frozen=True, slots=True)
class Account:
    """What a look at the account found. `channels` are those where it may post."""

    findings: tuple[Finding, ...]
    application_id: int | None = None
    channels: tuple[discord.TextChannel, ...] = ()

    @property
    def invitation(self) -> str | None:
        return None if self.application_id is None else invitation(self.application_id)


def invitation(application_id: int) -> str:
    """Where a server's manager lets the bot in, with exactly the permissions it uses."""
    return discord.utils.oauth_url(
        application_id, permissions=PERMISSIONS, scopes=("bot", "applications.commands")
    )


async def look_at(
    token: str, api_url: str | None, places: Sequence[Destination], t: Translator
) -> Account:
    """Asks Discord; nothing is changed there. `places`: the channels that are told something."""
    point_at(api_url)
    # Nobody speaks here.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    # Without this one discord.py warns, though nobody listens here.
    intents = discord.Intents(guilds=True)
    client = discord.Client(intents=intents, max_ratelimit_timeout=WITHIN_S)
    try:
        async with asyncio.timeout(WITHIN_S), client:
            try:
                await client.login(token)
            except discord.LoginFailure:
                repair = t(
                    "make a new one in the developer portal (Bot → Reset Token) and put it into "
                    "BUBBLEWATCH_DISCORD_TOKEN"
                )
                return Account((bad(PART, t("Discord does not take the token"), repair),))
            return await _Looked(client, places, t).account()
    except _LOSSES as error:
        said = t("Discord could not be asked ({why})", why=type(error).__name__)
        repair = t("see whether this machine reaches discord.com; behind a proxy set HTTPS_PROXY")
        return Account((bad(PART, said, repair),))


@dataclass(frozen=True, slots=True)
class _Looked:
    """One look, signed in. What it finds is said in the language of `t`."""

    client: discord.Client
    places: Sequence[Destination]
    t: Translator

    async def account(self) -> Account:
        client, t = self.client, self.t
        user, number = client.user, client.application_id
        if user is None or number is None:
            raise TypeError("signed in, and nobody")
        found = [
            good(PART, t("the token is that of {user}", user=user)),
            good(
                t("Discord intents"),
                t("none is needed that must be allowed in the developer portal"),
            ),
        ]
        servers = [guild async for guild in client.fetch_guilds(limit=MOST_SERVERS)]
        if not servers:
            repair = t("let it in: {address}", address=invitation(number))
            found.append(warning(PART, t("the bot is in no server"), repair))
            return Account(tuple(found), number)
        writable: list[discord.TextChannel] = []
        for server in servers:
            guild = await client.fetch_guild(server.id, with_counts=False)
            me = await guild.fetch_member(user.id)
            channels = await guild.fetch_channels()
            found.append(self._in_server(guild, me, number))
            found += await self._in_channels(guild, me, channels)
            writable += [
                one
                for one in channels
                if isinstance(one, discord.TextChannel)
                and not {*_missing(one.permissions_for(me))}.intersection(_NEEDED)
            ]
        found += self._elsewhere({str(server.id) for server in servers}, number)
        return Account(tuple(found), number, tuple(writable))

    def _in_server(self, guild: discord.Guild, me: discord.Member, number: int) -> Finding:
        t = self.t
        part = t("Discord server “{name}”", name=guild.name)
        missing = _missing(me.guild_permissions)
        if not missing:
            return good(part, t("all permissions are there"))
        repair = t(
            "open {address} again and choose the server: it adds what is missing",
            address=invitation(number),
        )
        said = t("missing permissions: {names}", names=_shown(missing, t))
        return warning(part, said, repair)

    async def _in_channels(
        self, guild: discord.Guild, me: discord.Member, channels: Channels
    ) -> list[Finding]:
        """The channels of a server that are told something."""
        t = self.t
        by_id = {str(one.id): one for one in channels}
        found: list[Finding] = []
        for one in self.places:
            if one.place.workspace != str(guild.id):
                continue
            channel = by_id.get(one.place.channel)
            if channel is None:
                found += await self._not_listed(guild, one.place.channel)
                continue
            part = t("Discord #{channel} in “{name}”", channel=channel.name, name=guild.name)
            missing = _missing(channel.permissions_for(me))
            needed = [name for name in missing if name in _NEEDED]
            repair = t(
                "#{channel} → Edit Channel → Permissions → add {bot} and allow {names}",
                channel=channel.name,
                bot=me.display_name,
                names=_shown(missing, t),
            )
            if needed:
                said = t("nothing can be posted: no {names}", names=_shown(needed, t))
                found.append(bad(part, said, repair))
            elif missing:
                said = t("missing permissions: {names}", names=_shown(missing, t))
                found.append(warning(part, said, repair))
            else:
                found.append(good(part, t("can be posted to")))
        return found

    async def _not_listed(self, guild: discord.Guild, number: str) -> list[Finding]:
        """A thread is no channel of the list; what is neither is gone."""
        t = self.t
        try:
            await self.client.fetch_channel(int(number))
        except (discord.NotFound, discord.Forbidden, discord.InvalidData, ValueError):
            part = t("Discord channel {number} in “{name}”", number=number, name=guild.name)
            repair = t(
                "say “/bubble move {channel}” in another channel to take its lines there",
                channel=number,
            )
            return [bad(part, t("there is none that the bot can see"), repair)]
        return []

    def _elsewhere(self, known: set[str], number: int) -> list[Finding]:
        t = self.t
        gone = {one.place.workspace for one in self.places} - known - {"@me"}
        if not gone or len(known) >= MOST_SERVERS:
            return []
        return [
            warning(
                t("Discord server {number}", number=server),
                t("its lines are kept, but the bot is not there any more"),
                t("let it in again: {address}", address=invitation(number)),
            )
            for server in sorted(gone)
        ]


def _missing(held: discord.Permissions) -> list[str]:
    """The needed ones first."""
    wanted = [name for name, value in PERMISSIONS if value]
    ordered = [*_NEEDED, *(name for name in wanted if name not in _NEEDED)]
    return [name for name in ordered if not getattr(held, name)]


def _shown(names: Sequence[str], t: Translator) -> str:
    """As Discord calls them where it speaks the reader's language."""
    called = {
        "view_channel": t("View Channels"),
        "send_messages": t("Send Messages"),
        "embed_links": t("Embed Links"),
        "attach_files": t("Attach Files"),
        "read_message_history": t("Read Message History"),
        "pin_messages": t("Pin Messages"),
    }
    return t(", ").join(called[name] for name in names)
