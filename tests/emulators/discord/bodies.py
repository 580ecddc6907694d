"""A message as the bot wrote it becomes a message as everyone sees it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tests.emulators.discord.calls import Upload
from tests.emulators.discord.component_limits import COMPONENTS_V2
from tests.emulators.discord.errors import DiscordError, Problem, invalid_form
from tests.emulators.discord.message_limits import problems_of_message
from tests.emulators.discord.payloads import parts_of
from tests.emulators.discord.pings import pinged, text_of
from tests.emulators.discord.world import Channel, Json, new_id

if TYPE_CHECKING:
    from tests.emulators.discord.emulator import DiscordEmulator

_FILE = re.compile(r"files\[(\d+)\]")
_SENT_FLAGS = (1 << 2) | (1 << 6) | (1 << 12) | COMPONENTS_V2
"""What a bot may set: suppress embeds, ephemeral, silent, components of the second kind."""

_PARTS = ("embeds", "components")
"""Where files of a message can be shown."""
_MENU: Json = {"min_values": 1, "max_values": 1}
_DEFAULTS: dict[int, Json] = {
    **dict.fromkeys((3, 5, 6, 7, 8), _MENU),
    11: {"description": None, "spoiler": False},
    13: {"name": None, "size": None, "spoiler": False},
    14: {"spacing": 1, "divider": True},
    17: {"accent_color": None, "spoiler": False},
}
"""What Discord fills in, by the type of the component."""


def write(
    discord: DiscordEmulator,
    channel: Channel,
    message: Json,
    form: Json,
    files: Mapping[str, Upload],
    *,
    at: str = "",
) -> None:
    """Put what the form says into the message, new or old. Raises 50035 and 50006.

    `at` is where the form stands in the request: `data.` in an interaction's callback.
    """
    was_v2 = bool(message["flags"] & COMPONENTS_V2)
    if problems := problems_of_message(form, v2=was_v2):
        raise invalid_form((at + path, code, told) for path, code, told in problems)
    after = dict(message)
    flags = form.get("flags")
    if flags is not None:
        after["flags"] = (message["flags"] & ~(1 << 2)) | (flags & _SENT_FLAGS)
    if "content" in form:
        after["content"] = form["content"] or ""
    kept = _attachments(discord, channel, message, form, files)
    after["_attachments"] = kept
    if "embeds" in form:
        after["embeds"] = [_embed(one) for one in form["embeds"] or ()]
    if "components" in form:
        after["components"] = _numbered(form["components"] or [])
    shown = dict(message.get("_shown", {}))
    shown |= {part: _point_to_files(after, part, kept, at) for part in _PARTS if part in form}
    after["_shown"] = shown
    after["attachments"] = [
        one for one in kept if not any(one["id"] in ids for ids in shown.values())
    ]
    if not _says_something(after):
        raise DiscordError(50006)
    _mention(discord, after, form.get("allowed_mentions"))
    message.update(after)


def _says_something(message: Json) -> bool:
    embeds = any(
        any(embed.get(name) for name in ("title", "description", "fields", "image", "author"))
        or embed.get("thumbnail")
        or embed.get("footer")
        for embed in message["embeds"]
    )
    return bool(
        message["content"].strip() or embeds or message["_attachments"] or message["components"]
    )


def _attachments(
    discord: DiscordEmulator,
    channel: Channel,
    message: Json,
    form: Json,
    files: Mapping[str, Upload],
) -> list[Json]:
    """Old ones that stay, then new ones in order. An edit that does not say keeps all."""
    old: list[Json] = message.get("_attachments", [])
    said = form.get("attachments")
    about = {str(one["id"]): one for one in said or ()}
    kept = old if said is None else [one for one in old if one["id"] in about]
    new = {numbered[1]: one for name, one in files.items() if (numbered := _FILE.fullmatch(name))}
    unknown = [one for one in about if one not in new and one not in {o["id"] for o in old}]
    if unknown:
        problem: Problem = ("attachments", "ATTACHMENT_NOT_FOUND", f"Invalid ids {unknown}")
        raise invalid_form([problem])
    found = [{**one, **_described(about.get(one["id"], {}))} for one in kept]
    for number, upload in sorted(new.items(), key=lambda one: int(one[0])):
        own = new_id()
        if discord.records:
            discord.uploads[own] = upload.content
        named = about.get(number, {})
        name = str(named.get("filename") or upload.name)
        url = f"{discord.url}/attachments/{channel.id}/{own}/{name}"
        attachment: Json = {
            "id": own,
            "filename": name,
            "size": len(upload.content),
            "url": url,
            "proxy_url": url,
            "content_type": upload.content_type,
            **_described(named),
            **_dimensions(upload.content),
        }
        found.append(attachment)
    return found


def _described(about: Json) -> Json:
    description = about.get("description")
    return {} if description is None else {"description": description}


def _dimensions(content: bytes) -> Json:
    """Discord looks into pictures; PNG is all that is sent here."""
    if content[:8] != b"\x89PNG\r\n\x1a\n" or len(content) < 24:
        return {}
    width, height = (int.from_bytes(content[at : at + 4], "big") for at in (16, 20))
    return {"content_type": "image/png", "width": width, "height": height}


def _embed(embed: Json) -> Json:
    found: Json = {**_copy(embed), "type": "rich"}
    if embed.get("fields"):
        found["fields"] = [{"inline": False, **one} for one in embed["fields"]]
    return found


def _numbered(components: Sequence[Json]) -> list[Json]:
    """With the ids that Discord gives to those that have none."""
    copied: list[Json] = [_copy(one) for one in components]
    taken = {one["id"] for one in parts_of(copied) if one.get("id")}
    free = iter(number for number in range(1, 1000) if number not in taken)
    for one in parts_of(copied):
        if not one.get("id"):
            one["id"] = next(free)
        for name, value in _DEFAULTS.get(one["type"], {}).items():
            one.setdefault(name, value)
        for item in one.get("items") or ():
            item.setdefault("description", None)
            item.setdefault("spoiler", False)
    return copied


def numbered_modal(modal: Json) -> Json:
    return {**modal, "components": _numbered(modal.get("components") or [])}


def _copy(thing: Any) -> Any:
    if isinstance(thing, dict):
        return {name: _copy(value) for name, value in thing.items()}
    return [_copy(one) for one in thing] if isinstance(thing, list) else thing


def _point_to_files(
    message: Json, part: str, attachments: Sequence[Json], at: str
) -> frozenset[str]:
    """`attachment://name` becomes the address of that file; which files are shown there.

    One that is named by its address only is shown there and among the attachments too: that is
    how a picture comes to stand in an edited message twice.
    """
    by_name = {one["filename"]: one for one in attachments}
    used: set[str] = set()
    media_of = _media_of_embeds if part == "embeds" else _media_of_components
    for media in media_of(message[part]):
        url = str(media.get("url", ""))
        if not url.startswith("attachment://"):
            continue
        name = url.removeprefix("attachment://")
        file = by_name.get(name)
        if file is None:
            told = f"attachment://{name}: there is no such file"
            raise invalid_form([(f"{at}{part}", "ATTACHMENT_NOT_FOUND", told)])
        used.add(file["id"])
        if part == "components":
            media["id"] = file["id"]
        media.update(url=file["url"], proxy_url=file["url"])
        for known in ("width", "height", "content_type"):
            if known in file:
                media[known] = file[known]
    return frozenset(used)


def _media_of_embeds(embeds: Sequence[Json]) -> Iterator[Json]:
    for embed in embeds:
        yield from (embed[name] for name in ("image", "thumbnail") if embed.get(name))


def _media_of_components(components: Sequence[Json]) -> Iterator[Json]:
    for part in parts_of(components):
        media = [part.get("media"), part.get("file")]
        media += [item.get("media") for item in part.get("items") or ()]
        yield from (one for one in media if isinstance(one, dict))


def _mention(discord: DiscordEmulator, message: Json, allowed: Any) -> None:
    replied = message.get("referenced_message")
    found = pinged(
        text_of(message), allowed, replied_to=replied["author"]["id"] if replied else None
    )
    if message["_pings"] is None:
        message["_pings"] = found  # Edits call nobody.
    message["mention_everyone"] = "@everyone" in found
    message["mention_roles"] = [one[2:] for one in found if one.startswith("@&")]
    ids = [one[1:] for one in found if one[1:].isdigit()]
    message["mentions"] = [discord.users[one].wire() for one in ids if one in discord.users]
