"""The database: made by migrations alone, private, and asked through its indexes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Select, event, text

from alerts.measures import VALUE
from alerts.quantity import Unit
from alerts.rules import Direction, Level, Rule, Seen, State, observe
from alerts.store import deliveries, destinations, rules, schema
from alerts.store.database import Database
from alerts.store.deliveries import queue
from alerts.store.destinations import Place

NOW = datetime(2025, 11, 3, 21, 0, tzinfo=UTC)


@pytest.mark.both_databases
async def test_the_migrations_make_exactly_what_the_models_say(database: Database) -> None:
    assert await schema.drift(database) == []


async def test_a_model_that_no_migration_knows_is_noticed(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(text("ALTER TABLE rule DROP COLUMN mention"))
        await connection.execute(text("DROP INDEX ix_rule_armed_above"))
    assert "mention" in str(await schema.drift(database))


@pytest.mark.both_databases
async def test_upgrading_twice_changes_nothing(database: Database) -> None:
    assert await schema.upgrade(database) == (schema.newest_revision(), schema.newest_revision())


def modes(folder: Path) -> set[int]:
    """The permissions of the database and of the files that SQLite puts beside it."""
    return {file.stat().st_mode & 0o777 for file in folder.glob("bubblewatch.db*")}


async def test_only_the_owner_may_read_the_file(database: Database, tmp_path: Path) -> None:
    async with database.write() as connection:
        await destinations.find_or_make(connection, Place("terminal", "w", "c"), NOW)
    assert modes(tmp_path) == {0o600}


async def test_sqlite_is_set_up_to_lose_nothing(database: Database) -> None:
    async with database.read() as connection:
        found = {
            name: (await connection.execute(text(f"PRAGMA {name}"))).scalar_one()
            for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        }
    assert found == {
        "journal_mode": "wal",
        "foreign_keys": 1,
        "synchronous": 2,
        "busy_timeout": 15_000,
    }


async def test_a_crossing_is_looked_up_in_indexes_and_never_by_reading_all_rules(
    database: Database,
) -> None:
    asked: list[tuple[str, object]] = []

    @event.listens_for(database.engine.sync_engine, "before_cursor_execute")
    def note(_: object, __: object, statement: str, parameters: object, *___: object) -> None:
        asked.append((statement, parameters))

    async with database.read() as connection:
        _ = [some async for some in rules.moved_by(connection, 1, 5_000, NOW)]
        await rules.woken_by(connection, NOW)
        looked_up = [entry for entry in asked if "FROM rule" in entry[0]]
        assert len(looked_up) == 2
        for statement, parameters in looked_up:
            plan = await connection.exec_driver_sql(
                f"EXPLAIN QUERY PLAN {statement}",
                parameters,  # type: ignore[arg-type]
            )
            steps = [str(tuple(row)[-1]) for row in plan]
            assert not [step for step in steps if step.startswith("SCAN rule")], steps
            for index in ("armed_above", "fired_below") if "armed" in statement else ():
                assert any(f"ix_rule_{index}" in step for step in steps), steps


@pytest.mark.parametrize("query", [queue.HEADS, queue.NEXT], ids=["claim", "next_due"])
async def test_the_outbox_reads_its_queue_in_the_order_of_an_index(
    database: Database, query: Select[Any]
) -> None:
    """Nothing is sorted, and no row is read that is not open on that platform."""
    given = {"of_platform": "discord", "now": NOW, "most": 200}
    asked = await plan(database, query, given)
    assert any("ix_delivery_open_due (platform=? AND due_at" in step for step in asked) or any(
        "ix_delivery_open_due (platform=?)" in step for step in asked
    ), asked
    assert any("ix_delivery_unsent_destination (destination_id=?" in step for step in asked), asked
    assert not [step for step in asked if "SCAN" in step or "TEMP B-TREE" in step], asked


async def plan(database: Database, query: Select[Any], given: Mapping[str, object]) -> list[str]:
    compiled = query.compile(dialect=database.engine.dialect)
    parameters = compiled.construct_params(given)
    values = tuple(
        value.replace(tzinfo=None).isoformat(" ") if isinstance(value, datetime) else value
        for value in (parameters[name] for name in compiled.positiontup or ())
    )
    async with database.read() as connection:
        rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", values)
        return [str(tuple(row)[-1]) for row in rows]


async def test_the_digests_that_are_due_and_the_pinned_boards_are_looked_up_in_indexes(
    database: Database,
) -> None:
    asked: list[tuple[str, Any]] = []

    @event.listens_for(database.engine.sync_engine, "before_cursor_execute")
    def note(_: object, __: object, statement: str, parameters: object, *___: object) -> None:
        asked.append((statement, parameters))

    async with database.write() as connection:
        await destinations.with_digest_due(connection, NOW)
        await deliveries.boards_changed(connection, NOW)
        for (statement, parameters), index in zip(
            [entry for entry in asked if "FROM destination" in entry[0]],
            ("ix_destination_digest_due_at", "ix_destination_board_id"),
            strict=True,
        ):
            rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            steps = [str(tuple(row)[-1]) for row in rows]
            assert any(index in step for step in steps), steps


lines = st.integers(-20, 20)


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    drawn=st.lists(
        st.tuples(
            st.sampled_from(Direction), lines, st.integers(0, 5), st.sampled_from(State),
            st.booleans(),
        ),
        min_size=1,
        max_size=12,
    ),
    value=st.integers(-25, 25),
)  # fmt: skip
async def test_every_rule_that_a_value_moves_is_found(
    database: Database,
    drawn: list[tuple[Direction, int, int, State, bool]],
    value: int,
) -> None:
    seen = Seen(value, NOW)
    async with database.engine.connect() as connection:
        place = await destinations.find_or_make(connection, Place("t", "w", "c"), NOW)
        measure = await rules.measure_of(connection, "it", VALUE, Unit.COUNT)
        should_move = set()
        for direction, line, back, state, primed in drawn:
            rearm = line - back if direction is Direction.ABOVE else line + back
            since = NOW if state is State.PENDING else None
            rule = Rule(direction, line, rearm, state=state, primed=primed, since=since)
            number = await destinations.add_rule(
                connection, place.id, measure, rule, NOW, level=Level.WATCH, created_by="someone"
            )
            if observe(rule, seen, NOW)[0] != rule:
                should_move.add(number)
        moving = rules.moved_by(connection, measure.id, value, NOW)
        found = [one async for some in moving for one in some]
        numbers = {one.id: one.number for one in await destinations.rules_of(connection, place.id)}
        assert should_move <= {numbers[one.id] for one in found}
        await connection.rollback()
