"""A place to talk to, as the tests of the commands have it."""

from __future__ import annotations

from tests.bot.conftest import observed, observed_postgres, record, talk, talk_address
from tests.service.conftest import data, start, started_once

__all__ = [
    "data",
    "observed",
    "observed_postgres",
    "record",
    "start",
    "started_once",
    "talk",
    "talk_address",
]
