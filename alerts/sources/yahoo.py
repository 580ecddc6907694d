"""Prices, share counts, undated weights and a second look at statements: Yahoo, via yfinance.

yfinance works in a child process (yahoo_worker.py, yahoo_child.py). Here is what else than prices
(yahoo_prices.py) is asked, when, and the judgement of what comes back. Evidence of its troubles:
CATALOGUE.md section 4, WIRE.md.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from urllib.parse import quote

from alerts.child import Room
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
    shares,
)
from alerts.market_hours import MIDNIGHT, NEW_YORK, MarketHours, next_time
from alerts.sources import Collected, SourceUnavailable, yahoo_statements
from alerts.sources.circuit import Circuit
from alerts.sources.yahoo_child import NAME, Run, YahooChild
from alerts.sources.yahoo_details import fractions, whole_company_shares
from alerts.sources.yahoo_prices import YahooPrices, delta, limited
from alerts.sources.yahoo_worker import (
    Company,
    Details,
    Fault,
    Statements,
    TopHoldings,
    fetch_details,
)

FUND = "SPY"
AFTER_A_FAILURE = timedelta(hours=1)
LEAVES = {
    "shares": "key-statistics",
    "holdings": "holdings",
    "second_statements": "financials",
}
"""Where people find on Yahoo's site what was fetched."""

PATIENCE = timedelta(seconds=80)
"""For charts, again for the rest, and a quarter for quotes: less than what collect.py grants."""


class YahooSource:
    """Supplies `prices`, `shares`, `holdings("SPY")` and `second_statements` of some companies.

    Share counts and holdings are asked for once a day (New York's day), an hour after a failure,
    and carry the day of the fetch: Yahoo gives them no date. Statements are asked for once a day,
    while a quarter was filed that Yahoo has not given yet. A 429 stops prices, or all the rest,
    for 15, then 60, then 240 minutes: the two are apart since Yahoo guards the latter with a crumb
    that it often refuses alone.

    yfinance weighs 88 MB and lives in a child process; `room` is shared with other children where
    memory is short. `pause` and `base_url`: see YahooChild.
    """

    name = NAME

    def __init__(
        self,
        base_url: str | None,
        cache_dir: Path,
        clock: Clock,
        hours: MarketHours,
        random: Random,
        *,
        pause: timedelta | None = None,
        timeout: timedelta = timedelta(seconds=15),
        patience: timedelta = PATIENCE,
        run: Run | None = None,
        room: Room | None = None,
    ) -> None:
        self._clock = clock
        self._child = YahooChild(
            base_url,
            cache_dir,
            random,
            pause=pause,
            timeout=timeout,
            patience=patience,
            run=run,
            room=room,
        )
        self._prices = YahooPrices(self._child, clock, hours)
        self._circuit = Circuit(NAME, clock)
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
                answers, rejected = await self._prices.collect(priced, known)
            due = [n for n in wanted if n.kind != "prices" and self._is_due_today(n, known)]
            try:
                if due:
                    await self._collect_details(due, known, answers, rejected)
            except SourceUnavailable as failed:
                if not priced:
                    raise
                self._trouble |= dict.fromkeys(due, failed.reason)
        trouble = self._prices.trouble | self._trouble
        unmet = {need: trouble[need] for need in wanted if need in trouble}
        return Collected(Evidence(answers), tuple(rejected), unmet)

    async def close(self) -> None:
        """End the child process."""
        await self._child.close()

    async def _collect_details(
        self,
        due: list[Need[Answer]],
        known: Evidence,
        answers: dict[Need[Answer], Answer],
        rejected: list[str],
    ) -> None:
        for circuit in (self._prices.circuit, self._circuit):
            circuit.check()
        now = self._clock.now()
        requests = sum(
            len(yahoo_statements.ASKED[need.subject]) if need.kind == "second_statements" else 1
            for need in due
        )
        details = await self._child.work(
            fetch_details,
            self._child.paced(requests),
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
                self._not_before[need] = next_time(now, MIDNIGHT)
        limit = limited(faults.values())
        if limit is not None:
            error = self._circuit.open(limit.text, delta(limit.retry_after))
            if len(faults) == len(due):
                raise error
        elif len(faults) < len(due):
            self._circuit.close()

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
        self._not_before[need] = next_time(now, MIDNIGHT) if once else now + AFTER_A_FAILURE

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


def _found(need: Need[Answer], details: Details) -> Company | TopHoldings | Statements | Fault:
    match need.kind:
        case "shares":
            return details.companies[need.subject]
        case "holdings":
            return details.funds[need.subject]
    return details.statements[need.subject]
