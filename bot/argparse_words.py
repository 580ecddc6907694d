"""argparse in the language of the terminal: its own words, and lines as wide as they look.

argparse says its words through two functions of its module, `_` and `ngettext`
(https://docs.python.org/3/howto/argparse.html#how-to-translate-the-argparse-output). Those of
gettext read compiled catalogues by the names of locales; ours are read as texts, and the setting
`BUBBLEWATCH_LANGUAGE` counts too: so both are lent ours while a command line is read.

It counts letters where a terminal counts cells, and a Chinese character takes two. While lines
are laid out such a character is followed by a mark without width, so that both counts are one.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from bot.locales.told import Say
from bot.wrapping import is_wide, lines_of

WORDS = (
    "usage: ",
    "positional arguments",
    "options",
    "show this help message and exit",
    "%(prog)s: error: %(message)s\n",
    "argument %(argument_name)s: %(message)s",
    "the following arguments are required: %s",
    "unrecognized arguments: %s",
    "expected one argument",
    "expected at least one argument",
    "ignored explicit argument %r",
    "ambiguous option: %(option)s could match %(matches)s",
    "invalid choice: %(value)r (choose from %(choices)s)",
    "invalid %(type)s value: %(value)r",
)
"""Those that somebody can meet who types `bubblewatch`; messages of the catalogues."""

_SECOND_CELL = "\N{WORD JOINER}"


def in_cells(text: str) -> str:
    """As long as it is wide. `printed` takes that back."""
    return "".join(letter + _SECOND_CELL if is_wide(letter) else letter for letter in text)


def printed(text: str) -> str:
    return text.replace(_SECOND_CELL, "")


@contextmanager
def spoken(t: Say) -> Iterator[None]:
    """Within it argparse says its own words by `t`."""
    module = vars(argparse)
    own = {name: module[name] for name in ("_", "ngettext")}
    module.update(_=t, ngettext=lambda one, more, n: t(one if n == 1 else more))
    try:
        yield
    finally:
        module.update(own)


class Lines(argparse.HelpFormatter):
    """Its lines end where those of replies end."""

    def _split_lines(self, text: str, width: int) -> list[str]:
        told = printed(" ".join(text.split()))
        return [in_cells(line) for line in lines_of(told, width)]

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(indent + line for line in self._split_lines(text, width - len(indent)))


class _Writable(Protocol):
    def write(self, text: str, /) -> object: ...


class Parser(argparse.ArgumentParser):
    """Its texts may be `in_cells`; what it prints is not."""

    def format_help(self) -> str:
        # Headings end with a colon that no catalogue is asked for before Python 3.12.
        return printed(super().format_help().replace(f"{_SECOND_CELL}:", "："))

    def _print_message(self, message: str, file: _Writable | None = None) -> None:
        super()._print_message(printed(message), file)
