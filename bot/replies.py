"""The document that commands return and platforms render.

A reply holds words already in the reader's language; how they look is the platform's matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

Json = str | int | float | bool | None | Sequence["Json"] | Mapping[str, "Json"]


class Tone(StrEnum):
    """What a piece of text is, for platforms that have colours."""

    PLAIN = "plain"
    MUTED = "muted"
    GOOD = "good"
    WATCH = "watch"
    WARN = "warn"
    CRITICAL = "critical"
    HEADING = "heading"


@dataclass(frozen=True, slots=True)
class Heading:
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Fields:
    """Names with values, one a line."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Column:
    """`right` aligns numbers. Narrow screens drop the columns of the highest `rank` first.

    `wraps`: its text may go on in a second line.
    """

    title: str
    right: bool = False
    rank: int = 0
    wraps: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Table:
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


Block = Heading | Paragraph | Fields | Table


@dataclass(frozen=True, slots=True)
class Reply:
    """`data` is the same answer for machines (`--json`). `ok` is False when nothing was done."""

    blocks: tuple[Block, ...]
    data: Json = field(default_factory=dict)
    ok: bool = True
