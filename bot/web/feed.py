"""An Atom feed (RFC 4287) of the public crossings, in the reader's language."""

from __future__ import annotations

from datetime import UTC
from xml.etree import ElementTree

from aiohttp import web

from bot.locales import Translator
from bot.web.crossings import Crossing, foremost, newest_first, told
from bot.web.language import TAGS, translator_of
from bot.web.overview import Overview
from bot.web.site import Site

PATH = "/feed.atom"
ENTRIES = 50
ATOM = "http://www.w3.org/2005/Atom"


def routes(site: Site) -> list[web.RouteDef]:
    async def feed(request: web.Request) -> web.StreamResponse:
        t = translator_of(request)
        overview = await site.overviews.now()
        return web.Response(
            body=_feed(site, overview, site.address(request), t),
            content_type="application/atom+xml",
            charset="utf-8",
            headers={
                "Cache-Control": "public, max-age=300",
                "Content-Language": TAGS[t.language],
                "Vary": "Accept-Language",
            },
        )

    return [web.get(PATH, feed)]


def _feed(site: Site, overview: Overview, address: str, t: Translator) -> bytes:
    """Only what is settled: an entry is never taken back."""
    settled = [one for one in overview.all_crossings if one.settled]
    entries = newest_first(foremost(settled), ENTRIES)
    query = f"?lang={t.language}"
    feed = ElementTree.Element("feed", {"xmlns": ATOM, "xml:lang": TAGS[t.language]})
    # The machine's words do not depend on the address: a feed that moves stays the same feed.
    _add(feed, "id", f"tag:bubblewatch,2025:crossings:{t.language}")
    _add(feed, "title", t("Is AI a bubble? What the numbers crossed"))
    _add(feed, "updated", _moment(entries[0]) if entries else site.vitals.started_at.isoformat())
    _add(_add(feed, "author"), "name", "bubblewatch")
    _add(feed, "link", rel="self", type="application/atom+xml", href=f"{address}{PATH}{query}")
    _add(feed, "link", rel="alternate", type="text/html", href=f"{address}/{query}")
    for crossing in entries:
        entry = _add(feed, "entry")
        page = f"{address}/indicators/{crossing.indicator}{query}"
        _add(entry, "id", f"tag:bubblewatch,2025:{crossing.name}")
        _add(entry, "title", told(crossing, site.indicators, t))
        _add(entry, "updated", _moment(crossing))
        _add(entry, "published", _moment(crossing))
        _add(entry, "link", rel="alternate", type="text/html", href=page)
        _add(entry, "category", term=crossing.line.level.value)
        _add(entry, "summary", told(crossing, site.indicators, t))
    written: bytes = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def _moment(crossing: Crossing) -> str:
    return crossing.as_of.astimezone(UTC).isoformat(timespec="seconds")


def _add(
    parent: ElementTree.Element, name: str, text: str | None = None, **attributes: str
) -> ElementTree.Element:
    made = ElementTree.SubElement(parent, name, attributes)
    made.text = text
    return made
