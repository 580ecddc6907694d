"""Messages reach their channel once and in order (RULES.md R20 to R22)."""

from __future__ import annotations

from alerts import correlation
from alerts.outbox import LEASE
from tests.platforms.discord.home import Home

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 64


def posts(home: Home) -> int:
    return len([seen for seen in home.discord.requests if _is_post(seen.method, seen.path)])


def _is_post(method: str, path: str) -> bool:
    return method == "POST" and path.endswith("/messages")


async def test_r20_what_is_due_is_posted_once_with_its_nonce(home: Home) -> None:
    await home.alert()
    await home.drain()
    assert home.texts() == ["news 1"]
    assert await home.states() == ["sent"]
    assert posts(home) == 1


async def test_r21_one_channels_messages_keep_their_order_and_hold_up_no_other(home: Home) -> None:
    other = home.discord.add_channel(home.guild, "other")
    home.discord.server_error(503, where=home.channel.id, method="POST", times=1)
    await home.alert()
    await home.alert()
    await home.alert(other)
    await home.drain()
    assert (home.texts(), home.texts(other)) == ([], ["news 3"])
    await home.drain(5)
    assert home.texts() == ["news 1", "news 2"]


async def test_r22_a_lost_answer_is_no_second_message_while_the_nonce_is_known(
    home: Home,
) -> None:
    home.discord.cut(where=home.channel.id, method="POST", times=1, taken=True)
    await home.alert()
    await home.drain()
    assert await home.states() == ["retry"]
    await home.drain(5)
    assert await home.states() == ["sent"]
    assert home.texts() == ["news 1"]


async def test_r22_a_lost_answer_is_found_in_the_channel_when_the_nonce_is_forgotten(
    home: Home,
) -> None:
    home.discord.cut(where=home.channel.id, method="POST", times=1, taken=True)
    await home.alert()
    await home.drain()
    home.discord.forget_nonces()
    for number in range(120):
        home.discord.say(home.channel, home.bob, f"chatter {number}")
    before = posts(home)
    await home.drain(600)
    assert await home.states() == ["sent"]
    assert posts(home) == before
    assert sum(text == "news 1" for text in home.texts()) == 1


async def test_r22_a_message_that_never_arrived_is_posted_again(home: Home) -> None:
    home.discord.cut(where=home.channel.id, method="POST", times=1, taken=False)
    await home.alert()
    await home.drain()
    home.discord.forget_nonces()
    await home.drain(600)
    assert await home.states() == ["sent"]
    assert home.texts() == ["news 1"]


async def test_r22_what_one_look_told_twice_in_a_channel_is_told_apart(home: Home) -> None:
    # One look's nonces begin alike; here two more digits of them, by bad luck.
    with correlation.begun("01234567ab"):
        await home.alert()
        await home.drain()
        home.discord.cut(where=home.channel.id, method="POST", times=1, taken=False)
        await home.alert()
    await home.drain(5)
    home.discord.forget_nonces()
    await home.drain(600)
    assert home.texts() == ["news 1", "news 2"]


async def test_r22_a_worker_that_died_leaves_a_message_that_is_found(home: Home) -> None:
    await home.alert()
    home.discord.cut(where=home.channel.id, method="POST", times=1, taken=True)
    await home.drain()
    home.discord.forget_nonces()
    await home.drain(LEASE.total_seconds() + 60)
    assert home.texts() == ["news 1"]


async def test_r22_a_message_that_a_person_deleted_meanwhile_is_not_posted_again(
    home: Home,
) -> None:
    home.discord.cut(where=home.channel.id, method="POST", times=1, taken=True)
    await home.alert()
    await home.drain()
    [message] = home.channel.newest_first()
    home.discord.delete_message(home.channel, message["id"])
    await home.drain(5)
    assert await home.states() == ["sent"]
    assert home.texts() == []


async def test_r22_a_nonce_repeated_by_the_library_itself_gives_one_message(home: Home) -> None:
    home.discord.server_error(502, where=home.channel.id, method="POST", times=1)
    await home.alert()
    await home.drain()
    assert await home.states() == ["sent"]
    assert home.texts() == ["news 1"]
    assert posts(home) == 2
