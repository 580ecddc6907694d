"""Two courses with their peaks on one another: Nvidia over Cisco, 1997 to 2003."""

from __future__ import annotations

from alerts.quantity import Unit
from bot.charts.kinds import AnalogueChart
from bot.charts.paper import MARGIN, WIDTH, Paper, points
from bot.charts.placing import Labels
from bot.charts.scales import log_ticks, number_label
from bot.locales import translator

_TOP, _BOTTOM, _KEY = 98, 86, 30


def draw_analogue(chart: AnalogueChart) -> Paper:
    paper = Paper(chart.look, height=480)
    paper.caption(chart.caption)
    t = translator(chart.look.language)
    both = (chart.then, paper.palette.second), (chart.now, paper.palette.first)
    values = [value for trace, _ in both for _, value in trace.points]
    if not values:
        paper.write(MARGIN, paper.height / 2, t("No values yet."), colour=paper.palette.muted)
        return paper
    x = float(MARGIN)
    for trace, colour in both:
        room = (WIDTH - 2 * MARGIN - 40) / 2
        x += paper.write(x, _TOP + 10, trace.name, colour=colour, room=room) + 40
    low, high = min(values) / 1.15, max(values) * 1.5
    ticks = log_ticks(low, high, chart.look.language)
    axes = paper.axes(_TOP + _KEY, _BOTTOM, 72)
    axes.set_yscale("log")
    axes.set_ylim(low, high)
    axes.set_yticks([value for value, _ in ticks], [label for _, label in ticks])
    axes.minorticks_off()
    years = sorted({round(x) for trace, _ in both for x, _ in trace.points} | {0})
    axes.set_xlim(years[0] - 0.1, years[-1] + 0.1)
    axes.set_xticks(years, [_year(year, chart.look.language) for year in years])
    axes.set_xlabel(t("years from the peak"), size=points(15), color=paper.palette.muted)
    axes.axvline(0, color=paper.palette.muted, linewidth=points(1.6), linestyle=(0, (2, 3)))
    for trace, colour in both:
        axes.plot(
            [x for x, _ in trace.points],
            [y for _, y in trace.points],
            color=colour,
            linewidth=points(3),
            linestyle="solid" if trace is chart.now else (0, (4, 1)),
            zorder=4,
        )
    labels = Labels(paper, axes)
    for trace, _ in both:
        labels.avoid([x for x, _ in trace.points], [y for _, y in trace.points])
    for trace, colour in both:
        if trace.points:
            top = max(trace.points, key=lambda one: one[1])
            axes.plot(*top, marker="o", markersize=points(10), color=colour, zorder=6)
            labels.put([top], trace.peak, colour)
    return paper


def _year(year: int, language: str) -> str:
    return number_label(year, Unit.POINTS, language) if year <= 0 else f"+{year}"
