"""Errors to Sentry as well, when the operator asks for it (`BUBBLEWATCH_SENTRY_DSN`).

Sentry's own package is the extra `sentry`. Whoever runs Sentry is a stranger to the people here:
an event is made anew of what is listed in `told`, and everything else stays in the log, where
`correlation` finds it.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from alerts import correlation
from alerts.clock import Clock
from bot import __version__
from bot.logs import Hiding, secrets_of
from bot.settings import Settings

APART = timedelta(minutes=15)
"""The same error is sent so often at most."""
MOST = 30
"""Errors of all kinds within that time: a fault that has many faces is no storm either."""
SHUTDOWN_S = 2.0
"""What was not sent by then is lost; the log has it."""
_IDENTIFIERS = re.compile(r"\b(?:\d{17,20}|[ABCDEGTUW][A-Z0-9]{8,12})\b")
"""Discord's and Slack's, of people, channels, servers and workspaces."""
_FRAME = ("filename", "function", "module", "lineno", "pre_context", "context_line", "post_context")
_PLAIN = ("event_id", "timestamp", "level", "logger", "platform", "release", "environment", "sdk")


class SentryMissing(Exception):
    """The setting is there, the package is not: one sentence for the operator."""


def begin(settings: Settings, clock: Clock) -> bool:
    """From now on, when there is an address. Raises SentryMissing.

    Errors only: what the log holds at ERROR, and what ends the process. Nothing is hooked into
    the libraries that speak to others, and nothing is printed.
    """
    if settings.sentry_dsn is None:
        return False
    try:
        sentry = import_module("sentry_sdk")
    except ModuleNotFoundError as error:
        raise SentryMissing(
            "BUBBLEWATCH_SENTRY_DSN is set, but Sentry's package is not here: "
            f"{sys.executable} -m pip install 'sentry-sdk>=2.30', or take the setting away"
        ) from error
    hide, seldom = Hiding(secrets_of(settings)), Seldom(clock)

    def before_send(event: Mapping[str, Any], hint: Mapping[str, Any]) -> dict[str, Any] | None:
        return told(event, hide) if seldom.lets(event) else None

    sentry.init(
        dsn=settings.sentry_dsn.get_secret_value(),
        release=f"bubblewatch@{__version__}",
        before_send=before_send,
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=_integrations(),
        include_local_variables=False,
        send_default_pii=False,
        send_client_reports=False,
        auto_session_tracking=False,
        max_breadcrumbs=0,
        shutdown_timeout=SHUTDOWN_S,
    )
    return True


def _integrations() -> list[Any]:
    def of(module: str, name: str) -> Any:
        return getattr(import_module(f"sentry_sdk.integrations.{module}"), name)

    return [
        of("logging", "LoggingIntegration")(level=None, event_level=logging.ERROR),
        of("excepthook", "ExcepthookIntegration")(),
        of("dedupe", "DedupeIntegration")(),
        # Its own way is to tell the terminal that it waits.
        of("atexit", "AtexitIntegration")(callback=lambda pending, timeout: None),
    ]


def told(event: Mapping[str, Any], hide: Hiding) -> dict[str, Any]:
    """What leaves this machine of an event: the words of the code, its place, and no values.

    An exception's own words are kept, without secrets and identifiers.
    """
    said: dict[str, Any] = {name: event[name] for name in _PLAIN if name in event}
    if template := event.get("logentry", {}).get("message"):
        said["logentry"] = {"message": template}
    raised = event.get("exception", {}).get("values", ())
    if raised:
        said["exception"] = {"values": [_raised(one) for one in raised]}
    if mine := correlation.current():
        said["tags"] = {"correlation": mine}
    cleaned: dict[str, Any] = json.loads(hide(json.dumps(said, default=str, ensure_ascii=False)))
    return cleaned


def _raised(one: Mapping[str, Any]) -> dict[str, Any]:
    frames = (one.get("stacktrace") or {}).get("frames") or ()
    return {
        "type": one.get("type"),
        "module": one.get("module"),
        "mechanism": one.get("mechanism"),
        "value": _IDENTIFIERS.sub("[identifier]", str(one.get("value") or "")),
        "stacktrace": {"frames": [_only(_FRAME, frame) for frame in frames]} if frames else None,
    }


def _only(names: tuple[str, ...], given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: given[name] for name in names if name in given}


class Seldom:
    """Lets an error through once in `APART`, and `MOST` of them in all in that time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sent: dict[object, datetime] = {}

    def lets(self, event: Mapping[str, Any]) -> bool:
        now = self._clock.now()
        self._sent = {kind: at for kind, at in self._sent.items() if now - at < APART}
        kind = _kind(event)
        if kind in self._sent or len(self._sent) >= MOST:
            return False
        self._sent[kind] = now
        return True


def _kind(event: Mapping[str, Any]) -> object:
    """Errors of one kind come from the same line of the code."""
    raised = event.get("exception", {}).get("values") or [{}]
    frames = (raised[-1].get("stacktrace") or {}).get("frames") or [{}]
    message = event.get("logentry", {}).get("message")
    return (
        event.get("logger"),
        message,
        raised[-1].get("type"),
        frames[-1].get("filename"),
        frames[-1].get("lineno"),
    )
