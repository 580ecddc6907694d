"""Nobody reads or changes what is another place's, and only those who may change anything."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from alerts.sources.record import Record
from alerts.store import destinations
from alerts.store.database import sqlite_url
from alerts.store.destinations import Place
from bot.answer import answer
from bot.commands import Command, ParamKind, Request, commands
from bot.platforms.terminal import plain_text
from bot.suggestions import suggestions
from tests.bot.conftest import NOW, Talk, talking

HOME = Place("slack", "T1", "C1")
SECRET = "our own secret words"


async def no() -> bool:
    return False


async def yes() -> bool:
    return True


def requests_from_elsewhere() -> Iterator[Request]:
    """Everything but the channel itself; in each of them the person may change things."""
    for place in (
        Place("slack", "T2", "C1"),
        Place("discord", "T1", "C1"),
        Place("slack", "T1", "C2"),
    ):
        yield Request(place, "stranger", permission=yes, permission_everywhere=no)
    yield Request(Place("slack", "T1", "stranger"), "stranger", direct=True)


def fields_for(command: Command) -> dict[str, str]:
    """Arguments that fit each parameter, aimed at the rule and the channel of another place."""
    values = {
        ParamKind.INDICATOR: "nvidia_market_cap",
        ParamKind.PRESET: "article",
        ParamKind.DIRECTION: "above",
        ParamKind.QUANTITY: "6T",
        ParamKind.DURATION: "1d",
        ParamKind.RULE: "1",
        ParamKind.RULES: "all",
        ParamKind.COUNT: "2",
        ParamKind.CHANNEL: "C1",
        ParamKind.LANGUAGE: "zh_Hant",
        ParamKind.TIMEZONE: "Asia/Taipei",
        ParamKind.LEVEL: "critical",
        ParamKind.MENTION: "S9",
    }
    fields = {p.name: values[p.kind] for p in command.params if p.kind in values}
    if command.path == ("alert", "any"):
        fields["conditions"] = "nvda below 4T, top5 above 33%"
    fields.pop("unsubscribe", None)
    return fields


async def kept_at_home(talk: Talk) -> list[object]:
    """Everything that belongs to the place at home, and the roles of its workspace."""
    async with talk.services.database.read() as connection:
        home = await destinations.find(connection, HOME)
        assert home is not None
        rules = await destinations.rules_of(connection, home.id)
        return [home, rules, await destinations.presets_of(connection, home.id)]


OWNER = Request(HOME, "owner", name="Owner")


@pytest.fixture(scope="session")
def lived_in(tmp_path_factory: pytest.TempPathFactory, observed: Path, record: Record) -> Path:
    """A database in which a place has lines of its own, made once and copied for each test."""
    path = Path(shutil.copy(observed, tmp_path_factory.mktemp("lived_in") / "bubblewatch.db"))

    async def live() -> None:
        async with talking(sqlite_url(path), record) as talk:
            talk.request = OWNER
            await talk.text(f'alert add nvda above 5.5T note "{SECRET}"')
            await talk.text("subscribe crack")
            await talk.text("settings managers S1 quiet 22:00-07:00")

    asyncio.run(live())
    return path


@pytest.fixture
async def home(tmp_path: Path, lived_in: Path, record: Record) -> AsyncIterator[Talk]:
    own = Path(shutil.copy(lived_in, tmp_path / "bubblewatch.db"))
    async with talking(sqlite_url(own), record) as talk:
        talk.request = OWNER
        yield talk


@pytest.mark.parametrize("path", sorted(commands()), ids=" ".join)
async def test_no_command_reads_or_changes_what_another_place_keeps(
    home: Talk, path: tuple[str, ...]
) -> None:
    before = await kept_at_home(home)
    command = commands()[path]
    for request in requests_from_elsewhere():
        for fields in (fields_for(command), {}):
            reply = await answer(home.services, request, " ".join(path), fields)
            assert SECRET not in plain_text(reply)
            assert SECRET not in str(reply.data)
            assert await kept_at_home(home) == before


async def test_no_suggestion_shows_what_another_place_keeps(home: Talk) -> None:
    for request in requests_from_elsewhere():
        for kind in ParamKind:
            found = await suggestions(home.services, request, kind, "")
            if kind in (ParamKind.RULE, ParamKind.RULES):
                assert found == ()
    assert await suggestions(home.services, home.request, ParamKind.RULE, "")


@pytest.mark.parametrize(
    "path", sorted(path for path, command in commands().items() if command.changes), ids=" ".join
)
async def test_a_command_that_changes_anything_is_only_for_those_who_may(
    home: Talk, path: tuple[str, ...]
) -> None:
    home.request = replace(home.request, permission=no)
    before = await home.everything()
    reply = await home(" ".join(path), fields_for(commands()[path]))
    assert "Only those who manage this place may change that." in plain_text(reply)
    assert await home.everything() == before


async def test_settings_are_for_everyone_to_read_and_only_for_some_to_change(home: Talk) -> None:
    home.request = replace(home.request, permission=no)
    assert "22:00-07:00" in await home.text("settings")
    for line in ("settings language zh_Hant", "settings subscribe heat", "settings managers off"):
        assert "Only those who manage this place" in await home.refusal(line)
    for asked in ("alert add", "alert edit 1", "settings"):
        refused = await home.asks(asked)
        assert refused is not None
        assert "Only those who manage this place" in refused


async def test_who_manages_one_channel_cannot_say_who_manages_them_all(home: Talk) -> None:
    home.request = replace(home.request, permission=yes, permission_everywhere=no)
    assert "the whole workspace" in await home.refusal("settings managers S2")
    await home.text("settings quiet off")


async def test_nobody_can_take_a_living_channels_lines_away_without_managing_it(
    home: Talk,
) -> None:
    other = Request(Place("slack", "T1", "C2"), "stranger", permission=yes)
    for request in (
        replace(other, permission_everywhere=no),
        Request(Place("slack", "T1", "stranger"), "stranger", direct=True),
    ):
        home.request = request
        assert "Only those who manage that channel" in await home.refusal("move C1")
    home.request = replace(other, permission_everywhere=yes)
    assert "Moved here from C1" in await home.text("move C1")


async def test_a_persons_own_lines_are_nobody_elses_even_in_the_same_workspace(talk: Talk) -> None:
    alone = Request(Place("slack", "T1", "U1"), "U1", direct=True)
    talk.request = alone
    await talk.text("alert add nvda above 5.5T")
    async with talk.services.database.write() as connection:
        kept = await destinations.find(connection, alone.place)
        assert kept is not None
        await destinations.set_off(connection, kept.id, "the conversation is closed")
    talk.request = Request(Place("slack", "T1", "C1"), "U2", permission=yes)
    assert "I keep nothing" in await talk.refusal("move U1")
    assert "none is lost" in await talk.refusal("move")
    talk.request = replace(talk.request, user="U1")
    assert "Moved here" in await talk.text("move U1")


async def test_what_is_not_known_of_a_place_is_not_made_by_reading(talk: Talk) -> None:
    before = await talk.everything()
    for path, command in commands().items():
        if not command.changes and not set(fields_for(command)) & {"language", "managers"}:
            await talk(" ".join(path), fields_for(command))
    await talk("settings")
    assert await talk.everything() == before
    assert talk.clock.now() == NOW
