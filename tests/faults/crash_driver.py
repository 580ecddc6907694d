"""Play a story in a real process and kill it at one commit; then play on. Prints what was lost.

`python -m tests.faults.crash_driver FOLDER` runs the story once to the end without a crash, then
for every commit of it twice more, with SIGKILL just before and just after that commit, each time
followed by a second process that finishes the story. Children are forked, so that the imports are
paid once; the kills after the prologue start from a copy of a folder with the prologue in it.
Output: one JSON object.
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


def _in_child(
    folder: Path,
    on_commit: Callable[[int, bool], None],
    part: Callable[[Path], Coroutine[None, None, None]],
) -> int:
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
    """Where the process was killed, and what the transcript held when the story had ended."""

    part: str
    commit: int
    after: bool
    told: list[str]


def _noting(log: Path) -> Callable[[int, bool], None]:
    def note(number: int, done: bool) -> None:
        if done:
            log.write_text(str(number))

    return note


def _killing(number: int, after: bool) -> Callable[[int, bool], None]:
    def kill(at: int, done: bool) -> None:
        if at == number and done == after:
            os.kill(os.getpid(), signal.SIGKILL)

    return kill


def _kill_everywhere(
    root: Path, begun: Path | None, part: Callable[[Path], Coroutine[None, None, None]]
) -> list[Kill]:
    """Kill one part of the story at each of its commits, then let the whole story finish.

    `begun`: the folder that the part starts from; None is an empty one.
    """
    log = root / "commits"

    def folder(name: str) -> Path:
        made = root / name
        if begun is None:
            made.mkdir()
        else:
            shutil.copytree(begun, made)
        return made

    if _in_child(folder("counted"), _noting(log), part) != 0:
        raise SystemExit("the story failed without any crash")
    kills: list[Kill] = []
    for number in range(1, int(log.read_text()) + 1):
        for after in (False, True):
            place = folder(f"{number}-{'after' if after else 'before'}")
            status = _in_child(place, _killing(number, after), part)
            if not os.WIFSIGNALED(status):
                raise SystemExit(f"commit {number} was not reached: status {status}")
            if _in_child(place, lambda at, done: None, story) != 0:
                raise SystemExit(f"the story could not go on after commit {number}")
            kills.append(Kill(root.name, number, after, _told(place)))
            shutil.rmtree(place)
    return kills


def main(root: Path) -> None:
    # Before any fork, so that it is worked out once.
    _moments()
    whole, begun = root / "whole", root / "begun"
    whole.mkdir()
    begun.mkdir()
    for place, part in ((whole, story), (begun, prologue)):
        if _in_child(place, lambda at, done: None, part) != 0:
            raise SystemExit("the story failed without any crash")
    expected = _told(whole)
    kills: list[Kill] = []
    for name, start, part in (("first", None, prologue), ("then", begun, story)):
        (root / name).mkdir()
        kills += _kill_everywhere(root / name, start, part)
    outcomes = [
        {
            "part": kill.part,
            "commit": kill.commit,
            "after": kill.after,
            "lost": len([text for text in expected if text not in kill.told]),
            "repeated": len(kill.told) - len(set(kill.told)),
            "same_order": kill.told == expected,
        }
        for kill in kills
    ]
    print(json.dumps({"told": expected, "kills": outcomes}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
