"""`why`: what a number says about a bubble, where it stands, and why not to trust it too far."""

from __future__ import annotations

from collections.abc import Sequence

from alerts.indicators import Cadence, Indicator, Meaning
from alerts.measures import Point
from alerts.store import observations
from bot import words
from bot.answer import translator_for
from bot.commands import Arguments, Command, Param, ParamKind, Request, Services
from bot.locales import Translator
from bot.reading_text import dated, parts_table, reading_data
from bot.replies import (
    Block,
    Button,
    Buttons,
    Fields,
    Heading,
    Json,
    Paragraph,
    Reply,
    Tone,
)


async def run(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    indicator = services.indicators[str(arguments["indicator"])]
    async with services.database.read() as connection:
        newest = await observations.newest(connection, indicator.key)
        if newest is None:
            newest = await observations.newest(connection, indicator.key, moving=False)
        history = await observations.history(
            connection,
            indicator.key,
            by_session=indicator.cadence is Cadence.SESSION,
            unit=indicator.unit,
        )
    blocks: list[Block] = [
        Heading(words.name_of(indicator, t)),
        Paragraph(meaning(indicator, t)),
    ]
    pairs = [(t("formula"), t(indicator.formula))]
    data: dict[str, Json] = {"indicator": indicator.key, "formula": indicator.formula}
    if newest is None:
        blocks.append(Paragraph(t("No value is known yet."), Tone.WARN))
    else:
        reading = newest.reading
        data |= {"reading": reading_data(reading)}
        value = words.amount(reading.value, reading.unit, t)
        pairs = [
            (t("value"), words.explained(value, words.definition(reading.definition, t), t)),
            (t("as of"), dated(reading, services.clock.now(), t)),
            *pairs,
            (t("source"), f"{reading.source}  {reading.source_url}".strip()),
        ]
    blocks.append(Fields(tuple(pairs)))
    if newest is not None and newest.reading.parts:
        blocks.append(parts_table(newest.reading.parts, t))
    blocks += _claimed(indicator, t)
    stands = where_it_stands(indicator, history, t)
    blocks += [Heading(t("In its own history")), Paragraph(stands)]
    blocks += [Heading(t("Against reading much into it")), Paragraph(t(indicator.caveat))]
    blocks.append(_buttons(indicator, t))
    data |= {"stands": stands, "caveat": indicator.caveat}
    return Reply(tuple(blocks), data)


def meaning(indicator: Indicator, t: Translator) -> str:
    return {
        Meaning.HOTTER: t("When it rises, the bubble story gets hotter."),
        Meaning.CRACKING: t("When it rises, something is cracking."),
        Meaning.SUPPORTIVE: t("When it rises, it speaks against a bubble."),
    }[indicator.meaning]


def _claimed(indicator: Indicator, t: Translator) -> list[Block]:
    claim = indicator.claim
    if claim is None:
        return []
    said = t("{says} ({on}; {url})", says=t(claim.says), on=words.day(claim.on, t), url=claim.url)
    return [Heading(t("What the article said")), Paragraph(said)]


def where_it_stands(indicator: Indicator, history: Sequence[Point], t: Translator) -> str:
    """Its rank among the stored values, with the highest and the lowest of them."""
    if len(history) < 2:
        return t("Only one value is stored so far: there is no history to compare it with.")
    last, earlier = history[-1], history[:-1]
    below = sum(point.value < last.value for point in earlier)
    highest = max(history, key=lambda point: point.value)
    lowest = min(history, key=lambda point: point.value)

    def told(point: Point) -> tuple[str, str]:
        return words.amount(point.value, indicator.unit, t), words.day(point.as_of.date(), t)

    (high, high_on), (low, low_on) = told(highest), told(lowest)
    return t(
        "Higher than {below} of its {n} earlier values since {since} ({percent}%). The highest "
        "was {high} on {high_on}, the lowest {low} on {low_on}.",
        below=below,
        n=len(earlier),
        since=words.day(history[0].as_of.date(), t),
        percent=f"{100 * below / len(earlier):.0f}",
        high=high,
        high_on=high_on,
        low=low,
        low_on=low_on,
    )


def _buttons(indicator: Indicator, t: Translator) -> Buttons:
    return Buttons(
        (
            Button(t("History"), f"history {indicator.key}"),
            Button(t("Draw a line …"), f"alert add {indicator.key}", opens=True),
        )
    )


COMMANDS = (
    Command(
        ("why",),
        "what a number means, where it stands, and the argument against it",
        run,
        (Param("indicator", ParamKind.INDICATOR, "which one"),),
        examples=("/bubble why nvidia_market_cap",),
    ),
)
