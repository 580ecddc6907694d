"""`alert edit`: another line, other times or other words for a rule that is there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from alerts.groups import with_groups
from alerts.indicators import Indicator
from alerts.rules import Direction, Level, Rule, State, default_rearm
from alerts.store import conditions
from alerts.store.destinations import OwnRule
from alerts.store.destinations.editing import change_rule, redraw_rule
from alerts.store.models import ActKind
from bot import words
from bot.answer import translator_for
from bot.commands import Arguments, BadInput, Command, Param, ParamKind, Request, Services, about
from bot.commands.alert_add import (
    COOLDOWN,
    HOLD,
    LEVEL,
    MENTION,
    NOTE,
    REARM,
    REMIND,
    REPEAT,
    UNTIL,
)
from bot.doings import note_act
from bot.lines import begun, check_distance, footing, outlook
from bot.locales import Translator
from bot.places import check_mention, role_name, rule_of
from bot.quantities import typed, typed_span
from bot.reader import OFF
from bot.replies import Block, Buttons, Fields, Form, Heading, Paragraph, Reply, Tone
from bot.rule_form import fields_of
from bot.rule_text import rule_buttons, rule_data, settings_of, title
from bot.wishes import line_of, with_rearm, with_times


@dataclass(frozen=True, slots=True)
class Edited:
    """A rule as it is to be. `moved`: its line is another one, so its story begins anew."""

    rule: Rule
    level: Level
    note: str | None
    mention: str | None
    moved: bool


def edited(
    own: OwnRule, indicator: Indicator, arguments: Arguments, now: datetime, timezone: str,
    t: Translator,
) -> Edited:  # fmt: skip
    """What was not named stays. Raises BadInput when the whole makes no sense."""
    before = own.rule
    direction = Direction(str(arguments.get("direction", before.direction)))
    line = before.line
    if "line" in arguments:
        with about("line"):
            line = line_of(indicator, own.measure, str(arguments["line"]), t)
    moved = (direction, line) != (before.direction, before.line)
    if own.indicator.startswith(conditions.PREFIX) and (moved or "rearm" in arguments):
        # How many are needed belongs to the conditions: what is unknown is judged by it (R27).
        raise BadInput(t("How many conditions it takes cannot be changed; draw it anew."))
    rule = replace(before, direction=direction, line=line)
    if moved:
        rule = replace(rule, told_at=None, held_back=0, recent=(), quiet_until=None)
    if moved and before.rearm == default_rearm(before.direction, before.line):
        rule = replace(rule, rearm=default_rearm(direction, line))
    if arguments.get("rearm") == OFF:
        rule = replace(rule, rearm=default_rearm(direction, line))
        arguments = {name: value for name, value in arguments.items() if name != "rearm"}
    rule = with_rearm(rule, indicator, own.measure, arguments, t)
    rule = with_times(rule, arguments, now, timezone, t)
    if "repeat" in arguments:
        rule = replace(rule, once=arguments["repeat"] == "once")
    if rule.remind != before.remind and rule.state is State.FIRED:
        rule = replace(rule, remind_at=None if rule.remind is None else now + rule.remind)
    return Edited(
        rule,
        Level(str(arguments.get("level", own.level))),
        _words(arguments, "note", own.note),
        _words(arguments, "mention", own.mention),
        moved,
    )


def _words(arguments: Arguments, name: str, present: str | None) -> str | None:
    text = str(arguments.get(name, present or OFF))
    return None if text.casefold() == OFF else text


async def edit(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    now = services.clock.now()
    number = int(str(arguments["rule"]))
    if arguments.get("mention", OFF) != OFF:
        await check_mention(request, str(arguments["mention"]), t)
    known = await with_groups(services.database, services.indicators)
    async with services.database.write() as connection:
        place, own = await rule_of(connection, request, number, t)
        if arguments.keys() == {"rule"}:
            raise BadInput(
                t("Say what to change: “alert edit {n} line 6T level critical”.", n=number)
            )
        if own.rule.state is State.DONE:
            raise BadInput(t("That is done and will not speak again; nothing was changed."))
        indicator = known[own.indicator]
        wanted = edited(own, indicator, arguments, now, place.timezone, t)
        on = await footing(connection, indicator, own.measure, now)
        if "line" in arguments:
            name = words.name_of(indicator, t)
            check_distance(on, wanted.rule.line, str(arguments["line"]), name, t)
        rule = begun(wanted.rule, on, now) if wanted.moved else wanted.rule
        said = {"note": wanted.note, "mention": wanted.mention}
        if wanted.moved:
            await redraw_rule(connection, own.id, rule, now, level=wanted.level, **said)
        else:
            await change_rule(connection, own.id, rule, level=wanted.level, **said)
        await note_act(connection, request, [own], ActKind.EDITED, now)
        _, own = await rule_of(connection, request, number, t)
    services.wake_outbox()
    mention = await role_name(request, own.mention)
    blocks: list[Block] = [
        Paragraph(t("Changed."), Tone.GOOD),
        Heading(f"{number}. {title(own, services, t)}"),
        Fields(tuple(settings_of(own, place.timezone, t, mention))),
    ]
    if wanted.moved:
        blocks.append(Paragraph(outlook(rule, on, t)))
    return Reply((*blocks, Buttons(rule_buttons(own, t))), rule_data(own))


async def ask(request: Request, services: Services, arguments: Arguments) -> Form:
    """The form of `alert edit`, as the rule stands."""
    t = await translator_for(services, request)
    if "rule" not in arguments:
        raise BadInput(t("Say which rule: “alert edit 3”; “alert list” shows them."))
    number = int(str(arguments["rule"]))
    async with services.database.read() as connection:
        _, own = await rule_of(connection, request, number, t)
    given = {name: str(value) for name, value in arguments.items() if name != "rule"}
    names = ["line", "level", "note", "hold", "mention", "direction", "repeat", "remind",
             "cooldown", "rearm"]  # fmt: skip
    if own.indicator.startswith(conditions.PREFIX):
        names = [name for name in names if name not in ("line", "direction", "rearm")]
    if request.direct:
        names.remove("mention")
    asked = fields_of(names, _as_typed(own) | given, ("line",), t)
    return Form(t("Change rule {n}", n=number), f"alert edit {number}", asked, t("Change it"))


def _as_typed(own: OwnRule) -> dict[str, str]:
    """A rule's settings as a person would type them; the usual re-arm line follows the line."""
    machine = own.rule
    usual = machine.rearm == default_rearm(machine.direction, machine.line)
    return {
        "line": typed(own.unit.from_fixed(machine.line), own.unit),
        "level": own.level.value,
        "note": own.note or "",
        "hold": typed_span(machine.hold) if machine.hold else "",
        "mention": own.mention or "",
        "direction": machine.direction.value,
        "repeat": "once" if machine.once else "every",
        "remind": typed_span(machine.remind) if machine.remind else "",
        "cooldown": typed_span(machine.cooldown) if machine.cooldown else "",
        "rearm": "" if usual else typed(own.unit.from_fixed(machine.rearm), own.unit),
    }


COMMANDS = (
    Command(
        ("alert", "edit"),
        "change a line: its number, level, note, times; “off” takes a setting away",
        edit,
        (
            Param("rule", ParamKind.RULE, "its number in “alert list”"),
            Param("direction", ParamKind.DIRECTION, "above or below", required=False),
            Param(
                "line",
                ParamKind.QUANTITY,
                "5.5T, 96B, 30%",
                required=False,
                keywords=("line",),
                bare=True,
            ),
            LEVEL,
            replace(NOTE, clearable=True),
            replace(HOLD, clearable=True),
            replace(MENTION, clearable=True),
            REPEAT,
            replace(REMIND, clearable=True),
            replace(COOLDOWN, clearable=True),
            replace(UNTIL, clearable=True),
            replace(REARM, clearable=True),
        ),
        changes=True,
        examples=(
            "/bubble alert edit 1 line 6T level critical",
            "/bubble alert edit 1 remind 7d note off",
        ),
        form=ask,
    ),
)
