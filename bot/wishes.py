"""A line as a person asked for it: understood and checked, but not stored (RULES.md R6, R8)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from alerts.indicators import Indicator
from alerts.measures import VALUE, Measure, MeasureKind, Window
from alerts.quantity import Unit
from alerts.rules import Direction, Level, Rule, default_rearm
from bot import words
from bot.commands import Arguments, BadInput, Services, about
from bot.locales import Translator
from bot.quantities import day, duration, end_of_day, quantity
from bot.reader import OFF


@dataclass(frozen=True, slots=True)
class Wish:
    """`text` is the line as it was typed."""

    indicator: Indicator
    measure: Measure
    rule: Rule
    text: str
    level: Level
    note: str | None
    mention: str | None


def wish_of(services: Services, arguments: Arguments, timezone: str, t: Translator) -> Wish:
    """What `alert add` asks for. Raises BadInput."""
    indicator = services.indicators[str(arguments["indicator"])]
    with about("window"):
        measure = _measure(arguments, t)
    direction = Direction(str(arguments["direction"]))
    with about("line"):
        line = line_of(indicator, measure, str(arguments["line"]), t)
    rule = Rule(direction, line, default_rearm(direction, line))
    rule = with_rearm(rule, indicator, measure, arguments, t)
    rule = with_times(rule, arguments, services.clock.now(), timezone, t)
    note, mention = arguments.get("note"), arguments.get("mention")
    return Wish(
        indicator,
        measure,
        replace(rule, once=arguments.get("repeat") == "once"),
        str(arguments["line"]),
        Level(str(arguments.get("level", Level.WATCH))),
        None if note is None else str(note),
        None if mention in (None, OFF) else str(mention),
    )


def _measure(arguments: Arguments, t: Translator) -> Measure:
    kind, window = arguments.get("measure"), arguments.get("window")
    if not isinstance(kind, MeasureKind) or kind is MeasureKind.VALUE:
        if window is not None:
            raise BadInput(
                t("A window needs a measure: “change 4mo”, “drawdown 1y”, “percentile 1y”.")
            )
        return VALUE
    if not isinstance(window, Window):
        raise BadInput(t("“{kind}” needs a window: “{kind} 1y”.", kind=kind.value))
    return Measure(kind, window)


def line_of(indicator: Indicator, measure: Measure, text: str, t: Translator) -> int:
    """A line as it is stored. Raises BadInput when the number cannot be meant."""
    unit = measure.unit(indicator.unit)
    line = unit.to_fixed(_read(text, indicator, measure, t))
    if line < 0 and _never_negative(indicator, measure):
        raise BadInput(t("{name} is never below zero.", name=words.name_of(indicator, t)))
    _check_line(measure, unit, line, text, t)
    return line


def _read(text: str, indicator: Indicator, measure: Measure, t: Translator) -> Decimal:
    called = words.measured(words.name_of(indicator, t), measure, t)
    like = "-20%" if measure.kind is MeasureKind.DRAWDOWN else None
    return quantity(text, measure.unit(indicator.unit), t, of=called, like=like)


def _check_line(measure: Measure, unit: Unit, line: int, words_: str, t: Translator) -> None:
    value = unit.from_fixed(line)
    if measure.kind is MeasureKind.PERCENTILE and not 0 <= value <= 100:
        raise BadInput(t("A percentile is between 0 and 100; “{text}” is not.", text=words_))
    if measure.kind is MeasureKind.DRAWDOWN and not -1 <= value <= 0:
        raise BadInput(t("A drawdown is between -100% and 0%: write -20%."))
    if measure.kind in (MeasureKind.HIGH, MeasureKind.LOW) and value != 1:
        raise BadInput(t("A new extreme is 1 or nothing: write “high 1y above 1”."))


def _never_negative(indicator: Indicator, measure: Measure) -> bool:
    """Sizes cannot be negative; changes, distances and cash flows can."""
    size = indicator.key.partition(".")[0].endswith(("_market_cap", "_debt", "_weight", "_capex"))
    return measure.kind is MeasureKind.VALUE and size


def with_rearm(
    rule: Rule, indicator: Indicator, measure: Measure, arguments: Arguments, t: Translator
) -> Rule:
    """The rule with the re-arm line that was asked for. Raises BadInput."""
    with about("rearm"):
        if "rearm" in arguments:
            unit = measure.unit(indicator.unit)
            rearm = unit.to_fixed(_read(str(arguments["rearm"]), indicator, measure, t))
            rule = replace(rule, rearm=rearm)
        above = rule.direction is Direction.ABOVE
        if (rule.rearm > rule.line) if above else (rule.rearm < rule.line):
            side = t("below") if above else t("above")
            raise BadInput(t("The re-arm line must be {side} the line itself.", side=side))
    return rule


def with_times(
    rule: Rule, arguments: Arguments, now: datetime, timezone: str, t: Translator
) -> Rule:
    """The rule with the times that were named; “off” takes one away. Raises BadInput."""

    def length(name: str, present: timedelta | None) -> timedelta | None:
        if name not in arguments:
            return present
        text = str(arguments[name])
        with about(name):
            return None if text.casefold() == OFF else duration(text, t)

    expires_at = rule.expires_at
    if "until" in arguments:
        text = str(arguments["until"])
        with about("until"):
            expires_at = None if text.casefold() == OFF else end_of_day(day(text, t), timezone)
            if expires_at is not None and expires_at <= now:
                raise BadInput(t("{day} is over already.", day=text))
    return replace(
        rule,
        hold=length("hold", rule.hold) or timedelta(0),
        remind=length("remind", rule.remind),
        cooldown=length("cooldown", rule.cooldown) or timedelta(0),
        expires_at=expires_at,
    )
