"""The servers that the emulator plays: people, roles, channels, and what was said in them."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.emulators.discord.permissions import EVERYONE, Permission

Json = dict[str, Any]
"""What goes over the wire. Keys that begin with an underscore are the emulator's own notes."""

DISCORD_EPOCH_MS = 1_420_070_400_000

_snowflakes = threading.Lock()
_last_snowflake = [0]


def new_id() -> str:
    """A snowflake of now, greater than every one before it."""
    with _snowflakes:
        now = (time.time_ns() // 1_000_000 - DISCORD_EPOCH_MS) << 22
        _last_snowflake[0] = max(_last_snowflake[0] + 1, now)
        return str(_last_snowflake[0])


def timestamp() -> str:
    return datetime.now(UTC).isoformat(timespec="microseconds")


def public(thing: Mapping[str, Any]) -> Json:
    """As it goes over the wire: without the emulator's own notes."""
    return {name: value for name, value in thing.items() if not name.startswith("_")}


@dataclass(eq=False)
class User:
    """A person. `installed`: has the app on the account (user install), not only in a server.

    `takes_messages` False: the bot cannot write to them (50007).
    """

    name: str
    id: str = field(default_factory=new_id)
    locale: str = "en-US"
    bot: bool = False
    installed: bool = False
    takes_messages: bool = True

    def wire(self) -> Json:
        found: Json = {
            "id": self.id,
            "username": self.name.lower().replace(" ", "."),
            "discriminator": "0",
            "global_name": None if self.bot else self.name,
            "avatar": None,
            "avatar_decoration_data": None,
            "banner": None,
            "accent_color": None,
            "collectibles": None,
            "primary_guild": None,
            "public_flags": 0,
            "flags": 0,
        }
        return found | ({"bot": True} if self.bot else {})


@dataclass(eq=False)
class Role:
    name: str
    id: str = field(default_factory=new_id)
    permissions: Permission = Permission.NONE
    mentionable: bool = False
    position: int = 1

    def wire(self) -> Json:
        return {
            "id": self.id,
            "name": self.name,
            "color": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
            "hoist": False,
            "icon": None,
            "unicode_emoji": None,
            "position": self.position,
            "permissions": str(int(self.permissions)),
            "managed": False,
            "mentionable": self.mentionable,
            "flags": 0,
        }


@dataclass(eq=False)
class Member:
    user: User
    roles: list[str] = field(default_factory=list)
    joined_at: str = field(default_factory=timestamp)

    def wire(self, *, user: bool = True) -> Json:
        found: Json = {
            "roles": list(self.roles),
            "joined_at": self.joined_at,
            "premium_since": None,
            "nick": None,
            "avatar": None,
            "banner": None,
            "pending": False,
            "deaf": False,
            "mute": False,
            "flags": 0,
            "communication_disabled_until": None,
        }
        return found | ({"user": self.user.wire()} if user else {})


@dataclass(slots=True)
class Overwrite:
    """What one role or member may more or less in a channel."""

    kind: int
    """0 a role, 1 a member."""
    allow: Permission = Permission.NONE
    deny: Permission = Permission.NONE


@dataclass(eq=False)
class Channel:
    """`kind`: 0 text, 1 direct messages, 5 announcements."""

    name: str
    guild: Guild | None = None
    kind: int = 0
    recipient: User | None = None
    people: tuple[str, ...] = ()
    """Of direct messages between people, where the bot is not."""
    id: str = field(default_factory=new_id)
    overwrites: dict[str, Overwrite] = field(default_factory=dict)
    messages: dict[str, Json] = field(default_factory=dict)
    pins: dict[str, str] = field(default_factory=dict)
    """When each pinned message was pinned, oldest first."""
    position: int = 0

    def newest_first(self) -> list[Json]:
        told = list(self.messages.values())
        return sorted(told, key=lambda one: -int(one["id"]))

    def latest(self) -> Json:
        return self.newest_first()[0]

    @property
    def context(self) -> int:
        """As interactions tell it: 0 a server, 1 with the bot, 2 between people."""
        return 0 if self.guild is not None else 2 if self.people else 1

    def wire(self) -> Json:
        last = next(reversed(self.messages), None)
        if self.recipient is not None:
            return {
                "id": self.id,
                "type": 1,
                "flags": 0,
                "last_message_id": last,
                "recipients": [self.recipient.wire()],
            }
        assert self.guild is not None
        return {
            "id": self.id,
            "type": self.kind,
            "guild_id": self.guild.id,
            "name": self.name,
            "topic": None,
            "nsfw": False,
            "parent_id": None,
            "position": self.position,
            "flags": 0,
            "last_message_id": last,
            "rate_limit_per_user": 0,
            "permission_overwrites": [
                {
                    "id": who,
                    "type": over.kind,
                    "allow": str(int(over.allow)),
                    "deny": str(int(over.deny)),
                }
                for who, over in list(self.overwrites.items())
            ],
        }


@dataclass(eq=False)
class Guild:
    """A server. Its first role is @everyone and has the server's own id."""

    name: str
    owner: User
    locale: str = "en-US"
    id: str = field(default_factory=new_id)
    available: bool = True
    created_at: str = field(default_factory=timestamp)
    roles: dict[str, Role] = field(default_factory=dict, init=False)
    members: dict[str, Member] = field(default_factory=dict, init=False)
    channels: dict[str, Channel] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self.roles[self.id] = Role("@everyone", self.id, EVERYONE, position=0)
        self.members[self.owner.id] = Member(self.owner)

    @property
    def owner_id(self) -> str:
        return self.owner.id

    def shard(self, count: int) -> int:
        return (int(self.id) >> 22) % count

    def about(self) -> Json:
        """What REST and the gateway both tell of a server."""
        return {
            "id": self.id,
            "name": self.name,
            "icon": None,
            "icon_hash": None,
            "splash": None,
            "home_header": None,
            "widget_enabled": False,
            "widget_channel_id": None,
            "max_video_channel_users": 25,
            "max_stage_video_channel_users": 50,
            "incidents_data": None,
            "discovery_splash": None,
            "banner": None,
            "description": None,
            "owner_id": self.owner_id,
            "application_id": None,
            "region": "deprecated",
            "afk_channel_id": None,
            "afk_timeout": 300,
            "system_channel_id": next(iter(self.channels), None),
            "system_channel_flags": 0,
            "rules_channel_id": None,
            "public_updates_channel_id": None,
            "safety_alerts_channel_id": None,
            "verification_level": 0,
            "default_message_notifications": 0,
            "explicit_content_filter": 0,
            "mfa_level": 0,
            "nsfw": False,
            "nsfw_level": 0,
            "premium_tier": 0,
            "premium_subscription_count": 0,
            "premium_progress_bar_enabled": False,
            "preferred_locale": self.locale,
            "vanity_url_code": None,
            "max_members": 500_000,
            "max_presences": None,
            "features": [],
            "emojis": [],
            "stickers": [],
            "roles": [role.wire() for role in list(self.roles.values())],
        }

    def created(self, bot: User, *, known_members: bool) -> Json:
        """The GUILD_CREATE of it; without the members intent only the bot is among the members."""
        told = list(self.members.values()) if known_members else [self.members[bot.id]]
        return self.about() | {
            "joined_at": self.members[bot.id].joined_at,
            "large": len(self.members) > 250,
            "unavailable": False,
            "member_count": len(self.members),
            "voice_states": [],
            "members": [member.wire() for member in told],
            "channels": [channel.wire() for channel in list(self.channels.values())],
            "threads": [],
            "presences": [],
            "stage_instances": [],
            "guild_scheduled_events": [],
            "soundboard_sounds": [],
        }
