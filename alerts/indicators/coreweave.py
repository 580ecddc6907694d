"""CoreWeave, which borrows to rent out Nvidia's chips (CATALOGUE A17, A18)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from alerts.evidence import Evidence
from alerts.indicators import Claim, Guard, Meaning, Names, Section
from alerts.indicators.accounts import Books, Worked, filed_series, need, report_of
from alerts.indicators.preset_lines import above
from alerts.indicators.statement_indicator import (
    BETWEEN_REPORTS,
    LARGEST_MOVE,
    of_statements,
)
from alerts.indicators.statement_lines import COREWEAVE_DEBT, INTEREST, REVENUE
from alerts.quantity import Unit
from alerts.reading import Missing, Reading, Status

CRWV = ("CRWV",)
DEBT_KEY = "coreweave_debt"


def debt(books: Books) -> Worked:
    book = books["CRWV"]
    end = report_of(book)
    owed = need(book.balance(COREWEAVE_DEBT, end), book, COREWEAVE_DEBT, end)
    tags = " + ".join(tag.partition(":")[2] for tag in owed.tags)
    return Worked(owed.value, end, (replace(owed.part(), name=tags),), "all borrowings")


def debt_series(evidence: Evidence) -> list[Reading | Missing]:
    """A figure under another tag than the one before counts something else: it is not signed."""
    found: list[Reading | Missing] = []
    tag: str | None = None
    for reading in filed_series(DEBT_KEY, Unit.USD, CRWV, (COREWEAVE_DEBT,), debt, evidence):
        if isinstance(reading, Reading):
            changed = tag is not None and reading.parts[0].name != tag
            tag = reading.parts[0].name
            if changed:
                note = f"definition changed: now {tag}"
                found.append(replace(reading, status=Status.UNCONFIRMED, note=note))
                continue
        found.append(reading)
    return found


def interest_to_revenue(books: Books) -> Worked:
    book = books["CRWV"]
    end = report_of(book)
    interest = need(book.quarter(INTEREST, end), book, INTEREST, end)
    revenue = need(book.quarter(REVENUE, end), book, REVENUE, end)
    return Worked(
        interest.value / revenue.value, end, (interest.part(), revenue.part()), "one quarter"
    )


INDICATORS = (
    replace(
        of_statements(
            DEBT_KEY,
            Names("CoreWeave debt", "CoreWeave 債務", "CoreWeave 债务"),
            Section.CIRCULAR_FINANCING,
            Meaning.HOTTER,
            Unit.USD,
            CRWV,
            (COREWEAVE_DEBT,),
            debt,
            formula="long-term debt with its current part, without leases",
            caveat="Much of it is secured by the very chips that it paid for.",
            claim=Claim("a tightly coupled network of deals", date(2025, 11, 30)),
            presets=above("heat", "15B", "25B", "40B"),
        ),
        series=debt_series,
        guard=Guard({}, LARGEST_MOVE, reach=BETWEEN_REPORTS),
    ),
    of_statements(
        "coreweave_interest_to_revenue",
        Names("CoreWeave interest ÷ revenue", "CoreWeave 利息占營收", "CoreWeave 利息占营收"),
        Section.CIRCULAR_FINANCING,
        Meaning.CRACKING,
        Unit.FRACTION,
        CRWV,
        (INTEREST, REVENUE),
        interest_to_revenue,
        formula="interest expense ÷ revenue, of one quarter",
        caveat="Listed in March 2025: there is little history to compare with.",
        presets=above("crack", "20%", "25%", "30%"),
    ),
)
