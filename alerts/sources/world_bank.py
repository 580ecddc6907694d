"""What countries produce in a year: the World Bank's list, without a key.

Two pages (CATALOGUE.md A3): the newest figure of everything that has one, and the list of what of
that is a country; «World», «High income» and some 80 more are sums of countries.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Collection
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from alerts.clock import Clock
from alerts.evidence import Answer, Evidence, NationalGdps, Need, Origin, national_gdp
from alerts.published import Gdp
from alerts.sources import Collected, SourceUnavailable
from alerts.sources.pages import Pages

WORLD_BANK_URL = "https://api.worldbank.org"
COUNTRIES = "/v2/country?format=json&per_page=400"
PRODUCTS = "/v2/country/all/indicator/NY.GDP.MKTP.CD?format=json&mrnev=1&per_page=400"
ADDRESS = "https://data.worldbank.org/indicator/NY.GDP.MKTP.CD"

BETWEEN_LOOKS = timedelta(days=7)
AFTER_A_FAILURE = timedelta(hours=2)
FEWEST = 150
"""Fewer countries than this is not the whole list."""
PUBLISHED_IN = 7
"""The month in which a year's products first appear, in the year after."""


class WorldBankSource:
    """Supplies `national_gdp()`, looked at once a week, and two hours after a failure."""

    name = "world bank"

    def __init__(
        self,
        base_url: str | None,
        cache_dir: Path,
        clock: Clock,
        *,
        chance: random.Random | None = None,
        timeout: timedelta = timedelta(seconds=30),
    ) -> None:
        self._clock = clock
        self._chance = chance or random.Random()
        self._next_look: datetime | None = None
        self._trouble: SourceUnavailable | None = None
        self._pages = Pages(
            "world-bank",
            base_url or WORLD_BANK_URL,
            "bubblewatch/0.1",
            clock,
            cache_dir,
            interval=timedelta(seconds=2),
            timeout=timeout,
        )

    def supplies(self, need: Need[Answer]) -> bool:
        return need == national_gdp()

    async def collect(self, needs: Collection[Need[Answer]], known: Evidence) -> Collected:
        """Look when it is due. Raises SourceUnavailable while the last look has failed."""
        now = self._clock.now()
        if self._next_look is not None and now < self._next_look:
            if self._trouble is not None:
                raise SourceUnavailable(self.name, self._trouble.reason, self._next_look)
            return Collected(Evidence())
        gdps = known.of(national_gdp()) or NationalGdps(())
        try:
            fresh = await self._look(gdps)
        except SourceUnavailable as error:
            again = now + AFTER_A_FAILURE
            self._next_look = max(again, error.retry_at) if error.retry_at else again
            self._trouble = error
            raise
        self._trouble = None
        self._next_look = now + BETWEEN_LOOKS + timedelta(hours=self._chance.uniform(0, 12))
        return Collected(Evidence({national_gdp(): fresh} if fresh.entries else {}))

    async def close(self) -> None:
        await self._pages.close()

    async def _look(self, known: NationalGdps) -> NationalGdps:
        """The entries that are new or have been revised."""
        mine = [entry for entry in known.entries if entry.origin.source == self.name]
        proof = _proof(mine)
        page = await self._pages.get(PRODUCTS, proof if mine else None)
        if page is None:
            return NationalGdps(())
        countries = await self._pages.get(COUNTRIES)
        if countries is None:
            raise SourceUnavailable(self.name, "the list of countries was withheld")
        now = self._clock.now()
        try:
            names = read_countries(countries.body)
            entries = read_products(page.body, names, Origin(self.name, ADDRESS, now))
        except ValueError as error:
            raise SourceUnavailable(self.name, f"its answer cannot be used: {error}") from error
        old = {(entry.country, entry.year): entry.usd for entry in mine}
        today = now.date()
        fresh = tuple(
            _dated(entry, today, first=not mine)
            for entry in entries
            if old.get((entry.country, entry.year)) != entry.usd
        )
        await self._pages.keep(page, _proof([*mine, *fresh]))
        return NationalGdps(()).merge(NationalGdps(fresh))


def _proof(entries: Collection[Gdp]) -> str:
    newest = {(entry.country, entry.year): entry.usd for entry in entries}
    text = " ".join(f"{key}={newest[key].normalize()}" for key in sorted(newest))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _dated(entry: Gdp, today: date, *, first: bool) -> Gdp:
    """In a first look a figure was known since the usual month; afterwards since today."""
    usual = date(entry.year + 1, PUBLISHED_IN, 1)
    known_from = min(usual, today) if first else today
    return Gdp(entry.country, entry.name, entry.year, entry.usd, known_from, entry.origin)


def read_countries(body: bytes) -> dict[str, str]:
    """Three-letter code to name, of countries only. Raises ValueError with the reason."""
    found: dict[str, str] = {}
    for row in _rows(body):
        code, name, region = row.get("id"), row.get("name"), row.get("region")
        region_id = region.get("id") if isinstance(region, dict) else None
        if isinstance(code, str) and isinstance(name, str) and region_id not in (None, "NA", ""):
            found[code] = name
    if len(found) < FEWEST:
        raise ValueError(f"only {len(found)} countries are in the list")
    return found


def read_products(body: bytes, names: dict[str, str], origin: Origin) -> list[Gdp]:
    """One entry a country. Raises ValueError with the reason when the list is not whole."""
    found: list[Gdp] = []
    for row in _rows(body):
        code, year, value = row.get("countryiso3code"), row.get("date"), row.get("value")
        if not isinstance(code, str) or code not in names or not isinstance(value, Decimal):
            continue
        if not isinstance(year, str) or not year.isdecimal() or value <= 0:
            continue
        if int(year) >= origin.fetched_at.year:
            raise ValueError(f"it gives a product of {year}, which is not over")
        found.append(Gdp(code, names[code], int(year), value, origin.fetched_at.date(), origin))
    if len(found) < FEWEST:
        raise ValueError(f"it gives the product of {len(found)} countries only")
    return found


def _rows(body: bytes) -> list[dict[str, object]]:
    """The second element of a page; errors come with status 200 and one element."""
    try:
        page: object = json.loads(body, parse_float=Decimal, parse_int=Decimal)
    except ValueError as error:
        raise ValueError("it is not JSON") from error
    if not isinstance(page, list) or len(page) != 2 or not isinstance(page[1], list):
        raise ValueError("it is not a page of figures")
    if isinstance(page[0], dict) and page[0].get("pages") not in (1, "1", Decimal(1)):
        raise ValueError("it does not fit on one page any more")
    return [row for row in page[1] if isinstance(row, dict)]
