"""Socket Mode: tickets, websockets, envelopes, and everything that may go wrong with them."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from aiohttp import WSMsgType, web

from tests.emulators.slack.bell import Bell
from tests.emulators.slack.interactions import Ack, Attempt, Interaction
from tests.emulators.slack.world import Json

Reason = Literal["warning", "refresh_requested", "link_disabled", "too_many_websockets"]

HOST = "applink-emulated-0"
MOST_CONNECTIONS = 10


@dataclass(eq=False)
class Connection:
    socket: web.WebSocketResponse
    request: web.Request
    opened: float = field(default_factory=time.monotonic)
    deaf: bool = False
    pings: int = 0
    """Ping frames that came from the app."""

    @property
    def usable(self) -> bool:
        return not self.socket.closed and not self.socket._closing

    async def say(self, message: Json) -> None:
        if not self.deaf and self.usable:
            with contextlib.suppress(ConnectionError, RuntimeError):
                await self.socket.send_json(message)

    def drop(self) -> None:
        """Without a closing handshake, as a cable that is pulled."""
        transport = self.request.transport
        if transport is not None:
            transport.abort()


@dataclass
class SocketMode:
    """The sockets of one app. Assign `ping_every` before the app connects."""

    bell: Bell
    took: Callable[[Interaction, Json | None], None]
    ping_every: float = 5.0
    approximate_connection_time: int = 18060
    connections: list[Connection] = field(default_factory=list, init=False)
    opened: int = field(default=0, init=False)
    """How many sockets have ever been accepted."""
    refused: int = field(default=0, init=False)
    stray_acks: list[Json] = field(default_factory=list, init=False)
    """Acknowledgements of envelopes that nobody sent, and other frames without a meaning."""

    def __post_init__(self) -> None:
        self._tickets: set[str] = set()
        self._sent: dict[str, tuple[Interaction, float]] = {}
        self._turn = itertools.count()
        self._refusals: list[int] = []
        self._deaf_from_now = False

    def issue(self, url: str, app_id: str) -> str:
        """An address that opens one socket, once."""
        ticket = secrets.token_hex(8)
        self._tickets.add(ticket)
        return f"{url.replace('http', 'ws', 1)}/link/?ticket={ticket}&app_id={app_id}"

    def live(self) -> list[Connection]:
        return [connection for connection in list(self.connections) if connection.usable]

    # -- what goes wrong

    def refuse(self, times: int, status: int) -> None:
        """The next so many sockets get this HTTP status instead."""
        self._refusals = [status] * times

    def forget_tickets(self) -> None:
        """Every address given out so far is stale."""
        self._tickets.clear()

    def go_deaf(self, also_new: bool) -> None:
        for connection in self.live():
            connection.deaf = True
        self._deaf_from_now = also_new

    def hear_again(self) -> None:
        self._deaf_from_now = False
        for connection in self.live():
            connection.deaf = False

    def drop(self) -> None:
        for connection in self.live():
            connection.drop()

    async def disconnect(self, reason: Reason, close_after: float | None) -> None:
        for connection in self.live():
            await self._say_goodbye(connection, reason, close_after)

    async def _say_goodbye(
        self, connection: Connection, reason: Reason, close_after: float | None
    ) -> None:
        await connection.say({"type": "disconnect", "reason": reason, "debug_info": {"host": HOST}})
        if close_after is not None:
            loop = asyncio.get_running_loop()
            loop.call_later(
                close_after, lambda: loop.create_task(connection.socket.close(), name="goodbye")
            )

    # -- a connection's life

    async def connect(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if self._refusals or ticket not in self._tickets:
            self.refused += 1
            self.bell.ring()
            status = self._refusals.pop() if self._refusals else 403
            return web.Response(status=status, text="")
        self._tickets.discard(ticket)
        socket = web.WebSocketResponse(autoping=False, autoclose=True, timeout=1.0)
        await socket.prepare(request)
        connection = Connection(socket, request, deaf=self._deaf_from_now)
        if len(self.live()) >= MOST_CONNECTIONS:
            await self._say_goodbye(connection, "too_many_websockets", 0.1)
        else:
            self.connections.append(connection)
            self.opened += 1
            await connection.say(self._hello(request))
        self.bell.ring()
        pings = asyncio.create_task(self._ping(connection))
        try:
            await self._listen(connection)
        finally:
            pings.cancel()
            if connection in self.connections:
                self.connections.remove(connection)
            self.bell.ring()
        return socket

    def _hello(self, request: web.Request) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.live()),
            "debug_info": {
                "host": HOST,
                "build_number": 1,
                "approximate_connection_time": self.approximate_connection_time,
            },
            "connection_info": {"app_id": request.query.get("app_id", "")},
        }

    async def _ping(self, connection: Connection) -> None:
        while connection.usable:
            await asyncio.sleep(self.ping_every)
            if not connection.deaf:
                with contextlib.suppress(ConnectionError):
                    await connection.socket.ping(b"Ping from " + HOST.encode())

    async def _listen(self, connection: Connection) -> None:
        async for frame in connection.socket:
            if frame.type == WSMsgType.PING:
                connection.pings += 1
                if not connection.deaf:
                    await connection.socket.pong(frame.data)
            elif frame.type == WSMsgType.TEXT and not connection.deaf:
                self._hear(frame.data)

    def _hear(self, text: str) -> None:
        said = json.loads(text)
        sent = self._sent.pop(str(said.get("envelope_id")), None)
        if sent is None:
            self.stray_acks.append(said)
        else:
            interaction, at = sent
            now = time.monotonic()
            if interaction.ack is None:
                interaction.ack = Ack(now - at, said.get("payload"), now)
                interaction.heard.set()
                if interaction.failure is None:  # what comes too late is not listened to
                    self.took(interaction, said.get("payload"))
                interaction.bell.ring()
        self.bell.ring()

    async def send(self, interaction: Interaction, number: int, reason: str) -> None:
        """Over one of the open sockets, in turn."""
        live = self.live()
        connection = live[next(self._turn) % len(live)]
        envelope_id = secrets.token_hex(16)
        events = interaction.kind == "events_api"
        envelope: Json = {
            "envelope_id": envelope_id,
            "payload": interaction.body,
            "type": interaction.kind,
            "accepts_response_payload": not events,
        }
        if events:
            envelope |= {"retry_attempt": number, "retry_reason": reason}
        now = time.monotonic()
        self._sent[envelope_id] = (interaction, now)
        interaction.attempts.append(Attempt(number, now, "socket", envelope_id))
        self.bell.ring()
        await connection.say(envelope)
