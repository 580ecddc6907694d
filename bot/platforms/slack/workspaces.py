"""Which token speaks in which workspace: one that the operator gave, or many that installed us."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from alerts.clock import Clock
from alerts.platform import TemporaryFailure
from alerts.store import credentials
from alerts.store.database import Database
from bot.platforms.slack.errors import SlackRefused
from bot.sealing import Seal, SealBroken

log = logging.getLogger(__name__)

PLATFORM = "slack"
RENEW_BEFORE = timedelta(hours=2)
"""Slack's tokens that rotate live twelve hours."""


@dataclass(frozen=True, slots=True)
class Installation:
    """What we need to act in a workspace; a token that rotates has the last two as well."""

    team: str
    token: str
    bot_user: str
    bot_id: str
    refresh_token: str | None = None
    expires_at: float | None = None
    """Seconds of the Unix epoch."""


class Workspaces(Protocol):
    """Whose tokens we hold."""

    async def of(self, team: str) -> Installation:
        """With a token that is good for a while. Raises SlackRefused when there is none."""
        ...

    async def renewed(self, refused: Installation) -> Installation | None:
        """Another token in the place of one that Slack has just called expired."""
        ...

    async def forget(self, team: str) -> None:
        """The workspace has removed us."""
        ...


class OneWorkspace:
    """The workspace of the bot token in the settings; `introduce` is `auth.test`."""

    def __init__(self, token: str, introduce: Callable[[str], Awaitable[Installation]]) -> None:
        self._token = token
        self._introduce = introduce
        self._known: Installation | None = None
        self._asking = asyncio.Lock()

    async def own(self) -> Installation:
        """Raises SlackRefused or TemporaryFailure."""
        async with self._asking:
            if self._known is None:
                self._known = await self._introduce(self._token)
            return self._known

    async def of(self, team: str) -> Installation:
        known = await self.own()
        if known.team != team:
            raise SlackRefused("invalid_auth", "the bot token is of another workspace")
        return known

    async def renewed(self, refused: Installation) -> Installation | None:
        return None

    async def forget(self, team: str) -> None:
        self._known = None


Refresh = Callable[[str], Awaitable[Mapping[str, object]]]
"""`oauth.v2.access` with a refresh token."""


class ManyWorkspaces:
    """Those that installed us by OAuth: sealed in the database, renewed before they expire.

    One process watches a database, so one lock a workspace is enough for one refresh at a time.
    """

    def __init__(self, database: Database, secret_key: str, clock: Clock, refresh: Refresh) -> None:
        self._database = database
        self._secret_key = secret_key
        self._clock = clock
        self._refresh = refresh
        self._known: dict[str, Installation] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._seal_of_tokens: Seal | None = None

    async def of(self, team: str) -> Installation:
        known = self._known.get(team)
        if known is not None and not self._is_due(known):
            return known
        async with self._lock(team):
            known = self._known.get(team) or await self._load(team)
            if self._is_due(known):
                known = await self._renew(known)
            self._known[team] = known
            return known

    async def renewed(self, refused: Installation) -> Installation | None:
        if refused.refresh_token is None:
            return None
        async with self._lock(refused.team):
            known = self._known.get(refused.team) or await self._load(refused.team)
            # Another call may have renewed it while this one was refused.
            if known.token == refused.token:
                known = await self._renew(known, insist=True)
            self._known[refused.team] = known
            return known

    async def keep(self, installation: Installation) -> None:
        """Installed, or installed again."""
        async with self._lock(installation.team):
            await self._save(installation)

    async def forget(self, team: str) -> None:
        async with self._lock(team):
            self._known.pop(team, None)
            async with self._database.write() as connection:
                await credentials.forget(connection, PLATFORM, team)

    def _seal(self) -> Seal:
        # Made when it is first needed: `run` tells the operator of a key that is too short.
        if self._seal_of_tokens is None:
            self._seal_of_tokens = Seal(self._secret_key, "slack tokens")
        return self._seal_of_tokens

    def _lock(self, team: str) -> asyncio.Lock:
        return self._locks.setdefault(team, asyncio.Lock())

    def _is_due(self, known: Installation) -> bool:
        if known.expires_at is None or known.refresh_token is None:
            return False
        expires = datetime.fromtimestamp(known.expires_at, UTC)
        return self._clock.now() >= expires - RENEW_BEFORE

    async def _renew(self, known: Installation, *, insist: bool = False) -> Installation:
        """Raises when the token that is there is of no use any more, or when one insists."""
        assert known.refresh_token is not None
        assert known.expires_at is not None
        now = self._clock.now()
        try:
            answer = await self._refresh(known.refresh_token)
        except TemporaryFailure:
            if insist or now.timestamp() >= known.expires_at:
                raise
            log.warning("slack: the token of %s could not be renewed yet", known.team)
            return known
        lives = float(str(answer["expires_in"]))
        fresh = replace(
            known,
            token=str(answer["access_token"]),
            refresh_token=str(answer["refresh_token"]),
            expires_at=now.timestamp() + lives,
        )
        await self._save(fresh)
        return fresh

    async def _load(self, team: str) -> Installation:
        async with self._database.read() as connection:
            sealed = await credentials.load(connection, PLATFORM, team)
        if sealed is None:
            raise SlackRefused("account_inactive", f"{team} has not installed this app")
        try:
            return Installation(**json.loads(self._seal().open(sealed)))
        except SealBroken as broken:
            log.error(
                "slack: the token of %s was sealed with another BUBBLEWATCH_SECRET_KEY; "
                "put the old key behind the new one, or let the workspace install again",
                team,
            )
            raise SlackRefused("invalid_auth", "sealed with another key") from broken

    async def _save(self, installation: Installation) -> None:
        now = self._clock.now()
        sealed = self._seal().seal(json.dumps(asdict(installation)).encode(), now)
        async with self._database.write() as connection:
            await credentials.save(connection, PLATFORM, installation.team, sealed, now)
        self._known[installation.team] = installation
