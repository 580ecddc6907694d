"""One tick: collect, observe, evaluate, enqueue; the transaction that makes an alert exist."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from alerts import correlation, digests
from alerts.clock import Clock
from alerts.collect import Look, look
from alerts.compute import Computed, Settled, all_new_readings
from alerts.evaluate import News, evaluate, wake
from alerts.evidence import Answer, Evidence, Need
from alerts.foresight import Blind, Foresight
from alerts.groups import observe_groups
from alerts.indicators import Cadence, Indicator, needs_of
from alerts.judgement import Versions, judge
from alerts.reading import Missing
from alerts.rules import Kind, Level
from alerts.sources import Source
from alerts.store import alerts as alert_store
from alerts.store import deliveries, destinations, observations, rules, telling
from alerts.store import evidence as evidence_store
from alerts.store import sources as source_store
from alerts.store.alerts import Alert, NewAlert
from alerts.store.database import Database
from alerts.store.observations import IndicatorState, Newest, Observation

log = logging.getLogger(__name__)

AWAY = timedelta(hours=24)
"""Alerts older than this at delivery are told as «while I was away» (R15)."""


@dataclass(frozen=True, slots=True)
class TickReport:
    """What a tick did, for the board, for `watch --once` and for the log."""

    at: datetime
    stored: tuple[Observation, ...]
    missing: tuple[Missing, ...]
    rejected: tuple[str, ...]
    troubles: Mapping[str, str]
    alerts: int
    deliveries: int

    def reasons(self) -> dict[str, list[str]]:
        """Each trouble once, with what was asked for and did not come."""
        found: dict[str, list[str]] = {}
        for need, why in self.troubles.items():
            found.setdefault(why, []).append(need)
        return found


class Watch:
    """The watch over all indicators. One at a time may run on a database."""

    def __init__(
        self,
        database: Database,
        indicators: Mapping[str, Indicator],
        sources: Sequence[Source],
        background: Evidence,
        clock: Clock,
        on_deliveries: Callable[[], None] = lambda: None,
        *,
        tells_staleness: bool = True,
        editing: Collection[str] = (),
        renew: Callable[[], Awaitable[Mapping[str, Indicator]]] | None = None,
        on_tick: Callable[[TickReport | Exception], None] = lambda result: None,
        foresight: Foresight | None = None,
    ) -> None:
        """`background` lies under everything that sources bring: the record.

        `tells_staleness` is off in a replay: the record's gaps are not the market's. `editing`:
        the platforms that can edit what they posted (R26); looked at again at each tick. `renew`
        gives the indicators of each tick where people may define more of them. `on_tick` is told
        how each look ended, `foresight` what there will be to tell in a moment.
        """
        self._database = database
        self._indicators = indicators
        self._sources = sources
        self._background = background
        self._clock = clock
        self._on_deliveries = on_deliveries
        self._tells_staleness = tells_staleness
        self._editing = editing
        self._renew = renew
        self._on_tick = on_tick
        self._foresight = foresight or Blind()
        self._foreseen = False
        self._one_at_a_time = asyncio.Lock()
        self._asking = False
        self._known: Evidence | None = None
        self._unsaved = Evidence()
        self._versions: dict[str, Versions] = {}
        self._settled: dict[str, Settled] = {}

    async def tick(self, cadences: Collection[Cadence] = tuple(Cadence)) -> TickReport:
        """One round (R19).

        1. Ask the sources for what indicators of these cadences need.
        2. Compute what is new, off the event loop.
        3. In one transaction: store evidence and observations, move rules, record alerts with
           their deliveries, note what is stale.
        4. Tell the outbox.
        """
        async with self._one_at_a_time:
            with correlation.begun(correlation.current() or None):
                return await self._told_tick(cadences)

    async def _told_tick(self, cadences: Collection[Cadence]) -> TickReport:
        """A round that asks no source is no look, and nobody is told of it."""
        try:
            report = await self._tick(cadences)
        except Exception as error:
            self._on_tick(error)
            raise
        if cadences:
            self._on_tick(report)
        return report

    async def _tick(self, cadences: Collection[Cadence]) -> TickReport:
        self._asking = True
        try:
            known, found = await self._look(cadences)
        finally:
            self._asking = False
        # A source tells what is new only once; what could not be stored is stored next time.
        self._unsaved = self._unsaved.merge(found.evidence)
        evidence = known.merge(found.evidence)
        payloads = await evidence_store.encode({need: evidence[need] for need in self._unsaved})
        computed = await self._compute(evidence)
        try:
            async with self._database.write() as connection:
                await evidence_store.save(connection, payloads, self._clock.now())
                await source_store.save(connection, found.states)
                report = await self._decide(connection, computed, found)
        except BaseException:
            # What the transaction did not keep must not be remembered either.
            self._versions.clear()
            self._settled.clear()
            self._foresight.none()
            raise
        self._known, self._unsaved = evidence, Evidence()
        if report.deliveries:
            log.info("a look: alerts %d, deliveries %d", report.alerts, report.deliveries)
            self._on_deliveries()
        return report

    async def _look(self, cadences: Collection[Cadence]) -> tuple[Evidence, Look]:
        """What was known before, and what the sources say."""
        if self._renew is not None:
            self._indicators = await self._renew()
        known = await self._load_known()
        async with self._database.read() as connection:
            before = await source_store.load(connection)
        known = known.merge(self._unsaved)
        public = needs_of(one for one in self._indicators.values() if not one.own)
        needs = self._needs(cadences)
        found = await look(self._sources, needs, known, before, self._clock, needs - public)
        return known, found

    @property
    def asking(self) -> bool:
        """A round is at its first step: if it is broken off now, the next one asks the same."""
        return self._asking

    def forget(self) -> None:
        """Another process may have watched since then: look everything up again."""
        self._known = None
        self._versions.clear()
        self._settled.clear()

    async def digest(self) -> int:
        """Enqueue the digests whose time has come; returns how many."""
        with correlation.begun():
            async with self._database.write() as connection:
                count = await digests.enqueue_due(connection, self._clock.now())
            if count:
                log.info("digests: deliveries %d", count)
                self._on_deliveries()
        return count

    async def evidence(self) -> Evidence:
        """All that is known: the record, and over it what sources brought."""
        return self._background.merge(await self._load_known())

    async def _load_known(self) -> Evidence:
        if self._known is None:
            async with self._database.read() as connection:
                needs = needs_of(self._indicators.values())
                self._known = await evidence_store.load(connection, needs)
        return self._known

    def _needs(self, cadences: Collection[Cadence]) -> frozenset[Need[Answer]]:
        """Filings are asked for with filings, prices with sessions, whoever reads them."""
        return frozenset(
            need
            for need in needs_of(self._indicators.values())
            if (Cadence.FILING if need.kind == "statements" else Cadence.SESSION) in cadences
        )

    async def _compute(self, evidence: Evidence) -> list[Computed]:
        async with self._database.read() as connection:
            for key in self._indicators:
                if key not in self._versions:
                    self._versions[key] = await observations.versions(connection, key)
        return await asyncio.to_thread(
            all_new_readings,
            self._indicators,
            self._background,
            evidence,
            self._versions,
            self._settled,
            self._clock.now(),
        )

    async def _decide(
        self, connection: AsyncConnection, computed: Sequence[Computed], found: Look
    ) -> TickReport:
        now = self._clock.now()
        self._foreseen = False
        states = await observations.states(connection)
        changed: list[IndicatorState] = []
        stored: list[Observation] = []
        news: list[NewAlert] = []
        for item in computed:
            key = item.indicator.key
            state = states.get(key, IndicatorState(key))
            after = _looked(item, state, found, now)
            asked_at = now if set(item.indicator.needs) & found.answered else None
            fresh, alerts = await self._observe(connection, item, state.looked_at, asked_at, now)
            stored += fresh
            news += alerts
            after, notices = await self._notice_staleness(connection, item.indicator, after, now)
            news += notices
            if after != state:
                changed.append(after)
        news += await observe_groups(connection, self._indicators, now)
        news += await wake(connection, now)
        if news:
            self._foresight.some()
        await observations.save_states(connection, changed)
        messages = await telling.enqueue(connection, news, now, now - AWAY, editing=self._editing)
        if stored:
            messages += await deliveries.boards_changed(connection, now)
        return TickReport(
            now,
            tuple(stored),
            tuple(item.missing for item in computed if item.missing is not None),
            found.rejected,
            {str(need): reason for need, reason in found.troubles.items()},
            len(news),
            messages,
        )

    async def _observe(
        self,
        connection: AsyncConnection,
        item: Computed,
        looked_at: datetime | None,
        asked_at: datetime | None,
        now: datetime,
    ) -> tuple[list[Observation], list[NewAlert]]:
        """Store one indicator's readings and move its rules."""
        if item.readings.nothing:
            return [], []
        key, sifted = item.indicator.key, item.readings
        versions = self._versions[key]
        last = await observations.newest(connection, key)
        waiting = await observations.waiting(connection, key, last)
        judged = judge(item.indicator, sifted, last, waiting, versions, asked_at)
        fresh = await observations.append(connection, judged.drafts)
        await observations.confirm(connection, judged.confirmed)
        await observations.see_again(connection, judged.seen_again, now)
        await observations.vouch(connection, sifted.vouched)
        confirmed = (await observations.by_ids(connection, judged.confirmed)).values()
        for observation in sorted((*confirmed, *fresh), key=lambda o: o.version):
            reading = observation.reading
            versions[reading.as_of] = Newest(
                observation.fixed,
                observation.version,
                reading.status,
                reading.confirmed_by,
                reading.note,
            )
        for reading in sifted.vouched:
            versions[reading.as_of] = versions[reading.as_of]._replace(
                confirmed_by=reading.confirmed_by, note=reading.note
            )
        moving = _moving([*confirmed, *fresh], last)
        if looked_at is None:
            # A first look finds years of history; nobody was away from it.
            moving = moving[-1:]
        replaced = last.fixed if last and moving and moving[-1].as_of == last.as_of else None
        batch = [News(o, replaced, o is moving[-1]) for o in moving]
        alerts = await evaluate(connection, item.indicator, batch, looked_at, now, self._foresee)
        return fresh, alerts

    async def _foresee(self, connection: AsyncConnection, alert: Alert) -> None:
        """Only the first crossing of a tick: places that hear of several see one picture (R18). Who
        was away is told in words alone (R15)."""
        if not self._foreseen and alert.happened_at >= alert.created_at - AWAY:
            self._foreseen = True
            await self._foresight.many(connection, alert)

    def _may_be_stale(self, indicator: Indicator, now: datetime) -> bool:
        """Whether no fresh value is remembered: nearly always one is, and nothing need be read."""
        if not self._tells_staleness:
            return False
        return not any(
            stored.status.moves_rules and now - as_of <= indicator.stale_after
            for as_of, stored in self._versions[indicator.key].items()
        )

    async def _notice_staleness(
        self,
        connection: AsyncConnection,
        indicator: Indicator,
        state: IndicatorState,
        now: datetime,
    ) -> tuple[IndicatorState, list[NewAlert]]:
        """One notice when data stops, one when it returns (R5)."""
        if state.stale_since is None and not self._may_be_stale(indicator, now):
            return state, []
        newest = await observations.newest(connection, indicator.key)
        if newest is None:
            return state, []
        stale = self._tells_staleness and now - newest.as_of > indicator.stale_after
        if stale == (state.stale_since is not None):
            return state, []
        kind = Kind.STALE if stale else Kind.RESUMED
        watching = set(await rules.watched_by(connection, indicator.key))
        if state.stale_since is not None:
            # Only who heard that data stopped wants to hear that it is back.
            watching &= await alert_store.told_stale(connection, indicator.key, state.stale_since)
        reachable = await destinations.by_ids(connection, watching)
        notices = [
            NewAlert(
                None,
                newest.id,
                destination,
                reachable[destination].off_reason is None,
                indicator.key,
                kind,
                Level.WATCH,
                newest.as_of,
                now,
                newest.fixed,
                indicator.unit,
                previous_as_of=state.stale_since,
            )
            for destination in watching
        ]
        return replace(state, stale_since=newest.as_of if stale else None), notices


def _moving(found: Iterable[Observation], last: Observation | None) -> list[Observation]:
    """What may move rules, oldest first.

    What is older than the last value is history. A restatement of that value moves rules when
    nothing newer came with it (R16).
    """
    moving = [o for o in found if o.reading.status.moves_rules]
    moving.sort(key=lambda o: (o.as_of, o.version))
    if last is None:
        return moving
    later = [o for o in moving if o.as_of > last.as_of]
    return later or [o for o in moving if o.as_of == last.as_of][-1:]


def _looked(item: Computed, state: IndicatorState, found: Look, now: datetime) -> IndicatorState:
    """An indicator was looked at when a source answered for it and none of its needs failed."""
    needs = set(item.indicator.needs)
    troubles = [found.troubles[need] for need in item.indicator.needs if need in found.troubles]
    reason = "; ".join(dict.fromkeys(troubles)) or (item.missing.reason if item.missing else None)
    if needs & found.answered:
        return replace(state, looked_at=now, trouble=reason)
    if needs & found.troubles.keys():
        return replace(state, trouble=reason)
    return state
