"""Slack's HTTP door: events, commands and presses at one address, signed; and the installation."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response, to_bolt_request
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.platforms import PlatformRefused
from bot.platforms.slack.installs import INSTALL_PATH, REDIRECT_PATH

EVENTS_PATH = "/slack/events"

_Answer = Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]


def routes(app: AsyncApp, flow: AsyncOAuthFlow | None) -> list[web.RouteDef]:
    """For any aiohttp server. Bolt checks the signature of every event over the raw body."""
    found = [web.post(EVENTS_PATH, _through(app.async_dispatch))]
    if flow is not None:
        found += [
            web.get(INSTALL_PATH, _through(flow.handle_installation)),
            web.get(REDIRECT_PATH, _through(flow.handle_callback)),
        ]
    return found


async def serve(routes: list[web.RouteDef], port: int) -> None:
    """Until cancelled. Raises PlatformRefused when the port is not to be had."""
    application = web.Application()
    application.add_routes(routes)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=3.0)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, port=port).start()
        except OSError as error:
            raise PlatformRefused(
                f"Slack's HTTP mode cannot listen on port {port} ({error.strerror}). "
                "BUBBLEWATCH_PORT names another."
            ) from error
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


def _through(answer: _Answer) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        return await to_aiohttp_response(await answer(await to_bolt_request(request)))

    return handle
