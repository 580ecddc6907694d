"""How a story went on after its alert, in words (RULES.md R26)."""

from __future__ import annotations

from collections.abc import Sequence

from alerts.quantity import Unit
from alerts.store.acts import Act
from alerts.store.models import ActKind
from alerts.store.stories import Story
from bot import words
from bot.locales import Translator

MOST_ACTS = 5


def story_lines(
    story: Story, unit: Unit, told: int | None, timezone: str, t: Translator
) -> list[str]:
    """What people did, and what the value did next. `told`: the value that the message tells."""
    said = [_act(act, timezone, t) for act in _last(story.acts)]
    peak = None
    if story.peak is not None and story.peak_as_of is not None and story.peak != told:
        value = words.amount(unit.from_fixed(story.peak), unit, t)
        peak = (value, words.day(story.peak_as_of.date(), t))
    if story.cleared_at is not None and story.lasted is not None:
        said.append(_over(story, unit, t))
        if peak:
            said.append(t("The furthest was {value} on {on}.", value=peak[0], on=peak[1]))
    elif peak:
        said.append(t("The furthest so far: {value} on {on}.", value=peak[0], on=peak[1]))
    if story.expired_at is not None:
        on = words.day(story.expired_at.date(), t)
        said.append(t("The rule has expired on {on}.", on=on))
    return said


def _over(story: Story, unit: Unit, t: Translator) -> str:
    at = story.cleared_at or story.fired_at
    lasted = words.span(at - story.fired_at, t)
    on = words.day(at.date(), t)
    if story.cleared_value is None:
        return t("Over after {lasted}, on {on}.", lasted=lasted, on=on)
    value = words.amount(unit.from_fixed(story.cleared_value), unit, t)
    return t("Over after {lasted}: {value} on {on}.", lasted=lasted, value=value, on=on)


def _last(acts: Sequence[Act]) -> list[Act]:
    """The newest few; of the same act of the same person in a row, only the last."""
    kept: list[Act] = []
    for act in acts:
        if kept and (kept[-1].kind, kept[-1].user) == (act.kind, act.user):
            kept.pop()
        kept.append(act)
    return kept[-MOST_ACTS:]


def _act(act: Act, timezone: str, t: Translator) -> str:
    facts = {"by": act.by, "at": words.moment(act.at, timezone, t)}
    match act.kind:
        case ActKind.ACKNOWLEDGED:
            return t("Acknowledged by {by}, {at}.", **facts)
        case ActKind.SNOOZED if act.until is not None:
            until = words.moment(act.until, timezone, t)
            return t("Snoozed by {by} until {until}.", by=act.by, until=until)
        case ActKind.SNOOZED:
            return t("Snoozed by {by}, {at}.", **facts)
        case ActKind.AWAKENED:
            return t("Awakened by {by}, {at}.", **facts)
        case ActKind.PAUSED:
            return t("Muted by {by}, {at}.", **facts)
        case ActKind.RESUMED:
            return t("Resumed by {by}, {at}.", **facts)
        case ActKind.EDITED:
            return t("The rule was changed by {by}, {at}.", **facts)
        case ActKind.REMOVED:
            return t("The rule was removed by {by}, {at}.", **facts)


def is_acknowledged(story: Story | None) -> bool:
    return story is not None and any(act.kind is ActKind.ACKNOWLEDGED for act in story.acts)


def is_removed(story: Story | None) -> bool:
    return story is not None and any(act.kind is ActKind.REMOVED for act in story.acts)
