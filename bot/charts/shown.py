"""A chart in an answer: a picture where there can be one, the same in words everywhere else."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from decimal import Decimal

from bot import words
from bot.charts.alert_picture import theme_for
from bot.charts.alt_text import alt_text
from bot.charts.drawer import ChartFailed
from bot.charts.kinds import Chart, SeriesChart, Theme, TwoSeriesChart
from bot.commands import Request, Services
from bot.compose import WITHOUT_PICTURES
from bot.locales import Translator
from bot.replies import Block, Paragraph, Picture, Tone

log = logging.getLogger(__name__)

TREND = 40
"""Blocks in the row that stands for a picture."""


def theme_of(request: Request) -> Theme:
    return theme_for(request.place.platform)


async def shown(
    request: Request, services: Services, chart: Chart, name: str, t: Translator
) -> tuple[Block, ...]:
    """The picture; without one a sentence and a row of blocks, and why there is no picture."""
    said = alt_text(chart, t)
    if request.place.platform in WITHOUT_PICTURES:
        return _in_words(chart, said, None)
    if services.drawer is None:
        return _in_words(chart, said, t("There are no pictures here."))
    try:
        png = await services.drawer.draw(chart)
    except ChartFailed as failure:
        log.warning("the chart of %s was not drawn: %s", name, failure)
        return _in_words(chart, said, t("The picture could not be drawn; here it is in words."))
    return (Picture(png, said, f"{name}.png"),)


def _in_words(chart: Chart, said: str, why: str | None) -> tuple[Block, ...]:
    blocks = [Paragraph(said)]
    match chart:
        case SeriesChart(trace=trace):
            traces = [trace]
        case TwoSeriesChart(first=first, second=second):
            traces = [first, second]
        case _:
            traces = []
    for trace in traces:
        row = words.trend(_thinned([value for _, value in trace.points]), TREND)
        if row:
            blocks.append(Paragraph(row, Tone.MUTED))
    if why is not None:
        blocks.append(Paragraph(why, Tone.MUTED))
    return tuple(blocks)


def _thinned(values: Sequence[float]) -> list[Decimal]:
    """As many as there are blocks, evenly chosen, the last one always."""
    if len(values) > TREND:
        step = (len(values) - 1) / (TREND - 1)
        values = [values[round(n * step)] for n in range(TREND)]
    return [Decimal(repr(value)) for value in values]
