"""The emulated Web API, asked by the real slack-sdk."""

from __future__ import annotations

import asyncio
import base64
import sys
import time
from collections.abc import AsyncIterator, Awaitable

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError, SlackRequestError
from slack_sdk.web.async_client import AsyncWebClient

from tests.emulators.slack import Channel, SlackEmulator, Team, User

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
)


class Workspace:
    """One workspace with one person, one channel and the app's client."""

    def __init__(self, slack: SlackEmulator) -> None:
        self.slack = slack
        self.team: Team = slack.add_team("Acme")
        self.alice: User = self.team.add_user("Alice", admin=True, locale="zh-TW")
        self.general: Channel = self.team.add_channel("general", creator=self.alice)
        self.client = AsyncWebClient(self.team.bot_token, base_url=slack.api_url, timeout=2)
        self.client.retry_handlers = []


@pytest.fixture
async def here() -> AsyncIterator[Workspace]:
    with SlackEmulator() as slack:
        yield Workspace(slack)


async def error_of(call: Awaitable[object]) -> str:
    with pytest.raises(SlackApiError) as refused:
        await call
    return str(refused.value.response["error"])


async def test_a_message_is_posted_found_by_its_metadata_edited_and_deleted(
    here: Workspace,
) -> None:
    metadata = {"event_type": "bubblewatch_delivery", "event_payload": {"nonce": "n1"}}
    posted = await here.client.chat_postMessage(
        channel=here.general.id, text="hello", metadata=metadata
    )
    found = await here.client.conversations_history(
        channel=here.general.id, include_all_metadata=True, oldest=posted["ts"], inclusive=True
    )
    assert [m["metadata"] for m in found["messages"]] == [metadata]
    bare = await here.client.conversations_history(channel=here.general.id)
    assert "metadata" not in bare["messages"][0]

    await here.client.chat_update(channel=here.general.id, ts=posted["ts"], text="bye")
    assert here.general.messages[0]["text"] == "bye"
    assert here.general.messages[0]["metadata"] == metadata
    await here.client.chat_delete(channel=here.general.id, ts=posted["ts"])
    assert here.general.messages == []


async def test_replies_are_in_the_thread_and_not_in_the_channel(here: Workspace) -> None:
    here.slack.rates.posts_per_second = 0
    root = await here.client.chat_postMessage(channel=here.general.id, text="root")
    await here.client.chat_postMessage(channel=here.general.id, text="reply", thread_ts=root["ts"])
    top = await here.client.conversations_history(channel=here.general.id)
    assert [m["text"] for m in top["messages"]] == ["root"]
    thread = await here.client.conversations_replies(channel=here.general.id, ts=root["ts"])
    assert [m["text"] for m in thread["messages"]] == ["root", "reply"]


async def test_history_comes_newest_first_and_in_pages(here: Workspace) -> None:
    for text in "abc":
        here.slack.write(here.team, here.general, here.alice, text)
    pages = [
        [m["text"] for m in page["messages"]]
        async for page in await here.client.conversations_history(channel=here.general.id, limit=2)
    ]
    assert pages == [["c", "b"], ["a"]]


async def test_writing_to_a_person_opens_the_direct_messages(here: Workspace) -> None:
    posted = await here.client.chat_postMessage(channel=here.alice.id, text="psst")
    opened = await here.client.conversations_open(users=here.alice.id)
    assert posted["channel"] == opened["channel"]["id"]
    here.team.messages_tab = False
    assert (
        await error_of(here.client.chat_postMessage(channel=here.alice.id, text="x"))
        == "messages_tab_disabled"
    )


async def test_users_groups_and_channels_are_listed(here: Workspace) -> None:
    group = here.team.add_usergroup("ops", [here.alice])
    user = await here.client.users_info(user=here.alice.id, include_locale=True)
    assert user["user"]["locale"] == "zh-TW"
    assert user["user"]["is_admin"] is True
    groups = await here.client.usergroups_list()
    assert [g["handle"] for g in groups["usergroups"]] == ["ops"]
    members = await here.client.usergroups_users_list(usergroup=group.id)
    assert members["users"] == [here.alice.id]
    channel = await here.client.conversations_info(channel=here.general.id)
    assert channel["channel"]["creator"] == here.alice.id
    listed = await here.client.conversations_list()
    assert [c["id"] for c in listed["channels"]] == [here.general.id]
    of_bot = await here.client.users_conversations(types="public_channel,private_channel")
    assert [c["id"] for c in of_bot["channels"]] == [here.general.id]


