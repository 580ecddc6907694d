"""What the wire tests of all sources share."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TypeVar, TypeVarTuple

import anyio.to_thread
import pytest

from alerts.market_hours import MarketHours, compute_sessions

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


@pytest.fixture(scope="session")
def hours() -> MarketHours:
    """Two and a half years around the figures that the tests use."""
    with warnings.catch_warnings():
        # Of pandas, to exchange_calendars.
        warnings.simplefilter("ignore", DeprecationWarning)
        return MarketHours.from_json(compute_sessions(date(2024, 1, 2), date(2026, 12, 31)))


async def in_thread(work: Callable[[*Ts], T], *args: *Ts) -> T:
    """Stands in for the child process where the process is not what is tested."""
    return await anyio.to_thread.run_sync(work, *args, abandon_on_cancel=True)


def utc(text: str) -> datetime:
    """`2025-11-18 21:30` in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
