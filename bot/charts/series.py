"""One indicator over time, and two."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

from matplotlib.axes import Axes

from bot.charts.kinds import Line, Mark, SeriesChart, Trace, TwoSeriesChart
from bot.charts.paper import MARGIN, PLAIN, SMALL, WIDTH, Paper, points
from bot.charts.placing import ABOVE_A_LINE, Labels
from bot.charts.scales import date_ticks, number_ticks
from bot.locales import translator

_TOP, _BOTTOM = 98, 86
_SINGLE = 45
"""With at most so many values each is shown as a dot."""
_COMPARABLE = 6
"""So many times the size of the other an indicator may be on the same scale."""
_ALONE = timedelta(days=15)
"""Shown on both sides of a single value."""


def draw_series(chart: SeriesChart) -> Paper:
    paper = Paper(chart.look)
    paper.caption(chart.caption)
    values = [value for _, value in chart.trace.points]
    if not values:
        _say_nothing(paper)
        return paper
    around = [line.value for line in chart.lines] + [mark.value for mark in chart.marks]
    low, high = padded(min(values + around), max(values + around))
    first, last = _span([chart.trace.points[0][0], chart.trace.points[-1][0]])
    axes = _area(paper, chart.trace, (low, high), (first, last), top=_TOP, bottom=_BOTTOM)
    course(axes, chart.trace, paper.palette.first, paper.palette.muted)
    labels = Labels(paper, axes)
    labels.avoid(*_numbers(chart.trace))
    _draw_lines(axes, labels, chart.lines, (low, high), paper)
    _draw_marks(axes, labels, chart.marks, paper)
    return paper


def draw_two(chart: TwoSeriesChart) -> Paper:
    """One scale for both when they share it; else each has its own half of the picture."""
    shared = _share_a_scale(chart.first, chart.second)
    paper = Paper(chart.look, height=420 if shared else 560)
    paper.caption(chart.caption)
    traces = [trace for trace in (chart.first, chart.second) if trace.points]
    if not traces:
        _say_nothing(paper)
        return paper
    span = _span([trace.points[end][0] for trace in traces for end in (0, -1)])
    colours = (paper.palette.first, paper.palette.second)
    if shared:
        _on_one_scale(paper, (chart.first, chart.second), span, colours)
        return paper
    half = (paper.height - _TOP - _BOTTOM - 40) // 2
    edges = ((_TOP + 30, paper.height - _TOP - half), (paper.height - _BOTTOM - half + 30, _BOTTOM))
    areas: list[Axes] = []
    for trace, colour, (top, bottom) in zip(
        (chart.first, chart.second), colours, edges, strict=True
    ):
        paper.write(MARGIN, top - 16, _named(trace), colour=colour, room=WIDTH - 2 * MARGIN)
        values = [value for _, value in trace.points]
        limits = padded(min(values), max(values)) if values else (0.0, 1.0)
        axes = _area(paper, trace, limits, span, top=top, bottom=bottom, most=4)
        course(axes, trace, colour, paper.palette.muted)
        areas.append(axes)
    areas[0].tick_params(axis="x", labelbottom=False)
    # The same day stands at the same place in both.
    left = max(axes.get_position().x0 for axes in areas)
    for axes in areas:
        box = axes.get_position()
        axes.set_position((left, box.y0, box.x1 - left, box.height))
    return paper


def _share_a_scale(one: Trace, other: Trace) -> bool:
    """The same unit, and sizes of which neither is flat beside the other."""
    if one.unit is not other.unit:
        return False
    sizes = [max((abs(value) for _, value in trace.points), default=0.0) for trace in (one, other)]
    return not all(sizes) or max(sizes) <= _COMPARABLE * min(sizes)


def _on_one_scale(
    paper: Paper, traces: Sequence[Trace], span: tuple[date, date], colours: Sequence[str]
) -> None:
    values = [value for trace in traces for _, value in trace.points]
    limits = padded(min(values), max(values))
    axes = _area(paper, traces[0], limits, span, top=_TOP + 30, bottom=_BOTTOM)
    x = float(MARGIN)
    for trace, colour in zip(traces, colours, strict=True):
        room = (WIDTH - 2 * MARGIN - 40) / 2
        x += paper.write(x, _TOP + 10, _named(trace), colour=colour, room=room) + 40
        course(axes, trace, colour, paper.palette.muted, dashed=colour == colours[1])


def _named(trace: Trace) -> str:
    return f"{trace.name}  {trace.last}" if trace.last else trace.name


def _say_nothing(paper: Paper) -> None:
    t = translator(paper.look.language)
    paper.write(MARGIN, paper.height / 2, t("No values yet."), colour=paper.palette.muted)


def _span(days: Sequence[date]) -> tuple[date, date]:
    first, last = min(days), max(days)
    return (first - _ALONE, last + _ALONE) if first == last else (first, last)


def padded(low: float, high: float, *, share: float = 0.12) -> tuple[float, float]:
    """A range with some air around it; a single value gets some of its own size."""
    air = (high - low) * share or abs(high) * 0.05 or 1.0
    return low - air, high + air


def _area(
    paper: Paper,
    trace: Trace,
    limits: tuple[float, float],
    span: tuple[date, date],
    *,
    top: float,
    bottom: float,
    most: int = 5,
) -> Axes:
    """Axes whose left edge leaves room for the longest number."""
    language = paper.look.language
    ticks = number_ticks(*limits, trace.unit, language, most)
    axes = paper.axes(top, bottom, MARGIN, MARGIN)
    axes.set_yticks([value for value, _ in ticks], [label for _, label in ticks])
    axes.set_ylim(limits)
    widest = max((paper.box_of(label).width for label in axes.get_yticklabels()), default=0.0)
    left = MARGIN + widest + 8
    axes.set_position(
        (
            left / WIDTH,
            bottom / paper.height,
            (WIDTH - left - MARGIN) / WIDTH,
            (paper.height - top - bottom) / paper.height,
        )
    )
    numbers = [float(day.toordinal()) for day in span]
    air = (numbers[1] - numbers[0]) * 0.02
    axes.set_xlim(numbers[0] - air, numbers[1] + air)
    days = date_ticks(*span, language)
    axes.set_xticks([day.toordinal() for day, _ in days], [label for _, label in days])
    return axes


def _numbers(trace: Trace) -> tuple[list[float], list[float]]:
    """The course as numbers, with a break in each hole."""
    xs: list[float] = []
    ys: list[float] = []
    before: date | None = None
    for day, value in trace.points:
        if before is not None and (day - before).days > trace.longest_gap:
            xs.append(float(before.toordinal()) + 0.5)
            ys.append(float("nan"))
        xs.append(float(day.toordinal()))
        ys.append(value)
        before = day
    return xs, ys


def course(axes: Axes, trace: Trace, colour: str, bridge: str, *, dashed: bool = False) -> None:
    """The values as a line; dots where there are few, or one stands between two holes."""
    if not trace.points:
        return
    xs, ys = _numbers(trace)
    axes.plot(
        xs,
        ys,
        color=colour,
        linewidth=points(3),
        linestyle=(0, (4, 1.5)) if dashed else "solid",
        solid_capstyle="round",
        solid_joinstyle="round",
        zorder=4,
    )
    _bridge_holes(axes, trace, bridge)
    days = [day for day, _ in trace.points]
    apart = [True, *((b - a).days > trace.longest_gap for a, b in pairwise(days)), True]
    few = len(days) <= _SINGLE
    dots = [
        (float(day.toordinal()), value)
        for n, (day, value) in enumerate(trace.points)
        if few or (apart[n] and apart[n + 1])
    ]
    last = trace.points[-1]
    dots.append((float(last[0].toordinal()), last[1]))
    axes.plot(
        [x for x, _ in dots],
        [y for _, y in dots],
        linestyle="none",
        marker="o",
        markersize=points(8),
        color=colour,
        clip_on=False,
        zorder=5,
    )


def _bridge_holes(axes: Axes, trace: Trace, colour: str) -> None:
    """Faint dots lead the eye over a hole; nobody takes them for values."""
    for (before, low), (after, high) in pairwise(trace.points):
        if (after - before).days > trace.longest_gap:
            axes.plot(
                [float(before.toordinal()), float(after.toordinal())],
                [low, high],
                color=colour,
                alpha=0.7,
                linewidth=points(1.6),
                linestyle=(0, (1, 4)),
                zorder=2,
            )


def _draw_lines(
    axes: Axes,
    labels: Labels,
    lines: Sequence[Line],
    limits: tuple[float, float],
    paper: Paper,
) -> None:
    ends = axes.get_xlim()
    width = axes.get_xlim()[1] - axes.get_xlim()[0]
    # The grounds of several lines would lie on one another.
    shaded = sum(1 for line in lines if line.above is not None) == 1
    starts = [axes.get_xlim()[0] + width * share for share in (0.0, 0.3, 0.55)]
    for line in lines:
        colour = paper.palette.muted if line.faint else paper.palette.line
        axes.axhline(
            line.value,
            color=colour,
            linewidth=points(1.6 if line.faint else 2.4),
            linestyle=(0, (2, 3)) if line.faint else (0, (7, 3)),
            zorder=3,
        )
        if line.above is not None and shaded:
            beyond = limits[1] if line.above else limits[0]
            axes.axhspan(line.value, beyond, color=colour, alpha=0.09, linewidth=0, zorder=1)
        anchors = [(x, line.value) for x in starts]
        size = SMALL if line.faint else PLAIN
        others = [other.value for other in lines if other is not line]
        labels.put(anchors, line.label, colour, ABOVE_A_LINE, size, rows=others)
    for line in lines:
        labels.avoid(ends, (line.value, line.value))


def _draw_marks(axes: Axes, labels: Labels, marks: Sequence[Mark], paper: Paper) -> None:
    for mark in marks:
        at = float(mark.on.toordinal()), mark.value
        axes.plot(
            [at[0]],
            [at[1]],
            linestyle="none",
            marker="o",
            markersize=points(16),
            markerfacecolor=paper.palette.ground,
            markeredgecolor=paper.palette.line,
            markeredgewidth=points(3.5),
            clip_on=False,
            zorder=6,
        )
        labels.put([at], mark.label, paper.palette.ink)
