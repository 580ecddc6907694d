"""Discord on the loopback: REST v10, gateway, interactions. `python -m tests.emulators.discord`.

    with DiscordEmulator() as discord:
        guild = discord.add_guild("Fund")              # the bot is a member (bot=False: it is not)
        channel = discord.add_channel(guild, "alerts")
        ada = discord.add_user("Ada", locale="zh-TW")  # installed=True: the app is on her account
        discord.add_member(guild, ada, permissions=Permission.MANAGE_GUILD)
        ...                                  # the client: discord.api_url, discord.token
        await discord.ready()                # the bot has identified and has all servers

        said = discord.slash(channel, ada, "bubble alert add", {"indicator": "top5"})
        ack = await said.acknowledged()      # ack.kind (4 to 9), ack.after_seconds, ack.data
        message = await said.answered()      # what she reads; `.ephemeral`, `.followups`, `.modal`
        pressed = discord.press(message, custom_id, ada)             # a button
        chosen = discord.choose(message, custom_id, ["1d"], ada)     # a menu
        sent = discord.submit(await pressed.opened(), {"line": "40%"})   # a form, by custom_id
        typed = discord.autocomplete(channel, ada, "bubble alert add", {"indicator": "nv"})
        choices = await typed.suggested()    # the last option of the mapping has the focus

Where she is: a `Channel` of a guild, `discord.direct(ada)`, or `discord.between(ada, bob)`. Where
the bot is not, a command reaches it only if she has the app installed. Options of people, roles and
channels are given by id, and arrive resolved.

What was posted is in `channel.messages` (by id), `channel.latest()`, `channel.pins`; wait with
`await discord.posted(channel, count)` and `await discord.until(condition)`. Messages live on: copy
one to compare it with what becomes of it. `pings_of(message)` tells whom it called,
`discord.upload(attachment)` is a file's bytes. Every request is in `discord.requests`; what
Discord's published description does not allow in `discord.violations`, empty in a good test
(`discord.described` is False where the description is not here).

What a person does to the bot's places: `remove_bot`, `invite_bot`, `delete_channel`,
`delete_message`, `deny` and `allow` (permissions of the bot in a channel), `outage`, `recover`.

What goes wrong over REST (`where`: a part of the path, `times` None: until `behave()`):
`fail(50013, where=channel.id)`, `server_error(502, …)`, `hang(…)`, `cut(…, taken=True)` (the
message is there, the answer is lost), `too_many(retry_after, …, via=False)`, `revoke_token()`.
Rate limits: `discord.rates` (buckets, per second, `count_429`, `refused`).

What goes wrong at the gateway (`discord.gateway`): `drop(code)`, `reconnect()` (op 7),
`invalidate(resumable)` (op 9), `refuse(times)` and `accept()`, `go_deaf()` (`new_too=False`: only
connections that are open now) and `hear_again()`, `forget_sessions()` (no resume works). It counts
`identifies`, `resumes`, `refused`, `heartbeats`. discord.py resumes after a refused connection only
as a plain `Client`; an `AutoShardedClient` identifies anew and misses what happened meanwhile.

True to Discord where it surprises:
- A nonce is in the answer to its own POST and in MESSAGE_CREATE, never in fetched messages. Inside
  the window (`nonce_window` seconds) the same nonce gives the first message back; if that was
  deleted meanwhile, 10008. `forget_nonces()` ends the window now.
- 10062 three seconds after an interaction that nobody answered; 40060 for a second answer; 50027
  after fifteen minutes (`answer_within`, `token_lives`: seconds; `expire(interaction)`).
- An ephemeral message is no channel message: only its interaction knows it.
- Pinning needs PIN_MESSAGES (since February 2026), which @everyone does not have.
- A picture that an embed shows by `attachment://name` is not among the message's `attachments`; an
  edit may name it so again without sending it anew. An edit that names it by its address, or sends
  a new one without `attachments`, shows the old one a second time, below the embed.

Waiting takes `within` seconds at most and says what did not happen (TimeoutError). A bench sets
`check_requests=False` and `records = False`, and waits once for many interactions, not for each.
"""

from tests.emulators.discord.emulator import DiscordEmulator
from tests.emulators.discord.interactions import Ack, Interaction
from tests.emulators.discord.permissions import Permission
from tests.emulators.discord.pings import pings_of
from tests.emulators.discord.world import Channel, Guild, Json, Member, Role, User

__all__ = [
    "Ack",
    "Channel",
    "DiscordEmulator",
    "Guild",
    "Interaction",
    "Json",
    "Member",
    "Permission",
    "Role",
    "User",
    "pings_of",
]
