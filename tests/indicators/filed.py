"""Statements as tests say them: a period, an amount, the day on which it was filed."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from alerts.evidence import CompanyFacts, Evidence, Fact, Origin, statements
from alerts.indicators.statement_lines import CASH_FLOW

READ = Origin("sec", "https://example.org/facts", datetime(2025, 11, 30, tzinfo=UTC))
LATE = date(2030, 1, 1)


def filed(tag: str, start: str | None, end: str, value: int, on: str, form: str = "10-Q") -> Fact:
    """`on` is the day of the filing; without `start` it is a balance."""
    begins = date.fromisoformat(start) if start else None
    return Fact(
        f"us-gaap:{tag}",
        "USD",
        begins,
        date.fromisoformat(end),
        Decimal(value),
        date.fromisoformat(on),
        form,
        f"of {on}",
        READ,
    )


def facts(*rows: Fact) -> CompanyFacts:
    return CompanyFacts(()).merge(CompanyFacts(rows))


def reported(*ends_and_days: tuple[str, str]) -> tuple[Fact, ...]:
    """What shows that a report came: its cash flow, by the end of its period."""
    (tag,) = CASH_FLOW.usual[0]
    name = tag.partition(":")[2]
    return tuple(filed(name, f"{end[:4]}-01-01", end, 1, day) for end, day in ends_and_days)


def evidence(**companies: CompanyFacts) -> Evidence:
    return Evidence({statements(ticker): known for ticker, known in companies.items()})
