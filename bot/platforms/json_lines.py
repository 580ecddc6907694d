"""A platform for programs: one JSON object a line for each alert."""

from __future__ import annotations

import json
import os
from typing import TextIO

from alerts.platform import Message
from bot.platforms.terminal import Compose


class JsonLines:
    """Writes to a stream that nobody keeps, so nothing is ever found there again."""

    name = "terminal"

    def __init__(self, stream: TextIO, compose: Compose) -> None:
        self._stream = stream
        self._compose = compose

    async def post(self, message: Message) -> str:
        reply = await self._compose(message)
        alerts = reply.data if isinstance(reply.data, list) else [reply.data]
        try:
            for alert in alerts:
                print(json.dumps(alert, ensure_ascii=False), file=self._stream, flush=True)
        except BrokenPipeError:
            # The reader has seen enough, as `| head` does; what follows goes nowhere.
            os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
        return message.nonce

    async def find(self, message: Message) -> str | None:
        return None
