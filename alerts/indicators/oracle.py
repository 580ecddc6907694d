"""Oracle, the hyperscaler that borrows most for its size (CATALOGUE A14 to A16)."""

from __future__ import annotations

from datetime import date

from alerts.indicators import Claim, Meaning, Names, Section
from alerts.indicators.accounts import Books, Unknown, Worked, need, report_of
from alerts.indicators.preset_lines import above, below
from alerts.indicators.statement_indicator import of_statements
from alerts.indicators.statement_lines import (
    BACKLOG,
    INTEREST,
    NET_INCOME,
    OPERATING_INCOME,
    REVENUE,
)
from alerts.quantity import Unit

ORCL = ("ORCL",)


def interest_to_income(books: Books) -> Worked:
    book = books["ORCL"]
    end = report_of(book)
    interest = need(book.quarter(INTEREST, end), book, INTEREST, end)
    income = need(book.quarter(NET_INCOME, end), book, NET_INCOME, end)
    if income.value <= 0:
        raise Unknown(f"Oracle lost money in the quarter to {end}: no share of income")
    return Worked(
        interest.value / income.value, end, (interest.part(), income.part()), "one quarter"
    )


def interest_coverage(books: Books) -> Worked:
    book = books["ORCL"]
    end = report_of(book)
    income = need(book.trailing(OPERATING_INCOME, end), book, OPERATING_INCOME, end)
    interest = need(book.trailing(INTEREST, end), book, INTEREST, end)
    return Worked(
        income.value / interest.value, end, (income.part(), interest.part()), "twelve months"
    )


def backlog_to_revenue(books: Books) -> Worked:
    book = books["ORCL"]
    end = report_of(book)
    backlog = need(book.balance(BACKLOG, end), book, BACKLOG, end)
    revenue = need(book.trailing(REVENUE, end), book, REVENUE, end)
    return Worked(
        backlog.value / revenue.value,
        end,
        (backlog.part(), revenue.part()),
        "backlog over revenue of twelve months",
    )


INDICATORS = (
    of_statements(
        "oracle_interest_to_income",
        Names("Oracle interest ÷ net income", "甲骨文利息占淨利", "甲骨文利息占净利"),
        Section.CIRCULAR_FINANCING,
        Meaning.CRACKING,
        Unit.FRACTION,
        ORCL,
        (INTEREST, NET_INCOME),
        interest_to_income,
        formula="interest expense ÷ net income, of one quarter",
        caveat="One-off gains and taxes move net income: see the interest coverage too.",
        claim=Claim("three billion a quarter, and interest may eat more of it", date(2025, 11, 30)),
        presets=(*above("heat", "30%", "40%", "50%"), *above("crack", "50%")),
    ),
    of_statements(
        "oracle_interest_coverage",
        Names("Oracle interest coverage", "甲骨文利息保障倍數", "甲骨文利息保障倍数"),
        Section.CIRCULAR_FINANCING,
        Meaning.SUPPORTIVE,
        Unit.RATIO,
        ORCL,
        (OPERATING_INCOME, INTEREST),
        interest_coverage,
        formula="operating income ÷ interest expense, of twelve months",
        caveat="Interest that is added to the cost of buildings under construction is not in it.",
        presets=below("crack", "5", "4", "3"),
    ),
    of_statements(
        "oracle_backlog_to_revenue",
        Names("Oracle backlog ÷ revenue", "甲骨文積壓訂單對營收", "甲骨文积压订单与营收之比"),
        Section.CIRCULAR_FINANCING,
        Meaning.HOTTER,
        Unit.RATIO,
        ORCL,
        (BACKLOG, REVENUE),
        backlog_to_revenue,
        formula="remaining performance obligations ÷ revenue of twelve months",
        caveat="Filings do not tag whose orders these are; most of the rise is one customer's.",
        claim=Claim("a backlog that hangs on one customer", date(2025, 11, 30)),
        presets=above("heat", "5", "8", "10"),
    ),
)
