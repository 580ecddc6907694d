"""Whom a message pings, after `allowed_mentions` has had its say."""

from __future__ import annotations

import re
from typing import Any

from tests.emulators.discord.world import Json

_USER = re.compile(r"<@!?(\d+)>")
_ROLE = re.compile(r"<@&(\d+)>")
_EVERYONE = re.compile(r"@(everyone|here)\b")


def pings_of(message: Json) -> list[str]:
    """Such as `@everyone`, `@&123` (a role), `@456` (a person); empty when it called nobody."""
    return list(message["_pings"] or [])


def pinged(text: str, allowed: Any, *, replied_to: str | None = None) -> list[str]:
    """`allowed` is the request's allowed_mentions; None lets everything that is written ping."""
    users = list(dict.fromkeys(_USER.findall(text)))
    roles = list(dict.fromkeys(_ROLE.findall(text)))
    everyone = bool(_EVERYONE.search(text))
    if isinstance(allowed, dict):
        parse = allowed.get("parse") or []
        if "users" not in parse:
            users = [one for one in users if one in _ids(allowed.get("users"))]
        if "roles" not in parse:
            roles = [one for one in roles if one in _ids(allowed.get("roles"))]
        everyone = everyone and "everyone" in parse
        replies = bool(allowed.get("replied_user", False))
    else:
        replies = True
    found = ["@everyone"] * everyone + [f"@&{one}" for one in roles] + [f"@{one}" for one in users]
    if replied_to is not None and replies and f"@{replied_to}" not in found:
        found.append(f"@{replied_to}")
    return found


def _ids(listed: Any) -> set[str]:
    return {str(one) for one in listed or ()}


def text_of(message: Json) -> str:
    """Where Discord looks for mentions: the content and text displays, never embeds."""
    parts = [str(message.get("content") or "")]
    stack: list[Any] = list(message.get("components") or [])
    while stack:
        part = stack.pop(0)
        if isinstance(part, dict):
            if part.get("type") == 10:
                parts.append(str(part.get("content") or ""))
            stack += part.get("components") or []
    return "\n".join(parts)
