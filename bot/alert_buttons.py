"""What can be pressed under an alert: acknowledge, snooze, and a menu for the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from alerts.indicators import Indicator
from alerts.platform import Message
from alerts.rules import Kind, State
from alerts.store.alerts import Alert
from bot import words
from bot.answer import is_pressable
from bot.locales import Translator
from bot.replies import Button, Buttons, Menu, Tone
from bot.rule_text import LONGEST_LABEL, edit_button, line_title, numbers_text
from bot.story_text import is_acknowledged, is_removed

MOST_OPTIONS = 25
_SPEAKS = (Kind.FIRED, Kind.REMINDER, Kind.FLAPPING)


def buttons_of(
    message: Message, indicators: Mapping[str, Indicator], t: Translator
) -> tuple[Buttons, ...]:
    """One row of buttons and one menu, for what is still open; nothing for what is over."""
    alerts = {alert.number: alert for alert in message.alerts if _has_rule(alert, message)}
    numbers = [number for number in alerts if number is not None]
    if not numbers:
        return ()
    open_ = [
        number
        for number in numbers
        if alerts[number].kind in _SPEAKS and not _is_over(alerts[number], message)
    ]
    row = _row(open_, message, alerts, t)
    menu = _menu_of_one(numbers[0], bool(open_), t)
    if len(numbers) > 1:
        menu = _menu_of_many(numbers, alerts, indicators, t)
    return (Buttons(row), Buttons((menu,))) if row else (Buttons((menu,)),)


def _has_rule(alert: Alert, message: Message) -> bool:
    """There is a rule that people can still do something about."""
    if alert.number is None or alert.rule is None or alert.rule.state is State.DONE:
        return False
    return not is_removed(message.stories.get(alert.rule_id or 0))


def _is_over(alert: Alert, message: Message) -> bool:
    story = message.stories.get(alert.rule_id or 0)
    return story is not None and story.cleared_at is not None


def _row(
    open_: Sequence[int], message: Message, alerts: Mapping[int | None, Alert], t: Translator
) -> tuple[Button, ...]:
    stories = {number: message.stories.get(alerts[number].rule_id or 0) for number in open_}
    unseen = [number for number, story in stories.items() if not is_acknowledged(story)]
    asleep = [number for number, story in stories.items() if story and story.snoozed_until]
    awake = [number for number in open_ if number not in asleep]
    several = len(alerts) > 1
    found = []
    if unseen:
        label = t("Acknowledge all") if several else t("Acknowledge")
        found.append(Button(label, f"alert acknowledge {numbers_text(unseen)}", Tone.GOOD))
    if awake:
        label = t("Snooze all 1 day") if several else t("Snooze 1 day")
        found.append(Button(label, f"snooze {numbers_text(awake)} 1d"))
    if asleep:
        label = t("Wake all") if several else t("Wake")
        found.append(Button(label, f"snooze {numbers_text(asleep)} off"))
    return tuple(button for button in found if is_pressable(button.line))


def _menu_of_one(number: int, speaks: bool, t: Translator) -> Menu:
    snoozes = (
        Button(t("Snooze 1 hour"), f"snooze {number} 1h"),
        Button(t("Snooze 1 day"), f"snooze {number} 1d"),
        Button(t("Snooze 1 week"), f"snooze {number} 1w"),
    )
    return Menu(
        t("More …"),
        (
            *(snoozes if speaks else ()),
            Button(t("Show the rule"), f"alert show {number}"),
            Button(t("Mute"), f"alert mute {number}"),
            edit_button(number, t),
        ),
    )


def _menu_of_many(
    numbers: Sequence[int],
    alerts: Mapping[int | None, Alert],
    indicators: Mapping[str, Indicator],
    t: Translator,
) -> Menu:
    """A rule to choose; what is shown then has the buttons for everything else."""
    options = []
    for number in numbers[:MOST_OPTIONS]:
        title = _title(alerts[number], indicators, t)
        options.append(Button(f"{number} · {title}"[:LONGEST_LABEL], f"alert show {number}"))
    return Menu(t("Choose a line …"), tuple(options))


def _title(alert: Alert, indicators: Mapping[str, Indicator], t: Translator) -> str:
    if alert.measure is None or alert.line is None or alert.direction is None:
        return words.name_by_key(indicators, alert.indicator, t)
    line = words.drawn(alert.unit.from_fixed(alert.line), alert.unit, t)
    return line_title(indicators, alert.indicator, alert.measure, alert.direction, line, t)
