"""What the hyperscalers spend, and what pays for it (CATALOGUE A20 to A24)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from dateutil.relativedelta import relativedelta

from alerts.evidence import CompanyFacts, Evidence, statements
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
from alerts.indicators.balance_sheet import RECIPES, WHOLE, balance, balance_a_year_before
from alerts.indicators.preset_lines import (
    A_QUARTER_AND_ITS_REPORT,
    A_YEAR_AND_ITS_REPORT,
    YEAR_ON_YEAR,
    above,
    below,
)
from alerts.indicators.statement_indicator import company_names, of_statements, statement_guard
from alerts.indicators.statement_lines import CAPEX, CASH_FLOW, FIVE, FOUR, Line
from alerts.quantity import Unit
from alerts.reading import Missing, Part, Reading

THE_ARTICLE = date(2025, 11, 30)


def spending(books: Books) -> list[Amount]:
    """Capital expenditure of twelve months; a negative one is a wrong tag, not a refund."""
    amounts = trailing(books, CAPEX)
    for amount in amounts:
        if amount.value < 0:
            raise Unknown(f"{amount.name} of the year to {amount.end} is negative")
    return amounts


def year_before(books: Books, line: Line) -> list[Amount] | None:
    """The same twelve months a year earlier; None when one company's are not known."""
    found: list[Amount] = []
    for book in books.values():
        amount = book.trailing(line, report_of(book) - relativedelta(years=1))
        if amount is None:
            return None
        found.append(amount)
    return found


def growth(now: Decimal, before: Decimal | None, like: Amount) -> tuple[Part, ...]:
    if before is None or before <= 0:
        return ()
    return (beside("year on year", now / before - 1, Unit.FRACTION, like),)


def oldest_end(amounts: list[Amount]) -> date:
    return min(amount.end for amount in amounts)


def capex(books: Books) -> Worked:
    amounts = spending(books)
    earlier = year_before(books, CAPEX)
    total = added(amounts)
    return Worked(
        total,
        oldest_end(amounts),
        tuple(amount.part() for amount in amounts),
        "cash paid in twelve months",
        growth(total, added(earlier) if earlier else None, amounts[0]),
    )


def capex_growth(books: Books) -> Worked:
    """The newest calendar year that every company has reported."""
    ends = [report_of(book) for book in books.values()]
    year = min(end.year if (end.month, end.day) == (12, 31) else end.year - 1 for end in ends)
    now, before = (_calendar_year(books, one) for one in (year, year - 1))
    return Worked(
        added(now) / added(before) - 1,
        date(year, 12, 31),
        tuple(amount.part() for amount in now),
        "calendar year over calendar year",
        (
            beside("this year", added(now), Unit.USD, now[0]),
            beside("the year before", added(before), Unit.USD, before[0]),
        ),
    )


def capex_of_the_year(books: Books) -> Worked:
    """The calendar year alone: of the one before Yahoo knows nothing."""
    year = max(report_of(book) for book in books.values()).year
    now = _calendar_year(books, year)
    parts = tuple(amount.part() for amount in now)
    return Worked(added(now), date(year, 12, 31), parts, "calendar year")


def _calendar_year(books: Books, year: int) -> list[Amount]:
    end = date(year, 12, 31)
    return [need(book.trailing(CAPEX, end), book, CAPEX, end) for book in books.values()]


def free_cash_flow(books: Books) -> Worked:
    flows, spent = trailing(books, CASH_FLOW), spending(books)
    value = added(flows) - added(spent)
    earlier, spent_then = year_before(books, CASH_FLOW), year_before(books, CAPEX)
    before = added(earlier) - added(spent_then) if earlier and spent_then else None
    return Worked(
        value,
        oldest_end(flows),
        tuple(amount.part() for pair in zip(flows, spent, strict=True) for amount in pair),
        "operating cash flow less capex, twelve months",
        growth(value, before, flows[0]),
    )


