"""Whether more than a few stocks rise, and only in America (CATALOGUE A34, A35)."""

from __future__ import annotations

import functools
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from alerts.evidence import Close, Evidence, PriceHistory, adjusted_prices, prices
from alerts.indicators import Cadence, Claim, Guard, Indicator, Meaning, Names, Section
from alerts.indicators.preset_lines import A_WEEKEND, below
from alerts.quantity import Unit
from alerts.reading import Missing, Part, Reading, Status

ALL_EQUAL, BY_SIZE, THE_REST = "RSP", "SPY", "VXUS"
DEVELOPED, EUROPE = "VEA", "VGK"
SESSIONS_OF_A_YEAR = 252
LOOKED_BACK = timedelta(days=400)
YEAR_END_GAP = timedelta(days=6)
THE_ARTICLE = date(2025, 11, 30)


def history_of(symbol: str, evidence: Evidence) -> PriceHistory:
    """The closes of the market source; without any, adjusted closes of the record."""
    found = evidence.of(prices(symbol))
    if found is not None and found.closes:
        return found
    return evidence.of(adjusted_prices(symbol)) or PriceHistory(())


def growth_by_session(
    history: PriceHistory, looked_back: timedelta
) -> dict[date, tuple[Close, Decimal]]:
    """What a dollar became, by session, from far enough back for the readings that are wanted."""
    since = date.min if history.begins is None else history.begins - looked_back
    return {close.session: (close, level) for close, level in history.growth(since)}


def year_gap(
    indicator: str, one: str, other: str, definition: str, evidence: Evidence
) -> list[Reading | Missing]:
    """The year's total return of one fund less that of another, session by session."""
    mine, theirs = history_of(one, evidence), history_of(other, evidence)
    levels = growth_by_session(mine, LOOKED_BACK)
    others = growth_by_session(theirs, LOOKED_BACK)
    ratios: list[Decimal] = []
    found: list[Reading | Missing] = []
    begins = mine.begins or date.min
    for session, (close, level) in levels.items():
        if session not in others:
            if session >= begins:
                reason = f"no price of {other} is known for {session}"
                found.append(Missing(indicator, close.at, reason))
            continue
        against, other_level = others[session]
        ratios.append(close.price / against.price)
        if session < begins:
            continue
        base = mine.last_by(date(session.year - 1, 12, 31), YEAR_END_GAP)
        if base is None or base.session not in levels or base.session not in others:
            reason = f"the prices at the end of {session.year - 1} are not known"
            found.append(Missing(indicator, close.at, reason))
            continue
        returns = (level / levels[base.session][1] - 1, other_level / others[base.session][1] - 1)
        found.append(_reading(indicator, definition, (one, other), close, returns, ratios))
    return found


def us_against_world(evidence: Evidence) -> list[Reading | Missing]:
    """Against all others; against developed markets and Europe beside it, where they are known."""
    key = "us_against_world"
    definition = "this year, in dollars, dividends included"
    found = year_gap(key, BY_SIZE, THE_REST, definition, evidence)
    developed = _by_session(year_gap(key, BY_SIZE, DEVELOPED, definition, evidence))
    europe = _by_session(year_gap(key, BY_SIZE, EUROPE, definition, evidence))
    return [
        replace(
            one,
            views=(
                *one.views,
                *_against("against developed markets (VEA)", developed.get(one.period_end)),
                *_against("against Europe (VGK)", europe.get(one.period_end)),
            ),
        )
        if isinstance(one, Reading)
        else one
        for one in found
    ]


def _by_session(found: list[Reading | Missing]) -> dict[date, Reading]:
    return {one.period_end: one for one in found if isinstance(one, Reading)}


def _against(definition: str, gap: Reading | None) -> tuple[Part, ...]:
    if gap is None:
        return ()
    return (Part(definition, gap.value, gap.unit, gap.period_end, gap.source, gap.source_url),)


def _reading(
    indicator: str,
    definition: str,
    symbols: tuple[str, str],
    close: Close,
    returns: tuple[Decimal, Decimal],
    ratios: list[Decimal],
) -> Reading:
    origin = close.origin
    views: tuple[Part, ...] = ()
    if len(ratios) > SESSIONS_OF_A_YEAR:
        mean = sum(ratios[-SESSIONS_OF_A_YEAR:], Decimal(0)) / SESSIONS_OF_A_YEAR
        views = (_beside("price ratio against its year's mean", ratios[-1] / mean, close),)
    return Reading(
        indicator,
        returns[0] - returns[1],
        Unit.FRACTION,
        close.at,
        close.session,
        origin.source,
        origin.url,
        origin.fetched_at,
        Status.CONFIRMED,
        definition,
        parts=(
            *(
                Part(f"{symbol} this year", value, Unit.FRACTION, close.session,
                     origin.source, origin.url)
                for symbol, value in zip(symbols, returns, strict=True)
            ),
            Part("price", close.price, Unit.USD, close.session, origin.source, origin.url),
        ),
        views=views,
    )  # fmt: skip


def _beside(definition: str, value: Decimal, close: Close) -> Part:
    origin = close.origin
    return Part(definition, value, Unit.RATIO, close.session, origin.source, origin.url)


PRICE_GUARD = Guard({"price": Decimal("0.40")})

INDICATORS = (
    Indicator(
        key="equal_to_cap_weight",
        names=Names("Equal weight against cap weight", "等權重對市值加權", "等权与市值加权之比"),
        section=Section.CONCENTRATION,
        unit=Unit.FRACTION,
        cadence=Cadence.SESSION,
        meaning=Meaning.SUPPORTIVE,
        needs=tuple(
            need for symbol in (ALL_EQUAL, BY_SIZE)
            for need in (prices(symbol), adjusted_prices(symbol))
        ),
        series=functools.partial(
            year_gap,
            "equal_to_cap_weight",
            ALL_EQUAL,
            BY_SIZE,
            "this year, dividends included",
        ),
        formula="total return of RSP since the year's beginning − that of SPY",
        caveat="Large companies may simply have earned more: breadth is no measure of value.",
        stale_after=A_WEEKEND,
        guard=PRICE_GUARD,
        claim=Claim(
            "the market narrows to a few stocks", THE_ARTICLE),
        lines=below("heat", "-5%", "-8%", "-12%"),
    ),
    Indicator(
        key="us_against_world",
        names=Names("US against the rest of the world", "美股對全球其他市場", "美股与全球其他市场"),
        section=Section.CONCENTRATION,
        unit=Unit.FRACTION,
        cadence=Cadence.SESSION,
        meaning=Meaning.HOTTER,
        needs=tuple(
            need for symbol in (BY_SIZE, THE_REST)
            for need in (prices(symbol), adjusted_prices(symbol))
        ),
        series=us_against_world,
        formula="total return of SPY since the year's beginning − that of VXUS",
        caveat="In dollars: a weaker dollar alone makes the rest of the world look better.",
        stale_after=A_WEEKEND,
        guard=PRICE_GUARD,
        claim=Claim(
            "the rest of the world beats America in 2025",
            THE_ARTICLE),
        lines=below("crack", "-5%", "-10%", "-15%"),
        seconds=(prices(DEVELOPED), prices(EUROPE)),
    ),
)  # fmt: skip