async def test_a_message_is_pinned_once(here: Workspace) -> None:
    posted = await here.client.chat_postMessage(channel=here.general.id, text="board")
    await here.client.pins_add(channel=here.general.id, timestamp=posted["ts"])
    again = here.client.pins_add(channel=here.general.id, timestamp=posted["ts"])
    assert await error_of(again) == "already_pinned"
    pinned = await here.client.pins_list(channel=here.general.id)
    assert [item["message"]["ts"] for item in pinned["items"]] == [posted["ts"]]


async def test_r24_each_kind_of_closed_channel_has_its_own_error(here: Workspace) -> None:
    def post(channel: str) -> Awaitable[object]:
        return here.client.chat_postMessage(channel=channel, text="x")

    secret = here.team.add_channel("secret", private=True, bot_member=False)
    outside = here.team.add_channel("outside", bot_member=False)
    old = here.team.add_channel("old")
    old.archived = True
    quiet = here.team.add_channel("quiet")
    quiet.refuses = "restricted_action"
    assert await error_of(post("C0NOWHERE")) == "channel_not_found"
    assert await error_of(post(secret.id)) == "channel_not_found"
    assert await error_of(post(old.id)) == "is_archived"
    assert await error_of(post(quiet.id)) == "restricted_action"
    await here.client.chat_postMessage(channel=outside.id, text="public channels are open")
    here.slack.without_scope(here.team, "chat:write.public")
    assert await error_of(post(outside.id)) == "not_in_channel"


async def test_r24_each_kind_of_refused_token_has_its_own_error(here: Workspace) -> None:
    def post() -> Awaitable[object]:
        return here.client.chat_postMessage(channel=here.general.id, text="x")

    for error in ("account_inactive", "token_revoked", "invalid_auth", "org_login_required"):
        here.slack.refuse_token(here.team, error)
        assert await error_of(post()) == error
    here.slack.refuse_token(here.team, None)
    here.slack.token_of(here.team).expires_at = time.time() - 1
    assert await error_of(post()) == "token_expired"
    stranger = AsyncWebClient("xoxb-nobody", base_url=here.slack.api_url)
    assert await error_of(stranger.auth_test()) == "invalid_auth"
    nobody = AsyncWebClient(base_url=here.slack.api_url)
    assert await error_of(nobody.auth_test()) == "not_authed"


async def test_r24_a_missing_scope_is_named(here: Workspace) -> None:
    here.slack.without_scope(here.team, "pins:write")
    with pytest.raises(SlackApiError) as refused:
        await here.client.pins_add(channel=here.general.id, timestamp="1.1")
    assert refused.value.response["error"] == "missing_scope"
    assert refused.value.response["needed"] == "pins:write"
    assert "chat:write" in refused.value.response["provided"].split(",")


async def test_r23_a_channel_takes_one_message_a_second(here: Workspace) -> None:
    assert here.slack.rates.posts_per_second == 1
    here.slack.rates.posts_per_second = 0.01
    other = here.team.add_channel("other")
    await here.client.chat_postMessage(channel=here.general.id, text="one")
    await here.client.chat_postMessage(channel=other.id, text="another channel")
    with pytest.raises(SlackApiError) as refused:
        await here.client.chat_postMessage(channel=here.general.id, text="two")
    assert refused.value.response.status_code == 429
    assert 1 <= int(refused.value.response.headers["Retry-After"]) <= 100
    assert here.slack.rates.count_429 == 1
    assert here.slack.rates.refused == ["chat.postMessage"]


async def test_r23_other_methods_have_a_limit_a_minute(here: Workspace) -> None:
    here.slack.rates.per_minute["auth.test"] = 2
    await here.client.auth_test()
    await here.client.auth_test()
    assert await error_of(here.client.auth_test()) == "ratelimited"


