"""How the store names a Discord message: its number, and what an edit has to know of it."""

from __future__ import annotations

from dataclasses import dataclass

_PLAIN = "="


@dataclass(frozen=True, slots=True)
class MessageName:
    """`picture` is the name of its first file, which an edit refers to; `plain`: words alone."""

    id: int
    picture: str | None = None
    plain: bool = False

    def written(self) -> str:
        """`1234`, `1234/chart.png` or `1234/=`."""
        rest = _PLAIN if self.plain else self.picture
        return f"{self.id}/{rest}" if rest else str(self.id)

    @classmethod
    def read(cls, written: str) -> MessageName | None:
        """None when there is no such message."""
        number, _, rest = written.partition("/")
        if not (number.isascii() and number.isdigit()) or int(number) == 0:
            return None
        return cls(int(number), rest if rest and rest != _PLAIN else None, rest == _PLAIN)
