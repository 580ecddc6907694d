"""The Chinese catalogues as texts: whole, each in its own script, terms and marks."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import opencc
import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

import alerts
import bot.platforms
from alerts.indicators import catalogue
from alerts.indicators.balance_sheet import EX_LEASE, WITH_ALL_LEASES, WITH_FINANCE_LEASES
from alerts.own.formula import Problem
from alerts.reading import Reading
from alerts.sources.record import Record
from bot.commands import commands
from bot.locales import update
from bot.locales.forms import COMPLAINTS, FACTS, MISSING, NOTES, OUTAGES, OWN, SENDING
from bot.locales.messages import messages

CHINESE = pytest.mark.parametrize("language", ["zh_Hant", "zh_Hans"])
HAN = "[\u3400-\u9fff]"

# What the standards of both scripts write alike, though OpenCC prefers another form of it.
ALIKE = set("占吃群里")

# Words of the other side of the strait, and why each of them would be noticed.
FOREIGN_WORDS = {
    "zh_Hant": {
        "信息": "資訊 or 訊息",
        "消息": "訊息; 消息 is news",
        "數據": "資料; 數據 is a series of measurements",
        "網絡": "網路",
        "質量": "品質; 質量 is mass",
        "軟件": "軟體",
        "硬件": "硬體",
        "服務器": "伺服器",
        "數據庫": "資料庫",
        "內存": "記憶體",
        "默認": "預設",
        "視頻(?!道)": "影片",
        "鏈接": "連結",
        "登錄": "登入",
        "用戶": "使用者",
        "屏幕": "螢幕",
        "芯片": "晶片",
        "萬億": "兆",
        "英偉達": "輝達",
        "谷歌": "Alphabet or Google",
        "國債": "公債",
        "收益率": "殖利率",
        "營業利潤": "營業利益",
        "置頂": "釘選",
        "閾值": "門檻",
        "概率": "機率",
        "增長": "成長",
        "意大利": "義大利",
        "韓國": "南韓",
        "股息": "股利",
        "回報": "報酬",
        "持倉": "持股",
        "(?<!行政)命令": "指令",
    },
    "zh_Hans": {
        "资讯": "信息",
        "讯息": "消息",
        "网路": "网络",
        "软体": "软件",
        "伺服器": "服务器",
        "资料": "数据",
        "记忆体": "内存",
        "预设值": "默认值",
        "影片": "视频",
        "连结": "链接",
        "登入": "登录",
        "使用者": "用户",
        "萤幕": "屏幕",
        "晶片": "芯片",
        "兆": "万亿; 兆 is a million there",
        "辉达": "英伟达",
        "公债": "国债",
        "殖利率": "收益率",
        "营业利益": "营业利润",
        "钉选": "置顶",
        "门槛": "阈值",
        "机率": "概率",
        "成长": "增长",
        "义大利": "意大利",
        "南韩": "韩国",
        "股利": "股息",
        "报酬": "回报",
        "指令": "命令",
        "身分组": "身份组",
    },
}

# Texts in the code below the conversation that nobody reads there.
NO_REASONS = {
    *(problem.value for problem in Problem),
    "two indicators are called {}",
    r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])",
    # Names of indicators, and what a page is asked with or looks like.
    *("{} new debt", "{} free cash flow", "{} capex ÷ operating cash flow"),
    *("{} debt, without leases", "{} implied asset life", "{} purchase commitments"),
    *("{}, last price", "{}, market value", "S&P 500", "world bank"),
    *("bubblewatch/0.1 ({})", "Mozilla/5.0 (compatible; bubblewatch/0.1)", "Too Many Requests"),
    *("Asset Class", "Weight (%)", "Fund Holdings as of", "Holding Percent", "Stock Splits"),
    # What Yahoo calls the lines of a statement.
    *("Total Debt", "Total Revenue", "Capital Expenditure"),
    *("Operating Cash Flow", "Free Cash Flow", "Accounts Receivable", "Cost Of Revenue"),
    *("Gross Profit", "Operating Income", "Interest Expense", "Net Income"),
    # Parts of sentences whose whole has a form.
    *("{} at {}: {}", "asks for fewer requests", "has no such page", "gave no page"),
    "Yahoo answered {} without figures{}",
}


@cache
def read(language: str) -> Catalog:
    with update.file_of(language).open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def said(language: str) -> dict[str, str]:
    """Every entry of a catalogue, its header aside."""
    return {str(entry.id): str(entry.string) for entry in read(language) if entry.id}


def written(language: str) -> list[str]:
    """Everything that we write in a language: the catalogue and the names of indicators."""
    names = [indicator.names for indicator in catalogue().values()]
    own = [name.zh_hant if language == "zh_Hant" else name.zh_hans for name in names]
    return [*said(language).values(), *own]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@cache
def _converter(name: str) -> opencc.OpenCC:
    return opencc.OpenCC(name)


def foreign(language: str, text: str) -> set[str]:
    """The characters that do not belong to a script.

    Two measures, each of which lets something through that the other finds. A national encoding
    has every character of its script, and hardly one of the other's: but Big5 has 万, 与 and 个,
    the simplified forms that are old characters too. OpenCC knows those, and takes a character of
    neither script for granted.
    """
    encoding, conversion = {
        "zh_Hant": ("big5", "s2t"),
        "zh_Hans": ("gb2312", "t2s"),
    }[language]
    return {
        character
        for character in set(re.findall(HAN, text)) - ALIKE
        if not character.encode(encoding, "ignore")
        or _converter(conversion).convert(character) != character
    }


@CHINESE
def test_a_catalogue_has_every_message_and_no_other(language: str) -> None:
    entries = said(language)
    assert [message for message in messages() if not entries.get(message)] == []
    assert [message for message in entries if message not in messages()] == []
    assert [entry.id for entry in read(language) if entry.id and entry.fuzzy] == []
    assert not read(language).fuzzy
    assert not read(language).obsolete


@CHINESE
def test_bringing_a_whole_catalogue_up_to_date_changes_nothing(
    language: str, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    before = update.file_of(language).read_text("utf-8")
    copy = tmp_path_factory.mktemp(language) / "bubblewatch.po"
    copy.write_text(before, "utf-8")
    monkeypatch.setattr(update, "file_of", lambda _: copy)
    assert update.update(language) == []
    assert copy.read_text("utf-8") == before


@CHINESE
def test_translations_have_the_placeholders_of_their_message(language: str) -> None:
    differ = {m: s for m, s in said(language).items() if placeholders(m) != placeholders(s)}
    assert differ == {}


def test_characters_of_the_other_script_are_found() -> None:
    assert foreign("zh_Hant", "資訊资讯") == {"资", "讯"}
    assert foreign("zh_Hans", "資訊资讯") == {"資", "訊"}
    assert foreign("zh_Hant", "五万与六萬") == {"万", "与"}
    assert foreign("zh_Hant", "凪") == {"凪"}


@CHINESE
def test_no_character_of_the_other_script_is_written(language: str) -> None:
    assert {text: found for text in written(language) if (found := foreign(language, text))} == {}


@CHINESE
def test_no_word_of_the_other_side_is_written(language: str) -> None:
    noticed = {
        text: f"{word}: {why}"
        for text in written(language)
        for word, why in FOREIGN_WORDS[language].items()
        if re.search(word, text)
    }
    assert noticed == {}


@CHINESE
def test_chinese_sentences_have_chinese_marks(language: str) -> None:
    half_width = re.compile(f"{HAN}[,;:?!()]|[,;:?!()]{HAN}|{HAN}\\.(?![.\\w])|\\.\\.\\.")
    assert [text for text in written(language) if half_width.search(text)] == []


@CHINESE
def test_quotes_are_those_of_the_script(language: str) -> None:
    wrong = re.compile("[“”‘’]") if language == "zh_Hant" else re.compile("[「」『』]")
    assert [text for text in written(language) if wrong.search(text)] == []


@CHINESE
def test_latin_words_stand_apart_from_chinese_ones(language: str) -> None:
    """And full-width marks bring their own space."""
    close = re.compile(f"{HAN}[A-Za-z]|[A-Za-z]{HAN}")
    doubled = re.compile("[，。；：、？！（）「」] (?!{url})|[^\\s。}）] [，。；：、？！）」]")
    assert [text for text in written(language) if close.search(text)] == []
    assert [text for text in written(language) if doubled.search(text)] == []


def test_every_definition_in_the_record_is_a_message() -> None:
    evidence = Record().evidence
    found = {
        reading.definition
        for indicator in catalogue().values()
        for reading in indicator.series(evidence)
        if isinstance(reading, Reading)
    }
    assert found - {EX_LEASE, WITH_FINANCE_LEASES, WITH_ALL_LEASES} <= set(messages())


@CHINESE
def test_commands_and_parameters_have_different_names_that_discord_takes(language: str) -> None:
    """https://docs.discord.com/developers/interactions/application-commands#command-naming"""
    entries = said(language)
    families: dict[tuple[str, ...], set[str]] = {}
    for path, command in commands().items():
        families.setdefault(path[:-1], set()).add(path[-1])
        if len(path) > 1:
            families.setdefault((), set()).add(path[0])
        families[(*path, "…")] = {param.name for param in command.params}
    for family, names in families.items():
        translated = [entries[name] for name in names if not re.search("[^a-z_-]", name)]
        assert len(set(translated)) == len(translated), (family, translated)
        assert [name for name in translated if not re.fullmatch(r"[-_\w]{1,32}", name)] == []


