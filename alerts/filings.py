"""What companies filed, and what a reader on one day could make of it (CATALOGUE 3.3).

A filing repeats the figures of earlier ones, cash flows are filed from the start of the fiscal
year only, and the last quarter of a year is never filed alone. `Timeline` undoes that for one tag.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property

from alerts.origin import Origin

QUARTER = range(80, 101)
"""Days of a quarter; a year of 52 or 53 weeks has quarters of 13 or 14."""
YEAR = range(350, 381)
MONEY = "USD"


@dataclass(frozen=True, slots=True)
class Fact:
    """One number of one filing, as SEC company facts give it.

    `tag` carries its taxonomy: `us-gaap:LongTermDebtNoncurrent`. `start` is None for balances.
    """

    tag: str
    unit: str
    start: date | None
    end: date
    value: Decimal
    filed: date
    form: str
    accession: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class Flow:
    """An amount over a period, and the facts that it was worked out from."""

    start: date
    end: date
    value: Decimal
    facts: tuple[Fact, ...]

    @property
    def filed(self) -> date:
        return max(fact.filed for fact in self.facts)


class Timeline:
    """All dollar amounts filed under one tag, by period and by the day of their filing."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        """`facts` in the order of their filing."""
        self._spans: dict[tuple[date | None, date], list[Fact]] = {}
        self._starts: dict[date, list[date]] = {}
        self._ends: dict[date, list[date]] = {}
        for fact in facts:
            if fact.unit != MONEY:
                continue
            span = (fact.start, fact.end)
            if span not in self._spans and fact.start is not None:
                self._starts.setdefault(fact.end, []).append(fact.start)
                self._ends.setdefault(fact.start, []).append(fact.end)
            self._spans.setdefault(span, []).append(fact)
        for ends in self._ends.values():
            ends.sort()
        self._days = sorted({end for _, end in self._spans})
        self._newest: list[tuple[date, date]] = []
        for fact in facts:
            if fact.unit == MONEY and (not self._newest or fact.end > self._newest[-1][1]):
                self._newest.append((fact.filed, fact.end))

    def span(self, start: date | None, end: date, on: date) -> Fact | None:
        """The newest filing of exactly this period (balances: no start) known by `on`."""
        facts = self._spans.get((start, end), ())
        known = bisect_right(facts, on, key=lambda fact: fact.filed)
        return facts[known - 1] if known else None

    def near(self, day: date, within: timedelta) -> list[date]:
        """The period ends around a day, nearest first."""
        first = bisect_left(self._days, day - within)
        last = bisect_right(self._days, day + within)
        return sorted(self._days[first:last], key=lambda end: abs(end - day))

    def newest_end(self, on: date) -> date | None:
        """The end of the newest period of which something was known by `on`."""
        known = bisect_right(self._newest, on, key=lambda entry: entry[0])
        return self._newest[known - 1][1] if known else None

    def balances(self, by: date, since: date, on: date) -> list[Fact]:
        """Balances of the days from `since` to `by`, newest first, as known by `on`."""
        first, last = bisect_left(self._days, since), bisect_right(self._days, by)
        found = (self.span(None, day, on) for day in reversed(self._days[first:last]))
        return [fact for fact in found if fact is not None]

    def quarter(self, end: date, on: date) -> Flow | None:
        """The quarter that ends on a day: as filed, or a longer period less the next shorter."""
        for start in self._starts.get(end, ()):
            fact = self.span(start, end, on)
            if fact is not None and _days(start, end) in QUARTER:
                return Flow(start, end, fact.value, (fact,))
        for start in self._starts.get(end, ()):
            longer = self.span(start, end, on)
            shorter = self._next_shorter(start, end, on)
            if longer is None or shorter is None:
                continue
            begins = shorter.end + timedelta(days=1)
            if _days(begins, end) in QUARTER:
                return Flow(begins, end, longer.value - shorter.value, (longer, shorter))
        return None

    def _next_shorter(self, start: date, end: date, on: date) -> Fact | None:
        for earlier in reversed(self._ends[start]):
            if earlier < end and (fact := self.span(start, earlier, on)) is not None:
                return fact
        return None

    def year(self, end: date, on: date) -> Flow | None:
        """The twelve months that a yearly report gives."""
        for start in self._starts.get(end, ()):
            fact = self.span(start, end, on)
            if fact is not None and _days(start, end) in YEAR:
                return Flow(start, end, fact.value, (fact,))
        return None

    def since_year_began(self, end: date, on: date) -> list[Fact]:
        """Every filed period of up to a year that ends on a day, longest first."""
        found = [
            fact
            for start in self._starts.get(end, ())
            if _days(start, end) < YEAR.start and (fact := self.span(start, end, on)) is not None
        ]
        return sorted(found, key=lambda fact: fact.start or fact.end)


def _days(start: date, end: date) -> int:
    return (end - start).days + 1


_NOTHING = Timeline(())


@dataclass(frozen=True)
class CompanyFacts:
    """`begins`: readings are wanted from this day on; older facts are there to look back at."""

    facts: tuple[Fact, ...]
    begins: date | None = None

    def merge(self, newer: CompanyFacts) -> CompanyFacts:
        facts = {
            (f.tag, f.unit, f.start, f.end, f.filed, f.accession): f
            for f in (*self.facts, *newer.facts)
        }
        return CompanyFacts(tuple(sorted(facts.values(), key=lambda f: (f.filed, f.end, f.tag))))

    def known_by(self, moment: datetime) -> CompanyFacts:
        """Only what was filed by that day: a balance sheet is known when it is filed."""
        return CompanyFacts(tuple(f for f in self.facts if f.filed <= moment.date()), self.begins)

    def since(self, day: date) -> CompanyFacts:
        """The same facts; whoever goes through the filings begins on that day."""
        return CompanyFacts(self.facts, day)

    @cached_property
    def by_tag(self) -> Mapping[str, tuple[Fact, ...]]:
        grouped: dict[str, list[Fact]] = {}
        for fact in self.facts:
            grouped.setdefault(fact.tag, []).append(fact)
        return {tag: tuple(facts) for tag, facts in grouped.items()}

    @cached_property
    def _timelines(self) -> dict[str, Timeline]:
        return {}

    def timeline(self, tag: str) -> Timeline:
        """Made at the first use, since most tags are read by several indicators."""
        if tag not in self.by_tag:
            return _NOTHING
        found = self._timelines.get(tag)
        if found is None:
            found = self._timelines[tag] = Timeline(self.by_tag[tag])
        return found

    def filing_days(self, tags: Sequence[str]) -> list[date]:
        """The days from `begins` on which something was filed under one of the tags."""
        begins = self.begins or date.min
        days = {f.filed for tag in dict.fromkeys(tags) for f in self.by_tag.get(tag, ())}
        return sorted(day for day in days if day >= begins)
