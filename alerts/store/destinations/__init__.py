"""Destinations, their subscriptions and the rules people keep there."""

from alerts.store.destinations.losing import lose, workspace_back, workspace_gone
from alerts.store.destinations.moving import move
from alerts.store.destinations.own_rules import (
    OwnRule,
    add_rule,
    pause_rule,
    presets_of,
    remove_rule,
    resume_rule,
    rules_of,
    snooze_rules,
    subscribe,
    unsubscribe,
)
from alerts.store.destinations.places import (
    Destination,
    Place,
    all_of,
    by_ids,
    choose,
    find,
    find_or_make,
    of_workspace,
    set_language,
    set_off,
    set_timezone,
    switch_on,
)

__all__ = [
    "Destination",
    "OwnRule",
    "Place",
    "add_rule",
    "all_of",
    "by_ids",
    "choose",
    "find",
    "find_or_make",
    "lose",
    "move",
    "of_workspace",
    "pause_rule",
    "presets_of",
    "remove_rule",
    "resume_rule",
    "rules_of",
    "set_language",
    "set_off",
    "set_timezone",
    "snooze_rules",
    "subscribe",
    "switch_on",
    "unsubscribe",
    "workspace_back",
    "workspace_gone",
]
