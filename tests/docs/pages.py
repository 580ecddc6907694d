"""The documentation as it is written: its pages, their links, the lines that one could type."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_TYPED = frozenset({"", "sh", "text"})
LANGUAGES = _TYPED | {"python", "toml", "usage"}
"""Of blocks. Lines in the others are nothing to type; tests of their own read what they show."""


@dataclass(frozen=True, slots=True)
class Typed:
    """One line of a page, as a shell takes it apart; `settings` stand before the program."""

    page: Path
    line: str
    settings: dict[str, str]
    words: tuple[str, ...]

    @property
    def program(self) -> str:
        return Path(self.words[0]).name if self.words[0] != "/bubble" else "/bubble"


def pages() -> list[Path]:
    found = [*DOCS.rglob("*.md"), *(ROOT / one for one in ("README.md", "CONTRIBUTING.md"))]
    return sorted(found)


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """To files of ours and headings in them; a heading as an address names it, empty for none."""
    for target in _LINK.findall(_prose(page)):
        if "://" not in target and not target.startswith("mailto:"):
            file, _, heading = target.partition("#")
            yield (page.parent / file if file else page), heading


def headings(page: Path) -> set[str]:
    """As GitHub and MkDocs name them in addresses."""
    named = (re.sub(r"[^\w\- ]", "", one.lower()) for one in _HEADING.findall(_prose(page)))
    return {one.strip().replace(" ", "-") for one in named}


def within_text(page: Path) -> list[str]:
    """What stands between backticks in its sentences and tables."""
    return [" ".join(one.split()) for one in re.findall(r"`([^`]+)`", _prose(page))]


def _prose(page: Path) -> str:
    """Without its blocks."""
    return re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)


def languages(page: Path) -> set[str]:
    """Those that its blocks name."""
    return {language for language, _ in _FENCE.findall(page.read_text("utf-8"))}


def unread(page: Path) -> list[str]:
    """Lines that open or close a block of another kind, as one within a list."""
    outside = _FENCE.sub("", page.read_text("utf-8"))
    return re.findall(r"^.*(?:```|~~~).*$", outside, re.MULTILINE)


def typed(page: Path) -> list[Typed]:
    """The lines of its blocks that begin with a program of which one of the pages speaks."""
    found: list[Typed] = []
    for language, block in _FENCE.findall(page.read_text("utf-8")):
        if language not in _TYPED:
            continue
        for line in block.replace("\\\n", " ").splitlines():
            shell = language == "sh"
            one = _taken_apart(page, line.strip(), shell)
            if one is not None and (shell or one.program in ("bubblewatch", "/bubble")):
                found.append(one)
    return found


def _taken_apart(page: Path, line: str, shell: bool) -> Typed | None:
    if not line or (not shell and "bubble" not in line):
        return None
    if line.startswith("/bubble"):
        # A chat is no shell: quotes and signs are its own.
        return Typed(page, line, {}, ("/bubble", line.removeprefix("/bubble").strip()))
    words = shlex.split(line, comments=True)
    settings: dict[str, str] = {}
    while words and re.match(r"^[A-Z_]+=", words[0]):
        name, _, value = words.pop(0).partition("=")
        settings[name] = value
    return Typed(page, line, settings, tuple(words)) if words else None
