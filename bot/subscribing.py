"""Taking a preset's lines, and leaving them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.indicators import Indicator, PresetLine, presets
from alerts.rules import Rule, default_rearm
from alerts.store import destinations
from alerts.store.destinations import Destination
from alerts.store.models import ActKind
from bot.commands import BadInput, Request, Services
from bot.doings import note_act
from bot.lines import Footing, begun, footing
from bot.locales import Translator
from bot.places import check_room


@dataclass(frozen=True, slots=True)
class Taken:
    """One line of a preset, and the rule that it has become here."""

    number: int
    indicator: Indicator
    line: PresetLine
    rule: Rule
    on: Footing


def about(preset: str, t: Translator) -> str:
    known = {
        "article": t("the lines that the article names"),
        "heat": t("three levels of heat for every number that rises in a bubble"),
        "crack": t("signs of a break: falls and withdrawals"),
    }
    return known.get(preset, preset)


async def subscribe_to(
    connection: AsyncConnection,
    request: Request,
    services: Services,
    place: Destination,
    preset: str,
    t: Translator,
) -> list[Taken]:
    """Raises BadInput when the place has the preset, or no room for it."""
    now = services.clock.now()
    if preset in await destinations.presets_of(connection, place.id):
        raise BadInput(t("This place has “{preset}” already; nothing was changed.", preset=preset))
    lines = presets()[preset]
    await check_room(connection, place, len(lines), t)
    subscription = await destinations.subscribe(connection, place.id, preset, now)
    taken = []
    for indicator, line in lines:
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
        taken.append(Taken(number, indicator, line, rule, on))
    return taken


async def unsubscribe_from(
    connection: AsyncConnection,
    request: Request,
    services: Services,
    place: Destination | None,
    asked: Sequence[str] | None,
    t: Translator,
) -> tuple[Sequence[str], int]:
    """End these presets, or all: (presets, rules that ended). Raises BadInput when it has none."""
    mine = await destinations.presets_of(connection, place.id) if place else []
    ended = mine if asked is None else asked
    if place is None or not ended or not set(ended) <= set(mine):
        have = t(", ").join(mine) or t("none")
        raise BadInput(t("Nothing was changed: this place is subscribed to {have}.", have=have))
    now = services.clock.now()
    rules = await destinations.rules_of(connection, place.id)
    await note_act(
        connection, request, [r for r in rules if r.preset in ended], ActKind.REMOVED, now
    )
    count = 0
    for preset in ended:
        count += await destinations.unsubscribe(connection, place.id, preset, now)
    return ended, count
