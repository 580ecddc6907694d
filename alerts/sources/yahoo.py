"""Prices, share counts, undated weights and a second look at statements: Yahoo, via yfinance.

yfinance works in a child process (yahoo_worker.py); here is the calendar of what is asked when,
and the judgement of what comes back. Evidence of its troubles: CATALOGUE.md section 4, WIRE.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Protocol, TypeVar, TypeVarTuple, Unpack
from urllib.parse import quote

from alerts.child import Child, ChildGone, Room
from alerts.clock import Clock
from alerts.evidence import (
    Answer,
    CompanyFacts,
    Evidence,
    FundHoldings,
    Need,
    Origin,
    ShareCount,
    ShareCounts,
    Weights,
    holdings,
    prices,
    shares,
)
from alerts.market_hours import NEW_YORK, MarketHours
from alerts.sources import Collected, SourceUnavailable, yahoo_statements
from alerts.sources.circuit import Circuit
from alerts.sources.yahoo_bars import read_bars, what_is_new
from alerts.sources.yahoo_details import fractions, whole_company_shares
from alerts.sources.yahoo_worker import (
    Chart,
    Company,
    Details,
    Fault,
    Statements,
    TopHoldings,
    Trouble,
    Wire,
    fetch_charts,
    fetch_details,
)

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

FUND = "SPY"
LOOK_BACK = timedelta(days=10)
"""Fetched again each time, since Yahoo mends its figures, and forgets a session at times."""

AFTER_A_FAILURE = timedelta(hours=1)
LEAVES = {
    "prices": "history",
    "shares": "key-statistics",
    "holdings": "holdings",
    "second_statements": "financials",
}
"""Where people find on Yahoo's site what was fetched."""

SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(seconds=0.5), timedelta(seconds=2)
IDLE_S, IDLE_WITHOUT_ROOM_S = 300.0, 5.0
"""So long the child that has yfinance in it stays when there is nothing to ask."""
PATIENCE = timedelta(seconds=80)
"""For the prices, and again for the rest: both fit into what collect.py grants a source."""


class Run(Protocol):
    """How blocking work is done away from the event loop."""

    async def __call__(self, work: Callable[[Unpack[Ts]], T], *args: *Ts) -> T: ...


