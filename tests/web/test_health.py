"""`/healthz`, `/readyz` and `/metrics`: the truth, part by part."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from alerts.platform import Message, Platform
from alerts.store import deliveries, destinations
from alerts.store import sources as source_store
from alerts.store.deliveries import Claim, Outcome
from alerts.store.destinations import Place
from alerts.store.models import DeliveryKind, DeliveryState
from alerts.store.sources import SourceState
from alerts.watch import TickReport
from bot import __version__
from bot.platforms import waiting
from bot.vitals import LinkState
from bot.web.site import Site
from tests.web.conftest import NOW, House, OpenHouse

DEPLOY = Path(__file__).parents[2] / "deploy"


@dataclass
class Chat:
    """A platform that takes everything."""

    name: str = "chat"
    there: bool = True

    async def post(self, message: Message) -> str:
        return message.nonce

    async def find(self, message: Message) -> str | None:
        return None

    def hears(self) -> bool:
        return self.there


def report(alerts: int = 0) -> TickReport:
    return TickReport(NOW, (), (), (), {}, alerts, 0)


def claim(minutes_ago: int) -> Claim:
    at = NOW - timedelta(minutes=minutes_ago)
    return Claim(1, "n", 1, DeliveryKind.ALERTS, False, False, False, False, 1, at, at, None,
                 None, None)  # fmt: skip


async def parts(house: House, path: str) -> tuple[int, dict[str, dict[str, Any]]]:
    answer, said = await house.read(path)
    found = json.loads(said)
    assert (answer.status == 200) == (found["status"] == "ok")
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.status, found["parts"]


async def waits(site: Site, platform: str, count: int = 1) -> None:
    """Notices that are due now, at a place of that platform."""
    now = site.clock.now()
    async with site.database.write() as connection:
        home = await destinations.find_or_make(connection, Place(platform, "w", "c"), now)
        for _ in range(count):
            await deliveries.notice(connection, home.id, {"notice": "back"}, now)


async def test_before_the_first_look_it_is_alive_and_not_ready(house: House) -> None:
    assert (await parts(house, "/healthz"))[0] == 200
    status, found = await parts(house, "/readyz")
    assert status == 503
    assert found["schedule"]["state"] == "waiting"
    house.site.vitals.tick(report())
    assert (await parts(house, "/readyz"))[0] == 200


async def test_a_look_by_another_replica_counts(house: House) -> None:
    async with house.site.database.write() as connection:
        await source_store.save(connection, [SourceState("sec", NOW, NOW)])
    assert (await parts(house, "/readyz"))[0] == 200


async def test_a_look_that_failed_is_told_and_one_that_is_overdue_is_not_alive(
    house: House,
) -> None:
    house.site.vitals.tick(report())
    house.site.vitals.tick(RuntimeError("no"))
    status, found = await parts(house, "/readyz")
    assert (status, found["schedule"]["last_failed"]) == (503, True)
    assert (await parts(house, "/healthz"))[0] == 200
    house.later(hours=3)
    status, found = await parts(house, "/healthz")
    assert (status, found["schedule"]["state"]) == (503, "failing")


async def test_after_a_long_sleep_it_has_time_for_its_first_look(
    house: House, open_house: OpenHouse
) -> None:
    async with house.site.database.write() as connection:
        long_ago = NOW - timedelta(days=3)
        await source_store.save(connection, [SourceState("sec", long_ago, long_ago)])
    assert (await parts(house, "/healthz"))[0] == 200


async def test_a_database_that_cannot_answer_is_not_alive(house: House) -> None:
    async with house.site.database.write() as connection:
        await connection.execute(text("DROP TABLE source"))
    status, found = await parts(house, "/healthz")
    assert status == 503
    assert found["database"] == {"state": "failing", "error": "OperationalError"}
    assert "outbox" not in found


async def test_each_connection_is_told_as_it_is(open_house: OpenHouse, site: Site) -> None:
    chat, other = Chat(), Chat("other")
    platforms: list[Platform] = [chat, other]
    house = await open_house(platforms=platforms)
    site.vitals.tick(report())
    _, found = await parts(house, "/readyz")
    assert "platform:chat" not in found, "not held by this process"
    site.vitals.link("chat", LinkState.RUNNING)
    assert (await parts(house, "/readyz"))[0] == 200

    chat.there = False
    status, found = await parts(house, "/readyz")
    assert (status, found["platform:chat"]["state"]) == (503, "waiting")
    house.later(minutes=3)
    assert (await parts(house, "/readyz"))[1]["platform:chat"]["state"] == "failing"

    chat.there = True
    for trouble in (LinkState.BROKEN, LinkState.REFUSED):
        site.vitals.link("chat", trouble)
        status, found = await parts(house, "/readyz")
        assert (status, found["platform:chat"]["connection"]) == (503, trouble.value)
    # A restart would mend none of it.
    assert (await parts(house, "/healthz"))[0] == 200


async def test_a_source_that_is_down_is_told_and_takes_nothing_else_with_it(house: House) -> None:
    two_hours_ago = NOW - timedelta(hours=2)
    async with house.site.database.write() as connection:
        await source_store.save(
            connection,
            [
                SourceState("fred", NOW, two_hours_ago, "it is closed", NOW),
                SourceState("sec", NOW, NOW),
                SourceState("yahoo", NOW, NOW, "Yahoo does not know XYZQ", NOW),
            ],
        )
    for path in ("/healthz", "/readyz"):
        status, found = await parts(house, path)
        assert status == 200
        assert found["source:fred"] == {
            "state": "down",
            "answered": two_hours_ago.isoformat(),
            "since": NOW.isoformat(),
        }
        assert found["source:sec"]["state"] == "ok"
        assert found["source:yahoo"]["state"] == "partly"
    metrics = await scrape(house)
    silent = {"fred": 1, "sec": 0, "yahoo": 0}
    for name, expected in silent.items():
        assert value(metrics, "bubblewatch_source_in_trouble", source=name) == expected


async def test_messages_that_should_have_left_are_told(open_house: OpenHouse, site: Site) -> None:
    house = await open_house(platforms=[Chat()])
    site.vitals.tick(report())
    await waits(site, "chat", 2)
    await waits(site, "not set up here", 5)
    status, found = await parts(house, "/readyz")
    assert (status, found["outbox"]["waiting"]) == (200, 2)
    house.later(minutes=16)
    status, found = await parts(house, "/readyz")
    assert (status, found["outbox"]["state"]) == (503, "failing")
    assert (await parts(house, "/healthz"))[0] == 200


async def scrape(house: House) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    answer, said = await house.read("/metrics")
    assert answer.status == 200
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(said)
        for sample in family.samples
    }


def value(found: dict[tuple[str, frozenset[tuple[str, str]]], float], name: str, **labels: str
          ) -> float | None:  # fmt: skip
    return found.get((name, frozenset(labels.items())))


async def test_metrics_count_deliveries_looks_waits_and_losses(
    open_house: OpenHouse, site: Site
) -> None:
    house = await open_house(platforms=[Chat()])
    vitals = site.vitals
    vitals.outcome("chat", Outcome(claim(2), DeliveryState.SENT))
    vitals.outcome("chat", Outcome(claim(3), DeliveryState.RETRY, "busy"))
    vitals.tick(report(alerts=4))
    vitals.tick(RuntimeError("no"))
    waiting.waited("a chat that waits", 1.5)
    waiting.waited("a chat that waits", 0.0)
    vitals.link("chat", LinkState.RUNNING)
    vitals.link("chat", LinkState.BROKEN)
    found = await scrape(house)
    sent = value(found, "bubblewatch_deliveries_total", platform="chat", outcome="sent")
    tried = value(found, "bubblewatch_deliveries_total", platform="chat", outcome="retry")
    assert (sent, tried) == (1, 1)
    assert value(found, "bubblewatch_delivery_lag_seconds_sum", platform="chat") == 120
    assert value(found, "bubblewatch_ticks_total", outcome="failed") == 1
    assert value(found, "bubblewatch_alerts_total") == 4
    for name, expected in (("wait_seconds", 1.5), ("waits", 1)):
        full = f"bubblewatch_rate_limit_{name}_total"
        assert value(found, full, platform="a chat that waits") == expected
    assert value(found, "bubblewatch_connection_losses_total", platform="chat") == 1
    assert value(found, "bubblewatch_platform_connected", platform="chat") == 0


async def test_counts_that_an_alert_rule_watches_begin_at_zero(open_house: OpenHouse) -> None:
    found = await scrape(await open_house(platforms=[Chat()]))
    assert value(found, "bubblewatch_deliveries_total", platform="chat", outcome="dead") == 0
    assert value(found, "bubblewatch_connection_losses_total", platform="chat") == 0
    assert value(found, "bubblewatch_ticks_total", outcome="failed") == 0


async def test_a_source_that_never_answered_has_no_age_and_its_alert_rule_asks_for_none(
    house: House,
) -> None:
    never = SourceState("fred", NOW, None, "it is closed", NOW)
    async with house.site.database.write() as connection:
        await source_store.save(connection, [never])
    found = await scrape(house)
    assert value(found, "bubblewatch_source_in_trouble", source="fred") == 1
    assert value(found, "bubblewatch_source_age_seconds", source="fred") is None
    rule = dict(expressions())["BubblewatchSourceSilent"]
    assert rule.startswith("bubblewatch_source_in_trouble == 1 unless ")


async def test_metrics_say_what_waits_and_how_old_everything_is(
    open_house: OpenHouse, site: Site
) -> None:
    house = await open_house(platforms=[Chat()])
    await waits(site, "chat", 3)
    trouble = SourceState("sec", NOW, NOW - timedelta(hours=2), "it is closed", NOW)
    async with site.database.write() as connection:
        await source_store.save(connection, [trouble])
    house.later(minutes=10)
    found = await scrape(house)
    assert value(found, "bubblewatch_queue_depth", platform="chat", state="due") == 3
    assert value(found, "bubblewatch_queue_overdue_seconds", platform="chat", state="due") == 600
    assert value(found, "bubblewatch_source_age_seconds", source="sec") == 2 * 3600 + 600
    assert value(found, "bubblewatch_source_in_trouble", source="sec") == 1
    assert value(found, "bubblewatch_last_look_age_seconds") == 600
    assert value(found, "bubblewatch_indicator_stale", indicator="nvidia_market_cap") == 0
    cap = value(found, "bubblewatch_indicator_value", indicator="nvidia_market_cap", unit="usd")
    assert cap is not None
    assert round(cap / 1e12, 2) == 4.30
    assert value(found, "bubblewatch_database_lasts") == 1


async def test_metrics_of_the_process_are_there_while_the_database_answers_nothing(
    house: House,
) -> None:
    assert value(await scrape(house), "bubblewatch_database_up") == 1
    async with house.site.database.write() as connection:
        await connection.execute(text("DROP TABLE source"))
    found = await scrape(house)
    assert value(found, "bubblewatch_database_up") == 0
    assert value(found, "bubblewatch_queue_depth") is None
    assert value(found, "bubblewatch_version_info", version=__version__) == 1
    assert value(found, "bubblewatch_started_at_seconds") is not None


async def test_metrics_measure_the_event_loop(house: House) -> None:
    measuring = asyncio.create_task(house.site.vitals.measure_lag())
    await house.site.vitals.lag_measured.wait()
    measuring.cancel()
    found = await scrape(house)
    count = value(found, "bubblewatch_event_loop_lag_seconds_count")
    assert count is not None
    assert count >= 1


def expressions() -> Iterable[tuple[str, str]]:
    rules = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text("utf-8"))
    for group in rules["groups"]:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]
    board = json.loads((DEPLOY / "grafana" / "bubblewatch.json").read_text("utf-8"))
    for panel in board["panels"]:
        for target in panel.get("targets", ()):
            yield f"{panel['title']} {target['legendFormat']}", target["expr"]
    for mark in board["annotations"]["list"]:
        yield mark["name"], mark["expr"]


async def test_the_dashboard_and_the_alert_rules_ask_for_what_there_is(
    open_house: OpenHouse, site: Site
) -> None:
    house = await open_house(platforms=[Chat()])
    site.vitals.outcome("chat", Outcome(claim(2), DeliveryState.SENT))
    site.vitals.tick(report())
    waiting.waited("chat", 1)
    site.vitals.link("chat", LinkState.BROKEN)
    await waits(site, "chat")
    async with site.database.write() as connection:
        await source_store.save(connection, [SourceState("sec", NOW, NOW)])
    known: dict[str, set[str]] = {}
    for sample, labels in await scrape(house):
        known.setdefault(sample, set()).update(label for label, _ in labels)
    wanted = list(expressions())
    assert len(wanted) > 20
    for name, expression in wanted:
        asked = set(re.findall(r"\b(?:bubblewatch|process)_[a-z_]+", expression))
        assert asked, name
        assert asked <= set(known), name
        labels_of = set().union(*(known[one] for one in asked))
        listed = ",".join(re.findall(r"by \((.*?)\)", expression))
        matched = re.findall(r"[{,]\s*(\w+)\s*!?=", expression)
        shown = re.findall(r"{{(\w+)}}", name)
        assert {*re.findall(r"\w+", listed), *matched, *shown} <= labels_of, name
