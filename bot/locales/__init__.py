"""Languages: English in the code, Chinese in gettext catalogues read at run time."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from importlib import resources

from bot.locales.told import told

LANGUAGES = ("en", "zh_Hant", "zh_Hans")
_TRADITIONAL = {"tw", "hk", "mo", "hant"}


def language_of_locale() -> str:
    """The language of this process's locale; English when it is none of ours."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return known_language(value.partition(".")[0]) or "en"
    return "en"


def known_language(text: str) -> str | None:
    """`zh-TW`, `zh_Hant`, `繁體中文`, `en_GB` … as one of `LANGUAGES`, or None."""
    words = text.strip().lower().replace("-", "_").split("_")
    if words[0] in {"en", "english"}:
        return "en"
    if words[0] == "zh":
        traditional = "hans" not in words and _TRADITIONAL & set(words[1:])
        return "zh_Hant" if traditional else "zh_Hans"
    if "繁" in text or "正體" in text:
        return "zh_Hant"
    return "zh_Hans" if "简" in text or text.strip() == "中文" else None


class Translator:
    """Says a message in one language; what is not translated is said in English."""

    def __init__(self, language: str, messages: Mapping[str, str]) -> None:
        self.language = language
        self._messages = messages

    def __call__(self, message: str, **values: object) -> str:
        said = self._messages.get(message) or message
        return said.format(**values) if values else said

    def told(self, text: str) -> str:
        """What the watch has composed in English: a reason, a note, the name of a part."""
        return told(text, self) if self._messages else text


@cache
def translator(language: str) -> Translator:
    """The translator of one of `LANGUAGES`; any other name gives English.

    Names of indicators and the writing of numbers and dates follow the language by themselves;
    sentences follow it where its catalogue has them.
    """
    if language not in LANGUAGES or language == "en":
        return Translator("en", {})
    catalogue = resources.files("bot.locales").joinpath(f"{language}/LC_MESSAGES/bubblewatch.po")
    if not catalogue.is_file():
        return Translator(language, {})
    # Babel takes a while to import, and English needs no catalogue.
    from babel.messages.pofile import read_po

    with catalogue.open("rb") as file:
        read = read_po(file, locale=language)
    return Translator(language, {str(m.id): str(m.string) for m in read if m.id and m.string})
