"""`alert any`: a rule over several conditions, «any 3 of these 6 within 90 days» (RULES.md R27)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.groups import indicator_of, observe_groups
from alerts.indicators import presets
from alerts.measures import VALUE
from alerts.rules import Direction, Level, Rule
from alerts.store import conditions, destinations
from alerts.store.conditions import NewCondition
from bot import words
from bot.answer import translator_for
from bot.commands import Arguments, BadInput, Command, Param, ParamKind, Request, Services
from bot.commands.alert_add import CONDITION, LEVEL, NOTE, REPEAT, add, buttons_after
from bot.grammar import read_words
from bot.lines import begun, check_distance, footing, outlook
from bot.locales import Translator, translator
from bot.places import check_room, place_of, told_where
from bot.quantities import duration
from bot.replies import Paragraph, Reply, Tone
from bot.rule_text import line_title
from bot.tickers import ask_for
from bot.wishes import Wish, wish_of

MOST = 12
_CONDITION = Command(("alert", "add"), "one condition of several", add, CONDITION)
_BETWEEN = re.compile(r"[,;、]\s+|;|\s+and\s+|、")


def _members(text: str, services: Services, t: Translator) -> list[Wish]:
    """Each condition as `alert add` would read it. Raises BadInput."""
    parts = [part.strip() for part in _BETWEEN.split(text.strip().strip("()（）")) if part.strip()]
    if not 2 <= len(parts) <= MOST:
        raise BadInput(
            t("Name two to {n} conditions with commas between: nvda below 4T, top5 above 33%.",
              n=MOST)
        )  # fmt: skip
    return [
        wish_of(
            services,
            read_words(_CONDITION, part, services.indicators, list(presets()), t),
            "UTC",
            t,
        )
        for part in parts
    ]


def _listed(wishes: list[Wish], services: Services, t: Translator) -> str:
    """«Nvidia market cap ≤ $4.00T; Top-5 weight in the S&P 500 ≥ 33.00%»."""
    said = []
    for wish in wishes:
        unit = wish.measure.unit(wish.indicator.unit)
        line = words.drawn(unit.from_fixed(wish.rule.line), unit, t)
        direction = wish.rule.direction
        said.append(
            line_title(services.indicators, wish.indicator.key, wish.measure, direction, line, t)
        )
    return t("; ").join(said)


async def _store(
    connection: AsyncConnection,
    wishes: list[Wish],
    needed: int,
    window: timedelta,
    services: Services,
    t: Translator,
) -> conditions.Group:
    now = services.clock.now()
    members = []
    for wish in wishes:
        on = await footing(connection, wish.indicator, wish.measure, now)
        check_distance(on, wish.rule.line, wish.text, words.name_of(wish.indicator, t), t)
        members.append(NewCondition(on.measure.id, wish.rule.direction, wish.rule.line))
    key = await conditions.add(connection, needed, window, members)
    await observe_groups(connection, services.indicators, now)
    (group,) = await conditions.load(connection, key)
    return group


async def run(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    now = services.clock.now()
    wishes = _members(str(arguments["conditions"]), services, t)
    needed = int(str(arguments["needed"]))
    if not 1 <= needed <= len(wishes):
        raise BadInput(t("Choose between 1 and {n} of {n} conditions.", n=len(wishes)))
    window = duration(str(arguments.get("within", "1d")), t)
    if window < timedelta(days=1):
        raise BadInput(t("The window of several conditions is a day or longer."))
    async with services.database.write() as connection:
        place = await place_of(connection, request, now)
        await check_room(connection, place, 1, t)
        await ask_for(connection, place, {wish.indicator.key for wish in wishes}, now, t)
        group = await _store(connection, wishes, needed, window, services, t)
        on = await footing(connection, indicator_of(group), VALUE, now)
        drawn = Rule(Direction.ABOVE, needed, needed)
        rule = begun(replace(drawn, once=arguments.get("repeat") == "once"), on, now)
        note = arguments.get("note")
        listed = _listed(wishes, services, translator(place.language))
        number = await destinations.add_rule(
            connection,
            place.id,
            on.measure,
            rule,
            now,
            level=Level(str(arguments.get("level", Level.WARN))),
            created_by=request.user,
            note=listed if note is None else f"{note} ({listed})",
        )
    named = _listed(wishes, services, t)
    said = t("Rule {n}: any {k} of {conditions}.", n=number, k=needed, conditions=named)
    return Reply(
        (
            Paragraph(said, Tone.GOOD),
            Paragraph(outlook(rule, on, t)),
            *told_where(request, t),
            buttons_after(number, t),
        ),
        {"rule": number, "indicator": group.key, "needed": needed, "of": len(wishes),
         "state": rule.state.value},
    )  # fmt: skip


COMMANDS = (
    Command(
        ("alert", "any"),
        "one message when several conditions are met within a time",
        run,
        (
            Param("needed", ParamKind.COUNT, "how many of them"),
            Param(
                "conditions", ParamKind.TEXT, "nvda below 4T, top5 above 33%, …", keywords=("of",)
            ),
            Param(
                "within",
                ParamKind.DURATION,
                "the time in which they are met, a day by default",
                required=False,
                keywords=("within",),
            ),
            REPEAT,
            LEVEL,
            NOTE,
        ),
        changes=True,
        examples=("/bubble alert any 2 of nvda below 4T, top5 below 28%, drawdown below -10% "
                  "within 90d",),
    ),
)  # fmt: skip
