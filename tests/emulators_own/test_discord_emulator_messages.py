"""Messages over REST: nonces, files, permissions, history, pins, as discord.py sends them."""

from __future__ import annotations

import io
import struct
from collections.abc import AsyncIterator

import aiohttp
import discord
import pytest

from tests.emulators.discord import Channel, DiscordEmulator, Permission, pings_of
from tests.emulators_own.discord_bot import Bot, logged_in

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 640, 320) + b"\r\n--\r\n" * 9


class Scene:
    """A server with one channel, and a bot that has logged in."""

    def __init__(self, emulator: DiscordEmulator, bot: Bot) -> None:
        self.emulator, self.bot = emulator, bot
        self.guild = emulator.add_guild("Fund", channels=("alerts",))
        self.channel: Channel = next(iter(self.guild.channels.values()))

    @property
    def there(self) -> discord.PartialMessageable:
        return self.bot.get_partial_messageable(int(self.channel.id))

    async def refused(self, content: str = "hello", **more: object) -> discord.HTTPException:
        with pytest.raises(discord.HTTPException) as refused:
            await self.there.send(content, **more)  # type: ignore[call-overload]
        return refused.value


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    with DiscordEmulator(check_answers=True) as emulator:
        async with logged_in(emulator) as bot:
            yield Scene(emulator, bot)
        assert emulator.violations == []
        assert emulator.rates.count_429 == 0


def picture(name: str = "chart.png") -> discord.File:
    return discord.File(io.BytesIO(PNG), name, description="the last year")


async def test_the_bot_may_ask_where_and_who_it_is(scene: Scene) -> None:
    bot, ada = scene.bot, scene.emulator.add_user("Ada")
    role = scene.emulator.add_role(scene.guild, "desk")
    scene.emulator.add_member(scene.guild, ada, roles=[role])
    guild = await bot.fetch_guild(int(scene.guild.id))
    assert [one.name for one in await guild.fetch_channels()] == ["alerts"]
    assert "desk" in [one.name for one in await guild.fetch_roles()]
    member = await guild.fetch_member(int(ada.id))
    assert (member.name, [one.id for one in member.roles][-1]) == ("ada", int(role.id))
    with pytest.raises(discord.NotFound) as unknown:
        await guild.fetch_member(1)
    assert unknown.value.code == 10007
    assert str(await bot.fetch_channel(int(scene.channel.id))) == "alerts"
    assert [one.name async for one in bot.fetch_guilds()] == ["Fund"]
    assert (await bot.application_info()).name == "Bubblewatch"
    shards, url, starts = await bot.http.get_bot_gateway()
    assert (shards, url, starts["total"]) == (1, scene.emulator.gateway_url, 1000)


async def test_a_nonce_is_posted_once(scene: Scene) -> None:
    first = await scene.there.send("hello", nonce="n1")
    again = await scene.there.send("hello", nonce="n1")
    assert first.id == again.id
    assert again.nonce == "n1"
    other = await scene.there.send("hello", nonce="n2")
    assert other.id != first.id


async def test_the_window_of_a_nonce_ends(scene: Scene) -> None:
    first = await scene.there.send("hello", nonce="n1")
    scene.emulator.forget_nonces()
    assert (await scene.there.send("hello", nonce="n1")).id != first.id


async def test_fetched_messages_have_no_nonce(scene: Scene) -> None:
    first = await scene.there.send("hello", nonce="n1")
    assert (await scene.there.fetch_message(first.id)).nonce is None
    assert [one.nonce async for one in scene.there.history()] == [None]


async def test_a_nonce_whose_message_was_deleted_gives_no_new_one(scene: Scene) -> None:
    first = await scene.there.send("hello", nonce="n1")
    scene.emulator.delete_message(scene.channel, str(first.id))
    assert (await scene.refused(nonce="n1")).code == 10008


