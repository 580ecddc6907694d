"""How long machines are said to last, and what that does to profits (CATALOGUE A6 to A8)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal

from dateutil.relativedelta import relativedelta

from alerts.evidence import Evidence, StatedFacts, stated
from alerts.indicators import Cadence, Claim, Indicator, Meaning, Names, Section
from alerts.indicators.accounts import (
    Accounts,
    Amount,
    Books,
    Unknown,
    Worked,
    added,
    beside,
    dated_series,
    need,
    report_of,
    statement_needs,
    trailing,
)
from alerts.indicators.capex import THE_ARTICLE, oldest_end, spending
from alerts.indicators.preset_lines import (
    A_QUARTER_AND_ITS_REPORT,
    A_YEAR_AND_ITS_REPORT,
    YEARLY_CHANGE,
    above,
)
from alerts.indicators.statement_indicator import company_names, of_statements, statement_guard
from alerts.indicators.statement_lines import (
    CAPEX,
    CASH_FLOW,
    DEPRECIATION,
    DEPRECIATION_AND_AMORTISATION,
    FIVE,
    FOUR,
    GROSS_PROPERTY,
    OPERATING_INCOME,
)
from alerts.quantity import Unit
from alerts.reading import Missing, Reading, Status

# The share of capex that goes into servers, and the life that critics think true. Assumptions.
SERVER_SHARE = Decimal("0.6")
SHORT_LIFE = Decimal(3)


def implied_life(books: Books) -> Worked:
    """Average gross property over the depreciation of the newest fiscal year of each company."""
    average: list[Decimal] = []
    written_off: list[Amount] = []
    owned: list[Amount] = []
    for book in books.values():
        report = report_of(book)
        spent = book.last_year(DEPRECIATION, report)
        if spent is None:
            raise Unknown(f"{book.name}'s yearly depreciation is not known")
        now = need(book.balance(GROSS_PROPERTY, spent.end), book, GROSS_PROPERTY, spent.end)
        then = _a_year_before(book, spent.end)
        average.append((now.value + then.value) / 2)
        written_off.append(spent)
        owned += [now, then]
    return Worked(
        sum(average, Decimal(0)) / added(written_off),
        oldest_end(written_off),
        tuple(amount.part() for amount in (*owned, *written_off)),
        "gross property over a year's depreciation",
    )


def _a_year_before(book: Accounts, end: date) -> Amount:
    before = end - relativedelta(years=1)
    found = book.balance(GROSS_PROPERTY, before)
    if found is None:
        found = book.balance(GROSS_PROPERTY, before + timedelta(days=1))
    return need(found, book, GROSS_PROPERTY, before)


def capex_to_depreciation(books: Books) -> Worked:
    spent, worn = spending(books), trailing(books, DEPRECIATION_AND_AMORTISATION)
    return Worked(
        added(spent) / added(worn),
        oldest_end(spent),
        tuple(amount.part() for pair in zip(spent, worn, strict=True) for amount in pair),
        "twelve months",
    )


GAP = "depreciation_gap"


def share_worn(age: int, life: Decimal) -> Decimal:
    """The part of a straight-line life that falls into the year of that age (0: the first).

    What is bought in a year serves from its middle.
    """
    half = Decimal("0.5")
    begins, ends = max(half, Decimal(age)), min(half + life, Decimal(age + 1))
    return max(Decimal(0), ends - begins) / life


def understated(book: Accounts, life: Decimal, year: Amount) -> tuple[Decimal, list[Amount]]:
    """Depreciation under the short life less that under the stated one, in the year given."""
    years = int((life + Decimal("0.5")).to_integral_value(ROUND_CEILING))
    gap = Decimal(0)
    bought: list[Amount] = []
    for age in range(years):
        end = year.end - relativedelta(years=age)
        amount = need(book.year(CAPEX, end), book, CAPEX, end)
        bought.append(amount)
        gap += amount.value * (share_worn(age, SHORT_LIFE) - share_worn(age, life))
    return SERVER_SHARE * gap, bought


def gap_series(evidence: Evidence) -> list[Reading | Missing]:
    lives = evidence.of(stated("stated_server_life")) or StatedFacts(())

    def work(books: Books, on: date) -> Worked:
        total, incomes, parts = Decimal(0), [], []
        for ticker, book in books.items():
            life = _stated_life(ticker, lives, on)
            report = report_of(book)
            income = need(book.trailing(OPERATING_INCOME, report), book, OPERATING_INCOME, report)
            year = book.last_year(CAPEX, report)
            if year is None:
                raise Unknown(f"{book.name}'s yearly capex is not known")
            gap, bought = understated(book, life, year)
            total += gap
            incomes.append(income)
            parts += [amount.part() for amount in (income, *bought)]
        return Worked(
            total / added(incomes),
            oldest_end(incomes),
            tuple(parts),
            "if servers, 60% of capex, lasted three years",
            (beside("in dollars", total, Unit.USD, incomes[0]),),
            Status.MANUAL,
        )

    lines = (CAPEX, OPERATING_INCOME)
    return dated_series(GAP, Unit.FRACTION, FIVE, lines, work, evidence)


def _stated_life(ticker: str, lives: StatedFacts, on: date) -> Decimal:
    # Notes of the ledger begin with whom they are about.
    known = [f for f in lives.standing if f.note.split(";")[0] == ticker and f.day <= on]
    if not known:
        raise Unknown(f"the server life that {ticker} states is not entered")
    return known[-1].value


_LIFE_CAVEAT = (
    "Land, buildings and what is under construction are in it, "
    "so it is longer than any server's life: watch how it changes."
)
_LIFE_FORMULA = (
    "average of gross property and equipment at a fiscal year's beginning and end ÷ "
    "its depreciation"
)
_LIFE_LINES = above("heat", "0.5", "1", measure=YEARLY_CHANGE)
_LIFE_CLAIM = Claim("booked over five to six years, worn out in two to three", THE_ARTICLE)

INDICATORS = (
    of_statements(
        "implied_asset_life",
        Names("Implied asset life", "隱含資產折舊年限", "隐含资产折旧年限"),
        Section.ACCOUNTING,
        Meaning.HOTTER,
        Unit.YEARS,
        FOUR,
        (GROSS_PROPERTY, DEPRECIATION),
        implied_life,
        formula=f"{_LIFE_FORMULA}, of Microsoft, Alphabet, Amazon and Meta",
        caveat=_LIFE_CAVEAT,
        claim=_LIFE_CLAIM,
        presets=_LIFE_LINES,
        cadence=Cadence.YEAR,
        stale_after=A_YEAR_AND_ITS_REPORT,
    ),
    *(
        of_statements(
            f"implied_asset_life.{ticker}",
            company_names(
                ticker, "{} implied asset life", "{} 隱含資產折舊年限", "{} 隐含资产折旧年限"
            ),
            Section.ACCOUNTING,
            Meaning.HOTTER,
            Unit.YEARS,
            (ticker,),
            (GROSS_PROPERTY, DEPRECIATION),
            implied_life,
            formula=_LIFE_FORMULA,
            caveat=_LIFE_CAVEAT,
            presets=_LIFE_LINES,
            cadence=Cadence.YEAR,
            stale_after=A_YEAR_AND_ITS_REPORT,
        )
        for ticker in FIVE
    ),
    Indicator(
        key=GAP,
        names=Names(
            "Earnings overstated against a three-year life",
            "若以三年折舊的盈餘高估",
            "若按三年折旧的盈利高估",
        ),
        section=Section.ACCOUNTING,
        unit=Unit.FRACTION,
        cadence=Cadence.FILING,
        meaning=Meaning.HOTTER,
        needs=(*statement_needs(*FIVE), stated("stated_server_life")),
        series=gap_series,
        formula="0.6 × sum over the years' capex × (depreciation over 3 years − over the stated "
        "life) ÷ operating income of twelve months",
        caveat="Both the share of servers and the three years are assumptions; "
        "with steady spending the gap is nil.",
        stale_after=A_QUARTER_AND_ITS_REPORT,
        guard=statement_guard(FIVE, (OPERATING_INCOME,)),
        claim=Claim("profits look higher than they are", THE_ARTICLE),
        lines=above("heat", "5%", "10%", "20%"),
        tags=(*CAPEX.tags(FIVE), *OPERATING_INCOME.tags(FIVE), *CASH_FLOW.tags(FIVE)),
    ),
    of_statements(
        "capex_to_depreciation",
        Names("Capex ÷ depreciation", "資本支出對折舊倍數", "资本支出与折旧之比"),
        Section.ACCOUNTING,
        Meaning.HOTTER,
        Unit.RATIO,
        FOUR,
        (CAPEX, DEPRECIATION_AND_AMORTISATION),
        capex_to_depreciation,
        formula="capex ÷ depreciation and amortisation, of twelve months, "
        "of Microsoft, Alphabet, Amazon and Meta",
        caveat="Growing companies always spend more than they write off; "
        "what is not written off yet will be.",
        presets=above("heat", "2", "3", "4"),
    ),
)
