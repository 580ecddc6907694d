"""Where an axis has its ticks, and what is written there, by language."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, timedelta

from babel.dates import format_date
from babel.numbers import format_compact_decimal, format_decimal

from alerts.quantity import Unit
from bot.locales import LANGUAGES

_MONTHS = (1, 2, 3, 6)
_YEARS = (1, 2, 5, 10, 20, 50)
_FEW_DAYS = 60
Tick = tuple[float, str]


def number_label(value: float, unit: Unit, language: str) -> str:
    """A round value: 5T, 4.5兆, 30%. The currency stands with the first of an axis only."""
    locale = language if language in LANGUAGES else "en"
    # Steps of a tenth do not add up exactly; ten digits are more than a tick ever has.
    size = float(f"{abs(value):.10g}")
    sign = "−" if value < 0 and size else ""
    match unit:
        case Unit.USD:
            # Babel says 1K, 10亿; past the quadrillion it would go on counting in trillions.
            said = format_compact_decimal(size, locale=locale, fraction_digits=4)
            return f"{sign}${said}" if locale == "en" else f"{sign}{said}"
        case Unit.FRACTION:
            return f"{sign}{format_decimal(_rounded(size * 100), '#,##0.######', locale)}%"
        case Unit.RATIO:
            return f"{sign}{format_decimal(size, '#,##0.######', locale)}×"
        case _:
            return sign + format_decimal(size, "#,##0.######", locale)


def _rounded(value: float) -> float:
    return float(f"{value:.10g}")


def number_ticks(low: float, high: float, unit: Unit, language: str, most: int = 5) -> list[Tick]:
    """Round values between `low` and `high`, a step of 1, 2, 2.5 or 5 apart."""
    span = high - low
    if not math.isfinite(span) or span <= 0:
        return []
    raw = span / most
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= raw * 0.999)
    if unit is Unit.COUNT:
        step = max(1.0, round(step))
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    values = [number * step for number in range(first, last + 1)]
    return [(value, number_label(value, unit, language)) for value in values]


def log_ticks(low: float, high: float, language: str) -> list[Tick]:
    """1, 2, 5, 10, 20 … within the range, as multiples."""
    ticks = [
        factor * 10.0**power
        for power in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
        for factor in (1, 2, 5)
    ]
    return [(t, number_label(t, Unit.RATIO, language)) for t in ticks if low <= t <= high]


def date_ticks(first: date, last: date, language: str, most: int = 7) -> list[tuple[date, str]]:
    """Beginnings of months or years, or single days of a short span."""
    locale = language if language in LANGUAGES else "en"
    if (last - first).days < _FEW_DAYS:
        return _days(first, last, locale, most)
    months = (last.year - first.year) * 12 + last.month - first.month
    step = next((step for step in _MONTHS if months / step <= most), None)
    if step is None:
        years = last.year - first.year
        step = 12 * next((step for step in _YEARS if years / step <= most), 100)
    starts = _starts(first, last, step)
    return [(day, _month_label(day, step, locale, day == starts[0])) for day in starts]


HALF_A_YEAR = timedelta(days=184)


def quarter_ticks(periods: Sequence[date], language: str, most: int = 8) -> list[tuple[date, str]]:
    """Every quarter by its number, or of many the first of each year."""
    locale = language if language in LANGUAGES else "en"
    ordered = sorted(periods)
    firsts = [day for n, day in enumerate(ordered) if n == 0 or day.year > ordered[n - 1].year]
    years = {day: format_date(day, "y" if locale == "en" else "y年", locale) for day in firsts}
    if len(ordered) <= most:
        quarters = ((day, format_date(day, "QQQ", locale)) for day in ordered)
        return [
            (day, f"{quarter}\n{years[day]}" if day in years else quarter)
            for day, quarter in quarters
        ]
    # A year of which only the end is there has no room for its name.
    after = [*firsts[1:], date.max]
    begun = [day for day, next_ in zip(firsts, after, strict=True)
             if next_ - day > HALF_A_YEAR]  # fmt: skip
    step = math.ceil(len(begun) / most)
    return [(day, years[day]) for day in begun[::step]]


def _days(first: date, last: date, locale: str, most: int) -> list[tuple[date, str]]:
    step = max(1, math.ceil(((last - first).days + 1) / most))
    days = [first + timedelta(days=n) for n in range(0, (last - first).days + 1, step)]
    pattern = "d MMM" if locale == "en" else "M月d日"
    return [(day, format_date(day, pattern, locale)) for day in days]


def _starts(first: date, last: date, step: int) -> Sequence[date]:
    """Every `step`-th month's first day, counted from a January of a round year."""
    number = first.year * 12 + first.month - 1 + (first.day > 1)
    number += -number % step
    found: list[date] = []
    while (day := date(number // 12, number % 12 + 1, 1)) <= last:
        found.append(day)
        number += step
    return found


def _month_label(day: date, step: int, locale: str, begins: bool) -> str:
    """The year stands under its first month, and under the first tick of all."""
    year = format_date(day, "y" if locale == "en" else "y年", locale)
    if step >= 12:
        return year
    month = format_date(day, "MMM", locale)
    return f"{month}\n{year}" if begins or day.month <= step else month
