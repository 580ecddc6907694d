"""Words for Slack: nothing that a person wrote may ping, link or format by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable

_OPENS_MARKUP = re.compile(r"(?<![^\W_])([*_~`])(?=\S)")
_QUOTES = re.compile(r"^(?=&gt;)", re.MULTILINE)
_ADDRESS = re.compile(r"https?://[^\s<>|“”「」（），。；]+[^\s<>|“”「」（），。；.,;:!?)]")
# Invisible, and takes the meaning from the mark before it.
_JOINER = "\u2060"
_MORE = "…"


def literal(text: str) -> str:
    """Text as mrkdwn that shows exactly this text; web addresses can be followed.

    Slack's control characters are escaped as it documents: &, < and >. With `verbatim` set on the
    block, what is left cannot call anyone.
    """
    parts: list[str] = []
    end = 0
    for address in _ADDRESS.finditer(text):
        parts += [_inert(text[end : address.start()]), f"<{escaped(address.group())}>"]
        end = address.end()
    return _QUOTES.sub(_JOINER, "".join([*parts, _inert(text[end:])]))


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescaped(text: str) -> str:
    """What a person typed: Slack escapes the text of commands in the same way."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def cut(text: str, most: int) -> str:
    """At most so many characters; what is cut ends in an ellipsis."""
    return text if len(text) <= most else text[: most - len(_MORE)].rstrip() + _MORE


def cut_mrkdwn(text: str, most: int) -> str:
    """The same for text that `literal` made: no escape and no link is cut in two."""
    if len(text) <= most:
        return text
    kept = text[: most - len(_MORE)]
    for opens, closes in (("&", ";"), ("<", ">")):
        if kept.rfind(opens) > kept.rfind(closes):
            kept = kept[: kept.rfind(opens)]
    return kept.rstrip() + _MORE


def letters_within(text: str, most_bytes: int) -> int:
    """So many characters of the text, and an ellipsis, are no more than `most_bytes` in UTF-8."""
    encoded = text.encode()
    if len(encoded) <= most_bytes:
        return len(text)
    room = most_bytes - len(_MORE.encode())
    return len(encoded[:room].decode(errors="ignore")) + len(_MORE)


def lines_within(lines: Iterable[str], most: int) -> list[list[str]]:
    """Lines in groups that, joined, are no longer than `most` characters each."""
    groups: list[list[str]] = []
    length = most + 1
    for line in lines:
        line = cut_mrkdwn(line, most)
        if length + 1 + len(line) > most:
            groups.append([])
            length = -1
        groups[-1].append(line)
        length += 1 + len(line)
    return groups


def _inert(text: str) -> str:
    return _OPENS_MARKUP.sub(rf"\1{_JOINER}", escaped(text))
