"""What the outbox sends through Slack, and what becomes of it (RULES.md R20 to R26)."""

from __future__ import annotations

import pytest
from pydantic import HttpUrl

from alerts.platform import MessageGone, TemporaryFailure
from alerts.store.models import DeliveryKind
from bot.replies import Button, Buttons, Paragraph, Picture, Reply, Tone
from tests.emulators.slack import SlackEmulator
from tests.platforms.slack.conftest import Acme
from tests.platforms.slack.office import Office, texts, words

pytestmark = pytest.mark.usefixtures("quick_posts")

PNG = b"\x89PNG\r\n\x1a\n" + bytes(200)


async def test_r20_an_alert_is_one_message_with_buttons_and_its_identifier(
    office: Office, acme: Acme
) -> None:
    await office.alert(acme.team, acme.general.id)
    assert await office.settled() == ["sent"]
    [message] = acme.general.messages
    [row] = await office.deliveries()
    assert "value 1" in words(message)
    assert message["metadata"] == {
        "event_type": "bubblewatch_delivery",
        "event_payload": {"nonce": row.nonce},
    }
    assert [block["type"] for block in message["blocks"]] == ["section", "actions"]
    assert row.message == f"{acme.general.id}:{message['ts']}"


async def test_r22_a_message_whose_answer_was_lost_is_found_and_not_sent_again(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    slack.cut_after("chat.postMessage")
    await office.alert(acme.team, acme.general.id)
    assert await office.settled() == ["sent"]
    [message] = acme.general.messages
    [row] = await office.deliveries()
    assert row.message == f"{acme.general.id}:{message['ts']}"
    assert len(slack.calls_of("chat.postMessage")) == 1
    assert slack.calls_of("conversations.history")


async def test_r22_a_message_to_a_person_is_found_in_their_conversation(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    slack.cut_after("chat.postMessage")
    await office.alert(acme.team, acme.ann.id)
    assert await office.settled() == ["sent"]
    assert len(acme.team.direct(acme.ann).messages) == 1


async def test_r22_a_message_that_did_not_arrive_is_sent_again(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    slack.cut_before("chat.postMessage")
    await office.alert(acme.team, acme.general.id)
    assert await office.settled() == ["sent"]
    assert len(acme.general.messages) == 1


async def test_r22_one_among_many_pages_is_found(office: Office, acme: Acme) -> None:
    message = await office.message(acme.team, acme.general.id)
    name = await office.platform.post(message)
    for n in range(150):
        office.slack.write(acme.team, acme.general, acme.ben, f"chatter {n}")
    assert await office.platform.find(message) == name
    other = await office.message(acme.team, acme.general.id)
    assert await office.platform.find(other) is None


async def test_r22_without_the_right_to_read_one_duplicate_is_possible_and_said(
    office: Office, slack: SlackEmulator, acme: Acme, caplog: pytest.LogCaptureFixture
) -> None:
    slack.without_scope(acme.team, "channels:history", "groups:history", "im:history")
    message = await office.message(acme.team, acme.general.id)
    assert await office.platform.find(message) is None
    assert "does not let us read what we posted" in caplog.text


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_r23_a_server_error_is_tried_again(
    office: Office, slack: SlackEmulator, acme: Acme, status: int
) -> None:
    slack.break_with("chat.postMessage", status)
    await office.alert(acme.team, acme.general.id)
    assert await office.settled() == ["sent"]
    assert [outcome for outcome, _ in await office.attempts()] == ["retry", "sent"]
    assert len(acme.general.messages) == 1


@pytest.mark.parametrize("error", ["internal_error", "fatal_error", "service_unavailable"])
async def test_r23_an_error_of_slacks_own_is_tried_again(
    office: Office, slack: SlackEmulator, acme: Acme, error: str
) -> None:
    slack.fail("chat.postMessage", error)
    await office.alert(acme.team, acme.general.id)
    assert await office.settled() == ["sent"]
    assert len(acme.general.messages) == 1


async def test_r23_a_429_pauses_the_bucket_that_it_names_and_no_other(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    slack.limit("chat.postMessage", 20, channel=acme.general.id)
    await office.alert(acme.team, acme.general.id)
    await office.alert(acme.team, acme.random.id)
    await office.outbox.drain()
    assert await office.states() == ["retry", "sent"]
    [seconds] = await office.due_in()
    assert 19 < seconds <= 20
    # Nothing else for that channel goes out before its time either.
    with pytest.raises(TemporaryFailure):
        await office.platform.post(await office.message(acme.team, acme.general.id))


async def test_r23_nobody_at_the_other_end_is_tried_again(office: Office, acme: Acme) -> None:
    office.settings.slack_api_url = HttpUrl("http://127.0.0.1:9/api/")
    platform = office.another_platform()
    message = await office.message(acme.team, acme.general.id)
    with pytest.raises(TemporaryFailure, match="cannot be reached") as failed:
        await platform.post(message)
    assert failed.value.never_arrived


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        ("channel_not_found", "does not know this channel"),
        ("is_archived", "archived"),
        ("not_in_channel", "is not in this channel"),
        ("restricted_action", "does not let bubblewatch write"),
        ("messages_tab_disabled", "Messages to bubblewatch are switched off"),
    ],
)
async def test_r24_permanent_for_the_destination(
    office: Office, slack: SlackEmulator, acme: Acme, error: str, reason: str
) -> None:
    slack.fail("chat.postMessage", error, channel=acme.general.id, times=None)
    await office.alert(acme.team, acme.general.id)
    await office.alert(acme.team, acme.random.id)
    await office.outbox.drain()
    off = (await office.destination(acme.team, acme.general.id)).off_reason
    assert off is not None
    assert reason in off
    assert (await office.destination(acme.team, acme.random.id)).off_reason is None
    # R30: where the lost channel's people may still hear of it.
    assert [acme.general.id in text for text in texts(acme.random)] == [False, True]
    assert "called: #general" in texts(acme.random)[-1]


@pytest.mark.parametrize(
    "error",
    [
        "account_inactive",
        "token_revoked",
        "token_expired",
        "invalid_auth",
        "missing_scope",
        "org_login_required",
    ],
)
async def test_r24_permanent_for_the_workspace(
    office: Office, slack: SlackEmulator, acme: Acme, error: str
) -> None:
    await office.home(acme.team, acme.random.id)
    slack.fail("chat.postMessage", error, times=None)
    await office.alert(acme.team, acme.general.id)
    await office.outbox.drain()
    for channel in (acme.general, acme.random):
        off = (await office.destination(acme.team, channel.id)).off_reason
        assert off is not None
        assert "Install it again" in off or "Install" in off


@pytest.mark.parametrize(
    "error", ["invalid_blocks", "msg_too_long", "msg_blocks_too_long", "no_text"]
)
async def test_r24_permanent_for_the_message_once_more_as_plain_text(
    office: Office, slack: SlackEmulator, acme: Acme, error: str
) -> None:
    slack.fail("chat.postMessage", error)
    await office.alert(acme.team, acme.general.id)
    assert await office.settled() == ["sent"]
    [message] = acme.general.messages
    assert "blocks" not in message
    assert message["text"] == "value 1"


async def test_r24_refused_as_plain_text_too_it_is_dead(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    slack.fail("chat.postMessage", "invalid_blocks", times=2)
    await office.alert(acme.team, acme.general.id)
    assert await office.settled() == ["dead"]


async def test_a_public_channel_that_asked_for_messages_is_joined(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    slack.without_scope(acme.team, "chat:write.public")
    lobby = acme.team.add_channel("lobby", creator=acme.ben, bot_member=False)
    await office.platform.post(await office.message(acme.team, lobby.id))
    assert acme.team.bot.id in lobby.members
    assert len(lobby.messages) == 1


async def test_r24_the_reason_is_in_the_language_of_the_place(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    """The catalogue may not have it yet; what is never said is an error string alone."""
    acme.general.archived = True
    await office.home(acme.team, acme.general.id, language="zh_Hant")
    await office.alert(acme.team, acme.general.id)
    await office.outbox.drain()
    off = (await office.destination(acme.team, acme.general.id)).off_reason
    assert off is not None
    assert "is_archived" not in off


async def test_r26_an_edit_takes_the_place_of_the_words_and_keeps_the_picture(
    office: Office, acme: Acme
) -> None:
    office.compose = lambda message: Reply((Paragraph("fired"), Picture(PNG, "a line rising")))
    name = await office.platform.post(await office.message(acme.team, acme.general.id))
    office.compose = lambda message: Reply((Paragraph("cleared"),))
    edit = await office.message(acme.team, acme.general.id, kind=DeliveryKind.EDIT, edits=name)
    await office.platform.edit(edit)
    [message] = acme.general.messages
    assert "cleared" in words(message)
    [image] = [block for block in message["blocks"] if block["type"] == "image"]
    assert image["alt_text"] == "a line rising"


@pytest.mark.parametrize("letters", ["數字", "&<", "word "])
async def test_r26_a_message_of_many_long_words_is_posted_and_edited_with_its_buttons(
    office: Office, acme: Acme, letters: str
) -> None:
    told = tuple(Paragraph(f"{n} {letters * 480}", Tone.WARN) for n in range(12))
    row = Buttons((Button("Acknowledge all", "alert acknowledge 1-12"),))
    office.compose = lambda message: Reply((*told, row))
    name = await office.platform.post(await office.message(acme.team, acme.general.id))
    office.compose = lambda message: Reply((Paragraph("Over."), *told, row))
    edit = await office.message(acme.team, acme.general.id, kind=DeliveryKind.EDIT, edits=name)
    await office.platform.edit(edit)
    [message] = acme.general.messages
    assert "Over." in words(message)
    assert "Acknowledge all" in words(message)
    assert "more" in words(message)


@pytest.mark.parametrize(
    "error", ["message_not_found", "cant_update_message", "edit_window_closed"]
)
async def test_r26_a_message_that_cannot_be_edited_says_so(
    office: Office, slack: SlackEmulator, acme: Acme, error: str
) -> None:
    name = await office.platform.post(await office.message(acme.team, acme.general.id))
    slack.fail("chat.update", error)
    edit = await office.message(acme.team, acme.general.id, kind=DeliveryKind.EDIT, edits=name)
    with pytest.raises(MessageGone):
        await office.platform.edit(edit)


async def test_r26_what_takes_its_place_answers_it_and_is_seen_in_the_channel(
    office: Office, acme: Acme
) -> None:
    name = await office.platform.post(await office.message(acme.team, acme.general.id))
    await office.platform.post(await office.message(acme.team, acme.random.id))
    follower = await office.message(
        acme.team, acme.general.id, kind=DeliveryKind.EDIT, follows=name
    )
    found = await office.platform.post(follower)
    first, second = acme.general.messages
    assert second["thread_ts"] == first["ts"]
    assert second["subtype"] == "thread_broadcast"
    assert await office.platform.find(follower) == found


async def test_r26_a_reply_to_a_deleted_message_stands_alone(office: Office, acme: Acme) -> None:
    name = await office.platform.post(await office.message(acme.team, acme.general.id))
    acme.general.messages.clear()
    await office.platform.post(await office.message(acme.team, acme.general.id, follows=name))
    [message] = acme.general.messages
    assert "thread_ts" not in message


async def test_a_picture_is_in_the_message_itself_with_its_text(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    slack.file_delay = 0.4
    office.compose = lambda message: Reply((Paragraph("here"), Picture(PNG, "a line rising")))
    await office.alert(acme.team, acme.general.id)
    assert await office.settled() == ["sent"]
    [message] = acme.general.messages
    [image] = [block for block in message["blocks"] if block["type"] == "image"]
    assert image["alt_text"] == "a line rising"
    assert image["slack_file"]["id"] in slack.files


@pytest.mark.parametrize("method", ["files.getUploadURLExternal", "files.completeUploadExternal"])
async def test_without_its_picture_the_words_go_out_all_the_same(
    office: Office, slack: SlackEmulator, acme: Acme, method: str
) -> None:
    slack.fail(method, "internal_error", times=None)
    office.compose = lambda message: Reply((Paragraph("here"), Picture(PNG, "a line rising")))
    await office.alert(acme.team, acme.general.id)
    assert await office.settled() == ["sent"]
    assert "here" in words(acme.general.messages[0])


async def test_a_picture_that_slack_refuses_to_show_costs_no_buttons(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    row = Buttons((Button("Show", "status"),))
    office.compose = lambda message: Reply((Paragraph("here"), Picture(PNG, "a line"), row))
    slack.fail("chat.postMessage", "invalid_blocks")
    await office.platform.post(await office.message(acme.team, acme.general.id))
    [message] = acme.general.messages
    assert [block["type"] for block in message["blocks"]] == ["section", "actions"]


async def test_channels_of_a_workspace_that_hear_the_same_share_one_upload(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    picture = Picture(PNG, "a line rising")
    office.compose = lambda message: Reply((Paragraph("here"), picture))
    for channel in (acme.general, acme.random):
        await office.alert(acme.team, channel.id)
    assert await office.settled() == ["sent", "sent"]
    shown = {
        block["slack_file"]["id"]
        for channel in (acme.general, acme.random)
        for block in channel.messages[0]["blocks"]
        if block["type"] == "image"
    }
    assert shown == set(slack.files)
    assert len(shown) == 1


async def test_a_picture_that_was_refused_is_brought_anew_for_the_next_message(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    office.compose = lambda message: Reply((Paragraph("here"), Picture(PNG, "a line")))
    slack.fail("chat.postMessage", "invalid_blocks")
    await office.platform.post(await office.message(acme.team, acme.general.id))
    await office.platform.post(await office.message(acme.team, acme.random.id))
    assert "image" in [block["type"] for block in acme.random.messages[0]["blocks"]]
    assert len(slack.files) == 2


async def test_a_board_is_pinned_and_one_that_cannot_be_pinned_is_posted(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    board = await office.message(acme.team, acme.general.id, kind=DeliveryKind.BOARD)
    await office.platform.post(board)
    assert acme.general.pins == [acme.general.messages[0]["ts"]]
    slack.without_scope(acme.team, "pins:write")
    await office.platform.post(
        await office.message(acme.team, acme.random.id, kind=DeliveryKind.BOARD)
    )
    assert acme.random.pins == []
    assert len(acme.random.messages) == 1


async def test_a_rule_calls_its_group_and_nothing_else_calls_anyone(
    office: Office, acme: Acme
) -> None:
    group = acme.team.add_usergroup("analysts", [acme.ann])
    evil = "<!channel> <!here|x> <@U0EMU1> <!subteam^S1> @channel &lt;!everyone&gt; `<!channel>`"
    office.compose = lambda message: Reply((Paragraph(evil),), mentions=(group.id,))
    name = await office.platform.post(await office.message(acme.team, acme.general.id))
    await office.platform.post(await office.message(acme.team, acme.random.id, plain=True))
    for channel in (acme.general, acme.random):
        assert channel.messages[0]["_pings"] == [f"!subteam^{group.id}"]
    edit = await office.message(acme.team, acme.general.id, kind=DeliveryKind.EDIT, edits=name)
    await office.platform.edit(edit)
    assert acme.general.messages[0]["_pings_edit"] == []