async def test_a_picture_stands_in_the_embed_and_stays_when_it_is_edited(scene: Scene) -> None:
    embed = discord.Embed(title="Top 5").set_image(url="attachment://chart.png")
    sent = await scene.there.send(embed=embed, file=picture())
    message = scene.channel.latest()
    image = message["embeds"][0]["image"]
    assert (image["width"], image["height"]) == (640, 320)
    assert message["attachments"] == []
    async with aiohttp.ClientSession() as session, session.get(image["url"]) as answer:
        assert await answer.read() == PNG
    later = discord.Embed(title="Top 5, cleared").set_image(url="attachment://chart.png")
    await sent.edit(embed=later)
    assert message["embeds"][0]["title"] == "Top 5, cleared"
    assert message["embeds"][0]["image"]["url"] == image["url"]


async def test_a_picture_can_come_to_stand_there_twice(scene: Scene) -> None:
    embed = discord.Embed(title="Top 5").set_image(url="attachment://chart.png")
    sent = await scene.there.send(embed=embed, file=picture())
    await sent.edit(view=None)
    assert scene.channel.latest()["attachments"] == []
    await sent.edit(embed=sent.embeds[0])  # By its address, as Discord gave it.
    assert len(scene.channel.latest()["attachments"]) == 1
    await sent.edit(embed=embed, attachments=[picture()])
    assert scene.channel.latest()["attachments"] == []


async def test_a_file_without_an_embed_is_an_attachment(scene: Scene) -> None:
    sent = await scene.there.send("look", file=picture("a.png"))
    [attachment] = scene.channel.latest()["attachments"]
    assert attachment["description"] == "the last year"
    assert scene.emulator.upload(attachment) == PNG
    await sent.edit(attachments=[])
    assert scene.channel.latest()["attachments"] == []


async def test_a_picture_that_is_not_there_is_refused(scene: Scene) -> None:
    embed = discord.Embed(title="Top 5").set_image(url="attachment://chart.png")
    assert (await scene.refused(embed=embed)).code == 50035


async def test_what_is_too_large_is_refused(scene: Scene) -> None:
    scene.emulator.largest_upload = 20
    refused = await scene.refused(file=picture())
    assert (refused.status, refused.code) == (413, 40005)


@pytest.mark.parametrize(
    ("denied", "code"),
    [
        (Permission.VIEW_CHANNEL, 50001),
        (Permission.SEND_MESSAGES, 50013),
        (Permission.ATTACH_FILES, 50013),
        (Permission.EMBED_LINKS, 50013),
    ],
)
async def test_what_is_not_permitted_is_refused(
    scene: Scene, denied: Permission, code: int
) -> None:
    scene.emulator.deny(scene.channel, denied)
    embed = discord.Embed(title="Top 5")
    refused = await scene.refused(embed=embed, file=picture())
    assert (refused.status, refused.code) == (403, code)
    scene.emulator.allow(scene.channel, denied)
    await scene.there.send(embed=embed, file=picture())


async def test_a_channel_or_server_that_is_gone_is_unknown(scene: Scene) -> None:
    scene.emulator.remove_bot(scene.guild)
    assert (await scene.refused()).code == 50001
    with pytest.raises(discord.NotFound) as refused:
        await scene.bot.fetch_guild(int(scene.guild.id))
    assert refused.value.code == 10004
    scene.emulator.delete_channel(scene.channel)
    assert (await scene.refused()).code == 10003


async def test_a_person_may_take_no_messages(scene: Scene) -> None:
    ada = scene.emulator.add_user("Ada", takes_messages=False)
    person = await scene.bot.fetch_user(int(ada.id))
    with pytest.raises(discord.Forbidden) as refused:
        await person.send("hello")
    assert refused.value.code == 50007
    ada.takes_messages = True
    await person.send("hello")
    assert scene.emulator.direct(ada).latest()["content"] == "hello"


