"""The pages in Chinese."""

from __future__ import annotations

import html
import re

import pytest

from tests.chinese import HAN, english
from tests.web.conftest import House

CHINESE = pytest.mark.parametrize("language", ["zh_Hant", "zh_Hans"])


def _read(page: str) -> str:
    """What is seen and heard of a page: its texts, titles and descriptions of pictures."""
    page = re.sub(r"<(style|script|code)\b.*?</\1>", " ", page, flags=re.DOTALL)
    heard = re.findall(r'(?:alt|title|aria-label)="([^"]*)"', page)
    return html.unescape("\n".join((re.sub(r"<[^>]*>", "\n", page), *heard)))


@CHINESE
@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/indicators/top5_weight",
        "/indicators/hyperscaler_debt",
        "/indicators/nvidia_market_cap_change_4m",
        "/indicators/tech_share_of_gdp_growth",
        "/nowhere",
    ],
)
async def test_no_page_has_an_english_word(house: House, path: str, language: str) -> None:
    _, page = await house.read(f"{path}?lang={language}")
    shown = _read(page)
    assert HAN.search(shown)
    assert english(shown, {"JSON", "Atom", "API", "OpenAPI"}) == []


@CHINESE
async def test_no_entry_of_the_feed_has_an_english_word(house: House, language: str) -> None:
    _, feed = await house.read(f"/feed.atom?lang={language}")
    said = re.findall(r"<(?:\w+:)?(?:title|summary|content)[^>]*>([^<]*)<", feed)
    assert len(said) > 3
    assert english("\n".join(said)) == []
