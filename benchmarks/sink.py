"""One crossing told to 10,000 channels by a sink that answers in 20 ms and limits nothing.

Run alone: `python -m benchmarks.sink [channels]`. Goals: 5 s, 8.5 seconds of processor time and
200 MiB of memory, which is what Debian's Alertmanager 0.25 takes for the first two (it took 814
MB). It stands beside us when `prometheus-alertmanager` is installed.

The sink speaks as much of Slack's Web API as our Slack platform needs to post: nothing of the
service is replaced, its outbox, its pace and slack-sdk's client included. The channels are spread
over 200 workspaces, so that the pace that we keep with Slack (600 messages a minute in each) never
waits. What we send is more than what the peer sends: blocks with buttons, and a picture for each
workspace.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web

from alerts.store.destinations import Place
from benchmarks import alertmanager
from benchmarks.process import Taken, await_port, free_port, running, wait
from benchmarks.stage import furnish, install, open_market, slack_settings
from benchmarks.table import heading, row
from tests.emulators.server import Emulator

CHANNELS = 10_000
WORKSPACES = 200
ANSWER_S = 0.02


def longest_s(channels: int) -> float:
    """Seconds after which a run is given up."""
    return max(120.0, channels / 500)


@dataclass
class Sink(Emulator):
    """Slack as far as posting goes: takes everything, 20 ms after it came."""

    largest_body = 16 * 1024**2

    posted: Counter[str] = field(default_factory=Counter, init=False)
    calls: Counter[str] = field(default_factory=Counter, init=False)
    last_at: float = field(default=0.0, init=False)
    """When the last message was answered, by the wall clock."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.records = False
        self._numbers = itertools.count(1)

    def routes(self) -> list[web.RouteDef]:
        return [
            web.post("/upload", self._upload),
            web.route("*", "/api/{method}", self._call),
            web.post("/hook/{channel}", self._hook),
        ]

    async def _hook(self, request: web.Request) -> web.StreamResponse:
        """An incoming webhook, as Alertmanager's Slack receiver uses it."""
        await asyncio.sleep(ANSWER_S)
        self._count(request.match_info["channel"])
        return web.Response(text="ok")

    async def _call(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        self.calls[method] += 1
        number = next(self._numbers)
        answer: dict[str, object] = {"ok": True}
        await asyncio.sleep(ANSWER_S)
        if method == "chat.postMessage":
            said = json.loads(await request.text())
            self._count(said["channel"])
            answer |= {"channel": said["channel"], "ts": f"1700000000.{number:06d}"}
        elif method == "files.getUploadURLExternal":
            answer |= {"upload_url": f"{self.url}/upload", "file_id": f"F{number}"}
        elif method == "files.info":
            answer["file"] = {"id": "F", "mimetype": "image/png"}
        return web.json_response(answer)

    def _count(self, channel: str) -> None:
        self.posted[channel] += 1
        self.last_at = time.time()

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        await request.read()
        return web.Response(text="OK")


@dataclass(frozen=True, slots=True)
class Result:
    seconds: float
    taken: Taken
    lost: int
    twice: int
    calls: int


def places_of(channels: int) -> list[Place]:
    return [Place("slack", f"T{i % WORKSPACES:06d}", f"C{i:08d}") for i in range(channels)]


def measure(channels: int) -> Result:
    """From the moment of the decision to the last answer."""
    places = places_of(channels)
    teams = {place.workspace: f"xoxb-{place.workspace}" for place in places}
    with tempfile.TemporaryDirectory() as folder, Sink() as sink, open_market() as market:
        data = Path(folder)
        furnish(data, places)
        asyncio.run(install(data / "bubblewatch.db", teams))
        settings = slack_settings(f"{sink.url}/api/", "signing", free_port())
        with running(data, market.urls(), settings) as service:
            await_port(int(settings["port"]))
            market.cross()
            wait(service, lambda: len(sink.posted) >= channels, longest_s(channels))
            began = service.crossed_at() or 0.0
            time.sleep(1)
            taken = service.meter.between(began, sink.last_at)
    return _result(channels, sink, began, taken)


def measure_peer(channels: int) -> Result:
    """From the moment the alert was handed over to the last answer."""
    with tempfile.TemporaryDirectory() as folder, Sink() as sink:
        peer = alertmanager.start(Path(folder), sink.url, channels)
        try:
            ends = time.monotonic() + longest_s(channels)
            while len(sink.posted) < channels and time.monotonic() < ends:
                time.sleep(0.02)
            time.sleep(1)
            taken = peer.taken(sink.last_at)
        finally:
            peer.stop()
    return _result(channels, sink, peer.began, taken)


def _result(channels: int, sink: Sink, began: float, taken: Taken) -> Result:
    lost = channels - len(sink.posted)
    twice = sum(count - 1 for count in sink.posted.values())
    return Result(sink.last_at - began, taken, lost, twice, sink.calls.total())


def main(channels: int = CHANNELS) -> None:
    ours = measure(channels)
    heading(f"one crossing → {channels:,} channels, a sink that answers in 20 ms")
    seconds, cpu_s = ("<= 5 s", "<= 8.5 s") if channels == CHANNELS else ("–", "–")
    row("from the decision to the last answer", f"{ours.seconds:.1f} s", seconds)
    row("processor time, with the drawing of the chart", f"{ours.taken.cpu_s:.1f} s", cpu_s)
    row("peak memory of the service", f"{ours.taken.peak:.0f} MiB", "<= 200 MiB")
    row("  with the processes that draw and fetch", f"{ours.taken.with_children:.0f} MiB")
    row("calls of the Web API", f"{ours.calls:,}")
    row("lost / twice", f"{ours.lost} / {ours.twice}", "0 / 0")
    if not alertmanager.is_installed():
        row("Alertmanager: not installed (prometheus-alertmanager)", "–")
        return
    if channels > CHANNELS:
        row("Alertmanager: not asked; it takes a gigabyte for 10,000", "–")
        return
    peer = measure_peer(channels)
    row("Alertmanager: from the alert to the last answer", f"{peer.seconds:.1f} s")
    row("Alertmanager: processor time", f"{peer.taken.cpu_s:.1f} s")
    row("Alertmanager: peak memory", f"{peer.taken.peak:.0f} MiB")
    row("Alertmanager: lost / twice", f"{peer.lost} / {peer.twice}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
