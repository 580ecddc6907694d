"""One server on one port: the pages, what programs read, and other parts' doors."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from bot.web import CannotListen, api, feed, health, metrics, page
from bot.web.guard import LARGEST_BODY, guard
from bot.web.site import Site

STOP_WITHIN_S = 3.0
KEEP_ALIVE_S = 20.0


def application(site: Site) -> web.Application:
    """The pages, and the platforms' doors, which answer as they like."""
    paths = [door.path for door in site.doors]
    app = web.Application(middlewares=[guard(paths)], client_max_size=LARGEST_BODY)
    for part in (page, feed, api, health, metrics):
        app.add_routes(part.routes(site))
    app.add_routes(site.doors)
    return app


@asynccontextmanager
async def listening(site: Site, port: int, host: str | None = None) -> AsyncIterator[int]:
    """Serve until the block ends; gives the port, because 0 takes a free one.

    `host`: on that address alone. Raises CannotListen.
    """
    runner = web.AppRunner(
        application(site),
        access_log=None,
        shutdown_timeout=STOP_WITHIN_S,
        keepalive_timeout=KEEP_ALIVE_S,
    )
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise CannotListen(
                f"Port {port} cannot be listened on ({error.strerror}). "
                "BUBBLEWATCH_PORT names another."
            ) from error
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()
