"""The bot joins, is greeted by a button that works, loses channels and servers (R24, R25, R30)."""

from __future__ import annotations

from alerts.store import destinations, workspaces
from bot.replies import Button, Buttons, Paragraph, Reply
from tests.emulators.discord import Permission
from tests.platforms.discord.home import Home, connected, text_of


async def reasons(home: Home) -> list[str | None]:
    async with home.database.read() as connection:
        return [one.off_reason for one in await destinations.all_of(connection, "discord")]


async def test_r25_removing_the_bot_switches_its_servers_destinations_off_at_once(
    home: Home,
) -> None:
    other = home.discord.add_guild("Other", channels=["talk"])
    talk = next(iter(other.channels.values()))
    await home.alert()
    await home.alert(talk)
    home.discord.remove_bot(home.guild)
    await home.eventually(lambda: home.off_reason(), "the destination is still on")
    assert await home.off_reason(talk) is None


async def test_r25_a_removal_while_we_were_away_is_noticed_at_the_next_start(away: Home) -> None:
    await away.alert()
    away.discord.remove_bot(away.guild)
    async with connected(away):
        await away.eventually(lambda: away.off_reason(), "the destination is still on")


async def test_r25_being_invited_again_switches_on_what_was_lost(home: Home) -> None:
    await home.alert()
    home.discord.remove_bot(home.guild)
    await home.eventually(lambda: home.off_reason(), "the destination is still on")
    home.discord.invite_bot(home.guild)

    async def is_on() -> bool:
        return await home.off_reason() is None

    await home.eventually(is_on, "the destination is still off")


async def test_r25_an_outage_of_a_server_switches_nothing_off(home: Home) -> None:
    await home.alert()
    home.discord.outage(home.guild)
    home.discord.recover(home.guild)
    assert "No lines here yet" in text_of(await home.ask("alert list"))
    assert await home.off_reason() is None


async def test_r30_a_deleted_channel_is_switched_off_and_keeps_its_rules(home: Home) -> None:
    await home.ask("subscribe")
    home.discord.delete_channel(home.channel)
    await home.eventually(lambda: home.off_reason(), "the destination is still on")
    kept = await home.destination()
    async with home.database.read() as connection:
        assert await destinations.rules_of(connection, kept.id)


async def test_r30_the_owner_is_told_alone_when_there_is_no_other_channel(home: Home) -> None:
    await home.ask("subscribe")
    home.compose(lambda message: Reply((Paragraph(f"lost {message.notice['called']}"),)))
    home.discord.delete_channel(home.channel)
    await home.eventually(lambda: home.off_reason(), "the destination is still on")
    await home.drain()
    direct = home.discord.direct(home.ada)
    assert home.texts(direct) == [f"lost \\#{home.channel.name}"], "by the name that people know"


async def test_a_new_server_is_greeted_once_where_the_bot_may_speak(home: Home) -> None:
    home.compose(lambda message: Reply((Paragraph(message.notice["notice"]),)))
    guild = home.discord.add_guild("New", bot=False, locale="zh-TW", channels=["hidden", "open"])
    hidden, open_one = guild.channels.values()
    home.discord.deny(hidden, Permission.SEND_MESSAGES)
    home.discord.invite_bot(guild)

    async def is_due() -> bool:
        return (await home.states()).count("due") == 1

    await home.eventually(is_due, "no greeting")
    await home.drain()
    assert (home.texts(hidden), home.texts(open_one)) == ([], ["greeting"])
    assert (await home.destination(open_one)).language == "zh_Hant"
    home.discord.remove_bot(guild)
    await home.eventually(lambda: home.off_reason(open_one), "still on")
    home.discord.invite_bot(guild)

    async def is_on() -> bool:
        return await home.off_reason(open_one) is None

    await home.eventually(is_on, "still off")
    await home.drain()
    assert home.texts(open_one).count("greeting") == 1


async def test_the_greetings_button_subscribes(home: Home) -> None:
    row = Buttons((Button("Subscribe", "subscribe article", public=True),))
    message = await home.post(Reply((Paragraph("hello"), row)))
    pressed = home.discord.press(message, "Subscribe", home.ada)
    assert "Subscribed" in text_of(await pressed.answered())
    async with home.database.read() as connection:
        mine = await destinations.presets_of(connection, (await home.destination()).id)
    assert mine == ["article"]


async def test_a_server_without_a_channel_to_speak_in_is_not_greeted(away: Home) -> None:
    silent = away.discord.add_guild("Silent", channels=["hall"])
    [hall] = silent.channels.values()
    away.discord.deny(hall, Permission.SEND_MESSAGES)
    async with connected(away):
        await away.presence.changed.wait()
        assert await away.states() == []
        async with away.database.write() as connection:
            now = away.clock.now()
            assert await workspaces.greet_once(connection, "discord", silent.id, now)


async def test_r30_a_lost_channel_can_be_chosen_and_brought_to_another(home: Home) -> None:
    await home.ask("subscribe")
    lost, found = home.channel, home.discord.add_channel(home.guild, "found")
    home.discord.delete_channel(lost)
    await home.eventually(lambda: home.off_reason(), "the destination is still on")
    typed = home.discord.autocomplete(found, home.ada, "bubble move", {"from": ""})
    assert [choice["value"] for choice in await typed.suggested()] == [lost.id]
    moved = home.discord.slash(found, home.ada, "bubble move", {"from": lost.id})
    await moved.answered()
    listed = home.discord.slash(found, home.ada, "bubble alert list", {})
    assert "Nvidia" in text_of(await listed.answered())
