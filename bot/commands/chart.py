"""`chart`: one indicator with its lines and alerts, two on one picture, and special pictures."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from alerts.indicators import Indicator, presets
from alerts.measures import VALUE, Point, Window
from alerts.rules import Kind, Rule, State, default_rearm
from alerts.store import alerts as alert_store
from alerts.store import destinations, observations
from bot import words
from bot.answer import translator_for
from bot.charts import special
from bot.charts.from_history import default_span, indicator_chart, latest, trace_of, two_chart
from bot.charts.kinds import Chart
from bot.charts.shown import shown, theme_of
from bot.commands import Arguments, BadInput, Command, Param, ParamKind, Request, Services
from bot.locales import Translator
from bot.past import known_past
from bot.replies import Block, Button, Buttons, Paragraph, Reply, Tone

MOST_READINGS = 400
MOST_ALERTS = 200
MOST_LINES = 4
"""More lines than these would cover the course."""


async def run(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    indicator = services.indicators[str(arguments["indicator"])]
    span = _span(arguments, t)
    name = indicator.key
    notes: list[Block] = []
    chart: Chart | None = None
    if "other" in arguments:
        other = services.indicators[str(arguments["other"])]
        chart = await _two(request, services, indicator, other, span, t)
        name = f"{indicator.key}-{other.key}"
    elif special.is_special(indicator.key) and "plain" not in arguments:
        chart = await _special(request, services, indicator, t)
        if chart is None:
            notes = _why_plain(indicator, t)
    if chart is None:
        chart = await _one(request, services, indicator, span, t)
    blocks = await shown(request, services, chart, name, t)
    buttons = Buttons((Button(t("What it rests on"), f"show {indicator.key}"),))
    return Reply((*blocks, *notes, buttons), {"chart": name})


def _span(arguments: Arguments, t: Translator) -> Window | None:
    if "span" not in arguments:
        return None
    text = str(arguments["span"])
    try:
        return Window.parse(text)
    except ValueError as error:
        raise BadInput(
            t("“{text}” is not a window. Write 30d, 4mo, 1y or all.", text=text)
        ) from error


async def _history(
    services: Services, indicator: Indicator, span: Window | None, t: Translator
) -> Sequence[Point]:
    """What is to be seen. Raises BadInput when there is nothing."""
    known = await known_past(services, indicator)
    if not known:
        name = words.name_of(indicator, t)
        raise BadInput(t("Nothing has been observed of {name} yet.", name=name))
    if span is None:
        return latest(known, default_span(indicator.cadence))
    start = span.start(known[-1].as_of)
    return [point for point in known if start is None or point.as_of >= start]


async def _one(
    request: Request,
    services: Services,
    indicator: Indicator,
    span: Window | None,
    t: Translator,
) -> Chart:
    history = await _history(services, indicator, span, t)
    async with services.database.read() as connection:
        place = await destinations.find(connection, request.place)
        own = await destinations.rules_of(connection, place.id) if place else []
        told = (
            await alert_store.recent(connection, place.id, MOST_ALERTS, indicator.key)
            if place
            else []
        )
        newest = await observations.newest(connection, indicator.key)
    rules = [
        rule.rule
        for rule in own
        if rule.indicator == indicator.key
        and rule.measure == VALUE
        and rule.rule.state is not State.DONE
    ]
    crossings = [
        Point(alert.as_of, alert.unit.from_fixed(alert.value))
        for alert in reversed(told)
        if alert.kind is Kind.FIRED and alert.measure == VALUE and alert.value is not None
    ]
    source = "" if newest is None else t("source {source}", source=newest.reading.source)
    return indicator_chart(
        indicator,
        history,
        t,
        rules=(rules or _article_lines(indicator))[:MOST_LINES],
        crossings=crossings,
        source=source,
        theme=theme_of(request),
    )


def _article_lines(indicator: Indicator) -> list[Rule]:
    """Where nobody has drawn a line: those of the article."""
    found = []
    for one, preset in presets().get("article", ()):
        if one.key == indicator.key and preset.measure == VALUE:
            line = indicator.unit.to_fixed(preset.line)
            found.append(Rule(preset.direction, line, default_rearm(preset.direction, line)))
    return found


async def _two(
    request: Request,
    services: Services,
    first: Indicator,
    second: Indicator,
    span: Window | None,
    t: Translator,
) -> Chart:
    """Over the days of the longer usual span, so that both have a course."""
    if first.key == second.key:
        raise BadInput(t("That is the same indicator twice."))
    histories = [await known_past(services, one) for one in (first, second)]
    for one, history in zip((first, second), histories, strict=True):
        if not history:
            name = words.name_of(one, t)
            raise BadInput(t("Nothing has been observed of {name} yet.", name=name))
    end = max(history[-1].as_of for history in histories)
    start: datetime | None = end - max(default_span(first.cadence), default_span(second.cadence))
    if span is not None:
        start = span.start(end)
    seen = [[p for p in history if start is None or p.as_of >= start] for history in histories]
    traces = [trace_of(one, part, t) for one, part in zip((first, second), seen, strict=True)]
    return two_chart(traces[0], traces[1], t, theme=theme_of(request))


async def _special(
    request: Request, services: Services, indicator: Indicator, t: Translator
) -> Chart | None:
    theme = theme_of(request)
    if indicator.key == special.ANALOGUE:
        return special.then_and_now(await services.evidence.evidence(), theme, t)
    key = special.needs_readings_of(indicator.key)
    if key is None:
        return None
    async with services.database.read() as connection:
        found = await observations.since(connection, key, None, MOST_READINGS)
    readings = [one.reading for one in found if one.reading.status.moves_rules]
    return special.from_readings(services, indicator.key, readings, theme, t)


def _why_plain(indicator: Indicator, t: Translator) -> list[Block]:
    if indicator.key != special.ANALOGUE:
        return []
    said = t(
        "Cisco's prices from 1997 to 2003 are not known here yet; without them this is the "
        "ratio alone. “show price(CSCO)” has them looked up."
    )
    button = Button(t("Look them up"), f"show price({special.THEN})")
    return [Paragraph(said, Tone.MUTED), Buttons((button,))]


COMMANDS = (
    Command(
        ("chart",),
        "a picture of one indicator, or of two",
        run,
        (
            Param("indicator", ParamKind.INDICATOR, "which one"),
            Param(
                "other",
                ParamKind.INDICATOR,
                "a second one on the same picture",
                required=False,
                keywords=("with", "and"),
            ),
            Param(
                "span",
                ParamKind.TEXT,
                "how far back: 30d, 4mo, 2y, all",
                required=False,
                keywords=("last", "span"),
                bare=True,
            ),
            Param(
                "plain",
                ParamKind.FLAG,
                "the course alone, where there is a special picture",
                required=False,
                keywords=("plain",),
            ),
        ),
        examples=(
            "/bubble chart nvidia_market_cap",
            "/bubble chart top5 with nvda last 1y",
            "/bubble chart hyperscaler_debt",
        ),
    ),
)
