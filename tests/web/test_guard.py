"""What every answer has in common."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import web
from sqlalchemy import text

from bot.web import CannotListen
from bot.web.guard import BURST
from bot.web.server import listening
from bot.web.site import Site
from tests.web.conftest import House, OpenHouse

PAGES = ("/", "/indicators/top5_weight", "/style.css", "/icon.svg", "/feed.atom", "/healthz",
         "/api/v1/indicators", "/metrics", "/nowhere")  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
async def test_every_answer_is_closed_to_scripts_frames_and_sniffing(
    house: House, path: str
) -> None:
    answer, _ = await house.read(path)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "aiohttp" not in answer.headers["Server"]
    assert "Cache-Control" in answer.headers


@pytest.mark.parametrize("path", PAGES)
async def test_head_says_the_same_without_a_body(house: House, path: str) -> None:
    full, said = await house.read(path)
    async with house.http.head(house.url + path) as answer:
        assert answer.status == full.status
        assert await answer.text() == ""
        assert answer.headers["Content-Type"] == full.headers["Content-Type"]
    assert said


@pytest.mark.parametrize("path", ["/", "/feed.atom", "/api/v1/sources", "/style.css"])
async def test_who_has_the_newest_already_gets_no_body(house: House, path: str) -> None:
    first, _ = await house.read(path)
    again, said = await house.read(path, If_None_Match=first.headers["ETag"])
    assert again.status == 304
    assert said == ""
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    other, _ = await house.read(path, If_None_Match='"something else"')
    assert other.status == 200


async def test_what_is_not_there_is_told_in_the_form_that_was_asked_for(house: House) -> None:
    page, said = await house.read("/nowhere", Accept="text/html", Accept_Language="en")
    assert page.status == 404
    assert "There is nothing at this address." in said
    assert 'href="/?lang=en"' in said
    plain, said = await house.read("/nowhere")
    assert (plain.status, said) == (404, "There is nothing at this address.\n")
    data, _ = await house.read("/api/v1/indicators/nothing")
    assert data.status == 404
    assert data.content_type == "application/json"


async def test_nothing_can_be_written(house: House) -> None:
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        async with house.http.request(method, house.url + "/") as answer:
            assert answer.status == 405
            assert "GET" in answer.headers["Allow"]


async def test_a_failure_is_told_without_its_reason(house: House, tmp_path: Path) -> None:
    async with house.site.database.write() as connection:
        await connection.execute(text("DROP TABLE source"))
    page, said = await house.read("/", Accept="text/html", Accept_Language="en")
    assert page.status == 500
    assert "That failed. The reason is in the operator" in said
    for inside in ("Traceback", "source", "SELECT", str(tmp_path)):
        assert inside not in said


async def test_one_visitor_who_asks_without_end_is_asked_to_come_back(house: House) -> None:
    statuses = [(await house.read("/style.css"))[0].status for _ in range(BURST + 40)]
    assert statuses.count(429) > 0
    assert statuses[:BURST] == [200] * BURST
    refused, _ = await house.read("/style.css")
    assert refused.status == 429
    assert int(refused.headers["Retry-After"]) > 0
    # Another visitor, and whoever watches over us, are answered all the same.
    other, _ = await house.read("/style.css", X_Forwarded_For="203.0.113.9")
    assert other.status == 200
    watcher, _ = await house.read("/healthz")
    assert watcher.status == 200


async def test_a_visitor_cannot_be_somebody_else_by_a_header_of_his_own(house: House) -> None:
    for n in range(BURST + 40):
        answer, _ = await house.read("/style.css", X_Forwarded_For=f"10.0.0.{n}, 203.0.113.7")
    assert answer.status == 429


async def test_a_platform_answers_at_its_door_as_it_likes(open_house: OpenHouse) -> None:
    async def door(request: web.Request) -> web.StreamResponse:
        return web.Response(text=(await request.text()).upper())

    house = await open_house(doors=[web.post("/slack/events", door)])
    for _ in range(BURST + 10):
        # Nobody who knows the platform's secret is ever asked to come back.
        async with house.http.post(house.url + "/slack/events", data="signed") as answer:
            assert answer.status == 200
            assert await answer.text() == "SIGNED"
            assert "X-Frame-Options" not in answer.headers


async def test_a_port_that_is_taken_is_told_in_one_sentence(house: House, site: Site) -> None:
    taken = int(house.url.rpartition(":")[2])
    with pytest.raises(CannotListen, match=rf"Port {taken} cannot .* BUBBLEWATCH_PORT"):
        async with listening(site, taken, "127.0.0.1"):
            pass
