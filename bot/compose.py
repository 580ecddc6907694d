"""Messages in words and pictures: what a platform needs to know of the database."""

from __future__ import annotations

from collections.abc import Mapping

from alerts.clock import Clock
from alerts.groups import with_groups
from alerts.indicators import Indicator
from alerts.platform import Message
from alerts.store.database import Database
from alerts.store.models import DeliveryKind
from bot import messages
from bot.alert_text import with_picture
from bot.charts.alert_picture import AlertPictures, theme_for
from bot.locales import translator
from bot.replies import Reply

WITHOUT_PICTURES = frozenset({"terminal"})


class Composer:
    """Puts messages into words, and the picture of the most severe alert beside them."""

    def __init__(
        self,
        database: Database,
        indicators: Mapping[str, Indicator],
        clock: Clock,
        pictures: AlertPictures | None = None,
    ) -> None:
        self._database = database
        self._indicators = indicators
        self._clock = clock
        self._pictures = pictures

    async def __call__(self, message: Message) -> Reply:
        now = self._clock.now()
        reply = await messages.compose(message, self._database, self._indicators, now)
        if self._pictures is None or not _wants_picture(message):
            return reply
        known = await with_groups(self._database, self._indicators)
        picture = await self._pictures.of(
            message.alerts[0],
            known,
            translator(message.destination.language),
            theme_for(message.destination.place.platform),
        )
        return reply if picture is None else with_picture(reply, picture)


def _wants_picture(message: Message) -> bool:
    """An edit keeps the picture that its message has; what was missed is told in words alone."""
    return (
        message.kind is DeliveryKind.ALERTS
        and bool(message.alerts)
        and not message.away
        and not message.plain
        and message.destination.place.platform not in WITHOUT_PICTURES
    )
