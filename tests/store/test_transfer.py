"""What people made goes from one kind of database to the other and back, whole (issue 5)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alerts.rules import Direction
from alerts.store import conditions, credentials, destinations, rules, transfer
from alerts.store.conditions import NewCondition
from alerts.store.database import Database, sqlite_url
from alerts.store.destinations import Place
from bot.transfer import TransferRefused, export_to, import_from
from tests.alerts.world import HERE, START, World
from tests.conftest import migrate
from tests.databases import PostgresServer

SECRET = b"xoxb-sealed-and-yet-secret"


@pytest.fixture
def elsewhere(
    postgres: PostgresServer, migrated_postgres: str, database_kind: str, tmp_path: Path
) -> Iterator[str]:
    """A database of the other kind."""
    if database_kind == "postgresql":
        yield sqlite_url(tmp_path / "elsewhere.db")
    else:
        url = postgres.create(migrated_postgres)
        yield url
        postgres.drop(url)


async def furnished(database: Database) -> World:
    """Two places; a line that has fired, one that is snoozed, a group; a token."""
    world = World(database)
    await world.draw(100)
    await world.draw(50, place=Place("test", "server", "#there"))
    await world.see(1, 120)
    async with database.write() as connection:
        [measure] = await rules.measures(connection)
        home = await destinations.find(connection, HERE)
        assert home is not None
        await destinations.subscribe(connection, home.id, "article", START)
        member = NewCondition(measure.id, Direction.ABOVE, 90)
        await conditions.add(connection, 1, timedelta(days=90), [member])
        await credentials.save(connection, "slack", "T1", SECRET, START)
    return world


@pytest.mark.both_databases
async def test_an_export_arrives_whole_in_the_other_kind_of_database_and_comes_back(
    database: Database, elsewhere: str, tmp_path: Path
) -> None:
    world = await furnished(database)
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    counts = await export_to(first, database, START)
    assert counts["destination"] == 2
    assert counts["rule"] == 2
    assert counts["condition"] == 1

    await migrate(elsewhere)
    other = Database(elsewhere)
    try:
        assert await import_from(first, other, world.indicators) == counts
        await export_to(second, other, START)
        there = World(other)
        there.figures = world.figures
        assert (await there.rule(1)).state == (await world.rule(1)).state
        # Lines go on from where they stood, and new ones get the next number.
        async with other.write() as connection:
            await destinations.find_or_make(connection, Place("test", "server", "#new"), START)
    finally:
        await other.close()
    assert json.loads(first.read_text())["tables"] == json.loads(second.read_text())["tables"]


async def test_no_token_is_in_an_export_and_only_its_owner_may_read_it(
    database: Database, tmp_path: Path
) -> None:
    await furnished(database)
    file = tmp_path / "export.json"
    await export_to(file, database, START)
    assert SECRET not in file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600


async def test_an_export_overwrites_nothing(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "export.json"
    file.write_text("precious")
    with pytest.raises(TransferRefused, match="there already"):
        await export_to(file, database, START)
    assert file.read_text() == "precious"


async def test_nothing_is_imported_into_a_database_that_is_in_use(
    database: Database, tmp_path: Path
) -> None:
    world = await furnished(database)
    file = tmp_path / "export.json"
    counts = await export_to(file, database, START)
    with pytest.raises(TransferRefused, match="in use"):
        await import_from(file, database, world.indicators)
    async with database.read() as connection:
        assert await transfer.counts(connection) == counts


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda whole: whole["counts"].update(rule=7), "arrived"),
        (lambda whole: whole["tables"]["rule"][0].pop("line"), "other columns"),
        (lambda whole: whole["tables"]["rule"][0].update(state="asleep"), "another kind"),
        (lambda whole: whole["tables"].update(secrets=[]), "does not know"),
        (lambda whole: whole.update(version=9), "version 9"),
        (lambda whole: whole.update(format="something"), "not written by"),
    ],
    ids=["counts", "columns", "values", "tables", "version", "format"],
)
async def test_what_does_not_fit_changes_nothing(
    database: Database, tmp_path: Path, spoil: Callable[[dict[str, Any]], object], why: str
) -> None:
    world = await furnished(database)
    file, spoilt = tmp_path / "export.json", tmp_path / "spoilt.json"
    await export_to(file, database, START)
    whole = json.loads(file.read_text())
    spoil(whole)
    spoilt.write_text(json.dumps(whole))
    await migrate(sqlite_url(tmp_path / "new.db"))
    new = Database(sqlite_url(tmp_path / "new.db"))
    try:
        with pytest.raises(TransferRefused, match=why):
            await import_from(spoilt, new, world.indicators)
        async with new.read() as connection:
            assert set((await transfer.counts(connection)).values()) == {0}
    finally:
        await new.close()


async def test_half_a_file_is_refused(database: Database, tmp_path: Path) -> None:
    file = tmp_path / "export.json"
    await export_to(file, database, START)
    file.write_text(file.read_text()[:-40])
    with pytest.raises(TransferRefused, match="cut off"):
        await import_from(file, database, {})
