"""Templates to pages, data to JSON, replies to HTML. Words come in ready; templates hold none."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from importlib import resources

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from bot.locales import LANGUAGES, Translator
from bot.replies import Block, Fields, Heading, Json, Paragraph, Table
from bot.web.language import OWN_NAMES, TAGS


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("bot.web"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["kind"] = _kind
    return made


def can_show(block: Block) -> bool:
    """Pictures have addresses of their own, and nothing here can be pressed."""
    return bool(_kind(block))


def _kind(block: Block) -> str:
    """What a template asks a block."""
    match block:
        case Heading():
            return "heading"
        case Paragraph():
            return "paragraph"
        case Fields():
            return "fields"
        case Table():
            return "table"
        case _:
            return ""


@cache
def static(name: str) -> bytes:
    """A file that is shown as it is."""
    return resources.files("bot.web").joinpath(f"static/{name}").read_bytes()


@cache
def _stamp(name: str) -> str:
    return hashlib.sha256(static(name)).hexdigest()[:12]


def page(
    template: str,
    t: Translator,
    path: str,
    values: Mapping[str, object],
    *,
    status: int = HTTPStatus.OK,
) -> web.Response:
    """One page in the reader's language, with links to the same page in the others."""
    shared = {
        "tag": TAGS[t.language],
        "style": f"/style.css?v={_stamp('style.css')}",
        "query": f"?lang={t.language}",
        "home": f"/?lang={t.language}",
        "languages": [
            (OWN_NAMES[one], TAGS[one], f"{path}?lang={one}", one == t.language)
            for one in LANGUAGES
        ],
        "words": {
            "skip": t("To the content"),
            "languages": t("Languages"),
            "not_advice": t("Not investment advice."),
            "feed": t("Feed"),
            "for_programs": t("For programs"),
            "home": t("All indicators"),
        },
    }
    text = _environment().get_template(template).render(shared | dict(values))
    # A sign stays with its number.
    text = re.sub("([≥≤]) ", "\\1\N{NO-BREAK SPACE}", text)
    return web.Response(
        text=text,
        content_type="text/html",
        status=status,
        headers={
            "Content-Language": TAGS[t.language],
            "Vary": "Accept-Language",
            "Cache-Control": "public, max-age=30",
        },
    )


def lost_page(status: HTTPStatus, said: str, t: Translator) -> web.Response:
    """A page that says what went wrong and leads back."""
    back = t("Back to the first page")
    return page("lost.html", t, "/", {"title": said, "said": said, "back": back}, status=status)


def json_response(
    data: Json, *, status: int = HTTPStatus.OK, content_type: str = "application/json"
) -> web.Response:
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return web.Response(body=text.encode(), status=status, content_type=content_type)
