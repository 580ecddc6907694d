"""The scorecard's picture: each indicator on a strip from the lowest to the highest it ever was."""

from __future__ import annotations

from matplotlib.patches import Ellipse, Polygon, Rectangle

from bot.charts.kinds import Stand, StandsChart
from bot.charts.paper import MARGIN, PLAIN, SMALL, WIDTH, Paper
from bot.locales import translator

_TOP, _FOOT, _ROW, _HEADING = 112, 64, 40, 38
_NAMES, _VALUES = 270, 130
"""Widths of the columns at the left and at the right of the strips."""
_LEFT, _RIGHT = MARGIN + _NAMES + 16, WIDTH - MARGIN - _VALUES - 16
_BANDS = (50.0, 80.0, 95.0)
"""Where a strip gets darker."""


def draw_stands(chart: StandsChart) -> Paper:
    t = translator(chart.look.language)
    headings = sum(1 for stand in chart.stands if stand.heading)
    rows = max(1, len(chart.stands)) * _ROW + headings * _HEADING
    paper = Paper(chart.look, height=_TOP + rows + _FOOT)
    paper.caption(chart.caption)
    if not chart.stands:
        paper.write(MARGIN, _TOP + 20, t("No values yet."), colour=paper.palette.muted)
        return paper
    y = float(_TOP)
    for text, at in ((t("lowest ever"), 0.0), (t("highest ever"), 100.0)):
        x = _at(at)
        paper.write(x, y - 8, text, size=SMALL, colour=paper.palette.muted, right=at > 0)
    for stand in chart.stands:
        if stand.heading:
            y += _HEADING
            paper.write(MARGIN, y - 10, stand.heading, colour=paper.palette.muted, room=_NAMES)
        y += _ROW
        _draw_stand(paper, stand, y - _ROW / 2)
    if any(stand.claim is not None for stand in chart.stands):
        foot = t("▲ the article's figure")
        paper.write(_LEFT, paper.height - 38, foot, size=SMALL, colour=paper.palette.muted)
    return paper


def _at(percentile: float) -> float:
    return _LEFT + (_RIGHT - _LEFT) * min(100.0, max(0.0, percentile)) / 100


def _draw_stand(paper: Paper, stand: Stand, middle: float) -> None:
    palette = paper.palette
    t = translator(paper.look.language)
    base = middle + PLAIN * 0.36
    paper.write(MARGIN, base, stand.name, room=_NAMES)
    colour = palette.muted if stand.old else palette.ink
    paper.write(WIDTH - MARGIN, base, stand.value, colour=colour, right=True, room=_VALUES)
    if stand.percentile is None:
        said = t("too little history")
        paper.write(_LEFT, base, said, size=SMALL, colour=palette.muted)
        return
    _strip(paper, 0, 100, middle, palette.grid, 1.0)
    for band in _BANDS:
        _strip(paper, band, 100, middle, palette.second, 0.16)
    x, radius = _at(stand.percentile), 9.0
    paper.figure.add_artist(
        Ellipse(
            (x / WIDTH, 1 - middle / paper.height),
            2 * radius / WIDTH,
            2 * radius / paper.height,
            facecolor=palette.ground if stand.old else palette.first,
            edgecolor=palette.muted if stand.old else palette.first,
            linewidth=1.6,
        )
    )
    if stand.claim is not None:
        _pointer(paper, _at(stand.claim), middle + 9)


def _strip(
    paper: Paper, start: float, end: float, middle: float, colour: str, alpha: float
) -> None:
    half = 5.0
    paper.figure.add_artist(
        Rectangle(
            (_at(start) / WIDTH, 1 - (middle + half) / paper.height),
            (_at(end) - _at(start)) / WIDTH,
            2 * half / paper.height,
            facecolor=colour,
            alpha=alpha,
            linewidth=0,
        )
    )


def _pointer(paper: Paper, x: float, top: float) -> None:
    corners = ((x, top), (x - 6, top + 10), (x + 6, top + 10))
    paper.figure.add_artist(
        Polygon(
            [(px / WIDTH, 1 - py / paper.height) for px, py in corners],
            color=paper.palette.ink,
            linewidth=0,
        )
    )
