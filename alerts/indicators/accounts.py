"""A company's statements, added up as a reader on one day could (CATALOGUE 3.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from alerts.evidence import CompanyFacts, Evidence, Fact, Need, statements
from alerts.filings import YEAR, Flow
from alerts.indicators.statement_lines import CASH_FLOW, COMPANIES, Group, Line
from alerts.quantity import Unit
from alerts.reading import Missing, Part, Reading, Status

# Fiscal quarters end on a weekday in some companies: neighbours are this close.
CLOSE_BY = timedelta(days=6)
# After this long without a report a company is not «as last filed» any more.
CARRIED = timedelta(days=200)
# What is tagged once a year only is carried for a year and a quarter.
YEARLY_CARRIED = timedelta(days=460)


@dataclass(frozen=True, slots=True)
class Amount:
    """A line's sum over a period or on a day, in dollars, with the facts behind it."""

    name: str
    value: Decimal
    end: date
    facts: tuple[Fact, ...]

    @property
    def newest(self) -> Fact:
        return max(self.facts, key=lambda fact: (fact.filed, fact.end))

    @property
    def tags(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(fact.tag for fact in self.facts))

    def part(self) -> Part:
        origin = self.newest.origin
        return Part(self.name, self.value, Unit.USD, self.end, origin.source, origin.url)


