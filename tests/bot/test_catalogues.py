"""The Chinese catalogues say what the English messages say, each in its own characters."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

import bot.locales
from alerts.indicators import catalogue
from bot.locales.messages import messages as every_message

FOLDER = Path(bot.locales.__file__).parent


def messages(language: str) -> list[Message]:
    with (FOLDER / language / "LC_MESSAGES" / "bubblewatch.po").open("rb") as file:
        return [message for message in read_po(file, locale=language) if message.id]


def only_in(encoding: str, other: str, text: str) -> set[str]:
    """The Chinese characters of a text that one of two national encodings has alone."""

    def has(character: str, name: str) -> bool:
        try:
            character.encode(name)
        except UnicodeEncodeError:
            return False
        return True

    han = re.findall(r"[\u4e00-\u9fff]", text)
    return {c for c in han if has(c, encoding) and not has(c, other)}


@pytest.mark.parametrize("language", ["zh_Hant", "zh_Hans"])
def test_every_message_is_translated_with_the_same_placeholders(language: str) -> None:
    for message in messages(language):
        assert message.string, message.id
        assert not message.fuzzy, message.id
        placeholders = [set(re.findall(r"{\w+}", str(t))) for t in (message.id, message.string)]
        assert placeholders[0] == placeholders[1], message.id


def test_both_catalogues_have_the_same_messages() -> None:
    traditional, simplified = ({m.id for m in messages(x)} for x in ("zh_Hant", "zh_Hans"))
    assert traditional == simplified


def test_no_message_is_written_in_the_other_scripts_characters() -> None:
    traditional = "".join(str(m.string) for m in messages("zh_Hant"))
    simplified = "".join(str(m.string) for m in messages("zh_Hans"))
    for indicator in catalogue().values():
        traditional += indicator.names.zh_hant
        simplified += indicator.names.zh_hans
    assert only_in("gb2312", "big5", traditional) == set()
    assert only_in("big5", "gb2312", simplified) == set()


@pytest.mark.parametrize("language", ["zh_Hant", "zh_Hans"])
def test_the_catalogue_has_every_message_that_is_said_and_no_other(language: str) -> None:
    assert {str(message.id) for message in messages(language)} == set(every_message())
