"""users.* and usergroups.*: who is there."""

from __future__ import annotations

from tests.emulators.slack.calls import Call, SlackError, method
from tests.emulators.slack.world import Json


@method("users.info", scope="users:read", per_minute=100)
async def user_info(call: Call) -> Json:
    return {"user": call.user().wire(call.flag("include_locale"))}


@method("users.list", scope="users:read", per_minute=20)
async def users(call: Call) -> Json:
    locale = call.flag("include_locale")
    members = [user.wire(locale) for user in list(call.team.users.values())]
    return {"members": members, "response_metadata": {"next_cursor": ""}}


@method("usergroups.list", scope="usergroups:read", per_minute=20)
async def usergroups(call: Call) -> Json:
    found = [
        group.wire(call.flag("include_users"), call.flag("include_count"))
        for group in list(call.team.usergroups.values())
        if call.flag("include_disabled") or not group.disabled
    ]
    return {"usergroups": found}


@method("usergroups.users.list", scope="usergroups:read", per_minute=20)
async def usergroup_users(call: Call) -> Json:
    group = call.team.usergroups.get(call.required("usergroup"))
    if group is None or (group.disabled and not call.flag("include_disabled")):
        raise SlackError("no_such_subteam")
    return {"users": list(group.users)}


@method("team.info", scope="team:read", per_minute=50)
async def team_info(call: Call) -> Json:
    team = call.team
    return {"team": {"id": team.id, "name": team.name, "domain": team.domain}}
