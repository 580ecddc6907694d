"""Whom a message pings: what Slack makes of <!channel>, <@U…> and the rest of its markup.

Escaped text (`&lt;!channel&gt;`) and plain_text ping nobody. Doubtful places (code spans, the
fallback text beside blocks) count, so that a test which wants silence is strict.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.emulators.slack.world import Json

_MARKUP = re.compile(
    r"<(!(?:channel|here|everyone)|!subteam\^[A-Z0-9]+|@[UW][A-Z0-9]+)(?:\|[^>]*)?>"
)
_BARE = re.compile(r"(?<![\w<!])@(channel|here|everyone)\b")


def pings_of(message: Json) -> list[str]:
    """Such as `!channel`, `!subteam^S1`, `@U1`; each once, in the order of the message."""
    found = list(_in_text(message.get("text") or ""))
    if message.get("parse") == "full" or message.get("link_names"):
        found += [f"!{name}" for name in _BARE.findall(message.get("text") or "")]
    found += _in_structure(message.get("blocks") or [])
    found += _in_structure(message.get("attachments") or [])
    return list(dict.fromkeys(found))


def _in_text(text: str) -> Iterator[str]:
    return (match.group(1) for match in _MARKUP.finditer(text))


def _in_structure(node: object) -> Iterator[str]:
    if isinstance(node, list):
        for part in node:
            yield from _in_structure(part)
    elif isinstance(node, dict):
        yield from _in_object(node)


def _in_object(node: Json) -> Iterator[str]:
    match node.get("type"):
        case "mrkdwn" | "markdown":
            yield from _in_text(str(node.get("text") or ""))
        case "broadcast":
            yield f"!{node.get('range')}"
        case "usergroup" if "usergroup_id" in node:
            yield f"!subteam^{node['usergroup_id']}"
        case "user" if "user_id" in node:
            yield f"@{node['user_id']}"
        case None:  # an attachment of the old kind
            for name in ("pretext", "text", "fallback"):
                if isinstance(node.get(name), str):
                    yield from _in_text(node[name])
            yield from _in_structure(list(node.values()))
        case _:
            yield from _in_structure(list(node.values()))
