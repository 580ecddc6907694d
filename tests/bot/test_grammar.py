"""The text grammar forgives the way people type, and never half-does anything."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts.indicators import catalogue
from alerts.quantity import Unit
from bot.commands import BadInput
from bot.locales import translator
from bot.naming import ALIASES, folded, indicator_names
from bot.quantities import quantity
from tests.bot.conftest import Talk

ENGLISH = translator("en")
T = Decimal(10) ** 12
B = Decimal(10) ** 9


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("5.5T", Unit.USD, 5 * T + T / 2),
        ("5,5T", Unit.USD, 5 * T + T / 2),
        ("$5.5tn", Unit.USD, 5 * T + T / 2),
        ("5.5 trillion", Unit.USD, 5 * T + T / 2),
        ("5500B", Unit.USD, 5 * T + T / 2),
        ("US$96bn", Unit.USD, 96 * B),
        ("96B dollars", Unit.USD, 96 * B),
        ("1,234.5B", Unit.USD, Decimal("1234.5") * B),
        ("1.234,5B", Unit.USD, Decimal("1234.5") * B),
        ("1,234,567", Unit.USD, Decimal(1234567)),
        ("5.5兆", Unit.USD, 5 * T + T / 2),
        ("5.5万亿", Unit.USD, 5 * T + T / 2),
        ("960億", Unit.USD, 96 * B),
        ("960亿", Unit.USD, 96 * B),
        ("-1T", Unit.USD, -T),
        ("−1T", Unit.USD, -T),
        ("30%", Unit.FRACTION, Decimal("0.3")),
        ("30 %", Unit.FRACTION, Decimal("0.3")),
        ("30.42 percent", Unit.FRACTION, Decimal("0.3042")),
        ("-2pp", Unit.FRACTION, Decimal("-0.02")),
        ("95", Unit.POINTS, Decimal(95)),
    ],
)
def test_numbers_are_understood_as_people_write_them(
    text: str, unit: Unit, expected: Decimal
) -> None:
    assert quantity(text, unit, ENGLISH, of="it") == expected


@pytest.mark.parametrize(
    ("text", "unit", "says"),
    [
        ("30%", Unit.USD, "it is in dollars: write 5.5T or 96B."),
        ("5.5T", Unit.FRACTION, "it is in percent: write 30%."),
        ("30", Unit.FRACTION, "it is in percent: write 30%."),
        ("$30", Unit.POINTS, "it is a plain number: write 95."),
        ("1,234B", Unit.USD, "Is “1,234” 1234 or 1.234? Write one of them."),
        ("5.5 bananas", Unit.USD, "I do not know the unit in “5.5 bananas”."),
        ("much", Unit.USD, "“much” is not a number."),
        ("1.2.3T", Unit.USD, "is not a number."),
        ("9999999T", Unit.USD, "larger than anything here could be"),
    ],
)
def test_a_wrong_number_is_told_the_right_one(text: str, unit: Unit, says: str) -> None:
    with pytest.raises(BadInput) as refused:
        quantity(text, unit, ENGLISH, of="it")
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("line", "indicator", "measure", "at"),
    [
        ("/bubble alert add nvda above 5.5T", "nvidia_market_cap", "value", "5500000000000"),
        ("alert add NVDA over 5,5T", "nvidia_market_cap", "value", "5500000000000"),
        ("ALERT ADD nvidia >= 5.5 trillion", "nvidia_market_cap", "value", "5500000000000"),
        ("alert add nvda>5.5T", "nvidia_market_cap", "value", "5500000000000"),
        ("alert add 輝達市值 above 5.5兆", "nvidia_market_cap", "value", "5500000000000"),
        ("alert add 英伟达市值 高于 5.5万亿", "nvidia_market_cap", "value", "5500000000000"),
        ("alert add Nvidia market cap above 5.5T", "nvidia_market_cap", "value", "5500000000000"),
        ("alert add top5 above 30 %", "top5_weight", "value", "0.3"),
        ("alert add top5 above 31% for 3d once", "top5_weight", "value", "0.31"),
        ("alert add orcl below 90B", "oracle_debt", "value", "90000000000"),
        ("alert add hyperscaler_debt.MSFT above 50B", "hyperscaler_debt.MSFT", "value",
         "50000000000"),
        ("alert add googl change 4mo above 1T", "alphabet_market_cap", "change 4mo",
         "1000000000000"),
        ("alert add nvda drawdown 1y below -20%", "nvidia_market_cap", "drawdown 1y", "-0.2"),
        ("alert add drawdown below -10%", "sp500_drawdown", "value", "-0.1"),
        ("alert add ｎｖｄａ above ５．５Ｔ", "nvidia_market_cap", "value", "5500000000000"),
    ],
)  # fmt: skip
async def test_lines_are_understood_as_people_type_them(
    talk: Talk, line: str, indicator: str, measure: str, at: str
) -> None:
    reply = await talk(line)
    data: Any = reply.data
    assert reply.ok, reply
    assert (data["indicator"], data["measure"], data["line"]) == (indicator, measure, at)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("alert add nvidia_market_kap above 5T", "did you mean nvidia_market_cap?"),
        ("alert add nvda above 30%", "Nvidia market cap is in dollars"),
        ("alert add top5 above 5T", "Top-5 weight in the S&P 500 is in percent: write 30%"),
        ("alert add nvda abov 5T", "Say “above” or “below” before the number"),
        ("alert add nvda 5T", "Say “above” or “below”"),
        (
            "alert add nvda above",
            "“line” is missing. It goes like this: /bubble alert add nvda above 5.5T",
        ),
        ("fact add openai_valuation 500B", "“on DAY” is missing. It goes like this: /bubble fact"),
        ("alert add nvda above 5T fro 3d", "did you mean “for”?"),
        ("alert add nvda above 5T for ever", "is not a length of time"),
        ("alert add nvda above 5T until yesterday", "is not a date"),
        ("alert add nvda above 5T until 2020-01-01", "2020-01-01 is over already"),
        ("alert add nvda above -5T", "Nvidia market cap is never below zero"),
        ("alert add nvda drawdown below -20%", "“drawdown” needs a window"),
        ("alert add nvda drawdown 1y below 20%", "between -100% and 0%"),
        ("alert add nvda percentile 1y above 120", "between 0 and 100"),
        ("alert add nvda drawdown 1y below 5T", "from the peak of 1y is in percent: write -20%"),
        ("alert add nvda above 5", "is $4.30T now, and “5” is more than a hundred thousand times"),
        ("alert add nvda above 5M", "Did you mean 5T?"),
        ("alert add nvda above 5T rearm 6T", "The re-arm line must be below the line itself"),
        ("alert add nvda above 5T above 6T", "I do not understand “above”"),
        ("alert ad nvda above 5T", "did you mean “alert add”?"),
        ("stauts", "did you mean “status”?"),
        ("frobnicate", "“help” lists them all"),
        ("alert", "wants one of: acknowledge, add, any, edit, list, mute, pause, remove, resume"),
        ("subscribe artikel", "Did you mean “article”?"),
        ("alert show 99", "There is no rule 99 here"),
        ("snooze 99 1d", "There is no rule 99 here"),
        ("snooze 1-9999 1d", "is not a list of rules"),
        ("alert acknowledge nvda", "Say which: numbers from “alert list”, or “all”"),
        ("settings quiet at night", "Quiet hours go like this: 22:00-07:00"),
        ("settings quiet 22:00-22:00", "must end at another time"),
        ("settings digest hourly", "“daily 09:00”, “weekly mon 09:00”, or “off”"),
        ("settings digest daily mon 09:00", "A digest goes like this"),
        ("settings cleared perhaps", "“perhaps” is none of these: on, off"),
        ('alert add nvda above 5T mention "two words"', "“two words” is not a role or group"),
        ("move elsewhere", "I keep nothing of a channel “elsewhere” in this workspace"),
        ("on", "This place is on; nothing was changed"),
        ("unpin", "There is no pinned board here; nothing was changed"),
        ("settings timezone Taipeh", "did you mean Asia/Taipei?"),
        ("settings language klingon", "is not a language I speak"),
        ("show nvidia_market_cap on 2030-01-01", "is still to come"),
        ("alert add nvda above 5T note " + "x" * 600, "500 characters"),
        ("x" * 3000, "too long"),
    ],
)
async def test_a_mistake_gets_one_clear_sentence_and_changes_nothing(
    talk: Talk, line: str, says: str
) -> None:
    assert says in await talk.refusal(line)


def test_every_nickname_names_one_indicator_and_no_other() -> None:
    known = catalogue()
    assert set(ALIASES) <= set(known)
    nicknames = [folded(name) for names in ALIASES.values() for name in names]
    assert len(nicknames) == len(set(nicknames))
    names = indicator_names(known)
    for key, aliases in ALIASES.items():
        for alias in aliases:
            assert names[folded(alias)] == key, alias


WORDS = st.sampled_from(
    ["alert", "add", "list", "show", "nvda", "top5", "above", "below", ">=", "5T", "30%", "for",
     "3d", "once", "until", "2026-12-31", "note", '"x', '"hm"', "”", "level", "warn", "snooze",
     "all", "off", "history", "last", "settings", "timezone", "UTC", "remind", "rearm", "drawdown",
     "1y", "change", "4mo", "-", "−", "$", "%", "1,234", "#1", "１", "兆", "help", "/bubble",
     "\x00",
     "\u202e", "💥", "within", "of", "(", ")", "3"]
)  # fmt: skip


@settings(
    max_examples=250,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.one_of(st.text(max_size=80), st.lists(WORDS, max_size=12).map(" ".join)))
async def test_no_input_ever_raises_and_what_is_refused_changes_nothing(
    talk: Talk, line: str
) -> None:
    before = await talk.everything()
    reply = await talk(line)
    assert reply.blocks
    if not reply.ok:
        assert await talk.everything() == before
        assert "operator's log" not in str(reply.blocks), line
