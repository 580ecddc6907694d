"""The dead man's switch, against a local server that listens for it."""

from __future__ import annotations

import asyncio
import logging
import shutil
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest
from aiohttp import web

from alerts.clock import SetClock
from alerts.store.schema import SchemaTooNew
from alerts.watch import TickReport
from bot.app import sole_process
from bot.command_line import parser
from bot.ping import PAUSES_S, Pinger
from bot.settings import Settings
from bot.tasks import perform
from bot.vitals import LinkState, Vitals
from tests.emulators.discord import DiscordEmulator
from tests.service.conftest import environment

NOW = datetime(2025, 11, 29, 12, tzinfo=UTC)
GOOD = TickReport(NOW, (), (), (), {}, 0, 0)
NOWHERE = "http://127.0.0.1:9"
"""Nothing listens on the discard port: every request is refused at once."""

Start = Callable[..., Awaitable[int]]


class PatientClock(SetClock):
    """Never waits; tells what pauses somebody wanted to make."""

    def __init__(self) -> None:
        super().__init__(NOW)
        self.pauses: asyncio.Queue[float] = asyncio.Queue()

    async def sleep(self, seconds: float) -> None:
        self.pauses.put_nowait(seconds)
        await super().sleep(seconds)


@dataclass
class Listener:
    """A server that hears pings; it answers `statuses` first, and 200 after them."""

    url: str = ""
    heard: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    statuses: list[int] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.heard.put_nowait(f"{request.method} {request.path_qs}")
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    found = Listener()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", found.answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield found
    await runner.cleanup()


@asynccontextmanager
async def pinging(url: str, clock: SetClock) -> AsyncIterator[Vitals]:
    vitals = Vitals(clock)
    task = asyncio.create_task(Pinger(url, clock, Random(1)).run(vitals))
    try:
        async with asyncio.timeout(30):
            yield vitals
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_a_good_look_pings_and_a_failed_one_says_so(listener: Listener) -> None:
    async with pinging(f"{listener.url}/ping/secret?create=1", SetClock(NOW)) as vitals:
        vitals.tick(GOOD)
        assert await listener.heard.get() == "GET /ping/secret?create=1"
        vitals.tick(RuntimeError("broken"))
        assert await listener.heard.get() == "GET /ping/secret/fail?create=1"
    assert listener.heard.empty()


async def test_a_refusal_says_so_at_once_and_until_it_is_over(listener: Listener) -> None:
    async with pinging(f"{listener.url}/ping", SetClock(NOW)) as vitals:
        vitals.link("discord", LinkState.REFUSED)
        assert await listener.heard.get() == "GET /ping/fail"
        vitals.tick(GOOD)
        assert await listener.heard.get() == "GET /ping/fail"
        vitals.link("discord", LinkState.RUNNING)
        vitals.tick(GOOD)
        assert await listener.heard.get() == "GET /ping"
    assert listener.heard.empty()


async def test_a_connection_that_is_tried_again_is_no_refusal(listener: Listener) -> None:
    async with pinging(f"{listener.url}/ping", SetClock(NOW)) as vitals:
        vitals.link("discord", LinkState.BROKEN)
        vitals.tick(GOOD)
        assert await listener.heard.get() == "GET /ping"
    assert listener.heard.empty()


@pytest.fixture
def start(listener: Listener, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Start:
    """`bubblewatch run` with what is given, as far as it comes: its exit code."""

    async def begin(**given: str) -> int:
        pinged = {"BUBBLEWATCH_PING_URL": f"{listener.url}/ping/secret"}
        for name, value in {**environment(tmp_path), **pinged, **given}.items():
            monkeypatch.setenv(name, value)
        return await perform(parser().parse_args(["run", "--no-replay"]), Settings())

    return begin


async def test_a_start_on_a_newer_schema_is_told_outside(
    start: Start, listener: Listener, migrated_file: Path, tmp_path: Path
) -> None:
    shutil.copy(migrated_file, tmp_path / "bubblewatch.db")
    with closing(sqlite3.connect(tmp_path / "bubblewatch.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaTooNew):
        await start()
    assert await listener.heard.get() == "GET /ping/secret/fail"
    assert listener.heard.empty()


async def test_a_service_that_no_platform_would_have_is_told_outside(
    start: Start, listener: Listener
) -> None:
    with DiscordEmulator() as discord:
        address = discord.api_url
        code = await start(BUBBLEWATCH_DISCORD_TOKEN="wrong", BUBBLEWATCH_DISCORD_API_URL=address)
    assert code == 1
    heard = {await listener.heard.get()}
    while not listener.heard.empty():
        heard.add(listener.heard.get_nowait())
    assert heard == {"GET /ping/secret/fail"}


async def test_a_second_process_is_refused_without_an_alarm(
    start: Start, listener: Listener, tmp_path: Path
) -> None:
    with sole_process(Settings(data_dir=tmp_path)):
        assert await start() == 1
    assert listener.heard.empty()


async def test_a_ping_that_does_not_arrive_is_tried_again_a_few_times(
    listener: Listener,
) -> None:
    clock = PatientClock()
    listener.statuses = [503, 429]
    async with pinging(f"{listener.url}/ping", clock) as vitals:
        vitals.tick(GOOD)
        for least in PAUSES_S:
            await listener.heard.get()
            assert await clock.pauses.get() >= least
        await listener.heard.get()
    assert listener.heard.empty()


async def test_what_is_refused_for_good_waits_for_the_next_look(listener: Listener) -> None:
    clock = PatientClock()
    listener.statuses = [404]
    async with pinging(f"{listener.url}/ping", clock) as vitals:
        vitals.tick(GOOD)
        await listener.heard.get()
        vitals.tick(GOOD)
        await listener.heard.get()
    assert clock.pauses.empty()


async def test_a_trouble_is_told_once_and_never_with_the_address(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = PatientClock()
    async with pinging(f"{NOWHERE}/ping/very-secret", clock) as vitals:
        for _ in range(3):
            vitals.tick(GOOD)
            for _ in PAUSES_S:
                await clock.pauses.get()
    assert "does not arrive" in caplog.text
    assert caplog.text.count("does not arrive") == 1
    assert "very-secret" not in caplog.text


async def test_after_a_trouble_it_says_that_it_arrives_again(
    listener: Listener, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bot.ping")
    listener.statuses = [404, 200, 200]
    async with pinging(f"{listener.url}/ping", SetClock(NOW)) as vitals:
        for _ in range(3):
            vitals.tick(GOOD)
            await listener.heard.get()
    assert "does not arrive (it answers 404)" in caplog.text
    assert "arrives again" in caplog.text
