"""A Slack message, a form or an App Home as a page that looks like Slack's own."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping, Sequence
from typing import Any

from docs.pictures.markup import slack_html

Json = Mapping[str, Any]

_STYLE = """
body{margin:0;background:#fff;color:#1d1c1d;font:15px/1.46 Lato,"Noto Sans","Noto Sans CJK TC",Helvetica,
 Arial,sans-serif;padding:18px 20px;width:640px}.head b{font-weight:900}.head .app{background:#e8e8e8;color:#616061;
 font-size:10px;font-weight:700;border-radius:2px;padding:1px 3px;margin:0 6px;vertical-align:2px}
.head .at,.only{color:#616061;font-size:12px}h2{font-size:18px;margin:8px 0}.section{margin:6px 0}
.fields{display:grid;grid-template-columns:1fr 1fr;gap:6px 16px;margin:6px 0}.context{color:#616061;font-size:13px;margin:4px 0}
img.block{max-width:440px;width:100%;border-radius:8px;border:1px solid #ddd;margin:6px 0}.title{font-size:13px;color:#616061}
pre{background:#f8f8f8;border:1px solid #ddd;border-radius:4px;padding:8px;font:12px/1.35 "DejaVu Sans Mono",
 "Noto Sans Mono CJK TC",monospace;white-space:pre;overflow:hidden;margin:4px 0}code{background:#f8f8f8;border:1px solid #ddd;
 border-radius:3px;color:#e01e5a;font:12px "DejaVu Sans Mono",monospace;padding:1px 3px}.mention{background:#fff3d1;color:#1264a3}
a{color:#1264a3;text-decoration:none}.quote{border-left:4px solid #ddd;padding-left:8px;display:inline-block}
.actions{display:flex;flex-wrap:wrap;gap:8px;margin:8px 0}.button{border:1px solid #bbb;border-radius:4px;padding:5px 12px;
 font-weight:700;font-size:13px}.primary{background:#007a5a;border-color:#007a5a;color:#fff}.danger{color:#e01e5a;border-color:#e01e5a}
.select{border:1px solid #bbb;border-radius:4px;padding:5px 12px;font-size:13px;color:#616061;min-width:120px}.select:after{content:" ▾";float:right;margin-left:10px}
hr{border:0;border-top:1px solid #ddd}.attachment{border-left:4px solid var(--c);padding-left:12px;margin:6px 0}
.form{border:1px solid #ddd;border-radius:8px;box-shadow:0 4px 16px #0002;padding:18px;width:460px}.form h1{font-size:20px;margin:0 0 10px}
.form label{font-weight:700;display:block;margin:12px 0 4px}.input{border:1px solid #bbb;border-radius:4px;padding:8px 10px;color:#616061}
.input.value{color:#1d1c1d}.hint{color:#616061;font-size:13px}.submit{text-align:right;margin-top:16px}
"""


def message_page(message: Json, files: Mapping[str, bytes], note: str = "") -> str:
    """`files`: uploaded pictures by their file id."""
    parts = [f'<div class="only">{html.escape(note)}</div>' if note else "", _head()]
    parts += [_block(block, files) for block in message.get("blocks", ())]
    for attachment in message.get("attachments", ()):
        inside = "".join(_block(block, files) for block in attachment.get("blocks", ()))
        colour = html.escape(attachment.get("color", "#ddd"))
        parts.append(f'<div class="attachment" style="--c:{colour}">{inside}</div>')
    return _page("".join(parts))


def view_page(view: Json, files: Mapping[str, bytes]) -> str:
    """A modal in its frame; an App Home without one."""
    inside = "".join(_block(block, files) for block in view["blocks"])
    if view["type"] != "modal":
        return _page(inside)
    title = f"<h1>{html.escape(view['title']['text'])}</h1>"
    buttons = '<span class="button">Cancel</span> '
    if view.get("submit"):
        buttons += f'<span class="button primary">{html.escape(view["submit"]["text"])}</span>'
    return _page(f'<div class="form">{title}{inside}<div class="submit">{buttons}</div></div>')


def _head() -> str:
    return (
        '<div class="head"><b>bubblewatch</b><span class="app">APP</span>'
        '<span class="at">4:21 PM</span></div>'
    )


def _block(block: Json, files: Mapping[str, bytes]) -> str:
    match block["type"]:
        case "header":
            return f"<h2>{_text(block['text'])}</h2>"
        case "section":
            said = f'<div class="section">{_text(block["text"])}</div>' if "text" in block else ""
            pairs = "".join(f"<div>{_text(field)}</div>" for field in block.get("fields", ()))
            aside = _elements([block["accessory"]]) if "accessory" in block else ""
            return said + (f'<div class="fields">{pairs}</div>' if pairs else "") + aside
        case "context":
            said = " &nbsp; ".join(_text(e) for e in block["elements"] if "text" in e)
            return f'<div class="context">{said}</div>'
        case "image":
            title = _text(block["title"]) if "title" in block else ""
            data = base64.b64encode(files[block["slack_file"]["id"]]).decode()
            image = f'<img class="block" src="data:image/png;base64,{data}">'
            return f'<div class="title">{title}</div>{image}'
        case "actions":
            return _elements(block["elements"])
        case "divider":
            return "<hr>"
        case "input":
            hint = f'<div class="hint">{_text(block["hint"])}</div>' if "hint" in block else ""
            optional = ' <span class="hint">(optional)</span>' if block.get("optional") else ""
            return f"<label>{_text(block['label'])}{optional}</label>{_input(block['element'])}{hint}"
        case other:
            return f'<div class="context">[{html.escape(other)}]</div>'


def _elements(elements: Sequence[Json]) -> str:
    parts = []
    for element in elements:
        if element["type"] == "button":
            kind = element.get("style", "")
            parts.append(f'<span class="button {kind}">{_text(element["text"])}</span>')
        elif element["type"] == "overflow":
            parts.append('<span class="button">⋯</span>')
        else:
            parts.append(f'<span class="select">{_text(element["placeholder"])}</span>')
    return f'<div class="actions">{"".join(parts)}</div>'


def _input(element: Json) -> str:
    chosen = element.get("initial_option")
    value = _text(chosen["text"]) if chosen else html.escape(element.get("initial_value", ""))
    if value:
        return f'<div class="input value">{value}</div>'
    hint = _text(element["placeholder"]) if "placeholder" in element else "&nbsp;"
    return f'<div class="input">{hint}</div>'


def _text(text: Json) -> str:
    said = str(text["text"])
    if text["type"] == "mrkdwn":
        return slack_html(said)
    return html.escape(said, quote=False).replace("\n", "<br>")


def _page(body: str) -> str:
    return f'<!doctype html><meta charset="utf-8"><style>{_STYLE}</style><body>{body}</body>'
