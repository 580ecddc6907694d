"""What the hyperscalers owe, from their filings (CATALOGUE A13, A19)."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from alerts.evidence import CompanyFacts, Evidence, second_statements, statements
from alerts.indicators import (
    Cadence,
    Claim,
    Guard,
    Indicator,
    Meaning,
    Names,
    PresetLine,
    Section,
)
from alerts.indicators.balance_sheet import (
    EX_LEASE,
    RECIPES,
    WHOLE,
    WITH_ALL_LEASES,
    WITH_FINANCE_LEASES,
    Balance,
    Recipe,
    balance,
)
from alerts.indicators.preset_lines import QUARTER_ON_QUARTER, above
from alerts.indicators.second_view import TOLERANCE, Opinion, debt_opinion, told
from alerts.indicators.statement_indicator import company_names
from alerts.quantity import Unit
from alerts.reading import Missing, Part, Reading, Status
from alerts.rules import Direction, Level


def company_series(
    indicator: str, ticker: str, definition: str, evidence: Evidence
) -> list[Reading | Missing]:
    """One reading for each day on which the company filed something about its debt."""
    facts = evidence.of(statements(ticker)) or CompanyFacts(())
    found: list[Reading | Missing] = []
    for day in _filing_days(facts, RECIPES[ticker]):
        known = balance(RECIPES[ticker], facts, day)
        reading = _company_reading(indicator, definition, known, day)
        if isinstance(reading, Reading) and isinstance(known, Balance):
            reading = told(reading, [_second(ticker, known, evidence)], BY_YAHOO)
        found.append(reading)
    return found


def total_series(indicator: str, evidence: Evidence) -> list[Reading | Missing]:
    """The sum of the five, for each day on which one of them filed; ex-lease."""
    by_ticker = {ticker: evidence.of(statements(ticker)) or CompanyFacts(()) for ticker in RECIPES}
    days = {day for ticker in RECIPES for day in _filing_days(by_ticker[ticker], RECIPES[ticker])}
    return [_total(indicator, by_ticker, day, evidence) for day in sorted(days)]


def _second(ticker: str, known: Balance, evidence: Evidence) -> Opinion | None:
    return debt_opinion(ticker, known.under(WITH_ALL_LEASES), known.period_end, evidence)


def _filing_days(facts: CompanyFacts, recipe: Recipe) -> list[date]:
    return facts.filing_days((*recipe.tags, WHOLE))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time(), UTC)


def _company_reading(
    indicator: str, definition: str, known: Balance | str, day: date
) -> Reading | Missing:
    if isinstance(known, str):
        return Missing(indicator, _midnight(day), known)
    value = known.under(definition)
    if value is None:
        reason = f"leases are not tagged on the balance of {known.period_end}"
        return Missing(indicator, _midnight(day), reason)
    return Reading(
        indicator,
        value,
        Unit.USD,
        _midnight(day),
        known.period_end,
        known.source,
        known.source_url,
        known.fetched_at,
        Status.CONFIRMED,
        definition,
        known.parts,
        _views(known.under, known.period_end, known.source, known.source_url),
    )


def _views(
    under: Callable[[str], Decimal | None], end: date, source: str, url: str
) -> tuple[Part, ...]:
    views = []
    for definition in (EX_LEASE, WITH_FINANCE_LEASES, WITH_ALL_LEASES):
        value = under(definition)
        if value is not None:
            views.append(Part(definition, value, Unit.USD, end, source, url))
    return tuple(views)


def _total(
    indicator: str, by_ticker: Mapping[str, CompanyFacts], day: date, evidence: Evidence
) -> Reading | Missing:
    balances: dict[str, Balance] = {}
    for ticker, facts in by_ticker.items():
        known = balance(RECIPES[ticker], facts, day)
        if isinstance(known, str):
            return Missing(indicator, _midnight(day), known)
        balances[ticker] = known

    def under(definition: str) -> Decimal | None:
        values = [known.under(definition) for known in balances.values()]
        present = [value for value in values if value is not None]
        return sum(present, Decimal(0)) if len(present) == len(values) else None

    latest = max(balances.values(), key=lambda known: known.filed)
    parts = tuple(
        Part(ticker, known.ex_lease, Unit.USD, known.period_end, known.source, known.source_url)
        for ticker, known in balances.items()
    )
    oldest_end = min(known.period_end for known in balances.values())
    reading = Reading(
        indicator,
        sum((part.value for part in parts), Decimal(0)),
        Unit.USD,
        _midnight(day),
        oldest_end,
        latest.source,
        latest.source_url,
        max(known.fetched_at for known in balances.values()),
        Status.CONFIRMED,
        EX_LEASE,
        parts,
        _views(under, oldest_end, latest.source, latest.source_url),
    )
    opinions = [_second(ticker, known, evidence) for ticker, known in balances.items()]
    return told(reading, opinions, BY_YAHOO)


# Quarterly filers: 40 days after a quarter's end, 60 after a year's; then a new quarter passes.
STALE_AFTER = timedelta(days=135)
# A filing is its own confirmation of an ordinary move (Alphabet's debt nearly doubled in the spring
# of 2025); what is held is the slip of a unit or of a tag.
DEBT_GUARD = Guard(
    dict.fromkeys(RECIPES, Decimal("1.50")),
    Decimal("1.50"),
    second_source_tolerance=TOLERANCE,
    reach=timedelta(days=200),
    second_source_suffices=True,
)
BY_YAHOO = "yahoo, with all leases"
CAVEAT = (
    "Debt buys assets too, and a sum says nothing about who can carry it; "
    "what sits in project companies off the balance sheet is not in it."
)


def _usd(billions: str) -> Decimal:
    return Decimal(billions) * 10**9


def _above(preset: str, billions: str, level: Level) -> PresetLine:
    return PresetLine(preset, Direction.ABOVE, _usd(billions), level)


def _company(ticker: str) -> Indicator:
    recipe = RECIPES[ticker]
    key = f"hyperscaler_debt.{ticker}"
    return Indicator(
        key=key,
        names=company_names(
            ticker, "{} debt, without leases", "{} 債務（不含租賃）", "{} 债务（不含租赁）"
        ),
        section=Section.DEBT,
        unit=Unit.USD,
        cadence=Cadence.FILING,
        meaning=Meaning.HOTTER,
        needs=(statements(ticker),),
        series=functools.partial(company_series, key, ticker, EX_LEASE),
        formula="long-term debt + its current part + commercial paper, without leases",
        caveat=CAVEAT,
        stale_after=STALE_AFTER,
        guard=DEBT_GUARD,
        tags=recipe.tags,
        seconds=(second_statements(ticker),),
    )


INDICATORS = (
    Indicator(
        key="hyperscaler_debt",
        names=Names("Hyperscaler debt", "雲端巨頭債務總額", "云巨头债务总额"),
        section=Section.DEBT,
        unit=Unit.USD,
        cadence=Cadence.FILING,
        meaning=Meaning.HOTTER,
        needs=tuple(statements(ticker) for ticker in RECIPES),
        series=functools.partial(total_series, "hyperscaler_debt"),
        formula="debt without leases of Microsoft, Alphabet, Amazon, Meta and Oracle, "
        "each as last filed",
        caveat=CAVEAT,
        stale_after=STALE_AFTER,
        guard=DEBT_GUARD,
        claim=Claim("expansion moves from cash flow to borrowed money", date(2025, 11, 30)),
        lines=(
            _above("heat", "250", Level.WATCH),
            _above("heat", "350", Level.WARN),
            _above("heat", "450", Level.CRITICAL),
            *above("heat", "10%", "20%", "30%", measure=QUARTER_ON_QUARTER),
        ),
        tags=tuple(tag for recipe in RECIPES.values() for tag in recipe.tags),
        seconds=tuple(second_statements(ticker) for ticker in RECIPES),
    ),
    *(_company(ticker) for ticker in RECIPES),
    Indicator(
        key="oracle_debt",
        names=Names("Oracle debt", "甲骨文債務", "甲骨文债务"),
        section=Section.CIRCULAR_FINANCING,
        unit=Unit.USD,
        cadence=Cadence.FILING,
        meaning=Meaning.HOTTER,
        needs=(statements("ORCL"),),
        series=functools.partial(company_series, "oracle_debt", "ORCL", WITH_FINANCE_LEASES),
        formula="notes payable and other borrowings + finance leases",
        caveat="Without leases it is about 4 billion less, with operating leases 16 billion more; "
        "loans to the projects that Oracle rents from are off its balance sheet.",
        stale_after=STALE_AFTER,
        guard=DEBT_GUARD,
        claim=Claim("Oracle owes about 96 billion dollars", date(2025, 11, 30)),
        lines=(
            _above("article", "96", Level.WARN),
            _above("heat", "95", Level.WATCH),
            _above("heat", "110", Level.WARN),
            _above("heat", "130", Level.CRITICAL),
        ),
        tags=RECIPES["ORCL"].tags,
        seconds=(second_statements("ORCL"),),
    ),
)
