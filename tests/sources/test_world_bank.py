"""National products, over a real HTTP client."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from alerts.clock import SetClock
from alerts.evidence import Evidence, NationalGdps, national_gdp
from alerts.sources import Collected, SourceUnavailable
from alerts.sources.world_bank import WorldBankSource
from tests.emulators.world_bank import WorldBankEmulator
from tests.sources.conftest import utc

GDP = national_gdp()


@pytest.fixture
def clock() -> SetClock:
    return SetClock(utc("2025-11-03 15:00"))


@pytest.fixture
def bank() -> Iterator[WorldBankEmulator]:
    with WorldBankEmulator() as emulator:
        yield emulator


@pytest.fixture
async def source(
    bank: WorldBankEmulator, clock: SetClock, tmp_path: Path
) -> AsyncIterator[WorldBankSource]:
    made = WorldBankSource(
        bank.url, tmp_path, clock, chance=random.Random(1), timeout=timedelta(seconds=0.5)
    )
    yield made
    await made.close()


def gdps_of(collected: Collected) -> NationalGdps:
    answer = collected.evidence.of(GDP)
    assert answer is not None
    return answer


async def test_countries_arrive_without_the_sums_of_countries(
    source: WorldBankSource, bank: WorldBankEmulator
) -> None:
    bank.products = {**bank.products, "XAA": ("2023", None)}
    gdps = gdps_of(await source.collect([GDP], Evidence()))
    newest = gdps.newest(date(2025, 11, 3))
    assert len(newest) == 199
    assert not {"WLD", "HIC", "XAA"} & set(newest)
    largest = sorted(newest.values(), key=lambda entry: entry.usd, reverse=True)
    assert [entry.name for entry in largest[:3]] == ["United States", "China", "Germany"]
    assert (newest["DEU"].year, newest["DEU"].known_from) == (2023, date(2024, 7, 1))


async def test_a_revision_is_known_from_the_day_on_which_it_is_seen(
    source: WorldBankSource, bank: WorldBankEmulator, clock: SetClock
) -> None:
    known = (await source.collect([GDP], Evidence())).evidence
    bank.set_product("DEU", "2024", 4_659_929_000_000.0)
    clock.set(clock.now() + timedelta(days=8))
    collected = await source.collect([GDP], known)
    (revised,) = gdps_of(collected).entries
    assert (revised.country, revised.year) == ("DEU", 2024)
    both = known.merge(collected.evidence).of(GDP)
    assert both is not None
    assert both.newest(date(2025, 11, 10))["DEU"].year == 2023
    assert both.newest(date(2025, 11, 11))["DEU"].year == 2024


async def test_it_is_asked_once_a_week(
    source: WorldBankSource, bank: WorldBankEmulator, clock: SetClock
) -> None:
    known = (await source.collect([GDP], Evidence())).evidence
    clock.set(clock.now() + timedelta(days=6))
    assert not (await source.collect([GDP], known)).evidence
    assert len(bank.requests) == 2
    clock.set(clock.now() + timedelta(days=2))
    assert not (await source.collect([GDP], known)).evidence
    assert len(bank.requests) > 2


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("", "it is not JSON"),
        ('[{"message":[{"id":"120","key":"Invalid value"}]}]', "not a page of figures"),
        ('[{"page":1,"pages":1,"total":0},null]', "not a page of figures"),
        ('[{"page":1,"pages":3,"total":900},[]]', "does not fit on one page"),
        ('[{"page":1,"pages":1,"total":0},[]]', "only 0 countries"),
    ],
)
async def test_nonsense_is_told_and_asked_for_again_later(
    source: WorldBankSource, bank: WorldBankEmulator, clock: SetClock, body: str, reason: str
) -> None:
    bank.answer_with(200, body, content_type="application/json")
    for _ in range(2):
        with pytest.raises(SourceUnavailable, match=reason) as caught:
            await source.collect([GDP], Evidence())
    assert caught.value.retry_at == clock.now() + timedelta(hours=2)
    assert len(bank.requests) == 2
    bank.behave()
    clock.set(clock.now() + timedelta(hours=2))
    assert gdps_of(await source.collect([GDP], Evidence())).entries


async def test_a_product_of_a_year_that_is_not_over_is_refused(
    source: WorldBankSource, bank: WorldBankEmulator
) -> None:
    bank.set_product("DEU", "2025", 1e12)
    with pytest.raises(SourceUnavailable, match="which is not over"):
        await source.collect([GDP], Evidence())


async def test_silence_is_told(source: WorldBankSource, bank: WorldBankEmulator) -> None:
    bank.hang()
    with pytest.raises(SourceUnavailable, match="did not answer"):
        await source.collect([GDP], Evidence())
