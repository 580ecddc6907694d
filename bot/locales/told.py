"""What the watch says in English, told again in the reader's language.

Reasons, notes and names of parts are composed below the conversation, with values in them, and
are kept like that: «no debt of Amazon was filed by 2022-10-25». Each form stands here as a message
of the catalogues; a text is matched with the forms, and what stands in its gaps is told too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache

from bot.locales.forms import COMPANIES, COUNTRIES, DAY, FORMS, LINES, MARKS

_AS_IT_IS = {
    "channel",
    "column",
    "error",
    "fund",
    "host",
    "key",
    "method",
    "series",
    "status",
    "value",
}
"""Gaps with what machines and other people wrote."""
_GAPS = {
    "company": "|".join(COMPANIES),
    "country": "|".join(map(re.escape, COUNTRIES)),
    "line": "|".join(sorted(LINES, key=len, reverse=True)),
    "host": r"[^\s:]+(?::\d+)?",
    "day": r"\d{4}-\d\d-\d\d",
    "year": r"\d{4}",
    "status": r"\d{3}",
    "ticker": r"[A-Z^][A-Z0-9.=^-]*",
    "tag": r"[A-Z]\w+",
    "method": r"[a-z][\w.]+",
    **dict.fromkeys(("n", "all", "days", "limit"), r"[+\-−]?[\d.,]+(?:%|×)?"),
}
_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_PIECE = re.compile(r"{(\w+)}")
# «甲骨文 LongTermDebt» is written with a space, «甲骨文長期債務» without one.
_CLOSED_UP = re.compile("(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])")
_DEEPEST = 4

Say = Callable[..., str]


def told(text: str, say: Say, depth: int = 0) -> str:
    """`text` by the catalogue behind `say`; unchanged where no form fits it.

    Of several sentences with semicolons between them each is told for itself.
    """
    if depth > _DEEPEST or not text:
        return text
    if (said := say(text)) != text:
        return said
    for form, pattern in _patterns():
        if (match := pattern.fullmatch(text)) is not None:
            gaps = {
                name: _gap(name, value, say, depth) for name, value in match.groupdict().items()
            }
            return _CLOSED_UP.sub("", say(form, **gaps))
    for mark in MARKS:
        if mark in text:
            pieces = text.split(mark)
            again = [told(piece, say, depth + 1) for piece in pieces]
            if again != pieces:
                return say(mark).join(again)
    return text


def _gap(name: str, value: str, say: Say, depth: int) -> str:
    if name in _AS_IT_IS:
        return value
    if (day := _DAY.fullmatch(value)) is not None:
        year, month, of_month = map(int, day.groups())
        return say(DAY, year=year, month=month, day=of_month)
    if name == "names":
        return say(", ").join(told(one, say, depth + 1) for one in value.split(", "))
    return told(value, say, depth + 1)


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Those that say most by themselves first."""
    forms = [form for form in FORMS if "{" in form]
    forms.sort(key=lambda form: -len(_PIECE.sub("", form)))
    return tuple((form, re.compile("".join(_pieces(form)), re.DOTALL)) for form in forms)


def _pieces(form: str) -> Iterator[str]:
    for at, piece in enumerate(_PIECE.split(form)):
        if at % 2 == 0:
            yield re.escape(piece)
        else:
            yield f"(?P<{piece}>{_GAPS.get(piece, '.+?')})"
