"""A Discord message, a private answer or a form as a page that looks like Discord's own."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.pictures.markup import discord_html

Json = Mapping[str, Any]

_STYLE = Path(__file__).with_suffix(".css").read_text()


def message_page(message: Json, files: Mapping[str, bytes], note: str = "") -> str:
    """`files`: uploads by their ids. `note`: a line above, like «pinned»."""
    parts = [f'<div class="pinned">{html.escape(note)}</div>' if note else "", _head()]
    if message.get("content"):
        parts.append(f"<div>{discord_html(message['content'])}</div>")
    parts += [_embed(embed, files) for embed in message.get("embeds", ())]
    parts += [_row(row) for row in message.get("components", ())]
    if message.get("flags", 0) & 64:
        parts.append('<div class="private">👁 Only you can see this • Dismiss message</div>')
    return _page("".join(parts))


def form_page(modal: Json) -> str:
    inside = [f"<h1>{html.escape(modal['title'])}</h1>"]
    for row in modal["components"]:
        inner = row.get("component") or row["components"][0]
        label = row.get("label") or inner.get("label", "")
        star = ' <span style="color:#f23f42">*</span>' if inner.get("required", True) else ""
        inside.append(f"<label>{html.escape(label)}{star}</label>")
        if row.get("description"):
            inside.append(f'<div class="desc">{html.escape(row["description"])}</div>')
        inside.append(_input(inner))
    inside.append('<div class="submit"><span class="button">Cancel</span> ')
    inside.append('<span class="button s1">Submit</span></div>')
    return _page(f'<div class="form">{"".join(inside)}</div>')


def _input(inner: Json) -> str:
    if inner["type"] != 4:
        chosen = [o["label"] for o in inner.get("options", ()) if o.get("default")]
        text = ", ".join(chosen) or inner.get("placeholder") or "…"
        return f'<div class="menu">{html.escape(text)}</div>'
    if inner.get("value"):
        return f'<div class="input value">{html.escape(inner["value"])}</div>'
    return f'<div class="input">{html.escape(inner.get("placeholder") or " ")}&nbsp;</div>'


def _head() -> str:
    return (
        '<div class="head"><b>bubblewatch</b><span class="app">✓ APP</span>'
        '<span class="at">Today at 16:21</span></div>'
    )


def _embed(embed: Json, files: Mapping[str, bytes]) -> str:
    inside = []
    if embed.get("title"):
        inside.append(f'<div class="title">{discord_html(embed["title"])}</div>')
    if embed.get("description"):
        inside.append(f"<div>{discord_html(embed['description'])}</div>")
    if embed.get("fields"):
        inside.append(f'<div class="fields">{_fields(embed["fields"])}</div>')
    image = embed.get("image")
    if image:
        inside.append(f'<img src="{_source(image["url"], files)}">')
    if embed.get("footer"):
        inside.append(f'<div class="footer">{html.escape(embed["footer"]["text"])}</div>')
    colour = f"#{embed.get('color') or 0x1E1F22:06x}"
    return f'<div class="embed" style="--c:{colour}">{"".join(inside)}</div>'


def _fields(fields: Sequence[Json]) -> str:
    return "".join(
        f'<div class="field{" inline" if field.get("inline") else ""}">'
        f"<b>{discord_html(field['name'])}</b>{discord_html(field['value'])}</div>"
        for field in fields
    )


def _source(url: str, files: Mapping[str, bytes]) -> str:
    upload = url.rsplit("/", 2)[-2]
    return "data:image/png;base64," + base64.b64encode(files[upload]).decode()


def _row(row: Json) -> str:
    parts = []
    for item in row.get("components", ()):
        if item["type"] == 2:
            style = {1: "s1", 3: "s3", 4: "s4"}.get(item.get("style", 2), "")
            parts.append(f'<span class="button {style}">{html.escape(item["label"])}</span>')
        else:
            parts.append(f'<span class="menu">{html.escape(item.get("placeholder", ""))}</span>')
    return f'<div class="row">{"".join(parts)}</div>'


def _page(body: str) -> str:
    return f'<!doctype html><meta charset="utf-8"><style>{_STYLE}</style><body>{body}</body>'
