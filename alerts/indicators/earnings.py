"""What speaks for the hyperscalers: they earn, and can pay their interest (CATALOGUE A39, A40)."""

from __future__ import annotations

from alerts.indicators import Claim, Meaning, Names, Section
from alerts.indicators.accounts import (
    Accounts,
    Amount,
    Books,
    Unknown,
    Worked,
    added,
    report_of,
    trailing,
)
from alerts.indicators.capex import THE_ARTICLE, oldest_end, year_before
from alerts.indicators.preset_lines import below
from alerts.indicators.statement_indicator import of_statements
from alerts.indicators.statement_lines import FIVE, FOUR, INTEREST, OPERATING_INCOME
from alerts.quantity import Unit


def operating_income_growth(books: Books) -> Worked:
    now, before = trailing(books, OPERATING_INCOME), year_before(books, OPERATING_INCOME)
    if before is None or added(before) <= 0:
        raise Unknown("the operating income of the year before is not known")
    return Worked(
        added(now) / added(before) - 1,
        oldest_end(now),
        tuple(amount.part() for amount in now),
        "twelve months over twelve months",
    )


def operating_income(books: Books) -> Worked:
    """The newest twelve months alone: of more than five quarters Yahoo knows nothing."""
    now = trailing(books, OPERATING_INCOME)
    parts = tuple(amount.part() for amount in now)
    return Worked(added(now), oldest_end(now), parts, "twelve months")


def interest_coverage(books: Books) -> Worked:
    income = trailing(books, OPERATING_INCOME)
    paid = [_interest(book) for book in books.values()]
    carried = [amount.name for amount, earned in zip(paid, income, strict=True)
               if amount.end != earned.end]  # fmt: skip
    return Worked(
        added(income) / added(paid),
        oldest_end(income),
        tuple(amount.part() for amount in (*income, *paid)),
        "twelve months",
        note=f"of the last fiscal year: {', '.join(carried)}" if carried else None,
    )


def _interest(book: Accounts) -> Amount:
    """Of twelve months; of the last fiscal year where quarters are not tagged, as Meta's."""
    end = report_of(book)
    found = book.trailing(INTEREST, end) or book.last_year(INTEREST, end)
    if found is None:
        raise Unknown(f"{book.name} has not tagged its interest within a year")
    return found


INDICATORS = (
    of_statements(
        "hyperscaler_operating_income_growth",
        Names("Hyperscaler operating-income growth", "雲端巨頭營業利益成長", "云巨头营业利润增长"),
        Section.FUNDAMENTALS,
        Meaning.SUPPORTIVE,
        Unit.FRACTION,
        FOUR,
        (OPERATING_INCOME,),
        operating_income_growth,
        confirm=operating_income,
        formula="operating income of twelve months ÷ that of the year before − 1, "
        "of Microsoft, Alphabet, Amazon and Meta",
        caveat="Long lives of servers, fines and settlements move it; "
        "what AI alone earns is not told.",
        claim=Claim("solid margins", THE_ARTICLE),
        presets=below("crack", "10%", "5%", "0%"),
    ),
    of_statements(
        "hyperscaler_interest_coverage",
        Names("Hyperscaler interest coverage", "雲端巨頭利息保障倍數", "云巨头利息保障倍数"),
        Section.FUNDAMENTALS,
        Meaning.SUPPORTIVE,
        Unit.RATIO,
        FIVE,
        (OPERATING_INCOME, INTEREST),
        interest_coverage,
        formula="operating income ÷ interest expense, of twelve months, of the five hyperscalers",
        caveat="A sum hides the weakest: Oracle's own coverage is a tenth of it.",
        claim=Claim("robust balance sheets", THE_ARTICLE),
        presets=below("crack", "20", "12", "8"),
    ),
)
