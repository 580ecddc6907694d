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
    """`strong`: what is read first, where letters can be bold."""

    text: str
    tone: Tone = Tone.PLAIN
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Fields:
    """Names with values, one a line."""

    pairs: tuple[tuple[str, str], ...]


def colon_after(name: str) -> str:
    """What stands between a name and its value in plain text: Chinese has a colon of its own."""
    return "：" if "\u3400" <= name[-1:] <= "\u9fff" else ": "


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


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Equal to itself alone, so that what a platform made of it can be remembered."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG with a text for those who do not see it."""

    png: bytes
    alt: str
    name: str = "chart.png"


@dataclass(frozen=True, slots=True)
class Button:
    """Pressing it says `line`, as if the person had typed it after `/bubble`.

    `opens`: a form asks for the rest first. `replaces`: the answer takes the place of the private
    message that the button stands in. `public`: the answer is for everyone in the channel.
    """

    label: str
    line: str
    tone: Tone = Tone.PLAIN
    opens: bool = False
    replaces: bool = False
    public: bool = False


@dataclass(frozen=True, slots=True)
class Menu:
    """A list to choose one of; at most 25 options."""

    placeholder: str
    options: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Buttons:
    """One row of things to press; at most five. Platforms without buttons leave it out."""

    items: tuple[Button | Menu, ...]


Block = Heading | Paragraph | Fields | Table | Picture | Buttons


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that a command takes, and how a person reads it."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class FormField:
    """One question. `name` is the command's parameter. `choices`: pick one of these.

    `searched`: what can be chosen is too much to list; `bot.suggestions` finds it while a person
    types. `role`: it is a role or group, by its id. `value` is what stands there at first.
    """

    name: str
    label: str
    hint: str = ""
    value: str = ""
    required: bool = False
    choices: tuple[Choice, ...] = ()
    searched: bool = False
    long: bool = False
    role: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """Questions whose answers complete `line`; the most important ones come first.

    Platforms that show fewer fields than there are leave out the last optional ones. An answer
    that was left empty is passed on as an empty text: it takes away what was set.
    """

    title: str
    line: str
    fields: tuple[FormField, ...]
    submit: str


@dataclass(frozen=True, slots=True)
class Reply:
    """`data` is the same answer for machines (`--json`). `ok` is False when nothing was done.

    `mentions`: roles or groups, as the platform names them, that the message is to call. Nothing
    else in a reply may ping anyone, whatever its text is.
    """

    blocks: tuple[Block, ...]
    data: Json = field(default_factory=dict)
    ok: bool = True
    mentions: tuple[str, ...] = ()
