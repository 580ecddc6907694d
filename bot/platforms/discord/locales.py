"""Discord's locales and ours."""

from __future__ import annotations

import discord

_CHINESE = {"zh-TW": "zh_Hant", "zh-HK": "zh_Hant", "zh-CN": "zh_Hans", "zh-SG": "zh_Hans"}


def language_of(locale: discord.Locale | str | None) -> str | None:
    """The language of a person or server; None when it is none of ours."""
    code = str(locale) if locale is not None else ""
    if code.startswith("en"):
        return "en"
    return _CHINESE.get(code) or ("zh_Hans" if code == "zh" else None)
