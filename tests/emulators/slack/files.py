"""files.*: uploads in three steps, and files that are not ready at once."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import TYPE_CHECKING

from aiohttp import web

from tests.emulators.slack.calls import Call, SlackError, method
from tests.emulators.slack.messages import addressed, new_message, refuse_if_closed
from tests.emulators.slack.world import Channel, Json, Team, new_id

if TYPE_CHECKING:
    from tests.emulators.slack.slack_server import SlackServer

_KINDS = (
    (b"\x89PNG\r\n\x1a\n", "png", "image/png"),
    (b"\xff\xd8\xff", "jpg", "image/jpeg"),
    (b"GIF8", "gif", "image/gif"),
)


@dataclass(eq=False)
class File:
    """`state`: promised, uploaded, completed (not ready yet), ready."""

    team: Team
    name: str
    length: int
    alt: str
    secret: str
    id: str = field(default_factory=lambda: new_id("F"))
    title: str = ""
    content: bytes = b""
    state: str = "promised"
    channels: list[str] = field(default_factory=list)
    shares: dict[str, str] = field(default_factory=dict)
    """By channel, the ts of the message that shows it."""
    created: int = field(default_factory=lambda: int(time.time()))

    @property
    def kind(self) -> tuple[str, str]:
        for magic, extension, mime in _KINDS:
            if self.content.startswith(magic):
                return extension, mime
        return "text", "text/plain"

    @property
    def picture(self) -> bool:
        return self.kind[1].startswith("image/")

    def private_url(self, base: str) -> str:
        return f"{base}/files-pri/{self.team.id}-{self.id}/{self.name}"

    def wire(self, base: str) -> Json:
        """Slack knows the kind only when it has looked at the file: until then these are empty."""
        extension, mime = self.kind if self.state == "ready" else ("", "")
        private = self.private_url(base)
        found: Json = {
            "id": self.id,
            "created": self.created,
            "timestamp": self.created,
            "name": self.name,
            "title": self.title or self.name,
            "mimetype": mime,
            "filetype": extension,
            "pretty_type": extension.upper(),
            "user": self.team.bot.id,
            "user_team": self.team.id,
            "editable": False,
            "size": len(self.content),
            "mode": "hosted",
            "is_external": False,
            "external_type": "",
            "is_public": bool(self.channels),
            "public_url_shared": False,
            "display_as_bot": False,
            "username": "",
            "url_private": private,
            "url_private_download": private,
            "permalink": f"https://{self.team.domain}.slack.com/files/x/{self.id}/{self.name}",
            "comments_count": 0,
            "is_starred": False,
            "shares": {},
            "channels": [c for c in self.channels if c.startswith("C")],
            "groups": [],
            "ims": [c for c in self.channels if c.startswith("D")],
            "has_rich_preview": False,
            "file_access": "visible",
            "alt_txt": self.alt,
        }
        for channel, ts in self.shares.items():
            found["shares"].setdefault("public", {})[channel] = [{"ts": ts}]
        if self.state == "ready" and self.picture:
            found |= {"thumb_360": private, "original_w": 1200, "original_h": 600}
        return found


@method("files.getUploadURLExternal", scope="files:write", per_minute=100)
async def get_upload_url(call: Call) -> Json:
    name = call.required("filename")
    length = call.number("length", 0)
    if length <= 0:
        raise SlackError("invalid_arguments")
    if len(call.text("alt_txt")) > 1000:
        raise SlackError("alt_txt_too_large")
    file = File(call.team, name, length, call.text("alt_txt"), call.slack.new_secret())
    call.slack.files[file.id] = file
    return {
        "upload_url": f"{call.slack.url}/upload/v1/{file.id}/{file.secret}",
        "file_id": file.id,
    }


async def take_upload(slack: SlackServer, request: web.Request) -> web.StreamResponse:
    """Raw bytes, or a multipart form; the address works once."""
    file = slack.files.get(request.match_info["id"])
    wrong = file is None or file.secret != request.match_info["secret"]
    if file is None or wrong or file.state != "promised":
        return web.Response(status=404, text="Not found")
    content = await request.read()
    if request.content_type == "multipart/form-data":
        content = _parts(request.headers["Content-Type"], content).get("file", content)
    if len(content) != file.length:
        return web.Response(status=400, text="length mismatch")
    file.content, file.state = content, "uploaded"
    slack.bell.ring()
    return web.Response(text=f"OK - {len(content)}")


def _parts(content_type: str, body: bytes) -> dict[str, bytes]:
    whole = message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    found: dict[str, bytes] = {}
    for part in whole.walk():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if name is not None and isinstance(content, bytes):
            found["file" if part.get_filename() else str(name)] = content
    return found


@method("files.completeUploadExternal", scope="files:write", per_minute=100)
async def complete_upload(call: Call) -> Json:
    wanted = call.structure("files")
    if not isinstance(wanted, list) or not wanted:
        raise SlackError("invalid_arguments")
    files: list[File] = []
    for one in wanted:
        file = call.slack.files.get(str(one.get("id")))
        if file is None or file.team is not call.team:
            raise SlackError("file_not_found")
        if file.state != "uploaded":
            raise SlackError(
                "posting_to_channel_failed" if call.text("channel_id") else "file_not_found"
            )
        file.title = str(one.get("title") or file.name)
        files.append(file)
    channel = _where_to(call)
    comment, thread = call.text("initial_comment"), call.text("thread_ts")
    for file in files:
        file.state = "completed"

    def ready() -> None:
        _become_ready(call.slack, files, channel, comment, thread)

    call.slack.later(call.slack.file_delay, ready)
    return {"files": [file.wire(call.slack.url) for file in files]}


def _where_to(call: Call) -> Channel | None:
    wanted = call.text("channel_id") or call.text("channels").split(",")[0]
    if not wanted:
        return None
    named = Call(call.slack, call.method, {"channel": wanted}, call.token)
    channel = addressed(named)
    refuse_if_closed(named, channel)
    return channel


def _become_ready(
    slack: SlackServer, files: list[File], channel: Channel | None, comment: str, thread: str
) -> None:
    for file in files:
        file.state = "ready"
    if channel is not None:
        team = files[0].team
        message = new_message(team, channel, {"text": comment})
        for file in files:
            file.channels.append(channel.id)
            file.shares[channel.id] = message["ts"]
        message["files"] = [file.wire(slack.url) for file in files]
        message |= {"upload": True, "display_as_bot": False}
        if thread:
            message["thread_ts"] = thread
        channel.messages.append(message)
    slack.bell.ring()


@method("files.info", scope="files:read", per_minute=100)
async def info(call: Call) -> Json:
    file = call.slack.files.get(call.required("file"))
    if file is None or file.team is not call.team or file.state in ("promised", "uploaded"):
        raise SlackError("file_not_found")
    return {"file": file.wire(call.slack.url), "comments": []}


@method("files.delete", scope="files:write", per_minute=50)
async def delete(call: Call) -> Json:
    file = call.slack.files.pop(call.required("file"), None)
    if file is None or file.team is not call.team:
        raise SlackError("file_not_found")
    return {}


async def download(slack: SlackServer, request: web.Request) -> web.StreamResponse:
    """url_private: for those who bring a token of the team."""
    team_id, _, file_id = request.match_info["id"].partition("-")
    file = slack.files.get(file_id)
    _, _, value = request.headers.get("Authorization", "").partition(" ")
    token = slack.tokens.get(value)
    if file is None or token is None or token.team is None or token.team.id != team_id:
        return web.Response(status=302, headers={"Location": "https://slack.com/signin"})
    return web.Response(body=file.content, content_type=file.kind[1])


def unknown_files(slack: SlackServer, blocks: object, at: str) -> list[str]:
    """What Slack says of picture blocks whose file it does not have, or not yet."""
    problems: list[str] = []
    for place, block in enumerate(blocks if isinstance(blocks, list) else []):
        for where, picture in _pictures(block):
            named = picture["slack_file"]
            file = slack.files.get(str(named.get("id"))) or next(
                (f for f in slack.files.values() if f.private_url(slack.url) == named.get("url")),
                None,
            )
            if file is None or file.state != "ready" or not file.picture:
                problems.append(f"invalid slack file [json-pointer:{at}/{place}{where}/slack_file]")
    return problems


def _pictures(block: object) -> list[tuple[str, Json]]:
    if not isinstance(block, dict):
        return []
    found = [("", block), ("/accessory", block.get("accessory"))]
    if isinstance(block.get("elements"), list):
        found += [(f"/elements/{n}", part) for n, part in enumerate(block["elements"])]
    return [
        (where, part)
        for where, part in found
        if isinstance(part, dict) and isinstance(part.get("slack_file"), dict)
    ]
