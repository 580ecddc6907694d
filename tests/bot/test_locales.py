"""Chinese as people read it: every command and message, numbers, dates, reasons."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib import resources

import pytest
from babel.dates import format_date
from babel.numbers import format_compact_decimal

from alerts.indicators import catalogue
from alerts.indicators.statement_lines import COMPANIES
from alerts.measures import Measure, MeasureKind, Window
from alerts.platform import Message
from alerts.quantity import Unit
from alerts.reading import Missing, Reading
from alerts.sources.record import Record
from alerts.store import destinations
from alerts.store.destinations import Destination
from alerts.store.models import DeliveryKind
from bot import messages, words
from bot.answer import answer
from bot.app import TERMINAL
from bot.commands import Request, commands
from bot.locales import known_language, translator
from bot.naming import ALIASES
from bot.platforms.terminal import plain_text
from bot.replies import Form, Picture, Reply
from tests.bot.conftest import NOW, Talk, pressable
from tests.bot.stories import CHANNEL, Story
from tests.chinese import HAN, english

CHINESE = pytest.mark.parametrize("language", ["zh_Hant", "zh_Hans"])


def everything(reply: Reply) -> str:
    """What is read of a reply: its words, what can be pressed, and its pictures' texts."""
    labels = [button.label for button in pressable(reply)]
    alts = [block.alt for block in reply.blocks if isinstance(block, Picture)]
    return "\n".join((plain_text(reply), *labels, *alts))


@CHINESE
async def test_no_command_answers_with_an_english_word(talk: Talk, language: str) -> None:
    typed = {word for names in ALIASES.values() for word in names}
    request = Request(TERMINAL, "someone", language)
    lines = [line for command in commands().values() for line in command.examples]
    lines = [line for line in lines if "language" not in line]
    lines += [f"help {' '.join(path)}" for path in commands()]
    lines += ["help", "alert add nvda above 4T", "alert list", "alert show 1", "alert test 1"]
    lines += ["fact list", "fact list openai_valuation", "history", "log"]
    lines += ["settings", "sources", "presets", "presets heat", "indicators", "unsubscribe"]
    lines += ["show xx", "nonsense", "alert add nvda above x", "alert add top5 drawdown below 3"]
    for line in lines:
        shown = everything(await answer(talk.services, request, line))
        found = english(shown, {*typed, *line.replace("/", " ").split(), *_of_commands()})
        assert found == [], (line, shown)
        # A list of keys and formulas has nothing else in it.
        assert HAN.search(shown) or line == "/bubble indicator list", line


@CHINESE
async def test_no_indicator_is_explained_with_an_english_word(talk: Talk, language: str) -> None:
    request = Request(TERMINAL, "someone", language)
    past = 0
    for number, key in enumerate(talk.services.indicators):
        asked = [f"show {key}", f"why {key}"]
        if number % 8 == 0:
            asked.append(f"show {key} on 2023-02-01")
            past += 1
        for line in asked:
            shown = everything(await answer(talk.services, request, line))
            assert english(shown) == [], (line, shown)
    assert past > 5


def _of_commands() -> Iterator[str]:
    """Words of the grammar: they are typed in English in every language."""
    for path, command in commands().items():
        yield from path
        for param in command.params:
            yield from (param.name, *param.keywords, *param.choices)
            # Some descriptions say what may be written, and nothing else.
            yield from re.findall("[a-z]+", param.summary)
    yield from ("above", "below", "value", "change", "percent_change", "drawdown", "percentile")
    yield from ("high", "low", "watch", "warn", "critical", "daily", "weekly", "mon", "all", "KEY")
    yield from ("Asia", "Taipei", "Shanghai", "Hant", "Hans", "https", "role", "channel")


@CHINESE
async def test_no_form_asks_with_an_english_word(talk: Talk, language: str) -> None:
    await talk.text("alert add nvda above 4T")
    talk.request = replace(talk.request, language=language)
    for line in ("alert add", "alert edit 1", "settings"):
        form = await talk.form(line)
        assert english(_of_form(form), {"Asia", "Taipei", "daily", "weekly", "off", "all"}) == []
        assert HAN.search(form.title)


def _of_form(form: Form) -> str:
    said = [form.title, form.submit]
    for field in form.fields:
        said += [field.label, field.hint, *(choice.label for choice in field.choices)]
    return "\n".join(said)