def capex_to_cash_flow(books: Books) -> Worked:
    flows, spent = trailing(books, CASH_FLOW), spending(books)
    if added(flows) <= 0:
        raise Unknown("operations brought in no cash: no share of it")
    return Worked(
        added(spent) / added(flows),
        oldest_end(flows),
        tuple(amount.part() for pair in zip(spent, flows, strict=True) for amount in pair),
        "twelve months",
    )


NEW_DEBT = "new_debt_to_capex"


def new_debt_series(evidence: Evidence) -> list[Reading | Missing]:
    """New debt of a year over capex of the same twelve months, as filed."""
    facts = {t: evidence.of(statements(t)) or CompanyFacts(()) for t in FIVE}

    def work(books: Books, on: date) -> Worked:
        spent = spending(books)
        changes: list[Part] = []
        for ticker, book in books.items():
            changes.append(_new_debt(ticker, book, facts[ticker], on))
        value = sum((part.value for part in changes), Decimal(0)) / added(spent)
        parts = (*changes, *(amount.part() for amount in spent))
        return Worked(value, oldest_end(spent), parts, "change of debt within a year over capex")

    tags = tuple(tag for recipe in RECIPES.values() for tag in (*recipe.tags, WHOLE))
    debts = Line("debt", tuple((tag,) for tag in tags))
    return dated_series(NEW_DEBT, Unit.FRACTION, FIVE, (CAPEX, debts), work, evidence)


def _new_debt(ticker: str, book: Accounts, facts: CompanyFacts, on: date) -> Part:
    now = balance(RECIPES[ticker], facts, on)
    if isinstance(now, str):
        raise Unknown(now)
    before = balance_a_year_before(RECIPES[ticker], facts, on, now.period_end)
    if isinstance(before, str):
        raise Unknown(before)
    change = now.ex_lease - before.ex_lease
    name = f"{ticker} new debt"
    return Part(name, change, Unit.USD, now.period_end, now.source, now.source_url)


_DEFINITION = "It is cash capex: what is leased instead of bought is not in it."


def _capex_indicator(key: str, names: Names, tickers: tuple[str, ...], who: str) -> Indicator:
    return of_statements(
        key,
        names,
        Section.DEBT,
        Meaning.HOTTER,
        Unit.USD,
        tickers,
        (CAPEX,),
        capex,
        formula=f"payments for property and equipment in twelve months, of {who}",
        caveat=_DEFINITION,
        presets=(
            *above("heat", "40%", "60%", "80%", measure=YEAR_ON_YEAR),
            *below("crack", "10%", measure=YEAR_ON_YEAR),
        ),
    )


def _one_by_one(
    key: str,
    en: str,
    zh_hant: str,
    zh_hans: str,
    unit: Unit,
    meaning: Meaning,
    work: Callable[[Books], Worked],
    formula: str,
    caveat: str,
) -> tuple[Indicator, ...]:
    return tuple(
        of_statements(
            f"{key}.{ticker}",
            company_names(ticker, en, zh_hant, zh_hans),
            Section.DEBT,
            meaning,
            unit,
            (ticker,),
            (CASH_FLOW, CAPEX),
            work,
            formula=formula,
            caveat=caveat,
            presets=below("crack", "0") if unit is Unit.USD else (),
        )
        for ticker in FIVE
    )


_FREE = "operating cash flow − capex, of twelve months"
_FREE_CAVEAT = "Repayments of leases are not taken off; companies publish variants of their own."
_LIMIT = "capex ÷ operating cash flow, of twelve months"
_LIMIT_CAVEAT = "A company with cash in hand can spend more than it earns for years."

