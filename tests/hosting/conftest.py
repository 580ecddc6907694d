"""The real command, as the tests of the service start it."""

from tests.service.conftest import start

__all__ = ["start"]
