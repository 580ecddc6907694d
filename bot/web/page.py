"""The pages for people: the board with what happened lately, and one page an indicator."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from aiohttp import web

from alerts.indicators import Indicator, Section, presets
from alerts.measures import MeasureKind
from alerts.reading import Part, Reading, Status
from alerts.store.sources import SourceState
from bot import words
from bot.board import Line, Standing, board, section_name
from bot.charts.alt_text import alt_text
from bot.charts.drawer import ChartFailed
from bot.charts.kinds import Theme
from bot.commands.show import reading_reply
from bot.locales import Translator, translator
from bot.replies import Block, Cell, Column, Heading, Table, Tone
from bot.scorecard_text import headline, sentence, sides, weights_table
from bot.web import rendering
from bot.web.charts import chart_of, stamp
from bot.web.crossings import Crossing, foremost, newest_first, public_lines, told
from bot.web.language import chosen, translator_of
from bot.web.overview import Overview
from bot.web.site import Site

RECENT = 12
VALUES = 12
FEWEST_POINTS = 3
"""Less is no course: on the first page it has a row, and no chart."""
_NOT_REPUBLISHED = "yahoo"
"""Raw prices are shown to those who ask their own bot, and not republished to everyone."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart in both grounds."""

    key: str
    title: str
    light: str
    dark: str
    alt: str


@dataclass(frozen=True, slots=True)
class Told:
    """One crossing for people. `level` is a word of the style sheet, `level_name` the reader's."""

    on: str
    iso: str
    level: str
    level_name: str
    text: str
    key: str
    provisional: str


@dataclass(frozen=True, slots=True)
class Row:
    key: str
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Division:
    """A section of the board; `unknown` are the indicators without any value yet, by key."""

    id: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    unknown: Sequence[tuple[str, str]]
    unknown_title: str


def routes(site: Site) -> list[web.RouteDef]:
    async def first_page(request: web.Request) -> web.StreamResponse:
        t = translator_of(request)
        overview = await site.overviews.now()
        return rendering.page("overview.html", t, "/", _overview(site, overview, t))

    async def indicator(request: web.Request) -> web.StreamResponse:
        standing = await _asked_for(site, request)
        t = translator_of(request)
        overview = await site.overviews.now()
        path = f"/indicators/{standing.indicator.key}"
        return rendering.page("indicator.html", t, path, _indicator(overview, standing, t))

    async def chart(request: web.Request) -> web.StreamResponse:
        standing = await _asked_for(site, request)
        overview = await site.overviews.now()
        t = translator(chosen(request) or "en")
        theme = Theme.DARK if request.query.get("theme") == Theme.DARK.value else Theme.LIGHT
        crossed = overview.crossings[standing.indicator.key]
        try:
            drawn = await site.pictures.of(standing, crossed, t, theme)
        except ChartFailed as failure:
            raise web.HTTPServiceUnavailable(text=str(failure)) from failure
        if drawn is None:
            raise web.HTTPNotFound
        current = request.query.get("v") == stamp(standing)
        lasts = "public, max-age=604800, immutable" if current else "public, max-age=60"
        return web.Response(
            body=drawn.png, content_type="image/png", headers={"Cache-Control": lasts}
        )

    async def style(_: web.Request) -> web.StreamResponse:
        return _lasting(rendering.static("style.css"), "text/css")

    async def icon(_: web.Request) -> web.StreamResponse:
        return _lasting(rendering.static("icon.svg"), "image/svg+xml")

    return [
        web.get("/", first_page),
        web.get("/indicators/{key}", indicator),
        web.get("/charts/{key}.png", chart),
        web.get("/style.css", style),
        web.get("/icon.svg", icon),
    ]


def _lasting(body: bytes, content_type: str) -> web.Response:
    return web.Response(
        body=body,
        content_type=content_type,
        headers={"Cache-Control": "public, max-age=604800"},
    )


async def _asked_for(site: Site, request: web.Request) -> Standing:
    overview = await site.overviews.now()
    standing = overview.standings.get(request.match_info["key"])
    if standing is None:
        raise web.HTTPNotFound
    return standing


