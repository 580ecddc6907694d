"""Indicators of one's own and tickers: defined, shown, watched, limited."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from alerts.evidence import Answer, Close, Evidence, Need, Origin, PriceHistory
from alerts.indicators import catalogue
from alerts.own.listing import Listing
from alerts.own.settings_file import SettingsFile
from alerts.sources import Collected
from alerts.store import alerts as alert_store
from alerts.store import destinations
from alerts.watch import Watch
from bot.commands import ParamKind
from bot.suggestions import suggestions
from bot.tickers import MOST
from tests.bot.conftest import Talk


class Prices:
    """A source that knows every symbol but one, and remembers what it was asked for."""

    name = "yahoo"

    def __init__(self, talk: Talk) -> None:
        self.price = Decimal(280)
        self.asked: set[str] = set()
        self._talk = talk

    def supplies(self, need: Need[Answer]) -> bool:
        return need.kind == "prices"

    async def collect(self, needs: Collection[Need[Answer]], known: Evidence) -> Collected:
        self.asked = {need.subject for need in needs}
        now = self._talk.clock.now()
        origin = Origin("yahoo", "https://finance.yahoo.com/quote/TSM", now)
        close = Close(now.date(), now, self.price, origin)
        nobody = {need: "Yahoo knows no such symbol" for need in needs if need.subject == "ZZZZ"}
        found: dict[Need[Answer], Answer] = {
            need: PriceHistory((close,))
            for need in needs
            if need not in nobody and need.subject == "TSM"
        }
        return Collected(Evidence(found), unmet=dict(nobody))

    async def close(self) -> None:
        """Nothing is held open."""


class Service:
    """The commands, and a watch that asks at each tick what is to be watched."""

    def __init__(self, talk: Talk, listing: Listing, prices: Prices, watch: Watch) -> None:
        self.talk = talk
        self.listing = listing
        self.prices = prices
        self.watch = watch

    async def look(self, days: float = 1 / 24) -> None:
        self.talk.clock.set(self.talk.clock.now() + timedelta(days=days))
        await self.watch.tick()


@pytest.fixture
async def service(talk: Talk, tmp_path: Path) -> Service:
    file = SettingsFile(tmp_path / "indicators.toml")
    listing = Listing(catalogue(), talk.services.database, talk.clock, file)
    prices = Prices(talk)
    watch = Watch(
        talk.services.database,
        await listing.renew(),
        (prices,),
        await talk.watch.evidence(),
        talk.clock,
        tells_staleness=False,
        renew=listing.renew,
    )
    talk.services = replace(talk.services, indicators=listing, evidence=watch)
    talk.watch = watch
    return Service(talk, listing, prices, watch)


async def test_a_definition_tells_its_value_at_once_and_is_watched_from_then_on(
    talk: Talk, service: Service
) -> None:
    said = await talk.text(
        "indicator define nvda_to_debt as nvidia_market_cap / hyperscaler_debt named Nvidia ÷ debt"
    )
    assert "It is 17.54×, as of 28 Nov 2025." in said
    await service.look()
    shown: Any = (await talk("show nvda_to_debt")).data
    assert shown["unit"] == "ratio"
    assert round(Decimal(shown["value"]), 2) == Decimal("17.54")
    assert "Nvidia ÷ debt" in await talk.text("status fundamentals")
    assert "would have spoken" in await talk.text("alert add nvda_to_debt above 20")


async def test_a_definition_that_means_nothing_is_refused_with_the_place(
    talk: Talk, service: Service
) -> None:
    for formula, why in (
        ("nvidia_market_cap * hyperscaler_debt", "dollars × dollars"),
        ("nvidia_market_cap + top5_weight", "cannot be added"),
        ("nvidia_market_cp / 2", "did you mean nvidia_market_cap? (at character 1)"),
        ("nvidia_market_cap / (2", "I cannot read on at"),
        ("nvidia_market_cap / exec(1)", "no function “exec”: sum, share, ratio"),
        ("mine / 2", "would stand on itself"),
        ("1 + 1", "no indicator in that formula"),
    ):
        assert why in await talk.refusal(f"indicator define mine as {formula}")
    assert "name of another indicator" in await talk.refusal(
        "indicator define capex as top5_weight"
    )
    assert "cannot be a name" in await talk.refusal("indicator define 7up as top5_weight")


async def test_only_operators_define_and_remove(talk: Talk, service: Service) -> None:
    talk.request = replace(
        talk.request, place=replace(talk.request.place, platform="slack"), user="U1"
    )
    assert "You are slack:U1" in await talk.refusal("indicator define mine as top5_weight * 2")
    assert "operators" in await talk.refusal("indicator remove mine")
    assert "Nobody has defined" in await talk.text("indicator list")
    talk.services = replace(talk.services, operators=frozenset({"slack:U1"}))
    await talk.text("indicator define mine as top5_weight * 2")
    assert "slack:U1" in await talk.text("indicator list")


async def test_what_is_used_is_not_removed_and_a_history_keeps_its_formula(
    talk: Talk, service: Service
) -> None:
    await talk.text("indicator define mine as top5_weight * 2")
    await talk.text("indicator define yours as mine / 2")
    assert "yours stands on it" in await talk.refusal("indicator remove mine")
    await talk.text("indicator remove yours")
    await talk.text("alert add mine above 90%")
    assert "1 lines look at it" in await talk.refusal("indicator remove mine")
    await talk.text("alert remove 1")
    await service.look()
    await talk.text("indicator remove mine")
    assert "There is no indicator" in await talk.refusal("show mine")
    assert "take a new name" in await talk.refusal("indicator define mine as top5_weight * 3")
    await talk.text("indicator define mine as top5_weight * 2")


async def test_a_file_defines_and_removes_too(talk: Talk, service: Service, tmp_path: Path) -> None:
    file = tmp_path / "indicators.toml"
    file.write_text(
        '[twice]\nformula = "top5_weight * 2"\nname = "Twice"\n'
        '[broken]\nformula = "top5_weight *"\n[empty]\n'
    )
    await service.look()
    assert "Twice" in await talk.text("show twice")
    listed = await talk.text("indicator list")
    assert "broken is not used: I cannot read on" in listed
    assert "empty is not used: it needs formula" in listed
    assert "stands in indicators.toml" in await talk.refusal("indicator remove twice")
    file.write_text("[twice")
    os.utime(file, (1, 1))
    await service.look()
    assert "twice" in service.listing
    assert "indicators.toml is not used" in await talk.text("indicator list")
    file.unlink()
    await service.look()
    assert "twice" not in service.listing


async def test_a_ticker_is_asked_for_at_the_next_look_and_then_shown(
    talk: Talk, service: Service
) -> None:
    said = await talk.text("show TSM")
    assert "TSM, last price has not been looked up yet" in said
    await service.look()
    assert "TSM" in service.prices.asked
    assert "$280.00" in await talk.text("show price(tsm)")
    assert "$280.00" in await talk.text("show $tsm")


async def test_a_symbol_alone_is_its_price_where_its_market_value_is_watched_too(
    talk: Talk, service: Service
) -> None:
    await talk.text("show price(TSM)")
    await talk.text("show market_cap(TSM)")
    await service.look()
    assert "$280.00" in await talk.text("show TSM")
    assert "$280.00" in await talk.text("show tsm")


async def test_a_line_on_a_ticker_is_watched_like_any_other(talk: Talk, service: Service) -> None:
    await talk.text("alert add price(TSM) above 300")
    await service.look()
    service.prices.price = Decimal(310)
    await service.look(1)
    async with talk.services.database.read() as connection:
        place = await destinations.find(connection, talk.request.place)
        assert place is not None
        (told,) = await alert_store.recent(connection, place.id, 10)
    assert (told.indicator, told.kind.value) == ("price(TSM)", "fired")
    assert "TSM, last price ≥ $300.00: fired" in await talk.text("show TSM")


async def test_a_symbol_that_nobody_knows_is_said(talk: Talk, service: Service) -> None:
    await talk.text("show ZZZZ")
    await service.look()
    assert "Yahoo knows no such symbol" in await talk.text("show ZZZZ")


async def test_a_slip_of_the_pen_is_no_ticker(talk: Talk, service: Service) -> None:
    assert "did you mean nvidia_market_cap" in await talk.refusal("show NVIDA")
    assert "There is no indicator" in await talk.refusal("show price(7203.T)")


async def named_here(talk: Talk) -> list[bool]:
    """Whether the board, the list of indicators and what is offered while typing name TSM."""
    offered = await suggestions(talk.services, talk.request, ParamKind.INDICATOR, "tsm")
    said = [await talk.text("status"), await talk.text("indicators"), str(offered)]
    return ["TSM" in one for one in said]


async def test_a_ticker_is_named_where_it_is_watched_and_nowhere_else(
    talk: Talk, service: Service
) -> None:
    await talk.text("alert any 1 of price(TSM) above 300, nvda above 6T")
    await service.look()
    assert await named_here(talk) == [True, True, True]
    here = talk.request
    talk.request = replace(here, place=replace(here.place, channel="elsewhere"))
    assert await named_here(talk) == [False, False, False]
    assert "TSM" not in await talk.refusal("show price(TS")
    assert "$280.00" in await talk.text("show TSM")
    talk.request = here
    await service.look(31)
    assert await named_here(talk) == [True, True, True]


async def test_a_doubted_price_is_told_where_it_is_watched_and_nowhere_else(
    talk: Talk, service: Service
) -> None:
    await talk.text("alert add price(TSM) above 300")
    await service.look(1)
    service.prices.price = Decimal(1)
    await service.look(1)
    assert "TSM, last price: $1.00" in await talk.text("sources")
    talk.request = replace(talk.request, place=replace(talk.request.place, channel="elsewhere"))
    assert "TSM" not in await talk.text("sources")


async def test_a_place_has_so_many_tickers_and_what_is_old_is_forgotten(
    talk: Talk, service: Service
) -> None:
    for n in range(MOST):
        await talk.text(f"show $a{chr(97 + n)}q")
    refused = await talk.refusal("alert add price(TSM) above 300")
    assert f"This place has {MOST} tickers" in refused
    await service.look()
    assert len(service.prices.asked & {f"A{chr(65 + n)}Q" for n in range(MOST)}) == MOST
    await service.look(31)
    assert "AAQ" not in service.prices.asked
    await talk.text("alert add price(TSM) above 300")


async def test_a_ticker_under_a_line_is_never_forgotten(talk: Talk, service: Service) -> None:
    await talk.text("alert add price(TSM) above 300")
    await service.look(100)
    assert "TSM" in service.prices.asked
    await talk.text("alert remove 1")
    await service.look()
    assert "TSM" not in service.prices.asked
