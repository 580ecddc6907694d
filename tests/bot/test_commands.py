"""What people can say to a place, and what comes back."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any, NoReturn

import pytest

from alerts.clock import SetClock
from alerts.evidence import Evidence
from alerts.indicators import Section
from alerts.outbox import Outbox
from alerts.platform import Message
from alerts.sources.record import Record
from alerts.watch import Watch
from bot.commands import commands
from bot.compose import Composer
from bot.platforms.terminal import plain_text
from bot.replay import PastSource
from tests.bot.conftest import NOW, Talk


class Board:
    """A platform that only remembers."""

    name = "terminal"

    def __init__(self, compose: Composer) -> None:
        self.compose = compose
        self.messages: list[str] = []

    async def post(self, message: Message) -> str:
        self.messages.append(plain_text(await self.compose(message)))
        return message.nonce

    async def find(self, message: Message) -> str | None:
        return None


async def play_on(talk: Talk, days: int) -> list[str]:
    """Everything that is told here while the record goes on for some days."""
    clock: SetClock = talk.clock
    source = PastSource(Record().evidence, clock)
    indicators = talk.services.indicators
    watch = Watch(
        talk.services.database, indicators, (source,), Evidence(), clock, tells_staleness=False
    )
    board = Board(Composer(talk.services.database, indicators, clock))
    outbox = Outbox(talk.services.database, {board.name: board}, clock, Random(0))
    for _ in range(days):
        clock.set(clock.now() + timedelta(days=1))
        await watch.tick()
        await outbox.drain()
    return board.messages


async def test_the_board_shows_every_indicator_with_value_line_age_and_source(talk: Talk) -> None:
    board = await talk.text("status")
    parts = [await talk.text(f"status {section.value}") for section in Section]
    for indicator in talk.services.indicators.values():
        # What one company adds to a sum stands in the part of the board that has the sum.
        assert indicator.names.en in board or "." in indicator.key
        assert any(indicator.names.en in part for part in parts)
    assert "figures of single companies stand in the parts of the board" in board
    assert "$4.30T" in board
    assert "≥ $5.00T, 16.2% off" in board
    assert "record" in board
    data: Any = (await talk("status")).data
    assert {row["indicator"] for row in data} == set(talk.services.indicators)
    oracle = next(row for row in data if row["indicator"] == "oracle_debt")
    assert Decimal(oracle["value"]) == 95_332_000_000


async def test_an_indicator_is_shown_with_parts_views_dates_sources_and_caveat(talk: Talk) -> None:
    shown = await talk.text("show hyperscaler_debt")
    for words in ("$245.28B", "without leases", "$318.59B", "$481.28B", "ORCL", "$91.32B"):
        assert words in shown
    assert "https://data.sec.gov/api/xbrl/companyfacts/" in shown
    assert "But: " in shown
    data: Any = (await talk("show hyperscaler_debt")).data
    assert sum(Decimal(part["value"]) for part in data["parts"]) == Decimal(data["value"])


async def test_as_of_a_date_only_what_was_filed_by_then_is_known(talk: Talk) -> None:
    data: Any = (await talk("show oracle_debt on 2025-09-09")).data
    assert data["period_end"] == "2025-05-31"
    data = (await talk("show oracle_debt on 2025-09-10")).data
    assert data["period_end"] == "2025-08-31"


async def test_what_was_known_on_a_day_is_what_was_signed_on_that_day(talk: Talk) -> None:
    """An estimate of 28 November does not take the place of the fund's own file of the 18th."""
    reply = await talk("show top5_weight on 2025-11-28")
    data: Any = reply.data
    assert (data["value"], data["status"]) == ("0.3042", "confirmed")
    assert "Held back: 29.85% of 28 Nov 2025" in await talk.text("show top5_weight on 2025-11-28")


async def test_a_preset_says_what_is_already_beyond_and_when_it_will_speak(talk: Talk) -> None:
    talk.clock.set(NOW.replace(day=3, hour=22))
    await talk.text("subscribe article")
    listed = await talk.text("alert list")
    assert "Nvidia market cap ≥ $5.00T" in listed
    refused = await talk.refusal("subscribe article")
    assert "has “article” already; nothing was changed" in refused


async def test_a_rule_that_is_already_beyond_says_so_and_starts_fired(talk: Talk) -> None:
    said = await talk.text("alert add alphabet above 3.5T")
    assert "It is already there: $3.86T" in said
    assert "when it falls below $3.43T" in said
    data: Any = (await talk("alert list")).data
    assert data[0]["state"] == "fired"


