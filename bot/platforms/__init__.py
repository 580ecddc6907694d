"""Platforms: where people and the service meet.

A platform is found by its entry point in the group `bubblewatch.platforms`: a function that takes
a `Context` and returns a platform, or None when its settings are not there. It translates what
people do into `bot.answer`, and renders replies; nothing else. docs/platforms.md shows a whole one.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from random import Random
from typing import Protocol, runtime_checkable

from alerts.clock import Clock
from alerts.platform import Message, Platform
from bot.commands import Services
from bot.presence import Presence
from bot.replies import Reply
from bot.settings import Settings

log = logging.getLogger(__name__)

GROUP = "bubblewatch.platforms"

Compose = Callable[[Message], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Context:
    """What a platform works with.

    `compose` puts a message into words and pictures; `presence` is told of comings and goings.
    """

    settings: Settings
    clock: Clock
    random: Random
    services: Services
    compose: Compose
    presence: Presence


@runtime_checkable
class Connected(Protocol):
    """A platform that holds a connection of its own."""

    async def run(self) -> None:
        """Stay connected and answer people until cancelled; comes back by itself after a loss.

        Raises PlatformRefused when only the operator can help.
        """
        ...


class PlatformRefused(Exception):
    """The platform will not have us: one sentence for the operator, with what to do."""


MakePlatform = Callable[[Context], Platform | None]


def configured(context: Context) -> Sequence[Platform]:
    """Every installed platform whose settings are there, by name."""
    found: dict[str, Platform] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        make: MakePlatform = entry.load()
        platform = make(context)
        if platform is None:
            continue
        if platform.name in found:
            raise ValueError(f"two platforms are called {platform.name}")
        found[platform.name] = platform
    return tuple(found.values())
