"""A local server that takes what Sentry's own library sends: envelopes of one event.

python -m tests.emulators.sentry --port 0
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.emulators.server import Emulator, serve_by_hand

PROJECT = 7


@dataclass
class SentryEmulator(Emulator):
    """An envelope is lines of JSON: its header, then for each item a header and the item."""

    @property
    def dsn(self) -> str:
        return f"{self.url.replace('://', '://a-public-key@')}/{PROJECT}"

    def routes(self) -> list[web.RouteDef]:
        return [web.post(f"/api/{PROJECT}/envelope/", self._taken)]

    async def _taken(self, _: web.Request) -> web.StreamResponse:
        return web.json_response({})

    def items(self) -> list[tuple[str, dict[str, Any]]]:
        """Everything that arrived so far: (type, item)."""
        found: list[tuple[str, dict[str, Any]]] = []
        for seen in self.requests:
            lines = [json.loads(line) for line in seen.body.splitlines() if line.strip()]
            heads, bodies = lines[1::2], lines[2::2]
            found += [(head["type"], body) for head, body in zip(heads, bodies, strict=True)]
        return found


if __name__ == "__main__":
    serve_by_hand(SentryEmulator(), __doc__)
