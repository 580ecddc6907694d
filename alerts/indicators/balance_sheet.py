"""Debt on a balance sheet, as a reader on one day could know it (CATALOGUE §3.2).

Every company has a recipe: the long-term part that must be there, and short-term parts that count
nothing when a filing does not tag them. Leases are shown beside, never inside, unless the
indicator's definition says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from alerts.evidence import CompanyFacts, Fact
from alerts.indicators import (
    Names,
)
from alerts.quantity import Unit
from alerts.reading import Part

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
A_YEAR = timedelta(days=365)
CLOSE_BY = timedelta(days=10)


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

    def days(self, tags: Iterable[str]) -> set[date]:
        return {end for tag in tags for end in self._known[tag]}

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


def balance_a_year_before(
    recipe: Recipe, facts: CompanyFacts, on: date, end: date
) -> Balance | str:
    """The balance of the same quarter of the year before, as known by `on`."""
    book = Book(facts, recipe, on)
    about = end - A_YEAR
    days = {*book.days(recipe.long_term), *book.days((WHOLE,))}
    near = [day for day in days if abs(day - about) <= CLOSE_BY]
    if not near:
        return f"{recipe.company}'s debt about {about} is not known"
    return _balance(recipe, book, near[0])


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
    return _balance(recipe, book, long_end)


def _balance(recipe: Recipe, book: Book, long_end: date) -> Balance:
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
