"""Logs through structlog: readable in a terminal, JSON elsewhere, one line an event, no secrets.

Everything in the project and its libraries logs through `logging`; this is where it comes out.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterable, Mapping, MutableMapping
from typing import TextIO
from urllib.parse import quote

import structlog
from pydantic import BaseModel, SecretStr
from structlog.typing import EventDict, Processor, WrappedLogger

from alerts import correlation

HIDDEN = "[secret]"
_SHORTEST_SECRET = 6
"""Shorter values would hide ordinary words."""
_PATTERNS = (
    # Slack: bot, app, user, refresh and configuration tokens.
    re.compile(r"\bx(?:ox[abeprs]|app)(?:\.xox[bp])?-[A-Za-z0-9-]{8,}"),
    re.compile(r"hooks\.slack\.com/(?:services|workflows|commands|actions)/[\w/-]+"),
    # Discord: bot tokens, and what stands after the id in webhook and interaction addresses.
    re.compile(r"\b[MNO][\w-]{22,27}\.[\w-]{6}\.[\w-]{27,}"),
    re.compile(r"(?<=/webhooks/)(\d+)/[\w-]{20,}"),
    re.compile(r"(?<=/interactions/)(\d+)/[\w-]{20,}"),
    re.compile(r"(?i)\b(?:bearer|bot|basic)\s+[\w.~+/=-]{16,}"),
    # Passwords in addresses of databases, proxies and mail servers.
    re.compile(r"(?<=://)[^\s/@:]*:[^\s/@]+(?=@)"),
    re.compile(
        r"(?i)(?<=[?&])(?:token|access_token|refresh_token|client_secret|code|password|key)=[^&\s\"']+"
    ),
)
_QUIET_LIBRARIES = (
    "alembic",
    "apscheduler",
    "discord",
    "slack_sdk",
    "slack_bolt",
    "yfinance",
    "httpx",
)
_SAID_IN_THE_TERMINAL = "alerts.collect"
"""Warns of sources that fall silent. Commands and the welcome say so themselves, in words."""


def configure(
    settings: BaseModel, level: str, stream: TextIO | None = None, *, serves: bool = False
) -> None:
    """From now on. `settings`: every SecretStr in it is kept out of the log.

    The libraries' own chatter is only shown at DEBUG; their warnings always are. `serves`: this is
    the service; where it runs without a terminal, the log alone can tell of its troubles.
    """
    out = sys.stderr if stream is None else stream
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        _add_correlation,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                *_written(out),
            ],
        )
    )
    hide = Hiding(secrets_of(settings))
    handler.setStream(_Hidden(out, hide))
    root = logging.getLogger()
    for old in root.handlers[:]:
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level)
    quiet = logging.DEBUG if root.level <= logging.DEBUG else max(root.level, logging.WARNING)
    for name in _QUIET_LIBRARIES:
        logging.getLogger(name).setLevel(quiet)
    told = (serves and not out.isatty()) or root.level < logging.WARNING
    logging.getLogger(_SAID_IN_THE_TERMINAL).setLevel(logging.NOTSET if told else logging.ERROR)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _written(out: TextIO) -> list[Processor]:
    if out.isatty():
        return [structlog.dev.ConsoleRenderer(colors=True)]
    return [
        structlog.processors.format_exc_info,
        structlog.processors.EventRenamer("message"),
        structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
    ]


def _add_correlation(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    if mine := correlation.current():
        event.setdefault("correlation", mine)
    return event


class Hiding:
    """Takes secrets out of a text: those that are known, and what looks like one."""

    def __init__(self, known: Iterable[str]) -> None:
        spelled = {
            way
            for one in known
            if len(one) >= _SHORTEST_SECRET
            # As it is, within JSON, and within an address.
            for way in (one, json.dumps(one, ensure_ascii=False)[1:-1], quote(one, safe=""))
        }
        self._known = sorted(spelled, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for secret in self._known:
            text = text.replace(secret, HIDDEN)
        for pattern in _PATTERNS:
            text = pattern.sub(HIDDEN, text)
        return text


class _Hidden:
    """The stream behind the log: nothing gets past it unread, tracebacks included."""

    def __init__(self, out: TextIO, hide: Hiding) -> None:
        self._out = out
        self._hide = hide

    def write(self, text: str) -> int:
        return self._out.write(self._hide(text))

    def flush(self) -> None:
        self._out.flush()


def secrets_of(settings: BaseModel) -> set[str]:
    """Every SecretStr in the settings, parts of lists included: any one of them is a secret."""
    return set(_secrets_in({name: getattr(settings, name) for name in type(settings).model_fields}))


def _secrets_in(value: object) -> Iterable[str]:
    match value:
        case SecretStr():
            text = value.get_secret_value()
            yield text
            yield from (part.strip() for part in text.split(","))
        case Mapping() | MutableMapping():
            for one in value.values():
                yield from _secrets_in(one)
        case list() | tuple() | set():
            for one in value:
                yield from _secrets_in(one)
        case _:
            return
