"""Prices against what stands behind them, or stood once (CATALOGUE A3, A9, A10)."""

from __future__ import annotations

import functools
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from alerts.evidence import (
    CompanyFacts,
    Evidence,
    NationalGdps,
    adjusted_prices,
    national_gdp,
    prices,
    statements,
)
from alerts.indicators import Cadence, Claim, Guard, Indicator, Meaning, Names, Section
from alerts.indicators.accounts import Accounts, Amount, Unknown, need, report_of
from alerts.indicators.breadth import growth_by_session, history_of
from alerts.indicators.market_cap import (
    AVERAGE_SHARES,
    CAP_GUARD,
    COVER_SHARES,
    cap_needs,
    cap_series,
)
from alerts.indicators.preset_lines import A_WEEKEND, above, below
from alerts.indicators.statement_lines import CASH_FLOW, REVENUE
from alerts.published import Gdp
from alerts.quantity import Unit
from alerts.reading import Missing, Part, Reading, Status

THE_ARTICLE = date(2025, 11, 30)
RANK, SALES, CISCO = "nvidia_gdp_rank", "palantir_price_to_sales", "nvidia_cisco_analogue"

# A list without these is not the whole list.
LARGEST = ("USA", "CHN", "DEU", "JPN")

SESSIONS = 756
"""Three years of trading."""
CISCO_RETURN = Decimal("13.13")
"""Cisco over the 756 sessions to its peak of 2000-03-27: +1313%, dividends included."""
THREE_YEARS = (timedelta(days=1085), timedelta(days=1110))
CISCO_LOOKED_BACK = timedelta(days=1200)


def gdp_rank(evidence: Evidence) -> list[Reading | Missing]:
    """One more than the number of countries whose yearly product is larger."""
    gdps = evidence.of(national_gdp()) or NationalGdps(())
    releases = sorted({entry.known_from for entry in gdps.entries})
    lists: dict[int, list[Gdp]] = {}
    found: list[Reading | Missing] = []
    for cap in cap_series(RANK, "NVDA", evidence):
        if isinstance(cap, Missing):
            found.append(cap)
            continue
        at = bisect_right(releases, cap.period_end)
        if at not in lists:
            known = gdps.newest(cap.period_end).values()
            lists[at] = sorted(known, key=lambda entry: entry.usd, reverse=True)
        found.append(_rank(cap, lists[at]))
    return found


def _rank(cap: Reading, countries: list[Gdp]) -> Reading | Missing:
    absent = set(LARGEST) - {entry.country for entry in countries}
    if absent:
        reason = f"the product of {', '.join(sorted(absent))} is not known"
        return Missing(RANK, cap.as_of, reason)
    larger = [entry for entry in countries if entry.usd > cap.value]
    neighbours = [*larger[-1:], *countries[len(larger) : len(larger) + 1]]
    return replace(
        cap,
        value=Decimal(1 + len(larger)),
        unit=Unit.COUNT,
        definition="market value of a day against the product of a year",
        parts=(
            *(
                Part(
                    f"{entry.name} {entry.year}",
                    entry.usd,
                    Unit.USD,
                    date(entry.year, 12, 31),
                    entry.origin.source,
                    entry.origin.url,
                )
                for entry in neighbours
            ),
            *cap.parts,
        ),
        views=(_view("market value", cap.value, Unit.USD, cap),),
    )


def _view(definition: str, value: Decimal, unit: Unit, like: Reading) -> Part:
    return Part(definition, value, unit, like.period_end, like.source, like.source_url)


def price_to_sales(evidence: Evidence) -> list[Reading | Missing]:
    """Market value of a session over the revenue of the twelve months known on it."""
    revenue_on = _revenue_known_on(evidence.of(statements("PLTR")) or CompanyFacts(()))
    found: list[Reading | Missing] = []
    for cap in cap_series(SALES, "PLTR", evidence):
        if isinstance(cap, Missing):
            found.append(cap)
            continue
        revenue = revenue_on(cap.period_end)
        if isinstance(revenue, str):
            found.append(Missing(SALES, cap.as_of, revenue))
            continue
        found.append(
            replace(
                cap,
                value=cap.value / revenue.value,
                unit=Unit.RATIO,
                definition="market value over revenue of twelve months",
                parts=(*cap.parts, revenue.part()),
                views=(_view("market value", cap.value, Unit.USD, cap),),
            )
        )
    return found


def _revenue_known_on(facts: CompanyFacts) -> Callable[[date], Amount | str]:
    days = replace(facts, begins=None).filing_days(
        (*REVENUE.tags(("PLTR",)), *CASH_FLOW.tags(("PLTR",)))
    )

    @functools.cache
    def after(filings: int) -> Amount | str:
        book = Accounts("PLTR", facts, days[filings - 1])
        try:
            # The record has Palantir's revenue alone.
            end = book.report() or book.newest_end(REVENUE) or report_of(book)
            return need(book.trailing(REVENUE, end), book, REVENUE, end)
        except Unknown as unknown:
            return str(unknown)

    def on(day: date) -> Amount | str:
        filings = bisect_right(days, day)
        return after(filings) if filings else "no report of Palantir is known"

    return on


