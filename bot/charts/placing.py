"""Where a label goes: beside its point, inside the picture, and on nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import matplotlib.patheffects
import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox

from bot.charts.paper import PLAIN, Paper, points

_OUTSIDE, _ON_A_LABEL, _ON_A_LINE, _ON_A_COURSE = 1000.0, 100.0, 30.0, 1.0
_ROOM_ABOVE = 18.0
"""So many pixels above the axes are free."""
_AIR = 5.0
"""Pixels between a label and what it stands beside."""
_EVERY = 3.0
"""Pixels between two points at which a course is felt for."""

Offset = tuple[float, float, str, str]
"""Pixels right and up from the point, and which side of the text stands there."""

AROUND: Sequence[Offset] = (
    (-12, 14, "right", "bottom"),
    (12, 14, "left", "bottom"),
    (0, 18, "center", "bottom"),
    (-12, -14, "right", "top"),
    (12, -14, "left", "top"),
    (0, -18, "center", "top"),
    (-16, 40, "right", "bottom"),
    (-16, -40, "right", "top"),
    (-50, 26, "right", "bottom"),
    (-50, -26, "right", "top"),
    (16, 40, "left", "bottom"),
    (16, -40, "left", "top"),
    (-24, -70, "right", "top"),
    (24, -70, "left", "top"),
)
ABOVE_A_LINE: Sequence[Offset] = ((4, 4, "left", "bottom"), (4, -5, "left", "top"))


class Labels:
    """The labels of one set of axes."""

    def __init__(self, paper: Paper, axes: Axes) -> None:
        self._paper = paper
        self._axes = axes
        self._taken: list[Bbox] = []
        self._courses = np.empty((0, 2))

    def avoid(self, xs: Sequence[float], ys: Sequence[float]) -> None:
        """A course that labels had better not cover. Limits of the axes must be final."""
        ends = self._axes.transData.transform(np.column_stack((xs, ys)))
        felt = [self._courses]
        for start, end in pairwise(ends):
            if np.isfinite((start, end)).all():
                count = max(2, int(np.hypot(*(end - start)) / _EVERY))
                felt.append(np.linspace(start, end, count))
        self._courses = np.vstack(felt)

    def put(
        self,
        anchors: Sequence[tuple[float, float]],
        text: str,
        colour: str,
        offsets: Sequence[Offset] = AROUND,
        size: float = PLAIN,
        rows: Sequence[float] = (),
    ) -> None:
        """Write `text` beside the one of `anchors` where it covers least.

        `rows` are values across which a line runs through the whole picture.
        """
        if not text:
            return
        ground = matplotlib.patheffects.withStroke(
            linewidth=points(5), foreground=self._paper.palette.ground
        )
        heights = [float(self._axes.transData.transform((0, row))[1]) for row in rows]
        best: tuple[float, tuple[float, float], Offset] | None = None
        label = self._axes.annotate(
            text,
            anchors[0],
            xytext=(0, 0),
            textcoords="offset points",
            size=points(size),
            color=colour,
            path_effects=[ground],
            zorder=9,
        )
        for rank, (anchor, offset) in enumerate((a, o) for a in anchors for o in offsets):
            label.xy = anchor
            label.set_position((points(offset[0]), points(offset[1])))
            label.set(ha=offset[2], va=offset[3])
            box = self._paper.box_of(label)
            cost = self._cost(box) + rank * 0.1
            cost += _ON_A_LINE * sum(box.y0 - 1 < y < box.y1 + 1 for y in heights)
            if best is None or cost < best[0]:
                best = cost, anchor, offset
        if best is None:
            return
        _, label.xy, offset = best
        label.set_position((points(offset[0]), points(offset[1])))
        label.set(ha=offset[2], va=offset[3])
        self._taken.append(self._paper.box_of(label))

    def _cost(self, box: Bbox) -> float:
        area = self._axes.get_window_extent()
        outside = (
            max(0.0, area.x0 - box.x0)
            + max(0.0, box.x1 - area.x1)
            + max(0.0, area.y0 - box.y0)
            + max(0.0, box.y1 - area.y1 - _ROOM_ABOVE)
        )
        cost = float(_OUTSIDE * (outside > 1) + outside)
        cost += _ON_A_LABEL * sum(box.overlaps(other) for other in self._taken)
        x, y = self._courses[:, 0], self._courses[:, 1]
        covered = (
            (x > box.x0 - _AIR) & (x < box.x1 + _AIR) & (y > box.y0 - _AIR) & (y < box.y1 + _AIR)
        )
        return cost + _ON_A_COURSE * float(covered.sum())
