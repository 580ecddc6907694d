"""Comings and goings on Discord, told to `bot.presence` (RULES.md R24, R25, R30)."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import discord

from alerts.store import destinations
from alerts.store.database import Database
from alerts.store.destinations import Place
from bot.locales import known_language
from bot.platforms.discord.doings import Handler
from bot.platforms.discord.places import NAME, PERSONS, person
from bot.presence import Presence

log = logging.getLogger(__name__)

_LEFT = "the bot was removed from the server"
_CHANNEL_GONE = "the channel was deleted"


class Arrivals:
    """What happens to the bot's places."""

    def __init__(self, client: discord.Client, presence: Presence, database: Database) -> None:
        self._client = client
        self._presence = presence
        self._database = database
        self._deleted: dict[str, str] = {}

    def called(self, channel: str) -> str | None:
        """What a channel was called that has been deleted since we are here."""
        return self._deleted.get(channel)

    def events(self) -> tuple[Handler, ...]:
        """Handlers by the names that discord.py knows."""
        return (
            self.on_ready,
            self.on_guild_join,
            self.on_guild_available,
            self.on_guild_remove,
            self.on_guild_channel_delete,
            self.on_raw_thread_delete,
        )

    async def on_ready(self) -> None:
        """After a start, and after a session that could not be resumed: what was missed?"""
        async with self._database.read() as connection:
            kept = await destinations.all_of(connection, NAME)
        known = {one.place.workspace for one in kept} - {PERSONS}
        lost = {one.place.workspace for one in kept if one.off_with_workspace}
        here = {str(guild.id): guild for guild in self._client.guilds}
        for workspace in sorted(known - here.keys()):
            await self._presence.left(NAME, workspace, _LEFT)
        for workspace in sorted(lost & (here.keys() | {PERSONS})):
            await self._presence.back(NAME, workspace)
        for workspace in sorted(here.keys() - known):
            await self.on_guild_join(here[workspace])
        log.info("connected to Discord; %d servers", len(here))

    async def on_guild_join(self, guild: discord.Guild) -> None:
        if guild.unavailable:
            return
        speaking = _where_to_speak(guild)
        place = Place(NAME, str(guild.id), str(speaking.id if speaking else guild.id))
        channel = place if speaking else None
        await self._presence.joined(channel, place, known_language(str(guild.preferred_locale)))

    async def on_guild_available(self, guild: discord.Guild) -> None:
        # At a start every server becomes available; `on_ready` looks after all of them at once.
        if self._client.is_ready():
            await self._presence.back(NAME, str(guild.id))

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        await self._presence.left(NAME, str(guild.id), _LEFT)

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        await self._gone(channel.guild.id, channel.id, f"#{channel.name}")

    async def on_raw_thread_delete(self, gone: discord.RawThreadDeleteEvent) -> None:
        await self._gone(gone.guild_id, gone.thread_id)

    async def _gone(self, guild: int, channel: int, called: str | None = None) -> None:
        place = Place(NAME, str(guild), str(channel))
        async with self._database.read() as connection:
            known = await destinations.find(connection, place)
        if known is None:
            return
        if called is not None:
            self._deleted[str(channel)] = called
        owner = person(known.owner) if known.owner is not None else None
        await self._presence.channel_gone(place, _CHANNEL_GONE, owner)


def _where_to_speak(guild: discord.Guild) -> discord.TextChannel | None:
    return next(_may_speak(guild), None)


def _may_speak(guild: discord.Guild) -> Iterator[discord.TextChannel]:
    """Where newcomers are announced, else the topmost channel that is open to us."""
    first = [guild.system_channel] if guild.system_channel is not None else []
    for channel in [*first, *sorted(guild.text_channels, key=lambda one: one.position)]:
        allowed = channel.permissions_for(guild.me)
        if allowed.view_channel and allowed.send_messages and allowed.embed_links:
            yield channel
