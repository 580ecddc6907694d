"""What people did about rules: kept, and told in the messages that live on (RULES.md R26)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.store import acts, deliveries
from alerts.store.destinations import OwnRule
from alerts.store.models import ActKind
from bot.commands import Request
from bot.tokens import cleaned

LONGEST_NAME = 80
"""Characters of a person's name that a message shows."""


async def note_act(
    connection: AsyncConnection,
    request: Request,
    rules: Sequence[OwnRule],
    kind: ActKind,
    now: datetime,
    until: datetime | None = None,
) -> None:
    """In the transaction of the change itself; wake the outbox when it is committed."""
    by = " ".join(cleaned(request.name).split())[:LONGEST_NAME] or request.user
    for rule in rules:
        await acts.record(connection, rule.id, kind, request.user, by, now, until)
    await deliveries.story_changed(connection, [rule.id for rule in rules], now)
