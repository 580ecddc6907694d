"""What one observation costs that crosses 100 lines among many stored rules.

Run alone: `python -m benchmarks.rules`. Goal: the evaluation within 5 ms on SQLite, and among a
million rules no more than 1.5 times the time among ten thousand. *Evaluation* is: compute the
measure, find the rules that it moves, move them, write them back. Beside it stands the whole
transaction: store the observation, evaluate, record a hundred alerts and deliveries, commit.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from sqlalchemy import text

from alerts.evaluate import News, evaluate
from alerts.indicators import catalogue
from alerts.measures import VALUE
from alerts.quantity import Unit
from alerts.reading import Reading, Status
from alerts.store import observations, rules, schema, telling
from alerts.store.database import Database, sqlite_url

CROSSED = 100
RUNS = 25
INDICATOR = catalogue()["nvidia_market_cap"]
START = datetime(2025, 11, 3, 21, 0, tzinfo=UTC)
LOW, HIGH = Decimal(1) * 10**12, Decimal(5) * 10**12


async def _fill(database: Database, stored: int) -> None:
    """A hundred lines between the low and the high value, all others far above both."""
    async with database.write() as connection:
        measure = await rules.measure_of(connection, INDICATOR.key, VALUE, Unit.USD)
        await connection.execute(
            text(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :places)"
                " INSERT INTO destination (id, platform, workspace, channel, language, timezone,"
                " created_at) SELECT i, 'terminal', 'bench', 'channel ' || i, 'en', 'UTC', :now"
                " FROM n"
            ),
            {"places": max(CROSSED, stored // 10), "now": "2025-11-01 00:00:00.000000"},
        )
        await connection.execute(
            text(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :stored)"
                " INSERT INTO rule (id, destination_id, number, measure_id, level, created_by,"
                " created_at, paused, direction, line, rearm, hold_seconds, once,"
                " cooldown_seconds, state, primed, held_back, recent)"
                " SELECT i, 1 + i % :places, i, :measure, 'watch', 'bench', :now, 0, 'above',"
                " CASE WHEN i <= :crossed THEN 20000000000000000 + i * 1000"
                " ELSE 60000000000000000 + i * 1000 END,"
                " CASE WHEN i <= :crossed THEN 15000000000000000 ELSE 50000000000000000 END,"
                " 0, 0, 0, 'armed', 1, 0, '[]' FROM n"
            ),
            {
                "stored": stored,
                "places": max(CROSSED, stored // 10),
                "measure": measure.id,
                "crossed": CROSSED,
                "now": "2025-11-01 00:00:00.000000",
            },
        )
    async with database.write() as connection:
        await connection.execute(text("ANALYZE"))


async def _observe(database: Database, value: Decimal, at: datetime) -> tuple[float, float, int]:
    """(seconds of the evaluation, of the whole transaction, alerts) of one observation."""
    reading = Reading(
        INDICATOR.key,
        value,
        Unit.USD,
        at,
        at.date(),
        "bench",
        "",
        at,
        Status.CONFIRMED,
        "",
    )
    began = time.perf_counter()
    async with database.write() as connection:
        stored = await observations.append(connection, [(reading, 1, False)])
        news = [News(stored[0], None, True)]
        evaluating = time.perf_counter()
        alerts = await evaluate(connection, INDICATOR, news, at, at)
        evaluated = time.perf_counter() - evaluating
        await telling.enqueue(connection, alerts, at, at - timedelta(days=1))
    return evaluated, time.perf_counter() - began, len(alerts)


async def measure(stored: int) -> tuple[float, float]:
    """Median milliseconds (evaluation, whole) of a crossing among `stored` rules."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(sqlite_url(Path(folder) / "bench.db"))
        try:
            await schema.upgrade(database)
            await _fill(database, stored)
            evaluation, whole = [], []
            at = START
            for run in range(RUNS + 3):
                # Two days apart, so that the rules do not count as flapping.
                evaluated, taken, fired = await _observe(database, HIGH, at)
                _, _, cleared = await _observe(database, LOW, at + timedelta(days=1))
                if (fired, cleared) != (CROSSED, CROSSED):
                    raise RuntimeError(f"{fired} fired and {cleared} cleared, not {CROSSED}")
                if run >= 3:
                    evaluation.append(evaluated)
                    whole.append(taken)
                at += timedelta(days=2)
        finally:
            await database.close()
    return statistics.median(evaluation) * 1000, statistics.median(whole) * 1000


def main() -> None:
    few, many = (asyncio.run(measure(stored)) for stored in (10_000, 1_000_000))
    title = f"one observation crossing {CROSSED} lines, median of {RUNS}"
    print(f"{title:52} evaluation      goal   whole transaction")
    print(f"{'among 10 000 stored rules':52} {few[0]:7.1f} ms  <= 5 ms        {few[1]:7.1f} ms")
    print(
        f"{'among 1 000 000 stored rules':52} {many[0]:7.1f} ms  <= 5 ms        {many[1]:7.1f} ms"
    )
    alone, whole = many[0] / few[0], many[1] / few[1]
    print(f"{'a million against ten thousand':52} {alone:7.2f} x    <= 1.5 x       {whole:7.2f} x")


if __name__ == "__main__":
    main()
