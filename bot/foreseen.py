"""The picture of a crossing is drawn while it is still being recorded for thousands of places."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.indicators import Indicator
from alerts.local_time import quiet_until
from alerts.rules import Level
from alerts.store import destinations
from alerts.store.alerts import Alert
from alerts.store.destinations import Destination
from bot.charts.alert_picture import AlertPictures, theme_for
from bot.charts.drawer import Drawer
from bot.compose import WITHOUT_PICTURES
from bot.locales import translator


class Foreseen:
    """`alerts.foresight.Foresight` for those who are shown pictures."""

    def __init__(
        self,
        indicators: Mapping[str, Indicator],
        drawer: Drawer,
        pictures: AlertPictures,
        platforms: Collection[str],
        speaks_for: Callable[[str], bool],
    ) -> None:
        """`platforms` may be filled later; `speaks_for` says which of them are told by us."""
        self._indicators = indicators
        self._drawer = drawer
        self._pictures = pictures
        self._platforms = platforms
        self._speaks_for = speaks_for

    def some(self) -> None:
        if any(map(self._shows, self._platforms)):
            self._drawer.warm()

    async def many(self, connection: AsyncConnection, alert: Alert) -> None:
        """As the place of the first alert is shown it; most others speak the same language."""
        [home] = (await destinations.by_ids(connection, {alert.destination_id})).values()
        if not self._shows(home.place.platform) or _waits(alert, home):
            return
        # The process starts while the history is read.
        self._drawer.warm()
        t, theme = translator(home.language), theme_for(home.place.platform)
        await self._pictures.ahead(connection, alert, self._indicators, t, theme)

    def none(self) -> None:
        self._pictures.forget_ahead()

    def _shows(self, platform: str) -> bool:
        here = platform in self._platforms and platform not in WITHOUT_PICTURES
        return here and self._speaks_for(platform)


def _waits(alert: Alert, home: Destination) -> bool:
    """For the end of quiet hours, which what is critical does not."""
    if alert.level is Level.CRITICAL or home.quiet_from is None or home.quiet_to is None:
        return False
    now = alert.created_at
    return quiet_until(now, home.timezone, home.quiet_from, home.quiet_to) is not None
