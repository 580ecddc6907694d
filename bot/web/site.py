"""What the pages are made of: the parts of the service that they show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from aiohttp import web

from alerts.clock import Clock
from alerts.indicators import Indicator
from alerts.platform import Platform
from alerts.store.database import Database
from bot.charts.drawer import Drawer
from bot.durability import Fleeting
from bot.vitals import Vitals
from bot.web.charts import PagePictures
from bot.web.overview import Overviews


@dataclass(frozen=True)
class Site:
    """`indicators` are those of the catalogue: what people defined for themselves is private.

    `doors` are what platforms answer here. `public_url` is how people get here. `fleeting`: the
    database lies on a disk that does not last.
    """

    database: Database
    indicators: Mapping[str, Indicator]
    clock: Clock
    drawer: Drawer
    vitals: Vitals
    platforms: Sequence[Platform] = ()
    doors: Sequence[web.RouteDef] = ()
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