INDICATORS = (
    Indicator(
        key=NEW_DEBT,
        names=Names("New debt ÷ capex", "新增債務占資本支出", "新增债务占资本支出"),
        section=Section.DEBT,
        unit=Unit.FRACTION,
        cadence=Cadence.FILING,
        meaning=Meaning.HOTTER,
        needs=statement_needs(*FIVE),
        series=new_debt_series,
        formula="(debt without leases − that of a year before) ÷ capex of twelve months, "
        "of the five hyperscalers",
        caveat="Borrowing that repays older debt adds nothing; leases and partners' loans "
        "are not counted.",
        stale_after=A_QUARTER_AND_ITS_REPORT,
        guard=statement_guard(FIVE, (CAPEX,)),
        claim=Claim("no longer satisfied with free cash flow", THE_ARTICLE),
        lines=above("heat", "10%", "20%", "35%"),
        tags=(*CAPEX.tags(FIVE), *CASH_FLOW.tags(FIVE)),
    ),
    _capex_indicator(
        "hyperscaler_capex",
        Names(
            "Hyperscaler capex, twelve months",
            "雲端巨頭資本支出（近四季）",
            "云巨头资本支出（近四季）",
        ),
        FOUR,
        "Microsoft, Alphabet, Amazon and Meta",
    ),
    _capex_indicator(
        "hyperscaler_capex_with_oracle",
        Names(
            "Hyperscaler capex with Oracle",
            "雲端巨頭資本支出（含甲骨文）",
            "云巨头资本支出（含甲骨文）",
        ),
        FIVE,
        "Microsoft, Alphabet, Amazon, Meta and Oracle",
    ),
    of_statements(
        "hyperscaler_capex_growth",
        Names("Capex growth by year", "年度資本支出成長", "年度资本支出增长"),
        Section.DEBT,
        Meaning.HOTTER,
        Unit.FRACTION,
        FOUR,
        (CAPEX,),
        capex_growth,
        confirm=capex_of_the_year,
        formula="capex of a calendar year ÷ that of the year before − 1, "
        "of Microsoft, Alphabet, Amazon and Meta",
        caveat=_DEFINITION,
        claim=Claim("more than 60% in two years running", THE_ARTICLE),
        presets=(*above("heat", "30%", "50%", "70%"), *above("article", "60%")),
        cadence=Cadence.YEAR,
        stale_after=A_YEAR_AND_ITS_REPORT,
    ),
    of_statements(
        "hyperscaler_free_cash_flow",
        Names("Hyperscaler free cash flow", "雲端巨頭自由現金流", "云巨头自由现金流"),
        Section.DEBT,
        Meaning.SUPPORTIVE,
        Unit.USD,
        FOUR,
        (CASH_FLOW, CAPEX),
        free_cash_flow,
        formula="operating cash flow − capex, of twelve months, "
        "of Microsoft, Alphabet, Amazon and Meta",
        caveat=_FREE_CAVEAT,
        claim=Claim("free cash flow declines since 2024", THE_ARTICLE),
        presets=below("crack", "-10%", "-25%", "-50%", measure=YEAR_ON_YEAR),
    ),
    *_one_by_one(
        "hyperscaler_free_cash_flow",
        "{} free cash flow",
        "{} 自由現金流",
        "{} 自由现金流",
        Unit.USD,
        Meaning.SUPPORTIVE,
        free_cash_flow,
        _FREE,
        _FREE_CAVEAT,
    ),
    of_statements(
        "capex_to_cash_flow",
        Names(
            "Hyperscaler capex ÷ operating cash flow",
            "資本支出占營運現金流",
            "资本支出占经营现金流",
        ),
        Section.DEBT,
        Meaning.HOTTER,
        Unit.FRACTION,
        FIVE,
        (CASH_FLOW, CAPEX),
        capex_to_cash_flow,
        formula="capex ÷ operating cash flow, of twelve months, of the five hyperscalers",
        caveat=_LIMIT_CAVEAT,
        claim=Claim("spending nears the limit of cash flow", THE_ARTICLE),
        presets=(*above("heat", "60%", "75%", "90%"), *above("crack", "90%")),
    ),
    *_one_by_one(
        "capex_to_cash_flow",
        "{} capex ÷ operating cash flow",
        "{} 資本支出占營運現金流",
        "{} 资本支出占经营现金流",
        Unit.FRACTION,
        Meaning.HOTTER,
        capex_to_cash_flow,
        _LIMIT,
        _LIMIT_CAVEAT,
    ),
)
