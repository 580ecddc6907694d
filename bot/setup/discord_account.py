"""A Discord application as Discord knows it: its token, its servers, what it may do there."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp
import discord

from alerts.store.destinations import Destination
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
_BAD_TOKEN = (
    "make a new one in the developer portal (Bot → Reset Token) and put it into "
    "BUBBLEWATCH_DISCORD_TOKEN"
)
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


async def look_at(token: str, api_url: str | None, places: Sequence[Destination]) -> Account:
    """Asks Discord; nothing is changed there. `places`: the channels that are told something."""
    point_at(api_url)
    # Nobody speaks here.
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    client = discord.Client(intents=discord.Intents.none(), max_ratelimit_timeout=WITHIN_S)
    try:
        async with asyncio.timeout(WITHIN_S), client:
            try:
                await client.login(token)
            except discord.LoginFailure:
                return Account((bad(PART, "Discord does not take the token", _BAD_TOKEN),))
            return await _looked(client, places)
    except _LOSSES as error:
        return Account(
            (
                bad(
                    PART,
                    f"Discord could not be asked ({type(error).__name__})",
                    "see whether this machine reaches discord.com; behind a proxy set HTTPS_PROXY",
                ),
            )
        )


async def _looked(client: discord.Client, places: Sequence[Destination]) -> Account:
    user, number = client.user, client.application_id
    if user is None or number is None:
        raise TypeError("signed in, and nobody")
    found = [
        good(PART, f"the token is that of {user}"),
        good(f"{PART} intents", "none is needed that must be allowed in the developer portal"),
    ]
    servers = [guild async for guild in client.fetch_guilds(limit=MOST_SERVERS)]
    if not servers:
        address = invitation(number)
        found.append(warning(PART, "the bot is in no server", f"let it in: {address}"))
        return Account(tuple(found), number)
    writable: list[discord.TextChannel] = []
    for server in servers:
        guild = await client.fetch_guild(server.id, with_counts=False)
        me = await guild.fetch_member(user.id)
        channels = await guild.fetch_channels()
        found.append(_in_server(guild, me, number))
        mine = [one.place.channel for one in places if one.place.workspace == str(guild.id)]
        found += _in_channels(guild, me, channels, mine)
        writable += [
            one
            for one in channels
            if isinstance(one, discord.TextChannel)
            and not {*_missing(one.permissions_for(me))}.intersection(_NEEDED)
        ]
    found += _elsewhere(places, {str(server.id) for server in servers}, number)
    return Account(tuple(found), number, tuple(writable))


def _missing(held: discord.Permissions) -> list[str]:
    """By the names that Discord shows, the needed ones first."""
    wanted = [name for name, value in PERMISSIONS if value]
    ordered = [*_NEEDED, *(name for name in wanted if name not in _NEEDED)]
    return [name for name in ordered if not getattr(held, name)]


def _shown(names: Sequence[str]) -> str:
    return ", ".join(name.replace("_", " ").title() for name in names)


def _in_server(guild: discord.Guild, me: discord.Member, number: int) -> Finding:
    part = f"{PART} server “{guild.name}”"
    missing = _missing(me.guild_permissions)
    if not missing:
        return good(part, "all permissions are there")
    repair = f"open {invitation(number)} again and choose the server: it adds what is missing"
    return warning(part, f"missing permissions: {_shown(missing)}", repair)


def _in_channels(
    guild: discord.Guild, me: discord.Member, channels: Channels, mine: Sequence[str]
) -> list[Finding]:
    """The channels of a server that are told something."""
    by_id = {str(one.id): one for one in channels}
    found: list[Finding] = []
    for name in mine:
        channel = by_id.get(name)
        if channel is None:
            # A thread is no channel of the list, and is asked for only when something is posted.
            continue
        part = f"{PART} #{channel.name} in “{guild.name}”"
        missing = _missing(channel.permissions_for(me))
        needed = [one for one in missing if one in _NEEDED]
        repair = (
            f"#{channel.name} → Edit Channel → Permissions → add {me.display_name} and allow "
            f"{_shown(missing)}"
        )
        if needed:
            found.append(bad(part, f"nothing can be posted: no {_shown(needed)}", repair))
        elif missing:
            found.append(warning(part, f"missing permissions: {_shown(missing)}", repair))
        else:
            found.append(good(part, "can be posted to"))
    return found


def _elsewhere(places: Sequence[Destination], known: set[str], number: int) -> list[Finding]:
    gone = {one.place.workspace for one in places} - known - {"@me"}
    if not gone or len(known) >= MOST_SERVERS:
        return []
    return [
        warning(
            f"{PART} server {server}",
            "its lines are kept, but the bot is not there any more",
            f"let it in again: {invitation(number)}",
        )
        for server in sorted(gone)
    ]
