"""`alert add`: a line of one's own (RULES.md R6, R8, R11)."""

from __future__ import annotations

from alerts.rules import Direction, Level, Rule
from alerts.store import destinations
from bot import words
from bot.answer import translator_for
from bot.commands import Arguments, Command, Param, ParamKind, Request, Services
from bot.lines import begun, check_distance, footing, outlook
from bot.locales import Translator
from bot.past import Asked, in_short
from bot.places import check_mention, check_room, place_of, told_where
from bot.replies import Button, Buttons, Form, Paragraph, Reply, Tone
from bot.rule_form import fields_of
from bot.rule_text import edit_button, title
from bot.tickers import ask_for
from bot.wishes import wish_of


async def add(request: Request, services: Services, arguments: Arguments) -> Reply:
    """Understand everything first, then store it in one transaction."""
    t = await translator_for(services, request)
    now = services.clock.now()
    async with services.database.read() as connection:
        known = await destinations.find(connection, request.place)
    wish = wish_of(services, arguments, known.timezone if known else "UTC", t)
    await check_mention(request, wish.mention, t)
    before = await in_short(services, Asked(wish.indicator, wish.measure, wish.rule), t)
    async with services.database.write() as connection:
        place = await place_of(connection, request, now)
        await check_room(connection, place, 1, t)
        await ask_for(connection, place, [wish.indicator.key], now, t)
        on = await footing(connection, wish.indicator, wish.measure, now)
        check_distance(on, wish.rule.line, wish.text, words.name_of(wish.indicator, t), t)
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
        (
            Paragraph(said, Tone.GOOD),
            *_settings(rule, place.timezone, t),
            Paragraph(outlook(rule, on, t)),
            *([] if before is None else [Paragraph(before, Tone.MUTED)]),
            *told_where(request, t),
            buttons_after(number, t),
        ),
        {
            "rule": number,
            "indicator": wish.indicator.key,
            "measure": str(wish.measure),
            "line": f"{on.measure.unit.from_fixed(rule.line).normalize():f}",
            "state": rule.state.value,
        },
    )


def buttons_after(number: int, t: Translator) -> Buttons:
    return Buttons(
        (
            Button(t("Remove it again"), f"alert remove {number}", replaces=True),
            edit_button(number, t),
            Button(t("See its message"), f"alert test {number}"),
        )
    )


def _settings(rule: Rule, timezone: str, t: Translator) -> list[Paragraph]:
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
        said.append(t("until {day}", day=words.moment(rule.expires_at, timezone, t)))
    return [Paragraph(words.clauses(said, t), Tone.MUTED)] if said else []


async def ask(request: Request, services: Services, arguments: Arguments) -> Form:
    """The form of `alert add`, with what the line says already."""
    t = await translator_for(services, request)
    required = [param.name for param in ADD if param.required]
    presumed = {"direction": Direction.ABOVE.value, "level": Level.WATCH.value}
    values = presumed | {name: str(value) for name, value in arguments.items()}
    names = ["indicator", "direction", "line", "level", "note", "measure", "window", "hold",
             "repeat", "mention", "remind", "cooldown", "until", "rearm"]  # fmt: skip
    if request.direct:
        # Nobody else is there to be called.
        names.remove("mention")
    return Form(t("Draw a line"), "alert add", fields_of(names, values, required, t), t("Draw it"))


_MEASURES = "value, change, percent_change, drawdown, percentile, high, low"
CONDITION = (
    Param("indicator", ParamKind.INDICATOR, "what to watch"),
    Param("measure", ParamKind.MEASURE, _MEASURES, required=False),
    Param("window", ParamKind.WINDOW, "30d, 4mo, 1y, all", required=False),
    Param("direction", ParamKind.DIRECTION, "above or below"),
    Param("line", ParamKind.QUANTITY, "5.5T, 96B, 30%"),
)


def _optional(name: str, kind: ParamKind, summary: str, *keywords: str) -> Param:
    return Param(name, kind, summary, required=False, keywords=keywords)


HOLD = _optional("hold", ParamKind.DURATION, "how long it must stay beyond", "for", "hold")
REPEAT = Param(
    "repeat",
    ParamKind.CHOICE,
    "once, or every crossing",
    required=False,
    choices=("once", "every"),
)
UNTIL = _optional("until", ParamKind.DATE, "the last day of the line", "until", "expires")
REMIND = _optional("remind", ParamKind.DURATION, "say it again this often", "remind", "reminder")
COOLDOWN = _optional("cooldown", ParamKind.DURATION, "at most one message in this time", "cooldown")
REARM = _optional("rearm", ParamKind.QUANTITY, "how far back it must go first", "rearm", "re-arm")
LEVEL = _optional("level", ParamKind.LEVEL, "watch, warn or critical", "level")
MENTION = _optional("mention", ParamKind.MENTION, "a role or group to mention", "mention")
NOTE = _optional("note", ParamKind.TEXT, "your own words, in quotes", "note")
ADD = (*CONDITION, HOLD, REPEAT, UNTIL, REMIND, COOLDOWN, REARM, LEVEL, MENTION, NOTE)

COMMANDS = (
    Command(
        ("alert", "add"),
        "draw a line: tell this place when a number crosses it",
        add,
        ADD,
        changes=True,
        examples=(
            "/bubble alert add nvda above 5.5T",
            '/bubble alert add top5 above 30% for 3d once until 2026-12-31 note "narrow"',
            "/bubble alert add nvda drawdown 1y below -20% level critical",
        ),
        form=ask,
    ),
)
