"""What the doors for a person with curl share: JSON that is read and written by people."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web


async def asked_for(request: web.Request) -> dict[str, Any]:
    """What the person sent; nothing when it is no JSON object."""
    said = json.loads(await request.text() or "{}")
    return said if isinstance(said, dict) else {}


def page(what: Mapping[str, object]) -> web.StreamResponse:
    return web.Response(
        text=json.dumps(what, indent=1, ensure_ascii=False) + "\n", content_type="application/json"
    )
