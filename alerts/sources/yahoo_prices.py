"""Prices of Yahoo: last trades in one request, and charts one by one where only these will do.

A new symbol costs a chart, and so does whatever is odd about a quote (yahoo_quotes.py). Beside
that one chart a look is read again, so that what Yahoo mends, and dividends, arrive within a day:
two requests in a look, however many symbols there are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from urllib.parse import quote as quoted

from alerts.clock import Clock
from alerts.evidence import Answer, Evidence, Need, Origin, PriceHistory, prices
from alerts.market_hours import MIDNIGHT, NEW_YORK, MarketHours, next_time
from alerts.sources import SourceUnavailable
from alerts.sources.circuit import Circuit
from alerts.sources.yahoo_bars import read_bars, what_is_new
from alerts.sources.yahoo_child import NAME, YahooChild
from alerts.sources.yahoo_quotes import Doubtful, Wanted, bar_of, wanted
from alerts.sources.yahoo_worker import Chart, Fault, Quote, Trouble, fetch_charts, fetch_quotes

LOOK_BACK = timedelta(days=10)
"""A chart that is read again covers this much, since Yahoo mends its figures."""

AFTER_A_FAILURE = timedelta(hours=1)

Answers = dict[Need[Answer], Answer]


class YahooPrices:
    """What is known of each symbol's troubles, and when its chart is to be read again.

    A 429 stops prices for 15, then 60, then 240 minutes.
    """

    def __init__(self, child: YahooChild, clock: Clock, hours: MarketHours) -> None:
        self._child = child
        self._clock = clock
        self._hours = hours
        self.circuit = Circuit(NAME, clock)
        self.trouble: dict[Need[Answer], str] = {}
        self._not_before: dict[Need[Answer], datetime] = {}
        self._again: dict[Need[Answer], datetime] = {}
        self._no_quotes_before: datetime | None = None

    async def collect(
        self, needs: list[Need[Answer]], known: Evidence
    ) -> tuple[Answers, list[str]]:
        """What is new, and what was rejected and why.

        Raises SourceUnavailable when nothing at all could be had.
        """
        self.circuit.check()
        now = self._clock.now()
        asked = [n for n in needs if _told(n, known) or now >= self._not_before.get(n, now)]
        sorted_out: dict[Wanted, list[Need[Answer]]] = {kind: [] for kind in Wanted}
        for need in asked:
            history = known.of(prices(need.subject)) if _told(need, known) else None
            sorted_out[wanted(history, NAME, self._hours, now)].append(need)
        charts, answers, rejected = sorted_out[Wanted.CHART], Answers(), list[str]()
        if sorted_out[Wanted.QUOTE]:
            charts += await self._ask_quotes(sorted_out[Wanted.QUOTE], known, answers, now)
        met = len(asked) > len(charts)
        if charts:
            await self._ask_charts(charts, known, answers, rejected, now, met=met)
        elif again := [n for n in asked if now >= self._again.get(n, now)][:1]:
            met = bool(sorted_out[Wanted.QUOTE])
            await self._ask_charts(again, known, answers, rejected, now, met=met)
        return answers, rejected

    async def _ask_quotes(
        self, needs: list[Need[Answer]], known: Evidence, answers: Answers, now: datetime
    ) -> list[Need[Answer]]:
        """Fills `answers`, and gives those of which only the chart can tell.

        Quotes are guarded by a crumb that is often refused alone: then charts do for an hour.
        Raises SourceUnavailable where no chart would come either.
        """
        if self._no_quotes_before is not None and now < self._no_quotes_before:
            return needs
        symbols = tuple(need.subject for need in needs)
        wire = self._child.paced(1)
        quotes = await self._child.work(fetch_quotes, wire, symbols, patience=0.25)
        if isinstance(quotes, Fault):
            self._judge_outage(quotes)
            self._no_quotes_before = now + AFTER_A_FAILURE
            return needs
        self._no_quotes_before = None
        return [need for need in needs if not self._is_told(need, quotes, known, answers, now)]

    def _judge_outage(self, fault: Fault) -> None:
        if fault.trouble is Trouble.RATE_LIMITED:
            raise self.circuit.open(fault.text, delta(fault.retry_after))
        if fault.trouble is Trouble.UNREACHABLE:
            raise SourceUnavailable(NAME, fault.text)

    def _is_told(
        self,
        need: Need[Answer],
        quotes: Mapping[str, Quote],
        known: Evidence,
        answers: Answers,
        now: datetime,
    ) -> bool:
        """Whether its quote says all that there is to say."""
        quote, history = quotes.get(need.subject), known.of(prices(need.subject))
        if quote is None or history is None:
            return False
        try:
            bar = bar_of(quote, history, NAME, self._hours, now)
        except Doubtful:
            return False
        bars = () if bar is None else (bar,)
        fetched, complaints = read_bars(bars, (), (), now, self._hours, _origin(need, now))
        if complaints:
            return False
        self.trouble.pop(need, None)
        news = what_is_new(fetched, history)
        if news is not None:
            answers[need] = news
        return True

    async def _ask_charts(
        self,
        needs: list[Need[Answer]],
        known: Evidence,
        answers: Answers,
        rejected: list[str],
        now: datetime,
        *,
        met: bool,
    ) -> None:
        """Fills `answers` and `rejected`; `met` when others have been told something already."""
        starts = [_told(need, known) for need in needs]
        # One batch has one span: all of it as long as one symbol is new.
        first = min(day - LOOK_BACK if day else self._hours.sessions[0].day for day in starts)
        charts = await self._child.work(
            fetch_charts,
            self._child.paced(len(needs)),
            tuple(need.subject for need in needs),
            first,
            now.astimezone(NEW_YORK).date() + timedelta(days=1),
        )
        self._judge_faults(needs, charts, now, met=met)
        # 36 years of ten symbols are a second's work, too much for the event loop.
        await asyncio.to_thread(self._read_charts, needs, charts, known, now, answers, rejected)

    def _read_charts(
        self,
        needs: list[Need[Answer]],
        charts: Mapping[str, Chart],
        known: Evidence,
        now: datetime,
        answers: Answers,
        rejected: list[str],
    ) -> None:
        for need in needs:
            chart = charts[need.subject]
            if chart.fault is not None:
                continue
            fetched, complaints = read_bars(
                chart.bars, chart.splits, chart.dividends, now, self._hours, _origin(need, now)
            )
            # What was strange may be mended soon; else once a day is enough.
            self._again[need] = now + AFTER_A_FAILURE if complaints else next_time(now, MIDNIGHT)
            rejected += [f"{need.subject}: {complaint}" for complaint in complaints]
            news = what_is_new(fetched, known.of(prices(need.subject)))
            if news is not None:
                answers[need] = news

    def _judge_faults(
        self,
        needs: list[Need[Answer]],
        charts: Mapping[str, Chart],
        now: datetime,
        *,
        met: bool,
    ) -> None:
        """Note who got nothing and why. Raises SourceUnavailable when nobody got anything."""
        faults = {n: fault for n in needs if (fault := charts[n.subject].fault) is not None}
        limit = limited(faults.values())
        error = None
        if limit is not None:
            error = self.circuit.open(limit.text, delta(limit.retry_after))
        elif len(faults) < len(needs):
            self.circuit.close()
        outage = [f for f in faults.values() if f.trouble is not Trouble.UNKNOWN]
        for need in needs:
            self.trouble.pop(need, None)
            self._not_before.pop(need, None)
        for need, fault in faults.items():
            self.trouble[need] = fault.text
            self._again[need] = now + AFTER_A_FAILURE
            # A new symbol makes the batch span decades: not for one that fails alone.
            unknown = fault.trouble is Trouble.UNKNOWN
            self._not_before[need] = now + (timedelta(days=1) if unknown else AFTER_A_FAILURE)
        if len(faults) == len(needs) and outage and not met:
            for need in faults:
                self._not_before.pop(need, None)
            raise error or SourceUnavailable(NAME, outage[0].text)


def _told(need: Need[Answer], known: Evidence) -> date | None:
    """The last session that Yahoo told of; None when it has told nothing of this symbol yet."""
    history = known.of(prices(need.subject)) or PriceHistory(())
    return next((c.session for c in reversed(history.closes) if c.origin.source == NAME), None)


def _origin(need: Need[Answer], now: datetime) -> Origin:
    return Origin(NAME, f"https://finance.yahoo.com/quote/{quoted(need.subject)}/history", now)


def limited(faults: Collection[Fault]) -> Fault | None:
    return next((f for f in faults if f.trouble is Trouble.RATE_LIMITED), None)


def delta(seconds: float | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
