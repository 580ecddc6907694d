"""What Discord refuses or cannot do, row by row (RULES.md R23, R24)."""

from __future__ import annotations

import asyncio

import pytest
from discord.http import Route

from alerts.platform import Message
from bot.replies import Cell, Column, Paragraph, Reply, Table
from tests.emulators.discord import Permission
from tests.emulators.server import Seen
from tests.platforms.discord.home import Home, connected, said, text_of


@pytest.mark.parametrize("code", [10003, 50001, 50013])
async def test_r24_what_is_permanent_for_a_channel_switches_that_one_off_and_keeps_its_message(
    home: Home, code: int
) -> None:
    other = home.discord.add_channel(home.guild, "other")
    await home.alert(other)
    await home.alert()
    home.discord.fail(code, where=home.channel.id, method="POST")
    await home.drain()
    reason = await home.off_reason()
    assert reason is not None
    assert str(code) not in reason
    assert await home.off_reason(other) is None
    assert (await home.states())[:2] == ["sent", "parked"]
    home.discord.behave()
    assert "On again" in text_of(await home.ask("on"))
    await home.drain(60)
    assert home.texts()[-1] == "news 2"


async def test_r24_a_missing_permission_says_which_one(home: Home) -> None:
    home.discord.deny(home.channel, Permission.SEND_MESSAGES, tell=False)
    await home.alert()
    await home.drain()
    assert "Send Messages" in str(await home.off_reason())


@pytest.mark.parametrize("code", [10004])
async def test_r24_what_is_permanent_for_a_server_switches_all_of_it_off(
    home: Home, code: int
) -> None:
    second = home.discord.add_channel(home.guild, "second")
    elsewhere = home.discord.add_channel(home.discord.add_guild("Elsewhere"), "talk")
    await home.alert(second)
    await home.alert(elsewhere)
    await home.drain()
    home.discord.fail(code, where=home.channel.id, method="POST")
    await home.alert()
    await home.drain()
    assert await home.off_reason() is not None
    assert await home.off_reason(second) == await home.off_reason()
    assert await home.off_reason(elsewhere) is None


async def test_r24_a_token_that_is_taken_no_more_switches_its_server_off_until_it_is_taken_again(
    home: Home,
) -> None:
    token = home.discord.token
    home.discord.token = "another"
    await home.alert()
    await home.drain()
    assert "token" in str(await home.off_reason())
    home.discord.token = token
    home.discord.gateway.forget_sessions()
    home.discord.gateway.drop()

    async def is_on() -> bool:
        return await home.off_reason() is None

    await home.eventually(is_on, "the destination is still off")
    await home.drain(60)
    assert home.texts()[0] == "news 1"


@pytest.mark.parametrize("code", [50035, 40005])
async def test_r24_a_message_that_is_refused_is_tried_once_as_plain_words(
    home: Home, code: int
) -> None:
    home.discord.fail(code, where=home.channel.id, method="POST", times=1)
    await home.alert()
    await home.drain()
    assert await home.states() == ["sent"]
    message = home.channel.latest()
    assert message["embeds"] == []
    assert message["content"].startswith("news 1\n-# bubblewatch")


@pytest.mark.parametrize("code", [50035, 40005])
async def test_r24_a_message_that_is_refused_twice_is_dead_and_the_channel_goes_on(
    home: Home, code: int
) -> None:
    home.discord.fail(code, where=home.channel.id, method="POST", times=2)
    await home.alert()
    await home.alert()
    await home.drain()
    assert await home.states() == ["dead", "sent"]
    assert await home.off_reason() is None


async def test_r24_plain_words_are_found_again_too(home: Home) -> None:
    home.discord.fail(50035, where=home.channel.id, method="POST", times=1)
    home.discord.cut(where=home.channel.id, method="POST", times=1, taken=True)
    await home.alert()
    await home.drain()
    home.discord.forget_nonces()
    await home.drain(60)
    assert await home.states() == ["sent"]
    assert len(home.texts()) == 1


async def test_r24_a_person_who_takes_no_messages_is_switched_off(home: Home) -> None:
    eve = home.discord.add_user("Eve", takes_messages=False)
    direct = home.discord.direct(eve)
    await home.alert(direct)
    await home.drain()
    assert "takes no messages" in str(await home.off_reason(direct))


async def test_r23_a_429_is_waited_out_and_nothing_is_lost(home: Home) -> None:
    home.discord.too_many(0.2, where=home.channel.id, method="POST", times=1)
    await home.alert()
    await home.drain()
    assert home.texts() == ["news 1"]


