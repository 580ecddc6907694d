"""Sentry is asked for by a setting, and gets nothing secret."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest
from pydantic import SecretStr

from bot import sentry
from bot.logs import HIDDEN, Hiding
from bot.settings import Settings

DSN = "https://key@sentry.example/1"


def test_without_the_setting_nothing_is_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentry_sdk", None)
    assert sentry.begin(Settings()) is False


def test_with_the_setting_and_without_the_package_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "sentry_sdk", None)
    with pytest.raises(sentry.SentryMissing, match=r"sentry-sdk"):
        sentry.begin(Settings(sentry_dsn=SecretStr(DSN)))


def test_what_is_sent_went_through_the_sieve_and_holds_no_variables(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: dict[str, Any] = {}
    package = ModuleType("sentry_sdk")
    package.init = given.update  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sentry_sdk", package)
    settings = Settings(sentry_dsn=SecretStr(DSN), discord_token=SecretStr("a-very-secret-token"))
    assert sentry.begin(settings) is True
    assert given["include_local_variables"] is False
    event = {
        "message": "it failed with a-very-secret-token",
        "extra": {"at": ["a-very-secret-token"]},
    }
    sent = given["before_send"](event, {})
    assert sent == {"message": f"it failed with {HIDDEN}", "extra": {"at": [HIDDEN]}}


def test_a_secret_with_quotes_in_it_is_found_too() -> None:
    hide = Hiding(['pass"word\\x'])
    assert sentry.without_secrets({"a": 'the pass"word\\x'}, hide) == {"a": f"the {HIDDEN}"}
