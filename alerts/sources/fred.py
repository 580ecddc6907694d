"""Published series: the Federal Reserve Bank of St. Louis, as comma-separated files without a key.

https://fred.stlouisfed.org/graph/fredgraph.csv?id=ID&cosd=YYYY-MM-DD (CATALOGUE.md, section 2).
The first column was called DATE until December 2024 and observation_date since; what is missing is
empty or a point. Some series are served for the last three years only, so what is known is kept.
"""

from __future__ import annotations

import asyncio
import csv
import hashlib
import random
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path

from alerts.clock import Clock
from alerts.evidence import Answer, Evidence, Figures, Need, Origin, published
from alerts.market_hours import NEW_YORK
from alerts.published import Figure
from alerts.sources import Collected, SourceUnavailable
from alerts.sources.pages import NoAnswer, Page, Pages

FRED_URL = "https://fred.stlouisfed.org"

DAILY = timedelta(days=1)
NATIONAL_ACCOUNTS = timedelta(days=122)
"""A quarter is dated by its first day; its first estimate comes a month after its last."""
WEALTH = timedelta(days=172)
"""The distribution of wealth follows ten to twelve weeks after a quarter's end."""

RELEASED_AFTER = {
    "BAMLH0A0HYM2": DAILY,
    "BAMLC0A0CM": DAILY,
    "BAA10Y": DAILY,
    "A191RL1Q225SBEA": NATIONAL_ACCOUNTS,
    "Y034RY2Q224SBEA": NATIONAL_ACCOUNTS,
    "B985RY2Q224SBEA": NATIONAL_ACCOUNTS,
    "WFRBST01122": WEALTH,
    "WFRBSN09149": WEALTH,
}
"""The series that are known here, and how long after its date a figure is public.

It tells when the figures of a first look were known; later ones are known when they are seen.
"""

FIRST_DAY = date(1990, 1, 1)
LOOK_BACK = timedelta(days=800)
"""Fetched again each time: national accounts are revised over two years."""
BETWEEN_REQUESTS = timedelta(seconds=2)
BETWEEN_LOOKS = timedelta(hours=3)
AFTER_A_FAILURE = timedelta(minutes=30)
HEADERS = ("observation_date", "DATE")


class FredSource:
    """Supplies `published(series)` for the series in `RELEASED_AFTER`.

    Each series is looked at every three hours (plus up to half an hour, drawn from `chance`), and
    half an hour after a failure.
    """

    name = "fred"

    def __init__(
        self,
        base_url: str | None,
        cache_dir: Path,
        clock: Clock,
        *,
        chance: random.Random | None = None,
        timeout: timedelta = timedelta(seconds=20),
    ) -> None:
        self._clock = clock
        self._chance = chance or random.Random()
        self._next_look: dict[str, datetime] = {}
        self._trouble: dict[str, str] = {}
        self._pages = Pages(
            self.name,
            base_url or FRED_URL,
            "bubblewatch/0.1",
            clock,
            cache_dir,
            interval=BETWEEN_REQUESTS,
            timeout=timeout,
        )

    def supplies(self, need: Need[Answer]) -> bool:
        return need.kind == "published" and need.subject in RELEASED_AFTER

    async def collect(self, needs: Collection[Need[Answer]], known: Evidence) -> Collected:
        """Look at the series that are due. Raises SourceUnavailable when none could be had."""
        wanted = {need.subject: need for need in needs if self.supplies(need)}
        answers: dict[Need[Answer], Answer] = {}
        rejected: list[str] = []
        failed: SourceUnavailable | None = None
        for series, need in wanted.items():
            if not self._is_due(series):
                continue
            if isinstance(failed, NoAnswer):
                self._failed(series, failed)
                continue
            figures = known.of(published(series)) or Figures(())
            try:
                fresh, complaints = await self._look(series, figures)
            except SourceUnavailable as error:
                failed = error
                self._failed(series, error)
                continue
            self._trouble.pop(series, None)
            jitter = timedelta(minutes=self._chance.uniform(0, 30))
            self._next_look[series] = self._clock.now() + BETWEEN_LOOKS + jitter
            rejected += complaints
            if fresh:
                answers[need] = Figures(()).merge(Figures(tuple(fresh)))
        unmet = {need: self._trouble[s] for s, need in wanted.items() if s in self._trouble}
        if unmet and len(unmet) == len(wanted):
            retry_at = failed.retry_at if failed else min(self._next_look[s] for s in wanted)
            raise SourceUnavailable(self.name, next(iter(unmet.values())), retry_at)
        return Collected(Evidence(answers), tuple(rejected), unmet)

    async def close(self) -> None:
        await self._pages.close()

    def _is_due(self, series: str) -> bool:
        due = self._next_look.get(series)
        return due is None or self._clock.now() >= due

    def _failed(self, series: str, error: SourceUnavailable) -> None:
        self._trouble[series] = error.reason
        again = self._clock.now() + AFTER_A_FAILURE
        self._next_look[series] = max(again, error.retry_at) if error.retry_at else again

    async def _look(self, series: str, known: Figures) -> tuple[list[Figure], list[str]]:
        """The figures that are new or have been revised, and what was left out."""
        mine = [figure for figure in known.figures if figure.origin.source == self.name]
        since = max(figure.day for figure in mine) - LOOK_BACK if mine else FIRST_DAY
        path = f"/graph/fredgraph.csv?id={series}&cosd={since}"
        page = await self._pages.get(path, _proof(mine) if mine else None)
        if page is None:
            return [], []
        now = self._clock.now()
        origin = Origin(self.name, f"{FRED_URL}/series/{series}", now)
        sheet = await asyncio.to_thread(self._read, page, series, now)
        fresh = _what_is_new(sheet, mine, RELEASED_AFTER[series], origin)
        await self._pages.keep(page, _proof([*mine, *fresh]))
        return fresh, [f"{series}: {complaint}" for complaint in sheet.rejected]

    def _read(self, page: Page, series: str, now: datetime) -> Sheet:
        try:
            today = now.astimezone(NEW_YORK).date()
            return read_series(page.body, page.content_type, series, today)
        except ValueError as error:
            raise SourceUnavailable(
                self.name, f"the file of {series} cannot be used: {error}"
            ) from error


