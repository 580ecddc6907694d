"""Every kind of message in words: alerts, edits, digests, boards, notices."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from alerts.groups import with_groups
from alerts.indicators import Indicator
from alerts.platform import Message
from alerts.store import alerts as alert_store
from alerts.store import destinations
from alerts.store.alerts import Alert
from alerts.store.database import Database
from alerts.store.destinations import Destination, OwnRule
from alerts.store.models import DeliveryKind, Digest
from bot import alert_text, operator_text, words
from bot.alert_text import grounds_of, sentence
from bot.board import Standing, board, lines_of, standing_data, standings, to_look_closer, watched
from bot.locales import Translator, translator
from bot.replies import Block, Button, Buttons, Heading, Paragraph, Reply, Tone

MOST_TOLD = 10


async def compose(
    message: Message, database: Database, indicators: Mapping[str, Indicator], now: datetime
) -> Reply:
    """What a message says, in the language of its place. Pictures are not its matter."""
    t = translator(message.destination.language)
    match message.kind:
        case DeliveryKind.ALERTS | DeliveryKind.EDIT:
            grounds = await grounds_of(database, message.alerts)
            known = await with_groups(database, indicators)
            return alert_text.compose(message, known, grounds, t)
        case DeliveryKind.BOARD:
            return await _board(message.destination, database, indicators, now, t)
        case DeliveryKind.DIGEST:
            return await _digest(message, database, indicators, now, t)
        case DeliveryKind.NOTICE:
            return notice(message, t)


async def _stands(
    place: Destination, database: Database, indicators: Mapping[str, Indicator]
) -> tuple[list[Standing], list[OwnRule]]:
    async with database.read() as connection:
        own = await destinations.rules_of(connection, place.id)
    return watched(await standings(database, indicators), own), own


async def _board(
    place: Destination,
    database: Database,
    indicators: Mapping[str, Indicator],
    now: datetime,
    t: Translator,
) -> Reply:
    found, own = await _stands(place, database, indicators)
    at = words.moment(now, place.timezone, t)
    blocks: tuple[Block, ...] = (
        Heading(t("The board")),
        board(found, lines_of(own), now, t),
        Paragraph(t("As of {at}. “status” shows everything.", at=at), Tone.MUTED),
        *to_look_closer(found, t),
    )
    return Reply(blocks, [standing_data(standing) for standing in found])


async def _digest(
    message: Message,
    database: Database,
    indicators: Mapping[str, Indicator],
    now: datetime,
    t: Translator,
) -> Reply:
    """The board, and what has happened since the last one."""
    place = message.destination
    found, own = await _stands(place, database, indicators)
    since = _last_digest(message, now)
    async with database.read() as connection:
        recent = await alert_store.recent(connection, place.id, 100)
    told = [alert for alert in recent if alert.created_at > since]
    known = await with_groups(database, indicators)
    blocks: list[Block] = [
        Heading(t("The numbers since {at}", at=words.moment(since, place.timezone, t))),
        *_happened(told, known, t),
        board(found, lines_of(own), now, t, since),
        *to_look_closer(found, t),
    ]
    return Reply(tuple(blocks), [standing_data(standing) for standing in found])


def _last_digest(message: Message, now: datetime) -> datetime:
    if (since := message.notice.get("since")) is not None:
        return datetime.fromisoformat(since)
    return now - timedelta(days=7 if message.destination.digest is Digest.WEEKLY else 1)


def _happened(
    told: list[Alert], indicators: Mapping[str, Indicator], t: Translator
) -> list[Paragraph]:
    if not told:
        return [Paragraph(t("No line was crossed."))]
    said = [Paragraph(sentence(alert, indicators, t)) for alert in told[:MOST_TOLD]]
    if len(told) > MOST_TOLD:
        rest = len(told) - MOST_TOLD
        said.append(Paragraph(t("and {n} more: /bubble history lists them", n=rest), Tone.MUTED))
    return said


def notice(message: Message, t: Translator) -> Reply:
    """A word from the program itself. Raises LookupError for one that it does not know."""
    facts = message.notice
    match facts.get("notice"):
        case "greeting":
            blocks = _greeting(t)
        case "lost":
            blocks = _lost(message, t)
        case "back":
            blocks = (Paragraph(t("I can post here again. What waited is on its way."), Tone.GOOD),)
        case "test":
            blocks = _test(t)
        case "operator":
            blocks = operator_text.blocks(facts, message.destination.timezone, t)
        case unknown:
            raise LookupError(f"there are no words for the notice {unknown!r}")
    return Reply(blocks, dict(facts))


def _greeting(t: Translator) -> tuple[Block, ...]:
    said = t(
        "I watch the numbers that tell whether AI is a bubble, and tell this channel when one of "
        "them crosses a line. One press takes the lines that the article names; “/bubble help” "
        "lists everything else."
    )
    buttons = (
        Button(t("Subscribe"), "subscribe article", Tone.GOOD, public=True),
        Button(t("See the board"), "status"),
        Button(t("Settings"), "settings"),
    )
    return Paragraph(said), Buttons(buttons)


def _test(t: Translator) -> tuple[Block, ...]:
    said = t("This is a test: what bubblewatch has to tell arrives here.")
    return Paragraph(said, Tone.GOOD), *_greeting(t)


def _lost(message: Message, t: Translator) -> tuple[Block, ...]:
    channel, reason = message.notice.get("channel", ""), message.notice.get("reason", "")
    called = message.notice.get("called") or t("the channel {channel}", channel=channel)
    said = t(
        "I can no longer post to {channel}: {reason}. Its lines and history are kept.",
        channel=called,
        reason=t.told(reason),
    )
    what = t(
        "To go on in another channel, say “/bubble move” there. If the old one can be mended, "
        "“/bubble on” there is enough."
    )
    told: tuple[Block, ...] = (Paragraph(said, Tone.WARN), Paragraph(what))
    if message.destination.direct:
        return told
    return (*told, Buttons((Button(t("Bring them here"), f"move {channel}", public=True),)))
