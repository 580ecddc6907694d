"""Messages that live on: edits, answers, pictures, pins, and whom they may call (R26)."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from alerts.platform import Message, MessageGone
from alerts.store.destinations import Destination
from alerts.store.models import DeliveryKind
from bot.replies import Button, Buttons, Paragraph, Picture, Reply, Tone
from tests.emulators.discord import Permission, pings_of
from tests.platforms.discord.home import Home, labels_of, text_of


def png(size: int = 4) -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (size, size)).save(held, "PNG")
    return held.getvalue()


CHART = Picture(png(), "Nvidia's market cap over a year, crossing 5T", "chart.png")
ACKNOWLEDGE = Buttons((Button("Acknowledge", "alert acknowledge 1", Tone.GOOD),))


async def place(home: Home) -> Destination:
    await home.alert()
    return await home.destination()


async def post(home: Home, reply: Reply, **more: object) -> str:
    home.compose(lambda _: reply)
    home.told += 1
    message = Message(f"{home.told:024}", await place(home), (), **more)  # type: ignore[arg-type]
    return await home.platform.post(message)


async def edit(home: Home, name: str, reply: Reply) -> None:
    home.compose(lambda _: reply)
    message = Message("e" * 24, await place(home), (), kind=DeliveryKind.EDIT, edits=name)
    await home.platform.edit(message)


async def test_r26_an_edit_tells_how_it_went_on_and_keeps_picture_and_call(home: Home) -> None:
    role = home.discord.add_role(home.guild, "desk")
    name = await post(home, Reply((Paragraph("fired"), CHART, ACKNOWLEDGE), mentions=(role.id,)))
    before = home.channel.latest()
    await edit(home, name, Reply((Paragraph("fired"), Paragraph("acknowledged by Ada"))))
    after = home.channel.latest()
    assert after["id"] == before["id"]
    assert "acknowledged by Ada" in text_of(after)
    assert after["content"] == f"<@&{role.id}>"
    # Among the attachments it would be shown a second time.
    assert after["attachments"] == []
    assert after["embeds"][0]["image"]["url"] == before["embeds"][0]["image"]["url"]
    assert labels_of(after) == []


async def test_r26_an_edit_may_bring_a_new_picture(home: Home) -> None:
    name = await post(home, Reply((Paragraph("board"), CHART)))
    fresh = Picture(png(8), "today's", "chart.png")
    await edit(home, name, Reply((Paragraph("board"), fresh)))
    [attachment] = home.channel.latest()["_attachments"]
    assert home.discord.upload(attachment) == fresh.png
    assert attachment["description"] == "today's"


async def test_r26_a_message_that_was_deleted_cannot_be_edited(home: Home) -> None:
    name = await post(home, Reply((Paragraph("fired"),)))
    home.discord.delete_message(home.channel, home.channel.latest()["id"])
    with pytest.raises(MessageGone):
        await edit(home, name, Reply((Paragraph("acknowledged"),)))


async def test_r26_what_was_said_plainly_is_edited_into_its_rich_form(home: Home) -> None:
    name = await post(home, Reply((Paragraph("fired"),)), plain=True)
    await edit(home, name, Reply((Paragraph("cleared"),)))
    assert text_of(home.channel.latest()) == "cleared"


async def test_r26_an_answer_refers_to_the_message_it_follows(home: Home) -> None:
    name = await post(home, Reply((Paragraph("fired"),)))
    fired = home.channel.latest()
    await post(home, Reply((Paragraph("cleared"),)), follows=name)
    assert home.channel.latest()["message_reference"]["message_id"] == fired["id"]


async def test_r26_an_answer_to_a_deleted_message_is_posted_all_the_same(home: Home) -> None:
    name = await post(home, Reply((Paragraph("fired"),)))
    home.discord.delete_message(home.channel, home.channel.latest()["id"])
    await post(home, Reply((Paragraph("cleared"),)), follows=name)
    assert text_of(home.channel.latest()) == "cleared"


async def test_a_picture_travels_with_its_message_and_has_words(home: Home) -> None:
    await post(home, Reply((Paragraph("fired"), CHART)))
    message = home.channel.latest()
    [attachment] = message["_attachments"]
    assert message["embeds"][0]["image"]["url"] == attachment["url"]
    assert home.discord.upload(attachment) == CHART.png
    assert attachment["description"] == CHART.alt


async def test_r22_a_message_with_a_picture_is_found_with_its_picture(home: Home) -> None:
    home.compose(lambda _: Reply((Paragraph("fired"), CHART)))
    message = Message("f" * 24, await place(home), ())
    posted = await home.platform.post(message)
    assert await home.platform.find(message) == posted
    assert posted.endswith("/chart.png")


async def test_a_board_is_pinned_where_that_is_allowed(home: Home) -> None:
    await post(home, Reply((Paragraph("board"),)), kind=DeliveryKind.BOARD)
    assert len(home.channel.pins) == 0
    home.discord.allow(home.channel, Permission.MANAGE_MESSAGES | Permission.PIN_MESSAGES)
    await post(home, Reply((Paragraph("board"),)), kind=DeliveryKind.BOARD)
    assert len(home.channel.pins) == 1


async def test_only_the_role_of_a_rule_is_called_whatever_a_note_says(home: Home) -> None:
    desk = home.discord.add_role(home.guild, "desk", mentionable=True)
    other = home.discord.add_role(home.guild, "other", mentionable=True)
    note = f"@everyone @here <@{home.bob.id}> <@&{other.id}>"
    await post(home, Reply((Paragraph(note),), mentions=(desk.id,)))
    assert pings_of(home.channel.latest()) == [f"@&{desk.id}"]
    await post(home, Reply((Paragraph(note),)))
    assert pings_of(home.channel.latest()) == []
    await post(home, Reply((Paragraph(note),)), plain=True)
    assert pings_of(home.channel.latest()) == []


async def test_a_person_is_told_alone(home: Home) -> None:
    assert home.platform.person(home.place(), home.bob.id) == home.place(
        home.discord.direct(home.bob)
    )
    direct = home.discord.direct(home.bob)
    await home.alert(direct)
    await home.drain()
    assert home.texts(direct) == ["news 1"]
