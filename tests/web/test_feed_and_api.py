"""What programs read: the feed, and `/api/v1` against its own description."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from alerts.indicators import catalogue
from tests.web.conftest import House, OpenHouse

ATOM = "{http://www.w3.org/2005/Atom}"


async def test_the_feed_is_atom_with_entries_that_keep_their_names(house: House) -> None:
    answer, text = await house.read("/feed.atom?lang=en")
    assert answer.content_type == "application/atom+xml"
    feed = ElementTree.fromstring(text)
    for name in ("id", "title", "updated", "author", "link"):
        assert feed.find(ATOM + name) is not None, name
    entries = feed.findall(f"{ATOM}entry")
    names = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(entries) == len(set(names)) > 5
    moments = [datetime.fromisoformat(entry.findtext(f"{ATOM}updated", "")) for entry in entries]
    assert moments == sorted(moments, reverse=True)
    titles = [entry.findtext(f"{ATOM}title", "") for entry in entries]
    assert any("Nvidia market cap has reached $5.03T" in title for title in titles)

    house.later(days=40)
    _, later = await house.read("/feed.atom?lang=zh_Hant")
    assert [e.findtext(f"{ATOM}id") for e in ElementTree.fromstring(later).findall(f"{ATOM}entry")
            ][-len(names):] == names  # fmt: skip


async def test_a_day_that_is_not_over_is_on_the_page_and_not_in_the_feed(house: House) -> None:
    house.clock.set(datetime(2025, 11, 28, 22, tzinfo=UTC))
    _, page = await house.read("/?lang=en")
    _, feed = await house.read("/feed.atom?lang=en")
    cleared = "Equal weight against cap weight is back above its line"
    assert cleared in page
    assert "The day is not over yet." in page
    assert cleared not in feed


async def test_addresses_in_the_feed_are_those_of_the_public_address(
    open_house: OpenHouse,
) -> None:
    house = await open_house(public_url="https://bubble.example.org/")
    _, text = await house.read("/feed.atom")
    links = [link.get("href", "") for link in ElementTree.fromstring(text).iter(f"{ATOM}link")]
    assert links
    assert all(link.startswith("https://bubble.example.org/") for link in links)


async def description(house: House) -> dict[str, Any]:
    _, text = await house.read("/api/v1/openapi.json")
    found: dict[str, Any] = json.loads(text)
    return found


def check(described: dict[str, Any], schema: dict[str, Any], data: object) -> None:
    whole = {**schema, "components": described["components"]}
    Draft202012Validator(whole, format_checker=FormatChecker()).validate(data)


async def test_the_description_holds_sound_schemas_for_every_path(house: House) -> None:
    described = await description(house)
    assert described["openapi"].startswith("3.1")
    for schema in described["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for path, ways in described["paths"].items():
        assert set(ways) == {"get"}, path
        named = {part[1:-1] for part in path.split("/") if part.startswith("{")}
        assert named == {"key"} & named


@pytest.mark.parametrize("language", ["en", "zh_Hant", "zh-TW", "fr"])
async def test_every_answer_is_as_described(house: House, language: str) -> None:
    described = await description(house)
    check(described, described["components"]["parameters"]["lang"]["schema"], language)
    for path, ways in described["paths"].items():
        answer, text = await house.read(f"{path.format(key='top5_weight')}?lang={language}")
        assert answer.status == 200
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        content = ways["get"]["responses"]["200"]["content"]["application/json"]
        check(described, content["schema"], json.loads(text))
        assert json.loads(text)


async def test_every_indicator_is_as_described(house: House) -> None:
    described = await description(house)
    _, text = await house.read("/api/v1/indicators")
    listed = json.loads(text)["indicators"]
    assert [one["key"] for one in listed] == list(catalogue())
    values = {one["key"]: one["newest"] for one in listed}
    assert values["nvidia_market_cap"]["value"].startswith("430")
    for one in listed:
        check(described, {"$ref": "#/components/schemas/Indicator"}, one)


async def test_refusals_are_as_described(house: House) -> None:
    described = await description(house)
    for path, status in (
        ("/api/v1/indicators/nothing", 404),
        ("/api/v1/indicators/top5_weight/observations?limit=0", 400),
        ("/api/v1/indicators/top5_weight/observations?limit=99999999999999999999", 400),
        ("/api/v1/indicators/top5_weight/observations?since=yesterday", 400),
        ("/api/v1/alerts?limit=many", 400),
    ):
        answer, text = await house.read(path)
        assert answer.status == status, path
        check(described, {"$ref": "#/components/schemas/Error"}, json.loads(text))


async def test_observations_are_the_newest_ones_from_a_day_on(house: House) -> None:
    path = "/api/v1/indicators/nvidia_market_cap/observations"
    _, text = await house.read(f"{path}?since=2025-11-20&limit=3")
    found = [one["as_of"] for one in json.loads(text)["observations"]]
    assert len(found) == 3
    assert found == sorted(found)
    assert found[-1].startswith("2025-11-28")
    assert all(one >= "2025-11-20" for one in found)
