"""Discord's published description of its API, and what a request has against it."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable, Mapping, Sized
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from jsonschema.protocols import Validator

# Beside the project, where it is present; it is not copied into it.
PATH = Path(__file__).parents[4] / "shared" / "specs" / "discord_openapi.json"


@functools.cache
def described() -> Description | None:
    """None where the file is not."""
    return Description(json.loads(PATH.read_bytes())) if PATH.exists() else None


class Description:
    def __init__(self, document: dict[str, Any]) -> None:
        # The description knows snowflakes only as strings; Discord takes integers as well, and
        # discord.py numbers new attachments 0, 1, 2.
        document["components"]["schemas"]["SnowflakeType"] = {"type": ["string", "integer"]}
        self._document = document
        self._paths = [(_pattern(path), path) for path in document["paths"]]
        self._paths.sort(key=lambda one: one[1].count("{"))
        self._validators: dict[tuple[str, str, str], Validator | None] = {}

    def violations(
        self, method: str, path: str, query: Mapping[str, str], body: Any, files: Sized
    ) -> list[str]:
        """Sentences: what the description does not allow in this request."""
        template = self._template(path)
        operations = self._document["paths"].get(template, {})
        operation = operations.get(method.lower())
        if template is None or operation is None:
            return [f"{method} {path}: not described"]
        where = f"{method} {template}"
        found = list(self._about_query(where, operations, operation, query))
        kind = "multipart/form-data" if files else "application/json"
        body_of = operation.get("requestBody", {})
        validator = self._validator((template, method, kind), body_of, kind)
        if validator is None:
            if body is not None:
                found.append(f"{where}: takes no body")
        elif body is not None or body_of.get("required"):
            found += _told(where, validator, body)
        return found

    def faults(self, method: str, path: str, status: int, answer: Any) -> list[str]:
        """What it does not allow in an answer: the emulator's own mistakes."""
        template = self._template(path)
        operation = self._document["paths"].get(template, {}).get(method.lower())
        if template is None or operation is None:
            return []
        where = f"answer {status} to {method} {template}"
        described = operation["responses"].get(str(status))
        if described is None:
            return [f"{where}: not described"]
        kind = "application/json"
        validator = self._validator((template, method, str(status)), described, kind)
        return [] if validator is None else _told(where, validator, answer)

    def _template(self, path: str) -> str | None:
        return next((one for pattern, one in self._paths if pattern.fullmatch(path)), None)

    def _about_query(
        self,
        where: str,
        operations: Mapping[str, Any],
        operation: Mapping[str, Any],
        query: Mapping[str, str],
    ) -> Iterable[str]:
        listed = [*operations.get("parameters", ()), *operation.get("parameters", ())]
        known = {one["name"] for one in listed if one.get("in") == "query"}
        return (f"{where}: unknown parameter {name}" for name in query if name not in known)

    def _validator(
        self, key: tuple[str, str, str], described: Mapping[str, Any], kind: str
    ) -> Validator | None:
        if key not in self._validators:
            schema = described.get("content", {}).get(kind, {}).get("schema")
            self._validators[key] = schema and Draft202012Validator(
                {**schema, "components": self._document["components"]}
            )
        return self._validators[key]


def _told(where: str, validator: Validator, body: Any) -> list[str]:
    problem: ValidationError | None = best_match(validator.iter_errors(body))
    if problem is None:
        return []
    at = "/".join(str(step) for step in problem.absolute_path)
    return [f"{where}: {at or 'body'}: {problem.message[:300]}"]


def _pattern(path: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)))
