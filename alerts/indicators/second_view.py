"""What was filed, against the same lines as Yahoo gives them (CATALOGUE 3.3, rule 7).

The filing is the value. Yahoo is a second look at it: where every part of a reading is there too,
for the same period and within `TOLERANCE`, the reading says that Yahoo confirms it, and a jump is
not held (RULES.md R3); where a part differs by more, a note says so and the value stands. What
Yahoo does not have yet says nothing either way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from alerts.evidence import Answer, CompanyFacts, Evidence, Need, second_statements
from alerts.indicators.accounts import Accounts, Books, Unknown, Worked
from alerts.indicators.statement_lines import CASH_FLOW, COMPANIES, FIVE, Group, Line
from alerts.reading import Missing, Part, Reading, Status

TOLERANCE = Decimal("0.05")
# Yahoo dates every quarter by the end of its month; Nvidia's end on a Sunday before.
CLOSE_BY = timedelta(days=6)
SECOND = "yahoo"
TOTAL_DEBT = "yahoo:TotalDebt"
"""With all leases."""
LOOKED_UP = (*FIVE, "NVDA", "CRWV")
"""The companies whose statements Yahoo is asked for."""

Series = Callable[[Evidence], Sequence[Reading | Missing]]


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a second source says of a figure: it differs by so much, as a fraction of the first."""

    of: str
    differs: Decimal

    @property
    def agrees(self) -> bool:
        return self.differs <= TOLERANCE


def opinion(of: str, first: Decimal, second: Decimal) -> Opinion:
    return Opinion(of, abs(second / first - 1) if first else Decimal(second != 0))


def told(reading: Reading, opinions: Sequence[Opinion | None], by: str = SECOND) -> Reading:
    """The reading with what the second source says of all its parts."""
    against = max(
        (one for one in opinions if one is not None and not one.agrees),
        key=lambda one: one.differs,
        default=None,
    )
    if against is not None:
        differ = f"{against.of}: {reading.source} and {SECOND} differ by {against.differs:.1%}"
        return replace(reading, note=f"{reading.note}; {differ}" if reading.note else differ)
    if not opinions or None in opinions:
        return reading
    return replace(reading, confirmed_by=by)


def second_needs(tickers: Sequence[str], lines: Sequence[Line]) -> tuple[Need[Answer], ...]:
    """What confirms these lines; nothing where Yahoo has one of them not, or is not asked."""
    if not set(tickers) <= set(LOOKED_UP) or any(line.second is None for line in lines):
        return ()
    return tuple(second_statements(ticker) for ticker in tickers)


class SecondAccounts(Accounts):
    """A company's statements as Yahoo gives them, asked about the report that was filed."""

    def __init__(self, ticker: str, facts: CompanyFacts, filed_end: date) -> None:
        # All that is known: a confirmation may come later than what it confirms.
        super().__init__(ticker, facts, date.max)
        self._filed_end = filed_end

    def report(self) -> date | None:
        """Yahoo's date for the quarter that was filed; None as long as it does not have it."""
        days = (self._facts.timeline(tag).near(self._filed_end, CLOSE_BY)
                for (tag,) in self._groups(CASH_FLOW))  # fmt: skip
        return next((near[0] for near in days if near), None)

    def _groups(self, line: Line) -> tuple[Group, ...]:
        return () if line.second is None else ((line.second,),)


def confirmed_series(
    series: Series, work: Callable[[Books], Worked], tickers: Sequence[str], evidence: Evidence
) -> Sequence[Reading | Missing]:
    """The same readings, each with what Yahoo says of its parts."""
    found = series(evidence)
    seconds = {ticker: evidence.of(second_statements(ticker)) for ticker in tickers}
    known = {ticker: facts for ticker, facts in seconds.items() if facts is not None}
    if len(known) < len(seconds):
        return found
    return [_looked_up(one, work, known) if isinstance(one, Reading) else one for one in found]


def _looked_up(
    reading: Reading, work: Callable[[Books], Worked], known: Mapping[str, CompanyFacts]
) -> Reading:
    if reading.status is not Status.CONFIRMED:
        return reading
    ends = {ticker: _end_of(ticker, reading.parts) for ticker in known}
    books = {t: SecondAccounts(t, known[t], end) for t, end in ends.items() if end is not None}
    if len(books) < len(known):
        return reading
    try:
        second = work(books)
    except Unknown:
        return reading
    others = {part.name: part for part in second.parts}
    return told(reading, [_compared(part, others.get(part.name)) for part in reading.parts])


def _end_of(ticker: str, parts: Sequence[Part]) -> date | None:
    return max((p.as_of for p in parts if p.name.startswith(f"{ticker} ")), default=None)


def _compared(part: Part, other: Part | None) -> Opinion | None:
    if other is None or abs(other.as_of - part.as_of) > CLOSE_BY:
        return None
    return opinion(part.name, part.value, other.value)


def debt_opinion(
    ticker: str, with_all_leases: Decimal | None, end: date, evidence: Evidence
) -> Opinion | None:
    """Yahoo's total debt holds all leases, so that is what it can be compared with."""
    facts = evidence.of(second_statements(ticker))
    if facts is None or with_all_leases is None:
        return None
    timeline = facts.timeline(TOTAL_DEBT)
    for day in timeline.near(end, CLOSE_BY):
        fact = timeline.span(None, day, date.max)
        if fact is not None:
            return opinion(COMPANIES[ticker].en, with_all_leases, fact.value)
    return None
