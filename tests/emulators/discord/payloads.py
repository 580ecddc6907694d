"""What Discord tells the bot of an interaction: the payload, with all that comes with it."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tests.emulators.discord.commands import GROUP, SUBCOMMAND, Value
from tests.emulators.discord.permissions import DIRECT, EVERYONE, permissions_in
from tests.emulators.discord.world import Channel, Json, public

if TYPE_CHECKING:
    from tests.emulators.discord.emulator import DiscordEmulator
    from tests.emulators.discord.interactions import Interaction

USER, CHANNEL, ROLE, MENTIONABLE = 6, 7, 8, 9
SELECTED = {5: USER, 6: ROLE, 7: MENTIONABLE, 8: CHANNEL}
"""What the menus of a message choose, as the options of commands are numbered."""


def new_token(interaction_id: str) -> str:
    return base64.urlsafe_b64encode(
        f"interaction:{interaction_id}:{secrets.token_urlsafe(96)}".encode()
    ).decode()


def payload_of(
    discord: DiscordEmulator, interaction: Interaction, data: Json, installs: Sequence[int]
) -> Json:
    """`installs`: 0 and 1, the ways of installing the app that this interaction may come by."""
    channel, user, guild = interaction.channel, interaction.user, interaction.channel.guild
    if guild is not None and user.id not in guild.members:
        raise LookupError(f"{user.name} is not a member of {guild.name}")
    there = guild is not None and discord.bot.id in guild.members
    owners: Json = {}
    if 0 in installs and (channel.context == 1 or there):
        owners["0"] = guild.id if guild is not None else "0"
    if 1 in installs and user.installed:
        owners["1"] = user.id
    held = permissions_in(channel, user.id)
    found: Json = {
        "id": interaction.id,
        "application_id": discord.application_id,
        "type": interaction.kind,
        "data": data,
        "token": interaction.token,
        "version": 1,
        "channel_id": channel.id,
        "channel": channel.wire() | {"permissions": str(int(held))},
        "app_permissions": str(int(_of_the_app(discord, channel))),
        "locale": user.locale,
        "entitlements": [],
        "authorizing_integration_owners": owners,
        "context": channel.context,
        "attachment_size_limit": discord.largest_upload,
    }
    if guild is None:
        found["user"] = user.wire()
    else:
        found["guild_id"] = guild.id
        found["guild"] = {"id": guild.id, "locale": guild.locale, "features": []}
        found["guild_locale"] = guild.locale
        found["member"] = guild.members[user.id].wire() | {"permissions": str(int(held))}
    if interaction.source is not None:
        found["message"] = public(interaction.source)
    return found


def _of_the_app(discord: DiscordEmulator, channel: Channel) -> int:
    if channel.guild is None:
        return int(DIRECT)
    if discord.bot.id in channel.guild.members:
        return int(permissions_in(channel, discord.bot.id))
    return int(EVERYONE)  # A user install may what @everyone may.


# -- commands


def command_data(
    discord: DiscordEmulator,
    channel: Channel,
    command: Json,
    path: Sequence[str],
    options: Mapping[str, Value],
    focused: str | None = None,
) -> Json:
    """`path`: the group and subcommand. Raises LookupError and ValueError, see `slash`."""
    leaf = command
    steps: list[Json] = []
    for name in path:
        leaf = next(
            (
                one
                for one in leaf["options"]
                if one["name"] == name and one["type"] in (SUBCOMMAND, GROUP)
            ),
            {},
        )
        if not leaf:
            raise LookupError(f"no subcommand {name} of {command['name']} is registered")
        leaf = {"options": [], **leaf}
        steps.append(leaf)
    if any(one["type"] in (SUBCOMMAND, GROUP) for one in leaf["options"]):
        names = [one["name"] for one in leaf["options"]]
        raise LookupError(f"{command['name']} {' '.join(path)} needs one of {names}")
    told = list(_filled(leaf["options"], options, focused))
    resolved_here: Json = {}
    for one in told:
        if one["type"] in (USER, CHANNEL, ROLE, MENTIONABLE):
            for what, found in resolved(discord, channel, one["type"], [one["value"]]).items():
                resolved_here.setdefault(what, {}).update(found)
    for step in reversed(steps):
        told = [{"name": step["name"], "type": step["type"], "options": told}]
    data: Json = {"id": command["id"], "name": command["name"], "type": command["type"]}
    if "guild_id" in command:
        data["guild_id"] = command["guild_id"]
    if told:
        data["options"] = told
    if resolved_here:
        data["resolved"] = resolved_here
    return data


def _filled(
    known: Sequence[Json], values: Mapping[str, Value], focused: str | None
) -> Iterator[Json]:
    by_name = {one["name"]: one for one in known}
    if unknown := [name for name in values if name not in by_name]:
        raise LookupError(f"no option {unknown}; there are {list(by_name)}")
    for name, value in values.items():
        option = by_name[name]
        told: Json = {"name": name, "type": option["type"], "value": value}
        if name == focused:
            if not option.get("autocomplete"):
                raise LookupError(f"the option {name} is not completed by the bot")
            told |= {"value": str(value), "focused": True}
        elif focused is None:
            _check_option(option, value)
        yield told
    missing = [one["name"] for one in known if one.get("required") and one["name"] not in values]
    if missing and focused is None:
        raise ValueError(f"required options are missing: {missing}")


_PYTHON_TYPES: dict[int, type | tuple[type, ...]] = {3: str, 4: int, 5: bool, 10: (int, float)}


def _check_option(option: Json, value: Value) -> None:
    expected = _PYTHON_TYPES.get(option["type"], str)
    if not isinstance(value, expected) or (isinstance(value, bool) and option["type"] != 5):
        raise ValueError(f"{option['name']}: {value!r} is of the wrong type")
    choices = [one["value"] for one in option.get("choices") or ()]
    if choices and value not in choices:
        raise ValueError(f"{option['name']}: {value!r} is none of {choices}")
    size = len(value) if isinstance(value, str) else value
    ends = ("min_length", "max_length") if isinstance(value, str) else ("min_value", "max_value")
    least, most = option.get(ends[0]), option.get(ends[1])
    if (least is not None and size < least) or (most is not None and size > most):
        raise ValueError(f"{option['name']}: {value!r} is not within {least} and {most}")


def resolved(discord: DiscordEmulator, channel: Channel, kind: int, ids: Sequence[Value]) -> Json:
    """Users with their members, roles, channels, by id; `kind` as options are numbered (6–9)."""
    guild = channel.guild
    found: Json = {}
    for one in map(str, ids):
        if guild is not None and one in guild.roles and kind in (ROLE, MENTIONABLE):
            found.setdefault("roles", {})[one] = guild.roles[one].wire()
        elif guild is not None and one in guild.channels and kind == CHANNEL:
            place = guild.channels[one]
            held = str(int(permissions_in(place, discord.bot.id)))
            found.setdefault("channels", {})[one] = place.wire() | {"permissions": held}
        elif one in discord.users and kind in (USER, MENTIONABLE):
            found.setdefault("users", {})[one] = discord.users[one].wire()
            if guild is not None and one in guild.members:
                member = guild.members[one].wire(user=False)
                member = {n: v for n, v in member.items() if n not in ("deaf", "mute")}
                found.setdefault("members", {})[one] = member
        else:
            raise LookupError(f"{one} is nothing that can be chosen there")
    return found


# -- components


def parts_of(components: Any) -> Iterator[Json]:
    """Every component, the outer before the inner."""
    for part in components or ():
        yield part
        yield from parts_of(part.get("components"))
        for name in ("accessory", "component"):
            if name in part:
                yield from parts_of([part[name]])


def component_of(message: Json, name: str, *, kinds: Sequence[int]) -> Json:
    """By custom_id, label or placeholder."""
    there = [one for one in parts_of(message["components"]) if one["type"] in kinds]
    for one in there:
        if name in (one.get("custom_id"), one.get("label"), one.get("placeholder")):
            return one
    known = [(one.get("custom_id"), one.get("label") or one.get("placeholder")) for one in there]
    raise LookupError(f"nothing there is {name!r}; there are {known}")


def check_chosen(component: Json, values: Sequence[str]) -> None:
    least, most = component.get("min_values", 1), component.get("max_values", 1)
    least = 1 if least is None else least
    if component.get("disabled"):
        raise ValueError("the menu is disabled")
    if not least <= len(values) <= (most or 1):
        raise ValueError(f"{len(values)} chosen, not between {least} and {most}")
    if component["type"] == 3:
        known = [one["value"] for one in component["options"]]
        if unknown := [one for one in values if one not in known]:
            raise LookupError(f"{unknown} are none of {known}")


# -- forms


def modal_data(
    discord: DiscordEmulator,
    channel: Channel,
    modal: Json,
    values: Mapping[str, str | Sequence[str]],
) -> Json:
    """Fields not in `values` keep what stood there. Keys: custom_id, or the label."""
    left = dict(values)
    resolved_here: Json = {}

    def filled(field: Json, label: str) -> Json:
        own = field["custom_id"]
        given = left.pop(own, None)
        if given is None:
            given = left.pop(label, None)
        told: Json = {"type": field["type"], "id": field["id"], "custom_id": own}
        if field["type"] == 4:
            text = given if isinstance(given, str) else str(field.get("value") or "")
            _check_text(field, label, text)
            return told | {"value": text}
        chosen = (
            [given] if isinstance(given, str) else list(_preset(field) if given is None else given)
        )
        if chosen or field.get("required", True):
            check_chosen(field, chosen)
        if field["type"] in SELECTED:
            kind = SELECTED[field["type"]]
            for what, found in resolved(discord, channel, kind, chosen).items():
                resolved_here.setdefault(what, {}).update(found)
        return told | {"values": chosen}

    told: list[Json] = []
    for part in modal["components"]:
        outer: Json = {"type": part["type"], "id": part["id"]}
        if part["type"] == 1:
            outer["components"] = [filled(one, one["label"]) for one in part["components"]]
        elif part["type"] == 18:
            outer["component"] = filled(part["component"], part["label"])
        told.append(outer)
    if left:
        raise LookupError(f"the form has no fields {list(left)}")
    data: Json = {"custom_id": modal["custom_id"], "components": told}
    return data | ({"resolved": resolved_here} if resolved_here else {})


def _preset(field: Json) -> list[str]:
    chosen = [one["value"] for one in field.get("options") or () if one.get("default")]
    return chosen + [one["id"] for one in field.get("default_values") or ()]


def _check_text(field: Json, label: str, text: str) -> None:
    if not text:
        if field.get("required", True):
            raise ValueError(f"{label} is required")
        return
    least, most = field.get("min_length") or 0, field.get("max_length") or 4000
    if not least <= len(text) <= most:
        raise ValueError(f"{label} must have {least} to {most} characters")
