"""The OpenAPI 3.1 description of `/api/v1`: written beside what it describes, tested against it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from alerts.indicators import Cadence, Meaning, Section
from alerts.quantity import Unit
from alerts.reading import Status
from alerts.rules import Direction, Kind, Level
from bot import __version__
from bot.locales import LANGUAGES
from bot.replies import Json

PREFIX = "/api/v1"
DEFAULT_LIMIT, MOST = 100, 2000

_Schema = Mapping[str, Json]


def description(address: str) -> _Schema:
    """`address` is where this service is reached."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "bubblewatch",
            "version": __version__,
            "description": "The numbers that tell whether AI is a bubble, and the public lines "
            "that they crossed. Values are exact decimals as text. Not investment advice.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": address}],
        "paths": _paths(),
        "components": {"schemas": _schemas(), "parameters": _parameters()},
    }


def _paths() -> _Schema:
    return {
        f"{PREFIX}/indicators": _read("All indicators with their newest value", "Indicators"),
        f"{PREFIX}/indicators/{{key}}": _read("One indicator", "Indicator", "key"),
        f"{PREFIX}/indicators/{{key}}/observations": _read(
            "One indicator's values, one a period, oldest first",
            "Observations",
            "key",
            "since",
            "limit",
        ),
        f"{PREFIX}/alerts": _read(
            "Public lines that were crossed within 400 days, newest first", "Alerts", "limit"
        ),
        f"{PREFIX}/sources": _read("How each source is doing", "Sources"),
    }


def _read(summary: str, schema: str, *parameters: str) -> _Schema:
    names = (*parameters, "lang")
    refusals: dict[str, Json] = {"429": _answer("Too many requests", "Error")}
    if "key" in parameters:
        refusals["404"] = _answer("There is no such indicator", "Error")
    if "limit" in parameters:
        refusals["400"] = _answer("A parameter cannot be understood", "Error")
    return {
        "get": {
            "summary": summary,
            "operationId": schema[0].lower() + schema[1:],
            "parameters": [{"$ref": f"#/components/parameters/{name}"} for name in names],
            "responses": {"200": _answer(summary, schema), **refusals},
        }
    }


def _answer(what: str, schema: str) -> _Schema:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": what, "content": content}


def _parameters() -> _Schema:
    def query(name: str, what: str, schema: _Schema) -> _Schema:
        return {"name": name, "in": "query", "description": what, "schema": schema}

    return {
        "key": {
            "name": "key",
            "in": "path",
            "required": True,
            "description": "An indicator's key, like top5_weight",
            "schema": {"type": "string"},
        },
        "since": query(
            "since", "The first day that is wanted", {"type": "string", "format": "date"}
        ),
        "limit": query(
            "limit",
            "At most so many, the newest ones",
            {"type": "integer", "minimum": 1, "maximum": MOST, "default": DEFAULT_LIMIT},
        ),
        "lang": query(
            "lang",
            "The language of names and sentences; without one of ours that of Accept-Language",
            {"type": "string", "examples": list(LANGUAGES)},
        ),
    }


def _schemas() -> _Schema:
    line = _line()
    return {
        "Indicators": _object({"as_of": _MOMENT, "indicators": _list_of("Indicator")}),
        "Indicator": _object(
            {
                "key": _TEXT,
                "name": _TEXT,
                "section": _one_of(Section),
                "unit": _one_of(Unit),
                "cadence": _one_of(Cadence),
                "meaning": _one_of(Meaning),
                "formula": _TEXT,
                "caveat": _TEXT,
                "newest": {"oneOf": [{"$ref": "#/components/schemas/Newest"}, {"type": "null"}]},
                "missing": _MAYBE_TEXT,
                "lines": _list_of("Line"),
            }
        ),
        "Newest": _object(
            {
                "value": _DECIMAL,
                "as_of": _MOMENT,
                "period_end": {"type": "string", "format": "date"},
                "status": _one_of(Status),
                "stale": {"type": "boolean"},
                "source": _TEXT,
                "source_url": _TEXT,
                "definition": _TEXT,
            }
        ),
        "Line": _object(line),
        "Observations": _object(
            {
                "indicator": _TEXT,
                "unit": _one_of(Unit),
                "observations": _list_of("Observation"),
            }
        ),
        "Observation": _object({"as_of": _MOMENT, "value": _DECIMAL}),
        "Alerts": _object({"alerts": _list_of("Alert")}),
        "Alert": _object(
            {
                "id": _TEXT,
                "indicator": _TEXT,
                "kind": {"type": "string", "enum": [Kind.FIRED.value, Kind.CLEARED.value]},
                "as_of": _MOMENT,
                "value": _DECIMAL,
                "text": _TEXT,
                **line,
            }
        ),
        "Sources": _object({"sources": _list_of("Source")}),
        "Source": _object(
            {
                "name": _TEXT,
                "asked_at": _MOMENT,
                "answered_at": _MAYBE_MOMENT,
                "trouble": _MAYBE_TEXT,
                "trouble_since": _MAYBE_MOMENT,
                "retry_at": _MAYBE_MOMENT,
            }
        ),
        "Error": _object({"error": _TEXT, "status": {"type": "integer"}}),
    }


def _line() -> dict[str, Json]:
    return {
        "measure": _TEXT,
        "direction": _one_of(Direction),
        "line": _DECIMAL,
        "unit": _one_of(Unit),
        "level": _one_of(Level),
        "presets": {"type": "array", "items": _TEXT},
    }


_TEXT: _Schema = {"type": "string"}
_MAYBE_TEXT: _Schema = {"type": ["string", "null"]}
_MOMENT: _Schema = {"type": "string", "format": "date-time"}
_MAYBE_MOMENT: _Schema = {"type": ["string", "null"], "format": "date-time"}
_DECIMAL: _Schema = {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}


def _object(properties: _Schema) -> _Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list_of(schema: str) -> _Schema:
    return {"type": "array", "items": {"$ref": f"#/components/schemas/{schema}"}}


def _one_of(words: type[StrEnum]) -> _Schema:
    return {"type": "string", "enum": [word.value for word in words]}
