"""Questions at a terminal, and who answers them."""

from __future__ import annotations

import getpass
import signal
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
        # getpass hides first and asks then: what is typed at once is not shown, and not lost.
        how = getpass.getpass if secret else console.input
        # Nothing else goes on meanwhile: a thread would go on reading after Ctrl-C.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            return how(f"{question}: ").strip()
        except (KeyboardInterrupt, EOFError) as left:
            console.print()
            raise Interrupted from left
        finally:
            signal.signal(signal.SIGINT, before)

    return ask
