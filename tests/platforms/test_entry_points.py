"""Platforms are found by their entry points, ours like anybody's."""

from __future__ import annotations

import importlib
import pkgutil
import tomllib
from collections.abc import Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from random import Random
from typing import cast

import pytest

import bot.platforms
from alerts.clock import SystemClock
from alerts.platform import Message
from alerts.store.database import Database, sqlite_url
from bot.commands import Services
from bot.platforms import GROUP, Context, configured
from bot.presence import Presence
from bot.replies import Reply
from bot.settings import Settings

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


class Silent:
    """A platform that does nothing."""

    name = "silent"

    async def post(self, message: Message) -> str:
        return message.nonce

    async def find(self, message: Message) -> str | None:
        return None


def silent(context: Context) -> Silent:
    return Silent()


def nothing(context: Context) -> None:
    return None


async def compose(message: Message) -> Reply:
    return Reply(())


@pytest.fixture
def context(tmp_path: Path) -> Context:
    """Nothing is set: no token, no URL."""
    database = Database(sqlite_url(tmp_path / "test.db"))
    clock = SystemClock()
    presence = Presence(database, clock, lambda: None)
    # No platform looks into the services before it is asked something.
    services = cast(Services, None)
    settings = Settings(_env_file=None, data_dir=tmp_path)  # type: ignore[call-arg]
    return Context(settings, clock, Random(0), services, compose, presence)


def registered() -> Mapping[str, str]:
    project = tomllib.loads(PYPROJECT.read_text("utf-8"))["project"]
    found: Mapping[str, str] = project.get("entry-points", {}).get(GROUP, {})
    return found


def installed(monkeypatch: pytest.MonkeyPatch, *makers: str) -> None:
    """As if these were the entry points of all installed packages."""
    entries = tuple(
        EntryPoint(f"{n}", f"tests.platforms.test_entry_points:{maker}", GROUP)
        for n, maker in enumerate(makers)
    )
    monkeypatch.setattr(bot.platforms, "entry_points", lambda group: entries)


def test_every_platform_of_ours_is_registered() -> None:
    ours = {}
    for info in pkgutil.iter_modules(bot.platforms.__path__):
        module = importlib.import_module(f"bot.platforms.{info.name}")
        if hasattr(module, "make"):
            ours[info.name] = f"{module.__name__}:make"
    assert registered() == ours


@pytest.mark.parametrize("name", ["apprise", "discord", "slack"])
def test_without_its_settings_a_platform_is_not_there(name: str, context: Context) -> None:
    module = importlib.import_module(f"bot.platforms.{name}")
    assert module.make(context) is None


def test_those_whose_settings_are_there_are_used(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(monkeypatch, "silent", "nothing")
    assert [one.name for one in configured(context)] == ["silent"]


def test_two_of_one_name_are_refused(context: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, "silent", "silent")
    with pytest.raises(ValueError, match="two platforms are called silent"):
        configured(context)
