"""views.*: forms and the Home tab."""

from __future__ import annotations

import copy
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.emulators.slack.block_kit import problems_of_view
from tests.emulators.slack.calls import Call, SlackError, method
from tests.emulators.slack.elements import name_blocks, state_of
from tests.emulators.slack.interactions import Interaction
from tests.emulators.slack.world import Json, Team, User, new_id, public

if TYPE_CHECKING:
    from tests.emulators.slack.slack_server import SlackServer

DEEPEST = 3
_LARGEST = 250_000


@dataclass(eq=False)
class Trigger:
    """Allows one view to be opened, for a short time."""

    interaction: Interaction
    made_at: float = field(default_factory=time.monotonic)
    exchanged: bool = False


def exchange(call: Call) -> Interaction:
    """The interaction whose trigger the call brings."""
    trigger_id = call.required("trigger_id")
    trigger = call.slack.triggers.get(trigger_id)
    if trigger is None or trigger.interaction.team is not call.team:
        raise SlackError("invalid_trigger_id")
    if trigger.exchanged:
        raise SlackError("exchanged_trigger_id")
    if time.monotonic() - trigger.made_at > call.slack.trigger_lifetime:
        raise SlackError("expired_trigger_id")
    trigger.exchanged = True
    return trigger.interaction


def checked(slack: SlackServer, view: object, kind: str) -> Json:
    if not isinstance(view, dict):
        raise _invalid(slack, ["must provide an object [json-pointer:/view]"])
    if len(json.dumps(view)) > _LARGEST:
        raise SlackError("view_too_large")
    problems = problems_of_view(view, kind)
    problems += slack.unknown_files(view.get("blocks"), "/view/blocks")
    if problems:
        raise _invalid(slack, problems)
    return view


def _invalid(slack: SlackServer, problems: list[str]) -> SlackError:
    slack.violations += [f"view: {problem}" for problem in problems]
    messages = [f"[ERROR] {problem}" for problem in problems]
    return SlackError("invalid_arguments", response_metadata={"messages": messages})


def made(team: Team, user: User, said: Json, before: Json | None = None) -> Json:
    """The view as Slack keeps it. `before`: the one whose place it takes."""
    view: Json = {
        "id": before["id"] if before else new_id("V"),
        "team_id": team.id,
        "type": said["type"],
        "blocks": copy.deepcopy(said["blocks"]),
        "private_metadata": said.get("private_metadata", ""),
        "callback_id": said.get("callback_id", ""),
        "hash": f"{time.time():.0f}.{new_id('h')}",
        "title": said.get("title") or {"type": "plain_text", "text": "View Title"},
        "clear_on_close": bool(said.get("clear_on_close")),
        "notify_on_close": bool(said.get("notify_on_close")),
        "close": said.get("close"),
        "submit": said.get("submit"),
        "previous_view_id": before["previous_view_id"] if before else None,
        "root_view_id": before["root_view_id"] if before else None,
        "app_id": team.app_id,
        "external_id": said.get("external_id", ""),
        "app_installed_team_id": team.id,
        "bot_id": team.bot_id,
        "_user": user.id,
        "_at": time.monotonic(),
    }
    view["root_view_id"] = view["root_view_id"] or view["id"]
    if before:
        view["_touched"] = dict(before.get("_touched") or {})
        view["_opened_by"] = before.get("_opened_by")
    name_blocks(view["blocks"])
    return view


def _on_wire(view: Json) -> Json:
    return public(view) | {"state": {"values": state_of(view)}}


def _show(slack: SlackServer, team: Team, view: Json, interaction: Interaction | None) -> Json:
    """Keep it, and tell whoever waits for it."""
    if view["type"] == "home":
        team.homes[view["_user"]] = view
    else:
        team.views[view["id"]] = view
    if interaction is not None:
        view["_opened_by"] = interaction
    opened_by = view.get("_opened_by")
    if isinstance(opened_by, Interaction):
        opened_by.views.append(view)
        opened_by.bell.ring()
    slack.bell.ring()
    return {"view": _on_wire(view)}


def _external_id_is_free(team: Team, said: Json, but: Json | None = None) -> None:
    wanted = said.get("external_id")
    for view in team.views.values():
        if wanted and view["external_id"] == wanted and view is not but:
            raise SlackError("duplicate_external_id")


@method("views.open", per_minute=100)
async def open_view(call: Call) -> Json:
    said = checked(call.slack, call.structure("view"), "modal")
    _external_id_is_free(call.team, said)
    interaction = exchange(call)
    assert interaction.user is not None
    for view in [v for v in call.team.views.values() if v["_user"] == interaction.user.id]:
        del call.team.views[view["id"]]  # one stack of forms a person
    view = made(call.team, interaction.user, said)
    return _show(call.slack, call.team, view, interaction)


@method("views.push", per_minute=100)
async def push_view(call: Call) -> Json:
    said = checked(call.slack, call.structure("view"), "modal")
    _external_id_is_free(call.team, said)
    interaction = exchange(call)
    return _pushed(call.slack, interaction, said)


def push(slack: SlackServer, interaction: Interaction, said: object) -> None:
    _pushed(slack, interaction, checked(slack, said, "modal"))


def _pushed(slack: SlackServer, interaction: Interaction, said: Json) -> Json:
    below = interaction.view
    team = interaction.team
    if below is None or below["id"] not in team.views:
        raise SlackError("not_found")
    stack = [v for v in team.views.values() if v["root_view_id"] == below["root_view_id"]]
    if len(stack) >= DEEPEST:
        raise SlackError("push_limit_reached")
    assert interaction.user is not None
    view = made(team, interaction.user, said)
    view |= {"previous_view_id": below["id"], "root_view_id": below["root_view_id"]}
    return _show(slack, team, view, interaction)


@method("views.update", per_minute=100)
async def update_view(call: Call) -> Json:
    said = checked(call.slack, call.structure("view"), "modal")
    wanted, external = call.text("view_id"), call.text("external_id")
    if not wanted and not external:
        call.required("view_id")
    before = call.team.views.get(wanted) or next(
        (v for v in call.team.views.values() if external and v["external_id"] == external), None
    )
    if before is None:
        raise SlackError("not_found")
    _external_id_is_free(call.team, said, before)
    if call.text("hash") not in ("", before["hash"]):
        raise SlackError("hash_conflict")
    view = made(call.team, call.team.users[before["_user"]], said, before)
    return _show(call.slack, call.team, view, None)


def replace(slack: SlackServer, interaction: Interaction, said: object) -> None:
    """response_action `update`."""
    before = interaction.view
    if before is None or before["id"] not in interaction.team.views:
        raise SlackError("not_found")
    view_said = checked(slack, said, "modal")
    assert interaction.user is not None
    view = made(interaction.team, interaction.user, view_said, before)
    _show(slack, interaction.team, view, interaction)


def close(slack: SlackServer, interaction: Interaction, *, everything: bool = False) -> None:
    """The view is gone; `everything`: with those below it."""
    view = interaction.view
    if view is None:
        return
    for other in list(interaction.team.views.values()):
        if other["id"] == view["id"] or (
            everything and other["root_view_id"] == view["root_view_id"]
        ):
            del interaction.team.views[other["id"]]
    interaction.closed = True


@method("views.publish", per_minute=100)
async def publish(call: Call) -> Json:
    user = call.user("user_id")
    said = checked(call.slack, call.structure("view"), "home")
    before = call.team.homes.get(user.id)
    if call.text("hash") and before is not None and call.text("hash") != before["hash"]:
        raise SlackError("hash_conflict")
    return _show(call.slack, call.team, made(call.team, user, said, before), None)
