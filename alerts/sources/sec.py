"""Filed figures: the company facts of the US Securities and Exchange Commission.

https://data.sec.gov/api/xbrl/companyfacts/CIK##########.json, one page a company with every
number it ever tagged (CATALOGUE.md, sections 2 and 3). Rules of the house: at most ten requests a
second (we make two), and a User-Agent with a contact.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

from alerts.clock import Clock
from alerts.evidence import (
    Answer,
    CompanyFacts,
    Evidence,
    Fact,
    Need,
    Origin,
    statements,
)
from alerts.market_hours import NEW_YORK, next_time
from alerts.sources import Collected, SourceUnavailable
from alerts.sources.pages import NoAnswer, Page, Pages

SEC_URL = "https://data.sec.gov"

CIKS = {
    "AAPL": 320193,
    "AMZN": 1018724,
    "CRWV": 1769628,
    "CSCO": 858877,
    "GOOGL": 1652044,
    "META": 1326801,
    "MSFT": 789019,
    "NVDA": 1045810,
    "ORCL": 1341439,
    "PLTR": 1321655,
}
"""The filers of CATALOGUE.md 3.1 by ticker."""

FORMS = frozenset({"10-K", "10-K/A", "10-Q", "10-Q/A"})

BETWEEN_REQUESTS = timedelta(seconds=0.5)
DAY_IS_OVER = time(22, 15)
"""In New York. EDGAR takes filings until 22:00 and shows them within minutes: a look a day."""
AFTER_A_FAILURE = timedelta(minutes=30)
ROUND = timedelta(seconds=100)
"""After this long no further company is begun in one call."""


class SecSource:
    """Supplies `statements(ticker)` for the filers in `CIKS`.

    `tags` are the facts that any indicator reads, as `us-gaap:LongTermDebtNoncurrent`; all others
    are dropped at once. `contact` is the operator's address, sent in the User-Agent as the SEC
    asks; without one the User-Agent says that there is none, and the SEC may refuse with 403.

    Each company is looked at once a day, when EDGAR's day is over (and up to half an hour later,
    drawn from `chance`), half an hour after a failure, and at once when nothing is known about it.
    """

    name = "sec"

    def __init__(
        self,
        base_url: str | None,
        contact: str | None,
        tags: Collection[str],
        cache_dir: Path,
        clock: Clock,
        *,
        chance: random.Random | None = None,
        timeout: timedelta = timedelta(seconds=30),
    ) -> None:
        self._contact = contact
        self._tags = frozenset(tags)
        self._tags_digest = hashlib.sha256(" ".join(sorted(self._tags)).encode()).hexdigest()[:12]
        self._clock = clock
        self._chance = chance or random.Random()
        self._next_look: dict[str, datetime] = {}
        self._trouble: dict[str, str] = {}
        self._pages = Pages(
            self.name,
            base_url or SEC_URL,
            f"bubblewatch/0.1 ({contact or 'the operator gave no contact'})",
            clock,
            cache_dir,
            interval=BETWEEN_REQUESTS,
            timeout=timeout,
        )

    def supplies(self, need: Need[Answer]) -> bool:
        return need.kind == "statements" and need.subject in CIKS

    async def collect(self, needs: Collection[Need[Answer]], known: Evidence) -> Collected:
        """Look at the companies that are due.

        Raises SourceUnavailable when not one of the companies asked for could be had.
        """
        wanted = {need.subject: need for need in needs if self.supplies(need)}
        answers: dict[Need[Answer], Answer] = {}
        rejected: list[str] = []
        failed: SourceUnavailable | None = None
        ends = asyncio.get_running_loop().time() + ROUND.total_seconds()
        for ticker, need in wanted.items():
            facts = known.of(statements(ticker)) or CompanyFacts(())
            if not self._is_due(ticker, facts):
                continue
            if asyncio.get_running_loop().time() > ends:
                # What has come is worth more stored than lost; the rest is due in the next round.
                self._trouble.setdefault(ticker, f"{self._pages.host} is slow; not asked for yet")
                continue
            if isinstance(failed, NoAnswer):
                self._failed(ticker, failed)
                continue
            try:
                fresh, complaints = await self._look(ticker, facts)
            except SourceUnavailable as error:
                failed = error
                self._failed(ticker, error)
                continue
            self._succeeded(ticker)
            rejected += complaints
            if fresh:
                answers[need] = CompanyFacts(()).merge(CompanyFacts(tuple(fresh)))
        unmet = {need: self._trouble[t] for t, need in wanted.items() if t in self._trouble}
        if unmet and len(unmet) == len(wanted):
            looks = [self._next_look[ticker] for ticker in wanted if ticker in self._next_look]
            retry_at = failed.retry_at if failed else min(looks, default=None)
            raise SourceUnavailable(self.name, next(iter(unmet.values())), retry_at)
        return Collected(Evidence(answers), tuple(rejected), unmet)

    async def close(self) -> None:
        await self._pages.close()

    def _is_due(self, ticker: str, facts: CompanyFacts) -> bool:
        if not facts.facts and ticker not in self._trouble:
            return True
        due = self._next_look.get(ticker)
        return due is None or self._clock.now() >= due

    def _succeeded(self, ticker: str) -> None:
        self._trouble.pop(ticker, None)
        jitter = timedelta(minutes=self._chance.uniform(0, 30))
        self._next_look[ticker] = next_time(self._clock.now(), DAY_IS_OVER) + jitter

    def _failed(self, ticker: str, error: SourceUnavailable) -> None:
        self._trouble[ticker] = self._explained(error)
        again = self._clock.now() + AFTER_A_FAILURE
        self._next_look[ticker] = max(again, error.retry_at) if error.retry_at else again

    def _explained(self, error: SourceUnavailable) -> str:
        if self._contact is None and "(403)" in error.reason:
            return f"{error.reason}; the SEC wants the operator's contact, and none is set"
        return error.reason

    async def _look(self, ticker: str, known: CompanyFacts) -> tuple[list[Fact], list[str]]:
        """The facts that are not known yet, and what was left out."""
        cik = CIKS[ticker]
        path = f"/api/xbrl/companyfacts/CIK{cik:010}.json"
        page = await self._pages.get(path, self._proof(known) if known.facts else None)
        if page is None:
            return [], []
        now = self._clock.now()
        filing = await asyncio.to_thread(
            self._read, page, cik, Origin(self.name, SEC_URL + path, now)
        )
        if not filing.facts and not known.facts:
            raise SourceUnavailable(self.name, f"{ticker} has filed none of the wanted figures")
        merged = known.merge(CompanyFacts(filing.facts))
        if not filing.from_the_future:
            await self._pages.keep(page, self._proof(merged))
        old = {_identity(fact) for fact in known.facts}
        fresh = [fact for fact in filing.facts if _identity(fact) not in old]
        return fresh, [f"{ticker}: {complaint}" for complaint in filing.rejected]

    def _proof(self, facts: CompanyFacts) -> str:
        return f"{self._tags_digest}:{len(facts.facts)}"

    def _read(self, page: Page, cik: int, origin: Origin) -> _Filings:
        today = origin.fetched_at.astimezone(NEW_YORK).date()
        try:
            return read_company_facts(page.body, cik, self._tags, origin, today)
        except ValueError as error:
            raise SourceUnavailable(
                self.name, f"{self._pages.host} sent a page that is no company facts: {error}"
            ) from error


def _identity(fact: Fact) -> tuple[object, ...]:
    """All but the minute and the address of the fetch."""
    return (
        fact.origin.source,
        fact.tag,
        fact.unit,
        fact.start,
        fact.end,
        fact.filed,
        fact.form,
        fact.accession,
        fact.value,
    )


@dataclass(frozen=True, slots=True)
class _Filings:
    facts: tuple[Fact, ...]
    rejected: tuple[str, ...]
    from_the_future: bool


class _Unfit(Exception):
    """A fact that no formula may see (RULES.md R4)."""


class _FromTheFuture(_Unfit):
    """It may be fit on another day."""


def read_company_facts(
    body: bytes, cik: int, tags: frozenset[str], origin: Origin, today: date
) -> _Filings:
    """The wanted facts of a company facts page, of yearly and quarterly reports only.

    `fy`, `fp` and `frame` describe the filing, not the fact, and are ignored; so are proxy
    statements, which repeat some figures (CATALOGUE.md 3.3). Raises ValueError for a page that is
    not the company facts of `cik`.
    """
    page: object = json.loads(body, parse_float=Decimal, parse_int=Decimal)
    if not isinstance(page, dict) or page.get("cik") not in (cik, f"{cik:010}", str(cik)):
        raise ValueError(f"it does not carry the company's number {cik}")
    facts: list[Fact] = []
    rejected: list[str] = []
    from_the_future = False
    for tag in sorted(tags):
        taxonomy, _, name = tag.partition(":")
        units = _table(
            _table(_table(_table(page.get("facts")).get(taxonomy)).get(name)).get("units")
        )
        for unit, rows in units.items():
            for row in rows if isinstance(rows, list) else ():
                entry = _table(row)
                if entry.get("form") not in FORMS:
                    continue
                try:
                    facts.append(_fact(tag, unit, entry, origin, today))
                except _Unfit as unfit:
                    from_the_future |= isinstance(unfit, _FromTheFuture)
                    rejected.append(f"{tag} for {entry.get('end')} left out: {unfit}")
    return _Filings(tuple(facts), tuple(rejected), from_the_future)


def _table(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _fact(tag: str, unit: str, entry: dict[str, object], origin: Origin, today: date) -> Fact:
    """One row of the page. Raises _Unfit with the reason in words."""
    value, form, accession = entry.get("val"), entry.get("form"), entry.get("accn")
    if not isinstance(value, Decimal) or not value.is_finite():
        raise _Unfit("its value is not a number")
    if not isinstance(form, str) or not isinstance(accession, str):
        raise _Unfit("it does not say which filing it is from")
    start = None if entry.get("start") is None else _day(entry, "start")
    end, filed = _day(entry, "end"), _day(entry, "filed")
    if filed > today:
        raise _FromTheFuture(f"it claims to be filed on {filed}, which is still to come")
    if end > filed:
        raise _Unfit(f"it was filed on {filed}, before the day that it is about")
    if start is not None and start > end:
        raise _Unfit(f"its period ends before it starts on {start}")
    return Fact(tag, unit, start, end, value, filed, form, accession, origin)


def _day(entry: dict[str, object], key: str) -> date:
    text = entry.get(key)
    try:
        return date.fromisoformat(text if isinstance(text, str) else "")
    except ValueError:
        raise _Unfit(f"its date '{key}' cannot be read") from None
