"""Play a story, stop it at each of its commits, and play on from there. Prints what was lost.

`python -m tests.faults.crash_driver FOLDER [--all]` plays the story to its end, and keeps what lies
on the disk just before and just after every commit: that is what SIGKILL leaves at that moment,
because what a process has written outlives it. From each of these, or without `--all` from half of
them, a process of its own finishes the story.
Every so many commits a process is really killed there, to hold the copies to the truth.
Children are forked from a process that has played the story before: nothing is imported, compiled
or worked out twice. Output: one JSON object.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from io import StringIO
from pathlib import Path
from random import Random

from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.pool import PoolProxiedConnection

from alerts.clock import SetClock
from alerts.evidence import Evidence
from alerts.indicators import catalogue
from alerts.market_hours import closing_bell
from alerts.outbox import Outbox
from alerts.sources.record import Record
from alerts.store import destinations, observations, schema
from alerts.store.database import Database, sqlite_url
from alerts.watch import Watch
from bot.answer import answer
from bot.app import TERMINAL
from bot.commands import Request, Services
from bot.compose import Composer
from bot.platforms.terminal import TerminalPlatform, make_console
from bot.replay import PastSource, moments

# Five sessions: Nvidia passes five trillion and falls back, and filings come in.
FIRST, LAST = date(2025, 10, 28), date(2025, 11, 4)
KILLED_EVERY = 10
SHARE, SEED = 0.5, 5
"""Without `--all`: so many of the points, chosen by chance that is the same each time."""
BEGINNING = closing_bell(FIRST) - timedelta(days=1)
# Enough for a story with several tellers; the rest of the catalogue would only take time.
WATCHED = {
    key: catalogue()[key]
    for key in (
        "top5_weight",
        "nvidia_market_cap",
        "nvidia_market_cap_change_4m",
        "oracle_debt",
        "hyperscaler_debt",
    )
}


@cache
def _past() -> Evidence:
    return Record().evidence


@cache
def _moments() -> list[datetime]:
    return moments(_past(), BEGINNING, closing_bell(LAST))


@asynccontextmanager
async def _service(folder: Path) -> AsyncIterator[tuple[SetClock, Watch, Outbox, Services]]:
    clock = SetClock(BEGINNING)
    database = Database(sqlite_url(folder / "bubblewatch.db"))
    try:
        await schema.upgrade(database)
        with StringIO() as nowhere:
            composer = Composer(database, WATCHED, clock)
            console = make_console(nowhere)
            platform = TerminalPlatform(folder / "terminal.jsonl", console, composer)
            outbox = Outbox(database, {platform.name: platform}, clock, Random(0))
            source = PastSource(_past(), clock)
            watch = Watch(database, WATCHED, (source,), Evidence(), clock, tells_staleness=False)
            services = Services(database, WATCHED, clock, watch, outbox.wake)
            yield clock, watch, outbox, services
    finally:
        await database.close()


async def prologue(folder: Path) -> None:
    """The database is made, history is stored, the terminal subscribes."""
    async with _service(folder) as (_, watch, _, services):
        await _begin(watch, services)


async def story(folder: Path) -> None:
    """As much of the whole story as is not on the disk yet."""
    async with _service(folder) as (clock, watch, outbox, services):
        await _begin(watch, services)
        await outbox.release_leases()
        await outbox.drain()
        for moment in _moments():
            clock.set(moment)
            await watch.tick()
            await outbox.drain()


async def _begin(watch: Watch, services: Services) -> None:
    async with services.database.read() as connection:
        begun = await observations.states(connection)
        place = await destinations.find(connection, TERMINAL)
        presets = await destinations.presets_of(connection, place.id) if place else []
    if not begun:
        await watch.tick()
    for preset in ("article", "heat"):
        if preset not in presets:
            await answer(services, Request(TERMINAL, "story"), f"subscribe {preset}")


def _count_commits(on_commit: Callable[[int, bool], None]) -> None:
    """Call `on_commit(number, done)` around every commit of this process."""
    original: Callable[[DefaultDialect, PoolProxiedConnection], None] = DefaultDialect.do_commit
    number = 0

    def do_commit(self: DefaultDialect, connection: PoolProxiedConnection) -> None:
        nonlocal number
        number += 1
        on_commit(number, False)
        original(self, connection)
        on_commit(number, True)

    DefaultDialect.do_commit = do_commit  # type: ignore[method-assign]


Part = Callable[[Path], Coroutine[None, None, None]]


def _in_child(folder: Path, on_commit: Callable[[int, bool], None], part: Part) -> int:
    """Run a part of the story in a forked process; its exit status."""
    child = os.fork()
    if child == 0:
        try:
            _count_commits(on_commit)
            asyncio.run(part(folder))
        except BaseException:
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1]


def _told(folder: Path) -> list[str]:
    transcript = folder / "terminal.jsonl"
    lines = transcript.read_text().splitlines() if transcript.exists() else []
    return [json.loads(line)["text"] for line in lines]


@dataclass(frozen=True, slots=True)
class Kill:
    """Where the process was stopped, and what the transcript held when the story had ended.

    `real`: by SIGKILL, and not by a copy of the disk.
    """

    part: str
    commit: int
    after: bool
    real: bool
    told: list[str]


def _keeping(folder: Path, root: Path) -> Callable[[int, bool], None]:
    def keep(number: int, done: bool) -> None:
        shutil.copytree(folder, root / _name(number, done))

    return keep


def _killing(number: int, after: bool) -> Callable[[int, bool], None]:
    def kill(at: int, done: bool) -> None:
        if at == number and done == after:
            os.kill(os.getpid(), signal.SIGKILL)

    return kill


def _name(number: int, after: bool) -> str:
    return f"{number}-{'after' if after else 'before'}"


def _stop_everywhere(
    root: Path, begun: Path | None, part: Part, chosen: Callable[[], bool]
) -> list[Kill]:
    """Stop one part of the story at its commits, then let the whole story finish.

    `begun`: the folder that the part starts from; None is an empty one. `chosen` says of each
    point whether it is looked at.
    """

    def start(name: str) -> Path:
        made = root / name
        if begun is None:
            made.mkdir()
        else:
            shutil.copytree(begun, made)
        return made

    whole = start("whole")
    if _in_child(whole, _keeping(whole, root), part) != 0:
        raise SystemExit("the story failed without any crash")
    commits = sum(1 for _ in root.glob("*-after"))
    kills: list[Kill] = []
    for number in range(1, commits + 1):
        for after in (False, True):
            place = root / _name(number, after)
            if chosen():
                kills.append(Kill(root.name, number, after, False, _finished(place)))
            if number % KILLED_EVERY == KILLED_EVERY // 2:
                place = start(f"killed-{_name(number, after)}")
                status = _in_child(place, _killing(number, after), part)
                if not os.WIFSIGNALED(status):
                    raise SystemExit(f"commit {number} was not reached: status {status}")
                kills.append(Kill(root.name, number, after, True, _finished(place)))
    return kills


def _finished(place: Path) -> list[str]:
    """What was told when the story had ended that went on here."""
    if _in_child(place, lambda at, done: None, story) != 0:
        raise SystemExit(f"the story could not go on at {place}")
    told = _told(place)
    shutil.rmtree(place)
    return told


def main(root: Path, *, everywhere: bool) -> None:
    random = Random(SEED)
    whole, begun = root / "uninterrupted", root / "begun"
    for folder, part in ((whole, story), (begun, prologue)):
        folder.mkdir()
        # In this very process: its children find everything warm.
        asyncio.run(part(folder))
    expected = _told(whole)
    kills: list[Kill] = []
    for name, start, part in (("first", None, prologue), ("then", begun, story)):
        (root / name).mkdir()
        kills += _stop_everywhere(
            root / name, start, part, lambda: everywhere or random.random() < SHARE
        )
    outcomes = [
        {
            "part": kill.part,
            "commit": kill.commit,
            "after": kill.after,
            "real": kill.real,
            "lost": len([text for text in expected if text not in kill.told]),
            "repeated": len(kill.told) - len(set(kill.told)),
            "same_order": kill.told == expected,
        }
        for kill in kills
    ]
    print(json.dumps({"told": expected, "kills": outcomes}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), everywhere="--all" in sys.argv[2:])