class YahooSource:
    """Supplies `prices`, `shares`, `holdings("SPY")` and `second_statements` of some companies.

    Prices are one batch a call. Share counts and holdings are asked for once a day (New York's
    day), an hour after a failure, and carry the day of the fetch: Yahoo gives them no date.
    Statements are asked for once a day, while a quarter was filed that Yahoo has not given yet.
    A 429 stops prices, or all the rest, for 15, then 60, then 240 minutes: the two are apart
    since Yahoo guards the latter with a crumb that it often refuses alone.

    `pause` is the time between two requests for figures: of Yahoo itself two seconds, and less
    where a batch is so long that it would not be over in time. `base_url` replaces all its hosts.
    yfinance weighs 88 MB and lives in a child process; `room` is shared with other children where
    memory is short.
    """

    name = "yahoo"

    def __init__(
        self,
        base_url: str | None,
        cache_dir: Path,
        clock: Clock,
        hours: MarketHours,
        *,
        pause: timedelta | None = None,
        timeout: timedelta = timedelta(seconds=15),
        patience: timedelta = PATIENCE,
        run: Run | None = None,
        room: Room | None = None,
    ) -> None:
        self._clock = clock
        self._hours = hours
        # Without room for two it makes way as soon as it has asked.
        self._child = Child(IDLE_S if room is None else IDLE_WITHOUT_ROOM_S, room=room)
        self._run = self._child if run is None else run
        self._patience = patience
        usual = SHORTEST_PAUSE if base_url else LONGEST_PAUSE
        self._wire = Wire(
            base_url or None,
            str(cache_dir / "yfinance"),
            (usual if pause is None else pause).total_seconds(),
            timeout.total_seconds(),
        )
        self._charts_circuit = Circuit(self.name, clock)
        self._details_circuit = Circuit(self.name, clock)
        self._trouble: dict[Need[Answer], str] = {}
        self._not_before: dict[Need[Answer], datetime] = {}
        self._turn = asyncio.Lock()

    def supplies(self, need: Need[Answer]) -> bool:
        match need.kind:
            case "prices" | "shares":
                return True
            case "holdings":
                return need.subject == FUND
            case "second_statements":
                return need.subject in yahoo_statements.ASKED
        return False

    async def collect(self, needs: Collection[Need[Answer]], known: Evidence) -> Collected:
        """Ask for all prices, and for what is asked once a day where it is due.

        1. Prices: raises SourceUnavailable when not one could be had.
        2. The rest: a failure there leaves its needs unmet; it is an error only when no prices
           were asked for.
        """
        wanted = [need for need in needs if self.supplies(need)]
        answers: dict[Need[Answer], Answer] = {}
        rejected: list[str] = []
        async with self._turn:
            priced = [need for need in wanted if need.kind == "prices"]
            if priced:
                await self._collect_prices(priced, known, answers, rejected)
            due = [n for n in wanted if n.kind != "prices" and self._is_due_today(n, known)]
            try:
                if due:
                    await self._collect_details(due, known, answers, rejected)
            except SourceUnavailable as failed:
                if not priced:
                    raise
                self._trouble |= dict.fromkeys(due, failed.reason)
        unmet = {need: self._trouble[need] for need in wanted if need in self._trouble}
        return Collected(Evidence(answers), tuple(rejected), unmet)

    async def close(self) -> None:
        """End the child process."""
        await self._child.close()

    def _paced(self, requests: int) -> Wire:
        """As slow as the catalogue wants it (section 4), while so many requests allow it."""
        allowed = self._patience.total_seconds() / 2 / max(requests, 1)
        shortest = min(self._wire.pause, SHORTEST_PAUSE.total_seconds())
        return replace(self._wire, pause=max(shortest, min(self._wire.pause, allowed)))

    async def _collect_prices(
        self,
        needs: list[Need[Answer]],
        known: Evidence,
        answers: dict[Need[Answer], Answer],
        rejected: list[str],
    ) -> None:
        self._charts_circuit.check()
        now = self._clock.now()
        starts = {need: self._last_known(need, known) for need in needs}
        asked = [n for n in needs if starts[n] or now >= self._not_before.get(n, now)]
        if not asked:
            return
        # One batch has one span: all of it as long as one symbol is new.
        start = min(starts[n] or self._hours.sessions[0].day for n in asked)
        charts = await self._work(
            fetch_charts,
            self._paced(len(asked)),
            tuple(need.subject for need in asked),
            start,
            now.astimezone(NEW_YORK).date() + timedelta(days=1),
        )
        self._judge_faults(asked, charts, now)
        # 36 years of ten symbols are a second's work, too much for the event loop.
        await asyncio.to_thread(self._read_charts, asked, charts, known, now, answers, rejected)

    def _read_charts(
        self,
        asked: list[Need[Answer]],
        charts: Mapping[str, Chart],
        known: Evidence,
        now: datetime,
        answers: dict[Need[Answer], Answer],
        rejected: list[str],
    ) -> None:
        for need in asked:
            chart = charts[need.subject]
            if chart.fault is not None:
                continue
            fetched, complaints = read_bars(
                chart.bars,
                chart.splits,
                chart.dividends,
                now,
                self._hours,
                self._origin(need, now),
            )
            rejected += [f"{need.subject}: {complaint}" for complaint in complaints]
            news = what_is_new(fetched, known.of(prices(need.subject)))
            if news is not None:
                answers[need] = news

    def _judge_faults(
        self, asked: list[Need[Answer]], charts: Mapping[str, Chart], now: datetime
    ) -> None:
        """Note who got nothing and why. Raises SourceUnavailable when nobody got anything."""
        faults = {n: fault for n in asked if (fault := charts[n.subject].fault) is not None}
        limited = _limited(faults.values())
        error = None
        if limited is not None:
            error = self._charts_circuit.open(limited.text, _delta(limited.retry_after))
        elif len(faults) < len(asked):
            self._charts_circuit.close()
        outage = [f for f in faults.values() if f.trouble is not Trouble.UNKNOWN]
        for need in asked:
            self._trouble.pop(need, None)
            self._not_before.pop(need, None)
        for need, fault in faults.items():
            self._trouble[need] = fault.text
            # A new symbol makes the batch span decades: not for one that fails alone.
            unknown = fault.trouble is Trouble.UNKNOWN
            self._not_before[need] = now + (timedelta(days=1) if unknown else AFTER_A_FAILURE)
        if len(faults) == len(asked) and outage:
            for need in faults:
                self._not_before.pop(need, None)
            raise error or SourceUnavailable(self.name, outage[0].text)

    async def _collect_details(
        self,
        due: list[Need[Answer]],
        known: Evidence,
        answers: dict[Need[Answer], Answer],
        rejected: list[str],
    ) -> None:
        for circuit in (self._charts_circuit, self._details_circuit):
            circuit.check()
        now = self._clock.now()
        requests = sum(
            len(yahoo_statements.ASKED[need.subject]) if need.kind == "second_statements" else 1
            for need in due
        )
        details = await self._work(
            fetch_details,
            self._paced(requests),
            tuple(need.subject for need in due if need.kind == "shares"),
            tuple(need.subject for need in due if need.kind == "holdings"),
            tuple(
                (need.subject, yahoo_statements.ASKED[need.subject])
                for need in due
                if need.kind == "second_statements"
            ),
        )
        faults: dict[Need[Answer], Fault] = {}
        for need in due:
            found = _found(need, details)
            if isinstance(found, Fault):
                faults[need] = found
                self._failed(need, found.text, now)
                continue
            try:
                answer = self._read_detail(need, found, known, now, rejected)
                if answer is not None:
                    answers[need] = answer
            except ValueError as unfit:
                rejected.append(f"{need.subject}: {unfit}")
                self._failed(need, str(unfit), now)
            else:
                self._trouble.pop(need, None)
                self._not_before[need] = _next_day(now)
        limited = _limited(faults.values())
        if limited is not None:
            error = self._details_circuit.open(limited.text, _delta(limited.retry_after))
            if len(faults) == len(due):
                raise error
        elif len(faults) < len(due):
            self._details_circuit.close()

    def _read_detail(
        self,
        need: Need[Answer],
        found: Company | TopHoldings | Statements,
        known: Evidence,
        now: datetime,
        rejected: list[str],
    ) -> Answer | None:
        """None without anything new. Raises ValueError when the figures cannot be trusted."""
        today, origin = now.astimezone(NEW_YORK).date(), self._origin(need, now)
        if isinstance(found, Company):
            return ShareCounts((ShareCount(today, whole_company_shares(found), origin),))
        if isinstance(found, Statements):
            sheet = yahoo_statements.read(need.subject, found.rows, known, today, origin)
            rejected += sheet.rejected
            return CompanyFacts(sheet.facts) if sheet.facts else None
        return FundHoldings(
            (Weights(today, fractions(found), dated=False, estimate=False, origin=origin),)
        )

    def _failed(self, need: Need[Answer], reason: str, now: datetime) -> None:
        self._trouble[need] = reason
        once = need.kind == "second_statements"
        self._not_before[need] = _next_day(now) if once else now + AFTER_A_FAILURE

    def _last_known(self, need: Need[Answer], known: Evidence) -> date | None:
        """The first day to fetch again; None when Yahoo has told nothing of this symbol yet."""
        history = known.of(prices(need.subject))
        for close in reversed(history.closes if history else ()):
            if close.origin.source == self.name:
                return close.session - LOOK_BACK
        return None

    def _is_due_today(self, need: Need[Answer], known: Evidence) -> bool:
        now = self._clock.now()
        if now < self._not_before.get(need, now):
            return False
        if need.kind == "second_statements":
            today = now.astimezone(NEW_YORK).date()
            return yahoo_statements.is_due(need.subject, known, today)
        if need.kind == "shares":
            counts = known.of(shares(need.subject))
            days = (
                [c.as_of for c in counts.counts if c.origin.source == self.name] if counts else []
            )
        else:
            fund = known.of(holdings(need.subject))
            days = [day.as_of for day in fund.days if not day.dated] if fund else []
        return now.astimezone(NEW_YORK).date() not in days

    def _origin(self, need: Need[Answer], now: datetime) -> Origin:
        url = f"https://finance.yahoo.com/quote/{quote(need.subject)}/{LEAVES[need.kind]}"
        return Origin(self.name, url, now)

    async def _work(self, work: Callable[[Unpack[Ts]], T], *args: *Ts) -> T:
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                return await self._run(work, *args)
        except TimeoutError as error:
            seconds = f"{self._patience.total_seconds():g}"
            raise SourceUnavailable(
                self.name, f"Yahoo did not answer within {seconds} s"
            ) from error
        except ChildGone as error:
            raise SourceUnavailable(
                self.name, "the process that asks Yahoo broke off; it is started again"
            ) from error


def _found(need: Need[Answer], details: Details) -> Company | TopHoldings | Statements | Fault:
    match need.kind:
        case "shares":
            return details.companies[need.subject]
        case "holdings":
            return details.funds[need.subject]
    return details.statements[need.subject]


def _limited(faults: Collection[Fault]) -> Fault | None:
    return next((f for f in faults if f.trouble is Trouble.RATE_LIMITED), None)


def _delta(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def _next_day(now: datetime) -> datetime:
    """The next midnight in New York."""
    tomorrow = now.astimezone(NEW_YORK).date() + timedelta(days=1)
    return datetime.combine(tomorrow, datetime.min.time(), NEW_YORK)
