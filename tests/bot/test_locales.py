"""The Chinese catalogues: whole, with the same placeholders, each in its own script."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from string import Formatter

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from alerts.indicators import catalogue
from alerts.indicators.balance_sheet import EX_LEASE, WITH_ALL_LEASES, WITH_FINANCE_LEASES
from alerts.reading import Reading
from alerts.sources.record import Record
from bot.answer import answer
from bot.app import TERMINAL
from bot.commands import Request, commands
from bot.locales.messages import messages
from bot.platforms.terminal import plain_text
from tests.bot.conftest import Talk

CHINESE = pytest.mark.parametrize("language", ["zh_Hant", "zh_Hans"])
HAN = "[\u3400-\u9fff]"


@cache
def read(language: str) -> Catalog:
    folder = resources.files("bot.locales")
    with folder.joinpath(f"{language}/LC_MESSAGES/bubblewatch.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def said(language: str) -> dict[str, str]:
    """Every entry of a catalogue, its header aside."""
    return {str(entry.id): str(entry.string) for entry in read(language) if entry.id}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def encodes(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def foreign(language: str, text: str) -> set[str]:
    """The characters that only the other Chinese script has."""
    own, other = ("big5", "gb2312") if language == "zh_Hant" else ("gb2312", "big5")
    return {c for c in re.findall(HAN, text) if encodes(c, other) and not encodes(c, own)}


@CHINESE
def test_a_catalogue_has_every_message_and_no_other(language: str) -> None:
    entries = said(language)
    assert [message for message in messages() if not entries.get(message)] == []
    assert [message for message in entries if message not in messages()] == []
    assert [entry.id for entry in read(language) if entry.id and entry.fuzzy] == []
    assert not read(language).fuzzy
    assert not read(language).obsolete


@CHINESE
def test_translations_have_the_placeholders_of_their_message(language: str) -> None:
    differ = {m: s for m, s in said(language).items() if placeholders(m) != placeholders(s)}
    assert differ == {}


def test_characters_of_the_other_script_are_found() -> None:
    assert foreign("zh_Hant", "資訊资讯") == {"资", "讯"}
    assert foreign("zh_Hans", "資訊资讯") == {"資", "訊"}


@CHINESE
def test_no_character_of_the_other_script_is_written(language: str) -> None:
    texts = [*said(language).values()]
    for indicator in catalogue().values():
        names = indicator.names
        texts.append(names.zh_hant if language == "zh_Hant" else names.zh_hans)
    assert {text: found for text in texts if (found := foreign(language, text))} == {}


@CHINESE
def test_chinese_sentences_have_chinese_marks(language: str) -> None:
    half_width = re.compile(f"{HAN}[,;:?!()]|[,;:?!()]{HAN}")
    assert [text for text in said(language).values() if half_width.search(text)] == []


def test_every_definition_in_the_record_is_a_message() -> None:
    evidence = Record().evidence
    found = {
        reading.definition
        for indicator in catalogue().values()
        for reading in indicator.series(evidence)
        if isinstance(reading, Reading)
    }
    assert found - {EX_LEASE, WITH_FINANCE_LEASES, WITH_ALL_LEASES} <= set(messages())


@pytest.mark.parametrize(
    ("language", "trillion", "section"),
    [("zh_Hant", "兆美元", "舉債擴張"), ("zh_Hans", "万亿美元", "举债扩张")],
)
async def test_the_board_is_in_chinese(
    talk: Talk, language: str, trillion: str, section: str
) -> None:
    reply = await answer(talk.services, Request(TERMINAL, "someone", language), "status")
    board = plain_text(reply)
    assert reply.ok, board
    for indicator in talk.services.indicators.values():
        names = indicator.names
        assert (names.zh_hant if language == "zh_Hant" else names.zh_hans) in board
    assert trillion in board
    assert section in board


@CHINESE
async def test_no_command_answers_with_an_english_sentence(talk: Talk, language: str) -> None:
    request = Request(TERMINAL, "someone", language)
    # What has two words of English beside it is a sentence, not a name or a command word.
    entries = said(language)
    english = [m for m in messages() if re.search(r"[a-z]{2,} [a-z]{2,}", m) and entries[m] != m]
    lines = [line for command in commands().values() for line in command.examples]
    lines += [
        "help",
        "indicators",
        "presets",
        "sources",
        "alert list",
        "alert show 1",
        "help alert",
    ]
    for line in [*lines, "show top5_weight", "alert test 1", "unsubscribe", "nonsense", "show xx"]:
        if "settings" not in line:
            shown = " ".join(plain_text(await answer(talk.services, request, line)).split())
            assert [message for message in english if message in shown] == [], line
            assert re.search(HAN, shown), line
