"""Pictures into Slack: uploaded as files, then shown by a block of the message itself.

The file is not shared to a channel by its upload; the block that refers to it shows it, so alert,
picture and buttons are one message.
"""

from __future__ import annotations

import asyncio
import logging

from alerts.platform import TemporaryFailure
from bot.platforms.slack.blocks import Pictures, ShownPicture
from bot.platforms.slack.calls import TeamCalls
from bot.platforms.slack.errors import SlackRefused
from bot.replies import Picture, Reply

log = logging.getLogger(__name__)

_PAUSES_S = (0.1, 0.2, 0.4, 0.8, 1.5, 3.0)
"""Between the questions whether Slack has finished with a file: a block may not name it before."""


async def brought(call: TeamCalls, team: str, reply: Reply) -> Pictures:
    """The reply's pictures, as far as they could be brought; words go without them."""
    shown: dict[Picture, ShownPicture] = {}
    for picture in (block for block in reply.blocks if isinstance(block, Picture)):
        try:
            file = await _uploaded(call, team, picture)
            if await _is_ready(call, team, file):
                shown[picture] = ShownPicture(file, picture.alt)
            else:
                log.warning("slack: a picture was not ready in time; the message goes without it")
        except (SlackRefused, TemporaryFailure) as failure:
            log.warning("slack: a picture was not taken (%s); the message goes without it", failure)
    return shown


async def _uploaded(call: TeamCalls, team: str, picture: Picture) -> str:
    """Three calls: an address, the bytes, the end. Returns the file's id."""
    place = await call(
        team,
        "files.getUploadURLExternal",
        {
            "filename": picture.name,
            "length": str(len(picture.png)),
            "alt_txt": picture.alt[:1000],
        },
    )
    file = str(place["file_id"])
    await call.upload(str(place["upload_url"]), picture.png)
    done = {"files": [{"id": file, "title": picture.name}]}
    await call(team, "files.completeUploadExternal", done)
    return file


async def _is_ready(call: TeamCalls, team: str, file: str) -> bool:
    for pause in (*_PAUSES_S, None):
        said = (await call(team, "files.info", {"file": file})).get("file")
        if isinstance(said, dict) and said.get("mimetype"):
            return True
        if pause is not None:
            await asyncio.sleep(pause)
    return False
