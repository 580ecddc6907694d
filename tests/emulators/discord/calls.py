"""A REST call on its way in: mishaps, token, rate limit, published description, then its answer."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import web

from tests.emulators.discord.errors import DiscordError
from tests.emulators.discord.mischief import Mishap
from tests.emulators.discord.permissions import Permission, permissions_in
from tests.emulators.discord.world import Channel, Guild, Json, User

if TYPE_CHECKING:
    from tests.emulators.discord.emulator import DiscordEmulator

Answer = Json | list[Json] | None
"""None is 204 without a body."""

PREFIX = "/api/v10"


@dataclass(frozen=True, slots=True)
class Upload:
    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Call:
    discord: DiscordEmulator
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    """The JSON, also when it came beside files; None without one."""
    files: Mapping[str, Upload] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.parameters[name]

    @property
    def form(self) -> Json:
        """The body, when it must be an object."""
        if not isinstance(self.body, dict):
            told = {"code": "DICT_TYPE_CONVERT", "message": "Only dictionaries may be used"}
            raise DiscordError(50035, {"_errors": [told]})
        return self.body

    def flag(self, name: str) -> bool:
        return self.query.get(name, "").lower() in ("1", "true")

    def channel(self, *needs: Permission) -> Channel:
        """The one of the path. Raises 10003, 50001 when it is out of sight, 50013."""
        channel = self.discord.channels.get(self["channel_id"])
        if channel is None:
            raise DiscordError(10003)
        held = permissions_in(channel, self.discord.bot.id)
        if Permission.VIEW_CHANNEL not in held:
            raise DiscordError(50001)
        if any(need not in held for need in needs):
            raise DiscordError(50013)
        return channel

    def guild(self) -> Guild:
        """The one of the path. Raises 10004 where the bot is not a member."""
        guild = self.discord.guilds.get(self["guild_id"])
        if guild is None or self.discord.bot.id not in guild.members:
            raise DiscordError(10004)
        return guild

    def message(self, channel: Channel) -> Json:
        found = channel.messages.get(self["message_id"])
        if found is None:
            raise DiscordError(10008)
        return found

    def user(self, user_id: str) -> User:
        found = self.discord.users.get(user_id)
        if found is None:
            raise DiscordError(10013)
        return found


Handler = Callable[[Call], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Route:
    """`place`: the parameters that have a bucket each. `free`: no token, and not bound to the
    global limit, as everything that belongs to an interaction."""

    method: str
    path: str
    handler: Handler
    bucket: str
    place: tuple[str, ...]
    free: bool


ROUTES: list[Route] = []


def route(
    method: str, path: str, *, bucket: str = "other", place: str = "", free: bool = False
) -> Callable[[Handler], Handler]:
    def add(handler: Handler) -> Handler:
        ROUTES.append(Route(method, path, handler, bucket, tuple(place.split()), free))
        return handler

    return add


def routes_of(discord: DiscordEmulator) -> list[web.RouteDef]:
    async def unknown(request: web.Request) -> web.StreamResponse:
        discord.violations.append(f"no such call here: {request.method} {request.path}")
        return _json({"message": "404: Not Found", "code": 0}, 404)

    async def uploaded(request: web.Request) -> web.StreamResponse:
        content = discord.uploads.get(request.match_info["attachment_id"])
        return web.Response(status=404) if content is None else web.Response(body=content)

    # `messages/@original` is no message id.
    plain_first = sorted(ROUTES, key=lambda one: one.path.count("{"))
    return [
        *(
            web.route(one.method, PREFIX + one.path, _Door(discord, one).enter)
            for one in plain_first
        ),
        web.get("/attachments/{channel_id}/{attachment_id}/{name}", uploaded),
        web.route("*", PREFIX + "/{rest:.*}", unknown),
    ]


class _Door:
    """One route of one emulator."""

    def __init__(self, discord: DiscordEmulator, route: Route) -> None:
        self._discord = discord
        self._route = route

    async def enter(self, request: web.Request) -> web.StreamResponse:
        discord = self._discord
        mishap = next(
            (one for one in discord.mishaps if one.strikes(request.method, request.path)), None
        )
        if mishap is not None and mishap.kind in ("hang", "cut before", "status"):
            return await self._without_the_call(request, mishap)
        response = await self._answer(request, mishap)
        if response.status in (401, 403, 429):
            discord.rates.invalid += 1
        discord.bell.ring()
        if mishap is not None and mishap.kind == "cut after":
            return _cut(request)
        return response

    async def _without_the_call(self, request: web.Request, mishap: Mishap) -> web.StreamResponse:
        self._discord.bell.ring()
        match mishap.kind:
            case "hang":
                await self._discord.ended()
                return web.Response(status=503)
            case "cut before":
                return _cut(request)
            case _:
                page = not mishap.body.startswith("{")
                kind = "text/html" if page else "application/json"
                return web.Response(
                    status=int(mishap.value), body=mishap.body.encode(), content_type=kind
                )

    async def _answer(self, request: web.Request, mishap: Mishap | None) -> web.Response:
        """1. who calls · 2. how often · 3. what it says · 4. what comes of it."""
        discord, route = self._discord, self._route
        if not route.free and request.headers.get("Authorization") != f"Bot {discord.token}":
            return _json(DiscordError(0).wire(), 401)
        place = " ".join(request.match_info[name] for name in route.place)
        verdict = discord.rates.earn(route.bucket, place, bound=not route.free)
        wait, everywhere = verdict.wait, verdict.everywhere
        if mishap is not None and mishap.kind == "429":
            wait, everywhere = mishap.value, mishap.everywhere
        if wait is not None:
            headers = verdict.headers | discord.rates.headers_of(
                wait,
                everywhere=everywhere,
                via=mishap.via if mishap else None,
                scope=mishap.scope if mishap else "",
            )
            message = "You are being rate limited."
            told = {"message": message, "retry_after": round(wait, 3), "global": everywhere}
            return _json(told, 429, headers)
        try:
            call = await self._read(request)
            if mishap is not None and mishap.kind == "error":
                raise DiscordError(int(mishap.value))
            answer = await route.handler(call)
        except DiscordError as error:
            return _json(error.wire(), error.status, verdict.headers)
        if discord.description is not None and discord.check_answers:
            path, status = request.path.removeprefix(PREFIX), 200 if answer is not None else 204
            discord.violations += discord.description.faults(request.method, path, status, answer)
        if answer is None:
            return web.Response(status=204, headers=verdict.headers)
        return _json(answer, 200, verdict.headers)

    async def _read(self, request: web.Request) -> Call:
        raw = await request.read()
        discord = self._discord
        files: dict[str, Upload] = {}
        text = raw
        if request.content_type == "multipart/form-data":
            files = parts_of(request.headers["Content-Type"], raw)
            text = files.pop("payload_json", Upload("", "", b"")).content
        if sum(len(one.content) for one in files.values()) > discord.largest_upload:
            raise DiscordError(40005)
        try:
            body = json.loads(text) if text else None
        except ValueError as error:
            raise DiscordError(50109) from error
        if discord.description is not None and discord.check_requests:
            discord.violations += discord.description.violations(
                request.method, request.path.removeprefix(PREFIX), dict(request.query), body, files
            )
        return Call(discord, dict(request.match_info), request.query, body, files)


def parts_of(content_type: str, body: bytes) -> dict[str, Upload]:
    """The parts of a form with files, by name."""
    found = re.search(r'boundary="?([^";]+)', content_type)
    if found is None:
        raise DiscordError(50035)
    parts: dict[str, Upload] = {}
    for part in body.split(b"--" + found[1].encode())[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        headers = head.decode()
        name = re.search(r'[ ;]name="([^"]*)"', headers)
        file_name = re.search(r'filename="([^"]*)"', headers)
        kind = re.search(r"(?im)^content-type: *([^\r\n;]+)", headers)
        if name is not None:
            parts[name[1]] = Upload(
                file_name[1] if file_name else "",
                kind[1] if kind else "application/octet-stream",
                content.removesuffix(b"\r\n"),
            )
    return parts


def _json(
    answer: Json | list[Json], status: int, headers: Mapping[str, str] | None = None
) -> web.Response:
    return web.Response(
        status=status,
        body=json.dumps(answer).encode(),
        content_type="application/json",
        headers=headers,
    )


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)
