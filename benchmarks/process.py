"""The service in a process of its own, and what it takes: processor time and memory."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

BUBBLEWATCH = str(Path(sys.executable).with_name("bubblewatch"))
NOWHERE = "http://127.0.0.1:9"
"""Nothing listens on the discard port: every request is refused at once."""
SOURCES = ("yahoo", "sec", "holdings", "ssga", "fred", "world_bank", "screener")
_TICKS = os.sysconf("SC_CLK_TCK")
_MIB = 1024 * 1024


def environment(data: Path, urls: Mapping[str, str], settings: Mapping[str, str]) -> dict[str, str]:
    """Settings by their names without prefix; sources without an address are out of reach."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
    sources = {name: urls.get(name, NOWHERE) for name in SOURCES}
    return {
        **kept,
        "LANG": "C.UTF-8",
        "BUBBLEWATCH_DATA_DIR": str(data),
        **{f"BUBBLEWATCH_{name.upper()}_URL": url for name, url in sources.items()},
        **{f"BUBBLEWATCH_{name.upper()}": value for name, value in settings.items()},
    }


@dataclass(frozen=True, slots=True)
class Sample:
    """Processor time of the process and its children, in seconds; memory in MiB."""

    at: float
    cpu_s: float
    rss: float


@dataclass(frozen=True, slots=True)
class Taken:
    """Between two moments. `peak` is of the service's own process, `with_children` of all."""

    cpu_s: float
    peak: float
    with_children: float


class Meter:
    """Looks at a process and its children twenty times a second, until it ends."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._own: list[Sample] = []
        self._all: list[Sample] = []
        self._ended: dict[int, float] = {}
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while True:
            own = _sample(self._pid)
            if own is None:
                return
            cpu, rss = own.cpu_s, own.rss
            for child in descendants(self._pid):
                if (seen := _sample(child)) is not None:
                    self._ended[child] = seen.cpu_s
                    rss += seen.rss
            self._own.append(own)
            self._all.append(Sample(own.at, cpu + sum(self._ended.values()), rss))
            time.sleep(0.05)

    def now(self) -> Sample:
        return self._own[-1]

    def between(self, began: float, ended: float) -> Taken:
        """By the wall clock, as the service's own times are."""
        first = max((s for s in self._all if s.at <= began), key=lambda s: s.at, default=None)
        last = min((s for s in self._all if s.at >= ended), key=lambda s: s.at, default=None)
        first, last = first or self._all[0], last or self._all[-1]
        span = [s for s in self._own if first.at <= s.at <= last.at]
        whole = [s for s in self._all if first.at <= s.at <= last.at]
        return Taken(last.cpu_s - first.cpu_s, max(s.rss for s in span), max(s.rss for s in whole))


def _sample(pid: int) -> Sample | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return None
    pages = int(fields[21])
    cpu = (int(fields[11]) + int(fields[12])) / _TICKS
    return Sample(time.time(), cpu, pages * os.sysconf("SC_PAGE_SIZE") / _MIB)


def descendants(pid: int) -> Iterator[int]:
    """The processes that it started, and those that they started."""
    try:
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    for child in map(int, listed):
        yield child
        yield from descendants(child)


@dataclass
class Service:
    process: subprocess.Popen[bytes]
    data: Path
    meter: Meter

    @property
    def pid(self) -> int:
        return self.process.pid

    def check(self) -> None:
        """Raises RuntimeError with what it said when it has ended."""
        if self.process.poll() is not None:
            said = (self.data / "service.log").read_text()[-3000:]
            raise RuntimeError(f"the service has ended:\n{said}")

    def query(self, sql: str) -> list[tuple[object, ...]]:
        """What its database says, read beside it."""
        with sqlite3.connect(f"file:{self.data}/bubblewatch.db?mode=ro", uri=True) as connection:
            return connection.execute(sql).fetchall()

    def crossed_at(self) -> float | None:
        """When the watch decided, by the wall clock; None before."""
        sql = "SELECT min(created_at) FROM delivery WHERE kind = 'alerts'"
        found = self.query(sql)[0][0]
        return None if found is None else moment(str(found))


def wait(service: Service, seen: Callable[[], bool], seconds: float) -> None:
    """Until it is so, or until the time is over. Raises RuntimeError when the service ends."""
    ends = time.monotonic() + seconds
    while not seen() and time.monotonic() < ends:
        service.check()
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port: int = held.getsockname()[1]
    return port


def await_port(port: int, seconds: float = 30.0) -> None:
    """Until somebody listens there."""
    ends = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.02)


def moment(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


@contextmanager
def running(
    data: Path,
    urls: Mapping[str, str],
    settings: Mapping[str, str],
    *,
    probed: Path | None = None,
) -> Iterator[Service]:
    """`bubblewatch run`. `probed`: it also writes how late its event loop was into that file."""
    env = environment(data, urls, settings)
    command = [BUBBLEWATCH, "run", "--no-replay"]
    if probed is not None:
        env["BENCH_LAG_FILE"] = str(probed)
        command = [sys.executable, "-m", "benchmarks.probe", "run", "--no-replay"]
    with (data / "service.log").open("wb") as log:
        process = subprocess.Popen(
            command, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        try:
            yield Service(process, data, Meter(process.pid))
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(30)
            finally:
                process.kill()
                process.wait()
