"""The sheet that every picture is drawn on: size, colours, letters, header and small print.

Lengths are pixels of a picture 800 wide; it is saved at twice that, for phones. matplotlib is
used through its objects only: pyplot keeps global state.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from io import BytesIO

import numpy as np
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from PIL import Image, ImageColor

from bot.charts.fonts import FILES
from bot.charts.kinds import Caption, Look, Theme

WIDTH, HEIGHT = 800, 420
_DPI = 100
_SHARPNESS = 2
_COLOURS = 128
MARGIN = 24
TITLE, VALUE, PLAIN, SMALL = 26, 30, 18, 15
"""Sizes of letters. On a phone a picture is shown at half its width."""
_SMALLEST = 0.6
"""So far a text that is too long may shrink; then its end is cut off."""


@dataclass(frozen=True, slots=True)
class Palette:
    """Okabe and Ito's colours, which people with any colour vision tell apart, for one ground."""

    ground: str
    ink: str
    muted: str
    grid: str
    first: str
    second: str
    line: str
    parts: tuple[str, ...]


PALETTES = {
    Theme.LIGHT: Palette(
        ground="#ffffff",
        ink="#16191d",
        muted="#59616b",
        grid="#e4e7eb",
        first="#0072b2",
        second="#d55e00",
        line="#c24e00",
        parts=("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#8a8f98", "#56b4e9", "#d55e00"),
    ),
    Theme.DARK: Palette(
        ground="#1e2025",
        ink="#f4f5f7",
        muted="#a9b0ba",
        grid="#363a42",
        first="#56b4e9",
        second="#f0a35e",
        line="#ff9a5c",
        parts=("#56b4e9", "#e69f00", "#2bb98f", "#d993b8", "#8f959e", "#3d84c6", "#ef7d3a"),
    ),
}


@cache
def register_letters() -> None:
    """Once a process."""
    for file in FILES.values():
        font_manager.fontManager.addfont(file)


def points(pixels: float) -> float:
    """Pixels of the picture as typographic points, which matplotlib measures letters in."""
    return pixels * 72 / _DPI


class Paper:
    """One picture in the making."""

    def __init__(self, look: Look, *, height: int = HEIGHT) -> None:
        self.look = look
        self.palette = PALETTES[look.theme]
        self.height = height
        self.figure = Figure(
            figsize=(WIDTH / _DPI, height / _DPI), dpi=_DPI, facecolor=self.palette.ground
        )
        FigureCanvasAgg(self.figure)

    def write(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = PLAIN,
        colour: str = "",
        right: bool = False,
        room: float = WIDTH,
    ) -> float:
        """Put a text with its baseline `y` below the top; returns its width.

        `room` is how wide it may be; `right`: `x` is where it ends.
        """
        put = self.figure.text(
            x / WIDTH,
            1 - y / self.height,
            text,
            size=points(size),
            color=colour or self.palette.ink,
            ha="right" if right else "left",
            va="baseline",
        )
        return self._fit(put, room)

    def box_of(self, text: Text) -> Bbox:
        """Where a text is, in pixels from the lower left."""
        return text.get_window_extent()

    def _fit(self, text: Text, room: float) -> float:
        width = self.box_of(text).width
        if width > room:
            text.set_fontsize(float(text.get_fontsize()) * max(_SMALLEST, 0.97 * room / width))
            width = self.box_of(text).width
        while width > room and (shown := text.get_text().rstrip("…")):
            kept = min(len(shown) - 1, int(len(shown) * room / width))
            text.set_text(shown[:kept].rstrip() + "…")
            width = self.box_of(text).width
        return width

    def caption(self, caption: Caption) -> None:
        """Title and subtitle at the left, the last value at the right, small print below."""
        muted = self.palette.muted
        end = WIDTH - MARGIN
        value = 0.0
        if caption.value:
            colour = self.palette.line if caption.struck else self.palette.ink
            value = self.write(
                end, 50, caption.value, size=VALUE, colour=colour, right=True, room=300
            )
        note = 0.0
        if caption.value_note:
            note = self.write(
                end, 76, caption.value_note, size=SMALL, colour=muted, right=True, room=300
            )
        room = WIDTH - 2 * MARGIN - 20
        self.write(MARGIN, 46, caption.title, size=TITLE, room=room - value)
        self.write(MARGIN, 74, caption.subtitle, size=PLAIN, colour=muted, room=room - note)
        foot = self.height - 14
        self.write(MARGIN, foot, caption.footer, size=SMALL, colour=muted, room=room)

    def axes(self, top: float, bottom: float, left: float, right: float = MARGIN) -> Axes:
        """An area whose edges are so many pixels from those of the picture."""
        height = self.height
        axes = self.figure.add_axes(
            (
                left / WIDTH,
                bottom / height,
                (WIDTH - left - right) / WIDTH,
                (height - top - bottom) / height,
            ),
            facecolor="none",
        )
        for side in ("left", "right", "top"):
            axes.spines[side].set_visible(False)
        axes.spines["bottom"].set_color(self.palette.muted)
        axes.tick_params(
            axis="both",
            length=0,
            pad=points(6),
            labelsize=points(PLAIN),
            labelcolor=self.palette.muted,
        )
        axes.tick_params(axis="x", length=points(5), color=self.palette.muted)
        axes.grid(axis="y", color=self.palette.grid, linewidth=points(1.2))
        axes.set_axisbelow(True)
        return axes

    def png(self) -> bytes:
        """Twice as sharp as it is wide; a third as large with 128 colours as with all of them."""
        raw = BytesIO()
        self.figure.savefig(raw, format="raw", dpi=_DPI * _SHARPNESS, facecolor=self.palette.ground)
        size = WIDTH * _SHARPNESS, self.height * _SHARPNESS
        drawn = Image.frombytes("RGBA", size, raw.getvalue()).convert("RGB")
        few = drawn.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        # The ground is not to be a shade off: it may lie on one of the same colour.
        palette = few.getpalette() or []
        at = int(np.asarray(few)[0, 0])
        palette[3 * at : 3 * at + 3] = ImageColor.getrgb(self.palette.ground)[:3]
        few.putpalette(palette)
        file = BytesIO()
        few.save(file, "PNG")
        return file.getvalue()
