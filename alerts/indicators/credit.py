"""What lenders ask for (CATALOGUE A27, A28)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from alerts.evidence import Evidence, Figures, PriceHistory, prices, published
from alerts.indicators import Cadence, Claim, Guard, Indicator, Meaning, Names, Section
from alerts.indicators.credit_witnesses import NO_DIRECTION, Witnesses
from alerts.indicators.preset_lines import A_WEEKEND, above, below
from alerts.measures import Measure, MeasureKind, Window
from alerts.published import Figure
from alerts.quantity import Unit
from alerts.reading import Missing, Part, Reading, Status

HIGH_YIELD = published("BAMLH0A0HYM2")
INVESTMENT_GRADE = published("BAMLC0A0CM")
BAA = published("BAA10Y")
"""Moody's Baa bonds over ten-year Treasuries: another measure of the same, long and free."""
SESSIONS_BACK = 20
FUND = prices("HYG")


def figures_as_published(figures: Figures) -> list[Figure]:
    """The newest day known on each release day, unless a newer one was known before.

    Several days can become known at once: a weekend's rows on Monday, and all that a source was
    silent about when it answers again.
    """
    at_once: dict[date, Figure] = {}
    for figure in figures.figures:
        if figures.begins is not None and figure.known_from < figures.begins:
            continue
        known = at_once.get(figure.known_from)
        if known is None or figure.day >= known.day:
            at_once[figure.known_from] = figure
    found: list[Figure] = []
    for release in sorted(at_once):
        if not found or at_once[release].day >= found[-1].day:
            found.append(at_once[release])
    return found


def spread(indicator: str, definition: str, figures: Figures) -> list[Reading | Missing]:
    """One reading a day, from the day on which it was published. Percent become fractions."""
    days = sorted(figures.current)
    place = {day: at for at, day in enumerate(days)}
    return [
        _reading(indicator, definition, figure, _before(figures, days, place[figure.day]))
        for figure in figures_as_published(figures)
    ]


def _before(figures: Figures, days: list[date], at: int) -> Figure | None:
    return figures.current[days[at - SESSIONS_BACK]] if at >= SESSIONS_BACK else None


def _reading(indicator: str, definition: str, figure: Figure, before: Figure | None) -> Reading:
    origin = figure.origin
    value = figure.value / 100
    views: tuple[Part, ...] = ()
    if before is not None:
        views = (_beside("change over 20 sessions", value - before.value / 100, figure),)
    return Reading(
        indicator,
        value,
        Unit.FRACTION,
        datetime.combine(figure.known_from, datetime.min.time(), UTC),
        figure.day,
        origin.source,
        origin.url,
        origin.fetched_at,
        Status.CONFIRMED,
        definition,
        parts=(Part("spread", value, Unit.FRACTION, figure.day, origin.source, origin.url),),
        views=views,
    )


def _beside(definition: str, value: Decimal, figure: Figure) -> Part:
    origin = figure.origin
    return Part(definition, value, Unit.FRACTION, figure.day, origin.source, origin.url)


def high_yield(evidence: Evidence) -> list[Reading | Missing]:
    """The index, and whether a fund of such bonds and another measure went the same way."""
    figures = evidence.of(HIGH_YIELD) or Figures(())
    found = spread("high_yield_spread", "option-adjusted spread of the ICE BofA index", figures)
    days = sorted(figures.current)
    place = {day: at for at, day in enumerate(days)}
    witnesses = Witnesses(evidence.of(FUND) or PriceHistory(()), evidence.of(BAA) or Figures(()))
    return [
        _witnessed(one, witnesses, days[place[one.period_end] - SESSIONS_BACK], figures)
        if isinstance(one, Reading) and place[one.period_end] >= SESSIONS_BACK
        else one
        for one in found
    ]


def _witnessed(reading: Reading, witnesses: Witnesses, since: date, figures: Figures) -> Reading:
    """Never holds anything up: a fund falls for other reasons too, as a rise of all rates."""
    change = reading.value - figures.current[since].value / 100
    seen = witnesses.between(since, reading.period_end, reading.as_of)
    reading = replace(reading, views=(*reading.views, *(one.view for one in seen)))
    if abs(change) < NO_DIRECTION or not seen:
        return reading
    agreeing = [one for one in seen if one.widens is not None and one.widens == (change > 0)]
    if agreeing:
        first = agreeing[0]
        return replace(reading, confirmed_by=f"{first.view.source}, direction of {first.symbol}")
    if any(one.widens is None for one in seen):
        return reading
    names = ", ".join(one.symbol for one in seen)
    return replace(reading, note=f"{names} went the other way")


def investment_grade(evidence: Evidence) -> list[Reading | Missing]:
    """The index; where it is not to be had, Moody's spread, which moves no rule."""
    key = "investment_grade_spread"
    found = spread(
        key,
        "option-adjusted spread of the ICE BofA index",
        evidence.of(INVESTMENT_GRADE) or Figures(()),
    )
    if found:
        return found
    substitute = spread(
        key, "Moody's Baa bonds over ten-year Treasuries", evidence.of(BAA) or Figures(())
    )
    return [_unsigned(reading) for reading in substitute if isinstance(reading, Reading)]


def _unsigned(reading: Reading) -> Reading:
    return reading.held("another measure, about twice as high: the lines are not drawn for it")


SPREAD_GUARD = Guard({"spread": Decimal("0.40")})
CAVEAT = "Spreads were at their lowest shortly before most crises, and for years without any."

INDICATORS = (
    Indicator(
        key="high_yield_spread",
        names=Names("US high-yield spread", "美國高收益債利差", "美国高收益债利差"),
        section=Section.DEBT,
        unit=Unit.FRACTION,
        cadence=Cadence.SESSION,
        meaning=Meaning.CRACKING,
        needs=(HIGH_YIELD,),
        series=high_yield,
        formula="yield of US high-yield bonds − that of Treasuries, ICE BofA index, from FRED",
        caveat=CAVEAT,
        stale_after=A_WEEKEND,
        guard=SPREAD_GUARD,
        claim=Claim("bubbles end when credit gets tight", date(2025, 11, 30)),
        lines=(
            *below("heat", "3.0%", "2.7%", "2.5%"),
            *above("crack", "4%", "5%", "6%"),
            *above("crack", "1%", measure=Measure(MeasureKind.CHANGE, Window(28, "d"))),
        ),
        seconds=(FUND, BAA),
    ),
    Indicator(
        key="investment_grade_spread",
        names=Names("US investment-grade spread", "美國投資級利差", "美国投资级利差"),
        section=Section.DEBT,
        unit=Unit.FRACTION,
        cadence=Cadence.SESSION,
        meaning=Meaning.CRACKING,
        needs=(INVESTMENT_GRADE, BAA),
        series=investment_grade,
        formula="yield of US investment-grade bonds − that of Treasuries, ICE BofA index, "
        "from FRED",
        caveat=CAVEAT,
        stale_after=A_WEEKEND,
        guard=SPREAD_GUARD,
        claim=Claim("the building is paid with bonds", date(2025, 11, 30)),
        lines=(*below("heat", "0.8%"), *above("crack", "1.2%", "1.6%", "2.0%")),
    ),
)
