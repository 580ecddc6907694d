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
from tests.pictures.stage import LATER, THE_DAY, THE_END, Stage, staged

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"


async def _discord(stage: Stage) -> None:
    """An alert and its story, the board, private answers and a form."""
    server = stage.discord
    guild = server.add_guild("Fund")
    channel = server.add_channel(guild, "alerts")
    ada = server.add_user("Ada")
    server.add_member(guild, ada, permissions=Permission.MANAGE_GUILD)
    server.allow(channel, Permission.PIN_MESSAGES)
    await server.until(lambda: stage.chat.hears(), 10)

    async def asked(line: str, options: Mapping[str, str | int | bool] | None = None) -> Json:
        return await server.slash(channel, ada, f"bubble {line}", dict(options or {})).answered()

    def page(message: Json, note: str = "") -> str:
        return discord.message_page(message, server.uploads, note)

    await asked("subscribe", {"preset": "article"})
    await stage.until(THE_DAY)
    alert = channel.latest()
    _draw("discord-alert", page(alert))
    acknowledge, _ = _items(alert)[:2]
    await server.press(alert, acknowledge["custom_id"], ada).answered()
    await stage.until(LATER)
    _draw("discord-story", page(alert))
    await asked("pin")
    await stage.outbox.drain()
    _draw("discord-board", page(channel.messages[next(iter(channel.pins))], "Pinned message"))
    _draw("discord-status", page(await asked("status")))
    _draw("discord-why", page(await asked("why", {"indicator": "oracle_debt"})))
    _draw("discord-settings", page(settings := await asked("settings")))
    opens = next(one for one in _items(settings) if "…" in one.get("label", ""))
    form = await server.press(settings, opens["custom_id"], ada).opened()
    _draw("discord-form", discord.form_page(form.modal or {}))


def _items(message: Json) -> list[Json]:
    return [item for row in message["components"] for item in row["components"]]


async def _slack(stage: Stage) -> None:
    """The same in Slack, for a person who reads Chinese, and the App Home."""
    server, team = stage.slack, stage.team
    ann = team.add_user("Ann", admin=True, locale="zh-TW")
    channel = team.add_channel("alerts", creator=ann)
    contents = {file.id: file.content for file in server.files.values()}
    await server.slash(team, channel, ann, "settings language zh_Hant").answered()
    await server.slash(team, channel, ann, "subscribe article").answered()
    await stage.until(THE_END)
    contents = {file.id: file.content for file in server.files.values()}
    _draw("slack-alert", slack.message_page(channel.messages[-1], contents))
    status = await server.slash(team, channel, ann, "status").answered()
    _draw("slack-status", slack.message_page(status, contents, "Only visible to you"))
    opened = await server.slash(team, channel, ann, "alert add").opened()
    _draw("slack-form", slack.view_page(opened, contents))
    await server.open_home(team, ann).until(lambda: ann.id in team.homes)
    _draw("slack-home", slack.view_page(team.homes[ann.id], contents))


def _draw(name: str, page: str) -> None:
    screenshot(page, FOLDER / f"{name}.png")
    print(f"docs/pictures/{name}.png")


async def _all() -> None:
    with TemporaryDirectory(prefix="bubblewatch-stage-") as folder:
        async with staged(Path(folder)) as stage:
            await _discord(stage)
            await _slack(stage)


def main() -> int:
    try:
        asyncio.run(_all())
    except NoChromium as reason:
        print(reason, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
