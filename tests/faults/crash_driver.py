"""Play a story in a real process and kill it at one commit; then play on. Prints what was lost.

`python -m tests.faults.crash_driver FOLDER` runs the story once to the end without a crash, then
for every commit of it twice more, with SIGKILL just before and just after that commit, each time
followed by a second process that finishes the story. Children are forked, so that the imports are
paid once. Output: one JSON object.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from datetime import date, timedelta
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
from bot.app import TERMINAL, Composer
from bot.commands import Request, Services
from bot.platforms.terminal import TerminalPlatform, make_console
from bot.replay import PastSource, moments

# Ten sessions in which Nvidia crosses five trillion both ways and filings come in.
FIRST, LAST = date(2025, 10, 27), date(2025, 11, 7)


async def story(folder: Path) -> None:
    """As much of the story as is not on the disk yet."""
    start, end = closing_bell(FIRST) - timedelta(days=1), closing_bell(LAST)
    clock = SetClock(start)
    evidence = Record().evidence
    database = Database(sqlite_url(folder / "bubblewatch.db"))
    try:
        await schema.upgrade(database)
        with StringIO() as nowhere:
            console = make_console(nowhere)
            composer = Composer(database, catalogue())
            platform = TerminalPlatform(folder / "terminal.jsonl", console, composer)
            outbox = Outbox(database, {platform.name: platform}, clock, Random(0))
            source = PastSource(evidence, clock)
            watch = Watch(
                database, catalogue(), (source,), Evidence(), clock, tells_staleness=False
            )
            services = Services(database, catalogue(), clock, watch, outbox.wake)
            await _prologue(database, watch, services)
            for moment in moments(evidence, start, end):
                clock.set(moment)
                await outbox.release_leases()
                await outbox.drain()
                await watch.tick()
                await outbox.drain()
    finally:
        await database.close()


async def _prologue(database: Database, watch: Watch, services: Services) -> None:
    async with database.read() as connection:
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
    original = DefaultDialect.do_commit
    number = 0

    def do_commit(self: DefaultDialect, connection: PoolProxiedConnection) -> None:
        nonlocal number
        number += 1
        on_commit(number, False)
        original(self, connection)
        on_commit(number, True)

    DefaultDialect.do_commit = do_commit  # type: ignore[method-assign, assignment]


def _in_child(folder: Path, on_commit: Callable[[int, bool], None]) -> int:
    """Run the story in a forked process; its exit status."""
    child = os.fork()
    if child == 0:
        try:
            _count_commits(on_commit)
            asyncio.run(story(folder))
        except BaseException:
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1]


def _told(folder: Path) -> list[str]:
    lines = (folder / "terminal.jsonl").read_text().splitlines()
    return [json.loads(line)["text"] for line in lines]


def main(root: Path) -> None:
    whole = root / "whole"
    whole.mkdir()
    log = root / "commits"

    def note(number: int, done: bool) -> None:
        if done:
            log.write_text(str(number))

    if _in_child(whole, note) != 0:
        raise SystemExit("the story failed without any crash")
    expected, commits = _told(whole), int(log.read_text())
    results = []
    for number in range(1, commits + 1):
        for after in (False, True):
            folder = root / f"{number}-{'after' if after else 'before'}"
            folder.mkdir()

            def kill(at: int, done: bool, number: int = number, after: bool = after) -> None:
                if at == number and done == after:
                    os.kill(os.getpid(), signal.SIGKILL)

            status = _in_child(folder, kill)
            if not os.WIFSIGNALED(status):
                raise SystemExit(f"commit {number} was not reached: status {status}")
            if _in_child(folder, lambda at, done: None) != 0:
                raise SystemExit(f"the story could not go on after commit {number}")
            told = _told(folder)
            results.append(
                {
                    "commit": number,
                    "after": after,
                    "lost": len([text for text in expected if text not in told]),
                    "repeated": len(told) - len(set(told)),
                    "same_order": told == expected,
                }
            )
    print(json.dumps({"commits": commits, "told": expected, "kills": results}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
