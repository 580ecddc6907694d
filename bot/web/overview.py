"""What the web side shows, loaded once for all who look at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.clock import Clock
from alerts.indicators import Cadence, Indicator
from alerts.measures import Point
from alerts.scorecard import Scorecard, draw_up
from alerts.store import observations, survey
from alerts.store import sources as source_store
from alerts.store.database import Database
from alerts.store.sources import SourceState
from alerts.store.survey import Version
from bot.board import Standing
from bot.web.crossings import Crossing, crossings

FRESH_FOR = timedelta(seconds=10)
"""So long nobody asks the database again."""


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything as it stood at one moment. Crossings of each indicator are oldest first."""

    at: datetime
    version: Version
    standings: Mapping[str, Standing]
    sources: Sequence[SourceState]
    crossings: Mapping[str, Sequence[Crossing]]
    card: Scorecard

    @property
    def all_crossings(self) -> list[Crossing]:
        return [one for found in self.crossings.values() for one in found]


class Overviews:
    """Loads the overview when something was observed, and at most every ten seconds."""

    def __init__(
        self, database: Database, indicators: Mapping[str, Indicator], clock: Clock
    ) -> None:
        self._database = database
        self._indicators = indicators
        self._clock = clock
        self._turn = asyncio.Lock()
        self._kept: Overview | None = None
        self._crossed: dict[str, tuple[Sequence[Point], Sequence[Crossing]]] = {}

    async def now(self) -> Overview:
        """Those who ask meanwhile wait for the one that is being loaded."""
        async with self._turn:
            now = self._clock.now()
            kept = self._kept
            if kept is not None and timedelta(0) <= now - kept.at < FRESH_FOR:
                return kept
            async with self._database.read() as connection:
                version = await survey.version(connection)
                sources = tuple((await source_store.load(connection)).values())
                if kept is not None and kept.version == version and kept.at.date() == now.date():
                    self._kept = replace(kept, at=now, sources=sources)
                    return self._kept
                standings = await self._standings(connection)
            crossed = {key: await self._crossings(one, now) for key, one in standings.items()}
            histories = {key: one.history for key, one in standings.items()}
            card = await asyncio.to_thread(draw_up, self._indicators.values(), histories, now)
            self._kept = Overview(now, version, standings, sources, crossed, card)
            return self._kept

    async def _standings(self, connection: AsyncConnection) -> dict[str, Standing]:
        by_session = [
            key for key, one in self._indicators.items() if one.cadence is Cadence.SESSION
        ]
        others = self._indicators.keys() - set(by_session)
        histories = await survey.histories(connection, by_session, others)
        states = await observations.states(connection)
        found: dict[str, Standing] = {}
        for key, indicator in self._indicators.items():
            newest = await observations.newest(connection, key)
            if newest is None:
                newest = await observations.newest(connection, key, moving=False)
            state = states.get(key)
            found[key] = Standing(
                indicator,
                newest.reading if newest else None,
                histories.get(key, []),
                state.trouble if state else None,
            )
        return found

    async def _crossings(self, standing: Standing, now: datetime) -> Sequence[Crossing]:
        """Found again only where the history has grown or the day has passed."""
        key, history = standing.indicator.key, standing.history
        known = self._crossed.get(key)
        if known is not None and known[0] == history and _settled(known[1]):
            return known[1]
        found = await asyncio.to_thread(crossings, standing.indicator, history, now.date())
        self._crossed[key] = history, found
        return found


def _settled(found: Sequence[Crossing]) -> bool:
    return all(one.settled for one in found)