def _overview(site: Site, overview: Overview, t: Translator) -> dict[str, object]:
    named = {indicator.key for indicator, _ in presets().get("article", ())}
    shown = [
        one
        for key, one in overview.standings.items()
        if key in named and len(one.history) >= FEWEST_POINTS
    ]
    recent = newest_first(foremost(overview.all_crossings), RECENT)
    return {
        "title": t("Is AI a bubble?"),
        "lead": t(
            "The numbers that would tell, against the lines that the presets draw. Each with its "
            "date and its source."
        ),
        "as_of": t("As of {moment} UTC", moment=words.moment(overview.at, "UTC", t)),
        "as_of_iso": overview.at.isoformat(),
        "warning_title": t("This will not last"),
        "warning": site.fleeting.sentence(t) if site.fleeting else "",
        "card_title": t("For and against"),
        "headline": headline(overview.card, t),
        "sides": sides(overview.card, t),
        "opened": t("How the scores are made"),
        "limits": [sentence(overview.card, section, t) for section in Section],
        "weights_title": t("The scorecard's weights"),
        "weights": weights_table(overview.card, t),
        "contents": t("On this page"),
        "recent_title": t("What happened lately"),
        "recent": [_told(one, site, t) for one in recent],
        "nothing": t("No line was crossed in the last 400 days."),
        "parts": _parts(overview, t),
        "charts_title": t("Charts"),
        "figures": [_figure(one, overview.crossings[one.indicator.key], t) for one in shown],
        "sources_title": t("Sources"),
        "sources": _sources(overview.sources, overview, t),
        "no_sources": t("No source has been asked yet; the numbers are from the record."),
    }


def _for_everyone(blocks: Iterable[Block]) -> list[Block]:
    return [block for block in blocks if rendering.can_show(block)]


def _parts(overview: Overview, t: Translator) -> list[Division]:
    """The sections. Parts of a sum (`hyperscaler_debt.MSFT`) stand on the sum's own page."""
    whole = [one for key, one in overview.standings.items() if "." not in key]
    lines = {one.indicator.key: _value_lines(one.indicator) for one in whole}
    parts = []
    for section in Section:
        here = [one for one in whole if one.indicator.section is section]
        known = [one for one in here if one.newest is not None]
        unknown = [one for one in here if one.newest is None]
        table = board(known, lines, overview.at, t)
        # The first row of a board is the section's title, which is a heading here.
        rows = [
            Row(one.indicator.key, cells) for one, cells in zip(known, table.rows[1:], strict=True)
        ]
        if here:
            parts.append(
                Division(
                    section.value.replace("_", "-"),
                    section_name(section, t),
                    table.columns,
                    rows,
                    [(one.indicator.key, words.name_of(one.indicator, t)) for one in unknown],
                    t("Not known yet ({n})", n=len(unknown)),
                )
            )
    return parts


def _value_lines(indicator: Indicator) -> list[Line]:
    return [
        Line(line.unit.from_fixed(line.line), line.direction)
        for line in public_lines(indicator)
        if line.measure.kind is MeasureKind.VALUE
    ]


def _told(crossing: Crossing, site: Site, t: Translator) -> Told:
    fired = crossing.kind.value == "fired"
    level = crossing.line.level.value if fired else "good"
    return Told(
        words.day(crossing.as_of.date(), t),
        crossing.as_of.date().isoformat(),
        level,
        t(crossing.line.level.value) if fired else t("cleared"),
        told(crossing, site.indicators, t),
        crossing.indicator,
        "" if crossing.settled else t("The day is not over yet."),
    )


def _figure(standing: Standing, crossed: Sequence[Crossing], t: Translator) -> Figure:
    key = standing.indicator.key
    chart = chart_of(standing, crossed, t, Theme.LIGHT)
    address = f"/charts/{key}.png?lang={t.language}&v={stamp(standing)}"
    return Figure(
        key,
        words.name_of(standing.indicator, t),
        f"{address}&theme=light",
        f"{address}&theme=dark",
        alt_text(chart, t) if chart else "",
    )


