"""A chart to a PNG. Pure, slow to import, and blocking: for the child process (worker.py)."""

from __future__ import annotations

import matplotlib

from bot.charts.analogue import draw_analogue
from bot.charts.columns import draw_against, draw_stacked
from bot.charts.fonts import families
from bot.charts.kinds import (
    AgainstChart,
    AnalogueChart,
    Chart,
    SeriesChart,
    StackedChart,
    StandsChart,
    TwoSeriesChart,
)
from bot.charts.paper import Paper, register_letters
from bot.charts.series import draw_series, draw_two
from bot.charts.stands import draw_stands


def draw(chart: Chart) -> bytes:
    register_letters()
    # Names may hold dollars, which begin no formula.
    with matplotlib.rc_context(
        {
            "font.family": families(chart.look.language),
            "text.parse_math": False,
            "axes.unicode_minus": True,
        }
    ):
        return _on_paper(chart).png()


def _on_paper(chart: Chart) -> Paper:
    match chart:
        case SeriesChart():
            return draw_series(chart)
        case TwoSeriesChart():
            return draw_two(chart)
        case AnalogueChart():
            return draw_analogue(chart)
        case StackedChart():
            return draw_stacked(chart)
        case AgainstChart():
            return draw_against(chart)
        case StandsChart():
            return draw_stands(chart)
