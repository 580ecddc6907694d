"""What the pages are made of: the parts of the service that they show."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from aiohttp import web

from alerts.clock import Clock
from alerts.indicators import Indicator
from alerts.platform import Platform
from alerts.store.database import Database
from bot.charts.drawer import Drawer
from bot.doors import Doors
from bot.durability import Fleeting
from bot.locales import Translator
from bot.replies import Reply
from bot.vitals import Vitals
from bot.web.charts import PagePictures
from bot.web.overview import Overviews

Panel = Callable[[Translator], Awaitable[Reply]]
"""A further part of the first page: what a command answers, in the visitor's language.

Its reply is shown to everyone, so it must not say anything about a place.
"""


@dataclass(frozen=True)
class Site:
    """`panels` stand on the first page before the board; `public_url` is how people get here.

    `fleeting`: the database lies on a disk that does not last.
    """

    database: Database
    indicators: Mapping[str, Indicator]
    clock: Clock
    drawer: Drawer
    vitals: Vitals
    platforms: Sequence[Platform] = ()
    doors: Doors = field(default_factory=Doors)
    panels: Sequence[Panel] = ()
    public_url: str | None = None
    fleeting: Fleeting | None = None

    @cached_property
    def overviews(self) -> Overviews:
        return Overviews(self.database, self.indicators, self.clock)

    @cached_property
    def pictures(self) -> PagePictures:
        return PagePictures(self.drawer)

    def address(self, request: web.Request) -> str:
        """Where this service is reached, without a slash at the end."""
        return (self.public_url or str(request.url.origin())).rstrip("/")
