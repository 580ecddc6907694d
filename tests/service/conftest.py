"""The real `bubblewatch` command as people start it, and local servers for all sources."""

from __future__ import annotations

import asyncio
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from alerts.clock import SystemClock
from alerts.indicators import catalogue
from alerts.sources.yahoo import YahooSource
from alerts.watch import Watch
from bot.app import open_app
from bot.settings import Settings
from tests.emulators.yahoo import YahooEmulator
from tests.service.market import until_yesterday

BUBBLEWATCH = str(Path(sys.executable).with_name("bubblewatch"))
NOWHERE = "http://127.0.0.1:9"
"""Nothing listens on the discard port: every request is refused at once."""
SOURCES = ("yahoo", "sec", "holdings", "ssga", "fred", "world_bank", "screener")


def environment(data: Path, **urls: str) -> dict[str, str]:
    """A plain terminal in English, with its own data folder."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    sources = {name: urls.get(name, NOWHERE) for name in SOURCES}
    return {
        **kept,
        "LANG": "C.UTF-8",
        "BUBBLEWATCH_DATA_DIR": str(data),
        "BUBBLEWATCH_CONTACT": "operator@example.org",
        "BUBBLEWATCH_YAHOO_PAUSE": "0",
        **{f"BUBBLEWATCH_{name.upper()}_URL": url for name, url in sources.items()},
    }


@pytest.fixture(scope="session")
def started_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder as a first start leaves it: the record observed, New York's hours known."""
    folder = tmp_path_factory.mktemp("started")

    async def first_start() -> None:
        settings = Settings(data_dir=folder)
        async with open_app(settings, SystemClock(), lambda context: (), Random(0)):
            return

    asyncio.run(first_start())
    return folder


@pytest.fixture
def data(tmp_path: Path, started_once: Path) -> Path:
    """Such a folder of one's own: where the first start is not what is tested."""
    folder = tmp_path / "data"
    shutil.copytree(started_once, folder)
    return folder


def ask(
    data: Path, *arguments: str, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [BUBBLEWATCH, *arguments],
        env={**environment(data), **(env or {})},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="session")
def watched_once(tmp_path_factory: pytest.TempPathFactory, started_once: Path) -> Path:
    """A data folder after one look at a market that stands still."""
    folder = tmp_path_factory.mktemp("watched") / "data"
    shutil.copytree(started_once, folder)
    settings, clock = Settings(data_dir=folder), SystemClock()

    async def look(url: str) -> None:
        async with open_app(settings, clock, lambda context: (), Random(0)) as app:
            # As the service looks, but that nobody has to be spared.
            yahoo = YahooSource(
                url, settings.cache_dir, clock, app.hours, Random(0), pause=timedelta(0)
            )
            record = app.desk.record.evidence
            report = await Watch(app.desk.database, catalogue(), (yahoo,), record, clock).tick()
            assert report.stored

    with until_yesterday() as yahoo:
        asyncio.run(look(yahoo.url))
    return folder


@pytest.fixture
def watched(tmp_path: Path, watched_once: Path) -> Path:
    """Such a folder of one's own."""
    folder = tmp_path / "data"
    shutil.copytree(watched_once, folder)
    return folder


@pytest.fixture
def busy_yahoo() -> Iterator[YahooEmulator]:
    """Asks for fewer requests, so that a look is soon over."""
    with YahooEmulator() as yahoo:
        yahoo.answer_with(429)
        yield yahoo


@dataclass
class Service:
    """A running `bubblewatch run` whose output is read line by line."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._queue: queue.Queue[str | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._queue.put(line.rstrip("\n"))
        self._queue.put(None)

    def wait_for(self, text: str, seconds: float = 30.0) -> str:
        """The first line from now on that contains `text`."""
        ends = time.monotonic() + seconds
        while (left := ends - time.monotonic()) > 0:
            try:
                line = self._queue.get(timeout=left)
            except queue.Empty:
                break
            if line is None:
                raise AssertionError(f"it ended without saying “{text}”:\n{self.output}")
            self.lines.append(line)
            if text in line:
                return line
        raise AssertionError(f"no “{text}” within {seconds} s:\n{self.output}")

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    def stop(self) -> tuple[int, float]:
        """SIGTERM; (exit code, seconds until it left)."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=30)
        seconds = time.monotonic() - began
        while (line := self._queue.get(timeout=5)) is not None:
            self.lines.append(line)
        return code, seconds


StartService = Callable[..., Service]


@pytest.fixture
def start() -> Iterator[StartService]:
    """Starts services, and kills what a failing test leaves behind."""
    with ExitStack() as stack:

        def begin(
            data: Path, *arguments: str, env: Mapping[str, str] | None = None, **urls: str
        ) -> Service:
            process = subprocess.Popen(
                [BUBBLEWATCH, "run", *arguments],
                env={**environment(data, **urls), **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            stack.callback(process.wait)
            stack.callback(process.kill)
            return Service(process)

        yield begin
