"""The `bubblewatch` command explains itself, and what is wrong, in the terminal's language."""

from __future__ import annotations

import argparse
import inspect
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len

from bot import cli
from bot.argparse_words import WORDS
from bot.command_line import parser
from bot.locales import translator

WIDTH = 60
LOCALES = {"en": "en_GB.UTF-8", "zh_Hant": "zh_TW.UTF-8", "zh_Hans": "zh_CN.UTF-8"}
CHINESE = pytest.mark.parametrize("language", ["zh_Hant", "zh_Hans"])
HAN = re.compile("[\u3400-\u9fff]")
SENTENCE = re.compile(r"[A-Za-z]+ (?:is|the|and|to|of|a|arguments?|be) [a-z]+|usage|error|options")
WRONG_CALLS = [
    (),
    ("shwo",),
    ("show",),
    ("show", "oracle_debt", "--jsno"),
    ("replay", "--from", "yesterday", "--to", "2025-01-01"),
    ("replay", "--from", "2025-01-01", "--to"),
    ("replay", "--from", "2025-01-01", "--to", "2025-02-01", "--speed", "fast"),
    ("replay", "--from", "2025-01-01", "--to", "2025-02-01", "--speed", "0"),
    ("setup", "--no-input=yes"),
    ("setup", "--slack", "x"),
    ("fact", "add"),
    ("ask", "status", "--at", "here"),
    ("ask", "status", "--at", "apprise:mail"),
]
WRONG_SETTINGS = {
    "BUBBLEWATCH_PORT": ("abc", "70000"),
    "BUBBLEWATCH_KEEP_DAYS": ("1",),
    "BUBBLEWATCH_SEC_URL": ("data.sec.gov", "ftp://data.sec.gov"),
    "BUBBLEWATCH_APPRISE": ("mailto://me", "[1]", '{"mail": 1}'),
    "BUBBLEWATCH_LANGUAGE": ("fr",),
    "BUBBLEWATCH_LOG_LEVEL": ("loud",),
    "BUBBLEWATCH_OPERATOR": ("me",),
    "BUBBLEWATCH_DATABASE_URL": ("mysql://me:hunter2@db/x", "hunter2"),
}

Answer = Callable[..., tuple[int, str]]


@pytest.fixture
def answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Answer:
    """Calls the command in a terminal of `language`: (exit code, all that it printed)."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    monkeypatch.setenv("BUBBLEWATCH_DATA_DIR", str(tmp_path))
    for name in ("LC_ALL", "LC_MESSAGES", "BUBBLEWATCH_LANGUAGE"):
        monkeypatch.delenv(name, raising=False)

    def call(language: str, *arguments: str) -> tuple[int, str]:
        monkeypatch.setenv("LANG", LOCALES[language])
        try:
            code = cli.main(arguments)
        except SystemExit as end:
            code = int(end.code or 0)
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return call


def calls(of: argparse.ArgumentParser, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command and subcommand."""
    yield words
    for action in of._actions:
        if isinstance(action, argparse._SubParsersAction):
            for word, sub in action.choices.items():
                yield from calls(sub, (*words, word))


@pytest.mark.parametrize("words", list(calls(parser())), ids=" ".join)
@pytest.mark.parametrize("language", LOCALES)
def test_help_fits_a_narrow_terminal_in_its_language(
    answer: Answer, language: str, words: tuple[str, ...]
) -> None:
    code, said = answer(language, *words, "--help")
    assert code == 0
    assert [line for line in said.splitlines() if cell_len(line) > WIDTH] == []
    assert "\N{WORD JOINER}" not in said
    if language == "en":
        assert said.startswith("usage: bubblewatch")
        assert not HAN.search(said)
    else:
        assert said.startswith("用法：bubblewatch")
        assert SENTENCE.findall(said) == []
        assert re.findall(f"{HAN.pattern}:|^ *[，。；：、）]", said, re.MULTILINE) == []


