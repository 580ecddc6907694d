"""`make pictures`: the alert, the board and a form, on both platforms, as PNG files under docs/."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.emulators.discord import Json, Permission
from tests.pictures import discord, slack
from tests.pictures.chromium import NoChromium, screenshot
from tests.pictures.stage import LATER, THE_DAY, Stage, staged

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"


class InDiscord:
    """Ada's server, in English."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._discord = stage.discord
        guild = self._discord.add_guild("Fund")
        self._channel = self._discord.add_channel(guild, "alerts")
        self._ada = self._discord.add_user("Ada")
        self._discord.add_member(guild, self._ada, permissions=Permission.MANAGE_GUILD)
        self._discord.allow(self._channel, Permission.PIN_MESSAGES)

    async def subscribe(self) -> None:
        await self._discord.until(lambda: self._stage.chat.hears(), 10)
        await self._ask("subscribe", {"preset": "article"})

    async def draw_alert(self) -> None:
        """As it came; it is acknowledged then."""
        self._alert = self._channel.latest()
        self._draw("alert", self._alert)
        acknowledge = _items(self._alert)[0]["custom_id"]
        await self._discord.press(self._alert, acknowledge, self._ada).answered()

    async def draw_what_follows(self) -> None:
        """The alert's story, the pinned board, private answers, a form."""
        self._draw("story", self._alert)
        await self._ask("pin")
        await self._stage.outbox.drain()
        board = self._channel.messages[next(iter(self._channel.pins))]
        self._draw("board", board, "Pinned message")
        self._draw("status", await self._ask("status"))
        self._draw("why", await self._ask("why", {"indicator": "oracle_debt"}))
        settings = await self._ask("settings")
        self._draw("settings", settings)
        opens = next(one for one in _items(settings) if "…" in one.get("label", ""))
        form = await self._discord.press(settings, opens["custom_id"], self._ada).opened()
        _save("discord-form", discord.form_page(form.modal or {}))

    async def _ask(self, line: str, options: Mapping[str, str] | None = None) -> Json:
        said = self._discord.slash(self._channel, self._ada, f"bubble {line}", dict(options or {}))
        return await said.answered()

    def _draw(self, name: str, message: Json, note: str = "") -> None:
        page = discord.message_page(message, self._discord.uploads, note)
        _save(f"discord-{name}", page)


def _items(message: Json) -> list[Json]:
    return [item for row in message["components"] for item in row["components"]]


class InSlack:
    """Ann's workspace, in the Chinese of Taiwan."""

    def __init__(self, stage: Stage) -> None:
        self._slack = stage.slack
        self._team = stage.team
        self._ann = self._team.add_user("Ann", admin=True, locale="zh-TW")
        self._channel = self._team.add_channel("alerts", creator=self._ann)

    async def subscribe(self) -> None:
        await self._ask("settings language zh_Hant")
        await self._ask("subscribe article")

    async def draw_alert(self) -> None:
        self._draw("alert", self._channel.messages[-1])

    async def draw_what_follows(self) -> None:
        self._draw("status", await self._ask("status"), "Only visible to you")
        asked = self._slack.slash(self._team, self._channel, self._ann, "alert add")
        await asked.until(lambda: asked.views and asked.views[-1].get("submit"))
        _save("slack-form", slack.view_page(asked.views[-1], self._files()))
        opened = self._slack.open_home(self._team, self._ann)
        await opened.until(lambda: self._ann.id in self._team.homes)
        home = self._team.homes[self._ann.id]
        _save("slack-home", slack.view_page(home, self._files()))

    async def _ask(self, line: str) -> Json:
        return await self._slack.slash(self._team, self._channel, self._ann, line).answered()

    def _files(self) -> Mapping[str, bytes]:
        return {file.id: file.content for file in self._slack.files.values()}

    def _draw(self, name: str, message: Json, note: str = "") -> None:
        _save(f"slack-{name}", slack.message_page(message, self._files(), note))


def _save(name: str, page: str) -> None:
    screenshot(page, FOLDER / f"{name}.png")
    print(f"docs/pictures/{name}.png")


async def _all() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="bubblewatch-stage-") as folder:
        async with staged(Path(folder)) as stage:
            scenes: tuple[InDiscord | InSlack, ...] = (InDiscord(stage), InSlack(stage))
            for scene in scenes:
                await scene.subscribe()
            await stage.until(THE_DAY)
            for scene in scenes:
                await scene.draw_alert()
            await stage.until(LATER)
            for scene in scenes:
                await scene.draw_what_follows()


def main() -> int:
    try:
        asyncio.run(_all())
    except NoChromium as reason:
        print(reason, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
