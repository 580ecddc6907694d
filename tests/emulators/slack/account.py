"""auth.*, apps.*, api.test: who calls, and may they."""

from __future__ import annotations

from tests.emulators.slack.calls import Call, SlackError, method
from tests.emulators.slack.world import Json, Team


@method("api.test", token=None, per_minute=100)
async def api_test(call: Call) -> Json:
    if call.text("error"):
        raise SlackError(call.text("error"), args=dict(call.arguments))
    return {"args": dict(call.arguments)}


@method("auth.test", per_minute=300)
async def auth_test(call: Call) -> Json:
    team = call.team
    return {
        "url": f"https://{team.domain}.slack.com/",
        "team": team.name,
        "user": team.bot.name.lower(),
        "team_id": team.id,
        "user_id": team.bot.id,
        "bot_id": team.bot_id,
        "is_enterprise_install": False,
        **({"enterprise_id": team.enterprise_id} if team.enterprise_id else {}),
    }


@method("apps.connections.open", token="app", scope="connections:write", per_minute=1)
async def connections_open(call: Call) -> Json:
    return {"url": call.slack.sockets.issue(call.slack.url, call.slack.app_id)}


@method("auth.revoke", per_minute=50)
async def auth_revoke(call: Call) -> Json:
    assert call.token is not None
    if call.flag("test"):
        return {"revoked": False}
    call.token.error = "token_revoked"
    return {"revoked": True}


@method("apps.uninstall", per_minute=1)
async def apps_uninstall(call: Call) -> Json:
    if call.text("client_id") != call.slack.client_id:
        raise SlackError("invalid_client_id")
    if call.text("client_secret") != call.slack.client_secret:
        raise SlackError("bad_client_secret")
    call.slack.uninstall(call.team)
    return {}


def enterprise_of(team: Team) -> Json | None:
    if team.enterprise_id is None:
        return None
    return {"id": team.enterprise_id, "name": f"{team.name} Enterprise"}
