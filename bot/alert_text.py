"""What an alert says: one true sentence, then what it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from alerts.indicators import Indicator
from alerts.platform import Message
from alerts.quantity import Unit
from alerts.rules import Direction, Kind, Level
from alerts.store import conditions, observations
from alerts.store.alerts import Alert
from alerts.store.database import Database
from alerts.store.models import DeliveryKind
from alerts.store.observations import Observation
from bot import words
from bot.alert_buttons import buttons_of
from bot.locales import Translator
from bot.replies import Block, Heading, Json, Paragraph, Picture, Reply, Tone
from bot.story_text import story_lines

SHOWN = 10
_GO_ON = (Kind.FIRED, Kind.REMINDER)
"""What a story can be told after."""
_TONES = {Level.WATCH: Tone.WATCH, Level.WARN: Tone.WARN, Level.CRITICAL: Tone.CRITICAL}

Grounds = Mapping[int, Observation]
"""The observations that alerts rest on, by id."""


async def grounds_of(database: Database, alerts: Sequence[Alert]) -> Grounds:
    ids = {alert.observation_id for alert in alerts if alert.observation_id is not None}
    async with database.read() as connection:
        return await observations.by_ids(connection, ids)


def compose(
    message: Message,
    indicators: Mapping[str, Indicator],
    grounds: Grounds,
    t: Translator,
) -> Reply:
    """The alerts of a message: most severe first, ten at the most (R18).

    As an edit it tells how their stories went on, and mentions nobody again.
    """
    blocks: list[Block] = []
    if message.away:
        blocks.append(Heading(t("While I was away")))
    if _is_short(message):
        blocks += [Paragraph(sentence(a, indicators, t), Tone.GOOD) for a in message.alerts]
        return Reply(tuple(blocks), [as_json(alert, indicators, t) for alert in message.alerts])
    for alert in message.alerts[:SHOWN]:
        blocks += _paragraphs(alert, message, indicators, grounds, t)
    if len(message.alerts) > SHOWN:
        rest = len(message.alerts) - SHOWN
        blocks.append(Paragraph(t("and {n} more: /bubble history lists them", n=rest), Tone.MUTED))
    if message.late is not None and not message.away:
        late = words.span(message.late, t)
        blocks.append(Paragraph(t("This message is {late} late.", late=late), Tone.MUTED))
    blocks += buttons_of(message, indicators, t)
    data: list[Json] = [as_json(alert, indicators, t) for alert in message.alerts]
    mentions = () if message.kind is DeliveryKind.EDIT else mentioned(message.alerts)
    return Reply(tuple(blocks), data, mentions=mentions)


def _is_short(message: Message) -> bool:
    """An answer to a message that tells the rest already: it is over (R26)."""
    over = all(alert.kind is Kind.CLEARED for alert in message.alerts)
    return message.follows is not None and over and len(message.alerts) <= SHOWN


def mentioned(alerts: Sequence[Alert]) -> tuple[str, ...]:
    """Whom the rules that fired ask for, each once."""
    asked = [alert.mention for alert in alerts if alert.kind is Kind.FIRED and alert.mention]
    return tuple(dict.fromkeys(asked))


def with_picture(reply: Reply, picture: Picture) -> Reply:
    """The picture stands right after the first sentence."""
    first = next(
        (i for i, block in enumerate(reply.blocks) if isinstance(block, Paragraph)),
        len(reply.blocks) - 1,
    )
    blocks = (*reply.blocks[: first + 1], picture, *reply.blocks[first + 1 :])
    return replace(reply, blocks=blocks)


def as_json(alert: Alert, indicators: Mapping[str, Indicator], t: Translator) -> Json:
    """One alert for machines; values are exact decimals as text."""
    return {
        "indicator": alert.indicator,
        "kind": alert.kind.value,
        "level": alert.level.value,
        "as_of": alert.as_of.isoformat(),
        "value": _exact(alert.value, alert.unit),
        "line": _exact(alert.line, alert.unit),
        "unit": alert.unit.value,
        "text": sentence(alert, indicators, t),
    }


def _exact(fixed: int | None, unit: Unit) -> str | None:
    return None if fixed is None else f"{unit.from_fixed(fixed).normalize():f}"


def _paragraphs(
    alert: Alert,
    message: Message,
    indicators: Mapping[str, Indicator],
    grounds: Grounds,
    t: Translator,
) -> list[Block]:
    story = message.stories.get(alert.rule_id or 0) if alert.kind in _GO_ON else None
    tone = Tone.MUTED if alert.kind is Kind.EXPIRED else _TONES[alert.level]
    if alert.kind in (Kind.CLEARED, Kind.RESUMED) or (story and story.cleared_at):
        tone = Tone.GOOD
    told: list[Block] = [Paragraph(_headline(alert, indicators, t), tone, strong=True)]
    told += [Paragraph(text, Tone.MUTED) for text in _details(alert, grounds, t)]
    if alert.note:
        told.append(Paragraph(t("Note: {note}", note=alert.note)))
    if story is not None:
        timezone = message.destination.timezone
        told += [
            Paragraph(text) for text in story_lines(story, alert.unit, alert.value, timezone, t)
        ]
    return told


def _headline(alert: Alert, indicators: Mapping[str, Indicator], t: Translator) -> str:
    said = sentence(alert, indicators, t)
    if alert.kind not in (*_GO_ON, Kind.FLAPPING):
        return said
    level = t(alert.level.value)
    return t("{level}: {sentence}", level=level[:1].upper() + level[1:], sentence=said)


def sentence(alert: Alert, indicators: Mapping[str, Indicator], t: Translator) -> str:
    """What happened, with value, line and date."""
    name = words.name_by_key(indicators, alert.indicator, t)
    if alert.measure is not None:
        name = words.measured(name, alert.measure, t)
    on = words.day(alert.as_of.date(), t)
    match alert.kind:
        case Kind.STALE:
            return t("{name}: no data since {on}.", name=name, on=on)
        case Kind.RESUMED:
            return t("{name}: data is back, as of {on}.", name=name, on=on)
        case Kind.EXPIRED:
            return t("{name}: your rule {number} has expired.", name=name, number=alert.number)
    value, line = _value(alert, t), _line(alert, t)
    if alert.indicator.startswith(conditions.PREFIX):
        return _conditions_met(alert.kind, value, line, on, t)
    above = alert.direction is Direction.ABOVE
    facts = {"name": name, "value": value, "line": line, "on": on}
    match alert.kind:
        case Kind.FIRED if above:
            return t("{name} has reached {value}, at or above {line}, as of {on}.", **facts)
        case Kind.FIRED:
            return t("{name} has fallen to {value}, at or below {line}, as of {on}.", **facts)
        case Kind.CLEARED if above:
            return t("{name} is back below its line of {line}: {value} as of {on}.", **facts)
        case Kind.CLEARED:
            return t("{name} is back above its line of {line}: {value} as of {on}.", **facts)
        case Kind.FLAPPING:
            return t(
                "{name} keeps crossing {line} ({value} as of {on}). I will be silent about it "
                "until it has been steady for a day.",
                **facts,
            )
        case _ if above:
            return t("{name} is still at or above {line}: {value} as of {on}.", **facts)
        case _:
            return t("{name} is still at or below {line}: {value} as of {on}.", **facts)


def _conditions_met(kind: Kind, met: str, needed: str, on: str, t: Translator) -> str:
    """The sentence of a rule over several conditions (R27)."""
    facts = {"met": met, "needed": needed, "on": on}
    match kind:
        case Kind.FIRED:
            return t("Conditions met: {met}; {needed} are enough, as of {on}.", **facts)
        case Kind.CLEARED:
            return t("Conditions met: only {met}, fewer than {needed}, as of {on}.", **facts)
        case Kind.FLAPPING:
            return t(
                "The number of conditions met keeps crossing {needed} ({met} as of {on}). I will "
                "be silent about it until it has been steady for a day.",
                **facts,
            )
        case _:
            return t("Conditions met: still {met}; {needed} are enough, as of {on}.", **facts)


def _value(alert: Alert, t: Translator) -> str:
    if alert.value is None:
        return t("unknown")
    line = None if alert.line is None else alert.unit.from_fixed(alert.line)
    return words.amount(alert.unit.from_fixed(alert.value), alert.unit, t, line=line)


def _line(alert: Alert, t: Translator) -> str:
    if alert.line is None:
        return t("its line")
    return words.drawn(alert.unit.from_fixed(alert.line), alert.unit, t)


def _details(alert: Alert, grounds: Grounds, t: Translator) -> list[str]:
    said: list[str] = []
    if alert.restated_from is not None and alert.value is not None:
        before, after = (
            words.amount(alert.unit.from_fixed(value), alert.unit, t)
            for value in (alert.restated_from, alert.value)
        )
        said.append(t("restated from {before} to {after}", before=before, after=after))
    elif (
        alert.previous is not None and alert.previous_as_of is not None and alert.value is not None
    ):
        before = words.amount(alert.unit.from_fixed(alert.previous), alert.unit, t)
        since = words.day(alert.previous_as_of.date(), t)
        change = _change(alert.previous, alert.value, alert.unit, t)
        said.append(
            t("from {before} on {since} ({change})", before=before, since=since, change=change)
        )
    observation = grounds.get(alert.observation_id or 0)
    if observation is not None:
        reading = observation.reading
        said.append(
            t(
                "{definition}; source {source}",
                definition=words.definition(reading.definition, t),
                source=reading.source,
            )
        )
    if alert.number is not None and alert.number > 0:
        said.append(t("rule {number}", number=alert.number))
    if alert.held_back:
        said.append(
            t("{n} crossings before this were held back by the cooldown", n=alert.held_back)
        )
    return ["  " + " · ".join(said)] if said else []


def _change(before: int, now: int, unit: Unit, t: Translator) -> str:
    """In percent where a value can only be larger or smaller, else as the difference."""
    if unit is Unit.USD and before > 0:
        return f"{Decimal(now - before) / before:+.1%}".replace("-", "−")
    return words.difference(unit.from_fixed(now) - unit.from_fixed(before), unit, t)
