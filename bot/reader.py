"""Reads the words after a command into its parameters, each kind in its own way."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from alerts.indicators import Indicator
from alerts.measures import MeasureKind, Window
from alerts.rules import Direction, Level
from bot.commands import Arguments, BadInput, Command, Param, ParamKind, about
from bot.locales import Translator
from bot.naming import named_indicator, nearest
from bot.tokens import Word, cleaned, words_of

LONGEST_NOTE = 500
MOST_NUMBERS = 500
OFF, ALL = "off", "all"

_DIRECTIONS = {
    **dict.fromkeys(
        ("above", "over", ">", ">=", "≥", "高于", "高於", "超过", "超過"), Direction.ABOVE
    ),
    **dict.fromkeys(("below", "under", "<", "<=", "≤", "低于", "低於", "跌破"), Direction.BELOW),
}
_MEASURES = {
    **{kind.value: kind for kind in MeasureKind},
    "percent": MeasureKind.PERCENT_CHANGE,
    "pct_change": MeasureKind.PERCENT_CHANGE,
    "growth": MeasureKind.PERCENT_CHANGE,
}
_ALL = {"all", "全部", "所有"}
_ONE = r"#?\d{1,9}(?:[-–—]#?\d{1,9})?"
_NUMBERS = re.compile(rf"{_ONE}(?:[,、]+{_ONE})*[,、]*", re.ASCII)
_NAME = r"([A-Za-z0-9_-]{1,80})(?:\|[^<>]*)?>?"
_REFERENCES = {
    ParamKind.MENTION: re.compile(rf"(?:<(?:@&|!subteam\^)|@&?)?{_NAME}"),
    ParamKind.CHANNEL: re.compile(rf"(?:<#|#)?{_NAME}"),
}
_EVERYONE = {"everyone", "here", "channel"}


class Reader:
    """Reads one command's words into its parameters."""

    def __init__(
        self,
        command: Command,
        words: list[Word],
        indicators: Mapping[str, Indicator],
        presets: Sequence[str],
        t: Translator,
    ) -> None:
        self._command = command
        self._words = words
        self._indicators = indicators
        self._presets = presets
        self._t = t
        self._at = 0
        self._found: dict[str, object] = {}
        self._keywords = {keyword: param for param in command.params for keyword in param.keywords}

    def read(self, fields: Mapping[str, str] | None = None, *, whole: bool = True) -> Arguments:
        self._read_words()
        given = fields or {}
        for param in self._command.params:
            text = given.get(param.name, "").strip()
            if text:
                with about(param.name):
                    self._put(param, self._read_field(param, text))
            elif param.clearable and param.name in given:
                self._put(param, OFF)
        for param in self._command.params:
            if whole and param.required and param.name not in self._found:
                raise BadInput(self._missing(param), param.name)
        return self._found

    def _read_field(self, param: Param, text: str) -> object:
        """A text that is one argument as a whole: a note needs no quotes here."""
        if param.kind is ParamKind.FLAG:
            return True
        if param.kind is ParamKind.TEXT:
            return self._checked(cleaned(text))
        self._words, self._at = words_of(text), 0
        value = self._value(param)
        if self._at < len(self._words):
            raise BadInput(self._superfluous(self._words[self._at]))
        return value

    def _read_words(self) -> None:
        while self._at < len(self._words):
            word = self._words[self._at]
            keyed = self._keywords.get(word.key)
            if keyed is not None and self._is_keyword(keyed):
                self._at += 1
                self._put(keyed, True if keyed.kind is ParamKind.FLAG else self._value(keyed))
            elif (param := self._by_word(word) or self._next_positional()) is not None:
                self._put(param, self._value(param))
            else:
                raise BadInput(self._superfluous(word))

    def _is_keyword(self, param: Param) -> bool:
        """A keyword at the very end with no value is a value itself, if one is still wanted."""
        if param.kind is ParamKind.FLAG or self._at + 1 < len(self._words):
            return True
        return self._next_positional() is None

    def _put(self, param: Param, value: object) -> None:
        if param.name in self._found:
            raise BadInput(self._t("“{name}” is given twice.", name=param.name))
        self._found[param.name] = value

    def _by_word(self, word: Word) -> Param | None:
        """The parameter that a word can only belong to."""
        for param in self._command.params:
            if param.name in self._found or (param.keywords and param.kind is not ParamKind.LEVEL):
                continue
            match param.kind:
                case ParamKind.DIRECTION if word.key in _DIRECTIONS:
                    return param
                case ParamKind.MEASURE if word.key in _MEASURES and self._can_be_measure():
                    return param
                case ParamKind.WINDOW if "measure" in self._found and _is_window(word.key):
                    return param
                case ParamKind.LEVEL if word.key in {level.value for level in Level}:
                    return param
                case ParamKind.CHOICE if word.key in param.choices:
                    return param
        return None

    def _can_be_measure(self) -> bool:
        """«drawdown» is an indicator's nickname when none was named yet."""
        first = next((p for p in self._command.params if p.kind is ParamKind.INDICATOR), None)
        return first is None or first.name in self._found

    def _next_positional(self) -> Param | None:
        taken_by_word = {
            ParamKind.DIRECTION,
            ParamKind.MEASURE,
            ParamKind.WINDOW,
            ParamKind.LEVEL,
            ParamKind.FLAG,
            ParamKind.CHOICE,
        }
        for param in self._command.params:
            if param.name in self._found or (param.keywords and not param.bare):
                continue
            if param.kind in taken_by_word and not param.required:
                continue
            return param
        return None

    def _value(self, param: Param) -> object:
        if self._at >= len(self._words):
            raise BadInput(self._missing(param))
        word = self._words[self._at]
        match param.kind:
            case ParamKind.INDICATOR:
                return self._indicator()
            case ParamKind.PRESET:
                return self._one_of(self._presets, self._t("preset"))
            case ParamKind.DIRECTION:
                return self._direction()
            case ParamKind.MEASURE:
                self._at += 1
                return _MEASURES[word.key]
            case ParamKind.WINDOW:
                return self._window()
            case ParamKind.LEVEL:
                return Level(self._one_of([level.value for level in Level], self._t("level")))
            case ParamKind.CHOICE:
                return self._choice(param.choices)
            case ParamKind.QUANTITY | ParamKind.DURATION:
                return self._joined(param)
            case ParamKind.RULE | ParamKind.COUNT:
                return self._count(param)
            case ParamKind.RULES:
                return self._numbers()
            case ParamKind.TEXT | ParamKind.TIMEZONE:
                return self._text(param)
            case ParamKind.MENTION | ParamKind.CHANNEL:
                return self._reference(param)
            case _:
                self._at += 1
                return word.text

    def _indicator(self) -> str:
        texts = [word.text for word in self._words[self._at :]]
        key, taken = named_indicator(texts, self._indicators, self._t)
        self._at += taken
        return key

    def _one_of(self, choices: Sequence[str], what: str) -> str:
        word = self._words[self._at]
        key = word.text.casefold()
        if key not in choices:
            near = nearest(key, choices)
            hint = self._t(" Did you mean “{near}”?", near=near) if near else ""
            raise BadInput(
                self._t(
                    "“{text}” is not a {what}: {choices}.",
                    text=word.text[:40],
                    what=what,
                    choices=self._t(", ").join(choices),
                )
                + hint
            )
        self._at += 1
        return key

    def _choice(self, choices: Sequence[str]) -> str:
        word = self._words[self._at]
        if (key := word.text.casefold()) not in choices:
            raise BadInput(
                self._t(
                    "“{text}” is none of these: {choices}.",
                    text=word.text[:40],
                    choices=self._t(", ").join(choices),
                )
            )
        self._at += 1
        return key

    def _direction(self) -> Direction:
        word = self._words[self._at]
        if word.key not in _DIRECTIONS:
            raise BadInput(
                self._t(
                    "Say “above” or “below” before the number; “{text}” is neither.",
                    text=word.text[:40],
                )
            )
        self._at += 1
        # «>=» may have been typed as two signs.
        if self._at < len(self._words) and self._words[self._at].key == "=":
            self._at += 1
        return _DIRECTIONS[word.key]

    def _window(self) -> Window:
        word = self._words[self._at]
        self._at += 1
        try:
            return Window.parse(word.text)
        except ValueError as error:
            raise BadInput(
                self._t("“{text}” is not a window. Write 30d, 4mo, 1y or all.", text=word.text[:40])
            ) from error

    def _joined(self, param: Param) -> str:
        """A number and the unit after it, written apart: `30 %`, `5.5 trillion`, `3 d`."""
        text = self._words[self._at].text
        self._at += 1
        while self._at < len(self._words):
            word = self._words[self._at]
            bare_sign = text in {"-", "+", "−", "$"}
            unit = not any(c.isdigit() for c in word.text) and not self._belongs_elsewhere(word)
            if not bare_sign and not (unit and text[-1:].isdigit()):
                break
            text += " " + word.text
            self._at += 1
        return text

    def _belongs_elsewhere(self, word: Word) -> bool:
        return word.quoted or word.key in self._keywords or self._by_word(word) is not None

    def _reference(self, param: Param) -> str:
        """A role, group or channel as a platform writes it: `<@&1>`, `<!subteam^S1|@x>`, `<#C1>`.

        The reader of words has taken the angle brackets for comparison signs.
        """
        text = self._words[self._at].text
        self._at += 1
        while text.startswith("<") and not text.endswith(">") and self._at < len(self._words):
            text += self._words[self._at].text
            self._at += 1
        found = _REFERENCES[param.kind].fullmatch(text)
        if found is not None and found[1].casefold() not in _EVERYONE:
            return found[1]
        if param.kind is ParamKind.CHANNEL:
            raise BadInput(
                self._t("“{text}” is not a channel; pick one, or write #channel.", text=text[:40])
            )
        raise BadInput(
            self._t("“{text}” is not a role or group; pick one, or write @role.", text=text[:40])
        )

    def _count(self, param: Param) -> int:
        word = self._words[self._at]
        digits = word.text.lstrip("#")
        if not digits.isascii() or not digits.isdigit() or len(digits) > 9:
            raise BadInput(self._t("“{text}” is not a number.", text=word.text[:40]))
        self._at += 1
        return int(digits)

    def _numbers(self) -> tuple[int, ...] | str:
        """`3`, `#3 #4`, `3,4`, `7-9`, or `all`; each number once, in the order of their size."""
        if self._words[self._at].key in _ALL:
            self._at += 1
            return ALL
        found: set[int] = set()
        while self._at < len(self._words) and _NUMBERS.fullmatch(self._words[self._at].text):
            for one in re.split("[,、]+", self._words[self._at].text.strip(",、")):
                first, _, last = re.sub("[–—]", "-", one.replace("#", "")).partition("-")
                numbers = range(int(first), int(last or first) + 1)
                if not 1 <= len(numbers) <= MOST_NUMBERS:
                    raise BadInput(self._t("“{text}” is not a list of rules.", text=one))
                found.update(numbers)
            self._at += 1
        if not found:
            raise BadInput(self._t("Say which: numbers from “alert list”, or “all”."))
        return tuple(sorted(found))

    def _text(self, param: Param) -> str:
        word = self._words[self._at]
        self._at += 1
        text = word.text
        others = [p for p in self._command.params if p is not param and not p.keywords]
        last = bool(param.keywords) or all(p.name in self._found for p in others)
        if not word.quoted and last:
            while self._at < len(self._words) and not self._belongs_elsewhere(
                self._words[self._at]
            ):
                text += " " + self._words[self._at].text
                self._at += 1
        return self._checked(text)

    def _checked(self, text: str) -> str:
        if len(text) > LONGEST_NOTE:
            raise BadInput(self._t("A note has {n} characters at most.", n=LONGEST_NOTE))
        return text

    def _how(self) -> str:
        """An example says more than the whole grammar, which “help” shows."""
        return next(iter(self._command.examples), usage_of(self._command))

    def _missing(self, param: Param) -> str:
        usage = self._how()
        name = _typed(param) if param.keywords and not param.bare else param.name
        return self._t("“{name}” is missing. It goes like this: {usage}", name=name, usage=usage)

    def _superfluous(self, word: Word) -> str:
        keyword = nearest(word.key, sorted(self._keywords)) if word.key else None
        if keyword:
            return self._t(
                "I do not understand “{text}”; did you mean “{near}”?",
                text=word.text[:40],
                near=keyword,
            )
        return self._t(
            "I do not understand “{text}”. It goes like this: {usage}",
            text=word.text[:40],
            usage=self._how(),
        )


def _is_window(key: str) -> bool:
    try:
        Window.parse(key)
    except ValueError:
        return False
    return True


def usage_of(command: Command) -> str:
    """`/bubble alert add INDICATOR [MEASURE] DIRECTION LINE [for HOLD] …`"""
    parts = []
    for param in command.params:
        word = param.name.upper()
        if param.kind is ParamKind.CHOICE and not param.keywords:
            word = "|".join(param.choices)
        if param.kind is ParamKind.RULES:
            word = "NUMBERS|all"
        if param.kind is ParamKind.FLAG:
            word = param.keywords[0]
        elif param.keywords and not param.bare:
            word = _typed(param)
        parts.append(word if param.required else f"[{word}]")
    return " ".join(["/bubble", *command.path, *parts])


def _typed(param: Param) -> str:
    """What introduces the value, and the value: `on DAY`."""
    return f"{param.keywords[0]} {param.name.upper()}"
