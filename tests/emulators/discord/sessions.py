"""What the bot has at the gateway: sessions, and the connections that they are told over."""

from __future__ import annotations

import asyncio
import json
import secrets
import zlib
from dataclasses import dataclass, field

from aiohttp import web

from tests.emulators.discord.world import Guild, Json

DISPATCH = 0

GUILDS, GUILD_MEMBERS, PRESENCES, GUILD_MESSAGES = 1 << 0, 1 << 1, 1 << 8, 1 << 9
DIRECT_MESSAGES, MESSAGE_CONTENT = 1 << 12, 1 << 15
PRIVILEGED = GUILD_MEMBERS | PRESENCES | MESSAGE_CONTENT
EVERY_INTENT = (1 << 26) - 1

_NEEDS: dict[str, tuple[int, int]] = {
    "GUILD_CREATE": (GUILDS, 0),
    "GUILD_DELETE": (GUILDS, 0),
    "GUILD_ROLE_CREATE": (GUILDS, 0),
    "CHANNEL_CREATE": (GUILDS, 0),
    "CHANNEL_UPDATE": (GUILDS, 0),
    "CHANNEL_DELETE": (GUILDS, 0),
    "CHANNEL_PINS_UPDATE": (GUILDS, DIRECT_MESSAGES),
    "MESSAGE_CREATE": (GUILD_MESSAGES, DIRECT_MESSAGES),
    "MESSAGE_UPDATE": (GUILD_MESSAGES, DIRECT_MESSAGES),
    "MESSAGE_DELETE": (GUILD_MESSAGES, DIRECT_MESSAGES),
}
"""The intent that an event of a server needs, and one of direct messages."""


@dataclass(eq=False)
class Session:
    """One shard of the bot; it goes on while the bot is away, and remembers what it missed."""

    shard: tuple[int, int]
    intents: int
    id: str = field(default_factory=lambda: secrets.token_hex(16))
    events: list[Json] = field(default_factory=list)
    connection: Connection | None = None

    def concerns(self, guild: Guild | None) -> bool:
        number, count = self.shard
        return (number == 0) if guild is None else guild.shard(count) == number

    def hears(self, event: str, guild: Guild | None) -> bool:
        needs = _NEEDS.get(event)
        if needs is None:
            return True
        wanted = needs[1] if guild is None else needs[0]
        return wanted == 0 or bool(self.intents & wanted)

    def dispatch(self, event: str, data: Json) -> None:
        told: Json = {"op": DISPATCH, "t": event, "s": len(self.events) + 1, "d": data}
        self.events.append(told)
        if self.connection is not None:
            self.connection.say(told)


@dataclass(eq=False)
class Connection:
    """A websocket. What is said goes out in order, by a task of its own."""

    socket: web.WebSocketResponse
    request: web.Request
    compressed: bool
    outgoing: asyncio.Queue[Json | None] = field(default_factory=asyncio.Queue)
    session: Session | None = None
    shut: bool = False
    """Closed from here: the bot's echo of that is no goodbye."""

    def __post_init__(self) -> None:
        self._squeeze = zlib.compressobj()
        self.awake = asyncio.Event()
        self.awake.set()

    def say(self, told: Json) -> None:
        self.outgoing.put_nowait(told)

    async def write(self) -> None:
        while (told := await self.outgoing.get()) is not None:
            await self.awake.wait()
            text = json.dumps(told, separators=(",", ":"))
            try:
                if self.compressed:
                    squeezed = self._squeeze.compress(text.encode())
                    await self.socket.send_bytes(squeezed + self._squeeze.flush(zlib.Z_SYNC_FLUSH))
                else:
                    await self.socket.send_str(text)
            except ConnectionError:
                return  # The session keeps it for the resume.

    async def close(self, code: int) -> None:
        self.shut = True
        await self.socket.close(code=code)

    def cut(self) -> None:
        """As when a cable is pulled: no close frame."""
        if self.request.transport is not None:
            self.request.transport.abort()
