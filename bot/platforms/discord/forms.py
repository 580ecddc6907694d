"""Forms as Discord shows them: five questions, choices as menus."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import discord

from bot.platforms.discord.places import role_name
from bot.platforms.discord.pressing import Pressed, id_of
from bot.replies import Form, FormField

_MOST_QUESTIONS, _MOST_CHOICES = 5, 25
_LONGEST_TITLE, _LONGEST_LABEL, _LONGEST_HINT, _LONGEST_ANSWER = 45, 45, 100, 500


class FormTooLong(Exception):
    """The form's line cannot be carried by Discord."""


def modal_of(
    form: Form, guild: discord.Guild | None, *, replaces: bool = False
) -> discord.ui.Modal:
    """Required questions are always among the five. Raises FormTooLong.

    `guild`: whose roles can be chosen.
    """
    custom_id = id_of(Pressed(form.line, replaces=replaces, form=True))
    if custom_id is None:
        raise FormTooLong(form.line)
    modal = discord.ui.Modal(title=form.title[:_LONGEST_TITLE], custom_id=custom_id, timeout=None)
    for question in _shown(form.fields):
        modal.add_item(
            discord.ui.Label(
                text=question.label[:_LONGEST_LABEL],
                description=question.hint[:_LONGEST_HINT] or None,
                component=_component(question, guild),
            )
        )
    # What is sent comes as an event of its own; the library need not remember the form.
    modal.stop()
    return modal


def _shown(fields: tuple[FormField, ...]) -> list[FormField]:
    """The first five, but a required one goes before an optional one that came earlier."""
    spare = _MOST_QUESTIONS - sum(field.required for field in fields)
    shown = []
    for field in fields:
        if not field.required:
            spare -= 1
        if field.required or spare >= 0:
            shown.append(field)
    return shown[:_MOST_QUESTIONS]


def _component(
    question: FormField, guild: discord.Guild | None
) -> (
    discord.ui.TextInput[discord.ui.Modal]
    | discord.ui.Select[discord.ui.Modal]
    | discord.ui.RoleSelect[discord.ui.Modal]
):
    if question.role and guild is not None:
        # One that is gone cannot stand there.
        here = role_name(guild, question.value) is not None
        return discord.ui.RoleSelect(
            custom_id=question.name,
            required=question.required,
            min_values=1 if question.required else 0,
            default_values=[discord.Object(int(question.value), type=discord.Role)] if here else [],
        )
    if 0 < len(question.choices) <= _MOST_CHOICES:
        return discord.ui.Select(
            custom_id=question.name,
            required=question.required,
            min_values=1 if question.required else 0,
            options=[
                discord.SelectOption(
                    label=choice.label[:100],
                    value=choice.value,
                    default=choice.value == question.value,
                )
                for choice in question.choices
            ],
        )
    return discord.ui.TextInput(
        custom_id=question.name,
        style=discord.TextStyle.paragraph if question.long else discord.TextStyle.short,
        default=question.value[:_LONGEST_ANSWER] or None,
        required=question.required,
        max_length=_LONGEST_ANSWER,
    )


def answers_in(data: Mapping[str, object]) -> dict[str, str]:
    """What was filled in, by the names of the questions; empty where a person emptied it."""
    return dict(_answers(data.get("components")))


def _answers(components: object) -> Iterator[tuple[str, str]]:
    for component in components if isinstance(components, list) else ():
        if not isinstance(component, dict):
            continue
        if "custom_id" in component:
            values = component.get("values")
            chosen = values[0] if isinstance(values, list) and values else component.get("value")
            yield str(component["custom_id"]), str(chosen or "").strip()
        else:
            # A label holds one component, a row several.
            inner = component.get("component")
            yield from _answers([inner] if inner is not None else component.get("components"))
