"""Three processes share one PostgreSQL and are killed in turn, while alerts flow.

`python -m tests.replicas.replica_driver URL FOLDER`: URL names a migrated, empty database. Every
replica is the real watch, outbox and leadership, with two platforms whose messages are lines of a
file: «shared», which all replicas speak for, and «gate», which holds a connection. The parent says
which figures are published, kills whoever has a duty, and starts another in its place.
Output: one JSON object.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from time import monotonic

from alerts.clock import SystemClock
from alerts.evidence import Close, Evidence, PriceHistory
from alerts.leadership import Leadership, release_leases_of_dead
from alerts.outbox import Outbox
from alerts.platform import Message, Platform
from alerts.store.database import Database
from alerts.store.destinations import Place
from alerts.watch import Watch
from tests.alerts.world import NVDA, START, Figures, World, level, origin

CHANNELS = 6
LOOK_EVERY_S = 0.4
POST_S = 0.02
PATIENCE_S = 60
"""Nobody outlives this, whatever goes wrong."""
SCHEDULE, GATE = "schedule", "gate"


def points(count: int) -> PriceHistory:
    """A day apart, above and below the line by turns."""
    closes = []
    for number in range(count):
        at = START - timedelta(days=300 - number)
        closes.append(Close(at.date(), at, Decimal(110 if number % 2 else 90), origin(at)))
    return PriceHistory(tuple(closes))


class Published(Figures):
    """What the parent has published so far: a file with as many bytes as there are figures."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file
        self.renew()

    def renew(self) -> None:
        self.answers[NVDA] = points(self._file.stat().st_size)


class Wall:
    """A platform whose messages are lines of a file; writing one is a single system call."""

    def __init__(self, name: str, folder: Path, tell: Callable[..., None]) -> None:
        self.name = name
        self._file = folder / f"{name}.jsonl"
        self._tell = tell

    async def post(self, message: Message) -> str:
        line = {
            "nonce": message.nonce,
            "channel": message.destination.place.channel,
            "told": [alert.as_of.isoformat() for alert in message.alerts],
            "by": os.getpid(),
        }
        await asyncio.sleep(POST_S)
        with self._file.open("ab", buffering=0) as file:
            file.write(json.dumps(line).encode() + b"\n")
        self._tell("post", **line)
        # A kill from here on leaves a message that nobody has settled.
        await asyncio.sleep(POST_S)
        return message.nonce

    async def find(self, message: Message) -> str | None:
        self._tell("find")
        lines = self._file.read_text().splitlines() if self._file.exists() else []
        nonces = {json.loads(line)["nonce"] for line in lines}
        return message.nonce if message.nonce in nonces else None


async def replica(url: str, folder: Path, tell: Callable[..., None]) -> None:
    database, clock = Database(url), SystemClock()
    walls: dict[str, Platform] = {name: Wall(name, folder, tell) for name in ("shared", "gate")}
    leadership = Leadership(database, clock, look_every_s=LOOK_EVERY_S)
    outbox = Outbox(
        database,
        walls,
        clock,
        Random(),
        worker=leadership.worker,
        speaks_for=lambda name: name != "gate" or leadership.has(GATE),
    )
    source = Published(folder / "published")
    indicators = {"level": level()}
    watch = Watch(
        database, indicators, (source,), Evidence(), clock, outbox.wake, tells_staleness=False
    )

    async def look() -> None:
        tell(SCHEDULE)
        watch.forget()
        burying = asyncio.create_task(release_leases_of_dead(leadership, outbox, clock))
        try:
            while True:
                source.renew()
                await watch.tick()
                await asyncio.sleep(0.05)
        finally:
            burying.cancel()

    async def connect() -> None:
        tell(GATE)
        await asyncio.Event().wait()

    async with leadership.kept(), asyncio.TaskGroup() as group:
        group.create_task(outbox.run())
        group.create_task(leadership.while_mine(SCHEDULE, look))
        group.create_task(leadership.while_mine(GATE, connect))


