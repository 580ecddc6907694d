"""`subscribe`, `unsubscribe`, `presets`: a preset's lines for this place."""

from __future__ import annotations

from collections.abc import Sequence

from alerts.indicators import presets
from alerts.rules import Direction, State
from alerts.store import destinations
from bot import words
from bot.answer import translator_for
from bot.commands import Arguments, Command, Param, ParamKind, Request, Services
from bot.lines import outlook
from bot.locales import Translator
from bot.places import place_of, told_where
from bot.replies import (
    Block,
    Button,
    Buttons,
    Cell,
    Column,
    Heading,
    Json,
    Paragraph,
    Reply,
    Table,
    Tone,
)
from bot.rule_text import line_title
from bot.subscribing import Taken, about, subscribe_to, unsubscribe_from

DEFAULT = "article"


async def subscribe(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    preset = str(arguments.get("preset", DEFAULT))
    async with services.database.write() as connection:
        place = await place_of(connection, request, services.clock.now())
        taken = await subscribe_to(connection, request, services, place, preset, t)
    said = t("Subscribed to “{preset}”: {about}.", preset=preset, about=about(preset, t))
    columns = (
        Column(t("rule"), right=True),
        Column(t("line"), wraps=True),
        Column(t("what now"), wraps=True, rank=1),
    )
    table = Table(columns, tuple(_row(one, services, t) for one in taken))
    buttons = Buttons(
        (
            Button(t("Unsubscribe again"), f"unsubscribe {preset}", replaces=True),
            Button(t("Settings"), "settings"),
        )
    )
    after: tuple[Block, ...] = (*_without_value(taken, t), *told_where(request, t), buttons)
    blocks: list[Block] = [Paragraph(said, Tone.GOOD), table, *after]
    return Reply(tuple(blocks), [_data(one) for one in taken])


def _row(one: Taken, services: Services, t: Translator) -> tuple[Cell, ...]:
    at = words.drawn(one.line.line, one.on.measure.unit, t)
    named = line_title(
        services.indicators, one.indicator.key, one.line.measure, one.line.direction, at, t
    )
    tone = Tone.WARN if one.rule.state is State.FIRED else Tone.PLAIN
    return Cell(str(one.number)), Cell(named), Cell(_what_now(one, t), tone)


def _what_now(one: Taken, t: Translator) -> str:
    """A line that is already there says when it speaks next (R11)."""
    seen, unit = one.on.seen, one.on.measure.unit
    if seen is None:
        return t("waits for a first value")
    if one.rule.state is State.FIRED:
        return outlook(one.rule, one.on, t)
    return t(
        "now {value}", value=words.amount(unit.from_fixed(seen.value), unit, t, line=one.line.line)
    )


def _without_value(taken: Sequence[Taken], t: Translator) -> list[Paragraph]:
    """Once, however many lines it is true of."""
    waiting = (outlook(one.rule, one.on, t) for one in taken if one.on.seen is None)
    return [Paragraph(said, Tone.MUTED) for said in dict.fromkeys(waiting)]


def _data(one: Taken) -> Json:
    return {
        "rule": one.number,
        "indicator": one.indicator.key,
        "line": f"{one.line.line:f}",
        "direction": one.line.direction.value,
        "state": one.rule.state.value,
    }


async def unsubscribe(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    asked = [str(arguments["preset"])] if "preset" in arguments else None
    async with services.database.write() as connection:
        place = await destinations.find(connection, request.place)
        ended, count = await unsubscribe_from(connection, request, services, place, asked, t)
    services.wake_outbox()
    said = t(
        "Unsubscribed from {presets}; {n} lines are gone, their history stays.",
        presets=t(", ").join(ended),
        n=count,
    )
    return Reply((Paragraph(said, Tone.GOOD),), {"unsubscribed": list(ended), "rules": count})


async def list_presets(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    async with services.database.read() as connection:
        place = await destinations.find(connection, request.place)
        mine = await destinations.presets_of(connection, place.id) if place else []
    asked = [str(arguments["preset"])] if "preset" in arguments else list(presets())
    blocks: list[Block] = []
    for preset in asked:
        count = t("{n} lines", n=len(presets()[preset]))
        said = words.explained(about(preset, t), count, t)
        blocks.append(Heading(t("{name}: {what}", name=preset, what=said)))
        blocks += _lines_of(preset, t) if len(asked) == 1 else []
        blocks.append(Buttons(_buttons_of(preset, len(asked) > 1, preset in mine, t)))
    data = {
        preset: [{"indicator": i.key, "line": f"{line.line:f}"} for i, line in presets()[preset]]
        for preset in asked
    }
    return Reply(tuple(blocks), data)


def _buttons_of(preset: str, is_closed: bool, is_mine: bool, t: Translator) -> tuple[Button, ...]:
    taken = Button(t("Subscribe to {preset}", preset=preset), f"subscribe {preset}")
    if is_mine:
        label = t("Unsubscribe from {preset}", preset=preset)
        taken = Button(label, f"unsubscribe {preset}")
    if not is_closed:
        return (taken, Button(t("Presets"), "presets", replaces=True))
    count = len(presets()[preset])
    lines = Button(t("Its {n} lines", n=count), f"presets {preset}", replaces=True)
    return (lines, taken)


def _lines_of(preset: str, t: Translator) -> list[Block]:
    """What is drawn on one number stands in one row, mildest first."""
    rows: dict[tuple[str, str], list[str]] = {}
    for indicator, line in presets()[preset]:
        named = words.measured(words.name_of(indicator, t), line.measure, t)
        sign = "≥" if line.direction is Direction.ABOVE else "≤"
        at = words.drawn(line.line, line.measure.unit(indicator.unit), t)
        said = words.explained(at, t(line.level.value), t)
        rows.setdefault((named, sign), []).append(said)
    columns = (Column(t("line"), wraps=True), Column(""), Column(t("at"), wraps=True))
    cells = tuple(
        (Cell(named), Cell(sign), Cell(t(", ").join(at))) for (named, sign), at in rows.items()
    )
    return [Table(columns, cells)]


_PRESET = Param("preset", ParamKind.PRESET, "which lines", required=False)
COMMANDS = (
    Command(
        ("subscribe",),
        "give this place a preset's lines",
        subscribe,
        (_PRESET,),
        changes=True,
        examples=("/bubble subscribe", "/bubble subscribe crack"),
    ),
    Command(("unsubscribe",), "take a preset's lines away", unsubscribe, (_PRESET,), changes=True),
    Command(
        ("presets",),
        "the presets and their lines",
        list_presets,
        (_PRESET,),
        examples=("/bubble presets", "/bubble presets crack"),
    ),
)
