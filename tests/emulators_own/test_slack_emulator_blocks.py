"""Block Kit's documented limits, as the emulated Slack enforces them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.emulators.slack import SlackEmulator
from tests.emulators.slack.block_kit import (
    problems_of_message,
    problems_of_suggestions,
    problems_of_view,
)


@pytest.fixture
def slack() -> Iterator[SlackEmulator]:
    with SlackEmulator() as slack:
        yield slack


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


def marked(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text}


def options(number: int, letters: int = 1) -> list[dict[str, Any]]:
    return [{"text": plain("x" * letters), "value": str(n)} for n in range(number)]


def button(**more: Any) -> dict[str, Any]:
    return {"type": "button", "text": plain("Go"), "action_id": "go", **more}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def typed(element: dict[str, Any]) -> dict[str, Any]:
    return {"type": "input", "label": plain("What"), "element": element}


SELECT = {"type": "static_select", "action_id": "s", "placeholder": plain("Pick")}

GOOD: list[dict[str, Any]] = [
    {"type": "section", "text": marked("x" * 3000)},
    {"type": "section", "fields": [marked("x" * 2000)] * 10},
    {"type": "section", "text": marked("x"), "accessory": button()},
    {"type": "header", "text": plain("x" * 150)},
    {"type": "divider"},
    {"type": "context", "elements": [marked("x")] * 10},
    {"type": "image", "image_url": "https://example.org/a.png", "alt_text": "x" * 2000},
    actions(button(value="x" * 2000, style="danger"), SELECT | {"options": options(100, 75)}),
    actions({"type": "overflow", "action_id": "o", "options": options(5)}),
    typed({"type": "plain_text_input", "action_id": "t", "max_length": 3000}),
    typed({"type": "external_select", "action_id": "e", "min_query_length": 0}),
    {"type": "markdown", "text": "x" * 12_000},
    {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * 20] * 100},
]

BAD: list[tuple[dict[str, Any], str]] = [
    (
        {"type": "section", "text": marked("x" * 3001)},
        "must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
    ),
    (
        {"type": "section", "text": marked("")},
        "must be more than 0 characters [json-pointer:/blocks/0/text/text]",
    ),
    ({"type": "section"}, "must provide either text or fields [json-pointer:/blocks/0]"),
    (
        {"type": "section", "fields": [marked("x")] * 11},
        "no more than 10 items allowed [json-pointer:/blocks/0/fields]",
    ),
    (
        {"type": "section", "fields": [marked("x" * 2001)]},
        "must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]",
    ),
    (
        {"type": "header", "text": plain("x" * 151)},
        "must be less than 151 characters [json-pointer:/blocks/0/text/text]",
    ),
    (
        {"type": "header", "text": marked("x")},
        "unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]",
    ),
    (
        {"type": "context", "elements": [marked("x")] * 11},
        "no more than 10 items allowed [json-pointer:/blocks/0/elements]",
    ),
    (
        {"type": "image", "image_url": "https://example.org/a.png"},
        "missing required field: alt_text [json-pointer:/blocks/0]",
    ),
    (
        {"type": "image", "alt_text": "x"},
        "must provide either image_url or slack_file [json-pointer:/blocks/0]",
    ),
    (
        actions(button(text=plain("x" * 76))),
        "must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]",
    ),
    (
        actions(button(value="x" * 2001)),
        "must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]",
    ),
    (
        actions(button(action_id="x" * 256)),
        "must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]",
    ),
    (
        actions(button(style="loud")),
        "must be a valid enum value [json-pointer:/blocks/0/elements/0/style]",
    ),
    (
        actions(button(colour="red")),
        "invalid additional property: colour [json-pointer:/blocks/0/elements/0]",
    ),
    (actions(button(), button()), '`action_id` "go" already exists [json-pointer:/blocks/0]'),
    (
        actions(*[button(action_id=str(n)) for n in range(26)]),
        "no more than 25 items allowed [json-pointer:/blocks/0/elements]",
    ),
    (
        actions(SELECT | {"options": options(101)}),
        "no more than 100 items allowed [json-pointer:/blocks/0/elements/0/options]",
    ),
    (
        actions(SELECT | {"options": options(1, 76)}),
        "must be less than 76 characters [json-pointer:/blocks/0/elements/0/options/0/text/text]",
    ),
    (
        actions(SELECT | {"options": options(2), "initial_option": options(3)[2]}),
        "initial_option must match one of the options [json-pointer:/blocks/0/elements/0]",
    ),
    (
        actions({"type": "overflow", "action_id": "o", "options": options(6)}),
        "no more than 5 items allowed [json-pointer:/blocks/0/elements/0/options]",
    ),
    (
        typed(button()),
        "unsupported type: button [json-pointer:/blocks/0/element/type]",
    ),
    (
        {"type": "divider", "block_id": "x" * 256},
        "must be less than 256 characters [json-pointer:/blocks/0/block_id]",
    ),
    ({"type": "carousel3d"}, "unsupported type: carousel3d [json-pointer:/blocks/0/type]"),
]


def test_what_is_just_within_the_limits_is_taken() -> None:
    assert problems_of_message(GOOD) == []
    assert problems_of_message([{"type": "divider"}] * 50) == []


@pytest.mark.parametrize(("block", "complaint"), BAD, ids=[complaint for _, complaint in BAD])
def test_what_is_beyond_a_limit_is_named_with_its_place(
    block: dict[str, Any], complaint: str
) -> None:
    assert complaint in problems_of_message([block])


def test_a_message_has_fifty_blocks_and_a_view_a_hundred() -> None:
    assert problems_of_message([{"type": "divider"}] * 51) == [
        "no more than 50 items allowed [json-pointer:/blocks]"
    ]
    home = {"type": "home", "blocks": [{"type": "divider"}] * 101}
    assert problems_of_view(home, "home") == [
        "no more than 100 items allowed [json-pointer:/view/blocks]"
    ]


def test_a_modal_keeps_its_own_limits() -> None:
    modal = {
        "type": "modal",
        "title": plain("x" * 25),
        "private_metadata": "x" * 3001,
        "blocks": [typed({"type": "plain_text_input", "action_id": "t"})],
    }
    assert problems_of_view(modal, "modal") == [
        "must be less than 25 characters [json-pointer:/view/title/text]",
        "must be less than 3001 characters [json-pointer:/view/private_metadata]",
        "must define `submit` to use an `input` block in modals [json-pointer:/view]",
    ]


def test_suggestions_are_at_most_a_hundred() -> None:
    assert problems_of_suggestions({"options": options(100)}) == []
    assert problems_of_suggestions({"options": []}) == []
    assert problems_of_suggestions({"options": options(101)}) == [
        "no more than 100 items allowed [json-pointer:/options]"
    ]


async def test_r24_a_refused_message_says_why_in_slacks_own_form(slack: SlackEmulator) -> None:
    team = slack.add_team("Acme")
    general = team.add_channel("general")
    client = AsyncWebClient(team.bot_token, base_url=slack.api_url)
    with pytest.raises(SlackApiError) as refused:
        await client.chat_postMessage(
            channel=general.id,
            text="x",
            blocks=[{"type": "section", "text": marked("x" * 3001)}],
        )
    assert refused.value.response["error"] == "invalid_blocks"
    assert refused.value.response["response_metadata"]["messages"] == [
        "[ERROR] failed to match all allowed schemas [json-pointer:/blocks/0/text]",
        "[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]",
    ]
    assert len(slack.violations) == 2


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ({"text": ""}, "no_text"),
        ({"text": "x" * 40_001}, "msg_too_long"),
        (
            {"blocks": [{"type": "markdown", "text": "é" * 3000, "block_id": "x" * 100_000}]},
            "msg_blocks_too_long",
        ),
        (
            {"text": "x", "metadata": {"event_type": "a", "event_payload": {"b": "x" * 9000}}},
            "metadata_too_large",
        ),
    ],
)
async def test_r24_a_message_that_is_too_much_or_nothing_is_refused(
    slack: SlackEmulator, said: dict[str, Any], error: str
) -> None:
    team = slack.add_team("Acme")
    general = team.add_channel("general")
    client = AsyncWebClient(team.bot_token, base_url=slack.api_url)
    with pytest.raises(SlackApiError) as refused:
        await client.chat_postMessage(channel=general.id, **said)
    assert refused.value.response["error"] == error


async def test_an_edit_takes_less_text_than_a_message(slack: SlackEmulator) -> None:
    team = slack.add_team("Acme")
    general = team.add_channel("general")
    client = AsyncWebClient(team.bot_token, base_url=slack.api_url)
    posted = await client.chat_postMessage(channel=general.id, text="汇" * 2000)
    with pytest.raises(SlackApiError) as refused:
        await client.chat_update(channel=general.id, ts=posted["ts"], text="汇" * 2000)
    assert refused.value.response["error"] == "msg_too_long"
