"""Kills the real service while two crossings go out to both platforms, and reckons what arrived.

A fan-out begins with the same database and empty channels. The service is started, killed between
two effects, started again and so on, until everything is delivered. Kills are spread over the
fan-out by chance, so that early and late moments are met.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Self

from tests.faults.reckoning import NOTHING, Reckoning, table
from tests.faults.town import PLATFORMS, Town, Trap, sent, town

COMMITS = ("before a commit", "after a commit")
POINTS = (
    *COMMITS,
    *(
        f"{platform}: {moment}"
        for moment in (
            "before a request",
            "before it is done",
            "before it is answered",
            "after an answer",
        )
        for platform in PLATFORMS
    ),
)
"""Where the service is killed: the moments between two effects."""
NOWHERE = "nowhere"
_GLANCE_S = 0.05
_STUCK_S = 120.0
"""Without a kill and without news for so long, something is lost for good."""


class ForkServer:
    """`tests.faults.fork_server` and the one process that it runs at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.fork_server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._changed = threading.Condition()
        self._said: list[dict[str, Any]] = []
        threading.Thread(target=self._read, daemon=True).start()
        self._next("ready", 60)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._changed:
                self._said.append(json.loads(line))
                self._changed.notify_all()

    def _next(self, name: str, seconds: float) -> dict[str, Any]:
        with self._changed:
            if not self._changed.wait_for(lambda: self._said, seconds):
                raise TimeoutError(f"the fork server does not say “{name}”")
            said = self._said.pop(0)
        if name not in said:
            raise RuntimeError(f"the fork server says {said}, not “{name}”")
        return said

    def start(self, asked: Mapping[str, object]) -> int:
        """The number of the new process."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return int(self._next("began", 30)["began"])

    def ended(self, seconds: float) -> bool:
        """Whether the process ends within this time."""
        with self._changed:
            return self._changed.wait_for(lambda: bool(self._said), seconds)

    def status(self) -> int:
        """Of the process that has ended."""
        return int(self._next("ended", 60)["status"])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.kill()
        self._process.wait()


@dataclass
class Tally:
    """What became of all kills. `lost` and `repeated` are counted for the kill before them."""

    kills: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    repeated: Counter[str] = field(default_factory=Counter)
    reckoned: Reckoning = NOTHING
    fan_outs: int = 0
    rate_limited: int = 0
    violations: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return self.reckoned.is_good and not self.lost and not self.repeated

    def written(self) -> str:
        rows: list[tuple[object, ...]] = [
            (point, self.kills[point], self.lost[point], self.repeated[point]) for point in POINTS
        ]
        whole = self.reckoned
        rows.append(("in all", self.kills.total(), whole.lost, whole.repeated))
        return "\n".join(
            (
                table(("killed", "times", "lost", "repeated"), rows),
                f"{self.fan_outs} fan-outs, {whole.due:,} messages; "
                f"places out of order: {whole.disordered}; 429 earned: {self.rate_limited}",
            )
        )


class Driver:
    """Plays fan-outs in one town until so many kills are done."""

    def __init__(self, folder: Path, town: Town, server: ForkServer, random: Random) -> None:
        self._data = folder / "data"
        self._log = folder / "service.log"
        self._town = town
        self._server = server
        self._random = random
        self._left: list[str] = []
        self.tally = Tally()

    def play(
        self, kills: int, a_fan_out: int, tell: Callable[[Tally], None] = lambda tally: None
    ) -> Tally:
        """`a_fan_out`: so many kills are meant for one fan-out. `tell` hears after each."""
        while (missing := kills - self.tally.kills.total()) > 0:
            self._fan_out(min(a_fan_out, missing))
            tell(self.tally)
        self.tally.rate_limited = (
            self._town.discord.rates.count_429 + self._town.slack.rates.count_429
        )
        self.tally.violations = [*self._town.discord.violations, *self._town.slack.violations]
        return self.tally

    def _fan_out(self, kills: int) -> None:
        """1. A fresh start. 2. Kill, look, start again. 3. Let it end, and reckon."""
        self._town.begin(self._data)
        self._log.unlink(missing_ok=True)
        lost, repeated = set[str](), 0
        last = NOWHERE
        done = 0
        while True:
            point = self._next_point() if done < kills else NOWHERE
            killed = self._live(point, self._number(point, kills - done))
            gone, twice = self._compared()
            self.tally.lost.update({last: len(gone - lost)} if gone - lost else {})
            self.tally.repeated.update({last: twice - repeated} if twice > repeated else {})
            lost, repeated = gone, twice
            if not killed:
                if point != NOWHERE:
                    self._left.insert(0, point)
                break
            done, last = done + 1, point
            self.tally.kills[point] += 1
            if self._random.random() < 0.5:
                # As when the restart takes longer than Discord remembers.
                self._town.discord.forget_nonces()
        self.tally.fan_outs += 1
        self.tally.reckoned += self._town.reckoned()

    def _next_point(self) -> str:
        """All kinds as often, in an order of chance."""
        if not self._left:
            self._left = self._random.sample(POINTS, len(POINTS))
        return self._left.pop(0)

    def _number(self, point: str, kills_left: int) -> int:
        """The how-manieth of these moments: somewhere in what one kill may take of the rest."""
        if point in COMMITS:
            return self._random.randint(1, 8)
        open_now = self._town.messages - len(sent(self._data))
        return self._random.randint(1, 4 + max(4, open_now // (2 * max(1, kills_left))))

    def _live(self, point: str, number: int) -> bool:
        """One life of the service. Whether it was killed; otherwise everything is delivered."""
        trap = Trap(point, number)
        self._town.set_trap(trap)
        asked = {
            "env": self._town.environment(self._data),
            "log": str(self._log),
            "kind": point,
            "number": number,
            "addresses": self._town.addresses(),
        }
        pid = self._server.start(asked)
        trap.pid.set_result(pid)
        try:
            return self._killed_or_done(pid)
        finally:
            self._town.set_trap(None)

    def _killed_or_done(self, pid: int) -> bool:
        known, since, asked = -1, time.monotonic(), False
        while not self._server.ended(_GLANCE_S):
            delivered = len(sent(self._data))
            if delivered >= self._town.messages:
                asked = True
                os.kill(pid, signal.SIGTERM)
                break
            if delivered != known:
                known, since = delivered, time.monotonic()
            elif time.monotonic() - since > _STUCK_S:
                os.kill(pid, signal.SIGKILL)
                self._server.status()
                raise TimeoutError(f"{delivered} delivered, and no more:\n{self._said()}")
        status = self._server.status()
        died_of = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
        if died_of == signal.SIGKILL:
            return True
        # It may be asked to leave before it listens for that.
        if status != 0 and not (asked and died_of == signal.SIGTERM):
            raise RuntimeError(f"the service ended by itself, status {status}:\n{self._said()}")
        return False

    def _compared(self) -> tuple[set[str], int]:
        """What the database calls sent and is nowhere, and how many stand there once too often."""
        there = Counter(self._town.references())
        return set(sent(self._data)) - there.keys(), there.total() - len(there)

    def _said(self) -> str:
        return self._log.read_text()[-4000:]


@contextmanager
def driver(folder: Path, channels: int, seed: int) -> Iterator[Driver]:
    with town(folder, channels) as made, ForkServer() as server:
        yield Driver(folder, made, server, Random(seed))