async def test_only_what_is_allowed_pings(scene: Scene) -> None:
    role = scene.emulator.add_role(scene.guild, "desk", mentionable=True)
    text = f"@everyone <@&{role.id}> <@{scene.guild.owner_id}>"
    await scene.there.send(text)
    everyone = ["@everyone", f"@&{role.id}", f"@{scene.guild.owner_id}"]
    assert pings_of(scene.channel.latest()) == everyone
    await scene.there.send(text, allowed_mentions=discord.AllowedMentions.none())
    assert pings_of(scene.channel.latest()) == []
    only = discord.AllowedMentions(
        everyone=False, users=False, roles=[discord.Object(int(role.id))]
    )
    await scene.there.send(text, allowed_mentions=only)
    assert pings_of(scene.channel.latest()) == [f"@&{role.id}"]


async def test_an_edit_pings_nobody(scene: Scene) -> None:
    sent = await scene.there.send("quiet")
    await sent.edit(content="@everyone")
    assert pings_of(scene.channel.latest()) == []


async def test_a_reply_refers_to_its_message(scene: Scene) -> None:
    first = await scene.there.send("fired")
    await first.reply("cleared", mention_author=False)
    message = scene.channel.latest()
    assert message["message_reference"]["message_id"] == str(first.id)
    assert pings_of(message) == []
    scene.emulator.delete_message(scene.channel, str(first.id))
    refused = await scene.refused(reference=first.to_reference())
    assert refused.code == 50035
    await scene.there.send("cleared", reference=first.to_reference(fail_if_not_exists=False))


async def test_history_is_read_around_a_moment(scene: Scene) -> None:
    scene.emulator.rates.buckets["messages.read"] = (50, 5.0)
    ada = scene.emulator.add_user("Ada")
    ids = [int(scene.emulator.say(scene.channel, ada, f"{n}")["id"]) for n in range(5)]
    middle = discord.Object(ids[2])

    async def read(**how: object) -> list[str]:
        found = scene.there.history(**how)  # type: ignore[arg-type]
        return [one.content async for one in found]

    assert await read(limit=2) == ["4", "3"]
    assert await read(before=middle) == ["1", "0"]
    assert await read(after=middle, oldest_first=True) == ["3", "4"]
    assert sorted(await read(around=middle, limit=3)) == ["1", "2", "3"]
    scene.emulator.deny(scene.channel, Permission.READ_MESSAGE_HISTORY)
    assert await read() == []


async def test_pinning_needs_its_own_permission(scene: Scene) -> None:
    sent = await scene.there.send("board")
    scene.emulator.allow(scene.channel, Permission.MANAGE_MESSAGES)
    with pytest.raises(discord.Forbidden) as refused:
        await sent.pin()
    assert refused.value.code == 50013
    scene.emulator.allow(scene.channel, Permission.PIN_MESSAGES)
    await sent.pin()
    assert list(scene.channel.pins) == [str(sent.id)]
    assert [one.id async for one in scene.there.pins()] == [sent.id]
    await sent.unpin()
    assert scene.channel.pins == {}


async def test_other_peoples_messages_cannot_be_edited(scene: Scene) -> None:
    ada = scene.emulator.add_user("Ada")
    said = scene.emulator.say(scene.channel, ada, "mine")
    theirs = scene.there.get_partial_message(int(said["id"]))
    with pytest.raises(discord.Forbidden) as refused:
        await theirs.edit(content="yours")
    assert refused.value.code == 50005
    scene.emulator.delete_message(scene.channel, said["id"])
    with pytest.raises(discord.NotFound) as gone:
        await theirs.edit(content="yours")
    assert gone.value.code == 10008


async def test_components_of_the_second_kind_carry_words_and_pictures(scene: Scene) -> None:
    view = discord.ui.LayoutView()
    view.add_item(
        discord.ui.Container(
            discord.ui.TextDisplay("# Top 5"),
            discord.ui.MediaGallery(discord.MediaGalleryItem("attachment://chart.png")),
        )
    )
    await scene.there.send(view=view, file=picture())
    message = scene.channel.latest()
    gallery = message["components"][0]["components"][1]
    assert gallery["items"][0]["media"]["width"] == 640
    refused = await scene.refused("words beside them", view=view, file=picture())
    assert refused.code == 50035
