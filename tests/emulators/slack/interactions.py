"""Something that Slack tells the app, and what became of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from tests.emulators.slack.bell import Bell
from tests.emulators.slack.world import Channel, Json, Team, User, new_id

T = TypeVar("T")

Kind = Literal["slash_commands", "interactive", "events_api"]


@dataclass(frozen=True, slots=True)
class Ack:
    """How the app acknowledged: after how long, and with what (None: with nothing more)."""

    after_seconds: float
    payload: Json | None
    at: float
    """On the clock of time.monotonic."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to deliver; `status` and `body` are of the HTTP mode."""

    number: int
    at: float
    way: Literal["socket", "http", "none"]
    envelope_id: str = ""
    status: int | None = None
    body: str = ""
    after_seconds: float | None = None
    headers: Json = field(default_factory=dict)


@dataclass(eq=False)
class Interaction:
    """A slash command, a press, a choice, a form or an event on its way to the app and back."""

    kind: Kind
    body: Json
    team: Team
    bell: Bell = field(default_factory=Bell)
    user: User | None = None
    channel: Channel | None = None
    trigger_id: str = ""
    response_url: str = ""
    view: Json | None = None
    """The view that it came from, if any."""
    started: float = field(default_factory=time.monotonic)
    attempts: list[Attempt] = field(default_factory=list)
    ack: Ack | None = None
    failure: str | None = None
    """What Slack would show to the person: `operation_timeout`, `dispatch_failed`, `http 500`…"""
    responses: list[Json] = field(default_factory=list)
    """Messages in answer, oldest first: by acknowledgement, response_url, chat.postEphemeral."""
    views: list[Json] = field(default_factory=list)
    """Views opened, pushed or updated with its trigger or its acknowledgement."""
    options: list[Json] = field(default_factory=list)
    """What a block_suggestion was answered with."""
    suggestions_came: bool = False
    closed: bool = False
    """The form was accepted and is gone."""
    errors: dict[str, str] = field(default_factory=dict)
    """By block_id, of a view_submission that was sent back."""

    heard: asyncio.Event = field(default_factory=asyncio.Event)
    """Set on the emulator's loop when the acknowledgement comes."""

    async def acknowledged(self, within: float = 10) -> Ack:
        await self.bell.until(self.require_ack, within, self._story("ack"))
        assert self.ack is not None
        return self.ack

    async def answered(self, within: float = 10) -> Json:
        """The first message in answer."""
        await self.bell.until(lambda: self.responses, within, self._story("response"))
        return self.responses[0]

    async def opened(self, within: float = 10) -> Json:
        """The last view that came in answer."""
        await self.bell.until(lambda: self.views, within, self._story("view"))
        return self.views[-1]

    async def suggested(self, within: float = 10) -> list[str]:
        """The words of the options that came for what was typed."""
        await self.bell.until(lambda: self.suggestions_came, within, self._story("suggestion"))
        return [str(option["text"]["text"]) for option in self.options]

    async def until(self, seen: Callable[[], T], within: float = 10, what: str = "") -> T:
        """What `seen` gives as soon as it is true; looked at whenever something came of this."""
        return await self.bell.until(seen, within, self._story(what or "end"))

    def wait_acknowledged(self, within: float = 10) -> Ack:
        self.bell.wait_until(self.require_ack, within, self._story("ack"))
        assert self.ack is not None
        return self.ack

    def wait_answered(self, within: float = 10) -> Json:
        self.bell.wait_until(lambda: self.responses, within, self._story("response"))
        return self.responses[0]

    def require_ack(self) -> Ack | None:
        """The acknowledgement, None while it may still come; raises when it cannot come."""
        if self.ack is None and self.failure not in (None, "operation_timeout"):
            raise AssertionError(f"{self.describe()}: {self.failure}")
        return self.ack

    def describe(self) -> str:
        what = self.body.get("command") or self.body.get("type") or self.kind
        return f"{what} {self.body.get('text') or self.body.get('event', {}).get('type') or ''}"

    def _story(self, missing: str) -> str:
        return f"no {missing} for {self.describe().strip()} (failure: {self.failure})"


def event_callback(team: Team, event: Json) -> Json:
    """The wrapper around every event; `event_id` stays the same when Slack tries again."""
    return {
        "token": "verification-token",
        "team_id": team.id,
        "context_team_id": team.id,
        "context_enterprise_id": team.enterprise_id,
        "api_app_id": team.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": new_id("Ev"),
        "event_time": int(time.time()),
        "authorizations": [
            {
                "enterprise_id": team.enterprise_id,
                "team_id": team.id,
                "user_id": team.bot.id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": new_id("4-"),
    }
