"""What goes wrong over REST, and at which calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["error", "status", "hang", "cut before", "cut after", "429"]


@dataclass(slots=True)
class Mishap:
    """At calls whose path contains `where`, and of that `method` if given, `times` times.

    `value`: the error's code, the HTTP status, or the seconds of a 429.
    """

    kind: Kind
    where: str = ""
    method: str = ""
    times: int | None = None
    value: float = 0
    body: str = ""
    everywhere: bool = False
    via: bool | None = None
    scope: str = ""

    def strikes(self, method: str, path: str) -> bool:
        if self.where not in path or self.method not in ("", method) or self.times == 0:
            return False
        if self.times is not None:
            self.times -= 1
        return True