def _proof(figures: Collection[Figure]) -> str:
    newest = {figure.day: figure.value for figure in figures}
    text = " ".join(f"{day}={newest[day].normalize()}" for day in sorted(newest))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _what_is_new(
    sheet: Sheet, known: Collection[Figure], released_after: timedelta, origin: Origin
) -> list[Figure]:
    """New and revised figures, each with the day from which it was known.

    In a first look that day is estimated from the usual delay; afterwards it is today. A revised
    figure is a further one: what was known before stays known of that time.
    """
    newest = {figure.day: figure.value for figure in known}
    today = origin.fetched_at.date()
    found: list[Figure] = []
    for day, value in sheet.values.items():
        if newest.get(day) == value:
            continue
        usual = _working_day(day + released_after)
        known_from = today if newest else min(usual, today)
        found.append(Figure(day, known_from, value, origin))
    return found


def _working_day(day: date) -> date:
    """Nothing is published on a weekend."""
    return day + timedelta(days=max(0, 8 - day.isoweekday()) if day.isoweekday() > 5 else 0)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a file says, in the unit of the series, by day; missing days are left out."""

    values: dict[date, Decimal]
    rejected: tuple[str, ...]


def read_series(body: bytes, content_type: str, series: str, today: date) -> Sheet:
    """Read a FRED file. Raises ValueError with the reason when it is no file of that series."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError("it is not text") from error
    if "html" in content_type.lower() or text.lstrip().startswith("<"):
        raise ValueError("a web page came in its place")
    rows = list(csv.reader(text.splitlines()))
    places = max((_places(row[-1]) for row in rows[1:-1] if row), default=LONGEST)
    if not rows or len(rows[0]) != 2 or rows[0][0] not in HEADERS or rows[0][1] != series:
        raise ValueError(f"it does not begin with a date and {series}")
    values: dict[date, Decimal] = {}
    rejected: list[str] = []
    for row in rows[1:]:
        if len(row) != 2:
            raise ValueError("it breaks off in the middle of a row")
        if row[1].strip() in {"", "."}:
            continue
        day, value = _day(row[0]), _number(row[1])
        if row is rows[-1] and not text.endswith("\n") and _places(row[1]) < places:
            # The figures of a series have the same number of places: this one was cut off.
            rejected.append(f"{row[0]} left out: the file ends within its figure")
        elif day is None or value is None:
            rejected.append(f"{row[0]} left out: '{row[1]}' of that day cannot be read")
        elif day > today:
            rejected.append(f"{day} left out: it is still to come")
        else:
            values[day] = value
    if not values:
        raise ValueError("it has no figures")
    return Sheet(values, tuple(rejected))


LONGEST = 99
"""With no other figure beside it, one at the end of an open file is not believed."""


def _places(figure: str) -> int:
    return len(figure.strip().partition(".")[2])


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _number(text: str) -> Decimal | None:
    try:
        value = Decimal(text.strip())
    except InvalidOperation:
        return None
    return value if value.is_finite() else None
