"""Comings and goings: the bot joins, leaves, loses a channel (RULES.md R24, R25, R30)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.clock import Clock
from alerts.store import deliveries, destinations, workspaces
from alerts.store.database import Database
from alerts.store.destinations import Place


@dataclass(frozen=True, slots=True)
class Presence:
    """What platforms report. Every method is safe to call twice."""

    database: Database
    clock: Clock
    wake_outbox: Callable[[], None]

    async def joined(self, channel: Place | None, place: Place, language: str | None) -> None:
        """The bot is in the workspace of `place`.

        What was switched off when it left is on again. The first time, one short message says
        what it does, into `channel`, the place where the bot may speak; None when there is none.
        """
        now = self.clock.now()
        async with self.database.write() as connection:
            await self._back(connection, place.platform, place.workspace)
            greets = channel is not None and await workspaces.greet_once(
                connection, place.platform, place.workspace, now
            )
            if greets and channel is not None:
                home = await destinations.find_or_make(
                    connection, channel, now, language=language or "en"
                )
                await deliveries.notice(connection, home.id, {"notice": "greeting"}, now)
        self.wake_outbox()

    async def left(self, platform: str, workspace: str, reason: str) -> None:
        """The bot was removed from a workspace: its destinations are off at once (R25)."""
        async with self.database.write() as connection:
            await destinations.workspace_gone(connection, platform, workspace, reason)

    async def back(self, platform: str, workspace: str) -> None:
        """The platform takes our token again, or the bot was added again."""
        async with self.database.write() as connection:
            await self._back(connection, platform, workspace)
        self.wake_outbox()

    async def _back(self, connection: AsyncConnection, platform: str, workspace: str) -> None:
        """One word that we are back, to the oldest channel there; then what waited follows."""
        on_again = await destinations.workspace_back(connection, platform, workspace)
        homes = await destinations.by_ids(connection, on_again)
        channels = [home for home in homes.values() if not home.direct]
        if channels:
            first = min(channels, key=lambda home: home.id)
            await deliveries.notice(connection, first.id, {"notice": "back"}, self.clock.now())

    async def channel_gone(self, place: Place, reason: str, person: Place | None = None) -> None:
        """A channel was deleted or the bot may not speak there any more.

        Its owner is told elsewhere: in another channel of the same workspace, or alone (R30).
        """
        now = self.clock.now()
        async with self.database.write() as connection:
            found = await destinations.find(connection, place)
            if found is None:
                return
            await destinations.lose(connection, found, reason, person, now)
        self.wake_outbox()
