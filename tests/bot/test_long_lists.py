"""What is too much for one message is still all within reach."""

from __future__ import annotations

from datetime import timedelta

from alerts.indicators import Section, presets
from bot.locales import translator
from bot.platforms.discord.render import rendered
from bot.platforms.slack.blocks import MOST_BLOCKS, render
from bot.platforms.terminal import plain_text
from bot.replies import Menu, Reply
from tests.bot.conftest import NOW, Talk, pressable

ENGLISH = translator("en")
LISTS = (
    "help",
    "status",
    *(f"status {section.value}" for section in Section),
    "indicators",
    "presets",
    *(f"presets {preset}" for preset in presets()),
    "alert list",
)


def on_discord(reply: Reply) -> str:
    return "\n".join(embed.description or "" for embed in rendered(reply, ENGLISH).embeds)


def menus(reply: Reply) -> list[Menu]:
    rows = [block.items for block in reply.blocks if hasattr(block, "items")]
    return [item for row in rows for item in row if isinstance(item, Menu)]


async def test_no_list_is_cut_on_any_platform(talk: Talk) -> None:
    for preset in presets():
        assert (await talk(f"subscribe {preset}")).ok
    for line in LISTS:
        reply = await talk(line)
        assert "more" not in on_discord(reply).rpartition("-# and ")[2], line
        assert len(render(reply, ENGLISH, most=1000)) <= MOST_BLOCKS, line


async def test_every_line_of_a_long_list_is_some_presses_away(talk: Talk) -> None:
    for preset in presets():
        await talk(f"subscribe {preset}")
    pages = []
    line: str | None = "alert list"
    while line is not None:
        reply = await talk(line)
        pages.append(reply)
        line = next((b.line for b in pressable(reply) if b.label == "The next lines"), None)
    (menu, *_) = menus(pages[0])
    shown = [option.line for page in pages for option in menus(page)[0].options]
    wanted = sum(len(lines) for lines in presets().values())
    assert sorted(shown) == sorted(f"alert show {n}" for n in range(1, wanted + 1))
    assert menu.options[0].line.startswith("alert show ")
    assert "There is no rule 999" in await talk.refusal("alert list from 999")


async def test_every_indicator_of_a_part_can_be_chosen_from_its_board(talk: Talk) -> None:
    for section in Section:
        reply = await talk(f"status {section.value}")
        chosen = {option.line for menu in menus(reply) for option in menu.options}
        here = [i.key for i in talk.services.indicators.values() if i.section is section]
        assert chosen == {f"show {key}" for key in here}


async def test_a_company_with_a_line_of_its_own_stands_on_the_whole_board(talk: Talk) -> None:
    assert "Oracle free cash flow" not in await talk.text("status")
    await talk("alert add hyperscaler_free_cash_flow.ORCL below 0")
    assert "Oracle free cash flow" in await talk.text("status")


async def test_subscribing_before_any_value_is_fresh_says_so_once(talk: Talk) -> None:
    talk.clock.set(NOW + timedelta(days=3650))
    said = plain_text(await talk("subscribe article"))
    assert said.count("No fresh value is known yet") == 1
    assert said.count("waits for a first value") == len(presets()["article"])


async def test_a_preset_says_where_each_number_stands_and_what_is_there_already(
    talk: Talk,
) -> None:
    said = " ".join((await talk.text("subscribe article")).split())
    assert "now $4.30T" in said
    assert "It is already there: 1" in said


async def test_a_distance_in_places_is_counted_not_divided(talk: Talk) -> None:
    assert "≤ 3, 1 off" in await talk.text("status")


async def test_an_old_value_is_called_stale_on_the_narrowest_screen(talk: Talk) -> None:
    talk.clock.set(NOW + timedelta(days=60))
    reply = await talk("status")
    assert "**Nvidia market cap \\(stale\\)** · $4.30T" in on_discord(reply)
    assert str(render(reply, ENGLISH)).count("(stale)") > 10
