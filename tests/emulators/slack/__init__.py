"""A Slack for tests: Web API, Socket Mode, HTTP mode, OAuth, and the people who press things.

    with SlackEmulator() as slack:
        team = slack.add_team("Acme")
        alice = team.add_user("Alice", admin=True, locale="zh-TW")
        general = team.add_channel("general", members=[alice])
        client = AsyncWebClient(team.bot_token, base_url=slack.api_url)   # real slack-sdk
        ...
        asked = slack.slash(team, general, alice, "status")    # may be called from any thread
        await asked.acknowledged()                              # Ack.after_seconds, Ack.payload
        reply = await asked.answered()                          # the message she sees

What to give the app: `slack.api_url` (the base address), `team.bot_token`, `slack.app_token`,
`slack.signing_secret`, `slack.client_id`, `slack.client_secret`. HTTP mode instead of sockets:
`slack.request_url.url = "http://127.0.0.1:…/slack/events"`. Several workspaces: `add_team` again,
or `slack.browser().install(install_address, team)` for a workspace that consents by OAuth.

People (each returns an `Interaction`): `slash`, `press`, `choose`, `suggest`, `submit`, `close`,
`open_home`, and events: `join`, `leave`, `archive`, `delete_channel`, `uninstall`,
`revoke_tokens`, `event`. What became of it: `acknowledged`, `answered`, `opened`, `until`;
`.responses`, `.views`, `.options`, `.errors`, `.failure`, `.attempts`.

What the world holds: `channel.messages` (oldest first; `public(message)` is the wire's view of it),
`channel.pins`, `team.ephemerals`, `team.views`, `team.homes[user.id]`, `slack.files`. Notes of the
emulator itself begin with an underscore: `_pings`, `_edits`, `_at` (time.monotonic).

What was asked: `slack.calls`, `slack.calls_of("chat.postMessage")`, `slack.rates.count_429`,
`slack.violations` (what Slack's documentation forbids, in words; empty after a good test).

What goes wrong (R23 to R25): `slack.fail("chat.postMessage", "is_archived", channel=general.id)`,
`slack.limit(...)` (429), `slack.break_with(method, 503)`, `slack.hang_on(method)`,
`slack.cut_after(method)` (Slack takes it, the answer is lost), `slack.cut_before(method)`,
`slack.without_scope(team, "files:write")`, `team`/`Token` fields, `channel.archived`,
`channel.refuses`, `slack.file_delay`, and for sockets `slack.disconnect(reason)`,
`slack.drop_sockets()`, `slack.go_deaf()`, `slack.refuse_sockets(times)`, `slack.forget_tickets()`.
Forged and old requests in HTTP mode: `slack.request_url.sign_wrongly = 1`, `.seconds_old = 301`,
`await slack.replay(slack.request_url.posted[-1])`. At other paths than /api/ (`/upload/`,
`/commands/`, `/actions/`): `slack.answer_with(500, where="/upload/")` and the rest of `Emulator`.
`slack.behave()` ends it all. Sockets: `await slack.connected()`; waiting for anything:
`await slack.until(lambda: channel.messages)`.

By hand: `python -m tests.emulators.slack --port 0`, and curl as `hand` says.
"""

from tests.emulators.slack.emulator import SlackEmulator
from tests.emulators.slack.interactions import Ack, Attempt, Interaction
from tests.emulators.slack.world import Channel, Json, Team, Token, User, Usergroup, public

__all__ = [
    "Ack",
    "Attempt",
    "Channel",
    "Interaction",
    "Json",
    "SlackEmulator",
    "Team",
    "Token",
    "User",
    "Usergroup",
    "public",
]
