"""`alert list|show|remove|pause|resume|test`: the lines of this place."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.groups import with_groups
from alerts.platform import Message
from alerts.rules import Direction, Kind, Rule, State, begin
from alerts.store import destinations
from alerts.store.alerts import Alert
from alerts.store.destinations import Destination, OwnRule
from bot import words
from bot.alert_text import compose, grounds_of
from bot.answer import translator_for
from bot.commands import Arguments, BadInput, Command, Param, ParamKind, Request, Services
from bot.lines import footing, outlook
from bot.locales import Translator
from bot.replies import Block, Cell, Column, Fields, Heading, Json, Paragraph, Reply, Table, Tone


def title(rule: OwnRule, services: Services, t: Translator) -> str:
    """«Nvidia market cap ≥ $5.00T»."""
    name = words.name_by_key(services.indicators, rule.indicator, t)
    if of := words.measure(rule.measure, t):
        name = f"{name}, {of}"
    sign = "≥" if rule.rule.direction is Direction.ABOVE else "≤"
    return f"{name} {sign} {words.amount(rule.unit.from_fixed(rule.rule.line), rule.unit, t)}"


def state_of(rule: OwnRule, t: Translator) -> str:
    if rule.paused:
        return t("paused")
    state = {
        State.ARMED: t("armed"),
        State.PENDING: t("beyond, waiting out its hold"),
        State.FIRED: t("fired"),
        State.DONE: t("done"),
    }[rule.rule.state]
    if not rule.rule.primed and rule.rule.state is not State.DONE:
        state = t("waits for a first value")
    if rule.rule.snoozed_until is not None:
        state += ", " + t("snoozed until {at}", at=words.day(rule.rule.snoozed_until.date(), t))
    return state


def rule_sentence(rule: OwnRule, services: Services, t: Translator) -> str:
    return f"{rule.number}. {title(rule, services, t)}: {state_of(rule, t)}"


async def _mine(
    connection: AsyncConnection, request: Request, number: int, t: Translator
) -> tuple[Destination, OwnRule]:
    """The place and its rule with that number. Raises BadInput."""
    place = await destinations.find(connection, request.place)
    found = await destinations.rules_of(connection, place.id, [number]) if place else []
    if place is None or not found:
        raise BadInput(t("There is no rule {number} here; “alert list” shows them.", number=number))
    return place, found[0]


async def list_rules(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    async with services.database.read() as connection:
        place = await destinations.find(connection, request.place)
        mine = await destinations.rules_of(connection, place.id) if place else []
    if not mine:
        said = t(
            "No lines here yet. “subscribe” takes a preset; “alert add nvda above 5.5T” "
            "draws one of your own."
        )
        return Reply((Paragraph(said),), [])
    columns = (
        Column(t("rule"), right=True),
        Column(t("line"), wraps=True),
        Column(t("state"), wraps=True),
        Column(t("level"), rank=1),
        Column(t("now"), right=True, rank=2),
        Column(t("from"), rank=3),
    )
    rows = tuple(
        (
            Cell(str(rule.number)),
            Cell(title(rule, services, t)),
            Cell(state_of(rule, t), Tone.WARN if rule.rule.state is State.FIRED else Tone.PLAIN),
            Cell(t(rule.level.value)),
            Cell(_now(rule, t)),
            Cell(rule.preset or t("your own"), Tone.MUTED),
        )
        for rule in mine
    )
    return Reply((Table(columns, rows),), [_data(rule) for rule in mine])


def _now(rule: OwnRule, t: Translator) -> str:
    if rule.measure_value is None:
        return "–"
    line = rule.unit.from_fixed(rule.rule.line)
    return words.amount(rule.unit.from_fixed(rule.measure_value), rule.unit, t, line=line)


def _data(rule: OwnRule) -> dict[str, Json]:
    def exact(fixed: int | None) -> str | None:
        return None if fixed is None else f"{rule.unit.from_fixed(fixed).normalize():f}"

    machine = rule.rule
    return {
        "rule": rule.number,
        "indicator": rule.indicator,
        "measure": str(rule.measure),
        "direction": machine.direction.value,
        "line": exact(machine.line),
        "rearm": exact(machine.rearm),
        "unit": rule.unit.value,
        "level": rule.level.value,
        "state": machine.state.value,
        "paused": rule.paused,
        "preset": rule.preset,
        "value": exact(rule.measure_value),
        "note": rule.note,
    }


async def show_rule(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    async with services.database.read() as connection:
        _, rule = await _mine(connection, request, _number(arguments), t)
    machine = rule.rule
    rearm = words.amount(rule.unit.from_fixed(machine.rearm), rule.unit, t)
    pairs = [
        (t("state"), state_of(rule, t)),
        (t("now"), _now(rule, t)),
        (t("re-arms at"), rearm),
        (t("level"), t(rule.level.value)),
        (t("repeats"), t("once") if machine.once else t("every crossing")),
    ]
    if machine.hold:
        pairs.append((t("hold"), words.span(machine.hold, t)))
    if machine.remind is not None:
        pairs.append((t("reminds every"), words.span(machine.remind, t)))
    if machine.cooldown:
        pairs.append((t("cooldown"), words.span(machine.cooldown, t)))
    if machine.expires_at is not None:
        pairs.append((t("until"), words.day(machine.expires_at.date(), t)))
    if rule.note:
        pairs.append((t("note"), rule.note))
    pairs.append((t("from"), rule.preset or t("your own")))
    blocks: tuple[Block, ...] = (
        Heading(f"{rule.number}. {title(rule, services, t)}"),
        Fields(tuple(pairs)),
    )
    return Reply(blocks, _data(rule))


def _number(arguments: Arguments) -> int:
    return int(str(arguments["rule"]))


async def remove(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    async with services.database.write() as connection:
        _, rule = await _mine(connection, request, _number(arguments), t)
        await destinations.remove_rule(connection, rule.id, services.clock.now())
    said = t("Removed: {rule}. Its history stays.", rule=title(rule, services, t))
    return Reply((Paragraph(said, Tone.GOOD),), {"removed": rule.number})


async def pause(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    async with services.database.write() as connection:
        _, rule = await _mine(connection, request, _number(arguments), t)
        if not await destinations.pause_rule(connection, rule.id):
            raise BadInput(
                t(
                    "Rule {n} is {state}; nothing was changed.",
                    n=rule.number,
                    state=state_of(rule, t),
                )
            )
    said = t(
        "Paused: {rule}. “alert resume {n}” wakes it.", rule=title(rule, services, t), n=rule.number
    )
    return Reply((Paragraph(said, Tone.GOOD),), {"paused": rule.number})


async def resume(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    now = services.clock.now()
    known = await with_groups(services.database, services.indicators)
    async with services.database.write() as connection:
        _, rule = await _mine(connection, request, _number(arguments), t)
        indicator = known.get(rule.indicator)
        if not rule.paused or indicator is None:
            raise BadInput(
                t(
                    "Rule {n} is {state}; nothing was changed.",
                    n=rule.number,
                    state=state_of(rule, t),
                )
            )
        on = await footing(connection, indicator, rule.measure, now)
        again: Rule = begin(rule.rule, on.seen, now)
        await destinations.resume_rule(connection, rule.id, again)
    said = t("Resumed: {rule}.", rule=title(rule, services, t))
    return Reply(
        (Paragraph(said, Tone.GOOD), Paragraph(outlook(again, on, t))), {"resumed": rule.number}
    )


async def test(request: Request, services: Services, arguments: Arguments) -> Reply:
    """The message as it would look now; nothing is stored and nothing is sent elsewhere."""
    t = await translator_for(services, request)
    async with services.database.read() as connection:
        place, rule = await _mine(connection, request, _number(arguments), t)
    now = services.clock.now()
    value = rule.measure_value if rule.measure_value is not None else rule.rule.line
    alert = Alert(
        id=0,
        rule_id=rule.id,
        number=rule.number,
        destination_id=place.id,
        delivery_id=None,
        indicator=rule.indicator,
        kind=Kind.FIRED,
        level=rule.level,
        as_of=rule.measure_as_of or now,
        happened_at=now,
        created_at=now,
        value=value,
        unit=rule.unit,
        previous=None,
        previous_as_of=None,
        restated_from=None,
        held_back=0,
        withheld=None,
        measure=rule.measure,
        rule=rule.rule,
        note=rule.note,
        mention=rule.mention,
        observation_id=None,
    )
    message = Message("test", place, (alert,), False, False, None)
    grounds = await grounds_of(services.database, [alert])
    told = compose(message, services.indicators, grounds, t)
    mark = Paragraph(t("A test: this is how it would look. Nothing has happened."), Tone.MUTED)
    return Reply((mark, *told.blocks), told.data)


_RULE = Param("rule", ParamKind.RULE, "its number in “alert list”")
COMMANDS = (
    Command(("alert", "list"), "the lines of this place", list_rules),
    Command(("alert", "show"), "one line with all its settings", show_rule, (_RULE,)),
    Command(("alert", "remove"), "take a line away", remove, (_RULE,), changes=True),
    Command(
        ("alert", "pause"), "a line is silent until it is resumed", pause, (_RULE,), changes=True
    ),
    Command(("alert", "resume"), "wake a paused line", resume, (_RULE,), changes=True),
    Command(("alert", "test"), "see a line's message as it would look", test, (_RULE,)),
)
