"""The dead man's switch: someone outside hears from us after every look, and misses us otherwise.

Made for healthchecks.io and everything that speaks like it: GET the address when all is well, and
the address with `/fail` when only a person can help: a look that broke, a platform that will not
have us, a service that does not start.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from random import Random

import aiohttp
import yarl

from alerts.clock import Clock
from bot.vitals import Vitals

log = logging.getLogger(__name__)

TIMEOUT_S = 10.0
PAUSES_S = (2.0, 10.0)
"""Between the tries of one ping; after the last, the next look brings the next ping."""


class Pinger:
    """Pings one at a time: while one is tried again, only the newest waits."""

    def __init__(self, url: str, clock: Clock, random: Random) -> None:
        self._url = yarl.URL(url)
        self._clock = clock
        self._random = random
        self._silent = False

    async def run(self, vitals: Vitals) -> None:
        """Until cancelled. A ping that does not arrive is told once, not every time."""
        async with self._session() as session:
            while True:
                await self._ping(session, await vitals.next_sign(), PAUSES_S)

    async def last_word(self) -> None:
        """Says that the service is not running, in one try."""
        async with self._session() as session:
            await self._ping(session, False, ())

    def _session(self) -> aiohttp.ClientSession:
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        return aiohttp.ClientSession(timeout=timeout, trust_env=True)

    async def _ping(
        self, session: aiohttp.ClientSession, well: bool, pauses: Sequence[float]
    ) -> None:
        url = self._url
        if not well:
            failed = f"{url.path.rstrip('/')}/fail"
            url = url.with_path(failed, keep_query=True)
        reason = ""
        for pause in (*pauses, None):
            try:
                async with session.get(url) as answer:
                    if answer.status < 400:
                        self._arrived()
                        return
                    reason = f"it answers {answer.status}"
                    if answer.status < 500 and answer.status != 429:
                        break
            except (aiohttp.ClientError, TimeoutError) as error:
                reason = type(error).__name__
            if pause is not None:
                await self._clock.sleep(pause * (1 + self._random.random()))
        # The address itself is a secret: whoever knows it can speak in our name.
        if not self._silent:
            log.error("the ping to %s does not arrive (%s)", self._url.host, reason)
        self._silent = True

    def _arrived(self) -> None:
        if self._silent:
            log.info("the ping to %s arrives again", self._url.host)
        self._silent = False
