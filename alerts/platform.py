"""What the outbox asks of a platform: post, find, edit; and how a platform says no.

A platform knows nothing of rules or the database; the outbox knows nothing of a platform's wire.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol, runtime_checkable

from alerts.store.alerts import Alert
from alerts.store.destinations import Destination, Place
from alerts.store.models import DeliveryKind
from alerts.store.stories import Story


@dataclass(frozen=True, slots=True)
class Message:
    """What a platform is to post: for alerts, those of one destination, most severe first (R18).

    `nonce` travels with it (R22). `away`: it tells what was missed (R15). `plain`: send it as
    plain text, the rich form was refused (R24). `late` is how long after the alert it leaves,
    when that is worth saying (R29). `edits` is the platform's own name of the message whose place
    this one takes; `follows` that of a message that this one answers (R26). `notice` holds the
    facts of a notice, by name. `stories` tells how it went on, by rule (R26).
    """

    nonce: str
    destination: Destination
    alerts: tuple[Alert, ...]
    away: bool = False
    plain: bool = False
    late: timedelta | None = None
    kind: DeliveryKind = DeliveryKind.ALERTS
    edits: str | None = None
    follows: str | None = None
    notice: Mapping[str, str] = field(default_factory=dict)
    stories: Mapping[int, Story] = field(default_factory=dict)


class TemporaryFailure(Exception):
    """Worth another try (R23). `retry_after` in seconds, when the platform said so.

    `never_arrived`: the platform certainly did not take the message, as with a 429 or a refused
    connection. After anything else (a 5xx, a connection lost half-way) it is looked for first.
    """

    def __init__(
        self, reason: str, retry_after: float | None = None, *, never_arrived: bool = False
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retry_after = retry_after
        self.never_arrived = never_arrived or retry_after is not None


class DestinationGone(Exception):
    """Nothing can be posted there until a person repairs it (R24).

    `whole_workspace`: the same is true of every destination of that workspace.
    """

    def __init__(self, reason: str, *, whole_workspace: bool = False) -> None:
        super().__init__(reason)
        self.whole_workspace = whole_workspace


class MessageRefused(Exception):
    """This message will never be taken; others may (R24)."""


class MessageGone(Exception):
    """The message that was to be edited is not there, or may not be edited any more (R26)."""


class Platform(Protocol):
    """Where messages go. `post` and `find` raise the errors above."""

    @property
    def name(self) -> str: ...

    async def post(self, message: Message) -> str:
        """Post and return the platform's own name of the message."""
        ...

    async def find(self, message: Message) -> str | None:
        """The name of the message with this nonce if it is there already."""
        ...


@runtime_checkable
class Editor(Protocol):
    """A platform whose messages live on (R26) and that can reach a person alone (R30)."""

    async def edit(self, message: Message) -> None:
        """Put `message` in the place of the one that `message.edits` names. Raises MessageGone."""
        ...

    def person(self, place: Place, user: str) -> Place:
        """Where a person of that place is told something alone."""
        ...
