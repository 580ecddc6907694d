"""What all tests of the watch share: a migrated database and a clock that stands still."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings

from alerts.clock import SetClock
from alerts.store import schema
from alerts.store.database import Database, sqlite_url

# The same examples each time: a red build is red again on the next run.
settings.register_profile("alerts", deadline=None, derandomize=True, max_examples=100)
settings.load_profile("alerts")

MONDAY = datetime(2025, 11, 3, 21, tzinfo=UTC)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    made = Database(sqlite_url(tmp_path / "test.db"))
    await schema.upgrade(made)
    yield made
    await made.close()


@pytest.fixture
def clock() -> SetClock:
    return SetClock(MONDAY)
