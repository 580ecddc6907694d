"""Evidence of every kind that any indicator asks for, made up from a seed: for properties of all.

Prices move in small steps, companies report every quarter and now and then correct themselves,
offices publish late and revise. Nothing in it is true, and everything has the shape of the real.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from random import Random

from dateutil.relativedelta import relativedelta

from alerts.evidence import (
    Answer,
    Close,
    CompanyFacts,
    Dividend,
    Evidence,
    Fact,
    Figures,
    FundHoldings,
    ListedCap,
    ListedCaps,
    NationalGdps,
    Need,
    Origin,
    PriceHistory,
    ShareCount,
    ShareCounts,
    Split,
    Weights,
)
from alerts.indicators import catalogue, filing_tags, needs_of
from alerts.indicators.ai_basket import BASE_CAPS
from alerts.published import Figure, Gdp, StatedFacts
from alerts.sources.facts import shipped_facts
from alerts.sources.yahoo_statements import KEY_LINES, OTHER_LINES

BEGINS, ENDS = date(2017, 1, 2), date(2025, 11, 28)
READ = Origin("made up", "https://example.org/", datetime(2025, 11, 30, tzinfo=UTC))
BALANCES = (
    *("Debt", "Lease", "Receivable", "Inventory", "EquipmentGross", "Equity", "Obligation"),
    *("Notes", "CommercialPaper", "ShortTermBorrowings", "AccumulatedDepreciation"),
)
HOLIDAYS = 29
"""Every so many days of a year New York is closed."""


@cache
def made_up(seed: int = 0) -> Evidence:
    """An answer to every need of the catalogue."""
    random = Random(seed)
    needs = sorted(needs_of(catalogue().values()), key=str)
    return Evidence({need: _answer(need, random) for need in needs})


def _answer(need: Need[Answer], random: Random) -> Answer:
    match need.kind:
        case "prices" | "adjusted":
            return _prices(need.kind == "prices", random)
        case "shares":
            months = (day for day in _days(30))
            return ShareCounts(tuple(ShareCount(d, Decimal(10**10), READ) for d in months))
        case "listed_caps":
            return _caps(need.subject, random)
        case "statements":
            return _filings(sorted(filing_tags()), random)
        case "second_statements":
            lines = [
                line for table in (KEY_LINES, OTHER_LINES) for ls in table.values() for line in ls
            ]
            return _filings([f"yahoo:{line.replace(' ', '')}" for line in lines], random)
        case "holdings":
            return _holdings(random)
        case "published":
            return _figures(need.subject, random)
        case "gdp":
            return _gdps(random)
        case "stated":
            return shipped_facts().get(need.subject, StatedFacts(()))
    raise ValueError(f"nothing is made up for {need}")


def _days(step: int) -> Iterator[date]:
    for number in range(0, (ENDS - BEGINS).days + 1, step):
        yield BEGINS + timedelta(days=number)


def _sessions() -> Iterator[date]:
    open_ = (day for day in _days(1) if day.weekday() < 5)
    return (day for day in open_ if day.timetuple().tm_yday % HOLIDAYS)


def _bell(day: date) -> datetime:
    return datetime.combine(day, time(21), UTC)


def _walk(random: Random, value: float) -> Iterator[Decimal]:
    while True:
        value *= 1 + random.uniform(-0.02, 0.021)
        yield Decimal(f"{value:.4f}")


def _prices(whole: bool, random: Random) -> PriceHistory:
    sessions = list(_sessions())
    walk = _walk(random, 100)
    closes = tuple(Close(day, _bell(day), next(walk), READ) for day in sessions)
    if not whole:
        return PriceHistory(closes)
    return PriceHistory(
        closes,
        (Split(sessions[700], Decimal(10)),),
        tuple(Dividend(day, Decimal("0.3")) for day in sessions[40::60]),
    )


def _caps(ticker: str, random: Random) -> ListedCaps:
    walk = _walk(random, float(BASE_CAPS.get(ticker, Decimal(10**11))))
    days = [day for day in _sessions() if day.weekday() == 4 or day.month == 12]
    return ListedCaps(
        tuple(ListedCap(day, _bell(day), Decimal(round(next(walk))), READ) for day in days)
    )


def _filings(tags: list[str], random: Random) -> CompanyFacts:
    """Every quarter some forty days late, one in ten corrected half a year after that.

    The last quarter of a year is filed within its year only.
    """
    facts: list[Fact] = []
    for tag in tags:
        balance = any(word in tag for word in BALANCES) and "Expense" not in tag
        walk = _walk(random, 2e10 if "Operating" in tag else 5e9)
        for start, end in _periods():
            began = date(end.year, 1, 1) if end.month == 12 else start
            length = 4 if end.month == 12 and not balance else 1
            filed = end + timedelta(days=random.randrange(30, 50))
            days = [filed, *([filed + timedelta(days=180)] if random.random() < 0.1 else [])]
            facts += (
                Fact(tag, "USD", None if balance else began, end, length * next(walk), day,
                     "10-Q", f"{tag} {day}", READ)
                for day in days
            )  # fmt: skip
    return CompanyFacts(()).merge(CompanyFacts(tuple(facts)))


def _periods() -> Iterator[tuple[date, date]]:
    for start in _quarters():
        yield start, start + relativedelta(months=3, days=-1)


def _holdings(random: Random) -> FundHoldings:
    tickers = ("NVDA", "AAPL", "MSFT", "AMZN", "GOOGL", "GOOG", "AVGO", "META", "TSLA", "BRKB")
    return FundHoldings(
        tuple(
            Weights(
                day,
                {ticker: Decimal(random.randrange(200, 900)) / 10_000 for ticker in tickers},
                True,
                False,
                READ,
            )
            for day in _days(7)
        )
    )


def _figures(series: str, random: Random) -> Figures:
    """A quarter's figure comes out a month after its end, with two revisions; a day's, the next."""
    daily = series.startswith("BA")
    walk = _walk(random, 9 if series.startswith("A191") else 3)
    found: list[Figure] = []
    for day in _sessions() if daily else _quarters():
        late = (1,) if daily else (120, 150, 180)
        found += (Figure(day, day + timedelta(days=days), next(walk), READ) for days in late)
    return Figures(()).merge(Figures(tuple(found)))


def _quarters() -> Iterator[date]:
    for year in range(BEGINS.year, ENDS.year + 1):
        yield from (date(year, month, 1) for month in (1, 4, 7, 10))


def _gdps(random: Random) -> NationalGdps:
    countries = {"USA": 27, "CHN": 18, "DEU": 4, "JPN": 4, "IND": 3, "GBR": 3, "FRA": 3}
    entries = tuple(
        Gdp(code, code.title(), year, Decimal(trillions + random.random()) * 10**12,
            date(year + 1, month, 1), READ)
        for code, trillions in countries.items()
        for year in range(2019, 2025)
        for month in (7, 10)
    )  # fmt: skip
    return NationalGdps(()).merge(NationalGdps(entries))
