"""What is kept, and for how long: figures and alerts for ever, deliveries for a while."""

from __future__ import annotations

import logging
from datetime import timedelta

from alerts.clock import Clock
from alerts.store import retention
from alerts.store.database import Database

log = logging.getLogger(__name__)

BREATH_S = 0.05
"""Between two steps others may write."""


class Retention:
    """The daily clearing up, in steps so short that nobody waits for it."""

    def __init__(self, database: Database, clock: Clock, keep: timedelta) -> None:
        self._database = database
        self._clock = clock
        self._keep = keep

    async def clear_up(self) -> int:
        """Delete what is older than it is to be kept; returns how many deliveries that were.

        Then the file gives its free pages back, a few at a time.
        """
        before = self._clock.now() - self._keep
        pruned, place = 0, 0
        while True:
            async with self._database.write() as connection:
                step = await retention.prune(connection, before, place)
            pruned += step.deleted
            if step.next is None:
                break
            place = step.next
            await self._clock.sleep(BREATH_S)
        while await self._give_back():
            await self._clock.sleep(BREATH_S)
        if pruned:
            log.info("%d deliveries from before %s are deleted", pruned, before.date())
        return pruned

    async def _give_back(self) -> bool:
        async with self._database.write() as connection:
            return await retention.give_back(connection)
