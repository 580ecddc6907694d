"""Socket Mode, and the people behind it, with the real Bolt at the other end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.emulators.slack import SlackEmulator, Team, User


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


FORM = {
    "type": "modal",
    "callback_id": "form",
    "title": plain("Alert"),
    "submit": plain("Add"),
    "notify_on_close": True,
    "blocks": [
        {
            "type": "input",
            "block_id": "line",
            "label": plain("Line"),
            "element": {"type": "plain_text_input", "action_id": "line", "max_length": 10},
        },
        {
            "type": "input",
            "block_id": "indicator",
            "label": plain("Indicator"),
            "element": {
                "type": "external_select",
                "action_id": "indicator",
                "min_query_length": 1,
            },
        },
    ],
}
BUTTONS = [
    {
        "type": "actions",
        "elements": [
            {"type": "button", "action_id": "ack", "text": plain("Got it"), "value": "ack 1"},
            {
                "type": "static_select",
                "action_id": "snooze",
                "placeholder": plain("Snooze"),
                "options": [{"text": plain("1 hour"), "value": "1h"}],
            },
        ],
    }
]


class Room:
    """A workspace with the emulator on one side and a Bolt app on the other."""

    def __init__(self, slack: SlackEmulator) -> None:
        self.slack = slack
        self.team: Team = slack.add_team("Acme")
        self.alice: User = self.team.add_user("Alice")
        self.general = self.team.add_channel("general", creator=self.alice)
        client = AsyncWebClient(self.team.bot_token, base_url=slack.api_url)
        self.app = AsyncApp(token=self.team.bot_token, client=client)
        web = AsyncWebClient(base_url=slack.api_url)
        self.handler: Any = AsyncSocketModeHandler(
            self.app, slack.app_token, web_client=web, ping_interval=0.2
        )
        self.app.command("/bubble")(self.command)
        self.app.event("member_joined_channel")(self.event)
        self.heard: list[dict[str, Any]] = []

    async def command(self, ack: Any, respond: Any, body: dict[str, Any]) -> None:
        await ack()
        await respond(f"you said {body['text']}", blocks=BUTTONS)

    async def event(self, event: dict[str, Any]) -> None:
        self.heard.append(event)
        self.slack.bell.ring()

    async def say(self, text: str) -> str:
        asked = self.slack.slash(self.team, self.general, self.alice, text)
        return str((await asked.answered())["text"])


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    with SlackEmulator() as slack:
        slack.sockets.ping_every = 0.2
        slack.deadline = slack.trigger_lifetime = 60
        room = Room(slack)
        await room.handler.connect_async()
        await slack.connected()
        yield room
        await room.handler.client.close()


async def test_a_slash_command_is_acknowledged_and_answered_in_private(room: Room) -> None:
    asked = room.slack.slash(room.team, room.general, room.alice, "status")
    ack = await asked.acknowledged()
    answer = await asked.answered()
    assert ack.payload is None
    assert ack.after_seconds >= 0
    assert answer["text"] == "you said status"
    assert answer["is_ephemeral"] is True
    assert room.team.ephemerals == [answer]
    assert room.general.messages == []
    assert room.slack.violations == []


async def test_an_acknowledgement_may_carry_the_answer_for_everyone(room: Room) -> None:
    @room.app.command("/loud")
    async def loud(ack: Any) -> None:
        await ack(text="hello all", response_type="in_channel")

    asked = room.slack.slash(room.team, room.general, room.alice, "", command="/loud")
    await asked.answered()
    assert [m["text"] for m in room.general.messages] == ["hello all"]


async def test_a_pressed_button_replaces_its_private_message(room: Room) -> None:
    seen: list[dict[str, Any]] = []

    @room.app.action("ack")
    async def acknowledge(ack: Any, respond: Any, body: dict[str, Any]) -> None:
        await ack()
        seen.append(body)
        await respond(text="done", replace_original=True)

    asked = room.slack.slash(room.team, room.general, room.alice, "x")
    pressed = room.slack.press(await asked.answered(), "Got it")
    assert (await pressed.answered())["text"] == "done"
    assert [m["text"] for m in room.team.ephemerals] == ["done"]
    assert seen[0]["actions"][0]["value"] == "ack 1"
    assert seen[0]["container"]["is_ephemeral"] is True
    assert "message" not in seen[0]


async def test_a_choice_in_a_message_for_everyone_brings_the_message_along(room: Room) -> None:
    seen: list[dict[str, Any]] = []

    @room.app.action("snooze")
    async def snooze(ack: Any, body: dict[str, Any]) -> None:
        await ack()
        seen.append(body)

    await room.app.client.chat_postMessage(channel=room.general.id, text="!", blocks=BUTTONS)
    message = room.general.messages[0]
    chosen = room.slack.choose(message, "snooze", "1 hour", user=room.alice)
    await chosen.acknowledged()
    assert seen[0]["actions"][0]["selected_option"]["value"] == "1h"
    assert seen[0]["message"]["ts"] == message["ts"]
    with pytest.raises(AssertionError, match="2h"):
        room.slack.choose(message, "snooze", "2h", user=room.alice)


async def test_a_response_url_works_five_times(room: Room) -> None:
    asked = room.slack.slash(room.team, room.general, room.alice, "x")
    await asked.answered()

    @room.app.action("ack")
    async def chatter(ack: Any, respond: Any) -> None:
        await ack()
        statuses = [(await respond(str(n))).status_code for n in range(6)]
        statuses_seen.append(statuses)
        room.slack.bell.ring()

    statuses_seen: list[list[int]] = []
    room.slack.press(asked.responses[0], "ack")
    await room.slack.until(lambda: statuses_seen)
    assert statuses_seen == [[200, 200, 200, 200, 200, 404]]


async def test_a_form_is_opened_filled_in_sent_back_and_accepted(room: Room) -> None:
    @room.app.command("/form")
    async def open_form(ack: Any, client: AsyncWebClient, body: dict[str, Any]) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=FORM)

    @room.app.options("indicator")
    async def suggest(ack: Any, payload: dict[str, Any]) -> None:
        found = [{"text": plain(f"{payload['value']}-weight"), "value": "top5"}]
        await ack(options=found)

    @room.app.view("form")
    async def sent(ack: Any, view: dict[str, Any]) -> None:
        values = view["state"]["values"]
        if values["line"]["line"]["value"] != "40%":
            await ack(response_action="errors", errors={"line": "a share, as 40%"})
        else:
            assert values["indicator"]["indicator"]["selected_option"]["value"] == "top5"
            await ack()

    asked = room.slack.slash(room.team, room.general, room.alice, "", command="/form")
    view = await asked.opened()
    with pytest.raises(AssertionError, match="complete «Line»"):
        room.slack.submit(view)
    assert await room.slack.suggest(view, "indicator", "top").suggested() == ["top-weight"]
    wrong = room.slack.submit(view, {"line": "many", "indicator": "top5"})
    await wrong.acknowledged()
    assert wrong.errors == {"line": "a share, as 40%"}
    right = room.slack.submit(view, {"Line": "40%"})
    await right.acknowledged()
    assert right.closed
    assert room.team.views == {}
    assert room.slack.violations == []


async def test_a_trigger_opens_one_view_and_only_soon(room: Room) -> None:
    async def open_with(trigger_id: str) -> str | None:
        try:
            await room.app.client.views_open(trigger_id=trigger_id, view=FORM)
        except SlackApiError as refused:
            return str(refused.response["error"])
        return None

    asked = room.slack.slash(room.team, room.general, room.alice, "x")
    assert await open_with(asked.trigger_id) is None
    assert await open_with(asked.trigger_id) == "exchanged_trigger_id"
    assert await open_with("1.2.x") == "invalid_trigger_id"
    room.slack.trigger_lifetime = 0
    late = room.slack.slash(room.team, room.general, room.alice, "x")
    assert await open_with(late.trigger_id) == "expired_trigger_id"


async def test_views_are_updated_pushed_closed_and_published(room: Room) -> None:
    client = room.app.client
    asked = room.slack.slash(room.team, room.general, room.alice, "x")
    await client.views_open(trigger_id=asked.trigger_id, view=FORM)
    view = await asked.opened()
    stale = view["hash"]
    await client.views_update(view_id=view["id"], view={**FORM, "title": plain("New")})
    assert (await asked.opened())["title"]["text"] == "New"
    with pytest.raises(SlackApiError, match="hash_conflict"):
        await client.views_update(view_id=view["id"], view=FORM, hash=stale)

    @room.app.view_closed("form")
    async def closed(ack: Any) -> None:
        await ack()

    gone = room.slack.close(view)
    assert gone is not None
    await gone.acknowledged()
    assert room.team.views == {}

    home = {"type": "home", "blocks": BUTTONS}
    await client.views_publish(user_id=room.alice.id, view=home)
    pressed = room.slack.press(room.team.homes[room.alice.id], "ack")
    assert pressed.body["container"]["type"] == "view"


async def test_events_come_to_the_app_and_are_tried_again(room: Room) -> None:
    room.slack.event_retries = (0.0,)
    room.slack.deadline = 0.1
    room.slack.go_deaf()
    told = room.slack.join(room.team, room.general)
    await told.until(lambda: len(told.attempts) == 2)
    assert told.ack is None
    room.slack.behave()
    again = room.slack.join(room.team, room.general)
    await again.acknowledged()
    await room.slack.until(lambda: room.heard)
    assert room.heard[-1]["user"] == room.team.bot.id


async def test_a_command_without_an_app_is_told_so(room: Room) -> None:
    await room.handler.client.disconnect()
    await room.handler.client.close()
    await room.slack.until(lambda: not room.slack.sockets.live())
    asked = room.slack.slash(room.team, room.general, room.alice, "x")
    await room.slack.until(lambda: asked.failure)
    assert asked.failure == "dispatch_failed"


async def test_an_app_that_says_nothing_in_time_is_told_on(room: Room) -> None:
    room.slack.deadline = 0.05
    room.slack.go_deaf()
    asked = room.slack.slash(room.team, room.general, room.alice, "x")
    await room.slack.until(lambda: asked.failure)
    assert asked.failure == "operation_timeout"


@pytest.mark.parametrize("way", ["drop", "refresh_requested"])
async def test_r23_a_socket_that_goes_comes_back_and_commands_come_through(
    room: Room, way: str
) -> None:
    first = room.slack.sockets.opened
    if way == "drop":
        room.slack.drop_sockets()
    else:
        await room.slack.disconnect("refresh_requested")
    await room.slack.until(lambda: room.slack.sockets.opened > first, 10)
    await room.slack.connected()
    assert await room.say("again") == "you said again"


async def test_r23_a_refused_ticket_is_counted(room: Room) -> None:
    room.slack.refuse_sockets(1)
    opened = await room.app.client.apps_connections_open(app_token=room.slack.app_token)
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(opened["url"])
        assert refused.value.status == 403
        async with session.ws_connect(opened["url"]) as socket:
            hello = await socket.receive_json()
            assert hello["type"] == "hello"
            assert hello["num_connections"] == 2
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(opened["url"])  # a ticket is good for one socket
    assert room.slack.sockets.refused == 2


async def test_envelopes_go_to_the_sockets_in_turn(room: Room) -> None:
    second: Any = AsyncSocketModeHandler(
        room.app, room.slack.app_token, web_client=AsyncWebClient(base_url=room.slack.api_url)
    )
    await second.connect_async()
    await room.slack.connected(2)
    answers = await asyncio.gather(*(room.say(str(n)) for n in range(6)))
    assert answers == [f"you said {n}" for n in range(6)]
    await second.client.close()


async def test_a_bad_app_token_opens_nothing(room: Room) -> None:
    with pytest.raises(SlackApiError, match="invalid_auth"):
        await room.app.client.apps_connections_open(app_token="xapp-wrong")
    with pytest.raises(SlackApiError, match="not_allowed_token_type"):
        await room.app.client.apps_connections_open(app_token=room.team.bot_token)


async def test_a_late_acknowledgement_is_kept_and_not_listened_to(room: Room) -> None:
    room.slack.deadline = 0.01
    may_go_on = asyncio.Event()

    @room.app.command("/slow")
    async def slow(ack: Any) -> None:
        await may_go_on.wait()
        await ack("too late")

    asked = room.slack.slash(room.team, room.general, room.alice, "", command="/slow")
    await room.slack.until(lambda: asked.failure)
    may_go_on.set()
    await asked.acknowledged()
    assert asked.failure == "operation_timeout"
    assert asked.responses == []


async def test_by_hand_a_person_asks_presses_and_reads_with_curl(room: Room) -> None:
    @room.app.action("ack")
    async def acknowledge(ack: Any, respond: Any) -> None:
        await ack()
        await respond("noted", response_type="in_channel")

    async with aiohttp.ClientSession(base_url=room.slack.url) as session:
        async with session.post("/people/slash", data='{"text": "status"}') as response:
            asked = await response.json()
        assert [answer["text"] for answer in asked["answers"]] == ["you said status"]
        async with session.post("/people/press", data='{"what": "Got it"}') as response:
            assert (await response.json())["answers"][0]["text"] == "noted"
        async with session.get("/people/said") as response:
            said = await response.json()
    assert [m["text"] for m in said["channels"]["general"]] == ["noted"]


async def test_nobody_can_press_what_is_gone(room: Room) -> None:
    asked = room.slack.slash(room.team, room.general, room.alice, "x")
    message = await asked.answered()
    room.team.ephemerals.clear()
    with pytest.raises(AssertionError, match="not there any more"):
        room.slack.press(message, "ack")
    await room.app.client.views_open(trigger_id=asked.trigger_id, view=FORM)
    view = await asked.opened()
    room.team.views.clear()
    with pytest.raises(AssertionError, match="not open any more"):
        room.slack.submit(view)


async def test_r23_a_deaf_socket_neither_pings_nor_answers_and_hears_again(room: Room) -> None:
    connection = room.slack.sockets.live()[0]
    room.slack.go_deaf()
    await room.slack.until(lambda: connection.deaf)
    room.slack.behave()
    await room.slack.until(lambda: not connection.deaf)
    assert await room.say("there?") == "you said there?"


@pytest.mark.parametrize(("reason", "closes"), [("warning", False), ("link_disabled", True)])
async def test_r23_a_warning_leaves_the_socket_open_and_other_goodbyes_close_it(
    room: Room, reason: Any, closes: bool
) -> None:
    async with aiohttp.ClientSession() as session:
        opened = await room.app.client.apps_connections_open(app_token=room.slack.app_token)
        async with session.ws_connect(opened["url"]) as socket:
            await socket.receive_json()
            await room.slack.disconnect(reason)
            assert (await socket.receive_json())["reason"] == reason
            if closes:
                said = await socket.receive()
                while said.type in (aiohttp.WSMsgType.PING, aiohttp.WSMsgType.TEXT):
                    said = await socket.receive()
                assert said.type == aiohttp.WSMsgType.CLOSE
            else:
                assert len(room.slack.sockets.live()) == 2


async def test_an_address_given_out_before_may_be_forgotten(room: Room) -> None:
    opened = await room.app.client.apps_connections_open(app_token=room.slack.app_token)
    room.slack.forget_tickets()
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(opened["url"])
