"""What the child that draws is asked to do. It imports nothing that the child has no need of."""

from __future__ import annotations

import warnings

from bot.charts.kinds import Chart


def drawn(chart: Chart) -> bytes:
    """The PNG. Blocking, and slow to begin: matplotlib is imported with the first."""
    from bot.charts.drawing import draw

    # A letter that no font has is drawn as a box; there is nobody to tell.
    warnings.filterwarnings("ignore", "Glyph .* missing")
    return draw(chart)
