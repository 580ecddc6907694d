"""What the hyperscalers owe, from their filings (CATALOGUE A13, A19, §3.2).

Every company has a recipe: the long-term part that must be there, and short-term parts that count
nothing when a filing does not tag them. Leases are shown beside, never inside, unless the
indicator's definition says so.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from alerts.evidence import CompanyFacts, Evidence, Fact, statements
from alerts.indicators import (
    Cadence,
    Claim,
    Guard,
    Indicator,
    Meaning,
    Names,
    PresetLine,
    Section,
)
from alerts.quantity import Unit
from alerts.reading import Missing, Part, Reading, Status
from alerts.rules import Direction, Level

EX_LEASE = "ex_lease"
WITH_FINANCE_LEASES = "with_finance_leases"
WITH_ALL_LEASES = "with_all_leases"

# Written by hand into the record: current + non-current, already added up.
WHOLE = "bubblewatch:DebtExLease"
FINANCE_LEASES = (
    ("us-gaap:FinanceLeaseLiability",),
    ("us-gaap:FinanceLeaseLiabilityCurrent", "us-gaap:FinanceLeaseLiabilityNoncurrent"),
)
OPERATING_LEASES = (
    ("us-gaap:OperatingLeaseLiability",),
    ("us-gaap:OperatingLeaseLiabilityCurrent", "us-gaap:OperatingLeaseLiabilityNoncurrent"),
)
# Meta tags its finance leases once a year; the yearly figure is carried for a year and a quarter.
LEASE_CARRIED = timedelta(days=460)
# After this long without a balance sheet a company is not «as last filed» any more.
BALANCE_CARRIED = timedelta(days=200)


@dataclass(frozen=True, slots=True)
class Recipe:
    """Tags of one company's debt. `long_term`: candidates, the first with a fact wins.

    `short_term`: groups of candidates; of each group the first with a fact for the date is added.
    """

    company: str
    names: Names
    long_term: tuple[str, ...]
    short_term: tuple[tuple[str, ...], ...]

    @property
    def tags(self) -> tuple[str, ...]:
        groups = (self.long_term, *self.short_term, *FINANCE_LEASES, *OPERATING_LEASES)
        return tuple(tag for group in groups for tag in group)


_CURRENT = ("us-gaap:LongTermDebtCurrent",)
_PAPER = ("us-gaap:CommercialPaper",)
_NONCURRENT = "us-gaap:LongTermDebtNoncurrent"

RECIPES: Mapping[str, Recipe] = {
    "MSFT": Recipe(
        "Microsoft", Names("Microsoft", "微軟", "微软"), (_NONCURRENT,), (_CURRENT, _PAPER)
    ),
    "GOOGL": Recipe(
        "Alphabet",
        Names("Alphabet", "Alphabet", "Alphabet"),
        # The older tag holds a few finance leases too; it ends with the balance of 2025-03-31.
        (_NONCURRENT, "us-gaap:LongTermDebtAndCapitalLeaseObligations"),
        (_CURRENT, _PAPER),
    ),
    "AMZN": Recipe(
        "Amazon",
        Names("Amazon", "亞馬遜", "亚马逊"),
        (_NONCURRENT,),
        (_CURRENT, ("us-gaap:ShortTermBorrowings",)),
    ),
    "META": Recipe("Meta", Names("Meta", "Meta", "Meta"), (_NONCURRENT,), (_CURRENT,)),
    "ORCL": Recipe(
        "Oracle",
        Names("Oracle", "甲骨文", "甲骨文"),
        ("us-gaap:LongTermNotesAndLoans", "us-gaap:LongTermNotesPayable"),
        # The 10-K repeats the current notes under a second tag with the same value.
        (("us-gaap:NotesPayableCurrent", "us-gaap:DebtCurrent"),),
    ),
}


@dataclass(frozen=True, slots=True)
class Balance:
    """One company's debt on its newest balance sheet known by a day, in dollars."""

    period_end: date
    filed: date
    ex_lease: Decimal
    finance_leases: Decimal | None
    operating_leases: Decimal | None
    parts: tuple[Part, ...]
    source: str
    source_url: str
    fetched_at: datetime

    def under(self, definition: str) -> Decimal | None:
        """The debt under a definition; None when a lease figure that it counts is not tagged."""
        if definition == EX_LEASE:
            return self.ex_lease
        if self.finance_leases is None:
            return None
        if definition == WITH_FINANCE_LEASES:
            return self.ex_lease + self.finance_leases
        if self.operating_leases is None:
            return None
        return self.ex_lease + self.finance_leases + self.operating_leases


