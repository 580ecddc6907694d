"""A reply as a Discord message: an embed that reads well on a phone, its picture, its buttons."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import discord

from bot.locales import Translator
from bot.platforms.discord.pressing import view_of
from bot.platforms.discord.tables import in_columns, in_lines
from bot.platforms.discord.text import cut, escaped, has_address
from bot.platforms.terminal import plain_text
from bot.replies import (
    Block,
    Buttons,
    Fields,
    Heading,
    Paragraph,
    Picture,
    Reply,
    Table,
    Tone,
    colon_after,
)

_LONGEST_CONTENT, _LONGEST_TITLE, _LONGEST_ALT = 2000, 256, 1024
_ROOM_IN_EMBED = 3900
_ROOM_IN_ALL = 5500
"""Discord allows 4096 and 6000 characters; what is left over is for titles and footers."""
_ROOM_FOR_MORE = 80
_LONGEST_LINE = 1800
_MOST_PICTURES = 4
_FENCE = "```"
_COLOURS = {
    Tone.CRITICAL: 0xD1344B,
    Tone.WARN: 0xE8912D,
    Tone.WATCH: 0x3B82C4,
    Tone.GOOD: 0x2E9E6B,
}
_QUIET = 0x6B7280
_MARKS = {Tone.CRITICAL: "🔴", Tone.WARN: "🟠", Tone.WATCH: "🔵", Tone.GOOD: "🟢"}


class _Attached(discord.File):
    """discord.py's own is part of a cycle once it is closed, and holds its bytes until garbage is
    searched for: ten thousand messages held a hundred megabytes."""

    def close(self) -> None:
        super().close()
        self.fp.close()


@dataclass(frozen=True, slots=True)
class Rendered:
    """The parts of a Discord message. `view` needs a running loop to be made."""

    content: str | None
    embeds: tuple[discord.Embed, ...] = ()
    pictures: tuple[Picture, ...] = ()
    buttons: tuple[Buttons, ...] = ()
    roles: tuple[int, ...] = ()

    def view(self) -> discord.ui.View | None:
        return view_of(list(self.buttons))

    def files(self) -> list[discord.File]:
        """New ones each time: a file is read once."""
        return [
            _Attached(io.BytesIO(picture.png), name, description=picture.alt[:_LONGEST_ALT])
            for picture, name in zip(self.pictures, file_names(self.pictures), strict=True)
        ]

    def mentions(self) -> discord.AllowedMentions:
        """Only the roles that a rule names may be called, whatever stands in the text."""
        return discord.AllowedMentions(
            everyone=False,
            users=False,
            roles=[discord.Object(role) for role in self.roles] if self.roles else False,
            replied_user=False,
        )


@dataclass(slots=True)
class _Piece:
    """Lines that belong together, perhaps between two fences."""

    lines: list[str]
    opening: str = ""
    closing: str = ""


@dataclass(slots=True)
class _Sheet:
    """What one embed holds."""

    pieces: list[_Piece] = field(default_factory=list)
    picture: str | None = None


def file_names(pictures: Sequence[Picture]) -> list[str]:
    """A name each in its message."""
    return [
        picture.name if i == 0 else f"{i + 1}-{picture.name}" for i, picture in enumerate(pictures)
    ]


def rendered(
    reply: Reply, t: Translator, signature: str = "", picture: str | None = None
) -> Rendered:
    """`signature` is the small print at the end; `picture` names one that is there already."""
    pictures = [block for block in reply.blocks if isinstance(block, Picture)][:_MOST_PICTURES]
    sheets = list(_sheets(reply.blocks, file_names(pictures)))
    if picture is not None and not pictures:
        sheets[0].picture = picture
    title = _title(reply.blocks)
    embeds = _embeds(sheets, t)
    embeds[0].title = title
    for embed in embeds:
        embed.colour = discord.Colour(_colour(reply.blocks))
    if signature:
        embeds[-1].set_footer(text=signature)
    roles = tuple(int(role) for role in reply.mentions if role.isascii() and role.isdigit())
    return Rendered(
        " ".join(f"<@&{role}>" for role in roles) or None,
        tuple(embeds),
        tuple(pictures),
        tuple(block for block in reply.blocks if isinstance(block, Buttons)),
        roles,
    )


def plain(reply: Reply, signature: str = "") -> Rendered:
    """Words alone: what is left to try when the rich form was refused (R24)."""
    small_print = f"\n-# {signature}" if signature else ""
    roles = tuple(int(role) for role in reply.mentions if role.isascii() and role.isdigit())
    called = "".join(f"<@&{role}> " for role in roles)
    said = escaped(plain_text(reply)) or "…"
    room = _LONGEST_CONTENT - len(small_print) - len(called)
    return Rendered(called + cut(said, room) + small_print, roles=roles)


def _title(blocks: Sequence[Block]) -> str | None:
    first = blocks[0] if blocks else None
    return cut(escaped(first.text), _LONGEST_TITLE) if isinstance(first, Heading) else None


def _colour(blocks: Sequence[Block]) -> int:
    """That of the gravest thing said."""
    tones = {block.tone for block in blocks if isinstance(block, Paragraph)}
    return next((colour for tone, colour in _COLOURS.items() if tone in tones), _QUIET)


def _sheets(blocks: Sequence[Block], names: list[str]) -> Iterator[_Sheet]:
    """One embed, and another one after each picture that something follows."""
    told = blocks[1:] if blocks and isinstance(blocks[0], Heading) else blocks
    tones = {b.tone for b in told if isinstance(b, Paragraph) and b.tone in _MARKS}
    sheet = _Sheet()
    left = list(names)
    for block in told:
        if isinstance(block, Picture):
            if sheet.picture is not None:
                yield sheet
                sheet = _Sheet()
            sheet.picture = left.pop(0) if left else None
        elif not isinstance(block, Buttons):
            sheet.pieces.append(_piece(block, marked=len(tones) > 1))
    yield sheet


def _piece(block: Block, *, marked: bool) -> _Piece:
    match block:
        case Heading(text):
            return _Piece([f"**{escaped(text)}**"])
        case Paragraph(text, tone, strong):
            return _Piece(_paragraph(text, tone, strong=strong, marked=marked))
        case Fields(pairs):
            return _Piece([_field(name, value) for name, value in pairs if value])
        case Table():
            columns = in_columns(block)
            if columns is None:
                return _Piece(in_lines(block))
            return _Piece(columns, _FENCE, _FENCE)
        case _:
            return _Piece([])


def _field(name: str, value: str) -> str:
    said = escaped(" ".join(value.split()))
    # Discord would take the closing stars for a part of the address.
    label = f"{escaped(name)}{colon_after(name)}"
    return f"{label}{said}" if has_address(value) else f"{label}**{said}**"


def _paragraph(text: str, tone: Tone, *, strong: bool, marked: bool) -> list[str]:
    lines = [escaped(line.strip()) for line in text.split("\n") if line.strip()]
    if tone is Tone.MUTED:
        return [f"-# {line}" for line in lines]
    if tone is Tone.HEADING or strong:
        lines = [line if has_address(line) else f"**{line}**" for line in lines]
    if marked and lines and tone in _MARKS:
        lines[0] = f"{_MARKS[tone]} {lines[0]}"
    return lines


def _embeds(sheets: list[_Sheet], t: Translator) -> list[discord.Embed]:
    room = _ROOM_IN_ALL
    embeds = []
    for sheet in sheets:
        text = _fitted(sheet.pieces, room, t)
        room = max(0, room - len(text))
        embeds += [discord.Embed(description=part or None) for part in _parted(text)]
        if sheet.picture is not None:
            embeds[-1].set_image(url=f"attachment://{sheet.picture}")
        elif not text:
            embeds[-1].description = "…"
    return embeds


def _parted(text: str) -> list[str]:
    """What is too long for one embed goes on in the next; a block of code is opened there anew."""
    parts: list[str] = [""]
    is_code = False
    for line in text.split("\n"):
        if len(parts[-1]) + len(line) + 2 * len(_FENCE) > _ROOM_IN_EMBED:
            if is_code:
                parts[-1] += f"\n{_FENCE}"
            parts.append(_FENCE if is_code else "")
        is_code ^= line == _FENCE
        parts[-1] += f"\n{line}" if parts[-1] else line
    return parts


def _fitted(pieces: list[_Piece], room: int, t: Translator) -> str:
    """As many lines as there is room for; the others are counted, never cut in the middle."""
    said: list[str] = []
    used = 0
    left = sum(len(piece.lines) for piece in pieces)
    for piece in pieces:
        fences = len(piece.opening) + len(piece.closing) + 2
        kept: list[str] = []
        for line in piece.lines:
            line = cut(line, _LONGEST_LINE)
            if used + fences + len(line) + 1 > room - _ROOM_FOR_MORE:
                break
            used += len(line) + 1
            kept.append(line)
        left -= len(kept)
        if kept:
            used += fences
            said += [*([piece.opening] if piece.opening else []), *kept]
            said += [piece.closing] if piece.closing else []
        if len(kept) < len(piece.lines):
            break
    if left > 0:
        said.append("-# " + t("and {n} more", n=left))
    return "\n".join(said)
