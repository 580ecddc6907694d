"""Claimed deliveries become messages: what they tell, edit and answer (RULES.md R18, R26, R29)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.platform import Message
from alerts.store import alerts as alert_store
from alerts.store import deliveries, destinations
from alerts.store.alerts import Alert
from alerts.store.deliveries import Claim, Posted
from alerts.store.destinations import Destination
from alerts.store.models import DeliveryKind
from alerts.store.stories import Story, stories

LATE_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A claim and the message that it asks for.

    `message` is None when there is nothing to send, for the reason that `idle` says.
    """

    claim: Claim
    message: Message | None
    idle: str = ""


async def prepare(
    connection: AsyncConnection, claims: Sequence[Claim], now: datetime, *, editor: bool
) -> list[Prepared]:
    """`editor`: the platform of these claims can edit what it has posted.

    What was to be an edit, and cannot be one, is posted when it brings alerts of its own;
    otherwise nothing is sent.
    """
    if not claims:
        return []
    linked = {id_ for claim in claims for id_ in (claim.edits_id, claim.follows_id) if id_}
    posted = await deliveries.posted(connection, linked)
    own = {claim.id for claim in claims}
    found = await alert_store.of_deliveries(connection, own | linked)
    places = await destinations.by_ids(connection, {claim.destination_id for claim in claims})
    told = await stories(connection, found, now)
    desk = _Desk(places, posted, found, told, now, editor)
    return [desk.prepared(claim) for claim in claims]


_SEVERITY = {"critical": 0, "warn": 1, "watch": 2}


@dataclass(frozen=True, slots=True)
class _Desk:
    """All that is known about a batch of claims."""

    places: Mapping[int, Destination]
    posted: Mapping[int, Posted]
    alerts: Mapping[int, Sequence[Alert]]
    stories: Mapping[int, Mapping[int, Story]]
    now: datetime
    editor: bool

    def prepared(self, claim: Claim) -> Prepared:
        original = self.posted.get(claim.edits_id or 0)
        if claim.edits_id is None:
            return Prepared(claim, self._message(claim, claim.id))
        if self.editor and original is not None and original.message is not None:
            return Prepared(claim, self._edit(claim, original, original.message))
        if self.alerts.get(claim.id):
            return Prepared(claim, self._message(claim, claim.id, kind=DeliveryKind.ALERTS))
        if claim.kind is DeliveryKind.BOARD and self.editor:
            return Prepared(claim, self._message(claim, claim.id))
        return Prepared(claim, None, "there is no message that could be edited")

    def _edit(self, claim: Claim, original: Posted, name: str) -> Message:
        told = original.id if claim.kind is DeliveryKind.EDIT else claim.id
        return self._message(
            claim, told, edits=name, away=original.away, plain=claim.plain or original.plain
        )

    def _message(
        self,
        claim: Claim,
        told: int,
        *,
        kind: DeliveryKind | None = None,
        edits: str | None = None,
        away: bool | None = None,
        plain: bool | None = None,
    ) -> Message:
        """`told`: the delivery whose alerts the message tells."""
        alerts = self.alerts.get(told, ())
        ordered = sorted(alerts, key=lambda alert: (_SEVERITY[alert.level.value], alert.id))
        follows = self.posted.get(claim.follows_id or 0)
        return Message(
            claim.nonce,
            self.places[claim.destination_id],
            tuple(ordered),
            claim.away if away is None else away,
            claim.plain if plain is None else plain,
            None if edits is not None else self._lateness(claim),
            claim.kind if kind is None else kind,
            edits,
            None if follows is None else follows.message,
            claim.notice or {},
            self.stories.get(told, {}),
        )

    def _lateness(self, claim: Claim) -> timedelta | None:
        # What waited for the end of quiet hours is late from then on.
        since = claim.first_tried_at if claim.quiet else claim.created_at
        late = self.now - since
        return late if late > LATE_AFTER else None
