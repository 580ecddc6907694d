"""Pictures that some indicators have of their own: by company, spent against earned, then and now.

Each is made from readings or evidence; None means that too little of it is known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from alerts.evidence import Evidence, PriceHistory, adjusted_prices, prices
from alerts.indicators.statement_lines import CAPEX, CASH_FLOW, COMPANIES, FIVE
from alerts.quantity import Unit
from alerts.reading import Part, Reading
from bot import words
from bot.charts.from_history import Dated, against_chart, analogue_chart, stacked_chart
from bot.charts.kinds import Chart, Theme
from bot.commands import Services
from bot.locales import Translator

BY_COMPANY = {"hyperscaler_debt": FIVE}
AGAINST_CASH_FLOW = {
    "hyperscaler_capex": "hyperscaler_free_cash_flow",
    "hyperscaler_capex_with_oracle": "capex_to_cash_flow",
}
"""The indicator whose parts hold both what is spent and what is earned."""
ANALOGUE = "nvidia_cisco_analogue"
THEN, NOW = "CSCO", "NVDA"
THE_FALL_IS_OVER = date(2003, 12, 31)
"""With its dividends put back in, Cisco has since been higher than in 2000."""
_LEAST = 2
"""Quarters that make a course."""


def needs_readings_of(key: str) -> str | None:
    """The indicator whose readings a special picture is made of."""
    return key if key in BY_COMPANY else AGAINST_CASH_FLOW.get(key)


def is_special(key: str) -> bool:
    return key == ANALOGUE or needs_readings_of(key) is not None


def from_readings(
    services: Services, key: str, readings: Sequence[Reading], theme: Theme, t: Translator
) -> Chart | None:
    """Debt by company, or capex against operating cash flow. `readings` are oldest first."""
    if len(readings) < _LEAST:
        return None
    source = _source(readings, t)
    if key in BY_COMPANY:
        names = {ticker: _company(ticker, t) for ticker in BY_COMPANY[key]}
        indicator = services.indicators[key]
        return stacked_chart(indicator, readings, names, t, source=source, theme=theme)
    spent = words.name_of(services.indicators[key], t)
    return against_chart(
        (spent, _summed(readings, CAPEX.name)),
        (t("operating cash flow"), _summed(readings, CASH_FLOW.name)),
        Unit.USD,
        t,
        source=source,
        theme=theme,
    )


def then_and_now(evidence: Evidence, theme: Theme, t: Translator) -> Chart | None:
    """Nvidia over Cisco, their highest days on one another; None without Cisco's prices."""
    then, source_then = _prices(evidence, THEN, THE_FALL_IS_OVER)
    now, source_now = _prices(evidence, NOW)
    if not then or not now:
        return None
    names: Mapping[str, str] = {THEN: "Cisco", NOW: _company(NOW, t)}
    sources = t(", ").join(dict.fromkeys((source_then, source_now)))
    return analogue_chart((names[THEN], then), (names[NOW], now), t, source=sources, theme=theme)


def _prices(evidence: Evidence, symbol: str, until: date = date.max) -> tuple[list[Dated], str]:
    """The closes to a day, and whose they are."""
    for need in (prices(symbol), adjusted_prices(symbol)):
        history = evidence.of(need) or PriceHistory(())
        closes = [close for close in history.closes if close.session <= until]
        if closes:
            return [(close.session, close.price) for close in closes], closes[-1].origin.source
    return [], ""


def _summed(readings: Sequence[Reading], line: str) -> list[Dated]:
    """The parts of each reading whose names end with the line's name, added up."""

    def total(chosen: Callable[[Part], bool], reading: Reading) -> Decimal:
        return sum((part.value for part in reading.parts if chosen(part)), Decimal(0))

    return [
        (reading.period_end, total(lambda part: part.name.endswith(f" {line}"), reading))
        for reading in readings
    ]


def _company(ticker: str, t: Translator) -> str:
    names = COMPANIES[ticker]
    return {"zh_Hant": names.zh_hant, "zh_Hans": names.zh_hans}.get(t.language, names.en)


def _source(readings: Sequence[Reading], t: Translator) -> str:
    newest = readings[-1]
    definition = words.definition(newest.definition, t)
    grounds = t("{definition}; source {source}", definition=definition, source=newest.source)
    return t("; ").join((grounds, t("as of {on}", on=words.day(newest.as_of.date(), t))))