class Book:
    """A company's facts as a reader on one day could know them."""

    def __init__(self, facts: CompanyFacts, recipe: Recipe, on: date) -> None:
        self._known: dict[str, dict[date, Fact]] = {}
        for tag in (*recipe.tags, WHOLE):
            ends: dict[date, Fact] = {}
            for fact in facts.by_tag.get(tag, ()):
                # Facts are sorted by filing day, so a later filing of the same date wins.
                if fact.filed <= on and fact.start is None:
                    ends[fact.end] = fact
            self._known[tag] = ends

    def at(self, tag: str, end: date) -> Fact | None:
        return self._known[tag].get(end)

    def newest(self, tags: Iterable[str]) -> date | None:
        return max((end for tag in tags for end in self._known[tag]), default=None)

    def total(self, groups: Sequence[Sequence[str]], end: date) -> list[Fact] | None:
        """The first group whose every tag has a fact for the date."""
        for group in groups:
            facts = [self.at(tag, end) for tag in group]
            if all(facts):
                return [fact for fact in facts if fact is not None]
        return None

    def carried(self, groups: Sequence[Sequence[str]], end: date) -> list[Fact] | None:
        """As `total`, on the newest date not after `end` and not too old to carry."""
        tags = [tag for group in groups for tag in group]
        dates = sorted({day for tag in tags for day in self._known[tag] if day <= end})
        for day in reversed(dates):
            if end - day > LEASE_CARRIED:
                return None
            facts = self.total(groups, day)
            if facts is not None:
                return facts
        return None


def balance(recipe: Recipe, facts: CompanyFacts, on: date) -> Balance | str:
    """The newest balance known by `on`, or one sentence why there is none."""
    book = Book(facts, recipe, on)
    short_tags = [tag for group in recipe.short_term for tag in group]
    long_end = book.newest((*recipe.long_term, WHOLE))
    if long_end is None:
        return f"no debt of {recipe.company} was filed by {on}"
    newest = book.newest(short_tags)
    if newest is not None and newest > long_end:
        return f"{recipe.company}'s filing for {newest} has no long-term debt under a known tag"
    if on - long_end > BALANCE_CARRIED:
        return f"{recipe.company}'s newest known balance is of {long_end}, too old to carry"

    debt = _debt_facts(book, recipe, long_end)
    finance = book.carried(FINANCE_LEASES, long_end)
    operating = book.carried(OPERATING_LEASES, long_end)
    every = [*debt, *(finance or ()), *(operating or ())]
    first = debt[0]
    return Balance(
        long_end,
        max(fact.filed for fact in every),
        _sum(debt),
        None if finance is None else _sum(finance),
        None if operating is None else _sum(operating),
        tuple(_part(recipe, fact) for fact in every),
        first.origin.source,
        first.origin.url,
        max(fact.origin.fetched_at for fact in every),
    )


def _debt_facts(book: Book, recipe: Recipe, end: date) -> list[Fact]:
    long_term = next((fact for tag in recipe.long_term if (fact := book.at(tag, end))), None)
    if long_term is None:
        whole = book.at(WHOLE, end)
        return [whole] if whole is not None else []
    facts = [long_term]
    for group in recipe.short_term:
        facts.extend([fact for tag in group if (fact := book.at(tag, end))][:1])
    return facts


