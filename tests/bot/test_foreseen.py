"""The picture of a crossing is drawn while it is still being recorded for many places."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from alerts.rules import Level
from alerts.store import destinations
from alerts.store.alerts import Alert
from alerts.store.destinations import Place
from bot.charts.alert_picture import AlertPictures
from bot.foreseen import Foreseen
from bot.locales import translator
from bot.replies import Picture
from tests.bot.conftest import Talk
from tests.bot.test_charts_alert import Easel, alert_of

EN = translator("en")


@dataclass
class Studio:
    """One crossing, and whoever draws it."""

    talk: Talk
    easel: Easel
    pictures: AlertPictures
    alert: Alert
    connected: bool = True

    @property
    def foreseen(self) -> Foreseen:
        return Foreseen(
            self.talk.services.indicators,
            self.easel,
            self.pictures,
            {"slack", "terminal"},
            lambda platform: self.connected,
        )

    async def home(self, platform: str = "slack", *, quiet: tuple[int, int] | None = None) -> int:
        """The number of a place; `quiet`: its quiet hours, in minutes of the day."""
        now = self.talk.services.clock.now()
        async with self.talk.services.database.write() as connection:
            made = await destinations.find_or_make(connection, Place(platform, "T1", "C1"), now)
            if quiet is not None:
                start, end = quiet
                await destinations.choose(connection, made.id, quiet_from=start, quiet_to=end)
        return made.id

    async def foresee(self, alert: Alert, home: int) -> None:
        async with self.talk.services.database.write() as connection:
            await self.foreseen.many(connection, alert._replace(destination_id=home))

    async def shown(self) -> Picture | None:
        return await self.pictures.of(self.alert, self.talk.services.indicators, EN)


@pytest.fixture
async def studio(talk: Talk) -> Studio:
    easel = Easel()
    # Starting a process is not what is looked at here.
    easel.warm = lambda: None  # type: ignore[method-assign]
    pictures = AlertPictures(talk.services.database, easel)
    return Studio(talk, easel, pictures, await alert_of(talk))


async def test_the_message_finds_the_picture_that_was_drawn_ahead(studio: Studio) -> None:
    await studio.foresee(studio.alert, await studio.home())
    first = await studio.shown()
    assert first is not None
    assert len(studio.easel.charts) == 1
    ahead = studio.easel.charts[0]
    await AlertPictures(studio.talk.services.database, studio.easel).of(
        studio.alert, studio.talk.services.indicators, EN
    )
    assert studio.easel.charts[1] == ahead
    assert await studio.shown() is first


async def test_what_was_drawn_for_nobody_is_forgotten(studio: Studio) -> None:
    await studio.foresee(studio.alert, await studio.home())
    studio.foreseen.none()
    await studio.pictures.close()
    drawn = len(studio.easel.charts)
    assert await studio.shown() is not None
    assert len(studio.easel.charts) == drawn + 1


async def test_nothing_is_drawn_ahead_where_no_picture_is_shown_now(studio: Studio) -> None:
    now = studio.alert.created_at
    minute = now.hour * 60 + now.minute
    quiet = await studio.home(quiet=(minute, minute + 60))
    watch = studio.alert._replace(level=Level.WATCH)
    await studio.foresee(watch, quiet)
    await studio.foresee(watch, await studio.home("terminal"))
    await studio.foresee(watch, await studio.home("discord"))
    studio.connected = False
    await studio.foresee(watch, quiet)
    await studio.pictures.close()
    assert studio.easel.charts == []


async def test_a_drawing_that_fails_leaves_the_message_without_a_picture(studio: Studio) -> None:
    studio.easel.fails = True
    await studio.foresee(studio.alert, await studio.home())
    assert await studio.shown() is None
