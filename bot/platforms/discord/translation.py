"""Commands in the reader's language: names, descriptions and choices, from the catalogues."""

from __future__ import annotations

import re
from collections.abc import Sequence

from discord import Locale, app_commands
from discord.app_commands import TranslationContextLocation as Location
from discord.app_commands import TranslationContextTypes, locale_str

from bot.locales import Translator, translator

_LANGUAGES = {Locale.taiwan_chinese: "zh_Hant", Locale.chinese: "zh_Hans"}
_NAMES = {Location.command_name, Location.group_name, Location.parameter_name}
_VALID_NAME = re.compile(r"[-_\w]{1,32}")
_LONGEST = 100


class CatalogueTranslator(app_commands.Translator):
    """What a catalogue does not have stays English; so does a name that Discord would not take."""

    async def translate(
        self, string: locale_str, locale: Locale, context: TranslationContextTypes
    ) -> str | None:
        language = _LANGUAGES.get(locale)
        if language is None:
            return None
        t = translator(language)
        words = string.extras.get("words")
        if words is not None:
            return "、".join(t(word) for word in words)[:_LONGEST]
        said = t(string.message)
        if said == string.message:
            return None
        if context.location in _NAMES:
            return said if _is_name(said, _siblings(context), t) else None
        return said[:_LONGEST]


def _is_name(said: str, siblings: Sequence[str], t: Translator) -> bool:
    """Two commands of one group must not have one name."""
    if not _VALID_NAME.fullmatch(said) or said != said.lower():
        return False
    return sum(said in {t(sibling), sibling} for sibling in siblings) == 1


def _siblings(context: TranslationContextTypes) -> Sequence[str]:
    data = context.data
    if isinstance(data, app_commands.Parameter):
        return [parameter.display_name for parameter in data.command.parameters]
    if isinstance(data, app_commands.Command | app_commands.Group) and data.parent is not None:
        return [command.name for command in data.parent.commands]
    return [str(getattr(data, "name", ""))]