async def test_r23_calls_fail_in_the_ways_they_are_told_to(here: Workspace) -> None:
    def post(text: str = "x") -> Awaitable[object]:
        return here.client.chat_postMessage(channel=here.general.id, text=text)

    here.slack.fail("chat.postMessage", "is_archived", channel=here.general.id)
    assert await error_of(post()) == "is_archived"
    here.slack.limit("chat.postMessage", 7)
    with pytest.raises(SlackApiError) as refused:
        await post()
    assert refused.value.response.headers["Retry-After"] == "7"
    assert here.slack.rates.count_429 == 0
    here.slack.break_with("chat.postMessage", 503)
    with pytest.raises(SlackApiError) as broken:
        await post()
    assert broken.value.response.status_code == 503
    here.slack.cut_before("chat.postMessage")
    with pytest.raises(aiohttp.ClientError):
        await post()
    assert here.general.messages == []
    here.slack.cut_after("chat.postMessage")
    with pytest.raises(aiohttp.ClientError):
        await post("taken")
    assert [m["text"] for m in here.general.messages] == ["taken"]
    here.slack.hang_on("auth.test")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(here.client.auth_test(), 0.1)
    assert (await here.client.auth_test())["team_id"] == here.team.id


async def test_arguments_come_as_json_form_query_or_multipart(here: Workspace) -> None:
    address = f"{here.slack.api_url}api.test"
    form = aiohttp.FormData({"a": "1"}, default_to_multipart=True)
    async with aiohttp.ClientSession() as session:
        for request in (
            session.get(address, params={"a": "1"}),
            session.post(address, data={"a": "1"}),
            session.post(address, json={"a": "1"}),
            session.post(address, data=form),
        ):
            async with request as response:
                assert await response.json() == {"ok": True, "args": {"a": "1"}}


async def test_a_method_that_slack_does_not_have_is_unknown(here: Workspace) -> None:
    assert await error_of(here.client.api_call("chat.shout")) == "unknown_method"


async def test_files_upload_v2_shows_the_file_a_little_later(here: Workspace) -> None:
    done = await here.client.files_upload_v2(
        channel=here.general.id,
        filename="chart.png",
        content=PNG,
        alt_txt="a line",
        initial_comment="look",
    )
    assert done["file"]["mimetype"] == ""
    await here.slack.until(lambda: here.general.messages)
    message = here.general.messages[0]
    assert (message["text"], message["files"][0]["mimetype"]) == ("look", "image/png")
    info = await here.client.files_info(file=done["file"]["id"])
    assert info["file"]["alt_txt"] == "a line"
    async with (
        aiohttp.ClientSession() as session,
        session.get(
            info["file"]["url_private"],
            headers={"Authorization": f"Bearer {here.team.bot_token}"},
        ) as response,
    ):
        assert await response.read() == PNG


async def test_a_picture_block_is_refused_until_its_file_is_ready(here: Workspace) -> None:
    here.slack.file_delay = 3600
    done = await here.client.files_upload_v2(filename="chart.png", content=PNG)
    file_id = done["file"]["id"]
    blocks = [{"type": "image", "slack_file": {"id": file_id}, "alt_text": "a line"}]
    with pytest.raises(SlackApiError) as refused:
        await here.client.chat_postMessage(channel=here.general.id, text="chart", blocks=blocks)
    assert refused.value.response["error"] == "invalid_blocks"
    assert refused.value.response["response_metadata"]["messages"] == [
        "[ERROR] invalid slack file [json-pointer:/blocks/0/slack_file]"
    ]
    assert here.slack.violations == []  # impatience is not against the documentation
    here.slack.file_delay = 0
    again = await here.client.files_upload_v2(filename="chart.png", content=PNG)
    await here.slack.until(lambda: here.slack.files[again["file"]["id"]].state == "ready")
    blocks = [{**blocks[0], "slack_file": {"id": again["file"]["id"]}}]
    await here.client.chat_postMessage(channel=here.general.id, text="chart", blocks=blocks)


async def test_pings_are_seen_wherever_they_hide_and_escaped_text_pings_nobody(
    here: Workspace,
) -> None:
    here.slack.rates.posts_per_second = 0
    blocks = [
        {"type": "section", "text": {"type": "mrkdwn", "text": "hey <!subteam^S1> &lt;!here&gt;"}}
    ]
    await here.client.chat_postMessage(channel=here.general.id, text="&lt;!channel&gt;")
    await here.client.chat_postMessage(channel=here.general.id, text="x", blocks=blocks)
    assert [m["_pings"] for m in here.general.messages] == [[], ["!subteam^S1"]]


