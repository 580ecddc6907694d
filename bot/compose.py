"""Messages in words and pictures: what a platform needs to know of the database."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

from alerts.clock import Clock
from alerts.groups import with_groups
from alerts.indicators import Indicator
from alerts.platform import Message
from alerts.store.database import Database
from alerts.store.models import DeliveryKind
from bot import messages, words
from bot.alert_text import with_picture
from bot.charts.alert_picture import AlertPictures, theme_for
from bot.locales import translator
from bot.replies import Reply

WITHOUT_PICTURES = frozenset({"terminal"})
KEPT = 64
"""So many replies are kept: one crossing is told to many places in the same words."""


@dataclass(slots=True)
class _Told:
    """What those who say the same wait for."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    reply: Reply | None = None


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
        self._told: OrderedDict[Hashable, _Told] = OrderedDict()

    async def __call__(self, message: Message) -> Reply:
        """Those who tell the same alert in the same words wait for the first of them."""
        if message.kind not in (DeliveryKind.ALERTS, DeliveryKind.EDIT):
            return await self._composed(message)
        key = _says(message)
        told = self._told.setdefault(key, _Told())
        self._told.move_to_end(key)
        if len(self._told) > KEPT:
            self._told.popitem(last=False)
        if told.reply is None:
            async with told.turn:
                if told.reply is None:
                    told.reply = await self._composed(message)
        return told.reply

    async def _composed(self, message: Message) -> Reply:
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


def _says(message: Message) -> Hashable:
    """All that the words and the picture of an alert depend on."""
    home = message.destination
    late = message.late
    return (
        home.place.platform,
        home.language,
        home.timezone,
        message.kind,
        message.away,
        message.plain,
        message.follows is not None,
        None if late is None else words.span(late, translator(home.language)),
        *((alert.told, message.stories.get(alert.rule_id or 0)) for alert in message.alerts),
    )


def _wants_picture(message: Message) -> bool:
    """An edit keeps the picture that its message has; what was missed is told in words alone."""
    return (
        message.kind is DeliveryKind.ALERTS
        and bool(message.alerts)
        and not message.away
        and not message.plain
        and message.destination.place.platform not in WITHOUT_PICTURES
    )
