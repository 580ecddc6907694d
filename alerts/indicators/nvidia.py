"""Nvidia's own statements (CATALOGUE A4, A11, A12, A41)."""

from __future__ import annotations

from datetime import date, timedelta

from alerts.indicators import Claim, Meaning, Names, Section
from alerts.indicators.accounts import Books, Worked, beside, need, report_of
from alerts.indicators.preset_lines import YEAR_ON_YEAR, above, below
from alerts.indicators.statement_indicator import of_statements
from alerts.indicators.statement_lines import (
    COST_OF_REVENUE,
    GROSS_PROFIT,
    INVENTORY,
    PRIVATE_STAKES,
    RECEIVABLES,
    REVENUE,
)
from alerts.quantity import Unit
from alerts.reading import Part

NVDA = ("NVDA",)
DAYS_OF_A_QUARTER = 91


def quarterly_revenue(books: Books) -> Worked:
    book = books["NVDA"]
    end = report_of(book)
    revenue = need(book.quarter(REVENUE, end), book, REVENUE, end)
    # The quarter of the year before ended 52 weeks earlier, or 53.
    quarters = (book.quarter(REVENUE, end - timedelta(weeks=weeks)) for weeks in (52, 53))
    before = next((quarter for quarter in quarters if quarter is not None), None)
    views: tuple[Part, ...] = ()
    if before is not None and before.value > 0:
        growth = revenue.value / before.value - 1
        views = (beside("year on year", growth, Unit.FRACTION, revenue),)
    return Worked(revenue.value, end, (revenue.part(),), "one quarter's revenue", views)


def gross_margin(books: Books) -> Worked:
    book = books["NVDA"]
    end = report_of(book)
    profit = need(book.quarter(GROSS_PROFIT, end), book, GROSS_PROFIT, end)
    revenue = need(book.quarter(REVENUE, end), book, REVENUE, end)
    return Worked(profit.value / revenue.value, end, (profit.part(), revenue.part()), "one quarter")


def private_stakes(books: Books) -> Worked:
    book = books["NVDA"]
    end = report_of(book)
    stakes = need(book.balance(PRIVATE_STAKES, end), book, PRIVATE_STAKES, end)
    return Worked(stakes.value, end, (stakes.part(),), "at cost, adjusted at deals")


def receivable_days(books: Books) -> Worked:
    book = books["NVDA"]
    end = report_of(book)
    owed = need(book.balance(RECEIVABLES, end), book, RECEIVABLES, end)
    stock = need(book.balance(INVENTORY, end), book, INVENTORY, end)
    revenue = need(book.quarter(REVENUE, end), book, REVENUE, end)
    cost = need(book.quarter(COST_OF_REVENUE, end), book, COST_OF_REVENUE, end)
    return Worked(
        DAYS_OF_A_QUARTER * owed.value / revenue.value,
        end,
        (owed.part(), revenue.part(), stock.part(), cost.part()),
        "days that customers take to pay",
        (
            beside(
                "days of inventory",
                DAYS_OF_A_QUARTER * stock.value / cost.value,
                Unit.DAYS,
                stock,
            ),
        ),
    )


INDICATORS = (
    of_statements(
        "nvidia_quarterly_revenue",
        Names("Nvidia quarterly revenue", "輝達單季營收", "英伟达单季营收"),
        Section.ACCOUNTING,
        Meaning.SUPPORTIVE,
        Unit.USD,
        NVDA,
        (REVENUE,),
        quarterly_revenue,
        formula="revenue of one quarter; the last quarter is the year less nine months",
        caveat="Revenue is what customers were billed; some of them were paid by Nvidia to buy.",
        claim=Claim("57 billion dollars in one quarter", date(2025, 11, 19)),
        presets=below("crack", "40%", "25%", "0%", measure=YEAR_ON_YEAR),
    ),
    of_statements(
        "nvidia_private_stakes",
        Names(
            "Nvidia's stakes in private firms", "輝達持有非上市公司股權", "英伟达持有非上市公司股权"
        ),
        Section.CIRCULAR_FINANCING,
        Meaning.HOTTER,
        Unit.USD,
        NVDA,
        (PRIVATE_STAKES,),
        private_stakes,
        formula="equity securities without a readily determinable fair value",
        caveat="Carried at cost until the next deal, and not all of these firms are about AI.",
        claim=Claim("suppliers invest in their own customers", date(2025, 11, 30)),
        presets=above("heat", "5B", "10B", "25B"),
    ),
    of_statements(
        "nvidia_receivable_inventory_days",
        Names(
            "Nvidia receivable and inventory days",
            "輝達應收帳款與存貨天數",
            "英伟达应收账款与存货天数",
        ),
        Section.ACCOUNTING,
        Meaning.CRACKING,
        Unit.DAYS,
        NVDA,
        (RECEIVABLES, REVENUE, INVENTORY, COST_OF_REVENUE),
        receivable_days,
        formula="91 × receivables ÷ revenue of the quarter; "
        "beside it 91 × inventory ÷ cost of revenue of the quarter",
        caveat="Shipments late in a quarter raise receivables without anybody paying late.",
        presets=above("crack", "55", "65", "75"),
    ),
    of_statements(
        "nvidia_gross_margin",
        Names("Nvidia gross margin", "輝達毛利率", "英伟达毛利率"),
        Section.FUNDAMENTALS,
        Meaning.SUPPORTIVE,
        Unit.FRACTION,
        NVDA,
        (GROSS_PROFIT, REVENUE),
        gross_margin,
        formula="gross profit ÷ revenue, of one quarter",
        caveat="A write-off of chips that may not be exported lowers it for one quarter.",
        presets=below("crack", "72%", "68%", "62%"),
    ),
)
