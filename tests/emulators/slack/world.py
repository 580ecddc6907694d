"""The workspaces that the emulator plays: people, channels, groups, tokens, and what was said."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
"""What goes over the wire. Keys that begin with an underscore are the emulator's own notes."""

_numbers = itertools.count(1)


def new_id(prefix: str) -> str:
    """As Slack writes them: a letter for the kind and ten more characters, never used twice."""
    return f"{prefix}0EMU{next(_numbers):06d}"


_stamps = threading.Lock()
_last_stamp = [0]


def new_ts() -> str:
    """The name of a message: seconds and microseconds, later than every one before it."""
    with _stamps:
        _last_stamp[0] = max(_last_stamp[0] + 1, time.time_ns() // 1000)
        seconds, rest = divmod(_last_stamp[0], 1_000_000)
    return f"{seconds}.{rest:06d}"


def public(message: Json) -> Json:
    """The message as it goes over the wire: without the emulator's own notes."""
    return {name: value for name, value in message.items() if not name.startswith("_")}


@dataclass(eq=False)
class User:
    name: str
    team_id: str
    id: str = field(default_factory=lambda: new_id("U"))
    admin: bool = False
    owner: bool = False
    locale: str = "en-US"
    tz: str = "America/New_York"
    tz_offset: int = 0
    bot: bool = False
    deleted: bool = False

    def wire(self, include_locale: bool = False) -> Json:
        handle = self.name.lower().replace(" ", ".")
        found: Json = {
            "id": self.id,
            "team_id": self.team_id,
            "name": handle,
            "deleted": self.deleted,
            "real_name": self.name,
            "tz": self.tz,
            "tz_label": self.tz,
            "tz_offset": self.tz_offset,
            "profile": {
                "real_name": self.name,
                "real_name_normalized": self.name,
                "display_name": handle,
                "display_name_normalized": handle,
                "team": self.team_id,
            },
            "is_admin": self.admin or self.owner,
            "is_owner": self.owner,
            "is_primary_owner": False,
            "is_restricted": False,
            "is_ultra_restricted": False,
            "is_bot": self.bot,
            "is_app_user": False,
            "updated": 1_700_000_000,
        }
        return found | ({"locale": self.locale} if include_locale else {})


@dataclass(eq=False)
class Channel:
    name: str
    team_id: str
    creator: str
    id: str
    members: list[str] = field(default_factory=list)
    private: bool = False
    im_with: str | None = None
    archived: bool = False
    refuses: str | None = None
    """An error that every message to it gets: `restricted_action`, `messages_tab_disabled`…"""
    messages: list[Json] = field(default_factory=list)
    pins: list[str] = field(default_factory=list)
    created: int = field(default_factory=lambda: int(time.time()))

    def message(self, ts: str) -> Json | None:
        return next((message for message in list(self.messages) if message["ts"] == ts), None)

    def wire(self, reader: str) -> Json:
        shared: Json = {
            "id": self.id,
            "created": self.created,
            "is_archived": self.archived,
            "is_org_shared": False,
            "context_team_id": self.team_id,
            "updated": self.created * 1000,
        }
        if self.im_with is not None:
            return shared | {"is_im": True, "user": self.im_with, "is_user_deleted": False}
        about = {"value": "", "creator": "", "last_set": 0}
        return shared | {
            "name": self.name,
            "name_normalized": self.name,
            "is_channel": not self.private,
            "is_group": self.private,
            "is_im": False,
            "is_mpim": False,
            "is_private": self.private,
            "is_general": False,
            "is_shared": False,
            "is_ext_shared": False,
            "is_pending_ext_shared": False,
            "is_member": reader in self.members,
            "creator": self.creator,
            "topic": about,
            "purpose": about,
            "previous_names": [],
            "num_members": len(self.members),
        }


@dataclass(eq=False)
class Usergroup:
    handle: str
    team_id: str
    users: list[str]
    id: str = field(default_factory=lambda: new_id("S"))
    disabled: bool = False

    def wire(self, include_users: bool, include_count: bool) -> Json:
        found: Json = {
            "id": self.id,
            "team_id": self.team_id,
            "is_usergroup": True,
            "name": self.handle.title(),
            "handle": self.handle,
            "description": "",
            "is_external": False,
            "date_create": 1_700_000_000,
            "date_update": 1_700_000_000,
            "date_delete": 1_700_000_001 if self.disabled else 0,
            "prefs": {"channels": [], "groups": []},
        }
        if include_users:
            found["users"] = list(self.users)
        if include_count:
            found["user_count"] = str(len(self.users))
        return found


@dataclass(eq=False)
class Token:
    """`scopes` None means every one; `error` is what every call with it gets from now on."""

    value: str
    kind: str
    team: Team | None = None
    user_id: str | None = None
    scopes: frozenset[str] | None = None
    error: str | None = None
    expires_at: float | None = None

    @property
    def refusal(self) -> str | None:
        if self.error is None and self.expires_at is not None and time.time() >= self.expires_at:
            return "token_expired"
        return self.error


@dataclass(eq=False)
class Team:
    """A workspace. The bot is one of its users from the beginning; `installed` is about tokens."""

    name: str
    id: str = field(default_factory=lambda: new_id("T"))
    app_id: str = "A0EMULATED"
    enterprise_id: str | None = None
    installed: bool = True
    bot_token: str = ""
    messages_tab: bool = True
    """Off: people cannot write to the bot, and the bot cannot write to them."""
    users: dict[str, User] = field(default_factory=dict, init=False)
    channels: dict[str, Channel] = field(default_factory=dict, init=False)
    usergroups: dict[str, Usergroup] = field(default_factory=dict, init=False)
    views: dict[str, Json] = field(default_factory=dict, init=False)
    homes: dict[str, Json] = field(default_factory=dict, init=False)
    ephemerals: list[Json] = field(default_factory=list, init=False)
    bot_id: str = field(default_factory=lambda: new_id("B"), init=False)

    def __post_init__(self) -> None:
        self.bot = User("Bubblewatch", self.id, bot=True)
        self.users[self.bot.id] = self.bot

    @property
    def domain(self) -> str:
        return self.name.lower().replace(" ", "-")

    def add_user(
        self,
        name: str,
        *,
        admin: bool = False,
        owner: bool = False,
        locale: str = "en-US",
        tz: str = "America/New_York",
    ) -> User:
        user = User(name, self.id, admin=admin, owner=owner, locale=locale, tz=tz)
        self.users[user.id] = user
        return user

    def add_channel(
        self,
        name: str,
        *,
        creator: User | None = None,
        members: Iterable[User] = (),
        private: bool = False,
        bot_member: bool = True,
    ) -> Channel:
        made_by = creator or self.bot
        everyone = [made_by, *members, *([self.bot] if bot_member else [])]
        ids = list(dict.fromkeys(user.id for user in everyone if bot_member or not user.bot))
        channel = Channel(name, self.id, made_by.id, new_id("C"), members=ids, private=private)
        self.channels[channel.id] = channel
        return channel

    def add_usergroup(self, handle: str, members: Iterable[User] = ()) -> Usergroup:
        group = Usergroup(handle, self.id, [user.id for user in members])
        self.usergroups[group.id] = group
        return group

    def direct(self, user: User) -> Channel:
        """The direct messages between this person and the bot."""
        for channel in list(self.channels.values()):
            if channel.im_with == user.id:
                return channel
        members = [user.id, self.bot.id]
        channel = Channel("", self.id, user.id, new_id("D"), members=members, im_with=user.id)
        self.channels[channel.id] = channel
        return channel

    def public_channels(self) -> Iterator[Channel]:
        return (c for c in list(self.channels.values()) if c.im_with is None and not c.private)
