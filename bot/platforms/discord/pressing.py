"""What a button carries: the line it says and how, all in its custom id.

Nothing is kept in memory, so that every button ever posted works after a restart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import discord

from bot.replies import Button, Buttons, Menu, Tone

LONGEST_ID = 100
_MOST_ROWS, _MOST_IN_ROW, _MOST_OPTIONS = 5, 5, 25
_LONGEST_LABEL, _LONGEST_OPTION, _LONGEST_PLACEHOLDER = 80, 100, 150
_FORM = "f"
_STYLES = {
    Tone.GOOD: discord.ButtonStyle.success,
    Tone.CRITICAL: discord.ButtonStyle.danger,
    Tone.HEADING: discord.ButtonStyle.primary,
    Tone.WATCH: discord.ButtonStyle.primary,
}


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button's doing, or with `form` that of a form that was sent."""

    line: str
    opens: bool = False
    replaces: bool = False
    public: bool = False
    form: bool = False


def id_of(pressed: Pressed) -> str | None:
    """None when the line is too long to be carried."""
    marks = {
        "o": pressed.opens,
        "r": pressed.replaces,
        "p": pressed.public,
        _FORM: pressed.form,
    }
    written = "".join(mark for mark, meant in marks.items() if meant) + "|" + pressed.line
    return written if len(written) <= LONGEST_ID else None


def pressed_of(custom_id: str) -> Pressed | None:
    """None for an id that is not ours."""
    marks, bar, line = custom_id.partition("|")
    if not bar or set(marks) - set("orpf"):
        return None
    return Pressed(line, "o" in marks, "r" in marks, "p" in marks, _FORM in marks)


def pressed_in(data: Mapping[str, object]) -> Pressed | None:
    """What a component interaction's data says: a button's id, or a menu's chosen value."""
    chosen = data.get("values")
    if isinstance(chosen, list) and chosen:
        return pressed_of(str(chosen[0]))
    return pressed_of(str(data.get("custom_id", "")))


def view_of(rows: list[Buttons]) -> discord.ui.View | None:
    """Discord's rows: five buttons or one menu each, five at most. None without any."""
    items = list(_in_rows(rows))
    if not items:
        return None
    view = discord.ui.View(timeout=None)
    for item in items:
        view.add_item(item)
    # The library would keep a view that is not stopped in memory for ever.
    view.stop()
    return view


def _in_rows(rows: list[Buttons]) -> Iterator[discord.ui.Item[discord.ui.View]]:
    taken: set[str] = set()
    row = 0
    for buttons in rows:
        in_row = 0
        for item in buttons.items:
            if isinstance(item, Menu):
                continue
            made = _button(item, taken)
            if made is None:
                continue
            if in_row == _MOST_IN_ROW:
                row, in_row = row + 1, 0
            if row >= _MOST_ROWS:
                return
            made.row = row
            in_row += 1
            yield made
        row += 1 if in_row else 0
        for item in buttons.items:
            if isinstance(item, Menu) and row < _MOST_ROWS:
                menu = _menu(item, row)
                if menu is not None:
                    row += 1
                    yield menu


def _button(button: Button, taken: set[str]) -> discord.ui.Button[discord.ui.View] | None:
    custom_id = _id_of_button(button)
    if custom_id is None or custom_id in taken or not button.label:
        return None
    taken.add(custom_id)
    return discord.ui.Button(
        label=button.label[:_LONGEST_LABEL],
        custom_id=custom_id,
        style=_STYLES.get(button.tone, discord.ButtonStyle.secondary),
    )


def _id_of_button(button: Button) -> str | None:
    return id_of(Pressed(button.line, button.opens, button.replaces, button.public))


def _menu(menu: Menu, row: int) -> discord.ui.Select[discord.ui.View] | None:
    values: dict[str, str] = {}
    for option in menu.options[:_MOST_OPTIONS]:
        value = _id_of_button(option)
        if value is not None and option.label:
            values.setdefault(value, option.label[:_LONGEST_OPTION])
    if not values:
        return None
    return discord.ui.Select(
        custom_id=f"menu {row}",
        placeholder=menu.placeholder[:_LONGEST_PLACEHOLDER] or None,
        options=[discord.SelectOption(label=label, value=value) for value, label in values.items()],
        row=row,
    )
