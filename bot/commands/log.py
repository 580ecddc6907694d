"""`log`: each attempt of each delivery of this place (RULES.md R20)."""

from __future__ import annotations

from alerts.store import deliveries, destinations
from alerts.store.deliveries import LoggedDelivery
from alerts.store.models import DeliveryKind, DeliveryState
from bot import words
from bot.answer import translator_for
from bot.commands import Arguments, Command, Param, ParamKind, Request, Services
from bot.locales import Translator
from bot.replies import Cell, Column, Json, Paragraph, Reply, Table, Tone

DEFAULT_COUNT, MOST = 10, 50
_TONES = {DeliveryState.SENT: Tone.GOOD, DeliveryState.DEAD: Tone.CRITICAL}


async def run(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    count = max(1, min(MOST, int(str(arguments.get("count", DEFAULT_COUNT)))))
    async with services.database.read() as connection:
        place = await destinations.find(connection, request.place)
        found = await deliveries.log(connection, place.id, count) if place else []
    if place is None or not found:
        return Reply((Paragraph(t("Nothing has been sent here yet.")),), [])
    columns = (
        Column(t("at")),
        Column(t("what")),
        Column(t("try"), right=True, rank=1),
        Column(t("how it ended"), wraps=True),
    )
    rows = [row for one in found for row in _rows(one, place.timezone, t)]
    table = Table(columns, tuple(rows))
    return Reply((table,), [_data(one) for one in found])


def _rows(one: LoggedDelivery, timezone: str, t: Translator) -> list[tuple[Cell, ...]]:
    """One row a try; what was not tried yet has a row too."""
    what = Cell(_what(one, t))
    rows: list[tuple[Cell, ...]] = [
        (
            Cell(words.moment(attempt.at, timezone, t)),
            what,
            Cell(str(number)),
            Cell(
                _told(attempt.outcome, attempt.detail, t),
                _TONES.get(attempt.outcome, Tone.WARN),
            ),
        )
        for number, attempt in enumerate(one.attempts, 1)
    ]
    if one.state in (DeliveryState.SENT, DeliveryState.DEAD) and rows:
        return rows
    told = _told(one.state, one.reason, t)
    if one.state in (DeliveryState.DUE, DeliveryState.RETRY):
        told = t("due at {time}", time=words.moment(one.due_at, timezone, t))
    at = words.moment(one.created_at, timezone, t)
    return [*rows, (Cell(at), what, Cell(""), Cell(told, Tone.MUTED))]


def _what(one: LoggedDelivery, t: Translator) -> str:
    name = {
        DeliveryKind.ALERTS: t("alert"),
        DeliveryKind.EDIT: t("edit"),
        DeliveryKind.DIGEST: t("digest"),
        DeliveryKind.BOARD: t("board"),
        DeliveryKind.NOTICE: t("notice"),
    }[one.kind]
    return f"{name} ×{one.alerts}" if one.alerts > 1 else name


def _told(state: DeliveryState, reason: str | None, t: Translator) -> str:
    said = {
        DeliveryState.DUE: t("waits"),
        DeliveryState.CLAIMED: t("on its way"),
        DeliveryState.RETRY: t("to be tried again"),
        DeliveryState.SENT: t("sent"),
        DeliveryState.DEAD: t("given up"),
        DeliveryState.FOLDED: t("told in an earlier message"),
        DeliveryState.PARKED: t("waits until this place is on again"),
    }[state]
    return t(": ").join((said, t.told(reason))) if reason else said


def _data(one: LoggedDelivery) -> Json:
    return {
        "delivery": one.id,
        "kind": one.kind.value,
        "state": one.state.value,
        "created_at": one.created_at.isoformat(),
        "reason": one.reason,
        "attempts": [
            {"at": a.at.isoformat(), "outcome": a.outcome.value, "detail": a.detail}
            for a in one.attempts
        ],
    }


COMMANDS = (
    Command(
        ("log",),
        "each attempt of each message to this place",
        run,
        (Param("count", ParamKind.COUNT, "how many messages, 10 by default", required=False),),
        examples=("/bubble log", "/bubble log 30"),
    ),
)
