"""What hyperscalers have promised to pay beside their bonds (CATALOGUE A25, A26)."""

from __future__ import annotations

from alerts.indicators import Claim, Meaning, Names, Section
from alerts.indicators.accounts import Amount, Books, Unknown, Worked, added, beside, report_of
from alerts.indicators.capex import THE_ARTICLE, oldest_end
from alerts.indicators.preset_lines import YEAR_ON_YEAR, above
from alerts.indicators.statement_indicator import company_names, of_statements
from alerts.indicators.statement_lines import (
    COMMITMENTS,
    FINANCE_LEASES,
    FIVE,
    OPERATING_LEASES,
    Line,
)
from alerts.quantity import Unit

COMMITMENTS_KEY = "unrecorded_commitments"
HEADLINE = "META"


def leases(books: Books) -> Worked:
    """Finance and operating leases; what is tagged once a year is carried."""
    financed = _carried(books, FINANCE_LEASES)
    operating = _carried(books, OPERATING_LEASES)
    return Worked(
        added(financed) + added(operating),
        oldest_end([*financed, *operating]),
        tuple(amount.part() for amount in (*financed, *operating)),
        "finance and operating leases",
        (
            beside("finance leases", added(financed), Unit.USD, financed[0]),
            beside("operating leases", added(operating), Unit.USD, operating[0]),
        ),
    )


def _carried(books: Books, line: Line) -> list[Amount]:
    found: list[Amount] = []
    for book in books.values():
        amount = book.carried_balance(line, report_of(book))
        if amount is None:
            raise Unknown(f"{book.name} has not tagged its {line.name} within a year")
        found.append(amount)
    return found


def commitments(books: Books) -> Worked:
    (amount,) = _carried(books, COMMITMENTS)
    return Worked(
        amount.value,
        amount.end,
        (amount.part(),),
        "as the company tags it",
    )


_CAVEAT = "Each company draws the line elsewhere: compare one with its own past only."

INDICATORS = (
    of_statements(
        "hyperscaler_leases",
        Names("Hyperscaler lease liabilities", "雲端巨頭租賃負債", "云巨头租赁负债"),
        Section.DEBT,
        Meaning.HOTTER,
        Unit.USD,
        FIVE,
        (FINANCE_LEASES, OPERATING_LEASES),
        leases,
        formula="finance leases + operating leases of the five hyperscalers, each as last tagged",
        caveat="Leases that have been signed and not begun are in the notes only, and not in it.",
        claim=Claim("debt that stands beside the balance sheet", THE_ARTICLE),
        presets=above("heat", "15%", "25%", "40%", measure=YEAR_ON_YEAR),
    ),
    of_statements(
        COMMITMENTS_KEY,
        Names(
            "Unrecorded purchase commitments (Meta)",
            "表外採購承諾（Meta）",
            "表外采购承诺（Meta）",
        ),
        Section.DEBT,
        Meaning.HOTTER,
        Unit.USD,
        (HEADLINE,),
        (COMMITMENTS,),
        commitments,
        formula="purchase obligations that are not on the balance sheet, of Meta",
        caveat=_CAVEAT,
        claim=Claim("obligations in vehicles off the balance sheet", THE_ARTICLE),
        presets=above("heat", "50B", "100B", "200B"),
    ),
    *(
        of_statements(
            f"{COMMITMENTS_KEY}.{ticker}",
            company_names(ticker, "{} purchase commitments", "{} 採購承諾", "{} 采购承诺"),
            Section.DEBT,
            Meaning.HOTTER,
            Unit.USD,
            (ticker,),
            (COMMITMENTS,),
            commitments,
            formula="purchase obligations as the company tags them",
            caveat=_CAVEAT,
        )
        # Microsoft writes its commitments as text only.
        for ticker in ("GOOGL", "AMZN", "ORCL", "NVDA")
    ),
)
