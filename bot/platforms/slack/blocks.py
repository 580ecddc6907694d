"""A reply as Block Kit, within Slack's documented limits.

https://docs.slack.dev/reference/block-kit/blocks
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from bot.locales import Translator
from bot.platforms.slack.lines import pressed_value
from bot.platforms.slack.tables import in_columns, in_parts
from bot.platforms.slack.text import cut, cut_mrkdwn, letters_within, lines_within, literal
from bot.platforms.tables import DRAWN
from bot.replies import (
    Block,
    Button,
    Buttons,
    Fields,
    Heading,
    Json,
    Menu,
    Paragraph,
    Picture,
    Reply,
    Table,
    Tone,
    colon_after,
)

MOST_BLOCKS = 50
MOST_HOME_BLOCKS = 100
LONGEST_TEXT = 3000
LONGEST_FALLBACK = 3900
"""Bytes: a Chinese character is three. Slack posts ten times as much, but takes no longer text in
an edit; notifications show the first lines."""
MOST_LETTERS, MOST_JSON = 10_500, 15_500
"""Characters that all blocks of a posted message may say, and may be in all. Slack documents
neither; these are below what others saw refused. An answer to a command may be longer."""
_LONGEST_HEADER = 150
_LONGEST_LABEL = 75
_LONGEST_ALT = 2000
_MOST_BUTTONS = 25
_MOST_OPTIONS = 100
_LONGEST_TABLE = 2900

_MARKS = {
    Tone.GOOD: "🟢 ",
    Tone.WATCH: "🔵 ",
    Tone.WARN: "🟠 ",
    Tone.CRITICAL: "🔴 ",
}

_GROUP = re.compile("S[A-Z0-9]{2,}")

SlackJson = dict[str, Json]


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """A picture that Slack holds: the id of its file, and its text."""

    file: str
    alt: str


Pictures = Mapping[Picture, ShownPicture]
"""The pictures that could be brought to Slack; the others are left out."""


def render(
    reply: Reply,
    t: Translator,
    pictures: Pictures | None = None,
    most: int = MOST_BLOCKS,
    *,
    posted: bool = False,
) -> list[SlackJson]:
    """The blocks of a reply, with the groups it calls in front. Cut with a word when too many, or
    when `posted` and too heavy."""
    blocks = [_mentions(reply.mentions)] if reply.mentions else []
    for number, block in enumerate(reply.blocks):
        blocks += _rendered(block, f"{number}", pictures or {})
    heavy = posted and _size(blocks) > MOST_LETTERS and not _light(blocks)
    if len(blocks) <= most and not heavy:
        return blocks
    # What can be pressed is worth more than the last lines.
    pressed = [block for block in blocks if block["type"] == "actions"][:5]
    rest = [block for block in blocks if block["type"] != "actions"]
    room = most - len(pressed) - 1
    more = _context(t("and {n} more", n=len(rest)))
    while posted and room > 1 and not _light([*rest[:room], more, *pressed]):
        room = min(room, len(rest)) - 1
    more = _context(t("and {n} more", n=len(rest) - room))
    return [*rest[:room], more, *pressed]


def _light(blocks: Sequence[SlackJson]) -> bool:
    return _letters(blocks) <= MOST_LETTERS and _size(blocks) <= MOST_JSON


def _size(blocks: Sequence[SlackJson]) -> int:
    return len(json.dumps(blocks, ensure_ascii=False))


def _letters(node: object) -> int:
    """The characters of every text in it."""
    if isinstance(node, str):
        return 0
    if isinstance(node, Mapping):
        own = node.get("text")
        said = len(own) if isinstance(own, str) else 0
        return said + sum(map(_letters, node.values()))
    return sum(map(_letters, node)) if isinstance(node, Sequence) else 0


def fallback(reply: Reply) -> str:
    """The reply as plain mrkdwn: for notifications, screen readers, and when blocks are refused."""
    lines = [" ".join(map(_mention, reply.mentions[:20]))] if reply.mentions else []
    for block in reply.blocks:
        match block:
            case Heading(text) | Paragraph(text, _):
                lines += literal(text.strip()).splitlines()
            case Fields(pairs):
                lines += [literal(f"{name}{colon_after(name)}{value}") for name, value in pairs]
            case Table():
                lines += _in_words(block)
            case Picture():
                lines.append(literal(block.alt))
            case Buttons():
                continue
    said = "\n".join(line for line in lines if line)
    return cut_mrkdwn(said, letters_within(said, LONGEST_FALLBACK)) or "bubblewatch"


@lru_cache(maxsize=DRAWN)
def _in_words(table: Table) -> tuple[str, ...]:
    return tuple(literal(" · ".join(cell.text for cell in row if cell.text)) for row in table.rows)


def _rendered(block: Block, name: str, pictures: Pictures) -> list[SlackJson]:
    match block:
        case Heading(text):
            if len(text) <= _LONGEST_HEADER:
                return [{"type": "header", "text": plain(text, _LONGEST_HEADER)}]
            return [_section(f"*{literal(cut(text, LONGEST_TEXT - 100))}*")]
        case Paragraph(text, Tone.MUTED):
            return [_context(text)] if text.strip() else []
        case Paragraph(text, tone, strong):
            return _paragraph(text, tone, strong=strong or tone is Tone.HEADING)
        case Fields(pairs):
            lines = [f"*{literal(name)}*  {literal(value)}" for name, value in pairs]
            return [_section("\n".join(group)) for group in lines_within(lines, LONGEST_TEXT)]
        case Table():
            return list(_table(block))
        case Picture():
            shown = pictures.get(block)
            return [image(shown)] if shown else []
        case Buttons(items):
            return _actions(items, name)


def _paragraph(text: str, tone: Tone, *, strong: bool) -> list[SlackJson]:
    mark = _MARKS.get(tone, "")
    lines = [literal(line) for line in text.strip("\n").splitlines()]
    if not any(line.strip() for line in lines):
        return []
    if strong:
        lines = [f"*{line.strip()}*" if line.strip() else "" for line in lines]
    lines[0] = mark + lines[0].lstrip()
    return [_section("\n".join(group)) for group in lines_within(lines, LONGEST_TEXT)]


def _section(mrkdwn: str) -> SlackJson:
    return {"type": "section", "text": {"type": "mrkdwn", "text": mrkdwn, "verbatim": True}}


def _context(text: str) -> SlackJson:
    said = cut_mrkdwn(literal(text.strip()), 2000)
    words: SlackJson = {"type": "mrkdwn", "text": said, "verbatim": True}
    return {"type": "context", "elements": [words]}


def _mentions(groups: Sequence[str]) -> SlackJson:
    """The only thing in any message that calls anyone."""
    return _section(" ".join(map(_mention, groups[:20])))


def _mention(group: str) -> str:
    """What is no id of a user group is shown as it was written, and calls nobody."""
    return f"<!subteam^{group}>" if _GROUP.fullmatch(group) else literal(f"@{group}")


@lru_cache(maxsize=DRAWN)
def _table(table: Table) -> tuple[SlackJson, ...]:
    columns = in_columns(table)
    return tuple(_readable(table) if columns is None else _preformatted(columns))


def _readable(table: Table) -> list[SlackJson]:
    """A row a line, shown whole: Slack would hide most of a long section behind a click."""
    return [
        _section("\n".join(group)) | {"expand": True}
        for part in in_parts(table)
        for group in lines_within(part, LONGEST_TEXT)
    ]


def _preformatted(lines: Sequence[str]) -> list[SlackJson]:
    """Rich text: what stands in it is never read as markup."""
    return [
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_preformatted",
                    "elements": [{"type": "text", "text": "\n".join(group) or " "}],
                }
            ],
        }
        for group in lines_within(lines, _LONGEST_TABLE)
    ]


def image(shown: ShownPicture) -> SlackJson:
    alt = cut(shown.alt, _LONGEST_ALT) or "–"
    return {"type": "image", "slack_file": {"id": shown.file}, "alt_text": alt}


def _actions(items: Sequence[Button | Menu], name: str) -> list[SlackJson]:
    elements: list[Json] = [
        _button(item, f"say-{name}-{n}")
        if isinstance(item, Button)
        else _menu(item, f"pick-{name}-{n}")
        for n, item in enumerate(items[:_MOST_BUTTONS])
    ]
    return [{"type": "actions", "elements": elements}] if elements else []


def _button(button: Button, name: str) -> SlackJson:
    made: SlackJson = {
        "type": "button",
        "action_id": name,
        "text": plain(button.label, _LONGEST_LABEL),
        "value": pressed_value(button),
    }
    if button.tone is Tone.GOOD:
        made["style"] = "primary"
    elif button.tone is Tone.CRITICAL:
        made["style"] = "danger"
    return made


def _menu(menu: Menu, name: str) -> SlackJson:
    options: list[Json] = [
        {"text": plain(option.label, _LONGEST_LABEL), "value": pressed_value(option)}
        for option in menu.options[:_MOST_OPTIONS]
    ]
    return {
        "type": "static_select",
        "action_id": name,
        "placeholder": plain(menu.placeholder, 150),
        "options": options,
    }


def plain(text: str, most: int) -> SlackJson:
    return {"type": "plain_text", "text": cut(text, most) or "–", "emoji": True}
