"""Buttons under an alert: whoever presses is asked who they are, and old ones do no harm."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from alerts.store import destinations
from bot.answer import answer
from bot.commands import Request
from bot.compose import Composer
from tests.emulators import discord as discord_world
from tests.emulators import slack as slack_world
from tests.emulators.discord import Permission
from tests.faults.both import Both, both

REFUSED = "Only those who manage this place may change that."
PRESSED = ("Acknowledge", "Snooze 1 day")
CHOSEN = ("Mute", "Snooze 1 week")


@dataclass
class Alerted:
    """An alert stands in every channel; Ada and Ann manage, Bob and Ben do not."""

    bureau: Both
    ada: discord_world.User
    bob: discord_world.User
    ann: slack_world.User
    ben: slack_world.User

    async def kept(self) -> list[object]:
        """All that a button could change."""
        tables = ("rule", "act", "delivery", "alert", "subscription")
        async with self.bureau.database.read() as connection:
            return [(await connection.execute(text(f"SELECT * FROM {t}"))).all() for t in tables]

    async def on_discord(self, what: str, user: discord_world.User) -> str:
        message = self.bureau.channels[0].latest()
        discord = self.bureau.discord
        if what in PRESSED:
            return str(await discord.press(message, what, user).answered())
        menu = message["components"][1]["components"][0]
        value = next(one["value"] for one in menu["options"] if one["label"] == what)
        return str(await discord.choose(message, menu["custom_id"], [value], user).answered())

    async def on_slack(self, what: str, user: slack_world.User) -> str:
        message: Any = self.bureau.rooms[0].messages[-1]
        slack = self.bureau.slack
        if what in PRESSED:
            return str(await slack.press(message, what, user=user).answered())
        return str(await slack.choose(message, "More …", what, user=user).answered())

    async def remove_rules(self) -> None:
        for place in self.bureau.places:
            await answer(self.bureau.services, Request(place, "ada"), "alert remove 1")


@pytest.fixture
async def alerted(tmp_path: Path, migrated_file: Path) -> AsyncIterator[Alerted]:
    path = Path(shutil.copy(migrated_file, tmp_path / "bubblewatch.db"))
    async with both(path) as bureau:
        bureau.compose = Composer(bureau.database, bureau.indicators, bureau.clock)
        ada, bob = bureau.discord.add_user("Ada"), bureau.discord.add_user("Bob")
        bureau.discord.add_member(bureau.guild, ada, permissions=Permission.MANAGE_GUILD)
        bureau.discord.add_member(bureau.guild, bob)
        ann, ben = bureau.team.add_user("Ann", admin=True), bureau.team.add_user("Ben")
        for room in bureau.rooms:
            room.members += [ann.id, ben.id]
        async with bureau.connected():
            await bureau.see(0, 90)
            await bureau.draw_everywhere()
            await bureau.told_at(1, 105)
            yield Alerted(bureau, ada, bob, ann, ben)


@pytest.mark.parametrize("what", [*PRESSED, *CHOSEN])
async def test_who_may_not_change_the_place_changes_nothing_by_pressing(
    alerted: Alerted, what: str
) -> None:
    before = await alerted.kept()
    assert REFUSED in await alerted.on_discord(what, alerted.bob)
    assert REFUSED in await alerted.on_slack(what, alerted.ben)
    assert await alerted.kept() == before
    assert REFUSED not in await alerted.on_discord(what, alerted.ada)
    assert REFUSED not in await alerted.on_slack(what, alerted.ann)
    assert await alerted.kept() != before


@pytest.mark.parametrize("what", [*PRESSED, *CHOSEN])
async def test_a_button_whose_rule_is_gone_changes_nothing_and_says_so(
    alerted: Alerted, what: str
) -> None:
    await alerted.remove_rules()
    # A new rule is another rule: it does not get the number of the old one.
    await alerted.bureau.draw_everywhere(200)
    async with alerted.bureau.database.read() as connection:
        for place in alerted.bureau.places:
            home = await destinations.find(connection, place)
            assert home is not None
            assert [r.number for r in await destinations.rules_of(connection, home.id)] == [2]
    before = await alerted.kept()
    for said in (
        await alerted.on_discord(what, alerted.ada),
        await alerted.on_slack(what, alerted.ann),
    ):
        assert "There is no rule 1 here" in said
    assert await alerted.kept() == before
