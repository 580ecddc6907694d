"""`alert list|show|remove|test`: the lines of this place."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.platform import Message
from alerts.rules import Kind, State
from alerts.store import conditions, destinations
from alerts.store.alerts import Alert
from alerts.store.destinations import Destination, OwnRule
from alerts.store.models import ActKind
from bot import words
from bot.alert_text import compose, grounds_of
from bot.answer import translator_for
from bot.commands import Arguments, BadInput, Command, Param, ParamKind, Request, Services
from bot.doings import note_act
from bot.locales import Translator
from bot.places import role_name, rule_of, rules_named
from bot.replies import (
    Block,
    Button,
    Buttons,
    Cell,
    Column,
    Fields,
    Heading,
    Menu,
    Paragraph,
    Reply,
    Table,
    Tone,
)
from bot.rule_text import (
    line_title,
    now_of,
    numbered,
    rule_buttons,
    rule_data,
    settings_of,
    state_of,
    title,
)

SHOWN = 25
"""Lines of one answer: as many as a menu holds."""


async def list_rules(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    async with services.database.read() as connection:
        place = await destinations.find(connection, request.place)
        mine = await destinations.rules_of(connection, place.id) if place else []
    if place is None or not mine:
        said = t(
            "No lines here yet. “subscribe” takes a preset; “alert add nvda above 5.5T” "
            "draws one of your own."
        )
        buttons = Buttons(
            (
                Button(t("Draw a line …"), "alert add", opens=True),
                Button(t("Presets"), "presets", replaces=True),
            )
        )
        return Reply((Paragraph(said), buttons), [])
    start = int(str(arguments.get("start", 1)))
    shown = [rule for rule in mine if rule.number >= start][:SHOWN]
    if not shown:
        raise BadInput(t("There is no rule {number} here; “alert list” shows them.", number=start))
    blocks = (
        _table(shown, place, services, t),
        *_the_others(mine, shown, t),
        *_to_choose_from(shown, services, t),
    )
    return Reply(blocks, [rule_data(rule) for rule in mine])


def _table(shown: list[OwnRule], place: Destination, services: Services, t: Translator) -> Table:
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
            Cell(
                state_of(rule, place.timezone, t),
                Tone.WARN if rule.rule.state is State.FIRED else Tone.PLAIN,
            ),
            Cell(t(rule.level.value)),
            Cell(now_of(rule, t)),
            Cell(rule.preset or t("your own"), Tone.MUTED),
        )
        for rule in shown
    )
    return Table(columns, rows)


def _the_others(mine: list[OwnRule], shown: list[OwnRule], t: Translator) -> tuple[Block, ...]:
    """Where the lines are that this answer does not show."""
    if len(shown) == len(mine):
        return ()
    said = t("{shown} of {all} lines.", shown=len(shown), all=len(mine))
    after = next((rule.number for rule in mine if rule.number > shown[-1].number), None)
    if after is None:
        first = Button(t("The first lines"), "alert list", replaces=True)
        return Paragraph(said, Tone.MUTED), Buttons((first,))
    command = f"alert list from {after}"
    hint = t("“{command}” shows the next ones.", command=command)
    more = Button(t("The next lines"), command, replaces=True)
    return Paragraph(words.in_a_row((said, hint), t), Tone.MUTED), Buttons((more,))


def _to_choose_from(shown: list[OwnRule], services: Services, t: Translator) -> tuple[Buttons, ...]:
    """Fired ones first."""
    ordered = sorted(shown, key=lambda rule: (rule.rule.state is not State.FIRED, rule.number))
    options = tuple(
        Button(numbered(rule, services, t), f"alert show {rule.number}", replaces=True)
        for rule in ordered
    )
    add = Button(t("Draw a line …"), "alert add", opens=True)
    return (Buttons((Menu(t("Choose a line …"), options),)), Buttons((add,)))


async def show_rule(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    async with services.database.read() as connection:
        place, rule = await rule_of(connection, request, int(str(arguments["rule"])), t)
        members = await _members(connection, rule, services, t)
    mention = await role_name(request, rule.mention)
    blocks: list[Block] = [
        Heading(f"{rule.number}. {title(rule, services, t)}"),
        Fields(tuple(settings_of(rule, place.timezone, t, mention))),
    ]
    return Reply((*blocks, *members, Buttons(rule_buttons(rule, t))), rule_data(rule))


async def _members(
    connection: AsyncConnection, rule: OwnRule, services: Services, t: Translator
) -> list[Table]:
    """The conditions of a rule over several, each with where it stands (R27)."""
    if not rule.indicator.startswith(conditions.PREFIX):
        return []
    (group,) = await conditions.load(connection, rule.indicator)
    rows = []
    for one in group.members:
        line = words.drawn(one.unit.from_fixed(one.line), one.unit, t)
        named = line_title(services.indicators, one.indicator, one.measure, one.direction, line, t)
        now = t("unknown")
        if one.value is not None:
            now = words.amount(one.unit.from_fixed(one.value), one.unit, t)
        met = "–" if one.beyond_at is None else words.day(one.beyond_at.date(), t)
        tone = Tone.WARN if one.beyond else Tone.PLAIN
        rows.append((Cell(named), Cell(now, tone), Cell(met)))
    columns = (
        Column(t("condition"), wraps=True),
        Column(t("now"), right=True),
        Column(t("last beyond its line"), rank=1),
    )
    return [Table(columns, tuple(rows))]


async def remove(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    now = services.clock.now()
    async with services.database.write() as connection:
        named = await rules_named(connection, request, arguments["rules"], t)
        for rule in named.rules:
            await destinations.remove_rule(connection, rule.id, now)
        await note_act(connection, request, named.rules, ActKind.REMOVED, now)
    services.wake_outbox()
    said = [
        Paragraph(
            t("Removed: {rule}. Its history stays.", rule=title(rule, services, t)), Tone.GOOD
        )
        for rule in named.rules
    ]
    return Reply((*said, *named.rest(t)), {"removed": [rule.number for rule in named.rules]})


async def test(request: Request, services: Services, arguments: Arguments) -> Reply:
    """The message as it would look now; nothing is stored and nothing is sent elsewhere."""
    t = await translator_for(services, request)
    async with services.database.read() as connection:
        place, rule = await rule_of(connection, request, int(str(arguments["rule"])), t)
    alert = _as_if_fired(rule, place, services)
    grounds = await grounds_of(services.database, [alert])
    told = compose(Message("test", place, (alert,)), services.indicators, grounds, t)
    mark = Paragraph(t("A test: this is how it would look. Nothing has happened."), Tone.MUTED)
    # Shown to the one who asks: it mentions nobody.
    return Reply((mark, *told.blocks), told.data)


def _as_if_fired(rule: OwnRule, place: Destination, services: Services) -> Alert:
    """With the value as it is, if it is beyond its line, else just there."""
    now, value = services.clock.now(), rule.measure_value
    if value is None or not rule.rule.beyond(value):
        value = rule.rule.line
    return Alert(
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


_RULE = Param("rule", ParamKind.RULE, "its number in “alert list”")
RULES = Param("rules", ParamKind.RULES, "numbers from “alert list”, or “all”")
COMMANDS = (
    Command(
        ("alert", "list"),
        "the lines of this place",
        list_rules,
        (
            Param(
                "start",
                ParamKind.COUNT,
                "the number to begin with",
                required=False,
                keywords=("from",),
            ),
        ),
    ),
    Command(("alert", "show"), "one line with all its settings", show_rule, (_RULE,)),
    Command(("alert", "remove"), "take lines away", remove, (RULES,), changes=True),
    Command(("alert", "test"), "see a line's message as it would look", test, (_RULE,)),
)
