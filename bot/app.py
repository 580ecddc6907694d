"""The one place where parts are wired together."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from alerts.child import Room
from alerts.clock import Clock
from alerts.indicators import catalogue, filing_tags
from alerts.leadership import Leadership
from alerts.market_hours import MarketHours, load_market_hours
from alerts.outbox import Outbox
from alerts.own.listing import Listing
from alerts.own.settings_file import FILE, SettingsFile
from alerts.platform import Editor, Platform
from alerts.retention import Retention
from alerts.sources import Source
from alerts.sources.ledger import FactLedger
from alerts.sources.record import Record
from alerts.store import observations, schema
from alerts.store.database import Database
from alerts.store.deliveries import Outcome
from alerts.store.destinations import Place
from alerts.watch import Watch
from bot.charts.alert_picture import AlertPictures
from bot.charts.drawer import Drawer
from bot.commands import Services
from bot.compose import Composer
from bot.foreseen import Foreseen
from bot.memory import is_small, memory_limit
from bot.platforms import Connected, Context
from bot.presence import Presence
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.operator_notices import OperatorNotices
    from bot.outside import Outside
    from bot.vitals import Vitals

TERMINAL = Place("terminal", "local", "terminal")
SCHEDULE = "schedule"
"""The duty of looking at the sources."""


def connection_to(platform: str) -> str:
    """The duty of holding a platform's connection, and of speaking there."""
    return f"connection to {platform}"


class AlreadyRunning(Exception):
    """Another process watches with this database."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What answering a command takes: no source, no platform, no schedule."""

    database: Database
    watch: Watch
    services: Services
    record: Record


def _listing(settings: Settings, database: Database, clock: Clock) -> Listing:
    return Listing(catalogue(), database, clock, SettingsFile(settings.data_dir / FILE))


@dataclass(frozen=True, slots=True)
class App:
    """The whole service."""

    desk: Desk
    hours: MarketHours
    outbox: Outbox
    leadership: Leadership
    retention: Retention
    sources: tuple[Source, ...]
    platforms: tuple[Platform, ...]
    vitals: Vitals
    outside: Outside
    notices: OperatorNotices | None


@asynccontextmanager
async def open_desk(settings: Settings, clock: Clock) -> AsyncIterator[Desk]:
    """For commands that end at once. Migrates the database when that is due."""
    database = await _open_database(settings)
    record = Record()
    listing = _listing(settings, database, clock)
    try:
        watch = Watch(database, await listing.renew(), (), record.evidence, clock)
        await _seed(database, watch)
        outbox = Outbox(database, {}, clock, Random(0))
        services = Services(
            database,
            listing,
            clock,
            watch,
            outbox.wake,
            operators=settings.operator_names,
            # A desk speaks for the terminal and for places that cannot speak: none of them edits.
            editing=frozenset(),
        )
        yield Desk(database, watch, services, record)
    finally:
        await database.close()


MakePlatforms = Callable[[Context], Sequence[Platform]]


@asynccontextmanager
async def open_app(
    settings: Settings, clock: Clock, make_platforms: MakePlatforms, random: Random
) -> AsyncIterator[App]:
    """The service with its live sources; nothing runs until its owner runs it."""
    # Imported here: a server and what it measures are not needed to answer a command.
    from bot.outside import Outside
    from bot.vitals import Vitals

    database = await _open_database(settings)
    vitals = Vitals(clock)
    record = Record()
    sources: tuple[Source, ...] = ()
    room = Room() if is_small(memory_limit()) else None
    drawer = Drawer(settings.cache_dir, room=room)
    pictures = AlertPictures(database, drawer)
    listing = _listing(settings, database, clock)
    try:
        settings.cache_dir.mkdir(parents=True, exist_ok=True)
        seeding = Watch(database, await listing.renew(), (), record.evidence, clock)
        hours = await _hours_and_seed(settings, clock, database, seeding)
        sources = (FactLedger(database), *live_sources(settings, clock, hours, random, room))
        by_name: dict[str, Platform] = {}
        leadership = Leadership(database, clock)

        def ended(platform: str, outcome: Outcome) -> None:
            vitals.outcome(platform, outcome)
            if notices is not None:
                notices.outcome(platform, outcome)

        outbox = _make_outbox(database, by_name, clock, random, ended, leadership)
        notices = _make_notices(settings, database, clock, outbox.wake, vitals)
        editing: set[str] = set()
        foreseen = Foreseen(
            listing, drawer, pictures, by_name.keys(), _speaks_for(by_name, leadership)
        )
        watch = Watch(
            database,
            await listing.renew(),
            sources,
            record.evidence,
            clock,
            outbox.wake,
            editing=editing,
            renew=listing.renew,
            on_tick=vitals.tick,
            foresight=foreseen,
        )
        services = Services(
            database,
            listing,
            clock,
            watch,
            outbox.wake,
            drawer,
            settings.operator_names,
            editing=editing,
        )
        desk = Desk(database, watch, services, record)
        compose = Composer(database, listing, clock, pictures)
        presence = Presence(database, clock, outbox.wake)
        context = Context(settings, clock, random, desk.services, compose, presence)
        platforms = tuple(make_platforms(context))
        # The outbox comes first, because what platforms are given wakes it.
        by_name.update({one.name: one for one in platforms})
        editing.update(one.name for one in platforms if isinstance(one, Editor))
        retention = Retention(database, clock, timedelta(days=settings.keep_days))
        outside = Outside(settings, database, drawer, vitals, platforms, clock, random)
        yield App(
            desk, hours, outbox, leadership, retention, sources, platforms, vitals, outside, notices
        )
    finally:
        await pictures.close()
        await drawer.close()
        for source in sources:
            await source.close()
        await database.close()


