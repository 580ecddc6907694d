"""What docs/own_figures.md promises is so."""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path

from alerts.indicators import catalogue
from alerts.own.formula import read, unit_of
from alerts.own.listing import made_of
from alerts.quantity import Unit
from alerts.sources.facts import COLUMNS
from alerts.store.own import REMEMBERED, Defined
from bot.commands import commands
from bot.formula_text import FUNCTIONS
from bot.grammar import parse
from bot.locales import translator
from bot.tickers import MOST

PAGE = (Path(__file__).parents[2] / "docs" / "own_figures.md").read_text("utf-8")
NOW = datetime(2025, 11, 29, tzinfo=UTC)


def blocks(language: str = "") -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def test_every_definition_on_the_page_can_be_made() -> None:
    (table,) = blocks("toml")
    for key, entry in tomllib.loads(table).items():
        made = made_of(Defined(key, entry["formula"], entry["name"], "docs", NOW), catalogue(), [])
        assert made.unit is Unit.RATIO


def test_every_line_on_the_page_is_understood() -> None:
    said = re.findall(r"^(?:bubblewatch|/bubble) (\w+ (?!import).*)$", PAGE, re.MULTILINE)
    said += re.findall(r"`/bubble ([^`…]+)`", PAGE)
    assert len(said) >= 5
    tickers = {**catalogue(), "price(TSM)": catalogue()["nvidia_market_cap"]}
    for line in said:
        parse(line, commands(), tickers, ["article"], translator("en"))


def test_the_functions_columns_and_limits_are_those_of_the_code() -> None:
    for function in FUNCTIONS:
        assert f"`{function}(" in PAGE
    assert f"`{','.join(COLUMNS)}`" in PAGE
    assert f"has {MOST} of them at most" in PAGE
    assert f"after {REMEMBERED.days} days" in PAGE
    share = read("share(nvidia_market_cap, alphabet_market_cap)")
    assert unit_of(share, {key: one.unit for key, one in catalogue().items()}) is Unit.FRACTION
