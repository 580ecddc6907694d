"""Numbers as people type them: 5.5T, 5,5T, $96bn, 30 %, 5.5兆, 1,234.5B."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from alerts.quantity import Unit
from bot.commands import BadInput
from bot.locales import Translator

_SCALES = {
    "": 0,
    "k": 3,
    "thousand": 3,
    "m": 6,
    "mn": 6,
    "million": 6,
    "b": 9,
    "bn": 9,
    "billion": 9,
    "t": 12,
    "tn": 12,
    "trillion": 12,
    "万": 4,
    "萬": 4,
    "亿": 8,
    "億": 8,
    "万亿": 12,
    "萬億": 12,
    "兆": 12,
}
_FORM = re.compile(
    r"(?P<sign>[+\-−–]?)\s*(?P<currency>(?:us)?\$|usd)?\s*(?P<sign2>[+\-−–]?)"
    r"(?P<number>\d[\d.,'_\s]*|\.\d+)\s*(?P<rest>.*)",
    re.DOTALL | re.IGNORECASE,
)
_DOLLARS = {"$", "usd", "dollars", "dollar", "美元", "美金", "元"}
_PERCENT = {"%", "percent", "per cent", "％", "pct"}
_POINTS = {"pp", "points", "point", "pt", "pts"}
_LARGEST = Decimal(10) ** 15
SHOWN = 40
"""So many characters of what was not understood are said back."""


def quantity(text: str, unit: Unit, t: Translator, *, of: str, like: str | None = None) -> Decimal:
    """The number meant, in `unit`. Raises BadInput with what to write instead.

    `of` names what is measured and `like` is a number that would be right, for the message.
    """
    like = like or example(unit)
    match = _FORM.fullmatch(text.strip())
    if match is None:
        raise BadInput(
            t(
                "“{text}” is not a number. Write it like {example}.",
                text=text[:SHOWN],
                example=like,
            )
        )
    value = _number(match["number"], t)
    if {match["sign"], match["sign2"]} & {"-", "−", "–"}:
        value = -value
    scale, kind = _suffix(match["rest"].strip().lower(), text, unit, like, t)
    dollars = match["currency"] is not None or kind == "dollars"
    percent = kind == "percent"
    wrong = (
        (dollars and unit is not Unit.USD)
        or (percent and unit is not Unit.FRACTION)
        or (scale and unit is not Unit.USD)
    )
    if unit is Unit.FRACTION and not percent and not wrong:
        wrong = True
    if wrong:
        raise BadInput(_right_unit(unit, of, like, t))
    value = value.scaleb(scale)
    if percent:
        value /= 100
    if abs(value) > _LARGEST or (unit is not Unit.USD and abs(value) > 10**8):
        raise BadInput(t("{text} is larger than anything here could be.", text=text[:SHOWN]))
    return value


def example(unit: Unit) -> str:
    return {Unit.USD: "5.5T", Unit.FRACTION: "30%"}.get(unit, "95")


def typed(value: Decimal, unit: Unit) -> str:
    """A value as a person would type it; `quantity` reads exactly this value from it."""
    suffix = ""
    if unit is Unit.FRACTION:
        value, suffix = value * 100, "%"
    elif unit is Unit.USD:
        powers = (("T", 12), ("B", 9), ("M", 6), ("", 0))
        suffix, power = next(one for one in powers if abs(value) >= 10 ** one[1] or not one[1])
        value = value.scaleb(-power)
    return f"{value.normalize():f}{suffix}"


def typed_span(length: timedelta) -> str:
    """A length of time that `duration` reads again: 3d, 12h, 30min."""
    seconds = int(length.total_seconds())
    for unit, size in (("d", 86400), ("h", 3600)):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds // 60}min"


def _right_unit(unit: Unit, of: str, like: str, t: Translator) -> str:
    match unit:
        case Unit.USD:
            return t("{of} is in dollars: write 5.5T or 96B.", of=of)
        case Unit.FRACTION:
            return t("{of} is in percent: write {example}.", of=of, example=like)
        case _:
            return t("{of} is a plain number: write 95.", of=of)


def _number(text: str, t: Translator) -> Decimal:
    """5,5 and 5.5 are the same; 1,234 could be two numbers, and is asked back."""
    cleaned = re.sub(r"[\s'_]", "", text).rstrip(".,")
    commas, dots = cleaned.count(","), cleaned.count(".")
    if commas and dots:
        decimal_comma = cleaned.rindex(",") > cleaned.rindex(".")
        thousands, mark = (".", ",") if decimal_comma else (",", ".")
        whole, _, fraction = cleaned.rpartition(mark)
        if mark in whole or not _grouped(whole, thousands):
            raise BadInput(t("“{text}” is not a number.", text=text.strip()[:SHOWN]))
        return Decimal(f"{whole.replace(thousands, '')}.{fraction or 0}")
    if dots > 1 or commas > 1:
        mark = "." if dots else ","
        if not _grouped(cleaned, mark):
            raise BadInput(t("“{text}” is not a number.", text=text.strip()[:SHOWN]))
        return Decimal(cleaned.replace(mark, ""))
    if commas:
        whole, _, fraction = cleaned.partition(",")
        if len(fraction) == 3 and whole != "0":
            raise BadInput(
                t(
                    "Is “{text}” {one} or {other}? Write one of them.",
                    text=cleaned,
                    one=f"{whole}{fraction}",
                    other=f"{whole}.{fraction}",
                )
            )
        return Decimal(f"{whole or 0}.{fraction or 0}")
    return Decimal(cleaned)


def _grouped(text: str, mark: str) -> bool:
    first, *others = text.split(mark)
    return 1 <= len(first) <= 3 and all(len(group) == 3 for group in others)


def _suffix(rest: str, text: str, unit: Unit, like: str, t: Translator) -> tuple[int, str]:
    """(power of ten, `dollars`, `percent` or nothing)."""
    if rest in _PERCENT:
        return 0, "percent"
    if rest in _POINTS:
        return 0, "percent" if unit is Unit.FRACTION else ""
    kind = ""
    for word in sorted(_DOLLARS, key=len, reverse=True):
        if rest.endswith(word) and rest != "":
            rest, kind = rest.removesuffix(word).strip(), "dollars"
            break
    if rest not in _SCALES:
        raise BadInput(
            t(
                "I do not know the unit in “{text}”. Write it like {example}.",
                text=text[:SHOWN],
                example=like,
            )
        )
    return _SCALES[rest], kind


_DURATION = re.compile(r"(\d{1,5})\s*([a-z一-鿿]*)")
_DURATIONS = {
    "m": 60,
    "min": 60,
    "minute": 60,
    "minutes": 60,
    "分钟": 60,
    "分鐘": 60,
    "h": 3600,
    "hour": 3600,
    "hours": 3600,
    "小时": 3600,
    "小時": 3600,
    "d": 86400,
    "day": 86400,
    "days": 86400,
    "天": 86400,
    "日": 86400,
    "w": 7 * 86400,
    "week": 7 * 86400,
    "weeks": 7 * 86400,
    "周": 7 * 86400,
    "週": 7 * 86400,
}
_LONGEST = timedelta(days=3660)


def duration(text: str, t: Translator) -> timedelta:
    """`3d`, `12 h`, `1w`, `30min`. Raises BadInput."""
    match = _DURATION.fullmatch(text.strip().lower())
    seconds = _DURATIONS.get(match[2]) if match else None
    if match is None or seconds is None:
        shown = text[:SHOWN]
        raise BadInput(t("“{text}” is not a length of time. Write 12h, 3d or 1w.", text=shown))
    length = timedelta(seconds=int(match[1]) * seconds)
    if not timedelta(0) < length <= _LONGEST:
        raise BadInput(t("“{text}” is not between a minute and ten years.", text=text[:SHOWN]))
    return length


def day(text: str, t: Translator) -> date:
    """`2026-12-31`, `2026/12/31`. Raises BadInput."""
    try:
        return date.fromisoformat(text.strip().replace("/", "-").replace(".", "-"))
    except ValueError as error:
        raise BadInput(t("“{text}” is not a date. Write 2026-12-31.", text=text[:SHOWN])) from error


def end_of_day(on: date, timezone: str) -> datetime:
    """The last second of a day where people live, in UTC."""
    return datetime.combine(on, time(23, 59, 59), ZoneInfo(timezone)).astimezone(UTC)
