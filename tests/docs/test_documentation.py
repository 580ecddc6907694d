"""The documentation cannot go stale: what it names exists, what it says to type works."""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from alerts.clock import SystemClock
from alerts.indicators import Indicator, catalogue, presets
from bot.answer import answer
from bot.app import TERMINAL, open_desk
from bot.command_line import parser
from bot.commands import Request, commands
from bot.grammar import parse
from bot.locales import translator
from bot.settings import Settings
from bot.tasks import perform
from tests.docs import reference
from tests.docs.pages import (
    DOCS,
    LANGUAGES,
    ROOT,
    Typed,
    headings,
    languages,
    links,
    pages,
    typed,
    unread,
    within_text,
)
from tests.service.conftest import environment

ELSEWHERE = frozenset(
    {"docker", "fly", "heroku", "dokku", "koyeb", "git", "cp", "chown", "systemctl", "journalctl"}
    | {"pipx", "nc", "source"}
)
"""Programs of others. What follows `bubblewatch` in their lines is checked as ours is."""
FACTS = """\
key,value,date,source_url,entered_by,review_after,note
openai_valuation,500000000000,2025-12-31,https://openai.com/news/,ada,2026-12-31,tender offer
"""

_DONE: set[tuple[str, ...]] = set()

WRITTEN = [page for page in pages() if page.parent.name != "reference"]


def names(page: Path) -> str:
    return str(page.relative_to(ROOT))


def test_the_reference_is_what_the_code_says() -> None:
    stale = list(reference.differing(reference.FOLDER))
    assert stale == [], "python -m tests.docs.reference writes them"


@pytest.mark.parametrize("page", pages(), ids=names)
def test_every_link_leads_somewhere(page: Path) -> None:
    for target, heading in links(page):
        assert target.exists(), target
        assert not heading or heading in headings(target), (target, heading)


def test_every_page_is_in_the_table_of_contents_and_nothing_else_is() -> None:
    def leaves(entry: object) -> Iterator[str]:
        if isinstance(entry, str):
            yield entry
        elif isinstance(entry, dict):
            for below in entry.values():
                yield from leaves(below)
        elif isinstance(entry, list):
            for below in entry:
                yield from leaves(below)

    listed = list(leaves(yaml.safe_load((ROOT / "mkdocs.yml").read_text("utf-8"))["nav"]))
    there = {str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md")}
    assert set(listed) == there
    assert len(listed) == len(there)


def test_the_examples_of_the_reference_can_be_read() -> None:
    lines = [one for one in typed(DOCS / "reference" / "commands.md") if one.program == "/bubble"]
    assert len(lines) > 20
    for one in lines:
        parse(one.words[1], commands(), catalogue(), list(presets()), translator("en"))


@pytest.mark.parametrize("page", pages(), ids=names)
def test_no_line_to_type_hides_in_a_block_that_nobody_reads(page: Path) -> None:
    assert languages(page) <= LANGUAGES
    assert unread(page) == []


@pytest.mark.parametrize("page", [one for one in WRITTEN if typed(one)], ids=names)
async def test_every_line_to_type_works(
    page: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In its order, in one folder, without a network: a reader goes through a page like this."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "facts.csv").write_text(FACTS)
    places = '{"mail": "json://127.0.0.1:9", "phone": "json://127.0.0.1:9"}'
    given = {**environment(tmp_path / "data"), "BUBBLEWATCH_APPRISE": places}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    for one in typed(page):
        await check(one, tmp_path)
        said = capsys.readouterr()
        assert "Traceback" not in said.err, one.line


@pytest.mark.parametrize("page", WRITTEN, ids=names)
async def test_every_line_to_type_that_a_sentence_names_can_be_read(
    page: Path, tmp_path: Path
) -> None:
    """Words in square brackets may be left out, and … stands for the rest."""
    async with open_desk(Settings(data_dir=tmp_path), SystemClock()) as desk:
        for line in within_text(page):
            _read(line, desk.services.indicators)


def _read(line: str, indicators: Mapping[str, Indicator]) -> None:
    words = line.split()
    if words[0] == "/bubble" or _begins_with_a_command(words):
        given = re.sub(r"\[.*?\]", "", line).removeprefix("/bubble").removesuffix("…").split()
        if all(tuple(given) != path[: len(given)] for path in commands()):
            parse(" ".join(given), commands(), indicators, list(presets()), translator("en"))
    elif words[0] == "bubblewatch" and len(words) > 1:
        parser().parse_args(words[1:])
    elif words[0] == "make" and len(words) > 1:
        assert words[1] in _targets(), line
    elif words[:2] == ["python", "-m"]:
        assert importlib.util.find_spec(words[2]) is not None, line


def _begins_with_a_command(words: list[str]) -> bool:
    return any(tuple(words[: len(path)]) == path and words[len(path) :] for path in commands())


def _targets() -> set[str]:
    """Of make."""
    return set(re.findall(r"^([\w./-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))


def test_the_readme_names_every_command() -> None:
    told = " ".join(within_text(ROOT / "README.md"))
    assert {path[0] for path in commands()} - set(re.findall(r"\w+", told)) == set()


@pytest.mark.parametrize("page", pages(), ids=names)
def test_every_setting_that_is_named_is_one(page: Path) -> None:
    known = {f"BUBBLEWATCH_{name.upper()}" for name in Settings.model_fields}
    named = set(re.findall(r"\bBUBBLEWATCH_[A-Z_]+\b", page.read_text("utf-8")))
    assert named <= known


async def check(one: Typed, folder: Path) -> None:
    match one.program:
        case "bubblewatch":
            await check_ours(one.words[1:], folder, one.line)
        case "/bubble":
            async with open_desk(Settings(), SystemClock()) as desk:
                reply = await answer(desk.services, Request(TERMINAL, "terminal"), one.words[1])
            assert reply.ok, (one.line, reply)
        case "make":
            targets = {word for word in one.words[1:] if not word.startswith(("-", "/"))}
            assert targets
            assert targets <= _targets()
        case "python":
            assert one.words[1] == "-m"
            assert importlib.util.find_spec(one.words[2]) is not None
        case program:
            assert program in ELSEWHERE, f"what is {program} in “{one.line}”?"
            await check_theirs(one)
    for word in one.words:
        # Files of ours that a line names are there.
        path = word.removeprefix("/opt/bubblewatch/")
        if re.match(r"^(deploy|docs|bin|benchmarks)/", path):
            assert (ROOT / path).exists(), one.line


async def check_ours(words: tuple[str, ...], folder: Path, line: str) -> None:
    """`run` is only read: tests/service starts it. What a command makes, it makes in `folder`."""
    asked = parser().parse_args(words)
    if asked.command == "run" or words in _DONE:
        return
    if asked.command in ("replay", "show"):
        # These change nothing: once is enough for all pages.
        _DONE.add(words)
    settings = Settings()
    if asked.command in ("restore", "import"):
        # Into a new database, as the page says.
        settings = Settings(data_dir=folder / "another")
        for file in (folder / "another").glob("*"):
            os.unlink(file)
    if asked.command == "setup":
        asked.file, asked.no_input = folder / "settings.env", True
    assert await perform(asked, settings) == 0, line


async def check_theirs(one: Typed) -> None:
    """A line of another program that ends in one of ours."""
    words = list(one.words)
    if "-C" in words:
        words = words[words.index("-C") + 1].split()
    ends = [i for i, word in enumerate(words[:-1]) if word == "bubblewatch"]
    if words[0] in ("docker", "bubblewatch") and ends and words[ends[-1] + 1] == "doctor":
        parser().parse_args(words[ends[-1] + 1 :])
