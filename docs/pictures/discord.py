"""A Discord message, a private answer or a form as a page that looks like Discord's own."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping, Sequence
from typing import Any

from docs.pictures.markup import discord_html

Json = Mapping[str, Any]

_STYLE = """
body{margin:0;background:#313338;color:#dbdee1;font:15px/1.4 "gg sans","Noto Sans",
 "Noto Sans CJK SC",Helvetica,Arial,sans-serif;padding:18px 20px;width:640px}
.head b{color:#f2f3f5;font-weight:600}.head .app{background:#5865f2;color:#fff;font-size:10px;
 border-radius:3px;padding:1px 4px;margin:0 6px;vertical-align:2px}.head .at{color:#949ba4;font-size:12px}
.private{color:#949ba4;font-size:12px;margin-top:6px}
.embed{background:#2b2d31;border-left:4px solid var(--c);border-radius:4px;padding:10px 14px;margin-top:6px;
 max-width:520px}
.embed .title{font-weight:600;color:#f2f3f5;margin-bottom:4px}.embed .fields{display:flex;flex-wrap:wrap;gap:8px 18px;margin-top:8px}
.embed .field{flex:1 1 100%}.embed .field.inline{flex:1 1 28%}.embed .field b{display:block;font-size:13px}
.embed img{width:100%;border-radius:4px;margin-top:10px}.embed .footer{color:#949ba4;font-size:12px;margin-top:8px}
.small{color:#949ba4;font-size:12px}.quote{border-left:4px solid #4e5058;padding-left:8px;display:inline-block}
pre{background:#1e1f22;border:1px solid #1e1f22;border-radius:4px;padding:8px;margin:4px 0;font:12px/1.35
 "DejaVu Sans Mono","Noto Sans Mono CJK SC",monospace;white-space:pre;overflow:hidden}
code{background:#1e1f22;border-radius:3px;padding:0 3px;font:13px "DejaVu Sans Mono",monospace}
.mention{background:#3c4270;color:#c9cdfb;border-radius:3px;padding:0 2px}a{color:#00a8fc;text-decoration:none}
.row{display:flex;gap:8px;margin-top:8px;max-width:520px}.button{border-radius:4px;padding:6px 14px;color:#fff;
 background:#4e5058;font-weight:500;font-size:14px}.s1{background:#5865f2}.s3{background:#248046}.s4{background:#da373c}
.menu,.input{flex:1;background:#1e1f22;border-radius:4px;padding:9px 12px;color:#b5bac1;font-size:14px}
.menu:after{content:"▾";float:right}.options{background:#2b2d31;border:1px solid #1e1f22;border-radius:4px;margin-top:2px}
.options div{padding:7px 12px}.form{background:#313338;border:1px solid #1e1f22;border-radius:8px;padding:16px;width:440px}
.form h1{font-size:20px;margin:0 0 12px;color:#f2f3f5}.form label{display:block;font-size:12px;font-weight:700;margin:12px 0 6px;color:#b5bac1}
.form .desc{font-size:12px;color:#949ba4;font-weight:400}.form .value{color:#dbdee1}.submit{margin-top:16px;text-align:right}
.pinned{color:#949ba4;font-size:12px;margin-bottom:6px}
"""


def message_page(message: Json, files: Mapping[str, bytes], note: str = "") -> str:
    """`files`: attachments by name. `note`: a line above, like «pinned»."""
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
    name = url.split("?")[0].rsplit("/", 1)[-1]
    return "data:image/png;base64," + base64.b64encode(files[name]).decode()


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
