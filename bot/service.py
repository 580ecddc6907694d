"""`bubblewatch run`: the watch, the outbox and every configured platform, until stopped."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Sequence
from functools import partial
from random import Random
from typing import TYPE_CHECKING

from alerts import correlation
from alerts.clock import Clock
from alerts.leadership import release_leases_of_dead
from alerts.platform import Platform
from alerts.schedule import FINISH_WITHIN_S, Schedule
from alerts.watch import TickReport
from bot.app import SCHEDULE, App, connection_to, open_app, sole_process
from bot.connections import keep_connected
from bot.locales import translator
from bot.platforms import Connected, Context, configured
from bot.platforms.terminal import TerminalPlatform
from bot.settings import Settings
from bot.web import CannotListen
from bot.welcome import TerminalSession

if TYPE_CHECKING:
    from rich.console import Console

log = logging.getLogger(__name__)


async def run(settings: Settings, clock: Clock, console: Console, *, plays: bool) -> int:
    """Until SIGTERM or SIGINT. Returns the exit code: 1 when no platform would have us.

    The terminal takes part where a person sits at one, and where nothing else is configured.
    """
    language = settings.spoken

    def platforms(context: Context) -> Sequence[Platform]:
        found = configured(context)
        if found and not console.is_terminal:
            return found
        return (*found, TerminalPlatform(settings.transcript_path, console, context.compose))

    with sole_process(settings):
        async with open_app(settings, clock, platforms, Random()) as app:
            stop = asyncio.Event()
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, stop.set)
            t = translator(language)
            console.print(
                t("bubblewatch is watching. Stop it with Ctrl-C."), style="bold", highlight=False
            )
            console.print(app.desk.database.place, style="dim", highlight=False)
            session = None
            if any(isinstance(one, TerminalPlatform) for one in app.platforms):
                session = TerminalSession(app, console, language)
            code = await _Service(app, clock, session).run(stop, plays=plays)
            console.print(t("Stopped. Everything is kept."), style="bold", highlight=False)
    return code


class _Service:
    """Everything that runs at once, and how it ends."""

    def __init__(self, app: App, clock: Clock, session: TerminalSession | None) -> None:
        self._app = app
        self._clock = clock
        self._session = session
        self._unseen = False

    async def run(self, stop: asyncio.Event, *, plays: bool) -> int:
        """Steps that can be said aloud.

        1. Take back what an earlier process had in hand.
        2. Connect every platform, and look at all sources.
        3. At a terminal: welcome the person there.
        4. Watch, deliver and answer until `stop`, or until no platform is left.

        Of several replicas on one database each answers and delivers; one of them watches, and
        one holds each platform's connection.
        """
        leadership = self._app.leadership
        if leadership.alone:
            await self._app.outbox.release_leases()
        async with leadership.kept(), asyncio.TaskGroup() as group:
            looking = group.create_task(self._first_look() if leadership.alone else _nothing())
            stopping = group.create_task(stop.wait())
            showing = group.create_task(self._show(stop))
            notices = self._app.notices
            telling = group.create_task(_nothing() if notices is None else notices.run())
            connections = [
                group.create_task(
                    leadership.while_mine(
                        connection_to(one.name),
                        partial(
                            keep_connected,
                            one.name,
                            one,
                            self._clock,
                            Random(),
                            self._app.vitals.link,
                        ),
                    )
                )
                for one in self._app.platforms
                if isinstance(one, Connected)
            ]
            alone = len(connections) == len(self._app.platforms)
            watching = group.create_task(_stop_when_over(connections, stop)) if alone else None
            if self._session is not None:
                await self._session.welcome(stopping, looking, plays=plays)
            serving = group.create_task(self._serve(stop))
            await stopping
            left = alone and all(connection.done() for connection in connections)
            if self._app.desk.watch.asking:
                # What it would have found is found at the next start.
                looking.cancel()
            await _leave(looking, serving)
            for task in (*connections, showing, telling, *([watching] if watching else [])):
                task.cancel()
        return 1 if left or self._unseen else 0

    async def _show(self, stop: asyncio.Event) -> None:
        """A place that expects us on a port takes us for dead without it: better to say so."""
        try:
            await self._app.outside.run()
        except CannotListen as refusal:
            log.error("%s", refusal)
            self._unseen = True
            stop.set()

    async def _first_look(self) -> None:
        with correlation.begun():
            try:
                report = await self._app.desk.watch.tick()
            except Exception:
                log.exception("the first look failed; the schedule goes on")
                return
            for reason in _whys(report):
                log.info("%s", reason)

    async def _serve(self, stop: asyncio.Event) -> None:
        leadership = self._app.leadership
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._app.outbox.run())]
            if self._session is not None:
                tasks.append(group.create_task(self._session.converse()))
            watch = partial(self._watch, stop)
            watching = group.create_task(leadership.while_mine(SCHEDULE, watch))
            await stop.wait()
            if leadership.has(SCHEDULE):
                await watching
            for task in (*tasks, watching):
                task.cancel()

    async def _watch(self, stop: asyncio.Event) -> None:
        """Look at the sources at their times, and see to what dead replicas had in hand."""
        leadership = self._app.leadership
        schedule = Schedule(self._app.desk.watch, self._app.hours, Random(), self._app.retention)
        if leadership.alone:
            await schedule.run(stop)
            return
        self._app.desk.watch.forget()
        burying = asyncio.create_task(
            release_leases_of_dead(leadership, self._app.outbox, self._clock)
        )
        try:
            await self._first_look()
            await schedule.run(stop)
        finally:
            burying.cancel()
            await asyncio.gather(burying, return_exceptions=True)


async def _nothing() -> None:
    """The replica that has the duty looks."""


async def _stop_when_over(connections: Sequence[asyncio.Task[None]], stop: asyncio.Event) -> None:
    """Without any platform there is nobody to tell anything."""
    if connections:
        await asyncio.wait(connections)
        stop.set()


async def _leave(*tasks: asyncio.Task[None]) -> None:
    """Give what is in hand its time; a tick that must be cut off commits nothing."""
    await asyncio.wait(tasks, timeout=FINISH_WITHIN_S)
    for task in tasks:
        task.cancel()


def _whys(report: TickReport) -> list[str]:
    reasons = (f"{why}: {', '.join(needs)}" for why, needs in report.reasons().items())
    return [*report.rejected, *reasons]
