"""A place to talk to, as the tests of the commands have it."""

from __future__ import annotations

from tests.bot.conftest import observed, observed_postgres, record, talk, talk_address

__all__ = ["observed", "observed_postgres", "record", "talk", "talk_address"]
