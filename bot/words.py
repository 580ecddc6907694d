"""Numbers, dates and trends as people read them, by language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from functools import reduce
from zoneinfo import ZoneInfo

from alerts.indicators import Indicator
from alerts.measures import Measure, MeasureKind, Window
from alerts.quantity import Unit
from bot.locales import Translator

_SCALES = {
    "en": (("T", 12), ("B", 9), ("M", 6)),
    "zh_Hant": (("兆", 12), ("億", 8), ("萬", 4)),
    "zh_Hans": (("万亿", 12), ("亿", 8), ("万", 4)),
}
_MOST_PLACES = 8
_BLOCKS = "▁▂▃▄▅▆▇█"


def name_of(indicator: Indicator, t: Translator) -> str:
    names = indicator.names
    return {"zh_Hant": names.zh_hant, "zh_Hans": names.zh_hans}.get(t.language, names.en)


WHO_ANSWERS = {
    "prices": "Yahoo",
    "shares": "Yahoo",
    "statements": "SEC",
    "published": "FRED",
    "holdings": "iShares",
    "listed_caps": "Nasdaq",
    "gdp": "World Bank",
}
"""Who has what an indicator asks for, by the kind of its need."""


def awaited(indicator: Indicator, t: Translator) -> str:
    """When a number comes that the record does not hold."""
    asked = (WHO_ANSWERS.get(need.kind) for need in indicator.needs)
    sources = t(", ").join(dict.fromkeys(who for who in asked if who is not None))
    if not sources:
        return t("is entered by hand, and nobody has done so yet")
    return t("comes with the first answer of {sources}", sources=sources)


def name_by_key(indicators: Mapping[str, Indicator], key: str, t: Translator) -> str:
    """The name behind a key; groups of conditions are no indicators of the catalogue."""
    indicator = indicators.get(key)
    return name_of(indicator, t) if indicator else t("conditions met")


def amount(
    value: Decimal, unit: Unit, t: Translator, *, signed: bool = False, line: Decimal | None = None
) -> str:
    """A value in its unit: $5.03T, 30.42%, 6,849.09.

    With `line`, as many digits as it takes for the text to be on the same side of the line as the
    value is: 4.9996T under a line of 5T is never «5.00T».
    """
    places = 2
    text = _amount(value, unit, t, places, signed)
    while line is not None and value != line and text == _amount(line, unit, t, places, signed):
        places += 1
        if places > _MOST_PLACES:
            break
        text = _amount(value, unit, t, places, signed)
    return text


def drawn(line: Decimal, unit: Unit, t: Translator) -> str:
    """A line as it was drawn, with all its digits: 5.0125T is not «5.01T»."""
    return _amount(line, unit, t, _places_of(line, unit, t), signed=False)


def difference(value: Decimal, unit: Unit, t: Translator) -> str:
    """A change with its sign; that of a percentage is in percentage points."""
    if unit is not Unit.FRACTION:
        return amount(value, unit, t, signed=True)
    return t("{points} pp", points=_with_sign(_number(abs(value) * 100, 2), value, signed=True))


def definition(text: str, t: Translator) -> str:
    """What was counted, in words."""
    known = {
        "ex_lease": t("without leases"),
        "with_finance_leases": t("with finance leases"),
        "with_all_leases": t("with all leases"),
    }
    return known.get(text) or t.told(text)


def _amount(value: Decimal, unit: Unit, t: Translator, places: int, signed: bool) -> str:
    return _with_sign(_size(abs(value), unit, t, places), value, signed=signed)


def _with_sign(size: str, value: Decimal, *, signed: bool) -> str:
    """What is written as zero has no sign, however little is left of it."""
    if not any(digit in size for digit in "123456789"):
        return size
    return ("−" if value < 0 else "+" if signed and value > 0 else "") + size


def _size(size: Decimal, unit: Unit, t: Translator, places: int) -> str:
    match unit:
        case Unit.USD:
            return _money(size, t, places)
        case Unit.FRACTION:
            return f"{_number(size * 100, places)}%"
        case Unit.COUNT:
            return f"{size:,.0f}"
        case Unit.RATIO:
            return f"{_number(size, places)}×"
        case Unit.DAYS:
            return t("{number} days", number=_number(size, 1))
        case Unit.YEARS:
            return t("{number} years", number=_number(size, 1))
        case _:
            return _number(size, places)


def _scale(size: Decimal, t: Translator, places: int) -> tuple[str, int]:
    """Rounded first: 999.996 billion is written 1.00T, not 1,000.00B."""
    scales = _SCALES.get(t.language, _SCALES["en"])
    return next(
        (scale for scale in scales if _rounded(size.scaleb(-scale[1]), places) >= 1), ("", 0)
    )


def _money(size: Decimal, t: Translator, places: int) -> str:
    suffix, power = _scale(size, t, places)
    number = _number(size.scaleb(-power), places)
    return f"${number}{suffix}" if t.language == "en" else f"{number}{suffix}美元"


def _places_of(value: Decimal, unit: Unit, t: Translator) -> int:
    size = abs(value)
    if unit is Unit.USD:
        size = size.scaleb(-_scale(size, t, 2)[1])
    elif unit is Unit.FRACTION:
        size *= 100
    exponent = size.normalize().as_tuple().exponent
    return min(_MOST_PLACES, max(2, -exponent)) if isinstance(exponent, int) else 2


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN)


def _number(value: Decimal, places: int) -> str:
    return f"{_rounded(value, places):,}"


def day(moment: date, t: Translator) -> str:
    """18 Nov 2025, 2025年11月18日."""
    if t.language == "en":
        return f"{moment.day} {moment:%b} {moment.year}"
    return f"{moment.year}年{moment.month}月{moment.day}日"


def moment(at: datetime, timezone: str, t: Translator) -> str:
    """18 Nov 2025, 21:04: on the clocks of a time zone."""
    local = at.astimezone(ZoneInfo(timezone))
    return t("{day}, {time}", day=day(local.date(), t), time=f"{local:%H:%M}")


def clock(minute: int) -> str:
    """Minutes after midnight: 22:00."""
    return f"{minute // 60:02}:{minute % 60:02}"


def span(duration: timedelta, t: Translator) -> str:
    """A rough length of time: 5 min, 3 h, 2 d."""
    seconds = max(0, int(duration.total_seconds()))
    if seconds < 3600:
        return t("{n} min", n=seconds // 60 or "<1")
    if seconds < 48 * 3600:
        return t("{n} h", n=seconds // 3600)
    days = seconds // 86400
    if days < 90:
        return t("{n} d", n=days)
    return t("{n} mo", n=days // 30) if days < 730 else t("{n} y", n=days // 365)


def same_span_for(duration: timedelta) -> timedelta:
    """How much longer a span that grows is called what it is called now."""
    seconds = int(duration.total_seconds())
    step = 60 if seconds < 3600 else 3600 if seconds < 48 * 3600 else 86400
    return timedelta(seconds=(max(0, seconds) // step + 1) * step) - duration


def measure(of: Measure, t: Translator) -> str:
    """«change over 4mo»; the plain value has no words."""
    if of.kind is MeasureKind.VALUE or of.window is None:
        return ""
    window = _window(of.window, t)
    words = {
        MeasureKind.CHANGE: t("change over {window}", window=window),
        MeasureKind.PERCENT_CHANGE: t("change in percent over {window}", window=window),
        MeasureKind.DRAWDOWN: t("distance from the peak of {window}", window=window),
        MeasureKind.PERCENTILE: t("percentile within {window}", window=window),
        MeasureKind.HIGH: t("new high of {window}", window=window),
        MeasureKind.LOW: t("new low of {window}", window=window),
    }
    return words[of.kind]


def measured(name: str, of: Measure, t: Translator) -> str:
    """«Nvidia market cap, change over 4mo»."""
    said = measure(of, t)
    return t("{name}, {measure}", name=name, measure=said) if said else name


def explained(what: str, how: str, t: Translator) -> str:
    """A value with what there is to say of it in brackets."""
    return t("{what} ({how})", what=what, how=how)


def clauses(parts: Sequence[str], t: Translator) -> str:
    """«only after 3 d beyond, once»: parts of one sentence, unlike a list of names."""
    return reduce(lambda said, part: t("{said}, {part}", said=said, part=part), parts)


def in_a_row(sentences: Sequence[str], t: Translator) -> str:
    return reduce(lambda said, next_: t("{said} {next}", said=said, next=next_), sentences)


def _window(of: Window, t: Translator) -> str:
    amounts = {
        "d": t("{n}d", n=of.amount),
        "mo": t("{n}mo", n=of.amount),
        "y": t("{n}y", n=of.amount),
    }
    return amounts.get(of.unit) or t("all time")


def trend(values: Sequence[Decimal], width: int = 24) -> str:
    """The last values as a row of blocks, from their lowest to their highest."""
    shown = values[-width:]
    if len(shown) < 2:
        return ""
    low, high = min(shown), max(shown)
    if low == high:
        return _BLOCKS[3] * len(shown)
    steps = len(_BLOCKS) - 1
    return "".join(_BLOCKS[int((value - low) / (high - low) * steps)] for value in shown)