def cisco_analogue(evidence: Evidence) -> list[Reading | Missing]:
    """Nvidia's return over 756 sessions against Cisco's to its peak."""
    history = history_of("NVDA", evidence)
    levels = list(growth_by_session(history, CISCO_LOOKED_BACK).values())
    begins = history.begins or date.min
    found: list[Reading | Missing] = []
    for at, (close, level) in enumerate(levels):
        if close.session < begins:
            continue
        if at < SESSIONS:
            reason = f"fewer than {SESSIONS} sessions of NVDA before {close.session} are known"
            found.append(Missing(CISCO, close.at, reason))
            continue
        base, base_level = levels[at - SESSIONS]
        if not THREE_YEARS[0] <= close.session - base.session <= THREE_YEARS[1]:
            reason = f"sessions of NVDA are missing in the three years to {close.session}"
            found.append(Missing(CISCO, close.at, reason))
            continue
        grown = level / base_level - 1
        reading = Reading(
            CISCO,
            grown / CISCO_RETURN,
            Unit.RATIO,
            close.at,
            close.session,
            close.origin.source,
            close.origin.url,
            close.origin.fetched_at,
            Status.CONFIRMED,
            "total return of 756 sessions against Cisco's to 2000-03-27",
            parts=tuple(
                Part(name, end.price, Unit.USD, end.session, end.origin.source, end.origin.url)
                for name, end in (("price", close), ("before", base))
            ),
        )
        views = (_view("Nvidia's return", grown, Unit.FRACTION, reading),)
        found.append(replace(reading, views=views))
    return found


INDICATORS = (
    Indicator(
        key=RANK,
        names=Names(
            "Nvidia's rank among nations' GDP",
            "輝達市值在各國 GDP 中的名次",
            "英伟达市值在各国 GDP 中的名次",
        ),
        section=Section.ACCOUNTING,
        unit=Unit.COUNT,
        cadence=Cadence.SESSION,
        meaning=Meaning.SUPPORTIVE,
        needs=(*cap_needs("NVDA"), national_gdp()),
        series=gdp_rank,
        formula="1 + how many countries' gross domestic product is larger than Nvidia's "
        "market value",
        caveat="A product is what a country makes in a year, a market value is a price for ever: "
        "they only look alike.",
        stale_after=A_WEEKEND,
        guard=CAP_GUARD,
        claim=Claim("larger than every economy but America's and China's", date(2025, 10, 29)),
        lines=(*below("article", "3"), *below("heat", "5", "3", "2")),
        tags=(COVER_SHARES,),
    ),
    Indicator(
        key=SALES,
        names=Names("Palantir price ÷ sales", "Palantir 市銷率", "Palantir 市销率"),
        section=Section.ACCOUNTING,
        unit=Unit.RATIO,
        cadence=Cadence.SESSION,
        meaning=Meaning.HOTTER,
        needs=cap_needs("PLTR"),
        series=price_to_sales,
        formula="market value of Palantir ÷ its revenue of twelve months",
        caveat="Sales that double every other year make a high ratio old soon.",
        stale_after=A_WEEKEND,
        guard=CAP_GUARD,
        claim=Claim("overvalued, says Burry", THE_ARTICLE),
        lines=above("heat", "50", "80", "110"),
        tags=(AVERAGE_SHARES, *REVENUE.tags(("PLTR",)), *CASH_FLOW.tags(("PLTR",))),
    ),
    Indicator(
        key=CISCO,
        names=Names("Nvidia against Cisco in 2000", "輝達對照思科2000", "英伟达对照思科2000"),
        section=Section.ACCOUNTING,
        unit=Unit.RATIO,
        cadence=Cadence.SESSION,
        meaning=Meaning.HOTTER,
        needs=(prices("NVDA"), adjusted_prices("NVDA")),
        # For the picture of both: the record has Cisco's months from 1997 to 2003.
        seconds=(adjusted_prices("CSCO"),),
        series=cisco_analogue,
        formula="return of Nvidia over 756 sessions ÷ 1313%, "
        "that of Cisco over the 756 sessions to 27 March 2000",
        caveat="One company once is no law: Cisco then lost 89%, others did not.",
        stale_after=A_WEEKEND,
        guard=Guard({"price": Decimal("0.40")}),
        claim=Claim("the seller of shovels, as Cisco was", THE_ARTICLE),
        lines=above("heat", "0.8", "1.0", "1.2"),
    ),
)
