"""A call of the Web API: its arguments, its token, and the table of methods that answer it."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from aiohttp import web

from tests.emulators.slack.world import Channel, Json, Team, Token, User

if TYPE_CHECKING:
    from tests.emulators.slack.slack_server import SlackServer


class SlackError(Exception):
    """An answer with `ok` false: its error string, and what else belongs to the answer."""

    def __init__(self, error: str, **more: Any) -> None:
        super().__init__(error)
        self.error = error
        self.more = more


@dataclass(frozen=True, slots=True)
class Call:
    slack: SlackServer
    method: str
    arguments: Mapping[str, Any]
    token: Token | None
    bearer: str | None = None

    def needs(self, scope: str) -> None:
        have = self.token.scopes if self.token is not None else None
        if have is not None and scope not in have:
            raise SlackError("missing_scope", needed=scope, provided=",".join(sorted(have)))

    @property
    def team(self) -> Team:
        assert self.token is not None
        assert self.token.team is not None
        return self.token.team

    def text(self, name: str, default: str = "") -> str:
        value = self.arguments.get(name)
        return default if value is None else str(value)

    def required(self, name: str, error: str | None = None) -> str:
        value = self.text(name)
        if not value:
            message = f"[ERROR] missing required field: {name}"
            if error is not None:
                raise SlackError(error)
            raise SlackError("invalid_arguments", response_metadata={"messages": [message]})
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.arguments.get(name)
        if value is None or value == "":
            return default
        return value is True or str(value).lower() in ("1", "true")

    def number(self, name: str, default: int) -> int:
        value = self.arguments.get(name)
        try:
            return default if value in (None, "") else int(str(value))
        except ValueError as error:
            raise SlackError("invalid_arguments") from error

    def structure(self, name: str, error: str = "invalid_arguments") -> Any:
        """A list or an object; in forms and query strings it comes as JSON in a string."""
        value = self.arguments.get(name)
        if not isinstance(value, str) or not value:
            return value
        try:
            return json.loads(value)
        except ValueError as problem:
            raise SlackError(error) from problem

    def channel(self, name: str = "channel") -> Channel:
        """As the bot sees it: a private channel that it is not in does not exist for it."""
        wanted = self.text(name)
        channel = self.team.channels.get(wanted)
        if channel is None:
            bare = wanted.removeprefix("#")
            channel = next((c for c in self.team.public_channels() if c.name == bare), None)
        if channel is None or (channel.private and self.team.bot.id not in channel.members):
            raise SlackError("channel_not_found")
        return channel

    def user(self, name: str = "user") -> User:
        user = self.team.users.get(self.text(name))
        if user is None:
            raise SlackError("user_not_found")
        return user


@dataclass(eq=False, slots=True)
class Called:
    """A call as it came, and what it was answered. `team` None: the token is unknown, or none."""

    method: str
    team: str | None
    arguments: Mapping[str, Any]
    bearer: str | None
    at: float
    verb: str
    answer: Json = field(default_factory=dict)

    @property
    def error(self) -> str | None:
        return None if self.answer.get("ok") else str(self.answer.get("error"))


Answer = Callable[[Call], Awaitable[Json]]


@dataclass(frozen=True, slots=True)
class Method:
    name: str
    answer: Answer
    scope: str | None
    token: str | None
    per_minute: int


METHODS: dict[str, Method] = {}


def method(
    name: str, *, scope: str | None = None, token: str | None = "bot", per_minute: int = 50
) -> Callable[[Answer], Answer]:
    """Enter a function into the table. `token`: of which kind it must be (None: any)."""

    def enter(answer: Answer) -> Answer:
        METHODS[name] = Method(name, answer, scope, token, per_minute)
        return answer

    return enter


async def arguments_of(request: web.Request) -> tuple[Json, str | None]:
    """Arguments and token, however slack-sdk mixes them: query string, form, multipart, JSON."""
    found: Json = dict(request.query)
    kind, text = request.content_type, await request.text()
    if kind == "application/json":
        said = json.loads(text or "{}")
        found |= said if isinstance(said, dict) else {}
    elif kind == "application/x-www-form-urlencoded":
        found |= dict(parse_qsl(text, keep_blank_values=True))
    elif kind == "multipart/form-data":
        found |= _fields(request.headers["Content-Type"], await request.read())
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    token = str(found.pop("token", "") or "") or None
    if scheme == "Bearer" and credentials:
        token = credentials
    elif scheme == "Basic":
        login, _, password = b64decode(credentials).decode().partition(":")
        found |= {"client_id": login, "client_secret": password}
    return found, token


def _fields(content_type: str, body: bytes) -> Json:
    whole = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    found: Json = {}
    for part in whole.walk():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if name is not None and isinstance(content, bytes):
            found[str(name)] = content.decode()
    return found
