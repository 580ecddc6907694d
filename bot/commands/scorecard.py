"""`scorecard`: the article's argument as a board, with a composite that can be opened."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta

from alerts.indicators import Cadence, Indicator, Section, catalogue
from alerts.measures import Point
from alerts.quantity import Unit
from alerts.scorecard import Scorecard, Sign, draw_up, is_sign, past
from alerts.store import observations
from bot import words
from bot.answer import translator_for
from bot.board import section_name
from bot.charts.from_history import drawn
from bot.charts.kinds import Caption, Look, SeriesChart, Stand, StandsChart, Trace
from bot.charts.shown import shown, theme_of
from bot.commands import Arguments, Command, Param, ParamKind, Request, Services
from bot.locales import Translator
from bot.replies import Block, Button, Buttons, Heading, Menu, Paragraph, Reply, Tone
from bot.scorecard_text import (
    card_data,
    headline,
    score,
    sentence,
    sides,
    signs_table,
    value_of,
    weights_table,
)

VIEWS = ("weights", "history")
PAST = timedelta(days=5 * 365)
STEP = timedelta(days=7)
DRAWN = 4
"""Signs of each section on the picture: more would be too small on a phone."""

Histories = Mapping[str, Sequence[Point]]


async def run(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    signs = [one for key, one in services.indicators.items() if key in catalogue()]
    histories = await _histories(services, signs)
    now = services.clock.now()
    card = await asyncio.to_thread(draw_up, signs, histories, now)
    view = arguments.get("view")
    if view == "weights":
        return _weights(card, t)
    if view == "history":
        return await _history(request, services, histories, card, t)
    if view is not None:
        return _section(card, Section(str(view)), t)
    return await _whole(request, services, card, t)


async def _histories(services: Services, signs: Sequence[Indicator]) -> Histories:
    found: dict[str, Sequence[Point]] = {}
    async with services.database.read() as connection:
        for indicator in signs:
            if is_sign(indicator):
                found[indicator.key] = await observations.history(
                    connection,
                    indicator.key,
                    by_session=indicator.cadence is Cadence.SESSION,
                    unit=indicator.unit,
                )
    return found


async def _whole(request: Request, services: Services, card: Scorecard, t: Translator) -> Reply:
    """Composite, both sides, one sentence a section, and where each sign stands as a picture."""
    tone = Tone.WARN if card.composite is None else Tone.PLAIN
    blocks: list[Block] = [
        Heading(t("The article's argument")),
        Paragraph(headline(card, t), tone),
        sides(card, t),
        *(Paragraph(sentence(card, section, t), Tone.MUTED) for section in Section),
    ]
    chart = _stands(request, card, t)
    if chart.stands:
        blocks += await shown(request, services, chart, "scorecard", t)
    return Reply((*blocks, *_openers(t)), card_data(card))


def _openers(t: Translator) -> tuple[Buttons, ...]:
    options = tuple(
        Button(section_name(section, t), f"scorecard {section.value}", replaces=True)
        for section in Section
    )
    return (
        Buttons(
            (
                Button(t("Its weights"), "scorecard weights", replaces=True),
                Button(t("Its history"), "scorecard history", replaces=True),
            )
        ),
        Buttons((Menu(t("Open a section …"), options),)),
    )


def _section(card: Scorecard, section: Section, t: Translator) -> Reply:
    blocks: list[Block] = [
        Heading(section_name(section, t)),
        Paragraph(sentence(card, section, t)),
        Paragraph(t("Score {score} of 100.", score=score(card.sections[section]))),
        signs_table(card.of(section), t),
        Paragraph(
            t("The score goes through the lines: 50 at the first, 75, and 100 at the last."),
            Tone.MUTED,
        ),
        Buttons((Button(t("The whole scorecard"), "scorecard", replaces=True),)),
    ]
    return Reply(tuple(blocks), card_data(card))


def _weights(card: Scorecard, t: Translator) -> Reply:
    said = t(
        "A section's score is the mean of its fresh signs, the composite the weighted mean of the "
        "sections. There is none when less than two thirds of the weight is fresh, or less than "
        "a third of any section."
    )
    back = Buttons((Button(t("The whole scorecard"), "scorecard", replaces=True),))
    blocks = (Heading(t("The scorecard's weights")), weights_table(card, t), Paragraph(said), back)
    return Reply(blocks, card_data(card))


async def _history(
    request: Request, services: Services, histories: Histories, card: Scorecard, t: Translator
) -> Reply:
    """The composite of each week, from what was known and fresh then."""
    now = services.clock.now()
    indicators = [sign.indicator for sign in card.signs]
    course = await asyncio.to_thread(past, indicators, histories, now - PAST, now, STEP)
    if not course:
        said = t("In no week of the last five years was enough of it known for a composite.")
        return Reply((Paragraph(said), Paragraph(headline(card, t), Tone.MUTED)), [])
    first, last = (point.as_of.date() for point in (course[0], course[-1]))
    name = t("Composite of the scorecard")
    span = t("{first} to {last}", first=words.day(first, t), last=words.day(last, t))
    value = score(course[-1].value)
    chart = SeriesChart(
        Look(t.language, theme_of(request)),
        Caption(name, span, value, words.day(last, t), t("from what was known in each week")),
        Trace(name, Unit.POINTS, drawn(course), STEP.days * 2, value),
    )
    blocks = await shown(request, services, chart, "scorecard-history", t)
    data = [{"at": point.as_of.isoformat(), "composite": f"{point.value:.2f}"} for point in course]
    return Reply((*blocks, *_openers(t)), data)


def _stands(request: Request, card: Scorecard, t: Translator) -> StandsChart:
    stands: list[Stand] = []
    for section in Section:
        ranked = [sign for sign in card.of(section) if sign.percentile is not None]
        ranked.sort(key=lambda sign: (sign.claimed is None, sign.indicator.claim is None))
        stands += [
            _stand(sign, section_name(section, t) if at == 0 else "", t)
            for at, sign in enumerate(ranked[:DRAWN])
        ]
    value, note = "", ""
    if card.composite is not None:
        value, note = t("{score} of 100", score=score(card.composite)), t("composite")
    title = t("Where each number stands in its own history")
    return StandsChart(
        Look(t.language, theme_of(request)), Caption(title, "", value, note), tuple(stands)
    )


def _stand(sign: Sign, heading: str, t: Translator) -> Stand:
    newest = sign.newest
    value = value_of(sign, t)
    if newest is not None:
        value = words.amount(newest.value, sign.indicator.unit, t)
    return Stand(
        words.name_of(sign.indicator, t),
        value,
        None if sign.percentile is None else float(sign.percentile),
        None if sign.claimed is None else float(sign.claimed),
        old=not sign.fresh,
        heading=heading,
    )


COMMANDS = (
    Command(
        ("scorecard",),
        "the article's argument as numbers, for and against",
        run,
        (
            Param(
                "view",
                ParamKind.CHOICE,
                "one section, the weights, or the composite's history",
                required=False,
                choices=(*(section.value for section in Section), *VIEWS),
            ),
        ),
        examples=("/bubble scorecard", "/bubble scorecard debt", "/bubble scorecard weights"),
    ),
)
