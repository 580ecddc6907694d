"""The real command, as the tests of the service start it."""

from tests.service.conftest import data, start, started_once

__all__ = ["data", "start", "started_once"]
