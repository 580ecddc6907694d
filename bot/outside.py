"""What others see of the service: the web side on its port, and a ping after every look."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from random import Random
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from alerts.clock import Clock
from alerts.indicators import catalogue
from alerts.platform import Platform
from alerts.store.database import Database
from bot.charts.drawer import Drawer
from bot.durability import Fleeting, fleeting
from bot.locales import translator
from bot.settings import Settings
from bot.vitals import Vitals

if TYPE_CHECKING:
    from aiohttp import web

log = logging.getLogger(__name__)


@runtime_checkable
class Called(Protocol):
    """A platform that is called from outside, as Slack is in its HTTP mode: by any replica."""

    def doors(self) -> Sequence[web.RouteDef]: ...

    def open(self) -> AbstractAsyncContextManager[object]:
        """For as long as the doors are served: what came in is waited for at the end."""
        ...


class Outside:
    """Runs beside the service; without a port and an address to ping it only measures."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        drawer: Drawer,
        vitals: Vitals,
        platforms: Sequence[Platform],
        clock: Clock,
        random: Random,
    ) -> None:
        self._settings = settings
        self._database = database
        self._drawer = drawer
        self._vitals = vitals
        self._platforms = platforms
        self._clock = clock
        self._random = random
        # Asked for before any platform runs: whoever gives doors opens no port of its own.
        self._called: Sequence[Called] = ()
        self._doors: Sequence[web.RouteDef] = ()
        if settings.port is not None:
            self._called = [one for one in platforms if isinstance(one, Called)]
            self._doors = [door for one in self._called for door in one.doors()]

    async def run(self) -> None:
        """Until cancelled. Raises CannotListen when the port is not to be had."""
        danger = self._fleeting()
        if danger is not None:
            log.warning("%s", danger.sentence(translator("en")))
        async with self._seen(danger), asyncio.TaskGroup() as group:
            group.create_task(self._vitals.measure_lag())
            if self._settings.ping_url is not None:
                # Imported here, like the server below: many have neither.
                from bot.ping import Pinger

                url = self._settings.ping_url.get_secret_value()
                pinger = Pinger(url, self._clock, self._random)
                group.create_task(pinger.run(self._vitals))

    @asynccontextmanager
    async def _seen(self, danger: Fleeting | None) -> AsyncIterator[None]:
        """On the port, where there is one."""
        if self._settings.port is None:
            yield
            return
        from bot.web.server import listening
        from bot.web.site import Site

        public_url = self._settings.public_url
        site = Site(
            self._database,
            catalogue(),
            self._clock,
            self._drawer,
            self._vitals,
            self._platforms,
            self._doors,
            None if public_url is None else str(public_url),
            danger,
        )
        async with AsyncExitStack() as stack:
            for one in self._called:
                await stack.enter_async_context(one.open())
            await stack.enter_async_context(listening(site, self._settings.port))
            yield

    def _fleeting(self) -> Fleeting | None:
        file = self._settings.database_path
        return None if file is None else fleeting(file, os.environ)
