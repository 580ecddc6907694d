"""What is kept of a database is never older than the database."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from alerts.store import destinations
from alerts.store.database import Database
from alerts.store.destinations import Place
from alerts.store.kept import MOST

HOME = Place("discord", "1", "2")
NOW = datetime(2025, 11, 18, 21, 0, tzinfo=UTC)

pytestmark = pytest.mark.both_databases


class Language:
    """The language of a place, and how often it was read."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.reads = 0
        self.given: list[str | None] = []

    async def now(self) -> str:
        return await self._database.kept.get("language", self._find)

    async def _find(self, before: str | None) -> str:
        self.reads += 1
        self.given.append(before)
        async with self._database.read() as connection:
            found = await destinations.find(connection, HOME)
        return "none" if found is None else found.language


async def _say(database: Database, language: str) -> None:
    async with database.write() as connection:
        home = await destinations.find_or_make(connection, HOME, NOW)
        await destinations.set_language(connection, home.id, language)


async def test_while_nothing_is_committed_nothing_is_read_again(database: Database) -> None:
    await _say(database, "zh_Hant")
    language = Language(database)
    assert [await language.now() for _ in range(3)] == ["zh_Hant"] * 3
    assert language.reads == 1


async def test_what_was_committed_a_moment_ago_is_seen(database: Database) -> None:
    language = Language(database)
    assert await language.now() == "none"
    for wanted in ("en", "zh_Hans", "zh_Hant", "en"):
        await _say(database, wanted)
        assert await language.now() == wanted


async def test_what_another_process_commits_is_seen(database: Database) -> None:
    language = Language(database)
    assert await language.now() == "none"
    other = Database(database.url.render_as_string(hide_password=False))
    try:
        await _say(other, "zh_Hans")
        assert await language.now() == "zh_Hans"
    finally:
        await other.close()


async def test_who_finds_anew_is_given_what_was_found_before(database: Database) -> None:
    language = Language(database)
    await language.now()
    await _say(database, "zh_Hans")
    await language.now()
    assert language.given == [None, "none"]


async def test_what_is_committed_while_something_is_found_is_found_next_time(
    database: Database,
) -> None:
    """The value was read before the commit and is kept after it: it must not count as new."""
    read, go_on = asyncio.Event(), asyncio.Event()

    async def slowly(_: str | None) -> str:
        async with database.read() as connection:
            found = await destinations.find(connection, HOME)
        if not go_on.is_set():
            read.set()
            await go_on.wait()
        return "none" if found is None else found.language

    first = asyncio.create_task(database.kept.get("language", slowly))
    await read.wait()
    await _say(database, "zh_Hant")
    go_on.set()
    assert await first == "none"
    assert await database.kept.get("language", slowly) == "zh_Hant"


async def test_those_who_ask_at_once_wait_for_one_of_them(database: Database) -> None:
    language = Language(database)
    assert await asyncio.gather(*(language.now() for _ in range(20))) == ["none"] * 20
    assert language.reads == 1


async def test_who_cannot_find_it_leaves_it_to_the_next(database: Database) -> None:
    async def fails(_: str | None) -> str:
        raise LookupError("not there")

    async def finds(_: str | None) -> str:
        return "there"

    with pytest.raises(LookupError):
        await database.kept.get("language", fails)
    assert await database.kept.get("language", finds) == "there"


async def test_only_so_much_is_kept(database: Database) -> None:
    async def find(_: int | None) -> int:
        return 1

    for number in range(MOST + 10):
        await database.kept.get(number, find)
    assert len(database.kept) == MOST