@CHINESE
async def test_no_message_has_an_english_word(story: Story, language: str) -> None:
    talk = story.talk
    await talk.text(f"settings language {language} cleared on")
    await talk.text("alert add nvda above 5T critical")
    await talk.text("alert add nvda drawdown 30d below -5%")
    await talk.text("pin")
    told = await story.go_on(1)
    await talk.text("alert acknowledge 1")
    await talk.text("snooze 2 1d")
    told += await story.go_on(7)
    told += [await _composed(story, DeliveryKind.DIGEST)]
    reasons = ("the channel is gone", "given up after 24 h: Discord cannot be reached")
    facts = [{"notice": "greeting"}, {"notice": "back"}]
    facts += [{"notice": "lost", "channel": "C9", "reason": reason} for reason in reasons]
    told += [await _composed(story, DeliveryKind.NOTICE, notice) for notice in facts]
    assert len(told) > 6
    for reply in told:
        shown = everything(reply)
        assert english(shown) == [], shown
        assert HAN.search(shown)


async def _composed(
    story: Story, kind: DeliveryKind, notice: dict[str, str] | None = None
) -> Reply:
    services = story.talk.services
    message = Message("n", await _place(story), (), kind=kind, notice=notice or {})
    return await messages.compose(message, services.database, services.indicators, NOW)


async def _place(story: Story) -> Destination:
    async with story.talk.services.database.read() as connection:
        found = await destinations.find(connection, CHANNEL)
    assert found is not None
    return found


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
    assert trillion in board
    assert section in board


@pytest.mark.parametrize(
    ("language", "trillion", "billion", "million"),
    [
        ("en", "$5.03T", "$96.28B", "$1.50M"),
        ("zh_Hant", "5.03兆美元", "962.76億美元", "150.00萬美元"),
        ("zh_Hans", "5.03万亿美元", "962.76亿美元", "150.00万美元"),
    ],
)
def test_money_is_counted_as_the_language_counts(
    language: str, trillion: str, billion: str, million: str
) -> None:
    t = translator(language)
    assert words.amount(Decimal("5.0314e12"), Unit.USD, t) == trillion
    assert words.amount(Decimal("96.276e9"), Unit.USD, t) == billion
    assert words.amount(Decimal("1.5e6"), Unit.USD, t) == million


@pytest.mark.parametrize("language", ["en", "zh_Hant", "zh_Hans"])
@pytest.mark.parametrize("value", ["5031000000000", "96280000000", "1500000", "130497000000"])
def test_large_numbers_are_written_as_babel_writes_them(language: str, value: str) -> None:
    """5.03T, 5.03兆, 5.03万亿. Ours keep both decimals, as columns want them."""
    written = words.amount(Decimal(value), Unit.USD, translator(language))
    theirs = format_compact_decimal(Decimal(value), locale=language, fraction_digits=2)
    assert _counted(written.strip("$").removesuffix("美元")) == _counted(theirs)


def _counted(text: str) -> tuple[Decimal, str]:
    match = re.fullmatch(r"([\d.,]+)(\D*)", text)
    assert match is not None, text
    return Decimal(match[1].replace(",", "")), match[2]


@pytest.mark.parametrize("language", ["zh_Hant", "zh_Hans"])
def test_days_are_written_as_babel_writes_them(language: str) -> None:
    day = datetime(2025, 11, 8, tzinfo=UTC).date()
    assert words.day(day, translator(language)) == format_date(day, "long", locale=language)


def test_a_moment_stands_on_the_clocks_of_the_place() -> None:
    at = datetime(2025, 10, 28, 22, tzinfo=UTC)
    assert words.moment(at, "Asia/Taipei", translator("zh_Hant")) == "2025年10月29日 06:00"
    assert words.moment(at, "America/New_York", translator("en")) == "28 Oct 2025, 18:00"


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("zh-TW", "zh_Hant"),
        ("zh_Hant_HK", "zh_Hant"),
        ("zh-HK", "zh_Hant"),
        ("zh_MO.UTF-8", "zh_Hant"),
        ("zh-Hans-HK", "zh_Hans"),
        ("zh-CN", "zh_Hans"),
        ("zh_SG", "zh_Hans"),
        ("zh", "zh_Hans"),
        ("en-GB", "en"),
        ("de", None),
    ],
)
def test_a_locale_falls_back_to_the_language_that_its_readers_read(
    locale: str, language: str | None
) -> None:
    """Hong Kong reads 5.03兆 with us; Babel's zh_Hant_HK would write 5.03T."""
    assert known_language(locale.partition(".")[0]) == language
    if language is not None:
        assert words.amount(Decimal("5e12"), Unit.USD, translator(language)) in {
            "$5.00T",
            "5.00兆美元",
            "5.00万亿美元",
        }


