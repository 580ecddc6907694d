"""Socket Mode: connections that come back by themselves.

slack-sdk's own reconnecting keeps a refused ticket for ever and closes the old socket before it
opens a new one. Here a client lives for one connection; the next one is open before it is closed,
and a spare one stands beside it.

Pings and pauses go by the event loop's time, as all networking does, whatever clock rules the rest.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from random import Random
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import aiohttp
import orjson
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from alerts.platform import TemporaryFailure
from bot.platforms import PlatformRefused
from bot.platforms.slack.calls import SlackCalls, sdk_logger
from bot.platforms.slack.errors import SlackRefused

if TYPE_CHECKING:
    from slack_bolt.app.async_app import AsyncApp

log = logging.getLogger(__name__)

PING_EVERY_S = 5.0
SPARE_AFTER_S = 65.0
"""Slack gives out about one socket address a minute."""
CONNECT_WITHIN_S = 15.0
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 60.0
LINGER_S = 1.0
SETTLE_WITHIN_S = 3.0
CLOSE_WITHIN_S = 2.0


class Line(SocketModeClient):
    """One connection, until it ends: closed, deaf, or Slack says that it will end."""

    def __init__(self, app: AsyncApp, calls: SlackCalls, app_token: str) -> None:
        client = calls.client(app_token)
        super().__init__(
            app_token,
            sdk_logger(),
            client,
            ping_interval=PING_EVERY_S,
        )
        # The same proxy for the socket as for the calls: slack-sdk would not look at NO_PROXY.
        self.proxy = client.proxy
        self.greeted = asyncio.Event()
        self.ended = asyncio.Event()
        self._app = app
        self._in_hand: set[asyncio.Task[None]] = set()
        self._takes = True

    async def connect_to_new_endpoint(self, force: bool = False) -> None:
        """slack-sdk calls this when the connection is lost or about to be."""
        self.ended.set()

    async def connect(self) -> None:
        """Once, to the ticket in `wss_uri`: slack-sdk would try a refused one for ever.

        Raises aiohttp.ClientError.
        """
        assert self.wss_uri is not None
        self.current_session = await self.aiohttp_client_session.ws_connect(
            self.wss_uri,
            autoping=False,
            heartbeat=self.ping_interval,
            proxy=self.proxy,
            timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_WITHIN_S),
        )
        self.current_session_monitor = asyncio.ensure_future(self.monitor_current_session())
        self.message_receiver = asyncio.ensure_future(self.receive_messages())

    async def open(self, ticket: str) -> None:
        """Returns when Slack has said hello. Raises TemporaryFailure."""
        self.wss_uri = ticket
        try:
            async with asyncio.timeout(CONNECT_WITHIN_S):
                await self.connect()
                await self.greeted.wait()
        except TimeoutError as error:
            raise TemporaryFailure("the socket did not say hello") from error
        except (aiohttp.ClientError, OSError) as error:
            raise TemporaryFailure(f"the socket was not opened ({error})") from error

    async def watch(self) -> None:
        """Until it ends. A socket may go deaf without closing (bolt-python#952): then no answer
        comes to our pings."""
        loop = asyncio.get_running_loop()
        heard, at = self.last_ping_pong_time, loop.time()
        while not self.ended.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self.ended.wait(), self.ping_interval)
            if self.last_ping_pong_time != heard:
                heard, at = self.last_ping_pong_time, loop.time()
            if loop.time() - at > 4 * self.ping_interval or not await self.is_connected():
                self.ended.set()

    async def enqueue_message(self, message: str) -> None:
        """slack-sdk calls this with what was read; it would wait in a queue, and its
        acknowledgement for Bolt's middleware. Here nothing comes before the acknowledgement, unless
        that is to carry an answer."""
        heard: dict[str, Any] = orjson.loads(message) if message.startswith("{") else {}
        match heard.get("type"):
            case "hello":
                self.greeted.set()
            case "disconnect":
                self.ended.set()
            case _ if self._takes and (request := SocketModeRequest.from_dict(heard)) is not None:
                answers = _answers(request)
                if not answers:
                    await self._acknowledge(request)
                task = asyncio.create_task(self._take(request, answers=answers))
                self._in_hand.add(task)
                task.add_done_callback(self._in_hand.discard)

    async def _acknowledge(self, request: SocketModeRequest) -> None:
        try:
            await self.send_socket_mode_response({"envelope_id": request.envelope_id})
        except ConnectionError as error:
            # Slack will tell it again over another socket, and it is done once.
            log.info("slack: an acknowledgement was not sent: %s", error)

    async def _take(self, request: SocketModeRequest, *, answers: bool) -> None:
        try:
            response = await run_async_bolt_app(self._app, request)
            if answers:
                await send_async_response(self, request, response, 0.0)
        except ConnectionError as error:
            log.info("slack: the answer to a form was not sent: %s", error)
        except Exception:
            log.exception("slack: what came over a socket was not understood")

    async def handed_on(self) -> None:
        """Until Bolt has had everything that came."""
        while self._in_hand:
            await asyncio.wait(set(self._in_hand))

    async def leave(self) -> None:
        """When another line is open: what is still on its way over this one is taken and
        acknowledged."""
        if self.current_session is not None and not self.current_session.closed:
            await asyncio.sleep(LINGER_S)
        await self.end()

    async def end(self) -> None:
        """What was acknowledged is handed on; then close, and wait for slack-sdk's tasks."""
        # Slack tells what is not acknowledged to the next line.
        self._takes = False
        if self._in_hand:
            _, late = await asyncio.wait(set(self._in_hand), timeout=SETTLE_WITHIN_S)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        with suppress(OSError):
            await self.close()  # type: ignore[no-untyped-call]
        tasks = (self.message_processor, self.current_session_monitor, self.message_receiver)
        await asyncio.gather(*(task for task in tasks if task), return_exceptions=True)


def _answers(request: SocketModeRequest) -> bool:
    """Whether the acknowledgement says something: what is wrong in a form, what can be chosen."""
    kind = request.payload.get("type")
    return request.type == "interactive" and kind in ("view_submission", "block_suggestion")


class Sockets:
    """The lines of one app: one that is in use, and a spare."""

    def __init__(
        self,
        app: AsyncApp,
        calls: SlackCalls,
        app_token: str,
        random: Random,
    ) -> None:
        self._app = app
        self._calls = calls
        self._app_token = app_token
        self._random = random
        self._lines: WeakSet[Line] = WeakSet()

    async def handed_on(self) -> None:
        """Until Bolt has had everything that came over any line."""
        for line in list(self._lines):
            await line.handed_on()

    async def run(self) -> None:
        """Until cancelled. Raises PlatformRefused when Slack does not take the app token."""
        lines = [asyncio.create_task(self._keep(after)) for after in (0.0, SPARE_AFTER_S)]
        try:
            ended, _ = await asyncio.wait(lines, return_when=asyncio.FIRST_EXCEPTION)
            for line in ended:
                line.result()
        finally:
            for line in lines:
                line.cancel()
            await asyncio.gather(*lines, return_exceptions=True)

    async def _keep(self, after: float) -> None:
        """The next connection is there before the last one is given up."""
        if after > 0:
            await asyncio.sleep(after)
        lines: list[Line] = []
        try:
            while True:
                lines.append(await self._opened())
                for old in lines[:-1]:
                    await old.leave()
                    lines.remove(old)
                await lines[-1].watch()
                log.info("slack: a socket has ended; opening the next")
        finally:
            for line in lines:
                await line.end()

    async def _opened(self) -> Line:
        """With pauses that grow, for as long as it takes."""
        failures = 0
        while True:
            line = Line(self._app, self._calls, self._app_token)
            self._lines.add(line)
            try:
                await line.open(await self._ticket())
            except TemporaryFailure as failure:
                await line.end()
                wait = failure.retry_after or 0.0
                log.warning("slack: no socket yet: %s", failure.reason)
            except BaseException:
                await line.end()
                raise
            else:
                return line
            longest = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(failures, 20))
            failures += 1
            await asyncio.sleep(max(wait, longest * (1 - self._random.random() / 2)))

    async def _ticket(self) -> str:
        """An address that opens one socket once. Raises TemporaryFailure and PlatformRefused."""
        try:
            said = await self._calls.ask(self._app_token, "apps.connections.open", {})
        except SlackRefused as refused:
            raise PlatformRefused(
                f"Slack does not take the app token ({refused}). BUBBLEWATCH_SLACK_APP_TOKEN "
                "needs an app-level token (xapp-) with the scope connections:write."
            ) from refused
        return str(said["url"])
