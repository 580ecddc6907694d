"""The questions of `alert add` and `alert edit`, the most important ones first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from alerts.measures import MeasureKind
from alerts.rules import Direction, Level
from bot.locales import Translator
from bot.replies import Choice, FormField


def fields_of(
    names: Sequence[str], values: Mapping[str, str], required: Sequence[str], t: Translator
) -> tuple[FormField, ...]:
    """In the order of `names`, but what must be answered first, then what has a value.

    A platform that shows only some of them loses no value that a person gave.
    """
    ordered = sorted(
        names, key=lambda name: 0 if name in required else 1 if values.get(name) else 2
    )
    return tuple(_field(name, values.get(name, ""), name in required, t) for name in ordered)


def _field(name: str, value: str, required: bool, t: Translator) -> FormField:
    label, hint = _asked(name, t)
    return FormField(
        name,
        label,
        hint,
        value,
        required,
        choices=_choices(name, t),
        searched=name == "indicator",
        long=name == "note",
        role=name == "mention",
    )


def _asked(name: str, t: Translator) -> tuple[str, str]:
    """A question in a few words, and what an answer looks like."""
    return {
        "indicator": (t("What to watch"), t("Nvidia market cap")),
        "direction": (t("Speak when it is"), ""),
        "line": (t("The line"), "5.5T, 96B, 30%"),
        "level": (t("How serious it is"), ""),
        "note": (t("A note"), t("your own words")),
        "measure": (t("What is measured"), ""),
        "window": (t("Over what time"), "30d, 4mo, 1y, all"),
        "hold": (t("Only after so long beyond the line"), "3d"),
        "repeat": (t("How often"), ""),
        "mention": (t("Role or group to mention"), ""),
        "until": (t("The last day of the line"), "2026-12-31"),
        "remind": (t("Say it again every"), "7d"),
        "cooldown": (t("At most one message in"), "1d"),
        "rearm": (t("It must first go back to"), "5.4T, 94B, 29%"),
    }[name]


def _choices(name: str, t: Translator) -> tuple[Choice, ...]:
    match name:
        case "direction":
            labels = {Direction.ABOVE: t("at or above"), Direction.BELOW: t("at or below")}
            return tuple(Choice(one.value, label) for one, label in labels.items())
        case "level":
            return tuple(Choice(level.value, t(level.value)) for level in Level)
        case "repeat":
            return (Choice("every", t("every crossing")), Choice("once", t("once")))
        case "measure":
            return tuple(Choice(kind.value, label) for kind, label in _measures(t).items())
    return ()


def _measures(t: Translator) -> dict[MeasureKind, str]:
    return {
        MeasureKind.VALUE: t("the value itself"),
        MeasureKind.CHANGE: t("its change"),
        MeasureKind.PERCENT_CHANGE: t("its change in percent"),
        MeasureKind.DRAWDOWN: t("its distance from the peak"),
        MeasureKind.PERCENTILE: t("its percentile"),
        MeasureKind.HIGH: t("a new high"),
        MeasureKind.LOW: t("a new low"),
    }
