"""Starts `bubblewatch run` again and again, and kills it where it was told to.

A process of its own that imports everything once and forks for each start. Two things are not the
hosted ones, because they would only cost time: no source is asked but the ledger of facts, and
the picture that goes with every alert was drawn beforehand.

It is told in lines of JSON on standard input, one a start, and answers with two lines: the number
of the process when it begins, and its status when it ended.
"""

from __future__ import annotations

import base64
import importlib
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.pool import PoolProxiedConnection

import bot.app
import bot.cli
from alerts.sources import Source
from bot.charts.drawer import Drawer
from bot.charts.kinds import Chart

PRELOADED = (
    "bot.service",
    "bot.platforms.discord.platform",
    "bot.platforms.slack.platform",
    "bot.platforms.slack.installs",
    "slack_bolt.app.async_app",
    "slack_bolt.oauth.async_oauth_flow",
)
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""One pixel."""


@dataclass
class Ends:
    """Counts the moments between two effects, and dies at the one that was named."""

    kind: str
    number: int
    addresses: Mapping[str, str]
    """Where each platform is."""
    seen: dict[str, int] = field(default_factory=dict)

    def at(self, kind: str) -> None:
        self.seen[kind] = self.seen.get(kind, 0) + 1
        if kind == self.kind and self.seen[kind] == self.number:
            os.kill(os.getpid(), signal.SIGKILL)

    def platform_of(self, url: str) -> str | None:
        found = (name for name, base in self.addresses.items() if url.startswith(base))
        return next(found, None)


def _watch_commits(ends: Ends) -> None:
    original: Callable[[DefaultDialect, PoolProxiedConnection], None] = DefaultDialect.do_commit

    def do_commit(self: DefaultDialect, connection: PoolProxiedConnection) -> None:
        ends.at("before a commit")
        original(self, connection)
        ends.at("after a commit")

    DefaultDialect.do_commit = do_commit  # type: ignore[method-assign]


def _watch_requests(ends: Ends) -> None:
    original = aiohttp.ClientSession._request

    async def request(
        self: aiohttp.ClientSession, method: str, url: Any, **more: Any
    ) -> aiohttp.ClientResponse:
        platform = ends.platform_of(str(url))
        if platform is not None:
            ends.at(f"{platform}: before a request")
        answer = await original(self, method, url, **more)
        if platform is not None:
            ends.at(f"{platform}: after an answer")
        return answer

    aiohttp.ClientSession._request = request  # type: ignore[assignment,method-assign]


def _without_sources(*_: object) -> tuple[Source, ...]:
    return ()


async def _drawn_before(_: Drawer, __: Chart) -> bytes:
    return PICTURE


def _run(asked: Mapping[str, Any]) -> int:
    log = os.open(asked["log"], os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.clear()
    os.environ.update(asked["env"])
    ends = Ends(asked["kind"], asked["number"], asked["addresses"])
    _watch_commits(ends)
    _watch_requests(ends)
    bot.app.live_sources = _without_sources  # type: ignore[assignment]
    Drawer.draw = _drawn_before  # type: ignore[assignment,method-assign]
    return bot.cli.main(["run", "--no-replay"])


def _forked(asked: Mapping[str, Any]) -> int:
    sys.stdout.flush()
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        code = _run(asked)
        sys.stdout.flush()
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(code)


def main() -> None:
    for name in PRELOADED:
        importlib.import_module(name)
    # Whoever ends the parent ends what it started.
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        Path(asked["log"]).parent.mkdir(parents=True, exist_ok=True)
        child = _forked(asked)
        print(json.dumps({"began": child}), flush=True)
        status = os.waitpid(child, 0)[1]
        print(json.dumps({"ended": child, "status": status}), flush=True)


if __name__ == "__main__":
    main()