def _sum(facts: Iterable[Fact]) -> Decimal:
    return sum((fact.value for fact in facts), Decimal(0))


def _part(recipe: Recipe, fact: Fact) -> Part:
    name = f"{recipe.company} {fact.tag.partition(':')[2]}"
    return Part(name, fact.value, Unit.USD, fact.end, fact.origin.source, fact.origin.url)


def company_series(
    indicator: str, ticker: str, definition: str, evidence: Evidence
) -> list[Reading | Missing]:
    """One reading for each day on which the company filed something about its debt."""
    facts = evidence.of(statements(ticker)) or CompanyFacts(())
    found: list[Reading | Missing] = []
    for day in _filing_days(facts, RECIPES[ticker]):
        known = balance(RECIPES[ticker], facts, day)
        found.append(_company_reading(indicator, definition, known, day))
    return found


def total_series(indicator: str, evidence: Evidence) -> list[Reading | Missing]:
    """The sum of the five, for each day on which one of them filed; ex-lease."""
    by_ticker = {ticker: evidence.of(statements(ticker)) or CompanyFacts(()) for ticker in RECIPES}
    days = {day for ticker in RECIPES for day in _filing_days(by_ticker[ticker], RECIPES[ticker])}
    return [_total(indicator, by_ticker, day) for day in sorted(days)]


def _filing_days(facts: CompanyFacts, recipe: Recipe) -> list[date]:
    tags = (*recipe.tags, WHOLE)
    return sorted({fact.filed for tag in tags for fact in facts.by_tag.get(tag, ())})


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), UTC)


def _company_reading(
    indicator: str, definition: str, known: Balance | str, day: date
) -> Reading | Missing:
    if isinstance(known, str):
        return Missing(indicator, _midnight(day), known)
    value = known.under(definition)
    if value is None:
        reason = f"leases are not tagged on the balance of {known.period_end}"
        return Missing(indicator, _midnight(day), reason)
    return Reading(
        indicator,
        value,
        Unit.USD,
        _midnight(day),
        known.period_end,
        known.source,
        known.source_url,
        known.fetched_at,
        Status.CONFIRMED,
        definition,
        known.parts,
        _views(known.under, known.period_end, known.source, known.source_url),
    )


def _views(
    under: Callable[[str], Decimal | None], end: date, source: str, url: str
) -> tuple[Part, ...]:
    views = []
    for definition in (EX_LEASE, WITH_FINANCE_LEASES, WITH_ALL_LEASES):
        value = under(definition)
        if value is not None:
            views.append(Part(definition, value, Unit.USD, end, source, url))
    return tuple(views)


def _total(indicator: str, by_ticker: Mapping[str, CompanyFacts], day: date) -> Reading | Missing:
    balances: dict[str, Balance] = {}
    for ticker, facts in by_ticker.items():
        known = balance(RECIPES[ticker], facts, day)
        if isinstance(known, str):
            return Missing(indicator, _midnight(day), known)
        balances[ticker] = known

    def under(definition: str) -> Decimal | None:
        values = [known.under(definition) for known in balances.values()]
        present = [value for value in values if value is not None]
        return sum(present, Decimal(0)) if len(present) == len(values) else None

    latest = max(balances.values(), key=lambda known: known.filed)
    parts = tuple(
        Part(ticker, known.ex_lease, Unit.USD, known.period_end, known.source, known.source_url)
        for ticker, known in balances.items()
    )
    oldest_end = min(known.period_end for known in balances.values())
    return Reading(
        indicator,
        sum((part.value for part in parts), Decimal(0)),
        Unit.USD,
        _midnight(day),
        oldest_end,
        latest.source,
        latest.source_url,
        max(known.fetched_at for known in balances.values()),
        Status.CONFIRMED,
        EX_LEASE,
        parts,
        _views(under, oldest_end, latest.source, latest.source_url),
    )