@pytest.mark.parametrize(
    ("kind", "window", "traditional", "simplified"),
    [
        (MeasureKind.CHANGE, "4mo", "近 4 個月變動", "近 4 个月变动"),
        (MeasureKind.DRAWDOWN, "1y", "距近 1 年高點", "距近 1 年高点"),
        (MeasureKind.PERCENTILE, "all", "歷來百分位", "历来百分位"),
    ],
)
def test_a_measure_says_its_window_in_words(
    kind: MeasureKind, window: str, traditional: str, simplified: str
) -> None:
    of = Measure(kind, Window.parse(window))
    assert words.measure(of, translator("zh_Hant")) == traditional
    assert words.measure(of, translator("zh_Hans")) == simplified


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "Alphabet's capex for 2023-06-30 was not filed under a known tag",
            "Alphabet截至2023年6月30日的資本支出未以已知標記申報",
        ),
        ("no debt of Amazon was filed by 2022-10-25", "到2022年10月25日為止，亞馬遜沒有申報債務"),
        ("NVDA operating cash flow", "NVDA 營運現金流"),
        ("the product of CHN, DEU is not known", "CHN、DEU 的 GDP 不明"),
        ("yahoo: query1.example cannot be reached", "yahoo：連不上 query1.example"),
        ("shares moved by 13.4% at once, more than 8%", "股數一下子變動了 13.4%，超過 8%"),
        ("given up after 24 h: Discord cannot be reached", "24 小時後放棄：連不上 Discord"),
        ("what a person wrote; to be reviewed after 2026-05-05", None),
        ("what nobody has foreseen", "what nobody has foreseen"),
        ("", ""),
    ],
)
def test_what_the_watch_says_is_told_in_the_readers_language(said: str, told: str | None) -> None:
    expected = "what a person wrote；2026年5月5日後複查" if told is None else told
    assert translator("zh_Hant").told(said) == expected
    assert translator("en").told(said) == said


@CHINESE
def test_every_reason_part_and_note_of_the_record_is_told(language: str) -> None:
    t, evidence = translator(language), Record().evidence
    said: set[str] = set()
    for indicator in catalogue().values():
        for one in indicator.series(evidence):
            if isinstance(one, Missing):
                said.add(one.reason)
            elif isinstance(one, Reading):
                said |= {part.name for part in one.parts}
                said |= {one.note or "", one.confirmed_by or ""}
    tickers = {*COMPANIES, "GEV"}
    assert {text: told for text in said if english(told := t.told(text), tickers)} == {}


@CHINESE
def test_every_fact_that_travels_with_the_program_has_its_note_told(language: str) -> None:
    table = resources.files("alerts.sources").joinpath("facts.csv").read_text("utf-8")
    notes = [line["note"] for line in csv.DictReader(table.splitlines())]
    t = translator(language)
    assert len(notes) > 20
    assert [told for note in notes if english(told := t.told(note))] == []


@pytest.mark.parametrize(
    "name",
    [
        "AI占今年漲幅",
        "AI 占今年漲幅",
        "ai占今年涨幅",
        "雲端巨頭資本支出(近四季)",
        "微軟債務（不含租賃）",
    ],
)
async def test_an_indicator_is_found_however_its_chinese_name_is_spaced(
    talk: Talk, name: str
) -> None:
    assert (await talk(f"why {name}")).ok


async def test_a_reason_that_was_kept_is_told_where_the_place_is_off(talk: Talk) -> None:
    await talk.text("settings language zh_Hant timezone Asia/Taipei")
    async with talk.services.database.write() as connection:
        place = await destinations.find(connection, talk.request.place)
        assert place is not None
        await destinations.set_off(connection, place.id, "the thread is locked")
    assert "這裡已停用：討論串已鎖定。" in await talk.text("settings")


def test_english_says_a_window_as_it_is_typed() -> None:
    of = Measure(MeasureKind.CHANGE, Window.parse("4mo"))
    assert words.measure(of, translator("en")) == "change over 4mo"
    assert words.span(timedelta(days=3), translator("zh_Hans")) == "3 天"
