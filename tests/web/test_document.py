"""docs/web.md says what there is: every address and every metric."""

from __future__ import annotations

import re
from pathlib import Path

from aiohttp import web

from alerts.clock import SetClock
from alerts.platform import Platform
from alerts.store import sources as source_store
from alerts.store.sources import SourceState
from bot.platforms import waiting
from bot.vitals import LinkState
from bot.web.server import application
from bot.web.site import Site
from tests.web.conftest import NOW, House, OpenHouse
from tests.web.test_health import Chat, waits

TEXT = (Path(__file__).parents[2] / "docs" / "web.md").read_text("utf-8")


async def test_every_address_in_the_document_answers(open_house: OpenHouse) -> None:
    house: House = await open_house()
    named = re.findall(r"^\| `(/[^`]*)`", TEXT, re.MULTILINE)
    assert len(named) > 6
    for path in named:
        async with house.http.get(house.url + path) as answer:
            assert answer.status in (200, 503 if path == "/readyz" else 200), path


def test_every_kind_of_address_is_in_the_document(site: Site) -> None:
    known = {
        resource.canonical.split("{")[0]
        for resource in application(site).router.resources()
        if isinstance(resource, web.Resource)
    }
    for beginning in known - {"/style.css", "/icon.svg"}:
        shown = "/api/v1/" if beginning.startswith("/api/v1/") else beginning
        assert f"`{shown}" in TEXT, beginning


async def test_every_metric_is_in_the_document_and_no_other(
    open_house: OpenHouse,
    site: Site,
) -> None:
    platforms: list[Platform] = [Chat()]
    house = await open_house(platforms=platforms)
    site.vitals.link("chat", LinkState.RUNNING)
    waiting.waited("chat", 1)
    await waits(site, "chat")
    async with site.database.write() as connection:
        await source_store.save(connection, [SourceState("sec", NOW, NOW)])
    assert isinstance(house.clock, SetClock)
    _, said = await house.read("/metrics")
    families = set(re.findall(r"^# TYPE (bubblewatch_\w+) \w+$", said, re.MULTILINE))
    exported = {name for name in families if not name.endswith("_created")}
    documented = set(re.findall(r"^\| `(bubblewatch_\w+)`", TEXT, re.MULTILINE))
    assert exported == documented
