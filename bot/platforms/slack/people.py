"""Who someone is in Slack: name, language, and whether they may change things in a channel."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from alerts.clock import Clock
from alerts.platform import TemporaryFailure
from alerts.store import workspaces
from alerts.store.database import Database
from bot.locales import known_language
from bot.platforms.slack.calls import TeamCalls
from bot.platforms.slack.errors import SlackRefused

log = logging.getLogger(__name__)

NAMES_KEPT = timedelta(hours=1)
RIGHTS_KEPT = timedelta(minutes=1)
_SOON_S = 1.5
"""A person waits for the answer: longer than this, a name or a language is done without."""
_MOST_KEPT = 10_000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Person:
    """`language` is one of ours, None for any other locale. `admin`: of the workspace."""

    name: str
    language: str | None
    admin: bool


class _Kept(Generic[T]):
    """Values that stay good for a while."""

    def __init__(self, clock: Clock, good_for: timedelta) -> None:
        self._clock = clock
        self._good_for = good_for
        self._values: dict[tuple[str, ...], tuple[T, datetime]] = {}

    async def get(self, key: tuple[str, ...], find: Callable[[], Awaitable[T]]) -> T:
        now = self._clock.now()
        kept = self._values.get(key)
        if kept is not None and now - kept[1] < self._good_for:
            return kept[0]
        value = await find()
        if len(self._values) >= _MOST_KEPT:
            self._values.clear()
        self._values[key] = (value, now)
        return value

    def last(self, key: tuple[str, ...]) -> T | None:
        kept = self._values.get(key)
        return None if kept is None else kept[0]


class People:
    """What we ask Slack about persons, and remember for a minute or an hour."""

    def __init__(self, call: TeamCalls, database: Database, clock: Clock) -> None:
        self._call = call
        self._database = database
        self._persons: _Kept[Person] = _Kept(clock, NAMES_KEPT)
        self._admins: _Kept[bool] = _Kept(clock, RIGHTS_KEPT)
        self._creators: _Kept[str] = _Kept(clock, RIGHTS_KEPT)
        self._members: _Kept[frozenset[str]] = _Kept(clock, RIGHTS_KEPT)
        self._groups: _Kept[Mapping[str, str]] = _Kept(clock, RIGHTS_KEPT)

    async def person(self, team: str, user: str) -> Person:
        """Somebody without a name or language when Slack does not say it soon."""
        try:
            return await self._persons.get((team, user), lambda: self._asked(team, user, _SOON_S))
        except (SlackRefused, TemporaryFailure) as failure:
            log.info("slack: nothing known of a person: %s", failure)
            return Person("", None, admin=False)

    async def groups(self, team: str) -> Mapping[str, str]:
        """The user groups that can be called: their ids by handle; none when Slack says no."""
        try:
            return await self._groups.get((team,), lambda: self._listed(team))
        except (SlackRefused, TemporaryFailure) as failure:
            log.warning("slack: the user groups are not known: %s", failure)
            return {}

    async def group_called(self, team: str, group: str) -> str | None:
        """`@handle`; None for one that the workspace does not have. Its id, when Slack does not
        say which there are: an app may lack the right to know."""
        try:
            groups = await self._groups.get((team,), lambda: self._listed(team))
        except (SlackRefused, TemporaryFailure) as failure:
            log.warning("slack: the user groups are not known: %s", failure)
            return group
        return next((f"@{handle}" for handle, known in groups.items() if known == group), None)

    async def channel_called(self, team: str, channel: str) -> str | None:
        """`#name`, where Slack shows the channel to us."""
        try:
            said = await self._call(
                team, "conversations.info", {"channel": channel}, longest_wait=_SOON_S
            )
        except (SlackRefused, TemporaryFailure) as failure:
            log.info("slack: what a channel is called is not known: %s", failure)
            return None
        about = said.get("channel")
        name = about.get("name") if isinstance(about, dict) else None
        return f"#{name}" if name else None

    async def _listed(self, team: str) -> Mapping[str, str]:
        listed = (await self._call(team, "usergroups.list", {})).get("usergroups")
        groups = [
            group
            for group in (listed if isinstance(listed, list) else ())
            if isinstance(group, dict)
        ]
        return {str(group["handle"]): str(group["id"]) for group in groups}

    def language_at_hand(self, team: str, user: str) -> str | None:
        """As it was known last, without asking."""
        person = self._persons.last((team, user))
        return None if person is None else person.language

    async def may_change(self, team: str, user: str, channel: str) -> bool:
        """Workspace admins and owners, whoever made the channel, and the group that is set."""
        return await self.may_change_everywhere(team, user) or (
            await self._creators.get((team, channel), lambda: self._creator(team, channel)) == user
        )

    async def may_change_everywhere(self, team: str, user: str) -> bool:
        """Workspace admins and owners, and the group that is set."""
        if await self._admins.get((team, user), lambda: self._is_admin(team, user)):
            return True
        async with self._database.read() as connection:
            group = await workspaces.managers_of(connection, "slack", team)
        if group is None:
            return False
        return user in await self._members.get((team, group), lambda: self._group(team, group))

    async def _asked(self, team: str, user: str, longest_wait: float) -> Person:
        said = await self._call(
            team,
            "users.info",
            {"user": user, "include_locale": "true"},
            longest_wait=longest_wait,
        )
        about = said.get("user")
        if not isinstance(about, dict):
            return Person("", None, admin=False)
        profile = about.get("profile")
        names = profile if isinstance(profile, dict) else {}
        name = names.get("display_name") or about.get("real_name") or about.get("name") or ""
        admin = bool(about.get("is_admin") or about.get("is_owner"))
        return Person(str(name), known_language(str(about.get("locale") or "")), admin)

    async def _is_admin(self, team: str, user: str) -> bool:
        return (await self._asked(team, user, 10.0)).admin

    async def _creator(self, team: str, channel: str) -> str:
        """Nobody, where Slack does not show the channel to us."""
        try:
            said = await self._call(team, "conversations.info", {"channel": channel})
        except SlackRefused as refused:
            log.info("slack: who made a channel is not known: %s", refused)
            return ""
        about = said.get("channel")
        return str(about.get("creator") or "") if isinstance(about, dict) else ""

    async def _group(self, team: str, group: str) -> frozenset[str]:
        try:
            said = await self._call(team, "usergroups.users.list", {"usergroup": group})
        except SlackRefused as refused:
            log.warning("slack: who is in the group %s is not known: %s", group, refused)
            return frozenset()
        users = said.get("users")
        return frozenset(map(str, users)) if isinstance(users, list) else frozenset()