def _sources(states: Sequence[SourceState], overview: Overview, t: Translator) -> Table:
    rows = []
    for state in states:
        answered = t("never")
        if state.answered_at is not None:
            answered = t("{age} ago", age=words.span(overview.at - state.answered_at, t))
        how = Cell(t("well"), Tone.GOOD)
        if state.trouble:
            how = Cell(t.told(state.trouble), Tone.WARN)
        rows.append((Cell(state.name), Cell(answered), how))
    columns = (Column(t("source")), Column(t("answered")), Column(t("how it is"), wraps=True))
    return Table(columns, tuple(rows))


def _indicator(overview: Overview, standing: Standing, t: Translator) -> dict[str, object]:
    indicator, reading = standing.indicator, standing.newest
    crossed = overview.crossings[indicator.key]
    blocks: list[Block] = []
    if reading is not None:
        public = _public(reading)
        blocks = list(reading_reply(indicator, public, overview.at, t).blocks)
    indicators = {key: one.indicator for key, one in overview.standings.items()}
    return {
        "title": words.name_of(indicator, t),
        "key": indicator.key,
        "blocks": [block for block in _for_everyone(blocks) if not isinstance(block, Heading)],
        "missing": "" if reading else t.told(standing.trouble or "") or words.awaited(indicator, t),
        "formula": t(indicator.formula),
        "figure": _figure(standing, crossed, t) if len(standing.history) > 1 else None,
        "lines_title": t("Lines"),
        "lines": _lines_table(indicator, t),
        "recent_title": t("What happened lately"),
        "recent": [_told_on(one, indicators, t) for one in newest_first(foremost(crossed), RECENT)],
        "values_title": t("Last values"),
        "values": _values(standing, t),
        "companies_title": t("By company"),
        "companies": _companies(overview, indicator, t),
    }


def _told_on(
    crossing: Crossing, indicators: dict[str, Indicator], t: Translator
) -> tuple[str, str]:
    return crossing.as_of.date().isoformat(), told(crossing, indicators, t)


def _public(reading: Reading) -> Reading:
    """Without what a person wrote beside a fact, and without raw prices."""
    note = None if reading.status is Status.MANUAL else reading.note
    parts = tuple(part for part in reading.parts if _is_public(part))
    return replace(reading, note=note, parts=parts)


def _is_public(part: Part) -> bool:
    return not part.source.startswith(_NOT_REPUBLISHED)


def _lines_table(indicator: Indicator, t: Translator) -> Table | None:
    rows = []
    for line in public_lines(indicator):
        sign = "≥" if line.direction.value == "above" else "≤"
        amount = words.amount(line.unit.from_fixed(line.line), line.unit, t)
        tone = Tone(line.level.value)
        rows.append(
            (
                Cell(f"{sign} {amount}"),
                Cell(words.measure(line.measure, t) or t("value")),
                Cell(t(line.level.value), tone),
                Cell(t(", ").join(line.presets)),
            )
        )
    columns = (
        Column(t("line")),
        Column(t("measure"), rank=1),
        Column(t("level")),
        Column(t("preset")),
    )
    return Table(columns, tuple(rows)) if rows else None


def _values(standing: Standing, t: Translator) -> Table | None:
    unit = standing.indicator.unit
    rows = tuple(
        (Cell(words.day(point.as_of.date(), t)), Cell(words.amount(point.value, unit, t)))
        for point in list(standing.history)[: -VALUES - 1 : -1]
    )
    return Table((Column(t("as of")), Column(t("value"), right=True)), rows) if rows else None


def _companies(
    overview: Overview, indicator: Indicator, t: Translator
) -> list[tuple[str, str, str]]:
    found = []
    for key, one in overview.standings.items():
        if key.startswith(f"{indicator.key}."):
            value = t("missing")
            if one.newest is not None:
                value = words.amount(one.newest.value, one.newest.unit, t)
            found.append((key, words.name_of(one.indicator, t), value))
    return found
