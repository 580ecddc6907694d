"""Questions at a terminal, and who answers them."""

from __future__ import annotations

import asyncio
import signal
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.console import Console


class Asks(Protocol):
    """Somebody who answers, or nobody: then every answer is empty."""

    async def __call__(self, question: str, *, secret: bool = False) -> str: ...


class Interrupted(Exception):
    """Ctrl-C or Ctrl-D at a question."""


async def nobody(question: str, *, secret: bool = False) -> str:
    """Without a terminal."""
    return ""


def person(console: Console) -> Asks:
    """Whoever sits at the terminal; a secret is not shown while it is typed. Raises Interrupted."""

    async def ask(question: str, *, secret: bool = False) -> str:
        with _interruptible() as left, _shown(not secret):
            # Hidden first and asked then: what is typed at once is not shown, and not lost.
            console.print(f"{question}: ", end="", soft_wrap=True)
            line = await _line(left)
        if secret:
            console.print()
        return line.strip()

    return ask


@contextmanager
def _interruptible() -> Iterator[asyncio.Future[None]]:
    """Ends with Interrupted at Ctrl-C. A read that blocks would go on, in a thread or here."""
    loop, before = asyncio.get_running_loop(), signal.getsignal(signal.SIGINT)
    left: asyncio.Future[None] = loop.create_future()
    loop.add_signal_handler(signal.SIGINT, _interrupt, left)
    try:
        yield left
    finally:
        left.cancel()
        loop.remove_signal_handler(signal.SIGINT)
        signal.signal(signal.SIGINT, before)


def _interrupt(left: asyncio.Future[None]) -> None:
    if not left.done():
        left.set_exception(Interrupted())


async def _line(left: asyncio.Future[None]) -> str:
    """What is typed up to Enter: a terminal has something to read when that was pressed."""
    loop = asyncio.get_running_loop()
    loop.add_reader(sys.stdin, lambda: None if left.done() else left.set_result(None))
    try:
        await left
    finally:
        loop.remove_reader(sys.stdin)
    line = sys.stdin.readline()
    if not line:
        raise Interrupted
    return line


@contextmanager
def _shown(shown: bool) -> Iterator[None]:
    """Whether the terminal shows what is typed."""
    if shown:
        yield
        return
    before = termios.tcgetattr(sys.stdin)
    hidden = [*before[:3], before[3] & ~termios.ECHO, *before[4:]]
    termios.tcsetattr(sys.stdin, termios.TCSADRAIN, hidden)
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
