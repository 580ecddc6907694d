"""`/api/v1`: the same as the page, as JSON. Read-only; described by `openapi.json`.

Values are exact decimals as text, moments ISO 8601 in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from aiohttp import web

from alerts.indicators import Indicator
from alerts.store.sources import SourceState
from bot import words
from bot.board import Standing
from bot.locales import Translator
from bot.replies import Json
from bot.web.crossings import Crossing, PublicLine, newest_first, public_lines, told
from bot.web.language import translator_of
from bot.web.openapi import DEFAULT_LIMIT, MOST, PREFIX, description
from bot.web.overview import Overview
from bot.web.rendering import json_response
from bot.web.site import Site


def routes(site: Site) -> list[web.RouteDef]:
    async def indicators(request: web.Request) -> web.StreamResponse:
        t, overview = translator_of(request), await site.overviews.now()
        listed = [_indicator(one, overview, t) for one in overview.standings.values()]
        return _kept({"as_of": overview.at.isoformat(), "indicators": listed})

    async def indicator(request: web.Request) -> web.StreamResponse:
        overview = await site.overviews.now()
        standing = _asked_for(overview, request)
        return _kept(_indicator(standing, overview, translator_of(request)))

    async def observations(request: web.Request) -> web.StreamResponse:
        standing = _asked_for(await site.overviews.now(), request)
        since, limit = _since(request), _limit(request)
        points = [
            point for point in standing.history if since is None or point.as_of.date() >= since
        ]
        return _kept(
            {
                "indicator": standing.indicator.key,
                "unit": standing.indicator.unit.value,
                "observations": [
                    {"as_of": point.as_of.isoformat(), "value": f"{point.value:f}"}
                    for point in points[-limit:]
                ],
            }
        )

    async def alerts(request: web.Request) -> web.StreamResponse:
        t, overview = translator_of(request), await site.overviews.now()
        settled = [one for one in overview.all_crossings if one.settled]
        found = newest_first(settled, _limit(request))
        return _kept({"alerts": [_crossing(one, site.indicators, t) for one in found]})

    async def sources(_: web.Request) -> web.StreamResponse:
        overview = await site.overviews.now()
        return _kept({"sources": [_source(state) for state in overview.sources]})

    async def described(request: web.Request) -> web.StreamResponse:
        return _kept(description(site.address(request)))

    return [
        web.get(f"{PREFIX}/indicators", indicators),
        web.get(f"{PREFIX}/indicators/{{key}}", indicator),
        web.get(f"{PREFIX}/indicators/{{key}}/observations", observations),
        web.get(f"{PREFIX}/alerts", alerts),
        web.get(f"{PREFIX}/sources", sources),
        web.get(f"{PREFIX}/openapi.json", described),
    ]


def _kept(data: Json) -> web.Response:
    response = json_response(data)
    response.headers["Cache-Control"] = "public, max-age=30"
    response.headers["Vary"] = "Accept-Language"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response


def _asked_for(overview: Overview, request: web.Request) -> Standing:
    standing = overview.standings.get(request.match_info["key"])
    if standing is None:
        raise web.HTTPNotFound
    return standing


def _limit(request: web.Request) -> int:
    text = request.query.get("limit", str(DEFAULT_LIMIT))
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= MOST:
        raise web.HTTPBadRequest
    return int(text)


def _since(request: web.Request) -> date | None:
    text = request.query.get("since")
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        raise web.HTTPBadRequest from error


def _indicator(standing: Standing, overview: Overview, t: Translator) -> Json:
    indicator, reading = standing.indicator, standing.newest
    newest: Json = None
    if reading is not None:
        newest = {
            "value": f"{reading.value:f}",
            "as_of": reading.as_of.isoformat(),
            "period_end": reading.period_end.isoformat(),
            "status": reading.status.value,
            "stale": overview.at - reading.as_of > indicator.stale_after,
            "source": reading.source,
            "source_url": reading.source_url,
            "definition": reading.definition,
        }
    return {
        "key": indicator.key,
        "name": words.name_of(indicator, t),
        "section": indicator.section.value,
        "unit": indicator.unit.value,
        "cadence": indicator.cadence.value,
        "meaning": indicator.meaning.value,
        "formula": t(indicator.formula),
        "caveat": t(indicator.caveat),
        "newest": newest,
        "missing": standing.trouble if reading is None else None,
        "lines": [_line(line) for line in public_lines(indicator)],
    }


def _line(line: PublicLine) -> dict[str, Json]:
    return {
        "measure": str(line.measure),
        "direction": line.direction.value,
        "line": f"{line.unit.from_fixed(line.line).normalize():f}",
        "unit": line.unit.value,
        "level": line.level.value,
        "presets": list(line.presets),
    }


def _crossing(crossing: Crossing, indicators: Mapping[str, Indicator], t: Translator) -> Json:
    return {
        "id": crossing.name,
        "indicator": crossing.indicator,
        "kind": crossing.kind.value,
        "as_of": crossing.as_of.isoformat(),
        "value": f"{crossing.line.unit.from_fixed(crossing.value).normalize():f}",
        "text": told(crossing, indicators, t),
        **_line(crossing.line),
    }


def _source(state: SourceState) -> Json:
    return {
        "name": state.name,
        "asked_at": state.asked_at.isoformat(),
        "answered_at": None if state.answered_at is None else state.answered_at.isoformat(),
        "trouble": state.trouble,
        "trouble_since": None if state.trouble_since is None else state.trouble_since.isoformat(),
        "retry_at": None if state.retry_at is None else state.retry_at.isoformat(),
    }
