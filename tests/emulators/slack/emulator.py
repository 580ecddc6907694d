"""The emulator: the server, the people in its workspaces, and what can be made to go wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.emulators.slack import hand
from tests.emulators.slack.doings import People
from tests.emulators.slack.socket_mode import Reason
from tests.emulators.slack.troubles import Trouble


@dataclass
class SlackEmulator(People):
    """See the package's docstring."""

    def routes(self) -> list[web.RouteDef]:
        return [*super().routes(), *hand.routes(self)]

    # -- what goes wrong; `times` None: from now on; `after` so many calls that go well

    def fail(
        self,
        method: str,
        error: str,
        *,
        team: str | None = None,
        channel: str | None = None,
        times: int | None = 1,
        after: int = 0,
        **more: Any,
    ) -> Trouble:
        """An answer with ok false; `more` is added to it."""
        return self.troubles.plan(
            Trouble("error", method, team, channel, times, after, error=error, more=more)
        )

    def limit(
        self,
        method: str,
        retry_after: int = 1,
        *,
        team: str | None = None,
        channel: str | None = None,
        times: int | None = 1,
        after: int = 0,
    ) -> Trouble:
        """A 429 that the app has not earned (not in `rates.count_429`)."""
        trouble = Trouble("limit", method, team, channel, times, after, retry_after=retry_after)
        return self.troubles.plan(trouble)

    def break_with(
        self, method: str, status: int = 503, *, times: int | None = 1, channel: str | None = None
    ) -> Trouble:
        return self.troubles.plan(
            Trouble("status", method, channel=channel, times=times, status=status)
        )

    def hang_on(self, method: str, *, times: int | None = 1, channel: str | None = None) -> Trouble:
        """The call is not taken and never answered."""
        return self.troubles.plan(Trouble("hang", method, channel=channel, times=times))

    def cut_after(
        self, method: str, *, times: int | None = 1, channel: str | None = None
    ) -> Trouble:
        """The call is done, and the connection dies before the answer."""
        return self.troubles.plan(Trouble("cut_after", method, channel=channel, times=times))

    def cut_before(
        self, method: str, *, times: int | None = 1, channel: str | None = None
    ) -> Trouble:
        """The connection dies, and the call was not done."""
        return self.troubles.plan(Trouble("cut_before", method, channel=channel, times=times))

    def behave(self) -> None:
        super().behave()
        self.troubles.clear()
        self.on_loop(self.sockets.hear_again)
        self.sockets.refuse(0, 0)

    # -- sockets

    async def disconnect(
        self, reason: Reason = "refresh_requested", *, close_after: float | None = None
    ) -> None:
        """Tell every socket. `close_after` None: `warning` leaves it open, the others close."""
        wait = close_after if close_after is not None or reason == "warning" else 0.2
        await self.there(self.sockets.disconnect(reason, wait))

    def drop_sockets(self) -> None:
        """As a cable that is pulled."""
        self.on_loop(self.sockets.drop)

    def go_deaf(self, *, also_new: bool = False) -> None:
        """The sockets stay open; nothing comes, nothing is heard, no pong (bolt-python#952)."""
        self.on_loop(lambda: self.sockets.go_deaf(also_new))

    def refuse_sockets(self, times: int, status: int = 403) -> None:
        self.on_loop(lambda: self.sockets.refuse(times, status))

    def forget_tickets(self) -> None:
        """Every socket address given out so far is stale."""
        self.on_loop(self.sockets.forget_tickets)
