"""A drawer for tests that look at what is drawn, not at pixels."""

from __future__ import annotations

from dataclasses import replace

from bot.charts.drawer import ChartFailed
from bot.charts.kinds import Chart
from bot.replies import Picture, Reply
from tests.bot.conftest import Talk

PNG = b"\x89PNG\r\n\x1a\n"


class Sketches:
    """Keeps every chart; refuses to draw when told to."""

    def __init__(self) -> None:
        self.charts: list[Chart] = []
        self.broken = False

    async def draw(self, chart: Chart) -> bytes:
        if self.broken:
            raise ChartFailed("no paper")
        self.charts.append(chart)
        return PNG


def with_pictures(talk: Talk, platform: str = "discord") -> Sketches:
    """From now on the talk happens where there are pictures."""
    sketches = Sketches()
    talk.services = replace(talk.services, drawer=sketches)
    talk.request = replace(talk.request, place=replace(talk.request.place, platform=platform))
    return sketches


def pictures(reply: Reply) -> list[Picture]:
    return [block for block in reply.blocks if isinstance(block, Picture)]
