"""`show … on DAY`: what was signed on that day, and nothing that the guard held (R3)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from alerts.evidence import Answer, Evidence, ListedCap, ListedCaps, Need, Origin, listed_caps
from alerts.market_hours import closing_bell
from alerts.sources import Collected
from alerts.watch import Watch
from tests.bot.conftest import Talk

NVIDIA = listed_caps("NVDA")
MONDAY = date(2025, 12, 1)


class AnExchangesList:
    """It gives Nvidia ten times its worth."""

    name = "screener"

    def __init__(self, usd: str, now: datetime) -> None:
        self._usd, self._now = Decimal(usd), now

    def supplies(self, need: Need[Answer]) -> bool:
        return need == NVIDIA

    async def collect(self, needs: Collection[Need[Answer]], known: Evidence) -> Collected:
        origin = Origin("screener", "https://www.nasdaq.com/", self._now)
        cap = ListedCap(MONDAY, closing_bell(MONDAY), self._usd, origin)
        return Collected(Evidence({NVIDIA: ListedCaps((cap,))}))

    async def close(self) -> None:
        """Nothing is held open."""


async def test_a_jump_that_is_held_is_not_what_was_known_on_its_day(talk: Talk) -> None:
    talk.clock.set(closing_bell(MONDAY).replace(hour=22))
    source = AnExchangesList("43e12", talk.clock.now())
    watch = Watch(
        talk.services.database, talk.services.indicators, (source,), await talk.watch.evidence(),
        talk.clock, tells_staleness=False,
    )  # fmt: skip
    await watch.tick()
    talk.services = replace(talk.services, evidence=watch)
    data: Any = (await talk("show nvda on 2025-12-01")).data
    assert Decimal(data["value"]) == Decimal("4301100000000")
    assert "Held back: $43.00T of 1 Dec 2025" in await talk.text("show nvda on 2025-12-01")