def _make_outbox(
    database: Database,
    platforms: Mapping[str, Platform],
    clock: Clock,
    random: Random,
    on_outcome: Callable[[str, Outcome], None],
    leadership: Leadership,
) -> Outbox:
    """`platforms` may be filled later: they are looked at when something is sent."""

    return Outbox(
        database,
        platforms,
        clock,
        random,
        on_outcome,
        worker=leadership.worker,
        speaks_for=_speaks_for(platforms, leadership),
    )


def _speaks_for(platforms: Mapping[str, Platform], leadership: Leadership) -> Callable[[str], bool]:
    """One process keeps ahead of a platform's rate limits: the one that is connected."""

    def speaks_for(name: str) -> bool:
        connected = isinstance(platforms[name], Connected)
        return not connected or leadership.has(connection_to(name))

    return speaks_for


def _make_notices(
    settings: Settings,
    database: Database,
    clock: Clock,
    wake_outbox: Callable[[], None],
    vitals: Vitals,
) -> OperatorNotices | None:
    """The operator's own channel, when there is one."""
    if settings.operator_place is None:
        return None
    from bot.operator_notices import OperatorNotices

    return OperatorNotices(
        database,
        settings.operator_place,
        clock,
        wake_outbox,
        lambda: vitals.links,
        lambda: vitals.last_tick,
        language=settings.language or "en",
    )


def live_sources(
    settings: Settings,
    clock: Clock,
    hours: MarketHours,
    random: Random,
    room: Room | None = None,
) -> tuple[Source, ...]:
    """Every source that asks someone outside."""
    # Imported here: httpx is not needed to answer a command.
    from alerts.sources.fred import FredSource
    from alerts.sources.holdings import ISHARES, HoldingsSource
    from alerts.sources.screener import ScreenerSource
    from alerts.sources.sec import SecSource
    from alerts.sources.spy_workbook import SSGA
    from alerts.sources.world_bank import WorldBankSource
    from alerts.sources.yahoo import YahooSource

    cache = settings.cache_dir
    yahoo, sec, holdings, spy, fred, world_bank, screener = (
        None if url is None else str(url).rstrip("/")
        for url in (
            settings.yahoo_url,
            settings.sec_url,
            settings.holdings_url,
            settings.ssga_url,
            settings.fred_url,
            settings.world_bank_url,
            settings.screener_url,
        )
    )
    pause = None if settings.yahoo_pause is None else timedelta(seconds=settings.yahoo_pause)
    return (
        YahooSource(yahoo, cache, clock, hours, random, pause=pause, room=room),
        HoldingsSource(ISHARES, holdings, cache, clock, hours),
        HoldingsSource(SSGA, spy, cache, clock, hours),
        SecSource(sec, settings.contact or None, filing_tags(), cache, clock),
        FredSource(fred, cache, clock),
        WorldBankSource(world_bank, cache, clock),
        ScreenerSource(screener, cache, clock, hours),
    )


async def _hours_and_seed(
    settings: Settings, clock: Clock, database: Database, watch: Watch
) -> MarketHours:
    """The long pieces of a first start at once: New York's hours come from a child process."""
    file = settings.cache_dir / "sessions.json"
    loading = asyncio.create_task(load_market_hours(file, clock.now().date()))
    try:
        await _seed(database, watch)
        return await loading
    finally:
        loading.cancel()
        await asyncio.gather(loading, return_exceptions=True)


async def _seed(database: Database, watch: Watch) -> None:
    """A database that has observed nothing begins with the record."""
    async with database.read() as connection:
        observed = await observations.any_at_all(connection)
    if observed:
        return
    try:
        await watch.tick(())
    except IntegrityError:
        # Another replica that started at the same time was faster.
        async with database.read() as connection:
            if not await observations.any_at_all(connection):
                raise
        watch.forget()


async def _open_database(settings: Settings) -> Database:
    database = Database(settings.database_address)
    try:
        await schema.upgrade(database)
    except BaseException:
        await database.close()
        raise
    return database


@contextmanager
def sole_process(settings: Settings) -> Iterator[None]:
    """Hold the lock that only one process may hold on an SQLite file. Raises AlreadyRunning.

    PostgreSQL is shared: who does what is decided there (`alerts.leadership`).
    """
    file = settings.database_path
    if file is None:
        yield
        return
    directory = file.parent
    directory.mkdir(parents=True, exist_ok=True)
    handle = os.open(directory / "run.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyRunning(
                f"another bubblewatch is running on {directory}; stop it first, "
                "or give this one its own BUBBLEWATCH_DATA_DIR"
            ) from error
        yield
    finally:
        os.close(handle)
