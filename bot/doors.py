"""Doors to the outside: where platforms answer requests, all on the service's one port.

A platform opens its doors while it runs; the web server asks here before anything else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from aiohttp import web
from aiohttp.typedefs import Handler


class Doors:
    """What is open right now, by method and path."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], Handler] = {}

    @contextmanager
    def open(self, routes: Sequence[web.RouteDef]) -> Iterator[None]:
        """Answer these until the block ends. Paths are plain; raises ValueError for one in use."""
        mine = {(route.method, route.path): _handler(route) for route in routes}
        if taken := self._open.keys() & mine.keys():
            raise ValueError(f"these doors are open already: {sorted(taken)}")
        self._open |= mine
        try:
            yield
        finally:
            for way in mine:
                del self._open[way]

    def behind(self, request: web.Request) -> Handler | None:
        """Who answers this request; None when it is no platform's."""
        return self._open.get((request.method, request.path))


def _handler(route: web.RouteDef) -> Handler:
    if isinstance(route.handler, type):
        raise TypeError(f"{route.path}: a door is a function, not a class")
    return route.handler
