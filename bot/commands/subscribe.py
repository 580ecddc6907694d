"""`subscribe`, `unsubscribe`, `presets`: a preset's lines for this place."""

from __future__ import annotations

from alerts.indicators import presets
from alerts.rules import Rule, State, default_rearm
from alerts.store import destinations
from bot import words
from bot.answer import translator_for
from bot.commands import Arguments, BadInput, Command, Param, ParamKind, Request, Services
from bot.lines import begun, footing, outlook
from bot.locales import Translator
from bot.replies import Block, Cell, Column, Heading, Json, Paragraph, Reply, Table, Tone

DEFAULT = "article"


def about(preset: str, t: Translator) -> str:
    known = {
        "article": t("the lines that the article names"),
        "heat": t("three levels of heat for every number that rises in a bubble"),
        "crack": t("signs of a break: falls and withdrawals"),
    }
    return known.get(preset, preset)


async def subscribe(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    preset = str(arguments.get("preset", DEFAULT))
    now = services.clock.now()
    rows: list[tuple[Cell, ...]] = []
    data: list[Json] = []
    async with services.database.write() as connection:
        place = await destinations.find_or_make(connection, request.place, now)
        if preset in await destinations.presets_of(connection, place.id):
            raise BadInput(
                t("This place has “{preset}” already; nothing was changed.", preset=preset)
            )
        subscription = await destinations.subscribe(connection, place.id, preset, now)
        for indicator, line in presets()[preset]:
            on = await footing(connection, indicator, line.measure, now)
            fixed = on.measure.unit.to_fixed(line.line)
            drawn = Rule(line.direction, fixed, default_rearm(line.direction, fixed))
            rule = begun(drawn, on, now)
            number = await destinations.add_rule(
                connection,
                place.id,
                on.measure,
                rule,
                now,
                level=line.level,
                created_by=request.user,
                subscription_id=subscription,
            )
            name = words.name_of(indicator, t)
            if of := words.measure(line.measure, t):
                name = f"{name}, {of}"
            sign = "≥" if line.direction.value == "above" else "≤"
            at = words.amount(line.line, on.measure.unit, t)
            there = rule.state is State.FIRED
            rows.append(
                (
                    Cell(str(number)),
                    Cell(f"{name} {sign} {at}"),
                    Cell(outlook(rule, on, t), Tone.WARN if there else Tone.PLAIN),
                )
            )
            data.append(
                {
                    "rule": number,
                    "indicator": indicator.key,
                    "line": f"{line.line:f}",
                    "direction": line.direction.value,
                    "state": rule.state.value,
                }
            )
    said = t("Subscribed to “{preset}”: {about}.", preset=preset, about=about(preset, t))
    columns = (
        Column(t("rule"), right=True),
        Column(t("line"), wraps=True),
        Column(t("what now"), wraps=True),
    )
    return Reply((Paragraph(said, Tone.GOOD), Table(columns, tuple(rows))), data)


async def unsubscribe(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    async with services.database.write() as connection:
        place = await destinations.find(connection, request.place)
        mine = await destinations.presets_of(connection, place.id) if place else []
        asked = arguments.get("preset")
        ended = [str(asked)] if asked is not None else mine
        if place is None or not ended or ended[0] not in mine:
            have = ", ".join(mine) or t("none")
            raise BadInput(t("Nothing was changed: this place is subscribed to {have}.", have=have))
        count = 0
        for preset in ended:
            count += await destinations.unsubscribe(
                connection, place.id, preset, services.clock.now()
            )
    said = t(
        "Unsubscribed from {presets}; {n} lines are gone, their history stays.",
        presets=", ".join(ended),
        n=count,
    )
    return Reply((Paragraph(said, Tone.GOOD),), {"unsubscribed": list(ended), "rules": count})


async def list_presets(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    blocks: list[Block] = []
    data: dict[str, Json] = {}
    for preset, lines in presets().items():
        blocks.append(Heading(f"{preset}: {about(preset, t)}"))
        listed = [(words.name_of(i, t), i, line) for i, line in lines]
        rows = tuple(
            (
                Cell(name),
                Cell(words.measure(line.measure, t)),
                Cell("≥" if line.direction.value == "above" else "≤"),
                Cell(words.amount(line.line, line.measure.unit(i.unit), t)),
                Cell(t(line.level.value)),
            )
            for name, i, line in listed
        )
        columns = (
            Column(t("indicator")),
            Column(t("measure"), rank=2),
            Column(""),
            Column(t("line"), right=True),
            Column(t("level"), rank=1),
        )
        blocks.append(Table(columns, rows))
        data[preset] = [{"indicator": i.key, "line": f"{line.line:f}"} for _, i, line in listed]
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