@CHINESE
def test_descriptions_of_commands_fit_into_discords_hundred_characters(language: str) -> None:
    entries = said(language)
    described = [command.summary for command in commands().values()]
    described += [param.summary for command in commands().values() for param in command.params]
    assert [entries[one] for one in described if len(entries[one]) > 100] == []


def test_forms_of_what_the_watch_says_are_still_said() -> None:
    """Each piece of a form's own text stands in the code below the conversation."""
    code = "\n".join(_texts(Path(alerts.__file__).parent, Path(bot.platforms.__file__).parent))
    gone = {
        form
        for form in (*MISSING, *NOTES, *OUTAGES, *COMPLAINTS, *SENDING, *FACTS, *OWN)
        if any(piece.strip(" ();:,’'") not in code for piece in re.split(r"{\w+}", form))
    }
    assert gone == set()


def test_every_reason_in_the_code_of_indicators_and_sources_has_a_form() -> None:
    forms = [
        re.compile(".+".join(map(re.escape, pieces)))
        for pieces in (re.split(r"{\w+}", message) for message in messages())
        if re.search("[a-z]", "".join(pieces))
    ]
    names = {indicator.names.en for indicator in catalogue().values()}
    folder = Path(alerts.__file__).parent
    for text in _texts(folder / "indicators", folder / "sources", folder / "own"):
        own = text.replace("{}", "")
        if not re.search("[a-z]{2}", own) or " " not in text or re.search(HAN, text):
            continue
        known = text in names or text in NO_REASONS
        assert known or any(form.fullmatch(text) for form in forms), text


def _texts(*folders: Path) -> Iterator[str]:
    """The texts in the code, docstrings aside; `{}` for each value that is put into one."""
    for file in sorted(path for folder in folders for path in folder.rglob("*.py")):
        tree = ast.parse(file.read_text("utf-8"))
        silent = set(_docstrings(tree)) | set(_inner_parts(tree))
        for node in ast.walk(tree):
            if id(node) in silent:
                continue
            match node:
                case ast.JoinedStr(values):
                    yield "".join(
                        str(one.value) if isinstance(one, ast.Constant) else "{}" for one in values
                    )
                case ast.Constant(str(text)):
                    yield text


def _docstrings(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield id(node.value)


def _inner_parts(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield from (id(part) for part in ast.walk(node) if part is not node)
