"""What people type and press, and what they see (issue 3)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alerts.store import destinations, workspaces
from alerts.store.destinations import Place
from bot.charts.kinds import Chart
from bot.platforms.slack import modals
from bot.platforms.slack.lines import pressed_value
from bot.platforms.slack.people import RIGHTS_KEPT
from bot.replies import Button, Buttons, Paragraph, Reply
from tests.emulators.slack import Json, SlackEmulator
from tests.emulators.slack.interactions import Interaction
from tests.platforms.slack.conftest import Acme
from tests.platforms.slack.office import Office, RecordClock, texts, words


def labels(message: Json) -> list[str]:
    """What can be pressed in a message."""
    return [
        element["text"]["text"]
        for block in message.get("blocks") or []
        if block["type"] == "actions"
        for element in block["elements"]
        if element["type"] == "button"
    ]


async def answer_to(asked: Interaction) -> Json:
    await asked.acknowledged()
    return await asked.answered()


async def filled(slack: SlackEmulator, asked: Interaction) -> Json:
    """The modal when it is no longer waiting."""
    await asked.acknowledged()
    await asked.opened()

    def form() -> Json | None:
        view = asked.views[-1]
        return view if view.get("submit") else None

    found = await slack.until(form, 5, "no form")
    assert found is not None
    return found


async def test_a_command_is_acknowledged_at_once_and_answered_to_the_person_alone(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    async with office.connected():
        asked = slack.slash(acme.team, acme.general, acme.ben, "show nvda")
        ack = await asked.acknowledged()
        reply = await asked.answered()
    assert ack.payload is None
    assert ack.after_seconds < 1
    assert reply["is_ephemeral"]
    assert "Nvidia" in words(reply)
    assert acme.general.messages == []


async def test_a_private_answer_can_be_shown_to_everyone_in_the_language_of_the_place(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    await office.home(acme.team, acme.general.id, language="en")
    async with office.connected():
        reply = await answer_to(slack.slash(acme.team, acme.general, acme.cai, "show nvda"))
        shared = await answer_to(slack.press(reply, labels(reply)[-1], user=acme.cai))
    assert "輝達" in words(reply)
    assert not shared.get("is_ephemeral")
    assert "Nvidia" in texts(acme.general)[0]
    assert labels(shared) == [] or "everyone" not in " ".join(labels(shared))


async def test_an_empty_command_explains_itself(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    async with office.connected():
        reply = await answer_to(slack.slash(acme.team, acme.general, acme.ben, ""))
    assert "subscribe" in words(reply)


async def test_a_mistake_is_answered_with_a_sentence(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    async with office.connected():
        reply = await answer_to(slack.slash(acme.team, acme.general, acme.ben, "alert show 99"))
    assert "99" in words(reply)


async def test_what_is_done_in_direct_messages_is_the_persons_own(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    async with office.connected():
        asked = slack.slash(acme.team, None, acme.cai, "subscribe article")
        await answer_to(asked)
    async with office.database.read() as connection:
        own = await destinations.find(connection, Place("slack", acme.team.id, acme.cai.id))
    assert own is not None
    assert own.direct
    assert own.language == "zh_Hant"


async def test_only_admins_channel_creators_and_the_group_may_change_things(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    group = acme.team.add_usergroup("analysts", [])
    async with office.connected():

        async def may(user: str) -> bool:
            who = acme.team.users[user]
            reply = await answer_to(slack.slash(acme.team, acme.general, who, "subscribe article"))
            return "Only those who manage" not in words(reply)

        assert "管理" in words(
            await answer_to(slack.slash(acme.team, acme.general, acme.cai, "subscribe article"))
        ) or "Only those" in words(
            await answer_to(slack.slash(acme.team, acme.general, acme.cai, "subscribe article"))
        )
        assert await may(acme.ann.id)
        assert await may(acme.ben.id)
        dan = acme.team.add_user("Dan")
        assert not await may(dan.id)
        eve = acme.team.add_user("Eve")
        group.users.append(eve.id)
        async with office.database.write() as connection:
            await workspaces.set_managers(connection, "slack", acme.team.id, group.id)
        assert await may(eve.id)


async def test_a_form_opens_for_alert_add_and_makes_the_alert(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    async with office.connected():
        asked = slack.slash(acme.team, acme.general, acme.ann, "alert add")
        view = await filled(slack, asked)
        suggested = slack.suggest(view, "indicator", "nvid", user=acme.ann)
        await suggested.acknowledged()
        assert "nvidia_market_cap" in [option["value"] for option in suggested.options]
        sent = slack.submit(
            view,
            {"indicator": "nvidia_market_cap", "direction": "above", "line": "6.5T"},
            user=acme.ann,
        )
        await sent.acknowledged()
        assert sent.errors == {}
        reply = await asked.answered()
    assert "6.50T" in words(reply)
    place = Place("slack", acme.team.id, acme.general.id)
    async with office.database.read() as connection:
        found = await destinations.find(connection, place)
        assert found is not None
        [rule] = await destinations.rules_of(connection, found.id)
    assert rule.indicator == "nvidia_market_cap"


async def test_a_group_to_mention_is_chosen_in_the_form_or_typed_by_its_handle(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    group = acme.team.add_usergroup("analysts", [acme.ann])
    async with office.connected():
        view = await filled(slack, slack.slash(acme.team, acme.general, acme.ann, "alert add"))
        offered = slack.suggest(view, "mention", "@ana", user=acme.ann)
        assert await offered.suggested() == ["@analysts"]
        assert [option["value"] for option in offered.options] == [group.id]
        line = "alert add nvda &gt; 6.5T mention @analysts note “a &amp; b”"
        await answer_to(slack.slash(acme.team, acme.general, acme.ann, line))
    found = await office.destination(acme.team, acme.general.id)
    async with office.database.read() as connection:
        [rule] = await destinations.rules_of(connection, found.id)
    assert rule.mention == group.id
    assert rule.note == "a & b"


async def test_a_mistake_in_a_form_is_shown_in_the_form(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    async with office.connected():
        view = await filled(slack, slack.slash(acme.team, acme.general, acme.ann, "alert add"))
        suggested = slack.suggest(view, "indicator", "nvid", user=acme.ann)
        await suggested.acknowledged()
        sent = slack.submit(
            view,
            {"indicator": "nvidia_market_cap", "direction": "above", "line": "plenty"},
            user=acme.ann,
        )
        await sent.acknowledged()
    [(field, sentence)] = sent.errors.items()
    assert field == "line"
    assert "plenty" in sentence


async def test_a_group_that_is_not_there_is_refused_and_one_that_is_goes_by_its_handle(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    async def said(line: str) -> str:
        return words(await answer_to(slack.slash(acme.team, acme.general, acme.ann, line)))

    async with office.connected():
        line = "alert add nvda above 6.5T mention"
        assert "There is no role or group “analysts” here." in await said(f"{line} @analysts")
        acme.team.add_usergroup("analysts", [acme.ben])
        assert isinstance(office.clock, RecordClock)
        office.clock.forward(RIGHTS_KEPT.total_seconds())
        assert "There is no role or group “analists” here." in await said(f"{line} @analists")
        assert "There is no role or group “nobody” here." in await said("settings managers @nobody")
        assert "Rule 1" in await said(f"{line} @analysts")
        assert "@analysts" in await said("alert show 1")
        assert "@analysts" in await said("settings managers @analysts")


@pytest.mark.parametrize(
    ("field", "answer"),
    [
        ("note", "x" * 2000),
        ("line", "30%"),
        ("hold", "soon"),
        ("rearm", "7T"),
        ("window", "1y"),
        ("until", "2020-01-01"),
    ],
)
async def test_a_mistake_is_shown_at_the_very_field_even_when_the_sentence_does_not_quote_it(
    office: Office, slack: SlackEmulator, acme: Acme, field: str, answer: str
) -> None:
    async with office.connected():
        view = await filled(slack, slack.slash(acme.team, acme.general, acme.ann, "alert add"))
        suggested = slack.suggest(view, "indicator", "nvid", user=acme.ann)
        await suggested.acknowledged()
        good = {"indicator": "nvidia_market_cap", "direction": "above", "line": "6T"}
        sent = slack.submit(view, good | {field: answer}, user=acme.ann)
        await sent.acknowledged()
    assert list(sent.errors) == [field]


async def test_a_form_that_may_not_be_asked_says_why(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    async with office.connected():
        asked = slack.slash(acme.team, acme.general, acme.team.add_user("Dan"), "alert add")
        await asked.acknowledged()
        await asked.opened()
        await slack.until(lambda: "Only those who manage" in words(asked.views[-1]), 5)


async def test_a_form_that_takes_long_is_answered_in_the_form_itself(
    office: Office, slack: SlackEmulator, acme: Acme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(modals, "DECIDE_WITHIN_S", 0.0)
    async with office.connected():
        view = await filled(slack, slack.slash(acme.team, acme.general, acme.ann, "alert add"))
        suggested = slack.suggest(view, "indicator", "nvid", user=acme.ann)
        await suggested.acknowledged()
        sent = slack.submit(
            view,
            {"indicator": "nvidia_market_cap", "direction": "above", "line": "6.5T"},
            user=acme.ann,
        )
        ack = await sent.acknowledged()
        assert ack.payload is not None
        assert ack.payload["response_action"] == "update"
        await slack.until(lambda: "6.50T" in words(acme.team.views[view["id"]]), 5)


async def test_settings_open_as_a_form(office: Office, slack: SlackEmulator, acme: Acme) -> None:
    async with office.connected():
        asked = slack.slash(acme.team, acme.general, acme.ann, "settings")
        view = await filled(slack, asked)
        names = [block["block_id"] for block in view["blocks"]]
        assert "language" in names
        sent = slack.submit(view, {"language": "zh_Hant"}, user=acme.ann)
        await sent.acknowledged()
        assert sent.errors == {}
        await asked.answered()
    found = await office.destination(acme.team, acme.general.id)
    assert found.language == "zh_Hant"


async def test_buttons_and_menus_of_a_message_survive_a_restart(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    row = Buttons((Button("Show it", "show nvda"),))
    office.compose = lambda message: Reply((Paragraph("an alert"), row))
    await office.platform.post(await office.message(acme.team, acme.general.id))
    office.platform = office.another_platform()
    async with office.connected():
        [message] = acme.general.messages
        reply = await answer_to(slack.press(message, "Show it", user=acme.ben))
    assert reply["is_ephemeral"]
    assert "Nvidia" in words(reply)


async def test_a_button_that_opens_asks_in_a_form(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    row = Buttons((Button("Draw a line", "alert add nvda", opens=True),))
    office.compose = lambda message: Reply((Paragraph("an alert"), row))
    await office.platform.post(await office.message(acme.team, acme.general.id))
    async with office.connected():
        pressed = slack.press(acme.general.messages[0], "Draw a line", user=acme.ann)
        view = await filled(slack, pressed)
        sent = slack.submit(view, {"direction": "above", "line": "6.5T"}, user=acme.ann)
        await sent.acknowledged()
        assert "6.50T" in words(await pressed.answered())


async def test_a_trigger_that_came_too_late_is_told(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    slack.trigger_lifetime = 0.0
    async with office.connected():
        reply = await answer_to(slack.slash(acme.team, acme.general, acme.ann, "alert add"))
    assert "too late" in words(reply)


async def test_a_button_in_a_message_that_all_see_leaves_the_message_alone(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    row = Buttons((Button("Look", "sources", replaces=True),))
    office.compose = lambda message: Reply((Paragraph("hello"), row))
    await office.platform.post(await office.message(acme.team, acme.general.id))
    async with office.connected():
        reply = await answer_to(slack.press(acme.general.messages[0], "Look", user=acme.ben))
    assert reply["is_ephemeral"]
    assert "hello" in texts(acme.general)[0]


async def test_a_menu_says_its_line(office: Office, slack: SlackEmulator, acme: Acme) -> None:
    await office.platform.post(await office.message(acme.team, acme.general.id))
    async with office.connected():
        [message] = acme.general.messages
        reply = await answer_to(slack.choose(message, "More …", "Show", user=acme.ben))
    assert "no rule 1" in words(reply)


async def test_a_button_of_an_earlier_version_is_answered_with_a_sentence(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    await office.platform.post(await office.message(acme.team, acme.general.id))
    [message] = acme.general.messages
    message["blocks"][-1]["elements"][0]["value"] = "ack:17"
    async with office.connected():
        reply = await answer_to(slack.press(message, "Acknowledge", user=acme.ben))
    assert "earlier version" in words(reply)


async def test_a_button_that_replaces_takes_the_place_of_its_message(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    async with office.connected():
        asked = slack.slash(acme.team, acme.general, acme.ben, "show nvda")
        reply = await answer_to(asked)
        before = len(acme.team.ephemerals)
        button = reply["blocks"][-1]["elements"][0]
        button["value"] = pressed_value(Button("again", "sources", replaces=True))
        pressed = slack.press(reply, button["action_id"], user=acme.ben)
        await answer_to(pressed)
    assert len(acme.team.ephemerals) == before


async def test_an_answer_with_a_picture_shows_it(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    """Pictures of private answers go the same way as those of alerts."""

    class Brush:
        async def draw(self, chart: Chart) -> bytes:
            return b"\x89PNG\r\n\x1a\n"

    office.services = replace(office.services, drawer=Brush())
    office.platform = office.another_platform()
    async with office.connected():
        reply = await answer_to(slack.slash(acme.team, acme.general, acme.ben, "chart nvda"))
    [image] = [block for block in reply["blocks"] if block["type"] == "image"]
    assert image["slack_file"]["id"] in slack.files
    assert "Nvidia market cap" in image["alt_text"]


async def test_the_app_home_shows_ones_own_place_and_lets_one_change_it(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    def home() -> Json:
        return acme.team.homes.get(acme.cai.id) or {}

    async with office.connected():
        await slack.open_home(acme.team, acme.cai).acknowledged()
        await slack.until(lambda: "輝達" in words(home()), 5)
        button = next(
            element
            for block in home()["blocks"]
            if block["type"] == "actions"
            for element in block["elements"]
            if element["type"] == "button" and "subscribe article" in element.get("value", "")
        )
        await slack.press(home(), button["action_id"], user=acme.cai).acknowledged()
        await slack.until(lambda: any("unsubscribe article" in str(b) for b in home()["blocks"]), 5)
    async with office.database.read() as connection:
        own = await destinations.find(connection, Place("slack", acme.team.id, acme.cai.id))
        assert own is not None
        assert await destinations.presets_of(connection, own.id) == ["article"]


async def test_the_app_home_shows_a_channel_that_one_chooses(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    async with office.connected():
        await slack.open_home(acme.team, acme.ann).acknowledged()
        await slack.until(lambda: acme.team.homes.get(acme.ann.id), 5)
        home = acme.team.homes[acme.ann.id]
        await slack.choose(home, "home-channel", acme.general.id, user=acme.ann).acknowledged()
        await slack.until(
            lambda: acme.team.homes[acme.ann.id]["private_metadata"] == acme.general.id, 5
        )
        home = acme.team.homes[acme.ann.id]
        await slack.press(home, "home-own", user=acme.ann).acknowledged()
        await slack.until(lambda: acme.team.homes[acme.ann.id]["private_metadata"] == "", 5)


async def test_a_form_of_the_app_home_comes_back_to_the_app_home(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    async with office.connected():
        await slack.open_home(acme.team, acme.ann).acknowledged()
        await slack.until(lambda: acme.team.homes.get(acme.ann.id), 5)
        home = acme.team.homes[acme.ann.id]
        button = next(
            element
            for block in home["blocks"]
            if block["type"] == "actions"
            for element in block["elements"]
            if element.get("value", "").endswith(":settings") and element["value"][1] == "o"
        )
        pressed = slack.press(home, button["action_id"], user=acme.ann)
        view = await filled(slack, pressed)
        sent = slack.submit(view, {"language": "zh_Hant"}, user=acme.ann)
        await sent.acknowledged()
        assert sent.errors == {}
        await office.platform.at_rest()
    own = await office.destination(acme.team, acme.ann.id)
    assert own.language == "zh_Hant"
    assert len(slack.calls_of("views.publish")) == 2


async def test_slack_telling_the_same_twice_does_it_once(
    office: Office, slack: SlackEmulator, acme: Acme
) -> None:
    async with office.connected():
        asked = slack.slash(acme.team, acme.general, acme.ann, "alert add nvda above 6.5T")
        await answer_to(asked)
        again = Interaction("slash_commands", dict(asked.body), acme.team)
        slack.deliver(again)
        await again.acknowledged()
        await answer_to(slack.slash(acme.team, acme.general, acme.ben, "alert list"))
    found = await office.destination(acme.team, acme.general.id)
    async with office.database.read() as connection:
        assert len(await destinations.rules_of(connection, found.id)) == 1