class Accounts:
    """One company's statements as known on a day. What cannot be worked out is None, never 0."""

    def __init__(self, ticker: str, facts: CompanyFacts, on: date) -> None:
        self.ticker = ticker
        self.name = COMPANIES[ticker].en
        self._facts = facts
        self._on = on

    def report(self) -> date | None:
        """The end of the period of the newest yearly or quarterly report; None when too old."""
        return self.newest_end(CASH_FLOW)

    def newest_end(self, line: Line) -> date | None:
        """The end of the newest period of a line; None when too old."""
        ends = [
            end
            for group in line.groups(self.ticker)
            for tag in group
            if (end := self._facts.timeline(tag).newest_end(self._on)) is not None
        ]
        newest = max(ends, default=None)
        return newest if newest is not None and self._on - newest <= CARRIED else None

    def quarter(self, line: Line, end: date) -> Amount | None:
        """The quarter that ends on a day."""
        flow = self._quarter(line, end)
        return None if flow is None else self._amount(line, flow)

    def trailing(self, line: Line, end: date) -> Amount | None:
        """The twelve months that end on a day.

        1. Four quarters in a row, each under whichever tag has it.
        2. Else, under one tag, the last full year, plus what is filed of the running year, less
           the same months of the year before.
        """
        quarters: list[Flow] = []
        day = end
        while len(quarters) < 4:
            quarter = self._quarter_near(line, day)
            if quarter is None:
                return self._rolled(line, end)
            quarters.append(quarter)
            day = quarter.start - timedelta(days=1)
        value = sum((quarter.value for quarter in quarters), Decimal(0))
        facts = tuple(fact for quarter in quarters for fact in quarter.facts)
        return Amount(f"{self.ticker} {line.name}", value, end, facts)

    def year(self, line: Line, end: date) -> Amount | None:
        """The fiscal year that ends on a day or close by."""
        for group in self._groups(line):
            for day in self._facts.timeline(group[0]).near(end, CLOSE_BY):
                flows = [self._facts.timeline(tag).year(day, self._on) for tag in group]
                flow = _added(flows)
                if flow is not None:
                    return self._amount(line, flow)
        return None

    def last_year(self, line: Line, by: date) -> Amount | None:
        """The newest fiscal year that ended by a day and is not too old to be carried."""
        for days in range((YEARLY_CARRIED // timedelta(days=1)) // 13 + 1):
            # Thirteen days at a time: `year` looks six to each side.
            day = by - CLOSE_BY - timedelta(days=13 * days)
            found = self.year(line, day)
            if found is not None and by - found.end <= YEARLY_CARRIED:
                return found
        return None

    def balance(self, line: Line, end: date) -> Amount | None:
        """The balance on a day."""
        for group in self._groups(line):
            facts = [self._facts.timeline(tag).span(None, end, self._on) for tag in group]
            found = [fact for fact in facts if fact is not None]
            if len(found) == len(group):
                value = sum((fact.value for fact in found), Decimal(0))
                return Amount(f"{self.ticker} {line.name}", value, end, tuple(found))
        return None

    def carried_balance(self, line: Line, by: date) -> Amount | None:
        """The newest balance by a day, for what is not tagged in every report."""
        days = {
            fact.end
            for group in self._groups(line)
            for fact in self._facts.timeline(group[0]).balances(by, by - YEARLY_CARRIED, self._on)
        }
        found = (self.balance(line, day) for day in sorted(days, reverse=True))
        return next((amount for amount in found if amount is not None), None)

    def _groups(self, line: Line) -> tuple[Group, ...]:
        return line.groups(self.ticker)

    def _quarter(self, line: Line, end: date) -> Flow | None:
        for group in self._groups(line):
            flow = _added([self._facts.timeline(tag).quarter(end, self._on) for tag in group])
            if flow is not None:
                return flow
        return None

    def _quarter_near(self, line: Line, day: date) -> Flow | None:
        found = self._quarter(line, day)
        if found is not None:
            return found
        near = {
            end
            for group in self._groups(line)
            for end in self._facts.timeline(group[0]).near(day, CLOSE_BY)
        }
        quarters = (self._quarter(line, end) for end in sorted(near, key=lambda d: abs(d - day)))
        return next((quarter for quarter in quarters if quarter is not None), None)

    def _rolled(self, line: Line, end: date) -> Amount | None:
        for group in self._groups(line):
            flows = [self._rolled_tag(tag, end) for tag in group]
            flow = _added(flows)
            if flow is not None:
                return self._amount(line, flow)
        return None

    def _rolled_tag(self, tag: str, end: date) -> Flow | None:
        timeline = self._facts.timeline(tag)
        whole = timeline.year(end, self._on)
        if whole is not None:
            return whole
        for running in timeline.since_year_began(end, self._on):
            if running.start is None:
                continue
            for last_day in timeline.near(running.start - timedelta(days=1), CLOSE_BY):
                year = timeline.year(last_day, self._on)
                if year is None:
                    continue
                length = running.end - running.start
                for earlier in timeline.near(year.start + length, CLOSE_BY):
                    same = timeline.span(year.start, earlier, self._on)
                    if same is not None:
                        value = year.value + running.value - same.value
                        return Flow(year.start, end, value, (running, *year.facts, same))
        return None

    def _amount(self, line: Line, flow: Flow) -> Amount:
        return Amount(f"{self.ticker} {line.name}", flow.value, flow.end, flow.facts)


def _added(flows: Sequence[Flow | None]) -> Flow | None:
    """One flow from those of several tags of the same period; None when one is missing."""
    found = [flow for flow in flows if flow is not None]
    if not found or len(found) < len(flows) or len({flow.start for flow in found}) > 1:
        return None
    value = sum((flow.value for flow in found), Decimal(0))
    facts = tuple(fact for flow in found for fact in flow.facts)
    return Flow(found[0].start, found[0].end, value, facts)


def year_before(end: date) -> date:
    """About the same day of the year before: 52 weeks earlier, within `CLOSE_BY` of any kind."""
    return end - timedelta(days=(YEAR.start + YEAR.stop) // 2)


@dataclass(frozen=True, slots=True)
class Worked:
    """What a formula made of statements on one day."""

    value: Decimal
    period_end: date
    parts: tuple[Part, ...]
    definition: str
    views: tuple[Part, ...] = ()
    status: Status = Status.CONFIRMED
    note: str | None = None


class Unknown(Exception):
    """A formula lacks something; the message is one sentence for people (RULES.md R4)."""


Books = Mapping[str, Accounts]


def need(amount: Amount | None, books: Accounts, line: Line, end: date) -> Amount:
    """The amount, or Unknown with a sentence that says what is missing."""
    if amount is None:
        raise Unknown(f"{books.name}'s {line.name} for {end} was not filed under a known tag")
    return amount


def report_of(books: Accounts) -> date:
    """The end of the newest report, or Unknown."""
    end = books.report()
    if end is None:
        raise Unknown(f"no recent report of {books.name} is known")
    return end


def trailing(books: Books, line: Line) -> list[Amount]:
    """Twelve months of a line of every company, each to its newest report."""
    ends = {ticker: report_of(book) for ticker, book in books.items()}
    return [
        need(book.trailing(line, ends[ticker]), book, line, ends[ticker])
        for ticker, book in books.items()
    ]


def added(amounts: Iterable[Amount]) -> Decimal:
    return sum((amount.value for amount in amounts), Decimal(0))


def beside(definition: str, value: Decimal, unit: Unit, like: Amount) -> Part:
    """Another view of a reading; its name is a message for the catalogues."""
    origin = like.newest.origin
    return Part(definition, value, unit, like.end, origin.source, origin.url)


def statement_needs(*tickers: str) -> tuple[Need[CompanyFacts], ...]:
    return tuple(statements(ticker) for ticker in tickers)


def filed_series(
    key: str,
    unit: Unit,
    tickers: Sequence[str],
    lines: Sequence[Line],
    work: Callable[[Books], Worked],
    evidence: Evidence,
) -> list[Reading | Missing]:
    """One reading for each day on which a filing changed what `work` makes of the statements."""
    return list(_readings(key, unit, tickers, lines, lambda books, on: work(books), evidence))


def dated_series(
    key: str,
    unit: Unit,
    tickers: Sequence[str],
    lines: Sequence[Line],
    work: Callable[[Books, date], Worked],
    evidence: Evidence,
) -> list[Reading | Missing]:
    """As `filed_series`, for formulas that look up something else of that day."""
    return list(_readings(key, unit, tickers, lines, work, evidence))


def _readings(
    key: str,
    unit: Unit,
    tickers: Sequence[str],
    lines: Sequence[Line],
    work: Callable[[Books, date], Worked],
    evidence: Evidence,
) -> Iterator[Reading | Missing]:
    facts = {t: evidence.of(statements(t)) or CompanyFacts(()) for t in tickers}
    days = {
        day
        for ticker, filed in facts.items()
        for day in filed.filing_days(
            tuple(tag for line in (*lines, CASH_FLOW) for tag in line.tags((ticker,)))
        )
    }
    last: Worked | str | None = None
    for day in sorted(days):
        at = datetime.combine(day, datetime.min.time(), UTC)
        books = {ticker: Accounts(ticker, filed, day) for ticker, filed in facts.items()}
        worked: Worked | str
        try:
            worked = work(books, day)
        except Unknown as unknown:
            worked = str(unknown)
        if worked == last:
            continue
        last = worked
        if isinstance(worked, str):
            yield Missing(key, at, worked)
        else:
            yield _reading(key, unit, at, worked, facts)


def _reading(
    key: str, unit: Unit, at: datetime, worked: Worked, facts: Mapping[str, CompanyFacts]
) -> Reading:
    newest = max(worked.parts, key=lambda part: part.as_of)
    fetched = max(
        (f.origin.fetched_at for filed in facts.values() for f in filed.facts[-1:]), default=at
    )
    return Reading(
        key,
        worked.value,
        unit,
        at,
        worked.period_end,
        newest.source,
        newest.source_url,
        fetched,
        worked.status,
        worked.definition,
        worked.parts,
        worked.views,
        note=worked.note,
    )
