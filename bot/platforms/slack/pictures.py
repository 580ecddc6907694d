"""Pictures into Slack: uploaded as files, then shown by a block of the message itself.

The file is not shared to a channel by its upload; the block that refers to it shows it, so alert,
picture and buttons are one message.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import lru_cache

from alerts.platform import TemporaryFailure
from bot.platforms.slack.blocks import Pictures, ShownPicture
from bot.platforms.slack.calls import TeamCalls
from bot.platforms.slack.errors import SlackRefused
from bot.replies import Picture, Reply

log = logging.getLogger(__name__)

_PAUSES_S = (0.1, 0.2, 0.4, 0.8, 1.5, 3.0)
"""Between the questions whether Slack has finished with a file: a block may not name it before."""


MOST_REMEMBERED = 2000


async def brought(call: TeamCalls, team: str, reply: Reply) -> Pictures:
    """The reply's pictures, as far as they could be brought; words go without them."""
    return await Gallery(call).brought(team, reply)


@dataclass(slots=True)
class _Hung:
    """A picture in a workspace: those who show the same wait for the first of them."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    file: str | None = None


class Gallery:
    """Remembers what it has brought: one crossing is told to many channels of a workspace, and
    Slack takes about a hundred uploads a minute.
    """

    def __init__(self, call: TeamCalls) -> None:
        self._call = call
        self._hung: OrderedDict[tuple[str, bytes], _Hung] = OrderedDict()

    async def brought(self, team: str, reply: Reply) -> Pictures:
        """The reply's pictures, as far as they could be brought; words go without them."""
        shown: dict[Picture, ShownPicture] = {}
        for picture in (block for block in reply.blocks if isinstance(block, Picture)):
            try:
                file = await self._file(team, picture)
            except (SlackRefused, TemporaryFailure) as failure:
                log.warning(
                    "slack: a picture was not taken (%s); the message goes without it", failure
                )
                continue
            if file is None:
                log.warning("slack: a picture was not ready in time; the message goes without it")
            else:
                shown[picture] = ShownPicture(file, picture.alt)
        return shown

    def forget(self, team: str, pictures: Pictures) -> None:
        """Slack does not show them any more: somebody may have deleted the files."""
        for picture in pictures:
            self._hung.pop((team, _digest(picture)), None)

    async def _file(self, team: str, picture: Picture) -> str | None:
        """The file's id; None when it was not ready in time."""
        key = team, _digest(picture)
        hung = self._hung.get(key)
        if hung is None:
            hung = self._hung[key] = _Hung()
            if len(self._hung) > MOST_REMEMBERED:
                self._hung.popitem(last=False)
        self._hung.move_to_end(key)
        if hung.file is not None:
            return hung.file
        async with hung.turn:
            if hung.file is None:
                file = await _uploaded(self._call, team, picture)
                if not await _is_ready(self._call, team, file):
                    return None
                hung.file = file
        return hung.file


@lru_cache(maxsize=16)
def _digest(picture: Picture) -> bytes:
    return hashlib.sha256(picture.png + picture.alt.encode()).digest()


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
