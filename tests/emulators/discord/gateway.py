"""The gateway: sessions that outlive their connections, and what goes wrong with both."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

from aiohttp import WSCloseCode, WSMessage, WSMsgType, web

from tests.emulators.discord.sessions import (
    EVERY_INTENT,
    GUILD_MEMBERS,
    GUILDS,
    MESSAGE_CONTENT,
    PRIVILEGED,
    Connection,
    Session,
)
from tests.emulators.discord.world import Guild, Json

if TYPE_CHECKING:
    from tests.emulators.discord.places import Places

HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME, RECONNECT = 1, 2, 3, 4, 6, 7
REQUEST_MEMBERS, INVALID_SESSION, HELLO, HEARTBEAT_ACK = 8, 9, 10, 11


class Gateway:
    """Settings: `heartbeat_interval` (seconds), `shards` (what Discord asks for), `privileged`
    (intents that the application was granted)."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self.heartbeat_interval = 41.25
        self.shards = 1
        self.privileged = 0
        self.session_starts_left = 1000
        self.sessions: dict[str, Session] = {}
        self.connections: list[Connection] = []
        self.identifies: list[Json] = []
        """What each IDENTIFY said, without the token."""
        self.resumes = 0
        """Resumes that succeeded."""
        self.heartbeats = 0
        self.refused = 0
        self.closed_with: list[int] = []
        """Codes that the emulator closed with because the bot did something wrong."""
        self._refusals: int | None = 0
        self._refusal_status = 503
        self._new_deaf = False
        self._closing: set[asyncio.Task[None]] = set()

    def live(self) -> list[Session]:
        """Sessions with a connection, after READY or RESUMED."""
        return [one for one in list(self.sessions.values()) if one.connection is not None]

    # -- what goes wrong

    def drop(self, code: int | None = None) -> None:
        """Every connection ends: with a close code, or without a word."""

        def act() -> None:
            for connection in list(self.connections):
                if code is None:
                    connection.cut()
                else:
                    self._close(connection, code)

        self._places.on_loop(act)

    def reconnect(self) -> None:
        """Discord asks the bot to come back on a new connection (op 7)."""
        self._say_all({"op": RECONNECT, "d": None})

    def invalidate(self, resumable: bool) -> None:
        """Op 9."""
        if not resumable:
            self.forget_sessions()
        self._say_all({"op": INVALID_SESSION, "d": resumable})

    def forget_sessions(self) -> None:
        """No session can be resumed; the connections stay."""
        for session in list(self.sessions.values()):
            session.id = secrets.token_hex(16)
        self.sessions = {one.id: one for one in self.live()}

    def refuse(self, times: int | None = None, status: int = 503) -> None:
        """New connections are answered with `status` instead of a websocket."""
        self._refusals, self._refusal_status = times, status

    def accept(self) -> None:
        self._refusals = 0

    def go_deaf(self, *, new_too: bool = True) -> None:
        """Zombies: connections stay open, and nothing is acknowledged or told on them.

        `new_too`: new ones can be opened, and get no hello.
        """

        def act() -> None:
            self._new_deaf = new_too
            for connection in list(self.connections):
                connection.awake.clear()

        self._places.on_loop(act)

    def hear_again(self) -> None:
        """What was held back goes out where the connection is still there."""

        def act() -> None:
            self._new_deaf = False
            for connection in list(self.connections):
                connection.awake.set()

        self._places.on_loop(act)

    def _say_all(self, told: Json) -> None:
        def act() -> None:
            for connection in list(self.connections):
                connection.say(told)

        self._places.on_loop(act)

    def _close(self, connection: Connection, code: int) -> None:
        task = asyncio.get_running_loop().create_task(connection.close(code))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    # -- telling

    def tell(self, guild: Guild | None, event: str, data: Callable[[Session], Json]) -> None:
        """Every session that the event concerns and that has the intent for it."""

        def act() -> None:
            for session in list(self.sessions.values()):
                if session.concerns(guild) and session.hears(event, guild):
                    session.dispatch(event, self._shown(session, event, data(session)))

        self._places.on_loop(act)

    def tell_created(self, guild: Guild, *, joined: bool) -> None:
        """`joined`: the bot is new there; otherwise the server is back after an outage."""

        def created(session: Session) -> Json:
            told = self._created(session, guild)
            return {name: one for name, one in told.items() if not joined or name != "unavailable"}

        self.tell(guild, "GUILD_CREATE", created)

    def _created(self, session: Session, guild: Guild) -> Json:
        known = bool(session.intents & GUILD_MEMBERS)
        return guild.created(self._places.bot, known_members=known)

    def _shown(self, session: Session, event: str, data: Json) -> Json:
        """Without the privileged intent, other people's words are blank in servers."""
        if not event.startswith("MESSAGE_") or session.intents & MESSAGE_CONTENT:
            return data
        own = data.get("author", {}).get("id") == self._places.bot.id
        if own or "guild_id" not in data:
            return data
        return data | {"content": "", "embeds": [], "attachments": [], "components": []}

    # -- a connection's life

    async def connect(self, request: web.Request) -> web.StreamResponse:
        if self._refusals is None or self._refusals > 0:
            if self._refusals is not None:
                self._refusals -= 1
            self.refused += 1
            self._places.bell.ring()
            return web.Response(status=self._refusal_status)
        socket = web.WebSocketResponse(autoping=True, timeout=0.5, max_msg_size=4096 * 4)
        await socket.prepare(request)
        compressed = request.query.get("compress") == "zlib-stream"
        connection = Connection(socket, request, compressed)
        if self._new_deaf:
            connection.awake.clear()
        self.connections.append(connection)
        writer = asyncio.create_task(connection.write())
        connection.say({"op": HELLO, "d": {"heartbeat_interval": self._interval_ms()}})
        try:
            await self._listen(connection)
        finally:
            self.connections.remove(connection)
            self._leave(connection)
            connection.outgoing.put_nowait(None)
            writer.cancel()
            self._places.bell.ring()
        return socket

    def _interval_ms(self) -> int:
        return int(self.heartbeat_interval * 1000)

    def _leave(self, connection: Connection) -> None:
        session = connection.session
        if session is None or session.connection is not connection:
            return
        session.connection = None
        goodbye = connection.socket.close_code in (WSCloseCode.OK, WSCloseCode.GOING_AWAY)
        if goodbye and not connection.shut:
            self.sessions.pop(session.id, None)  # A bot that says goodbye is offline.

    async def _listen(self, connection: Connection) -> None:
        if connection.request.query.get("v", "10") != "10":
            await self._fault(connection, 4012)
            return
        while True:
            try:
                # Two beats without a word: the bot is dead.
                frame = await connection.socket.receive(timeout=2 * self.heartbeat_interval + 1)
            except TimeoutError:
                await self._fault(connection, 4009)
                return
            if frame.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
                return
            code = self._hear(connection, frame)
            self._places.bell.ring()
            if code is not None:
                await self._fault(connection, code)
                return

    async def _fault(self, connection: Connection, code: int) -> None:
        self.closed_with.append(code)
        await connection.close(code)

    def _hear(self, connection: Connection, frame: WSMessage) -> int | None:
        """The close code that it deserves, if any."""
        try:
            said: Json = json.loads(frame.data)
            op, data = said["op"], said.get("d") or {}
        except (ValueError, KeyError, TypeError):
            return 4002
        if op == HEARTBEAT:
            self.heartbeats += 1
            connection.say({"op": HEARTBEAT_ACK, "d": None})
            return None
        if op == IDENTIFY:
            return self._identify(connection, data)
        if op == RESUME:
            return self._resume(connection, data)
        if connection.session is None:
            return 4003
        return None if op in (PRESENCE, VOICE, REQUEST_MEMBERS) else 4001

    def _identify(self, connection: Connection, said: Json) -> int | None:
        if connection.session is not None:
            return 4005
        if said.get("token") != self._places.token:
            return 4004
        number, count = said.get("shard", [0, 1])
        if not 0 <= number < count:
            return 4010
        if count < self.shards and "shard" not in said:
            return 4011
        intents = said.get("intents")
        if not isinstance(intents, int) or intents & ~EVERY_INTENT:
            return 4013
        if intents & PRIVILEGED & ~self.privileged:
            return 4014
        self.identifies.append({name: one for name, one in said.items() if name != "token"})
        if self.session_starts_left <= 0:
            connection.say({"op": INVALID_SESSION, "d": False})
            return None
        self.session_starts_left -= 1
        self._begin(connection, Session((number, count), intents))
        return None

    def _begin(self, connection: Connection, session: Session) -> None:
        for other in list(self.sessions.values()):
            if other.shard == session.shard and other.connection is None:
                del self.sessions[other.id]  # A new session of a shard ends the one it left.
        session.connection, connection.session = connection, session
        places = self._places
        mine = [
            guild
            for guild in list(places.guilds.values())
            if places.bot.id in guild.members and session.concerns(guild)
        ]
        session.dispatch(
            "READY",
            {
                "v": 10,
                "user": places.bot.wire() | {"verified": True, "mfa_enabled": False, "email": None},
                "guilds": [{"id": guild.id, "unavailable": True} for guild in mine],
                "private_channels": [],
                "session_id": session.id,
                "session_type": "normal",
                "resume_gateway_url": f"{places.url.replace('http', 'ws', 1)}/resume/",
                "shard": list(session.shard),
                "application": {"id": places.application_id, "flags": 0},
                "_trace": [],
            },
        )
        for guild in mine:
            if guild.available and session.intents & GUILDS:
                session.dispatch("GUILD_CREATE", self._created(session, guild))
        self.sessions[session.id] = session

    def _resume(self, connection: Connection, said: Json) -> int | None:
        if connection.session is not None:
            return 4005
        if said.get("token") != self._places.token:
            return 4004
        session = self.sessions.get(str(said.get("session_id")))
        if session is None:
            connection.say({"op": INVALID_SESSION, "d": False})
            return None
        seen = said.get("seq")
        if not isinstance(seen, int) or not 0 <= seen <= len(session.events):
            return 4007
        if session.connection is not None:
            session.connection.cut()
        session.connection, connection.session = connection, session
        for missed in session.events[seen:]:
            connection.say(missed)
        session.dispatch("RESUMED", {"_trace": []})
        self.resumes += 1
        return None
