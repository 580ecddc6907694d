"""Application commands: which are registered, and who is offered them where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.emulators.discord.command_limits import problems_of_command
from tests.emulators.discord.errors import DiscordError, Problem, invalid_form
from tests.emulators.discord.permissions import Permission, permissions_in
from tests.emulators.discord.world import Channel, Json, User, new_id

if TYPE_CHECKING:
    from tests.emulators.discord.emulator import DiscordEmulator

Value = str | int | float | bool

SUBCOMMAND, GROUP = 1, 2


@dataclass
class CommandBook:
    """Global commands under None, those of one server under its id; by name."""

    creations_left: int = 200
    """Today's. Changing a command that is there, or naming it again, costs nothing."""
    by_place: dict[str | None, dict[str, Json]] = field(default_factory=dict, init=False)
    writes: int = field(default=0, init=False)
    """Calls that changed something, or tried to."""

    def of(self, place: str | None) -> dict[str, Json]:
        return self.by_place.setdefault(place, {})

    def overwrite(
        self, application_id: str, place: str | None, wanted: Sequence[Json]
    ) -> list[Json]:
        """All at once; raises 50035 and 30034 and changes nothing."""
        self.writes += 1
        problems: list[Problem] = []
        for number, one in enumerate(wanted):
            problems += problems_of_command(one, f"{number}")
        names = [str(one.get("name")) for one in wanted]
        for number, name in enumerate(names):
            if name in names[:number]:
                told = "Application command names must be unique"
                problems.append((f"{number}", "APPLICATION_COMMANDS_DUPLICATE_NAME", told))
        if problems:
            raise invalid_form(problems)
        before = self.of(place)
        self._create(sum(name not in before for name in names))
        after = {str(one["name"]): self._kept(application_id, place, one, before) for one in wanted}
        self.by_place[place] = after
        return list(after.values())

    def add(self, application_id: str, place: str | None, wanted: Json) -> Json:
        self.writes += 1
        if problems := problems_of_command(wanted, ""):
            raise invalid_form(problems)
        before = self.of(place)
        self._create(wanted["name"] not in before)
        kept = before[wanted["name"]] = self._kept(application_id, place, wanted, before)
        return kept

    def by_id(self, place: str | None, command_id: str) -> Json:
        for one in self.of(place).values():
            if one["id"] == command_id:
                return one
        raise DiscordError(10063)

    def _create(self, new: int) -> None:
        if new > self.creations_left:
            raise DiscordError(30034)
        self.creations_left -= new

    def _kept(
        self, application_id: str, place: str | None, wanted: Json, before: dict[str, Json]
    ) -> Json:
        """As Discord answers: with an id, a version, and defaults filled in."""
        old = before.get(str(wanted["name"]))
        permissions = wanted.get("default_member_permissions")
        kept: Json = {
            "id": old["id"] if old else new_id(),
            "application_id": application_id,
            "version": new_id(),
            "type": wanted.get("type", 1),
            "name": wanted["name"],
            "name_localizations": wanted.get("name_localizations"),
            "description": wanted.get("description", ""),
            "description_localizations": wanted.get("description_localizations"),
            "options": wanted.get("options") or [],
            "default_member_permissions": None if permissions is None else str(permissions),
            "nsfw": bool(wanted.get("nsfw", False)),
        }
        if place is not None:
            return kept | {"guild_id": place, "integration_types": [0], "contexts": None}
        kept["integration_types"] = wanted.get("integration_types") or [0]
        kept["contexts"] = wanted.get("contexts")
        kept["dm_permission"] = wanted.get("dm_permission", True)
        return kept

    # -- what a person is offered

    def find(self, discord: DiscordEmulator, channel: Channel, user: User, name: str) -> Json:
        """Raises LookupError when this person is not offered that command there."""
        guild = channel.guild
        places = (guild.id, None) if guild is not None else (None,)
        found = next((self.of(one)[name] for one in places if name in self.of(one)), None)
        if found is None:
            known = sorted({one for book in self.by_place.values() for one in book})
            raise LookupError(f"no command {name} is registered there; there are {known}")
        there = guild is not None and discord.bot.id in guild.members
        context = channel.context
        if not there and context != 1:
            if not user.installed:
                where = guild.name if guild is not None else "the conversation"
                raise LookupError(f"neither {where} nor {user.name} has the app")
            if 1 not in found["integration_types"]:
                raise LookupError(f"{name} is not for accounts (integration_types)")
        contexts = found["contexts"]
        if (contexts is not None and context not in contexts) or (
            contexts is None and context != 0 and not found.get("dm_permission", True)
        ):
            raise LookupError(f"{name} is not for this context ({context})")
        needed = found["default_member_permissions"]
        if guild is not None and needed is not None:
            held = permissions_in(channel, user.id)
            if Permission.ADMINISTRATOR not in held and int(needed) & ~int(held):
                raise LookupError(f"{user.name} lacks the permissions that {name} needs")
        return found
