"""Servers, channels and people, and what happens to them: the part of Discord that people own."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from tests.emulators.discord.gateway import Gateway
from tests.emulators.discord.permissions import Permission
from tests.emulators.discord.pings import pinged
from tests.emulators.discord.world import (
    Channel,
    Guild,
    Json,
    Member,
    Overwrite,
    Role,
    User,
    new_id,
    public,
    timestamp,
)
from tests.emulators.server import Emulator
from tests.emulators.slack.bell import Bell

T = TypeVar("T")

PIN_NOTICE = 6
"""The type of the message that says that a message was pinned."""


@dataclass
class Places(Emulator):
    token: str = field(default_factory=lambda: f"emulated.{secrets.token_hex(16)}")
    bot: User = field(default_factory=lambda: User("Bubblewatch", bot=True))
    guilds: dict[str, Guild] = field(default_factory=dict, init=False)
    """Every server, also those where the bot is not."""
    users: dict[str, User] = field(default_factory=dict, init=False)
    channels: dict[str, Channel] = field(default_factory=dict, init=False)
    bell: Bell = field(default_factory=Bell, init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.users[self.bot.id] = self.bot
        self.gateway = Gateway(self)
        self._direct: dict[str, Channel] = {}

    @property
    def application_id(self) -> str:
        return self.bot.id

    # -- waiting

    async def until(self, seen: Callable[[], T], within: float = 5, what: str = "") -> T:
        return await self.bell.until(seen, within, what)

    async def ready(self, shards: int = 1, within: float = 10) -> None:
        """Until that many shards are connected and have been told of their servers."""
        await self.until(
            lambda: len(self.gateway.live()) >= shards, within, f"not {shards} shard(s) connected"
        )

    async def posted(self, channel: Channel, count: int = 1, within: float = 5) -> list[Json]:
        """The bot's messages in a channel, oldest first, once there are `count`."""

        def by_bot() -> list[Json]:
            found = reversed(channel.newest_first())
            by_bot = (one for one in found if one["author"]["id"] == self.bot.id)
            return [one for one in by_bot if one["type"] != PIN_NOTICE]

        await self.until(
            lambda: len(by_bot()) >= count, within, f"not {count} message(s) in {channel.name}"
        )
        return by_bot()

    async def ended(self) -> None:
        """For calls that are never answered."""
        assert self._ended is not None
        await self._ended.wait()

    def on_loop(self, act: Callable[[], None]) -> None:
        """In the emulator's own thread, in order; at once when there already."""
        if self._loop is None:
            return
        try:
            here: asyncio.AbstractEventLoop | None = asyncio.get_running_loop()
        except RuntimeError:
            here = None
        if here is self._loop:
            act()
        elif not self._loop.is_closed():
            self._loop.call_soon_threadsafe(act)

    # -- people

    def add_user(
        self,
        name: str,
        *,
        locale: str = "en-US",
        installed: bool = False,
        takes_messages: bool = True,
    ) -> User:
        user = User(name, locale=locale, installed=installed, takes_messages=takes_messages)
        self.users[user.id] = user
        return user

    def add_member(
        self,
        guild: Guild,
        user: User,
        *,
        roles: Iterable[Role] = (),
        permissions: Permission = Permission.NONE,
    ) -> Member:
        """`permissions` come by a role of one's own."""
        own = [self.add_role(guild, f"{user.name}'s", permissions=permissions)]
        held = [*roles, *(own if permissions else [])]
        member = Member(user, [role.id for role in held])
        guild.members[user.id] = member
        return member

    def add_role(
        self,
        guild: Guild,
        name: str,
        *,
        permissions: Permission = Permission.NONE,
        mentionable: bool = False,
    ) -> Role:
        role = Role(name, permissions=permissions, mentionable=mentionable)
        guild.roles[role.id] = role
        self._tell(guild, "GUILD_ROLE_CREATE", {"guild_id": guild.id, "role": role.wire()})
        return role

    def give_role(self, guild: Guild, user: User, role: Role) -> None:
        guild.members[user.id].roles.append(role.id)

    def say(self, channel: Channel, user: User, text: str) -> Json:
        """A person writes something in a channel."""
        message = self.new_message(channel, user) | {"content": text}
        message["_pings"] = pinged(text, None)
        self.keep(channel, message)
        return message

    # -- servers and channels

    def add_guild(
        self,
        name: str,
        *,
        owner: User | None = None,
        locale: str = "en-US",
        bot: bool = True,
        channels: Iterable[str] = (),
    ) -> Guild:
        guild = Guild(name, owner or self.add_user(f"{name} owner"), locale)
        for one in channels:
            channel = Channel(one, guild)
            guild.channels[channel.id] = self.channels[channel.id] = channel
        self.guilds[guild.id] = guild
        if bot:
            self.invite_bot(guild)
        return guild

    def add_channel(self, guild: Guild, name: str, *, kind: int = 0) -> Channel:
        channel = Channel(name, guild, kind, position=len(guild.channels))
        guild.channels[channel.id] = self.channels[channel.id] = channel
        self._tell(guild, "CHANNEL_CREATE", channel.wire())
        return channel

    def direct(self, user: User) -> Channel:
        """The direct messages between this person and the bot."""
        if user.id not in self._direct:
            channel = Channel("", kind=1, recipient=user)
            self._direct[user.id] = self.channels[channel.id] = channel
        return self._direct[user.id]

    def between(self, user: User, other: User) -> Channel:
        """Direct messages of two people: the bot is there only as far as one has it installed."""
        channel = Channel("", kind=1, recipient=other, people=(user.id, other.id))
        self.channels[channel.id] = channel
        return channel

    def delete_channel(self, channel: Channel) -> None:
        assert channel.guild is not None
        told = channel.wire()
        del channel.guild.channels[channel.id], self.channels[channel.id]
        self._tell(channel.guild, "CHANNEL_DELETE", told)

    def invite_bot(self, guild: Guild, permissions: Permission = Permission.NONE) -> None:
        self.add_member(guild, self.bot, permissions=permissions)
        self.gateway.tell_created(guild, joined=True)
        self.bell.ring()

    def remove_bot(self, guild: Guild) -> None:
        """Kicked: the server is gone for the bot, with its commands."""
        del guild.members[self.bot.id]
        self.gateway.tell(guild, "GUILD_DELETE", lambda _: {"id": guild.id})
        self.bell.ring()

    def outage(self, guild: Guild) -> None:
        """The server is unavailable for a while; the bot is still a member."""
        guild.available = False
        self._tell(guild, "GUILD_DELETE", {"id": guild.id, "unavailable": True})

    def recover(self, guild: Guild) -> None:
        guild.available = True
        self.gateway.tell_created(guild, joined=False)
        self.bell.ring()

    def delete_message(self, channel: Channel, message_id: str) -> None:
        channel.messages.pop(message_id, None)
        channel.pins.pop(message_id, None)
        about: Json = {"id": message_id, "channel_id": channel.id}
        if channel.guild is not None:
            about["guild_id"] = channel.guild.id
        self._tell(channel.guild, "MESSAGE_DELETE", about)

    def deny(self, channel: Channel, permissions: Permission, *, tell: bool = True) -> None:
        """Take permissions from the bot in a channel; `tell` False: its cache still has them."""
        over = channel.overwrites.setdefault(self.bot.id, Overwrite(1))
        over.deny |= permissions
        over.allow &= ~permissions
        self._overwritten(channel, tell)

    def allow(self, channel: Channel, permissions: Permission, *, tell: bool = True) -> None:
        over = channel.overwrites.setdefault(self.bot.id, Overwrite(1))
        over.allow |= permissions
        over.deny &= ~permissions
        self._overwritten(channel, tell)

    def _overwritten(self, channel: Channel, tell: bool) -> None:
        assert channel.guild is not None
        if tell:
            self._tell(channel.guild, "CHANNEL_UPDATE", channel.wire())

    def _tell(self, guild: Guild | None, event: str, data: Json) -> None:
        """Everybody who is to know; nothing of a server where the bot is not."""
        if guild is None or self.bot.id in guild.members:
            self.gateway.tell(guild, event, lambda _: data)
        self.bell.ring()

    # -- messages

    def new_message(self, channel: Channel, author: User) -> Json:
        """An empty one, with everything a message has on the wire."""
        return {
            "id": new_id(),
            "type": 0,
            "channel_id": channel.id,
            "author": author.wire(),
            "content": "",
            "timestamp": timestamp(),
            "edited_timestamp": None,
            "tts": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": [],
            "embeds": [],
            "components": [],
            "pinned": False,
            "flags": 0,
            "_pings": None,
            "_edits": 0,
        }

    def keep(self, channel: Channel, message: Json, nonce: str | int | None = None) -> None:
        """Into the channel, and to everyone who listens there."""
        channel.messages[message["id"]] = message
        self.announce(channel, "MESSAGE_CREATE", message, nonce)

    def announce(
        self, channel: Channel, event: str, message: Json, nonce: str | int | None = None
    ) -> None:
        told = public(message)
        if channel.guild is not None:
            told["guild_id"] = channel.guild.id
            author = channel.guild.members.get(message["author"]["id"])
            if author is not None:
                told["member"] = author.wire(user=False)
        if nonce is not None:
            told["nonce"] = nonce
        self._tell(channel.guild, event, told)