@dataclass
class Parent:
    """Publishes, kills, and hears what replicas tell through a pipe."""

    url: str
    folder: Path
    duties: dict[str, int] = field(default_factory=dict)
    living: set[int] = field(default_factory=set)
    told: dict[tuple[str, str], int] = field(default_factory=dict)
    finds: int = 0

    def __post_init__(self) -> None:
        self._read, self._write = os.pipe()
        self._lines = self._hear()

    def start(self) -> None:
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(PATIENCE_S)
            try:
                asyncio.run(replica(self.url, self.folder, self._tell))
            except BaseException:
                sys.excepthook(*sys.exc_info())
            os._exit(1)
        self.living.add(child)

    def _tell(self, what: str, **more: object) -> None:
        os.write(
            self._write, json.dumps({"what": what, "pid": os.getpid(), **more}).encode() + b"\n"
        )

    def _hear(self) -> Iterator[None]:
        with os.fdopen(self._read) as lines:
            for line in lines:
                event = json.loads(line)
                if event["what"] == "post":
                    for at in event["told"]:
                        known = self.told.get((event["channel"], at), 0)
                        self.told[event["channel"], at] = known + 1
                elif event["what"] == "find":
                    self.finds += 1
                else:
                    self.duties[event["what"]] = event["pid"]
                yield

    def until(self, what: Callable[[], bool]) -> float:
        """Hear until it is so; the seconds that it took."""
        began = monotonic()
        while not what():
            next(self._lines)
        return monotonic() - began

    def publish(self, more: int) -> int:
        with (self.folder / "published").open("ab") as file:
            return file.write(b"." * more)

    def kill(self, child: int) -> None:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        self.living.discard(child)

    def heard(self, duty: str) -> int:
        """How much was told on the platform that this duty is about."""
        name = "gate" if duty == GATE else "shared"
        return sum(channel.startswith(f"#{name}") for channel, _ in self.told)

    def all_told(self, count: int) -> bool:
        last = points(count).closes[-1].at.isoformat()
        names = [f"#{name}-{number}" for name in ("shared", "gate") for number in range(CHANNELS)]
        return all((name, last) in self.told for name in names)


async def prepare(url: str, folder: Path) -> None:
    """The lines are drawn while the figure is below them."""
    database = Database(url)
    world = World(database)
    source = Published(folder / "published")
    world.figures.answers[NVDA] = source.answers[NVDA]
    world.start_again(tells_staleness=False)
    # Lines speak of what happens after they were drawn; the last look is not long ago.
    world.clock.set(points(1).closes[0].at + timedelta(hours=1))
    await world.watch.tick()
    for name in ("shared", "gate"):
        for number in range(CHANNELS):
            await world.draw(100, place=Place(name, "here", f"#{name}-{number}"))
    world.clock.set(SystemClock().now())
    await world.watch.tick()
    await database.close()


def main(url: str, folder: Path) -> None:
    signal.signal(signal.SIGALRM, lambda *_: _give_up(folder))
    signal.alarm(PATIENCE_S)
    (folder / "published").write_bytes(b".")
    asyncio.run(prepare(url, folder))
    parent = Parent(url, folder)
    for _ in range(3):
        parent.start()
    parent.until(lambda: {SCHEDULE, GATE} <= parent.duties.keys())
    published, takeovers = 1, []
    for duty in (SCHEDULE, GATE, SCHEDULE):
        for _ in range(3):
            published += parent.publish(1)
            parent.until(lambda published=published: parent.all_told(published))  # type: ignore[misc]
        # In the midst of it: some of these are told, some are in hand, some wait.
        count = parent.heard(duty)
        published += parent.publish(4)
        parent.until(lambda duty=duty, count=count: parent.heard(duty) > count)  # type: ignore[misc]
        killed = parent.duties[duty]
        had = [name for name, pid in parent.duties.items() if pid == killed]
        parent.kill(killed)
        parent.start()
        takeovers.append(
            parent.until(
                lambda had=had, killed=killed: all(parent.duties[name] != killed for name in had)  # type: ignore[misc]
            )
        )
    published += parent.publish(2)
    parent.until(lambda: parent.all_told(published))
    for child in list(parent.living):
        parent.kill(child)
    print(json.dumps(_outcome(folder, published, takeovers, parent.finds)))


def _give_up(folder: Path) -> None:
    """Say how far it came."""
    for file in sorted(folder.iterdir()):
        print(f"{file.name}: {len(file.read_text().splitlines())} lines", file=sys.stderr)
    raise SystemExit("the replicas came to no end")


def _outcome(folder: Path, published: int, takeovers: list[float], finds: int) -> dict[str, object]:
    expected = [close.at.isoformat() for close in points(published).closes[1:]]
    lost = repeated = disordered = 0
    by: dict[str, set[int]] = {}
    for name in ("shared", "gate"):
        lines = [json.loads(line) for line in (folder / f"{name}.jsonl").read_text().splitlines()]
        by[name] = {line["by"] for line in lines}
        repeated += len(lines) - len({line["nonce"] for line in lines})
        for number in range(CHANNELS):
            mine = [line["told"] for line in lines if line["channel"] == f"#{name}-{number}"]
            told = [at for one in mine for at in one]
            lost += len(set(expected) - set(told))
            repeated += len(told) - len(set(told))
            disordered += told != sorted(told)
    return {
        "messages": len(expected) * CHANNELS * 2,
        "lost": lost,
        "repeated": repeated,
        "disordered": disordered,
        "takeovers": takeovers,
        "looked_for": finds,
        "speakers": {name: len(pids) for name, pids in by.items()},
    }


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
