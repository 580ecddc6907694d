"""Columns by quarter: a sum with its parts, and what is spent against what is earned."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from alerts.quantity import Unit
from bot.charts.kinds import AgainstChart, Part, StackedChart
from bot.charts.paper import MARGIN, PLAIN, WIDTH, Paper, points
from bot.charts.scales import number_ticks, quarter_ticks
from bot.locales import translator

_TOP, _BOTTOM, _KEY = 98, 86, 30
_WIDTH = 0.78
"""Of the time from one period to the next."""


def draw_stacked(chart: StackedChart) -> Paper:
    paper = Paper(chart.look, height=480)
    paper.caption(chart.caption)
    sums = _sums(chart.parts, len(chart.periods))
    known = [total for total in sums if total is not None]
    if not known:
        return _nothing(paper)
    # A history that begins later has no hole before it.
    begin = next(n for n, total in enumerate(sums) if total is not None)
    periods, sums = chart.periods[begin:], sums[begin:]
    colours = [_colour(paper, n) for n in range(len(chart.parts))]
    rows = _key(paper, [part.name for part in chart.parts], colours)
    low = sum(
        min((v for v in part.values if v is not None and v < 0), default=0.0)
        for part in chart.parts
    )
    axes = _area(paper, chart.unit, (low, max(known) * 1.06), periods, _TOP + rows * _KEY)
    day_width = _day_width(periods)
    floors = [0.0] * len(periods)
    for part, colour in zip(chart.parts, colours, strict=True):
        heights = [
            value if value is not None and total is not None else float("nan")
            for value, total in zip(part.values[begin:], sums, strict=True)
        ]
        axes.bar(
            [day.toordinal() for day in periods],
            heights,
            width=day_width,
            bottom=floors,
            color=colour,
            edgecolor=paper.palette.ground,
            linewidth=points(1),
            zorder=3,
        )
        floors = [floor + height for floor, height in zip(floors, heights, strict=True)]
    _say_unknown(axes, paper, periods, sums)
    return paper


def draw_against(chart: AgainstChart) -> Paper:
    """Columns for what is spent, a stepped line above them for what is earned."""
    paper = Paper(chart.look, height=480)
    paper.caption(chart.caption)
    known = [v for part in (chart.spent, chart.earned) for v in part.values if v is not None]
    if not known:
        return _nothing(paper)
    pairs = list(zip(chart.periods, chart.spent.values, chart.earned.values, strict=True))
    begin = next(n for n, pair in enumerate(pairs) if pair[1:] != (None, None))
    pairs = pairs[begin:]
    periods = chart.periods[begin:]
    spent, earned = paper.palette.second, paper.palette.first
    rows = _key(paper, [chart.spent.name, chart.earned.name], [spent, earned])
    limits = min(0.0, min(known)), max(known) * 1.06
    axes = _area(paper, chart.unit, limits, periods, _TOP + rows * _KEY)
    width = _day_width(periods)
    axes.bar(
        [day.toordinal() for day in periods],
        [float("nan") if value is None else value for _, value, _ in pairs],
        width=width,
        color=spent,
        alpha=0.85,
        zorder=3,
    )
    for day, _, value in pairs:
        if value is not None:
            middle = day.toordinal()
            half = width / 2 / _WIDTH
            axes.plot(
                [middle - half, middle + half],
                [value, value],
                color=earned,
                linewidth=points(5),
                solid_capstyle="butt",
                zorder=5,
            )
    _say_unknown(axes, paper, periods, [value for _, value, _ in pairs])
    return paper


def _sums(parts: Sequence[Part], count: int) -> list[float | None]:
    """A sum with an unknown part is unknown, never smaller (R4)."""
    found: list[float | None] = []
    for n in range(count):
        values = [part.values[n] for part in parts]
        known = [value for value in values if value is not None]
        found.append(sum(known) if known and len(known) == len(values) else None)
    return found


def _colour(paper: Paper, n: int) -> str:
    return paper.palette.parts[n % len(paper.palette.parts)]


def _key(paper: Paper, names: Sequence[str], colours: Sequence[str]) -> int:
    """Names with their colours, in as many rows as it takes; returns how many."""
    x, row, swatch = float(MARGIN), 0, 14
    for name, colour in zip(names, colours, strict=True):
        y = _TOP + 10 + row * _KEY
        width = paper.write(x + swatch + 8, y, name, room=WIDTH - 2 * MARGIN - swatch - 8)
        if x > MARGIN and x + swatch + 8 + width > WIDTH - MARGIN:
            paper.figure.texts[-1].remove()
            x, row = float(MARGIN), row + 1
            y += _KEY
            width = paper.write(x + swatch + 8, y, name, room=WIDTH - 2 * MARGIN - swatch - 8)
        paper.figure.add_artist(
            Rectangle(
                (x / WIDTH, 1 - (y + 1) / paper.height),
                swatch / WIDTH,
                swatch / paper.height,
                color=colour,
                linewidth=0,
            )
        )
        x += swatch + 8 + width + 26
    return row + 1


def _area(
    paper: Paper,
    unit: Unit,
    limits: tuple[float, float],
    periods: Sequence[date],
    top: float,
) -> Axes:
    language = paper.look.language
    ticks = number_ticks(*limits, unit, language)
    axes = paper.axes(top, _BOTTOM, MARGIN)
    axes.set_ylim(limits)
    axes.set_yticks([value for value, _ in ticks], [label for _, label in ticks])
    widest = max((paper.box_of(label).width for label in axes.get_yticklabels()), default=0.0)
    left = (MARGIN + widest + 8) / WIDTH
    box = axes.get_position()
    axes.set_position((left, box.y0, box.x1 - left, box.height))
    room = timedelta(days=_day_width(periods) / _WIDTH * 0.6)
    first, last = min(periods) - room, max(periods) + room
    axes.set_xlim(first.toordinal(), last.toordinal())
    days = quarter_ticks(periods, language)
    axes.set_xticks([day.toordinal() for day, _ in days], [label for _, label in days])
    return axes


def _day_width(periods: Sequence[date]) -> float:
    days = sorted(day.toordinal() for day in periods)
    steps = [later - earlier for earlier, later in pairwise(days)]
    return _WIDTH * (min(steps) if steps else 90)


def _say_unknown(
    axes: Axes, paper: Paper, periods: Sequence[date], values: Sequence[float | None]
) -> None:
    """A question mark where a column would stand for a number that nobody knows."""
    for day, value in zip(periods, values, strict=True):
        if value is None:
            axes.annotate(
                "?",
                (day.toordinal(), 0),
                xytext=(0, points(4)),
                textcoords="offset points",
                ha="center",
                size=points(PLAIN),
                color=paper.palette.muted,
            )


def _nothing(paper: Paper) -> Paper:
    t = translator(paper.look.language)
    paper.write(MARGIN, paper.height / 2, t("No values yet."), colour=paper.palette.muted)
    return paper
