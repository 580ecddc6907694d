"""A line of text as words, quotations and comparison signs."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

LONGEST_LINE = 2000

_WORD = re.compile(r"""["“”「『]([^"“”」』]*)["“”」』]|(>=|<=|[><≥≤])|([^\s"“”「」『』<>≥≤]+)""")
_BIDI = {0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a line; `quoted` ones are never keywords."""

    text: str
    quoted: bool = False

    @property
    def key(self) -> str:
        return "" if self.quoted else self.text.casefold()


def words_of(line: str) -> list[Word]:
    """Words, quotations and comparison signs; full-width characters count as their plain ones."""
    return [
        Word(match[1], True) if match[1] is not None else Word(match[2] or match[3])
        for match in _WORD.finditer(cleaned(line[:LONGEST_LINE]))
    ]


def cleaned(text: str) -> str:
    """Without what cannot be seen or turns the direction of writing."""
    text = unicodedata.normalize("NFKC", text)
    return "".join(c for c in text if ord(c) not in _BIDI and (c.isprintable() or c.isspace()))
