"""Many values as one parameter: a parameter for each takes longer to write than to look up."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import orjson
from sqlalchemy import BigInteger, ColumnElement, Dialect, String, Text, TypeDecorator, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine


def is_among(column: InstrumentedAttribute[Any], name: str) -> ColumnElement[bool]:
    """The column's number or text is one of those that the parameter `name` holds."""
    kind = Text if isinstance(column.type, String) else BigInteger
    return column.bool_op("IN")(_Each(bindparam(name, type_=_Many(kind))))


class _Many(TypeDecorator[Collection[Any]]):
    """JSON on SQLite, an array on PostgreSQL."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: type[Text] | type[BigInteger]) -> None:
        super().__init__()
        self.kind = kind

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(self.kind))

    def process_bind_param(self, value: Collection[Any] | None, dialect: Dialect) -> Any:
        many = list(value or ())
        return orjson.dumps(many).decode() if dialect.name == "sqlite" else many


class _Each(FunctionElement[Any]):
    """A row for each of them."""

    name = "each"
    inherit_cache = True


@compiles(_Each, "sqlite")
def _of_json(element: _Each, compiler: SQLCompiler, **kw: Any) -> str:
    return f"(SELECT value FROM json_each({compiler.process(element.clauses, **kw)}))"


@compiles(_Each, "postgresql")
def _of_array(element: _Each, compiler: SQLCompiler, **kw: Any) -> str:
    return f"(SELECT unnest({compiler.process(element.clauses, **kw)}))"