def test_explanations_stand_below_each_other_whatever_the_letters(answer: Answer) -> None:
    for language in LOCALES:
        _, said = answer(language, "setup", "--help")
        told = translator(language)("your e-mail address, for the SEC")
        ours = re.findall(r"^  --\S+(?: \S+)? {2,}", said, re.MULTILINE)
        starts = {cell_len(one) for one in ours}
        assert told in said
        assert len(starts) == 1


@CHINESE
@pytest.mark.parametrize("arguments", WRONG_CALLS, ids=" ".join)
def test_a_mistake_in_the_call_is_told_in_chinese(
    answer: Answer, language: str, arguments: tuple[str, ...]
) -> None:
    code, said = answer(language, *arguments)
    assert code == 2
    assert HAN.search(said)
    assert SENTENCE.findall(said) == []
    assert "\\u" not in said


@CHINESE
def test_backups_and_exports_are_told_in_chinese(
    answer: Answer, tmp_path: Path, language: str
) -> None:
    (tmp_path / "list.json").write_text("[]", "utf-8")
    assert answer(language, "migrate")[0] == 0
    for arguments, code in (
        (("backup", "copy.db"), 0),
        (("backup", "copy.db"), 1),
        (("restore", "copy.db"), 1),
        (("restore", "nowhere.db"), 1),
        (("export", "all.json"), 0),
        (("export", "all.json"), 1),
        (("import", "list.json"), 1),
        (("import", "nowhere.json"), 1),
        (("fact", "import", "nowhere.csv"), 1),
    ):
        done, said = answer(language, *arguments)
        assert done == code, said
        assert HAN.search(said)
        assert SENTENCE.findall(said) == []


@CHINESE
@pytest.mark.parametrize("name", WRONG_SETTINGS)
def test_a_setting_that_is_wrong_is_told_in_chinese_with_its_name(
    answer: Answer, monkeypatch: pytest.MonkeyPatch, language: str, name: str
) -> None:
    for value in WRONG_SETTINGS[name]:
        monkeypatch.setenv(name, value)
        code, said = answer(language, "migrate")
        assert code == 2
        assert f" {name}：" in said
        assert SENTENCE.findall(said.replace(value, "")) == []
        assert "hunter2" not in said


@pytest.mark.parametrize("name", WRONG_SETTINGS)
def test_a_setting_that_is_wrong_is_told_in_one_sentence(
    answer: Answer, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for value in WRONG_SETTINGS[name]:
        monkeypatch.setenv(name, value)
        code, said = answer("en", "migrate")
        assert code == 2
        assert said.startswith(f"setting {name}: ")
        assert said.count("\n") == 1


@pytest.mark.parametrize("written", ["zh-TW", "'zh_Hant'", '"繁體中文"  '])
def test_the_language_that_was_set_counts_before_that_of_the_locale(
    answer: Answer, tmp_path: Path, written: str
) -> None:
    file = tmp_path / ".env"
    file.write_text(f"BUBBLEWATCH_PORT=80\nexport BUBBLEWATCH_LANGUAGE={written}\n", "utf-8")
    assert "選項" in answer("en", "--help")[1]


def test_the_environment_counts_before_the_settings_file(
    answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("BUBBLEWATCH_LANGUAGE=zh_Hant\n", "utf-8")
    monkeypatch.setenv("BUBBLEWATCH_LANGUAGE", "en")
    assert "options" in answer("zh_Hans", "--help")[1]


def test_argparse_speaks_english_again_afterwards(answer: Answer) -> None:
    answer("zh_Hant", "--help")
    assert argparse.ArgumentParser(prog="x").format_usage() == "usage: x [-h]\n"


def test_what_is_translated_of_argparse_is_still_said_by_it() -> None:
    source = inspect.getsource(argparse)
    assert [word for word in WORDS if word.encode("unicode_escape").decode() not in source] == []


@CHINESE
def test_translations_have_the_gaps_of_argparses_words(language: str) -> None:
    t = translator(language)
    gap = re.compile(r"%(?:\(\w+\))?[sr]")
    assert [
        word for word in WORDS if sorted(gap.findall(word)) != sorted(gap.findall(t(word)))
    ] == []
