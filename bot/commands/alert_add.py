"""`alert add`: a line of one's own (RULES.md R6, R8, R11)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.indicators import Indicator
from alerts.measures import VALUE, Measure, MeasureKind, Window
from alerts.quantity import Unit
from alerts.rules import Direction, Level, Rule, default_rearm
from alerts.store import destinations
from bot import words
from bot.answer import translator_for
from bot.commands import Arguments, BadInput, Command, Param, ParamKind, Request, Services
from bot.commands.alert import title
from bot.lines import begun, footing, outlook
from bot.locales import Translator
from bot.quantities import day, duration, end_of_day, quantity
from bot.replies import Paragraph, Reply, Tone


@dataclass(frozen=True, slots=True)
class Wish:
    """What a person asked for, understood but not stored."""

    indicator: Indicator
    measure: Measure
    rule: Rule
    text: str
    level: Level
    note: str | None
    mention: str | None


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


def _check_line(measure: Measure, unit: Unit, line: int, words_: str, t: Translator) -> None:
    value = unit.from_fixed(line)
    if measure.kind is MeasureKind.PERCENTILE and not 0 <= value <= 100:
        raise BadInput(t("A percentile is between 0 and 100; “{text}” is not.", text=words_))
    if measure.kind is MeasureKind.DRAWDOWN and not -1 <= value <= 0:
        raise BadInput(t("A drawdown is between -100% and 0%: write -20%."))
    if measure.kind in (MeasureKind.HIGH, MeasureKind.LOW) and value != 1:
        raise BadInput(t("A new extreme is 1 or nothing: write “high 1y above 1”."))


def _never_negative(indicator: Indicator, measure: Measure) -> bool:
    """Levels cannot be negative; changes and distances can."""
    signed = indicator.key.endswith(("_change_4m", "_drawdown"))
    return measure.kind is MeasureKind.VALUE and not signed


def wish_of(services: Services, arguments: Arguments, timezone: str, t: Translator) -> Wish:
    indicator = services.indicators[str(arguments["indicator"])]
    measure = _measure(arguments, t)
    unit = measure.unit(indicator.unit)
    name = indicator.key if measure == VALUE else f"{indicator.key} {measure}"
    text = str(arguments["line"])
    line = unit.to_fixed(quantity(text, unit, t, of=name))
    if line < 0 and _never_negative(indicator, measure):
        raise BadInput(t("{name} is never below zero.", name=words.name_of(indicator, t)))
    _check_line(measure, unit, line, text, t)
    direction = Direction(str(arguments["direction"]))
    rule = Rule(direction, line, default_rearm(direction, line))
    rule = _with_rearm(rule, arguments, unit, name, t)
    rule = _with_times(rule, arguments, services.clock.now(), timezone, t)
    note, mention = arguments.get("note"), arguments.get("mention")
    return Wish(
        indicator,
        measure,
        replace(rule, once=arguments.get("repeat") == "once"),
        text,
        Level(str(arguments.get("level", Level.WATCH))),
        None if note is None else str(note),
        None if mention is None else str(mention),
    )


def _with_rearm(rule: Rule, arguments: Arguments, unit: Unit, name: str, t: Translator) -> Rule:
    if "rearm" not in arguments:
        return rule
    rearm = unit.to_fixed(quantity(str(arguments["rearm"]), unit, t, of=name))
    above = rule.direction is Direction.ABOVE
    if (rearm > rule.line) if above else (rearm < rule.line):
        side = t("below") if above else t("above")
        raise BadInput(t("The re-arm line must be {side} the line itself.", side=side))
    return replace(rule, rearm=rearm)


def _with_times(
    rule: Rule, arguments: Arguments, now: datetime, timezone: str, t: Translator
) -> Rule:
    def length(name: str) -> timedelta | None:
        return duration(str(arguments[name]), t) if name in arguments else None

    expires_at = None
    if "until" in arguments:
        expires_at = end_of_day(day(str(arguments["until"]), t), timezone)
        if expires_at <= now:
            raise BadInput(t("{day} is over already.", day=str(arguments["until"])))
    return replace(
        rule,
        hold=length("hold") or timedelta(0),
        remind=length("remind"),
        cooldown=length("cooldown") or timedelta(0),
        expires_at=expires_at,
    )


async def add(request: Request, services: Services, arguments: Arguments) -> Reply:
    """Understand everything first, then store it in one transaction."""
    t = await translator_for(services, request)
    now = services.clock.now()
    async with services.database.read() as connection:
        known = await destinations.find(connection, request.place)
    wish = wish_of(services, arguments, known.timezone if known else "UTC", t)
    async with services.database.write() as connection:
        place = await destinations.find_or_make(connection, request.place, now)
        on = await footing(connection, wish.indicator, wish.measure, now)
        rule = begun(wish.rule, on, now)
        number = await destinations.add_rule(
            connection,
            place.id,
            on.measure,
            rule,
            now,
            level=wish.level,
            created_by=request.user,
            note=wish.note,
            mention=wish.mention,
        )
        (stored,) = await destinations.rules_of(connection, place.id, [number])
    said = t("Rule {n}: {rule}.", n=number, rule=title(stored, services, t))
    return Reply(
        (Paragraph(said, Tone.GOOD), *_settings(rule, t), Paragraph(outlook(rule, on, t))),
        {
            "rule": number,
            "indicator": wish.indicator.key,
            "measure": str(wish.measure),
            "line": f"{on.measure.unit.from_fixed(rule.line).normalize():f}",
            "state": rule.state.value,
        },
    )


def _settings(rule: Rule, t: Translator) -> list[Paragraph]:
    said = []
    if rule.hold:
        said.append(t("only after {hold} beyond", hold=words.span(rule.hold, t)))
    if rule.once:
        said.append(t("once"))
    if rule.remind is not None:
        said.append(t("again every {time}", time=words.span(rule.remind, t)))
    if rule.cooldown:
        said.append(t("at most once in {time}", time=words.span(rule.cooldown, t)))
    if rule.expires_at is not None:
        said.append(t("until {day}", day=words.day(rule.expires_at.date(), t)))
    return [Paragraph(", ".join(said), Tone.MUTED)] if said else []


_PARAMS = (
    Param("indicator", ParamKind.INDICATOR, "what to watch"),
    Param(
        "measure",
        ParamKind.MEASURE,
        "value, change, percent_change, drawdown, percentile, high, low",
        required=False,
    ),
    Param("window", ParamKind.WINDOW, "30d, 4mo, 1y, all", required=False),
    Param("direction", ParamKind.DIRECTION, "above or below"),
    Param("line", ParamKind.QUANTITY, "5.5T, 96B, 30%"),
)
REPEAT = Param(
    "repeat",
    ParamKind.CHOICE,
    "once, or every crossing",
    required=False,
    choices=("once", "every"),
)
LEVEL = Param(
    "level", ParamKind.LEVEL, "watch, warn or critical", required=False, keywords=("level",)
)
NOTE = Param(
    "note", ParamKind.TEXT, "your own words, in quotes", required=False, keywords=("note",)
)
CONDITION = Command(("alert", "add"), "one condition of several", add, _PARAMS)

COMMANDS = (
    Command(
        ("alert", "add"),
        "draw a line: tell this place when a number crosses it",
        add,
        (
            *_PARAMS,
            Param(
                "hold",
                ParamKind.DURATION,
                "how long it must stay beyond",
                required=False,
                keywords=("for", "hold"),
            ),
            REPEAT,
            Param(
                "until",
                ParamKind.DATE,
                "the last day of the line",
                required=False,
                keywords=("until", "expires"),
            ),
            Param(
                "remind",
                ParamKind.DURATION,
                "say it again this often",
                required=False,
                keywords=("remind", "reminder"),
            ),
            Param(
                "cooldown",
                ParamKind.DURATION,
                "at most one message in this time",
                required=False,
                keywords=("cooldown",),
            ),
            Param(
                "rearm",
                ParamKind.QUANTITY,
                "how far back it must go first",
                required=False,
                keywords=("rearm", "re-arm"),
            ),
            LEVEL,
            Param(
                "mention",
                ParamKind.TEXT,
                "a role or group to mention",
                required=False,
                keywords=("mention",),
            ),
            NOTE,
        ),
        changes=True,
        examples=(
            "/bubble alert add nvda above 5.5T",
            '/bubble alert add top5 above 30% for 3d once until 2026-12-31 note "narrow"',
            "/bubble alert add nvda drawdown 1y below -20% level critical",
        ),
    ),
)
