"""The pages for people, as their browsers get them."""

from __future__ import annotations

import re

import pytest

from alerts.evidence import Evidence
from alerts.store import destinations, observations
from alerts.store.destinations import Place
from bot.answer import answer
from bot.commands import Request, Services
from bot.durability import Fleeting
from bot.web.site import Site
from tests.web.conftest import House, OpenHouse

SECRETIVE = Place("slack", "T0SECRET", "C0SECRET")


async def test_the_first_page_shows_the_board_what_happened_charts_and_sources(
    house: House,
) -> None:
    answer, text = await house.read("/?lang=en")
    assert answer.status == 200
    assert answer.content_type == "text/html"
    for words in ("Is AI a bubble?", "Nvidia market cap", "$4.30T", "Concentration", "Sources"):
        assert words in text
    assert "Top-5 weight in the S&amp;P 500 has reached 30.42%, at or above 30.00%" in text
    assert "/charts/nvidia_market_cap.png" in text


async def test_parts_of_a_sum_stand_on_the_page_of_the_sum(house: House) -> None:
    _, first = await house.read("/?lang=en")
    assert "hyperscaler_debt.MSFT" not in first
    _, page = await house.read("/indicators/hyperscaler_debt?lang=en")
    assert "/indicators/hyperscaler_debt.MSFT?lang=en" in page
    answer, text = await house.read("/indicators/hyperscaler_debt.MSFT?lang=en")
    assert answer.status == 200
    assert "Microsoft" in text


async def test_lines_of_a_measure_stand_by_severity(house: House) -> None:
    _, text = await house.read("/indicators/nvidia_market_cap?lang=en")
    lines = text.partition("Lines</h2>")[2]
    levels = re.findall(r">(watch|warn|critical)</td>", lines)
    assert levels[:3] == ["watch", "warn", "critical"]


async def test_no_line_of_the_page_ends_between_a_sign_and_its_number(house: House) -> None:
    for language in ("en", "zh_Hant"):
        _, text = await house.read(f"/?lang={language}")
        signs = re.findall("[≥≤](.)", text)
        assert len(signs) > 10
        assert set(signs) == {"\N{NO-BREAK SPACE}"}


async def test_a_number_that_is_not_there_says_whose_answer_it_comes_with(house: House) -> None:
    _, spread = await house.read("/indicators/high_yield_spread?lang=en")
    assert "comes with the first answer of FRED" in spread
    _, share = await house.read("/indicators/venture_capital_ai_share?lang=en")
    assert "is entered by hand, and nobody has done so yet" in share


async def test_every_indicator_has_a_page_in_every_language(house: House) -> None:
    for key in house.site.indicators:
        for language in ("en", "zh_Hant", "zh_Hans"):
            answer, text = await house.read(
                f"/indicators/{key}?lang={language}", X_Forwarded_For=f"{key}-{language}"
            )
            assert answer.status == 200, key
            assert "None" not in re.sub(r"<[^>]*>", "", text), key


@pytest.mark.parametrize(
    ("path", "header", "language"),
    [
        ("/", "", "en"),
        ("/", "fr, de;q=0.9", "en"),
        ("/", "zh-TW, en;q=0.8", "zh-Hant"),
        ("/", "en;q=0.5, zh-CN;q=0.9", "zh-Hans"),
        ("/", "zh-CN;q=0, en", "en"),
        ("/?lang=zh_Hans", "zh-TW", "zh-Hans"),
        ("/?lang=klingon", "zh-HK", "zh-Hant"),
    ],
)
async def test_the_language_is_that_of_the_address_else_of_the_browser(
    house: House, path: str, header: str, language: str
) -> None:
    answer, text = await house.read(path, Accept_Language=header)
    assert f'<html lang="{language}">' in text
    assert answer.headers["Content-Language"] == language
    assert "Accept-Language" in answer.headers["Vary"]


async def test_nothing_of_a_place_is_on_any_page(open_house: OpenHouse, site: Site) -> None:
    """A person draws a line that the public history has crossed; nobody outside can tell."""
    paths = ("/", "/indicators/nvidia_market_cap", "/feed.atom", "/api/v1/alerts",
             "/api/v1/indicators", "/api/v1/sources", "/healthz", "/readyz")  # fmt: skip
    before = await open_house(public_url="https://bubble.example.org")
    said_before = [(await before.read(path))[1] for path in paths]

    talk = Services(site.database, site.indicators, site.clock, Record(), lambda: None)
    request = Request(SECRETIVE, "U0SECRET", language="en")
    drawn = await answer(talk, request, 'alert add nvda below 4.4321T note "my hidden note"')
    assert drawn.ok
    async with site.database.read() as connection:
        assert await destinations.find(connection, SECRETIVE) is not None

    after = await open_house(public_url="https://bubble.example.org")
    for path, said in zip(paths, said_before, strict=True):
        _, text = await after.read(path)
        assert _without_lag(text) == _without_lag(said), path
    _, metrics = await after.read("/metrics")
    for private in ("SECRET", "hidden note", "4.4321", "44321"):
        assert private not in metrics


def _without_lag(text: str) -> str:
    return re.sub(r'"lag_s":[0-9.]+', "", text)


class Record:
    """Nothing more than what is observed."""

    async def evidence(self) -> Evidence:
        return Evidence()


async def test_what_a_person_wrote_beside_a_fact_is_not_shown(house: House) -> None:
    async with house.site.database.read() as connection:
        fact = await observations.newest(connection, "ai_adoption")
    assert fact is not None
    assert fact.reading.note
    _, text = await house.read("/indicators/ai_adoption?lang=en")
    assert "88.00%" in text
    assert fact.reading.note[:20] not in text


async def test_raw_prices_are_not_republished(house: House) -> None:
    _, text = await house.read("/indicators/nvidia_market_cap?lang=en")
    assert "yahoo" not in text


async def test_a_disk_that_does_not_last_is_told_with_what_to_do(open_house: OpenHouse) -> None:
    house = await open_house(fleeting=Fleeting("Heroku", volume=False))
    _, text = await house.read("/?lang=en")
    assert "a disk that Heroku empties" in text
    assert "DATABASE_URL" in text


async def test_the_scorecard_stands_before_the_board_and_can_be_opened(house: House) -> None:
    _, text = await house.read("/?lang=en")
    before = text[: text.index('class="board"')]
    for words in ("For and against", "says bubble", "says none", "How the scores are made"):
        assert words in before


async def test_a_chart_is_a_picture_that_a_browser_may_keep(house: House) -> None:
    _, page = await house.read("/?lang=en")
    found = re.search(r'src="(/charts/nvidia_market_cap\.png[^"]*)"', page)
    assert found is not None
    address = found[1].replace("&amp;", "&")
    async with house.http.get(house.url + address) as answer:
        assert answer.status == 200
        assert (await answer.read()).startswith(b"\x89PNG")
        assert "immutable" in answer.headers["Cache-Control"]
        tag = answer.headers["ETag"]
    async with house.http.get(house.url + address, headers={"If-None-Match": tag}) as answer:
        assert answer.status == 304
    async with house.http.get(f"{house.url}/charts/policy_nothing.png") as answer:
        assert answer.status == 404


async def test_a_chart_is_drawn_once_while_nothing_new_is_observed(house: House) -> None:
    async def png() -> bytes:
        async with house.http.get(f"{house.url}/charts/oracle_debt.png?lang=en") as answer:
            assert answer.status == 200
            return await answer.read()

    first = await png()
    await house.site.drawer.close()
    house.later(minutes=1)
    assert await png() == first
    assert house.site.drawer.pid is None, "nothing had to be drawn"
