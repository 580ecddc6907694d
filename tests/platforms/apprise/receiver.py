"""A local server that takes what Apprise's json://, gotify:// and ntfy:// send."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass

from aiohttp import web

from tests.emulators.server import Emulator

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Received:
    """A message as a person would find it."""

    path: str
    title: str
    text: str
    kind: str
    pictures: tuple[tuple[str, bytes], ...]


class Receiver(Emulator):
    """Takes everything, unless told to misbehave."""

    def routes(self) -> list[web.RouteDef]:
        return [web.post("/{path:.*}", self._take), web.put("/{path:.*}", self._take)]

    @property
    def address(self) -> str:
        return self.url.removeprefix("http://")

    async def _take(self, request: web.Request) -> web.Response:
        return web.json_response({"id": "1"})

    def received(self) -> list[Received]:
        return [_read(seen.path, json.loads(seen.body)) for seen in self.requests]


def _read(path: str, said: Json) -> Received:
    attached = said.get("attachments", [])
    assert isinstance(attached, list)
    return Received(
        path,
        str(said.get("title", "")),
        str(said.get("message", "")),
        str(said.get("type", "")),
        tuple((one["filename"], base64.b64decode(one["base64"])) for one in attached),
    )