SEC_FACTS = "https://data.sec.gov/api/xbrl/companyfacts/CIK{cik}.json"
# Quarterly filers: 40 days after a quarter's end, 60 after a year's; then a new quarter passes.
STALE_AFTER = timedelta(days=135)
DEBT_GUARD = Guard(
    dict.fromkeys(RECIPES, Decimal("0.60")), Decimal("0.60"), reach=timedelta(days=200)
)
CAVEAT = (
    "Debt buys assets too, and these companies earn more in a quarter than they pay in interest "
    "in a year; what sits in project companies off the balance sheet is not in it."
)


def _usd(billions: str) -> Decimal:
    return Decimal(billions) * 10**9


def _above(preset: str, billions: str, level: Level) -> PresetLine:
    return PresetLine(preset, Direction.ABOVE, _usd(billions), level)


def _company(ticker: str) -> Indicator:
    recipe = RECIPES[ticker]
    key = f"hyperscaler_debt.{ticker}"
    return Indicator(
        key=key,
        names=Names(
            f"{recipe.names.en} debt",
            f"{recipe.names.zh_hant} 債務",
            f"{recipe.names.zh_hans} 债务",
        ),
        section=Section.DEBT,
        unit=Unit.USD,
        cadence=Cadence.FILING,
        meaning=Meaning.HOTTER,
        needs=(statements(ticker),),
        series=functools.partial(company_series, key, ticker, EX_LEASE),
        formula="long-term debt + its current part + commercial paper, without leases",
        caveat=CAVEAT,
        stale_after=STALE_AFTER,
        guard=DEBT_GUARD,
        tags=recipe.tags,
    )


INDICATORS = (
    Indicator(
        key="hyperscaler_debt",
        names=Names("Hyperscaler debt", "雲端巨頭債務總額", "云巨头债务总额"),
        section=Section.DEBT,
        unit=Unit.USD,
        cadence=Cadence.FILING,
        meaning=Meaning.HOTTER,
        needs=tuple(statements(ticker) for ticker in RECIPES),
        series=functools.partial(total_series, "hyperscaler_debt"),
        formula="debt without leases of Microsoft, Alphabet, Amazon, Meta and Oracle, "
        "each as last filed",
        caveat=CAVEAT,
        stale_after=STALE_AFTER,
        guard=DEBT_GUARD,
        claim=Claim(
            "expansion moves from cash flow to borrowed money",
            date(2025, 11, 30),
            "https://www.sec.gov/edgar/search/",
        ),
        lines=(
            _above("heat", "250", Level.WATCH),
            _above("heat", "350", Level.WARN),
            _above("heat", "450", Level.CRITICAL),
        ),
        tags=tuple(tag for recipe in RECIPES.values() for tag in recipe.tags),
    ),
    *(_company(ticker) for ticker in RECIPES),
    Indicator(
        key="oracle_debt",
        names=Names("Oracle debt", "甲骨文債務", "甲骨文债务"),
        section=Section.CIRCULAR_FINANCING,
        unit=Unit.USD,
        cadence=Cadence.FILING,
        meaning=Meaning.HOTTER,
        needs=(statements("ORCL"),),
        series=functools.partial(company_series, "oracle_debt", "ORCL", WITH_FINANCE_LEASES),
        formula="notes payable and other borrowings + finance leases",
        caveat="Without leases it is about 4 billion less, with operating leases 16 billion more; "
        "loans to the projects that Oracle rents from are off its balance sheet.",
        stale_after=STALE_AFTER,
        guard=DEBT_GUARD,
        claim=Claim(
            "Oracle owes about 96 billion dollars",
            date(2025, 11, 30),
            SEC_FACTS.format(cik="0001341439"),
        ),
        lines=(
            _above("article", "96", Level.WARN),
            _above("heat", "95", Level.WATCH),
            _above("heat", "110", Level.WARN),
            _above("heat", "130", Level.CRITICAL),
        ),
        tags=RECIPES["ORCL"].tags,
    ),
)
