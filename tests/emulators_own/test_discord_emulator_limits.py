"""Discord's documented limits are kept, and a refusal says where and what."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest

from tests.emulators.discord import Channel, DiscordEmulator, Json

Send = Callable[[Json], Any]


class Scene:
    def __init__(self, emulator: DiscordEmulator, session: aiohttp.ClientSession) -> None:
        self.emulator, self.session = emulator, session
        self.guild = emulator.add_guild("Fund", channels=("alerts",))
        self.channel: Channel = next(iter(self.guild.channels.values()))
        emulator.rates.enforced = False

    async def call(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        headers = {"Authorization": f"Bot {self.emulator.token}"}
        url = f"{self.emulator.api_url}{path}"
        async with self.session.request(method, url, json=body, headers=headers) as answer:
            return answer.status, None if answer.status == 204 else await answer.json()

    async def post(self, body: Any) -> tuple[int, Any]:
        return await self.call("POST", f"/channels/{self.channel.id}/messages", body)


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    with DiscordEmulator(check_answers=True) as emulator:
        async with aiohttp.ClientSession() as session:
            yield Scene(emulator, session)


def problem(answer: Json, path: str) -> str:
    """The code at a place in the tree of errors."""
    node = answer["errors"]
    for step in path.split("."):
        node = node[step]
    code = node["_errors"][0]["code"]
    assert isinstance(code, str)
    return code


def row(*parts: Json) -> Json:
    return {"type": 1, "components": list(parts)}


def button(name: str, **more: Any) -> Json:
    return {"type": 2, "style": 1, "custom_id": name, "label": name, **more}


def menu(name: str, options: int, **more: Any) -> Json:
    listed = [{"label": f"{n}", "value": f"{n}"} for n in range(options)]
    return {"type": 3, "custom_id": name, "options": listed, **more}


FIELD = {"name": "n", "value": "v"}

TOO_MUCH: list[tuple[Json, str, str]] = [
    ({"content": "x" * 2001}, "content", "BASE_TYPE_MAX_LENGTH"),
    ({"embeds": [{"title": "x" * 257}]}, "embeds.0.title", "BASE_TYPE_MAX_LENGTH"),
    ({"embeds": [{"description": "x" * 4097}]}, "embeds.0.description", "BASE_TYPE_MAX_LENGTH"),
    ({"embeds": [{"fields": [FIELD] * 26}]}, "embeds.0.fields", "BASE_TYPE_MAX_LENGTH"),
    (
        {"embeds": [{"fields": [{"name": "n", "value": ""}]}]},
        "embeds.0.fields.0.value",
        "BASE_TYPE_REQUIRED",
    ),
    (
        {"embeds": [{"fields": [{"name": "n", "value": "x" * 1025}]}]},
        "embeds.0.fields.0.value",
        "BASE_TYPE_BAD_LENGTH",
    ),
    (
        {"embeds": [{"description": "x" * 3001}, {"description": "x" * 3000}]},
        "embeds",
        "MAX_EMBED_SIZE_EXCEEDED",
    ),
    ({"embeds": [{"title": "t"}] * 11}, "embeds", "BASE_TYPE_MAX_LENGTH"),
    (
        {"embeds": [{"title": "t", "image": {"url": "file:///x"}}]},
        "embeds.0.image.url",
        "URL_TYPE_INVALID_URL",
    ),
    (
        {"components": [row(button(f"{n}")) for n in range(6)]},
        "components",
        "BASE_TYPE_BAD_LENGTH",
    ),
    (
        {"components": [row(*(button(f"{n}") for n in range(6)))]},
        "components.0.components",
        "BASE_TYPE_BAD_LENGTH",
    ),
    (
        {"components": [row(button("a"), menu("b", 2))]},
        "components.0.components",
        "COMPONENT_LAYOUT_WIDTH_EXCEEDED",
    ),
    (
        {"components": [row(button("a"), button("a"))]},
        "components.0.components.1.custom_id",
        "COMPONENT_CUSTOM_ID_DUPLICATED",
    ),
    (
        {"components": [row(button("x" * 101, label="a"))]},
        "components.0.components.0.custom_id",
        "BASE_TYPE_BAD_LENGTH",
    ),
    (
        {"components": [row(button("a", label="x" * 81))]},
        "components.0.components.0.label",
        "BASE_TYPE_MAX_LENGTH",
    ),
    (
        {"components": [row(menu("a", 3, min_values=2))]},
        "components.0.components.0.min_values",
        "NUMBER_TYPE_MAX",
    ),
    (
        {
            "components": [
                row(
                    {
                        **menu("a", 0),
                        "options": [
                            {"label": f"{n}", "value": f"{n}", "default": True} for n in range(2)
                        ],
                    }
                )
            ]
        },
        "components.0.components.0.options",
        "BASE_TYPE_MAX_LENGTH",
    ),
    (
        {"content": "x", "attachments": [{"id": n} for n in range(11)]},
        "attachments",
        "BASE_TYPE_MAX_LENGTH",
    ),
    (
        {"components": [row(menu("a", 26))]},
        "components.0.components.0.options",
        "BASE_TYPE_BAD_LENGTH",
    ),
    ({"components": [{"type": 10, "content": "x"}]}, "components.0", "UNION_TYPE_CHOICES"),
    ({"content": "x", "nonce": "n" * 26}, "nonce", "BASE_TYPE_MAX_LENGTH"),
    (
        {"content": "x", "allowed_mentions": {"parse": ["roles"], "roles": ["1"]}},
        "allowed_mentions",
        "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
    ),
]


@pytest.mark.parametrize(("body", "path", "code"), TOO_MUCH)
async def test_a_message_that_is_too_much_is_refused(
    scene: Scene, body: Json, path: str, code: str
) -> None:
    status, answer = await scene.post(body)
    assert (status, answer["code"], answer["message"]) == (400, 50035, "Invalid Form Body")
    assert problem(answer, path) == code
    assert scene.channel.messages == {}


async def test_a_message_at_the_limits_is_taken(scene: Scene) -> None:
    fields = [{"name": "x" * 20, "value": "x" * 100}] * 25
    body: Json = {
        "content": "x" * 2000,
        "embeds": [{"title": "x" * 256, "description": "x" * 2744, "fields": fields}],
        "components": [
            *(row(*(button(f"{r}{n}", label="x" * 80) for n in range(5))) for r in range(4)),
            row(menu("m" * 100, 25)),
        ],
    }
    status, answer = await scene.post(body)
    assert status == 200, answer
    assert scene.emulator.violations == []


async def test_an_empty_message_is_refused(scene: Scene) -> None:
    empty: list[Json] = [{}, {"content": "  "}, {"embeds": [{}]}]
    for body in empty:
        status, answer = await scene.post(body)
        assert (status, answer["code"]) == (400, 50006)


async def test_a_form_is_kept_to_its_limits(scene: Scene) -> None:
    ada = scene.emulator.add_user("Ada")
    scene.emulator.add_member(scene.guild, ada)
    await scene.post({"content": "x", "components": [row(button("ask"))]})
    pressed = scene.emulator.press(scene.channel.latest(), "ask", ada)
    path = f"/interactions/{pressed.id}/{pressed.token}/callback"
    text = {"type": 4, "custom_id": "t", "style": 1, "label": "x" * 46}
    modal = {"custom_id": "m", "title": "x" * 46, "components": [row(text)] * 6}
    status, answer = await scene.call("POST", path, {"type": 9, "data": modal})
    assert status == 400
    assert problem(answer, "data.title") == "BASE_TYPE_BAD_LENGTH"
    assert problem(answer, "data.components") == "BASE_TYPE_BAD_LENGTH"
    assert problem(answer, "data.components.0.components.0.label") == "BASE_TYPE_BAD_LENGTH"
    assert pressed.refused == [50035]
    roles = {"type": 6, "custom_id": "r", "disabled": True}
    short = {"type": 4, "custom_id": "s", "style": 1, "min_length": 9, "max_length": 5}
    labels = [{"type": 18, "label": "x", "component": one} for one in (roles, short)]
    modal = {"custom_id": "m", "title": "x", "components": labels}
    status, answer = await scene.call("POST", path, {"type": 9, "data": modal})
    assert problem(answer, "data.components.0.component.disabled") == "BASE_TYPE_CHOICES"
    assert problem(answer, "data.components.1.component.min_length") == "NUMBER_TYPE_MAX"
    status, answer = await scene.call("POST", path, {"type": 8, "data": {"choices": []}})
    assert problem(answer, "type") == "BASE_TYPE_CHOICES"


def command(**more: Any) -> Json:
    return {"name": "bubble", "description": "What it is made of", **more}


def option(name: str, **more: Any) -> Json:
    return {"name": name, "description": "d", "type": 3, **more}


BAD_COMMANDS: list[tuple[Json, str, str]] = [
    (command(name="Bubble"), "0.name", "APPLICATION_COMMAND_INVALID_NAME"),
    (command(name="two words"), "0.name", "APPLICATION_COMMAND_INVALID_NAME"),
    (command(description="x" * 101), "0.description", "BASE_TYPE_BAD_LENGTH"),
    (command(description=""), "0.description", "BASE_TYPE_REQUIRED"),
    (
        command(options=[option(f"o{n}") for n in range(26)]),
        "0.options",
        "BASE_TYPE_MAX_LENGTH",
    ),
    (
        command(options=[option("a"), option("a")]),
        "0.options.1.name",
        "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS",
    ),
    (
        command(options=[option("a"), option("b", required=True)]),
        "0.options.1.required",
        "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
    ),
    (
        command(options=[option("a", choices=[{"name": "x" * 101, "value": "x"}])]),
        "0.options.0.choices.0.name",
        "BASE_TYPE_BAD_LENGTH",
    ),
    (
        command(description_localizations={"zh": "x"}),
        "0.description_localizations.zh",
        "ENUM_TYPE_COERCE",
    ),
    (
        command(
            options=[
                option(f"o{n}", choices=[{"name": "x" * 99, "value": f"{m}"} for m in range(25)])
                for n in range(4)
            ]
        ),
        "0",
        "APPLICATION_COMMAND_TOO_LARGE",
    ),
]


@pytest.mark.parametrize(("wanted", "path", "code"), BAD_COMMANDS)
async def test_a_command_that_is_not_in_order_is_refused(
    scene: Scene, wanted: Json, path: str, code: str
) -> None:
    where = f"/applications/{scene.emulator.application_id}/commands"
    status, answer = await scene.call("PUT", where, [wanted])
    assert status == 400
    assert problem(answer, path) == code


async def test_only_new_commands_count_for_the_day(scene: Scene) -> None:
    where = f"/applications/{scene.emulator.application_id}/commands"
    book = scene.emulator.commands
    await scene.call("PUT", where, [command()])
    await scene.call("PUT", where, [command(description="Other words")])
    assert book.creations_left == 199
    chinese = command(name="泡沫", name_localizations={"zh-TW": "泡泡"})
    status, _ = await scene.call("PUT", where, [command(), chinese])
    assert (status, book.creations_left) == (200, 198)
    book.creations_left = 0
    status, answer = await scene.call("PUT", where, [command(), command(name="new")])
    assert (status, answer["code"]) == (400, 30034)
    assert set(book.of(None)) == {"bubble", "泡沫"}


async def test_commands_of_one_server_are_apart(scene: Scene) -> None:
    own = f"/applications/{scene.emulator.application_id}"
    status, made = await scene.call("POST", f"{own}/guilds/{scene.guild.id}/commands", command())
    assert (status, made["guild_id"]) == (200, scene.guild.id)
    assert await scene.call("GET", f"{own}/commands", None) == (200, [])
    path = f"{own}/guilds/{scene.guild.id}/commands/{made['id']}"
    status, changed = await scene.call("PATCH", path, {"description": "Other words"})
    assert (status, changed["description"]) == (200, "Other words")
    assert (await scene.call("DELETE", path, None))[0] == 204
    assert (await scene.call("GET", path, None))[1]["code"] == 10063
    assert scene.emulator.violations == []
