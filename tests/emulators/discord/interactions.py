"""Something a person does with the app, on its way to the bot, and what became of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from tests.emulators.discord.errors import DiscordError
from tests.emulators.discord.world import Channel, Json, User, new_id
from tests.emulators.slack.bell import Bell

PING, COMMAND, COMPONENT, AUTOCOMPLETE, MODAL = 1, 2, 3, 4, 5
PONG, MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, CHOICES, FORM = 1, 4, 5, 6, 7, 8, 9
EPHEMERAL = 1 << 6


@dataclass(frozen=True, slots=True)
class Ack:
    """The bot's first answer: 4 a message, 5 deferred, 6 deferred update, 7 update, 8 choices,
    9 a form."""

    kind: int
    data: Json
    after_seconds: float


@dataclass(eq=False)
class Interaction:
    """A command, a press, a choice, a form sent, or letters typed."""

    kind: int
    channel: Channel
    user: User
    payload: Json
    bell: Bell
    source: Json | None = None
    """The message it came from, if any."""
    opened_by: Interaction | None = None
    """For a form: the interaction that opened it."""
    id: str = field(default_factory=new_id)
    token: str = ""
    sent_at: float = field(default_factory=time.monotonic)
    ack: Ack | None = None
    original: Json | None = None
    """The message that is its answer; None until there is one."""
    pending: bool = False
    """Deferred (5, 6), and the answer is not there yet."""
    followups: list[Json] = field(default_factory=list)
    modal: Json | None = None
    choices: list[Json] | None = None
    refused: list[int] = field(default_factory=list)
    """Codes of the bot's calls about it that were refused: 10062, 40060, 50035 …"""
    expired: bool = False

    @property
    def ephemeral(self) -> bool:
        """Whether the answer, or the deferral that announces it, is for the person alone."""
        if self.original is not None:
            return bool(self.original["flags"] & EPHEMERAL)
        return self.ack is not None and bool(self.ack.data.get("flags", 0) & EPHEMERAL)

    @property
    def invoked(self) -> str:
        """What was done, for messages of tests."""
        data = self.payload.get("data", {})
        return f"interaction {data.get('name') or data.get('custom_id')}"

    async def acknowledged(self, within: float = 5) -> Ack:
        await self.bell.until(lambda: self.ack is not None, within, self._story("answer"))
        assert self.ack is not None
        return self.ack

    async def answered(self, within: float = 5) -> Json:
        """The message in answer; when it was deferred, the one that came after."""
        await self.bell.until(lambda: self._has_answer(), within, self._story("message"))
        assert self.original is not None
        return self.original

    async def followed_up(self, count: int = 1, within: float = 5) -> list[Json]:
        await self.bell.until(
            lambda: len(self.followups) >= count, within, self._story("follow-up")
        )
        return self.followups

    async def opened(self, within: float = 5) -> Interaction:
        """Itself, once the bot has answered with a form; `modal` is the form."""
        await self.bell.until(lambda: self.modal is not None, within, self._story("form"))
        return self

    async def suggested(self, within: float = 5) -> list[Json]:
        await self.bell.until(lambda: self.choices is not None, within, self._story("choices"))
        assert self.choices is not None
        return self.choices

    async def refusal(self, within: float = 5) -> int:
        """The code of the first call about it that was refused."""
        await self.bell.until(lambda: bool(self.refused), within, self._story("refusal"))
        return self.refused[0]

    def _has_answer(self) -> bool:
        return self.original is not None and not self.pending

    def _story(self, what: str) -> str:
        return f"no {what} to the {self.invoked}"

    # -- what the bot may still do

    def check_open(self, answer_within: float, token_lives: float) -> None:
        """Before a follow-up: raises 10015 without a first answer, 50027 when it is too late."""
        age = time.monotonic() - self.sent_at
        if self.expired or age > token_lives:
            raise DiscordError(50027)
        if self.ack is None:
            raise DiscordError(10062 if age > answer_within else 10015)

    def check_unanswered(self, answer_within: float) -> None:
        if self.ack is not None:
            raise DiscordError(40060)
        if self.expired or time.monotonic() - self.sent_at > answer_within:
            raise DiscordError(10062)
