"""A note is only ever text: it calls nobody, links nowhere it does not say, and fits.

Notes go the whole way here: drawn with a rule, told by the watch, posted to both platforms.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from unicodedata import category

import pytest

from bot.answer import answer
from bot.commands import Request
from bot.compose import Composer
from bot.platforms.terminal import plain_text
from tests.emulators.discord import pings_of
from tests.faults.both import Both, both

CALLS = (
    "@everyone @here",
    "<@&{guild}> <@{bot}> <#{channel}>",
    "<!channel> <!here|x> <!everyone> <!subteam^S1|x> <@U1>",
    "@\u200beveryone ＠everyone",
)
MARKUP = (
    "[your bank](https://evil.example) <https://evil.example|your bank>",
    "**b** __u__ ~~s~~ ||d|| `c` ```code``` # head\n> quote\n- list",
    "*b* _i_ ~s~ `c` :skull: <a:b:1> <t:1:R>",
    "\u202egnp.exe\u202c \u2066x\u2069 \u200f\u061c y\x00\x07\x1b[31mred",
)


@pytest.fixture
async def bureau(tmp_path: Path, migrated_file: Path) -> AsyncIterator[Both]:
    path = Path(shutil.copy(migrated_file, tmp_path / "bubblewatch.db"))
    async with both(path) as made:
        made.compose = Composer(made.database, made.indicators, made.clock)
        async with made.connected():
            yield made
        assert made.discord.violations == []
        assert made.slack.violations == []


async def tell(bureau: Both, note: str, name: str = "Ada") -> None:
    """Somebody draws a line with this note in every channel, and it is crossed."""
    await bureau.see(0, 90)
    for place in bureau.places:
        request = Request(place, "someone", name=name)
        fields = {"note": note, "indicator": "level", "direction": "above", "line": "100"}
        reply = await answer(bureau.services, request, "alert add", fields)
        assert reply.ok, plain_text(reply)
    await bureau.told_at(1, 105)


def posted(bureau: Both) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """On Discord, and on Slack."""
    here = [channel.latest() for channel in bureau.channels]
    return here, [room.messages[-1] for room in bureau.rooms]


@pytest.mark.parametrize("note", CALLS)
async def test_nobody_can_be_called_by_what_somebody_wrote(bureau: Both, note: str) -> None:
    first = bureau.channels[0]
    note = note.format(guild=bureau.guild.id, bot=bureau.discord.bot.id, channel=first.id)
    await tell(bureau, note)
    here, there = posted(bureau)
    assert [pings_of(message) for message in here] == [[], []]
    assert [message["_pings"] for message in there] == [[], []]


@pytest.mark.parametrize("note", MARKUP)
async def test_no_note_is_markup_or_a_link_under_another_name(bureau: Both, note: str) -> None:
    await tell(bureau, note)
    here, there = posted(bureau)
    for message in here:
        said = json.dumps(message["embeds"], ensure_ascii=False)
        assert "](https://evil" not in said.replace("\\\\](", "")
        for sign in ("**b**", "__u__", "||d||", "```code", "<t:1:R>", "<a:b:1>"):
            assert sign not in said
    for message in there:
        said = json.dumps(message["blocks"], ensure_ascii=False)
        assert "|your bank" not in said.replace("&gt;", "").replace("https://evil.example>|", "")
        for sign in ("*b*", "_i_", "~s~", "<t:1", "<a:b"):
            assert sign not in said
    for message in (*here, *there):
        assert not {c for c in _all_text(message) if category(c) in ("Cc", "Cf")} - {
            "\n",
            "\u2060",
        }, "nothing unseen, and nothing that turns the direction of writing"


def _all_text(node: object) -> str:
    if isinstance(node, dict):
        return "".join(_all_text(value) for value in node.values())
    if isinstance(node, list):
        return "".join(map(_all_text, node))
    return node if isinstance(node, str) else ""


async def test_a_note_that_is_too_long_is_refused_and_one_that_fits_is_posted(
    bureau: Both,
) -> None:
    request = Request(bureau.places[0], "someone")
    fields = {"indicator": "level", "direction": "above", "line": "100", "note": "x" * 501}
    await bureau.see(0, 90)
    reply = await answer(bureau.services, request, "alert add", fields)
    assert not reply.ok
    assert "500" in plain_text(reply)
    await tell(bureau, "長" * 500)
    here, there = posted(bureau)
    assert all("長" * 100 in _all_text(message) for message in (*here, *there))


@pytest.mark.parametrize(
    "field", ["note", "line", "indicator", "direction", "mention", "hold", "cooldown"]
)
async def test_any_field_of_endless_text_is_answered_with_a_sentence(
    bureau: Both, field: str
) -> None:
    fields = {"indicator": "level", "direction": "above", "line": "100"}
    fields[field] = "9" * 200_000
    reply = await answer(bureau.services, Request(bureau.places[0], "someone"), "alert add", fields)
    assert not reply.ok
    assert len(plain_text(reply)) < 1000
    assert "operator's log" not in plain_text(reply)


async def test_places_that_are_told_the_same_crossing_read_their_own_notes(bureau: Both) -> None:
    await bureau.see(0, 90)
    for place in bureau.places:
        request = Request(place, "someone")
        fields = {"indicator": "level", "direction": "above", "line": "100"}
        fields["note"] = f"for {place.channel} alone"
        reply = await answer(bureau.services, request, "alert add", fields)
        assert reply.ok, plain_text(reply)
    await bureau.told_at(1, 105)
    here, there = posted(bureau)
    for place, message in zip(bureau.places, (*here, *there), strict=True):
        said = _all_text(message)
        assert f"for {place.channel} alone" in said
        others = [other for other in bureau.places if other != place]
        assert not any(f"for {other.channel} alone" in said for other in others)


@pytest.mark.parametrize(
    "name", ["@everyone", "[x](https://evil.example)", "\u202eAda\nEve", "*A*"]
)
async def test_a_persons_name_is_only_text_where_others_read_it(bureau: Both, name: str) -> None:
    await tell(bureau, "a note")
    for place in bureau.places:
        request = Request(place, "someone", name=name)
        reply = await answer(bureau.services, request, "alert acknowledge 1")
        assert reply.ok, plain_text(reply)
    await bureau.outbox.drain()
    here, there = posted(bureau)
    assert [pings_of(message) for message in here] == [[], []]
    assert [message["_pings"] for message in there] == [[], []]
    for message in (*here, *there):
        said = _all_text(message)
        assert "\u202e" not in said
        assert "](https" not in said.replace("\\](", "").replace("\\]\\(", "")
        assert "\nEve" not in said


async def test_a_request_of_no_place_that_is_known_makes_none(bureau: Both) -> None:
    """Reading leaves nothing behind, whoever asks."""
    request = Request(replace(bureau.places[0], channel="C-unknown"), "someone")
    for line in ("alert list", "status", "help", "settings"):
        await answer(bureau.services, request, line)
    assert await bureau.alerts(request.place) == []
