"""Quarterly statements of a few companies from Yahoo: when to ask, and what its rows are worth.

They confirm what was filed (CATALOGUE.md, end of 3.3), so they are asked for only when a filing
has appeared. Yahoo's newest quarter comes days later, at first with holes in it (section 4).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from alerts.evidence import CompanyFacts, Evidence, Fact, Origin, second_statements, statements
from alerts.sources.yahoo_bars import to_decimal
from alerts.sources.yahoo_worker import LINES, StatementRow

_ALL = tuple(LINES)
ASKED = {
    **dict.fromkeys(("MSFT", "GOOGL", "AMZN", "META", "ORCL", "NVDA"), _ALL),
    "CRWV": ("cash", "income"),
}
"""The statements of each company; each is one request."""

REPORTED = "us-gaap:NetCashProvidedByUsedInOperatingActivities"
"""Every company tags it in every report."""
WAITED_FOR = timedelta(days=30)
"""How long after a filing Yahoo is asked each day for its quarter."""
CLOSE_BY = timedelta(days=6)
ROUNDING = Decimal("0.01")

KEY_LINES = {
    "balance": ("Total Debt",),
    "cash": ("Operating Cash Flow", "Capital Expenditure"),
    "income": ("Total Revenue",),
}
"""A quarter without one of these is not there yet, whatever else stands in it."""
FREE_CASH_FLOW = "Free Cash Flow"
"""Only looked at: whether the other lines of its statement give it."""
OTHER_LINES = {
    statement: tuple(n for n in lines if n not in (*KEY_LINES[statement], FREE_CASH_FLOW))
    for statement, lines in LINES.items()
}
"""Kept where Yahoo has them; some companies have no such line, and then nothing is confirmed."""
NEVER_NEGATIVE = ("Total Debt", "Total Revenue", "Accounts Receivable", "Inventory")


@dataclass(frozen=True, slots=True)
class Sheet:
    facts: tuple[Fact, ...]
    rejected: tuple[str, ...]


def is_due(ticker: str, known: Evidence, today: date) -> bool:
    """Whether a quarter was filed that Yahoo has not given yet."""
    filed = known.of(statements(ticker)) or CompanyFacts(())
    end = filed.timeline(REPORTED).newest_end(today)
    if end is None:
        return False
    given = known.of(second_statements(ticker))
    if given is None:
        return True
    tags = {f.tag for f in given.facts if abs(f.end - end) <= CLOSE_BY}
    if tags >= set(_tags(ASKED[ticker])):
        return False
    first = min(fact.filed for fact in filed.by_tag[REPORTED] if fact.end == end)
    return today - first <= WAITED_FOR


def read(
    ticker: str, rows: Iterable[StatementRow], known: Evidence, today: date, origin: Origin
) -> Sheet:
    """The whole quarters among the rows, as facts; figures that are known already are left out."""
    given = known.of(second_statements(ticker)) or CompanyFacts(())
    values = {(fact.tag, fact.end): fact.value for fact in given.facts}
    facts: list[Fact] = []
    rejected: list[str] = []
    for row in rows:
        figures = {line: to_decimal(f) for line, f in row.figures if math.isfinite(f)}
        if any(line not in figures for line in KEY_LINES[row.statement]):
            continue
        reason = _unfit(row, figures, today)
        if reason is not None:
            rejected.append(f"{ticker} {row.end} left out: {reason}")
            continue
        for line in (*KEY_LINES[row.statement], *OTHER_LINES[row.statement]):
            if line not in figures:
                continue
            tag, value = _tag(line), figures[line]
            if line == "Capital Expenditure":
                value = -value
            if values.get((tag, row.end)) != value:
                start = None if row.statement == "balance" else _quarter_start(row.end)
                facts.append(Fact(tag, "USD", start, row.end, value, today, "", "", origin))
    facts.sort(key=lambda fact: (fact.filed, fact.end, fact.tag))
    return Sheet(tuple(facts), tuple(rejected))


def _unfit(row: StatementRow, figures: dict[str, Decimal], today: date) -> str | None:
    if row.end > today:
        return "it is still to come"
    if any(figures.get(line, Decimal(0)) < 0 for line in NEVER_NEGATIVE):
        return "an amount is negative"
    spent = figures.get("Capital Expenditure", Decimal(0))
    if spent > 0:
        return "its capital expenditure is an income"
    free = figures.get(FREE_CASH_FLOW)
    if free is not None and row.statement == "cash":
        flow = figures["Operating Cash Flow"]
        if abs(flow + spent - free) > ROUNDING * max(abs(flow), abs(spent)):
            return "its free cash flow is not what its other lines give"
    return None


def _quarter_start(end: date) -> date:
    return end - relativedelta(months=3) + timedelta(days=1)


def _tags(asked: Sequence[str]) -> Iterator[str]:
    return (_tag(line) for statement in asked for line in KEY_LINES[statement])


def _tag(line: str) -> str:
    return f"yahoo:{line.replace(' ', '')}"
