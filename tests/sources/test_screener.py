"""The exchange's list of market values, over a real HTTP client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from alerts.clock import SetClock
from alerts.evidence import (
    Close,
    Evidence,
    ListedCap,
    Origin,
    PriceHistory,
    listed_caps,
    prices,
)
from alerts.market_hours import MarketHours
from alerts.sources import Collected, SourceUnavailable
from alerts.sources.screener import ScreenerSource
from tests.emulators.screener import ScreenerEmulator
from tests.sources.conftest import utc

NVDA, GOOGL, TSM = listed_caps("NVDA"), listed_caps("GOOGL"), listed_caps("TSM")
# Friday after Thanksgiving: New York closes at 13:00, 18:00 UTC.
EVENING = utc("2025-11-28 21:00")


@pytest.fixture
def clock() -> SetClock:
    return SetClock(EVENING)


@pytest.fixture
def screener() -> Iterator[ScreenerEmulator]:
    with ScreenerEmulator() as emulator:
        yield emulator


@pytest.fixture
async def source(
    screener: ScreenerEmulator, clock: SetClock, hours: MarketHours, tmp_path: Path
) -> AsyncIterator[ScreenerSource]:
    made = ScreenerSource(screener.url, tmp_path, clock, hours, timeout=timedelta(seconds=1))
    yield made
    await made.close()


def caps_of(collected: Collected, ticker: str = "NVDA") -> tuple[ListedCap, ...]:
    answer = collected.evidence.of(listed_caps(ticker))
    return answer.caps if answer is not None else ()


def closed_at(*closes: tuple[str, str]) -> Evidence:
    """What is known of Nvidia's closes from elsewhere."""
    origin = Origin("yahoo", "https://example.org/", EVENING)
    days = [(date.fromisoformat(day), Decimal(price)) for day, price in closes]
    history = PriceHistory(tuple(Close(day, utc(f"{day} 21:00"), p, origin) for day, p in days))
    return Evidence({prices("NVDA"): history})


async def test_market_values_arrive_for_the_session_that_is_over(source: ScreenerSource) -> None:
    collected = await source.collect([NVDA, GOOGL], Evidence())
    (nvidia,), (alphabet,) = caps_of(collected), caps_of(collected, "GOOGL")
    assert (nvidia.session, nvidia.usd) == (date(2025, 11, 28), Decimal("4301100000000.00"))
    assert nvidia.at == utc("2025-11-28 18:00")
    assert alphabet.usd == Decimal("3863613000000.00")
    assert nvidia.origin.source == "nasdaq"


async def test_a_list_that_runs_a_day_late_is_dated_by_its_prices(source: ScreenerSource) -> None:
    known = closed_at(("2025-11-26", "177.00"), ("2025-11-28", "180.26"))
    (cap,) = caps_of(await source.collect([NVDA], known))
    # There is no session on Thanksgiving.
    assert cap.session == date(2025, 11, 26)


async def test_a_list_in_time_is_dated_by_its_prices_too(source: ScreenerSource) -> None:
    known = closed_at(("2025-11-26", "180.26"), ("2025-11-28", "177.00"))
    (cap,) = caps_of(await source.collect([NVDA], known))
    assert cap.session == date(2025, 11, 28)


async def test_a_known_session_is_not_asked_for_again(
    source: ScreenerSource, screener: ScreenerEmulator, clock: SetClock
) -> None:
    known = (await source.collect([NVDA], Evidence())).evidence
    clock.set(EVENING + timedelta(hours=40))
    assert not (await source.collect([NVDA], known)).evidence
    assert len(screener.requests) == 1


async def test_before_the_list_is_remade_the_day_is_not_asked_for(
    source: ScreenerSource, clock: SetClock
) -> None:
    clock.set(utc("2025-11-28 19:30"))
    (cap,) = caps_of(await source.collect([NVDA], Evidence()))
    assert cap.session == date(2025, 11, 26)


async def test_a_company_without_a_value_is_unmet_until_it_has_one(
    source: ScreenerSource, screener: ScreenerEmulator, clock: SetClock
) -> None:
    screener.quote("TSM", "$290.00", "")
    first = await source.collect([NVDA, TSM], Evidence())
    again = await source.collect([NVDA, TSM], first.evidence)
    assert first.unmet == again.unmet == {TSM: "the list has no market value of TSM"}
    screener.quote("TSM", "$290.00", "1500000000000.00")
    clock.set(EVENING + timedelta(hours=4))
    later = await source.collect([NVDA, TSM], first.evidence)
    assert caps_of(later, "TSM")
    assert not later.unmet


@pytest.mark.parametrize(
    ("status", "body", "kind", "reason"),
    [
        (200, "", "application/json", "cut off or no JSON"),
        (200, "<html>Access denied</html>", "text/html", "a web page came"),
        (200, '{"data": null, "status": {"rCode": 400}}', "application/json", "has no rows"),
        (200, '{"data": {"rows": []}}', "application/json", "0 market values only"),
        (403, "", "text/plain", "refuses to answer"),
        (503, "", "text/plain", "in trouble"),
    ],
)
async def test_nonsense_is_told_and_gives_no_values(
    source: ScreenerSource,
    screener: ScreenerEmulator,
    status: int,
    body: str,
    kind: str,
    reason: str,
) -> None:
    screener.answer_with(status, body, content_type=kind)
    for _ in range(2):
        with pytest.raises(SourceUnavailable, match=reason):
            await source.collect([NVDA], Evidence())
    assert len(screener.requests) == 1


async def test_a_list_that_was_cut_off_is_told(
    source: ScreenerSource, screener: ScreenerEmulator
) -> None:
    screener.cut_off()
    with pytest.raises(SourceUnavailable, match="cut off"):
        await source.collect([NVDA], Evidence())
