"""`bubblewatch run` as others see it: on its port, in its pings and in its log."""

from __future__ import annotations

import asyncio
import json
import os
import queue
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web

from tests.emulators.server import Emulator
from tests.emulators.slack import SlackEmulator
from tests.emulators.yahoo import YahooEmulator
from tests.service.conftest import BUBBLEWATCH, Service, StartService, environment


class Listener(Emulator):
    """Hears pings, and tells a test that waits for one."""

    def routes(self) -> list[web.RouteDef]:
        self.heard: queue.Queue[str] = queue.Queue()

        async def ping(request: web.Request) -> web.StreamResponse:
            self.heard.put(request.path)
            return web.Response()

        return [web.get("/{path:.*}", ping)]


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
    return number


@pytest.fixture
def listener() -> Iterator[Listener]:
    with Listener() as found:
        yield found


def run(data: Path, port: int, **settings: str) -> subprocess.Popen[str]:
    env = {**environment(data), "PORT": str(port), "BUBBLEWATCH_LOG_LEVEL": "INFO", **settings}
    return subprocess.Popen(
        [BUBBLEWATCH, "run", "--no-replay"],
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def read(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=20) as answer:
        text: str = answer.read().decode()
    return text


def test_the_service_is_seen_on_its_port_pings_and_logs_json(
    data: Path, port: int, listener: Listener, busy_yahoo: YahooEmulator
) -> None:
    address = f"{listener.url}/ping/4dd1-secret"
    elsewhere = {"BUBBLEWATCH_YAHOO_URL": busy_yahoo.url}
    process = run(data, port, BUBBLEWATCH_PING_URL=address, **elsewhere)
    try:
        service = Service(process)
        assert listener.heard.get(timeout=60) == "/ping/4dd1-secret"
        assert json.loads(read(port, "/readyz"))["status"] == "ok"
        assert json.loads(read(port, "/healthz"))["parts"]["schedule"]["last_look"]
        assert "Is AI a bubble?" in read(port, "/?lang=en")
        assert 'bubblewatch_ticks_total{outcome="good"} 1.0' in read(port, "/metrics")
        code, _ = service.stop()
    finally:
        process.kill()
        process.wait()
    assert code == 0
    said = [line for line in service.lines if line.startswith("{")]
    events = [json.loads(line) for line in said]
    looks = [event for event in events if event["logger"].startswith(("alerts", "bot"))]
    assert all({"message", "level", "logger", "timestamp"} <= set(event) for event in events)
    assert all(event.get("correlation", "x") for event in looks)
    assert "4dd1-secret" not in service.output


async def test_slack_calls_at_the_port_where_the_page_is(
    data: Path, port: int, busy_yahoo: YahooEmulator
) -> None:
    with SlackEmulator() as slack:
        team = slack.add_team("Acme")
        ann = team.add_user("Ann", admin=True)
        general = team.add_channel("general", creator=ann)
        slack.request_url.url = f"http://127.0.0.1:{port}/slack/events"
        process = run(
            data,
            port,
            BUBBLEWATCH_SLACK_BOT_TOKEN=team.bot_token,
            BUBBLEWATCH_SLACK_SIGNING_SECRET=slack.signing_secret,
            BUBBLEWATCH_SLACK_API_URL=slack.api_url,
            BUBBLEWATCH_PUBLIC_URL="https://bubblewatch.example.org",
            BUBBLEWATCH_YAHOO_URL=busy_yahoo.url,
        )
        try:
            service = Service(process)
            await slack.until(lambda: slack.calls_of("auth.test"), 60)
            async with asyncio.timeout(60):
                verified = await slack.verify_url()
                while verified.status == 0:
                    # The port is opened a moment later.
                    verified = await slack.verify_url()
            assert (verified.status, "3eZbrw1aB" in verified.answer) == (200, True)
            asked = slack.slash(team, general, ann, "subscribe article")
            assert (await asked.acknowledged()).after_seconds < slack.request_url.deadline
            await asked.answered()
            asked = slack.slash(team, general, ann, "show nvda")
            assert "Nvidia" in str(await asked.answered())
            slack.request_url.sign_wrongly = 1
            assert (await slack.verify_url()).status == 401
            # The others are still there.
            page = await asyncio.to_thread(read, port, "/?lang=en")
            assert "Is AI a bubble?" in page
            health = json.loads(await asyncio.to_thread(read, port, "/healthz"))
            assert health["status"] == "ok"
            code, _ = await asyncio.to_thread(service.stop)
        finally:
            process.kill()
            process.wait()
        assert code == 0
        assert slack.violations == []


def test_a_port_that_is_taken_ends_the_service_with_a_sentence(
    start: StartService, data: Path
) -> None:
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", 0))
        taken.listen()
        number = taken.getsockname()[1]
        process = run(data, number)
        try:
            service = Service(process)
            line = service.wait_for("cannot be listened on", 60)
            assert process.wait(timeout=30) == 1
        finally:
            process.kill()
            process.wait()
    assert "BUBBLEWATCH_PORT names another" in json.loads(line)["message"]
    assert os.path.exists(data / "bubblewatch.db"), "everything is kept"
