"""Keeps the platforms' connections alive for as long as the service runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from random import Random

from alerts.clock import Clock
from bot.platforms import Connected, PlatformRefused
from bot.vitals import LinkState

log = logging.getLogger(__name__)

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 5 * 60.0
STEADY_AFTER = timedelta(minutes=5)
"""A connection that lived this long starts again with the shortest pause."""


async def keep_connected(
    name: str,
    platform: Connected,
    clock: Clock,
    random: Random,
    told: Callable[[str, LinkState], None] = lambda name, state: None,
) -> None:
    """Run a platform until cancelled. Returns only when the operator alone can help.

    Platforms come back from ordinary losses by themselves; this catches what they did not expect,
    so that one platform's trouble never ends another. `told` hears how the connection is.
    """
    failures = 0
    while True:
        began = clock.now()
        told(name, LinkState.RUNNING)
        try:
            await platform.run()
            log.error("%s: its connection ended by itself; trying again", name)
        except PlatformRefused as refusal:
            log.error("%s is switched off until the next start: %s", name, refusal)
            told(name, LinkState.REFUSED)
            return
        except asyncio.CancelledError:
            told(name, LinkState.LEFT)
            raise
        except Exception:
            log.exception("%s: its connection broke unexpectedly; trying again", name)
        told(name, LinkState.BROKEN)
        failures = 0 if clock.now() - began > STEADY_AFTER else failures + 1
        longest = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(failures, 20))
        await clock.sleep(longest * (1 - random.random() / 2))
