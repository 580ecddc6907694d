"""One identifier from what began something to everything that came of it.

A command and a look at the sources each begin one. Whatever is enqueued meanwhile carries it
through the database as the beginning of its nonce, so that its delivery, hours later or by
another process, still says what it came from.
"""

from __future__ import annotations

import secrets
from contextvars import ContextVar

DIGITS = 8
_NONCE_DIGITS = 24
_current: ContextVar[str] = ContextVar("correlation", default="")


def current() -> str:
    """The identifier of what is going on here; empty when nothing began one."""
    return _current.get()


class begun:
    """`with begun() as identifier:` everything inside belongs together. Without an identifier it
    gets a new one."""

    __slots__ = ("_mine", "_token")

    def __init__(self, identifier: str | None = None) -> None:
        self._mine = secrets.token_hex(DIGITS // 2) if identifier is None else identifier

    def __enter__(self) -> str:
        self._token = _current.set(self._mine)
        return self._mine

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)


def new_nonces(count: int) -> list[str]:
    """Each is 24 hexadecimal digits, of which the first 8 are the current identifier's, if there
    is one."""
    mine = current()
    own = _NONCE_DIGITS - len(mine)
    digits = secrets.token_hex(own * count // 2)
    return [mine + digits[start : start + own] for start in range(0, own * count, own)]


def of_nonce(nonce: str) -> str:
    """The identifier of what enqueued a delivery."""
    return nonce[:DIGITS]
