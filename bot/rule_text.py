"""A rule in words: its title, where it stands, and the buttons that act on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from alerts.indicators import Indicator
from alerts.measures import Measure
from alerts.quantity import Unit
from alerts.rules import Direction, State
from alerts.store import conditions
from alerts.store.destinations import OwnRule
from bot import words
from bot.commands import Services
from bot.locales import Translator
from bot.replies import Button, Json

LONGEST_LABEL = 75
"""Characters of a button or an option that fit on every platform."""


def line_title(
    indicators: Mapping[str, Indicator],
    indicator: str,
    measure: Measure,
    direction: Direction,
    line: str,
    t: Translator,
) -> str:
    """«Nvidia market cap ≥ $5.00T»; of several conditions, how many it takes (R27)."""
    if indicator.startswith(conditions.PREFIX):
        return t("at least {count} of its conditions", count=line)
    name = words.measured(words.name_by_key(indicators, indicator, t), measure, t)
    return f"{name} {'≥' if direction is Direction.ABOVE else '≤'} {line}"


def title(rule: OwnRule, services: Services, t: Translator) -> str:
    line = words.drawn(rule.unit.from_fixed(rule.rule.line), rule.unit, t)
    return line_title(
        services.indicators, rule.indicator, rule.measure, rule.rule.direction, line, t
    )


def numbered(rule: OwnRule, services: Services, t: Translator) -> str:
    """«3 · Nvidia market cap ≥ $5.00T», short enough for an option."""
    return f"{rule.number} · {title(rule, services, t)}"[:LONGEST_LABEL]


def titles(rules: Sequence[OwnRule], services: Services, t: Translator) -> str:
    """One or two by name, more by their count."""
    if len(rules) > 2:
        return t("{n} lines", n=len(rules))
    return t("; ").join(title(rule, services, t) for rule in rules)


def state_of(rule: OwnRule, timezone: str, t: Translator) -> str:
    if rule.paused:
        return t("paused")
    state = {
        State.ARMED: t("armed"),
        State.PENDING: t("beyond, waiting out its hold"),
        State.FIRED: t("fired"),
        State.DONE: t("done"),
    }[rule.rule.state]
    if not rule.rule.primed and rule.rule.state is not State.DONE:
        state = t("waits for a first value")
    if (until := rule.rule.snoozed_until) is not None:
        asleep = t("snoozed until {at}", at=words.moment(until, timezone, t))
        state = words.clauses((state, asleep), t)
    return state


def rule_sentence(rule: OwnRule, services: Services, timezone: str, t: Translator) -> str:
    said = t("{name}: {what}", name=title(rule, services, t), what=state_of(rule, timezone, t))
    return f"{rule.number}. {said}"


def now_of(rule: OwnRule, t: Translator) -> str:
    """The measure's newest value, on its own side of the line."""
    if rule.measure_value is None:
        return "–"
    line = rule.unit.from_fixed(rule.rule.line)
    return words.amount(rule.unit.from_fixed(rule.measure_value), rule.unit, t, line=line)


def settings_of(
    rule: OwnRule, timezone: str, t: Translator, mention: str | None = None
) -> list[tuple[str, str]]:
    """What a rule is set to, by name. `mention`: what people call whom it mentions."""
    machine = rule.rule
    rearm = words.amount(rule.unit.from_fixed(machine.rearm), rule.unit, t)
    pairs = [
        (t("state"), state_of(rule, timezone, t)),
        (t("now"), now_of(rule, t)),
        (t("re-arms at"), rearm),
        (t("level"), t(rule.level.value)),
        (t("repeats"), t("once") if machine.once else t("every crossing")),
    ]
    if machine.hold:
        pairs.append((t("hold"), words.span(machine.hold, t)))
    if machine.remind is not None:
        pairs.append((t("reminds every"), words.span(machine.remind, t)))
    if machine.cooldown:
        pairs.append((t("cooldown"), words.span(machine.cooldown, t)))
    if machine.expires_at is not None:
        pairs.append((t("until"), words.moment(machine.expires_at, timezone, t)))
    if rule.mention:
        pairs.append((t("mentions"), mention or rule.mention))
    if rule.note:
        pairs.append((t("note"), rule.note))
    pairs.append((t("from"), rule.preset or t("your own")))
    return pairs


def rule_data(rule: OwnRule) -> dict[str, Json]:
    """A rule for machines: exact decimals as text."""
    machine = rule.rule
    return {
        "rule": rule.number,
        "indicator": rule.indicator,
        "measure": str(rule.measure),
        "direction": machine.direction.value,
        "line": _exact(machine.line, rule.unit),
        "rearm": _exact(machine.rearm, rule.unit),
        "unit": rule.unit.value,
        "level": rule.level.value,
        "state": machine.state.value,
        "paused": rule.paused,
        "preset": rule.preset,
        "value": _exact(rule.measure_value, rule.unit),
        "note": rule.note,
    }


def _exact(fixed: int | None, unit: Unit) -> str | None:
    return None if fixed is None else f"{unit.from_fixed(fixed).normalize():f}"


def numbers_text(numbers: Iterable[int]) -> str:
    """`3,7-9`: short enough for a button even when they are many."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(f"{first}" if first == last else f"{first}-{last}" for first, last in runs)


def edit_button(number: int, t: Translator) -> Button:
    return Button(t("Edit …"), f"alert edit {number}", opens=True)


def rule_buttons(rule: OwnRule, t: Translator) -> tuple[Button, ...]:
    """What can be done with a rule that stands in a private answer; at most five."""
    if rule.rule.state is State.DONE:
        return (Button(t("Remove"), f"alert remove {rule.number}", replaces=True),)
    n = rule.number
    found = []
    if rule.paused:
        found.append(Button(t("Resume"), f"alert resume {n}", replaces=True))
    else:
        if rule.rule.snoozed_until is not None:
            found.append(Button(t("Wake"), f"snooze {n} off", replaces=True))
        else:
            found.append(Button(t("Snooze 1 day"), f"snooze {n} 1d", replaces=True))
        found.append(Button(t("Mute"), f"alert mute {n}", replaces=True))
    found.append(edit_button(n, t))
    found.append(Button(t("See its message"), f"alert test {n}"))
    found.append(Button(t("Remove"), f"alert remove {n}", replaces=True))
    return tuple(found)
