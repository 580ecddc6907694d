"""One identifier from what began something to everything that came of it.

A command and a look at the sources each begin one. Whatever is enqueued meanwhile carries it
through the database as the beginning of its nonce, so that its delivery, hours later or by
another process, still says what it came from.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

DIGITS = 8
_NONCE_DIGITS = 24
_current: ContextVar[str] = ContextVar("correlation", default="")


def current() -> str:
    """The identifier of what is going on here; empty when nothing began one."""
    return _current.get()


@contextmanager
def begun(identifier: str | None = None) -> Iterator[str]:
    """Everything inside belongs together. Without an identifier it gets a new one."""
    mine = secrets.token_hex(DIGITS // 2) if identifier is None else identifier
    token = _current.set(mine)
    try:
        yield mine
    finally:
        _current.reset(token)


def new_nonce() -> str:
    """24 hexadecimal digits, of which the first 8 are the current identifier's, if there is one."""
    mine = current()
    return mine + secrets.token_hex((_NONCE_DIGITS - len(mine)) // 2)


def of_nonce(nonce: str) -> str:
    """The identifier of what enqueued a delivery."""
    return nonce[:DIGITS]