async def test_it_is_started_by_hand_and_says_what_to_give_the_app() -> None:
    program = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.emulators.slack", "--port", "0", stdout=asyncio.subprocess.PIPE
    )
    assert program.stdout is not None
    try:
        said: list[str] = []
        while not said or not said[-1].startswith("http://"):
            line = await asyncio.wait_for(program.stdout.readline(), 30)
            assert line, said
            said.append(line.decode().strip())
        token = next(line for line in said if "BOT_TOKEN" in line).partition("=")[2]
        client = AsyncWebClient(token, base_url=f"{said[-1]}/api/")
        assert (await client.auth_test())["team"] == "Acme"
    finally:
        program.terminate()
        await program.wait()


async def test_an_edit_with_text_alone_takes_the_blocks_away(here: Workspace) -> None:
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "blocks"}}]
    posted = await here.client.chat_postMessage(
        channel=here.general.id, text="words", blocks=blocks
    )

    def edit(**said: object) -> Awaitable[object]:
        return here.client.chat_update(channel=here.general.id, ts=posted["ts"], **said)  # type: ignore[arg-type]

    message = here.general.messages[0]
    await edit(text="new", blocks=blocks)
    assert "edited" not in message
    await edit(text="words alone")
    assert (message["text"], message.get("blocks")) == ("words alone", None)
    assert "edited" in message
    here.general.archived = True
    assert await error_of(edit(text="x")) == "is_inactive"


async def test_r24_blocks_are_weighed_together(here: Workspace) -> None:
    section = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2900}}
    post = here.client.chat_postMessage(channel=here.general.id, text="x", blocks=[section] * 4)
    assert await error_of(post) == "msg_blocks_too_long"
    assert len(here.slack.violations) == 1


async def test_r25_an_app_that_uninstalls_itself_loses_its_token_and_is_told(
    here: Workspace,
) -> None:
    here.slack.rates.per_minute.clear()
    wrong = here.client.apps_uninstall(client_id="x", client_secret="y")
    assert await error_of(wrong) == "invalid_client_id"
    await here.client.apps_uninstall(
        client_id=here.slack.client_id, client_secret=here.slack.client_secret
    )
    assert await error_of(here.client.auth_test()) == "account_inactive"
    told = [interaction.body["event"]["type"] for interaction in here.slack.interactions]
    assert told == ["tokens_revoked", "app_uninstalled"]


async def test_a_revoked_token_is_of_no_use(here: Workspace) -> None:
    assert (await here.client.auth_revoke())["revoked"] is True
    assert await error_of(here.client.auth_test()) == "token_revoked"


async def test_the_bot_joins_public_channels_only(here: Workspace) -> None:
    outside = here.team.add_channel("outside", creator=here.alice, bot_member=False)
    history = here.client.conversations_history(channel=outside.id)
    assert await error_of(history) == "not_in_channel"
    await here.client.conversations_join(channel=outside.id)
    members = await here.client.conversations_members(channel=outside.id)
    assert members["members"] == [here.alice.id, here.team.bot.id]
    secret = here.team.add_channel("secret", private=True)
    join = here.client.conversations_join(channel=secret.id)
    assert await error_of(join) == "method_not_supported_for_channel_type"


async def test_an_upload_can_be_refused_on_the_way(here: Workspace) -> None:
    here.slack.answer_with(500, "no", where="/upload/", times=1)
    with pytest.raises(SlackRequestError, match="status: 500"):
        await here.client.files_upload_v2(filename="chart.png", content=PNG)
    assert [file.state for file in here.slack.files.values()] == ["promised"]


async def test_a_message_has_a_permanent_link(here: Workspace) -> None:
    posted = await here.client.chat_postMessage(channel=here.general.id, text="x")
    link = await here.client.chat_getPermalink(channel=here.general.id, message_ts=posted["ts"])
    name = posted["ts"].replace(".", "")
    assert link["permalink"].endswith(f"/archives/{here.general.id}/p{name}")


async def test_a_private_message_is_for_members_only(here: Workspace) -> None:
    bob = here.team.add_user("Bob")
    await here.client.chat_postEphemeral(channel=here.general.id, user=here.alice.id, text="psst")
    assert [m["_user"] for m in here.team.ephemerals] == [here.alice.id]
    post = here.client.chat_postEphemeral(channel=here.general.id, user=bob.id, text="x")
    assert await error_of(post) == "user_not_in_channel"
