"""The real command, as the tests of the service start it."""

from tests.service.conftest import busy_yahoo, data, start, started_once

__all__ = ["busy_yahoo", "data", "start", "started_once"]
