"""Facts entered by hand: who may, what is kept, and that they count from the next look on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from alerts.sources.facts import shipped_facts
from alerts.sources.ledger import FactLedger
from alerts.watch import Watch
from bot.commands import Request
from bot.fact_desk import BadTable, fact_keys, import_table, unit_of
from bot.operators import is_operator
from tests.bot.conftest import NOW, Talk

HEADER = "key,value,date,source_url,entered_by,review_after,note\n"
URL = "https://example.org/news"


async def look(talk: Talk) -> None:
    """The next look of a watch that knows the ledger."""
    talk.clock.set(talk.clock.now() + timedelta(minutes=15))
    ledger = FactLedger(talk.services.database)
    background = await talk.watch.evidence()
    watch = Watch(
        talk.services.database, talk.services.indicators, (ledger,), background, talk.clock,
        tells_staleness=False,
    )  # fmt: skip
    await watch.tick()
    talk.services = replace(talk.services, evidence=watch)


def by(talk: Talk, platform: str, user: str) -> Request:
    return replace(
        talk.request, place=replace(talk.request.place, platform=platform), user=user, name="Ada"
    )


async def valuation(talk: Talk) -> Decimal:
    shown: Any = (await talk("show openai_valuation")).data
    return Decimal(shown["value"])


async def test_a_fact_counts_from_the_next_look_on(talk: Talk) -> None:
    said = await talk.text(f"fact add openai_valuation 830B on 2025-11-28 from {URL} note “round”")
    assert "Entered: openai_valuation $830.00B of 28 Nov 2025" in said
    assert "27 May 2026" in said
    assert await valuation(talk) == Decimal("5e11")
    await look(talk)
    assert await valuation(talk) == Decimal("8.3e11")


async def test_a_retired_fact_counts_no_more_and_is_kept_with_who_and_when(talk: Talk) -> None:
    await talk.text(f"fact add openai_valuation 830B on 2025-11-28 from {URL}")
    await look(talk)
    assert "Retired" in await talk.text("fact retire openai_valuation on 2025-11-28")
    await look(talk)
    listed = await talk.text("fact list openai_valuation")
    assert "retired by terminal:someone on 29 Nov 2025" in listed
    assert "There is no such fact" in await talk.refusal(
        "fact retire openai_valuation on 2025-11-28"
    )


async def test_a_fact_that_travels_along_can_be_retired_too(talk: Talk) -> None:
    await talk.text("fact retire policy_events on 2025-11-24")
    assert "retired by" in await talk.text("fact list policy_events")
    await look(talk)
    shown = await talk.text("fact list")
    assert "policy_events" not in shown


async def test_one_of_several_on_a_day_is_named_by_its_note(talk: Talk) -> None:
    line = f"fact add deal_ledger 1B on 2025-11-20 from {URL} note"
    await talk.text(f"{line} “Ann, Bob”")
    said = await talk.text(f"{line} “Cyd, Dan”")
    assert "Of the same day there is also: deal_ledger $1.00B" in said
    assert "There are 2 of that day" in await talk.refusal("fact retire deal_ledger on 2025-11-20")
    await talk.text("fact retire deal_ledger on 2025-11-20 about Cyd")
    standing: Any = (await talk("fact list deal_ledger")).data
    retired = {one["note"]: one["retired_by"] for one in standing if one["date"] == "2025-11-20"}
    assert retired == {"Ann, Bob": None, "Cyd, Dan": "terminal:someone"}


async def test_a_correction_takes_the_place_of_the_one_of_that_day(talk: Talk) -> None:
    await talk.text(f"fact add openai_valuation 800B on 2025-11-28 from {URL}/a")
    said = await talk.text(f"fact add openai_valuation 830B on 2025-11-28 from {URL}/b instead")
    assert "Retired: openai_valuation $800.00B" in said
    await look(talk)
    assert await valuation(talk) == Decimal("8.3e11")


async def test_only_operators_enter_and_retire_but_everyone_may_read(talk: Talk) -> None:
    talk.request = by(talk, "discord", "42")
    refused = await talk.refusal(f"fact add ai_adoption 90% on 2025-11-28 from {URL}")
    assert "You are discord:42" in refused
    assert "operators" in await talk.refusal("fact retire policy_events on 2025-11-24")
    assert "openai_valuation" in await talk.text("fact list")
    talk.services = replace(talk.services, operators=frozenset({"discord:42"}))
    await talk.text(f"fact add ai_adoption 90% on 2025-11-28 from {URL}")
    assert "Ada (discord:42)" in await talk.text("fact list ai_adoption")
    assert not is_operator(by(talk, "slack", "42"), talk.services)


async def test_a_fact_past_its_review_is_shown_as_old(talk: Talk) -> None:
    assert ", old" not in await talk.text("fact list openai_expected_revenue")
    talk.clock.set(NOW + timedelta(days=300))
    assert "29 Mar 2026, old" in await talk.text("fact list openai_expected_revenue")
    await talk.watch.tick(())
    shown = await talk.text("show openai_commitments_to_revenue")
    assert "Old: a fact in it was to be looked at again after 29 Mar 2026" in shown


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (f"openai_valution 1B on 2025-11-28 from {URL}", "did you mean openai_valuation"),
        (f"zzz 1B on 2025-11-28 from {URL}", "These are: ai_adoption"),
        (f"openai_valuation 80% on 2025-11-28 from {URL}", "is in dollars"),
        (f"ai_adoption 5B on 2025-11-28 from {URL}", "is in percent"),
        (f"ai_adoption 90% on 2031-01-01 from {URL}", "still to come"),
        ("ai_adoption 90% on 2025-11-28 from example.org", "https address"),
        (f"ai_adoption 90% on 2025-11-28 from {URL} review 2025-01-01", "review must come after"),
        ("ai_adoption 90% on 2025-11-28", "“from SOURCE” is missing"),
    ],
)
async def test_what_is_no_fact_is_refused_in_one_sentence(talk: Talk, line: str, why: str) -> None:
    assert why in await talk.refusal(f"fact add {line}")


async def test_a_table_is_imported_whole(talk: Talk) -> None:
    table = (
        f"{HEADER}ai_adoption,0.9,2025-11-20,{URL},Ada,2026-11-20,survey\n"
        f'deal_ledger,5000000000,2025-11-21,{URL},Ada,2026-11-20,"Ann, Bob"\n'
    )
    assert len(await import_table(talk.services, table)) == 2
    assert await import_table(talk.services, table) == []
    assert "Ann, Bob" in await talk.text("fact list deal_ledger")


async def test_a_table_with_mistakes_is_refused_line_by_line_and_nothing_is_entered(
    talk: Talk,
) -> None:
    table = (
        f"{HEADER}ai_adoption,0.9,2025-11-20,{URL},Ada,2026-11-20,fine\n"
        f"ai_adopton,0.9,2025-11-20,{URL},Ada,2026-11-20,\n"
        f"ai_adoption,many,2025-11-20,{URL},Ada,2026-11-20,\n"
        f"ai_adoption,0.9,tomorrow,{URL},Ada,2026-11-20,\n"
        f"ai_adoption,0.9,2031-01-01,{URL},Ada,2032-11-20,\n"
        "ai_adoption,0.9,2025-11-20,ftp://x,Ada,2026-11-20,\n"
    )
    with pytest.raises(BadTable) as refused:
        await import_table(talk.services, table)
    assert [reason.partition(":")[0] for reason in refused.value.reasons] == [
        "line 3", "line 4", "line 5", "line 6", "line 7",
    ]  # fmt: skip
    assert "is it ai_adoption?" in refused.value.reasons[0]
    assert "fine" not in await talk.text("fact list ai_adoption")
    with pytest.raises(BadTable, match=r"no column .*value"):
        await import_table(talk.services, "key,date\nai_adoption,2025-11-20\n")


async def test_every_fact_has_a_unit_in_which_its_shipped_values_make_sense(talk: Talk) -> None:
    indicators = talk.services.indicators
    keys = fact_keys(indicators)
    assert set(shipped_facts()) <= set(keys)
    for key in keys:
        unit = unit_of(key, indicators)
        for fact in shipped_facts()[key].facts if key in shipped_facts() else ():
            dollars = fact.value >= 10**6
            assert (unit.value == "usd") == dollars, (key, fact.value)
