"""A platform for programs: one JSON object a line for each alert."""

from __future__ import annotations

import json
from typing import TextIO

from alerts.indicators import catalogue
from alerts.outbox import Message
from alerts.store.alerts import Alert
from alerts.store.database import Database


class JsonLines:
    """Writes to a stream that nobody keeps: what was written is gone, so nothing is found."""

    name = "terminal"

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