async def test_an_old_value_does_not_decide_which_side_a_new_rule_starts_on(talk: Talk) -> None:
    talk.clock.set(NOW + timedelta(days=30))
    assert "No fresh value is known yet" in await talk.text("alert add alphabet above 3.5T")


async def test_a_window_without_history_is_said(talk: Talk) -> None:
    said = await talk.text("alert add top5 percentile 1y above 95")
    assert "not enough history for that window" in said


async def test_a_rule_can_be_shown_paused_resumed_and_removed(talk: Talk) -> None:
    await talk.text('alert add nvda above 5.5T for 3d once remind 7d note "hot"')
    shown = await talk.text("alert show 1")
    for words in ("hold: 3 d", "repeats: once", "reminds every: 7 d", "note: hot"):
        assert words in shown
    assert "Paused" in await talk.text("alert pause 1")
    assert "paused; nothing was changed" in await talk.refusal("alert pause 1")
    assert "I will speak when it reaches $5.50T" in await talk.text("alert resume 1")
    assert "Its history stays" in await talk.text("alert remove 1")
    assert "There is no rule 1 here" in await talk.refusal("alert show 1")


async def test_a_test_message_is_marked_and_stores_nothing(talk: Talk) -> None:
    await talk.text("alert add nvda above 5.5T")
    before = await talk.everything()
    said = await talk.text("alert test 1")
    assert "Nothing has happened" in said
    assert "has reached $5.50T, at or above $5.50T" in said
    assert await talk.everything() == before


async def test_every_example_in_the_help_is_understood(talk: Talk) -> None:
    talk.clock.set(NOW + timedelta(days=2))
    await talk.text("alert add nvda above 5.5T")
    for command in commands().values():
        for example in command.examples:
            await talk.text("settings language en")
            reply = await talk(example)
            refused = plain_text(reply)
            # What is not there cannot be changed; it is understood all the same.
            assert reply.ok or re.search("here|already|is on|of a channel|Nothing", refused), (
                example,
                refused,
            )


async def test_help_lists_every_command(talk: Talk) -> None:
    listed = await talk.text("help")
    for path in commands():
        assert "/bubble " + " ".join(path) in listed
    assert "/bubble alert add INDICATOR" in await talk.text("help alert add")


async def test_what_happened_is_told_with_value_line_date_and_source_and_kept(talk: Talk) -> None:
    talk.clock.set(NOW.replace(month=10, day=27, hour=22))
    await talk.text("alert add nvda above 5T")
    # The place was made when 28 November was known; the record is played from before that.
    async with talk.services.database.write() as connection:
        for table in ("observation", "indicator"):
            await connection.exec_driver_sql("UPDATE measure SET observation_id = NULL")
            await connection.exec_driver_sql(f"DELETE FROM {table}")
        await connection.exec_driver_sql("UPDATE rule SET state = 'armed', primed = 0")
    messages = await play_on(talk, 12)
    assert (
        "Nvidia market cap has reached $5.03T, at or above $5.00T, as of 29 Oct 2025."
        in (messages[0])
    )
    assert "from $4.89T on 28 Oct 2025" in messages[0]
    assert "source record" in messages[0]
    assert "is back below its line of $5.00T: $4.83T as of 4 Nov 2025." in messages[1]
    told = await talk.text("history")
    assert "has reached $5.03T" in told
    observed = await talk.text("history nvidia_market_cap last 3")
    assert observed.count("$") == 3


async def test_several_conditions_make_one_rule(talk: Talk) -> None:
    said = await talk.text(
        "alert any 2 of alphabet above 3.5T, top5 above 30%, nvda above 6T within 90d"
    )
    assert "any 2 of Alphabet market cap ≥ $3.50T; Top-5 weight in the S&P 500 ≥ 30.00%;" in said
    assert "Conditions met already: 2. I will speak when they are fewer than 2," in said
    data: Any = (await talk("alert list")).data
    assert data[0]["line"] == "2"
    assert data[0]["value"] == "2"


async def test_sources_tell_that_none_was_asked_yet(talk: Talk) -> None:
    assert "No source has been asked yet" in await talk.text("sources")


class BrokenClock(SetClock):
    def now(self) -> NoReturn:
        raise RuntimeError("the battery is empty")


async def test_a_command_that_fails_is_logged_without_what_was_said_in_it(
    talk: Talk, caplog: pytest.LogCaptureFixture
) -> None:
    talk.services = replace(talk.services, clock=BrokenClock(NOW))
    said = await talk.refusal('alert add nvda above 5.5T note "our own secret words"')
    assert said == "That failed, and nothing was changed. The reason is in the operator's log."
    assert "the command “alert add” failed" in caplog.text
    assert "the battery is empty" in caplog.text
    assert "secret" not in caplog.text
