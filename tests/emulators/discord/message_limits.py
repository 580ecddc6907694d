"""Discord's documented limits of a message's words and embeds; the parts to press are elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.emulators.discord.command_limits import length
from tests.emulators.discord.component_limits import COMPONENTS_V2, problems_of_components
from tests.emulators.discord.errors import Problem
from tests.emulators.discord.world import Json

_URL = re.compile(r"(https?://[^\s/$.?#][^\s]*|attachment://[^\s/]+)", re.IGNORECASE)


def problems_of_message(form: Json, *, v2: bool | None = None) -> list[Problem]:
    """`v2`: the message that is edited has components of the second kind."""
    flags = form.get("flags") or 0
    v2 = bool(flags & COMPONENTS_V2) or bool(v2)
    found = [*length(form.get("content"), 0, 2000, "content")]
    embeds = form.get("embeds") or []
    if v2:
        for name in ("content", "embeds", "poll", "sticker_ids"):
            if form.get(name):
                told = "The field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
                found.append((name, "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", told))
    found += _embeds(embeds)
    if "components" in form:
        found += problems_of_components(form["components"] or [], v2=v2)
    nonce = form.get("nonce")
    if isinstance(nonce, str):
        found += length(nonce, 0, 25, "nonce")
    found += _mentions(form.get("allowed_mentions"))
    if len(form.get("attachments") or ()) > 10:
        found.append(("attachments", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length."))
    for number, one in enumerate(form.get("attachments") or ()):
        found += length(one.get("description"), 0, 1024, f"attachments.{number}.description")
    return found


def _embeds(embeds: Any) -> Iterator[Problem]:
    if len(embeds) > 10:
        yield "embeds", "BASE_TYPE_MAX_LENGTH", "Must be 10 or fewer in length."
    for number, embed in enumerate(embeds):
        yield from _embed(embed, f"embeds.{number}")
    size = sum(_size(embed) for embed in embeds)
    if size > 6000:
        told = "Embed size exceeds maximum size of 6000"
        yield "embeds", "MAX_EMBED_SIZE_EXCEEDED", told


def _embed(embed: Json, at: str) -> Iterator[Problem]:
    yield from length(embed.get("title"), 0, 256, f"{at}.title")
    yield from length(embed.get("description"), 0, 4096, f"{at}.description")
    fields = embed.get("fields") or []
    if len(fields) > 25:
        yield f"{at}.fields", "BASE_TYPE_MAX_LENGTH", "Must be 25 or fewer in length."
    for number, one in enumerate(fields):
        for name, most in (("name", 256), ("value", 1024)):
            text = one.get(name)
            blank = text.strip() if isinstance(text, str) else text
            yield from length(text if blank else None, 1, most, f"{at}.fields.{number}.{name}")
    if embed.get("footer"):
        yield from length(embed["footer"].get("text"), 1, 2048, f"{at}.footer.text")
    if embed.get("author"):
        yield from length(embed["author"].get("name"), 1, 256, f"{at}.author.name")
    urls = [(f"{at}.url", embed.get("url"))]
    urls += [(f"{at}.{n}.url", (embed.get(n) or {}).get("url")) for n in ("image", "thumbnail")]
    for where, url in urls:
        if url is not None and not _URL.fullmatch(url):
            yield where, "URL_TYPE_INVALID_URL", "Not a well formed URL."
    color = embed.get("color")
    if color is not None and not 0 <= color <= 0xFFFFFF:
        told = "int value should be less than or equal to 16777215."
        yield f"{at}.color", "NUMBER_TYPE_MAX", told


def _size(embed: Json) -> int:
    texts = [embed.get("title"), embed.get("description")]
    texts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    for one in embed.get("fields") or ():
        texts += [one.get("name"), one.get("value")]
    return sum(len(text) for text in texts if isinstance(text, str))


def _mentions(allowed: Any) -> Iterator[Problem]:
    for name in ("roles", "users"):
        listed = (allowed or {}).get(name) or []
        if listed and name in ((allowed or {}).get("parse") or ()):
            told = f"parse:[{name!r}] and {name}: [ids...] are mutually exclusive."
            yield "allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", told
        if len(listed) > 100:
            told = "Must be 100 or fewer in length."
            yield f"allowed_mentions.{name}", "BASE_TYPE_MAX_LENGTH", told
