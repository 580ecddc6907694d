"""A Slack message, a form or an App Home as a page that looks like Slack's own."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.pictures.markup import slack_html

Json = Mapping[str, Any]

_STYLE = Path(__file__).with_suffix(".css").read_text()


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
    close = html.escape(view["close"]["text"]) if "close" in view else "Cancel"
    buttons = f'<span class="button">{close}</span> '
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
        case "rich_text":
            return "".join(_rich(part) for part in block["elements"])
        case "divider":
            return "<hr>"
        case "input":
            hint = f'<div class="hint">{_text(block["hint"])}</div>' if "hint" in block else ""
            optional = ' <span class="hint">(optional)</span>' if block.get("optional") else ""
            return (
                f"<label>{_text(block['label'])}{optional}</label>{_input(block['element'])}{hint}"
            )
        case other:
            return f'<div class="context">[{html.escape(other)}]</div>'


def _rich(part: Json) -> str:
    """A paragraph, or text that keeps its columns."""
    inside = []
    for one in part["elements"]:
        said = html.escape(one.get("text") or one.get("url") or "", quote=False)
        style = one.get("style", {})
        said = f"<b>{said}</b>" if style.get("bold") else said
        inside.append(f"<i>{said}</i>" if style.get("italic") else said)
    if part["type"] == "rich_text_preformatted":
        return f"<pre>{''.join(inside)}</pre>"
    return f'<div class="section">{"".join(inside)}</div>'.replace("\n", "<br>")


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
    kind = "input list" if element["type"].endswith("_select") else "input"
    if value:
        return f'<div class="{kind} value">{value}</div>'
    hint = _text(element["placeholder"]) if "placeholder" in element else "&nbsp;"
    return f'<div class="{kind}">{hint}</div>'


def _text(text: Json) -> str:
    said = str(text["text"])
    if text["type"] == "mrkdwn":
        return slack_html(said)
    return html.escape(said, quote=False).replace("\n", "<br>")


def _page(body: str) -> str:
    return f'<!doctype html><meta charset="utf-8"><style>{_STYLE}</style><body>{body}</body>'
