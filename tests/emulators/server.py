"""What all emulators share: a local server in a thread of its own, that can be told to misbehave.

A thread with its own event loop, so that tests that block, tests that await, and real child
processes can all talk to it.
"""

from __future__ import annotations

import argparse
import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import ClassVar, Self

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it arrived."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class _Mischief:
    where: str
    times: int | None
    answer: Callable[[web.Request, Handler], Awaitable[web.StreamResponse]]
    after: int = 0


@dataclass
class Emulator:
    """A server on a free port of the loopback; a context manager that gives itself.

    Subclasses add their routes in `routes`, and set their data as plain attributes: assignment is
    atomic, so a test may change what is served between two requests.
    """

    largest_body: ClassVar[int] = 1024**2
    """In bytes; a larger one is answered with 413."""

    requests: list[Seen] = field(default_factory=list, init=False)
    url: str = field(default="", init=False)
    records: bool = field(default=True, init=False)
    """Off: nothing is kept of what passes by, for benches that send much."""

    def __post_init__(self) -> None:
        self._mischiefs: list[_Mischief] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended: asyncio.Event | None = None
        self._thread: threading.Thread | None = None
        self._failed: BaseException | None = None

    def routes(self) -> list[web.RouteDef]:
        raise NotImplementedError

    def paths(self, part: str = "") -> list[str]:
        """The paths asked for so far that contain `part`."""
        return [seen.path for seen in self.requests if part in seen.path]

    # -- misbehaviour: at paths that contain `where`, the next `times` times (None: from now on)

    def answer_with(
        self,
        status: int,
        body: str = "",
        *,
        content_type: str = "text/plain",
        headers: Mapping[str, str] | None = None,
        where: str = "",
        times: int | None = None,
        after: int = 0,
    ) -> None:
        """`after` so many true answers."""

        async def answer(_: web.Request, __: Handler) -> web.StreamResponse:
            return web.Response(
                status=status, text=body, content_type=content_type, headers=headers
            )

        self._mischiefs.append(_Mischief(where, times, answer, after))

    def answer_with_web_page(self, where: str = "", content_type: str = "text/html") -> None:
        page = "<!DOCTYPE html><html><body>We will be right back.</body></html>"
        self.answer_with(200, page, content_type=content_type, where=where)

    def hang(self, where: str = "", times: int | None = None) -> None:
        """Take the request and say nothing until the emulator ends."""

        async def answer(_: web.Request, __: Handler) -> web.StreamResponse:
            assert self._ended is not None
            await self._ended.wait()
            return web.Response(status=503)

        self._mischiefs.append(_Mischief(where, times, answer))

    def cut_off(self, where: str = "", times: int | None = None, *, keep: float = 0.5) -> None:
        """Serve only the first part of the true answer, as if that were all."""

        async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
            response = await handler(request)
            assert isinstance(response, web.Response)
            assert isinstance(response.body, bytes)
            response.body = response.body[: int(len(response.body) * keep)]
            return response

        self._mischiefs.append(_Mischief(where, times, answer))

    def behave(self) -> None:
        self._mischiefs.clear()

    # -- life

    def __enter__(self) -> Self:
        self.start(0)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self, port: int) -> None:
        ready = threading.Event()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(port, ready)), daemon=True
        )
        self._thread.start()
        if not ready.wait(10) or self._failed is not None:
            raise RuntimeError("the emulator did not start") from self._failed

    def stop(self) -> None:
        if self._loop is not None and self._ended is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._ended.set)
            self._thread.join(10)

    async def _serve(self, port: int, ready: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        application = web.Application(
            middlewares=[self._middleware()], client_max_size=self.largest_body
        )
        application.add_routes(self.routes())
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        try:
            await runner.setup()
            site = web.TCPSite(runner, "127.0.0.1", port)
            await site.start()
            host, bound = runner.addresses[0][:2]
            self.url = f"http://{host}:{bound}"
            ready.set()
            await self._ended.wait()
        except BaseException as error:
            self._failed = error
            raise
        finally:
            ready.set()
            await runner.cleanup()

    def _middleware(self) -> Middleware:
        @web.middleware
        async def record_and_misbehave(
            request: web.Request, handler: Handler
        ) -> web.StreamResponse:
            body = await request.read()
            if self.records:
                self.requests.append(
                    Seen(request.method, request.path, dict(request.query), request.headers, body)
                )
            for mischief in self._mischiefs:
                if mischief.where not in request.path or mischief.times == 0:
                    continue
                if mischief.after > 0:
                    mischief.after -= 1
                    continue
                if mischief.times is not None:
                    mischief.times -= 1
                return await mischief.answer(request, handler)
            return await handler(request)

        return record_and_misbehave


def serve_by_hand(emulator: Emulator, what: str) -> None:
    """`python -m tests.emulators.<name> --port 0`: print the address and serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description=what)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    port: int = parser.parse_args().port
    emulator.start(port)
    print(emulator.url, flush=True)
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        emulator.stop()
