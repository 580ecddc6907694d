"""The platform in docs/platforms.md is installed as the page says, and works."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from importlib import invalidate_caches
from pathlib import Path
from random import Random

import pytest

from alerts.clock import SetClock
from alerts.indicators import catalogue
from alerts.outbox import Outbox
from alerts.platform import Message, Platform
from alerts.sources.record import Record
from alerts.store import schema
from alerts.store.database import Database, sqlite_url
from alerts.watch import Watch
from bot.commands import Services
from bot.platforms import Connected, Context, configured
from bot.platforms.terminal import plain_text
from bot.presence import Presence
from bot.replies import Paragraph, Reply
from bot.settings import Settings
from tests.alerts.posting import Office

PAGE = Path(__file__).parents[2] / "docs" / "platforms.md"
NOW = datetime(2025, 11, 29, 12, tzinfo=UTC)


def block(language: str) -> str:
    """The page's one block of code in that language."""
    [found] = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    return str(found)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example as pip would leave it: a module, and metadata with its entry point."""
    site = tmp_path / "site-packages"
    metadata = site / "bubblewatch_netcat-1.0.dist-info"
    metadata.mkdir(parents=True)
    (site / "bubblewatch_netcat.py").write_text(block("python"), "utf-8")
    (metadata / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: bubblewatch-netcat\nVersion: 1.0\n"
    )
    found = re.search(r'entry-points\."(.+?)"\]\n(\w+) = "(.+?)"', block("toml"))
    assert found is not None
    (metadata / "entry_points.txt").write_text(f"[{found[1]}]\n{found[2]} = {found[3]}\n")
    monkeypatch.syspath_prepend(str(site))
    invalidate_caches()


@pytest.fixture
async def context(tmp_path: Path) -> AsyncIterator[Context]:
    database = Database(sqlite_url(tmp_path / "test.db"))
    await schema.upgrade(database)
    clock = SetClock(NOW)
    watch = Watch(database, catalogue(), (), Record().evidence, clock)
    await watch.tick(())
    services = Services(database, catalogue(), clock, watch, lambda: None)

    async def compose(message: Message) -> Reply:
        return Reply((Paragraph(f"alert {message.alerts[0].value}"),))

    presence = Presence(database, clock, lambda: None)
    yield Context(Settings(data_dir=tmp_path), clock, Random(0), services, compose, presence)
    await database.close()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def netcat(context: Context) -> Platform | None:
    return next((one for one in configured(context) if one.name == "netcat"), None)


class Guest:
    """Someone with a line to the room."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def say(self, line: str) -> None:
        self.writer.write(f"{line}\n".encode())
        await self.writer.drain()

    async def hears(self, text: str) -> None:
        async with asyncio.timeout(20):
            while text not in (line := await self.reader.readline()).decode():
                assert line, f"the connection ended without {text}"


async def connect(port: int) -> Guest:
    """Once the platform listens."""
    async with asyncio.timeout(20):
        while True:
            try:
                return Guest(*await asyncio.open_connection("127.0.0.1", port))
            except ConnectionRefusedError:
                await asyncio.sleep(0)


def test_the_example_is_forty_lines() -> None:
    lines = [line for line in block("python").splitlines() if line.strip()]
    assert len(lines) <= 42


@pytest.mark.usefixtures("installed")
async def test_without_its_setting_it_is_not_there(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NETCAT_PORT", raising=False)
    assert netcat(context) is None


@pytest.mark.usefixtures("installed")
async def test_people_talk_to_it_and_alerts_arrive_there(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    monkeypatch.setenv("NETCAT_PORT", str(port))
    platform = netcat(context)
    assert platform is not None
    assert isinstance(platform, Connected)
    running = asyncio.create_task(platform.run())
    guest = await connect(port)

    await guest.say("/bubble subscribe article")
    await guest.hears("Subscribed to “article”")
    await guest.say("alert list")
    await guest.hears("Nvidia market cap")

    office = Office(context.services.database)
    outbox = Outbox(office.database, {"netcat": platform}, office.clock, Random(0))
    [value] = await office.alert("room", platform="netcat")
    await outbox.drain()
    await guest.hears(f"alert {value}")
    assert (await office.states())[-1] == "sent"

    guest.writer.close()
    await guest.writer.wait_closed()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


@pytest.mark.usefixtures("installed")
async def test_what_nobody_is_there_to_hear_waits(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETCAT_PORT", "1")
    platform = netcat(context)
    assert platform is not None
    office = Office(context.services.database)
    outbox = Outbox(office.database, {"netcat": platform}, office.clock, Random(0))
    await office.alert("room", platform="netcat")
    await outbox.drain()
    assert await office.states() == ["retry"]


def test_the_page_says_every_error_that_a_platform_may_raise() -> None:
    page = PAGE.read_text("utf-8")
    for name in ("TemporaryFailure", "MessageRefused", "DestinationGone", "MessageGone"):
        assert name in page


def test_plain_text_renders_what_the_page_promises() -> None:
    assert plain_text(Reply((Paragraph("said"),))) == "said"
