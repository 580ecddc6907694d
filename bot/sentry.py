"""Errors to Sentry as well, when the operator asks for it (`BUBBLEWATCH_SENTRY_DSN`).

Sentry's own package is an extra: `pip install 'sentry-sdk>=2.30'`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from bot import __version__
from bot.logs import Hiding, secrets_of
from bot.settings import Settings


class SentryMissing(Exception):
    """The setting is there, the package is not: one sentence for the operator."""


def begin(settings: Settings) -> bool:
    """From now on, when there is an address. Raises SentryMissing.

    Errors only: what the log holds at ERROR, with its stack. Values of variables stay here, and
    what looks like a secret is taken out of the rest.
    """
    if settings.sentry_dsn is None:
        return False
    try:
        sentry = import_module("sentry_sdk")
    except ModuleNotFoundError as error:
        raise SentryMissing(
            "BUBBLEWATCH_SENTRY_DSN is set, but Sentry's package is not here: "
            "pip install 'sentry-sdk>=2.30', or take the setting away"
        ) from error
    hide = Hiding(secrets_of(settings))
    sentry.init(
        dsn=settings.sentry_dsn.get_secret_value(),
        release=f"bubblewatch@{__version__}",
        before_send=lambda event, hint: without_secrets(event, hide),
        include_local_variables=False,
        send_default_pii=False,
        max_breadcrumbs=0,
        traces_sample_rate=0.0,
    )
    return True


def without_secrets(event: Mapping[str, Any], hide: Hiding) -> dict[str, Any]:
    """The same event, read once through the same sieve as the log."""
    cleaned: dict[str, Any] = json.loads(hide(json.dumps(event, default=str, ensure_ascii=False)))
    return cleaned
