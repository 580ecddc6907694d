"""`subscribe`, `unsubscribe`, `presets`: a preset's lines for this place."""

from __future__ import annotations

from alerts.indicators import presets
from alerts.rules import State
from alerts.store import destinations
from bot import words
from bot.answer import translator_for
from bot.commands import Arguments, Command, Param, ParamKind, Request, Services
from bot.lines import outlook
from bot.locales import Translator
from bot.places import place_of
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
        Column(t("what now"), wraps=True),
    )
    table = Table(columns, tuple(_row(one, services, t) for one in taken))
    buttons = Buttons(
        (
            Button(t("Unsubscribe again"), f"unsubscribe {preset}", replaces=True),
            Button(t("Settings"), "settings"),
        )
    )
    return Reply((Paragraph(said, Tone.GOOD), table, buttons), [_data(one) for one in taken])


def _row(one: Taken, services: Services, t: Translator) -> tuple[Cell, ...]:
    at = words.amount(one.line.line, one.on.measure.unit, t)
    named = line_title(
        services.indicators, one.indicator.key, one.line.measure, one.line.direction, at, t
    )
    tone = Tone.WARN if one.rule.state is State.FIRED else Tone.PLAIN
    return Cell(str(one.number)), Cell(named), Cell(outlook(one.rule, one.on, t), tone)


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
    blocks: list[Block] = []
    data: dict[str, Json] = {}
    for preset, lines in presets().items():
        blocks.append(Heading(f"{preset}: {about(preset, t)}"))
        rows = tuple(
            (
                Cell(words.name_of(indicator, t)),
                Cell(words.measure(line.measure, t)),
                Cell("≥" if line.direction.value == "above" else "≤"),
                Cell(words.amount(line.line, line.measure.unit(indicator.unit), t)),
                Cell(t(line.level.value)),
            )
            for indicator, line in lines
        )
        columns = (
            Column(t("indicator")),
            Column(t("measure"), rank=2),
            Column(""),
            Column(t("line"), right=True),
            Column(t("level"), rank=1),
        )
        blocks.append(Table(columns, rows))
        button = Button(t("Subscribe to {preset}", preset=preset), f"subscribe {preset}")
        if preset in mine:
            label = t("Unsubscribe from {preset}", preset=preset)
            button = Button(label, f"unsubscribe {preset}")
        blocks.append(Buttons((button,)))
        data[preset] = [{"indicator": i.key, "line": f"{line.line:f}"} for i, line in lines]
    return Reply(tuple(blocks), data)


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
    Command(("presets",), "the presets and their lines", list_presets),
)
