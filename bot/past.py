"""What is known of an indicator's past, and when a line would have spoken in it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts import guard
from alerts.backtest import Past, backtest
from alerts.evidence import Evidence
from alerts.indicators import Cadence, Indicator
from alerts.measures import Measure, Point, Window
from alerts.reading import Reading
from alerts.rules import Rule
from alerts.store import observations
from alerts.store.observations import Value
from bot import words
from bot.commands import Services
from bot.locales import Translator

USUAL = Window(5, "y")
"""How far back the answer to a new line looks."""
_YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Asked:
    """A line to try on the past."""

    indicator: Indicator
    measure: Measure
    rule: Rule


async def observed(services: Services, indicator: Indicator) -> list[Point]:
    """What was observed: some five years of it at most on a first look."""
    async with services.database.read() as connection:
        return await observations.history(
            connection,
            indicator.key,
            by_session=indicator.cadence is Cadence.SESSION,
            unit=indicator.unit,
        )


async def known_past(services: Services, indicator: Indicator) -> list[Point]:
    """All that is known: what was observed, and before that what the evidence gives.

    An older value that the guard would have held is left out (R3).
    """
    async with services.database.read() as connection:
        stored = await observations.values(connection, indicator.key, indicator.unit)
    evidence = await services.evidence.evidence()
    return await asyncio.to_thread(_joined, indicator, evidence, stored)


def _joined(indicator: Indicator, evidence: Evidence, stored: Sequence[Value]) -> list[Point]:
    begins = stored[0].as_of if stored else None
    older: list[Value] = []
    last: Reading | None = None
    for reading in indicator.series(evidence):
        if begins is not None and reading.as_of >= begins:
            break
        if not isinstance(reading, Reading) or not reading.status.moves_rules:
            continue
        if guard.suspicion(indicator.guard, last, reading) is None:
            older.append(Value(reading.as_of, reading.period_end, reading.value))
            last = reading
    values = [*older, *stored]
    if not values:
        return []
    by_session = indicator.cadence is Cadence.SESSION
    return observations.history_at(values, values[-1].as_of, by_session=by_session)


async def past_of(services: Services, asked: Asked, within: Window | None = None) -> Past:
    """When the line would have spoken in all that is known, or within a window at its end."""
    return await _tried(asked, await known_past(services, asked.indicator), within)


async def in_short(services: Services, asked: Asked, t: Translator) -> str | None:
    """One sentence for the answer to a new line; None when there is no past to look at."""
    past = await _tried(asked, await observed(services, asked.indicator), USUAL)
    if past.first is None or past.last is None or past.first == past.last:
        return None
    return in_one(past.first, past.last, past, t)


async def _tried(asked: Asked, history: Sequence[Point], within: Window | None) -> Past:
    """Off the event loop: a long measure of a long past takes a third of a second."""
    start = None if within is None or not history else within.start(history[-1].as_of)
    indicator, gap = asked.indicator, asked.indicator.cadence.longest_gap
    return await asyncio.to_thread(
        backtest, asked.rule, asked.measure, indicator.unit, history, gap, start
    )


def span_of(first: datetime, last: datetime, t: Translator) -> str:
    """«In the last 5 years», where so much is known; «Since 3 Feb 2024» otherwise."""
    years = round((last - first) / _YEAR)
    if years >= 1 and abs((last - first) - years * _YEAR) < timedelta(days=31):
        return t("In the last {n} years", n=years) if years > 1 else t("In the last year")
    return t("Since {day}", day=words.day(first.date(), t))


def in_one(first: datetime, last: datetime, past: Past, t: Translator) -> str:
    """«In the last 5 years this would have spoken once, on 3 Feb 2024.»"""
    return t("{span} {told}", span=span_of(first, last, t), told=how_often(past, t))


def how_often(past: Past, t: Translator) -> str:
    """The rest of a sentence that begins with the span."""
    if not past.firings:
        return t("this would never have spoken.")
    last = words.day(past.firings[-1].at.as_of.date(), t)
    if len(past.firings) == 1:
        return t("this would have spoken once, on {day}.", day=last)
    return t("this would have spoken {n} times, last on {day}.", n=len(past.firings), day=last)