async def test_r23_a_long_429_goes_back_to_the_outbox_with_its_time(home: Home) -> None:
    other = home.discord.add_channel(home.guild, "other")
    home.discord.too_many(120.0, where=home.channel.id, method="POST", times=1)
    await home.alert()
    await home.alert(other)
    await home.drain()
    assert home.texts(other) == ["news 2"]
    assert await home.due_in() == pytest.approx(120, abs=1)
    await home.drain(121)
    assert home.texts() == ["news 1"]


async def test_r23_a_429_of_the_network_in_front_of_discord_is_tried_again(home: Home) -> None:
    home.discord.too_many(90.0, where=home.channel.id, method="POST", times=1, via=False)
    await home.alert()
    await home.drain()
    assert 60 <= await home.due_in() <= 100
    await home.drain(120)
    assert home.texts() == ["news 1"]


async def test_r23_a_503_is_tried_again_with_growing_pauses(home: Home) -> None:
    home.discord.server_error(503, where=home.channel.id, method="POST")
    await home.alert()
    pauses, at = [], 0.0
    for _ in range(4):
        await home.drain(at)
        pauses.append(await home.due_in())
        at += pauses[-1]
    assert pauses[-1] > pauses[0]
    assert max(pauses) <= 900
    home.discord.behave()
    await home.drain(at)
    assert home.texts() == ["news 1"]


async def test_r23_what_fails_for_a_day_is_dead_and_the_operator_reads_of_it(
    home: Home, caplog: pytest.LogCaptureFixture
) -> None:
    home.discord.server_error(503, where=home.channel.id, method="POST")
    await home.alert()
    await home.drain()
    await home.drain(24 * 3600 + 1)
    [(state, reason)] = await home.deliveries()
    assert state == "dead"
    assert "503" in str(reason)
    assert "dead" in caplog.text


async def test_r23_a_lost_connection_is_tried_again(home: Home) -> None:
    home.discord.cut(where=home.channel.id, method="POST", times=1)
    await home.alert()
    await home.drain()
    assert await home.states() == ["retry"]
    await home.drain(5)
    assert home.texts() == ["news 1"]


async def test_r23_an_answer_that_never_comes_is_given_up_and_looked_for(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("alerts.sending.POST_TIMEOUT_S", 0.2)
    home.discord.hang(where=home.channel.id, method="POST", times=1)
    await home.alert()
    await home.drain()
    assert await home.states() == ["retry"]
    monkeypatch.undo()
    await home.drain(5)
    assert home.texts() == ["news 1"]


async def test_r23_a_server_that_cannot_be_reached_has_certainly_taken_nothing(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Route, "BASE", "http://127.0.0.1:1/api/v10")
        await home.alert()
        await home.drain()
        assert await home.deliveries() == [("retry", "Discord cannot be reached")]
    await home.drain(5)
    assert home.texts() == ["news 1"]
    assert not [seen for seen in home.discord.requests if seen.method == "GET" and posted_to(seen)]


def posted_to(seen: Seen) -> bool:
    return seen.path.endswith("/messages")


async def test_r23_a_message_is_kept_until_we_are_signed_in(
    away: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.platforms.discord.platform.SIGNED_IN_WITHIN_S", 0.05)
    await away.alert()
    await away.drain()
    [(state, reason)] = await away.deliveries()
    assert (state, reason) == ("retry", "not signed in to Discord yet")
    async with connected(away):
        await away.drain(5)
    assert away.texts() == ["news 1"]


async def test_r23_a_hundred_channels_are_served_within_the_limit_without_one_429(
    home: Home,
) -> None:
    channels = [home.discord.add_channel(home.guild, f"c{n}") for n in range(120)]
    await asyncio.gather(*(home.alert(channel) for channel in channels))
    await home.drain()
    assert all(len(home.texts(channel)) == 1 for channel in channels)
    assert home.discord.rates.count_429 == 0


async def test_r23_many_messages_to_one_channel_earn_no_429(home: Home) -> None:
    home.discord.rates.buckets["messages.create"] = (3, 0.5)
    for _ in range(7):
        await home.alert()
    await home.drain()
    assert home.texts() == [f"news {n}" for n in range(1, 8)]
    assert home.discord.rates.count_429 == 0


def big(message: Message) -> Reply:
    rows = tuple((Cell(str(n)), Cell("x" * 300)) for n in range(300))
    table = Table((Column("n"), Column("text")), rows)
    return Reply((*said(message).blocks, table, Paragraph("y" * 9000)))


async def test_r24_whatever_is_said_is_made_to_fit(home: Home) -> None:
    home.compose(big)
    await home.alert()
    await home.drain()
    assert await home.states() == ["sent"]
    assert home.channel.latest()["embeds"]
