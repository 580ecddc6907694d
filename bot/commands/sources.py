"""`sources`: how each source is doing, and what is held back (RULES.md R3)."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from alerts.store import observations
from alerts.store import sources as source_store
from alerts.store.observations import Observation
from alerts.store.sources import SourceState
from bot import words
from bot.answer import translator_for
from bot.commands import Arguments, Command, Request, Services
from bot.locales import Translator
from bot.replies import Block, Cell, Column, Heading, Json, Paragraph, Reply, Table, Tone


async def run(request: Request, services: Services, arguments: Arguments) -> Reply:
    t = await translator_for(services, request)
    async with services.database.read() as connection:
        states = await source_store.load(connection)
        doubtful = {
            key for key, (_, waiting) in (await observations.counts(connection)).items() if waiting
        }
        held = {key: await _held(connection, key) for key in services.indicators if key in doubtful}
    blocks: list[Block] = (
        [_table(list(states.values()), services, t)]
        if states
        else [Paragraph(t("No source has been asked yet; “bubblewatch run” asks them."))]
    )
    waiting = [one for found in held.values() for one in found]
    if waiting:
        blocks.append(Heading(t("Held back until they are seen again")))
        for one in waiting:
            name = words.name_of(services.indicators[one.reading.indicator], t)
            value = words.amount(one.reading.value, one.reading.unit, t)
            day = words.day(one.as_of.date(), t)
            blocks.append(
                Paragraph(
                    t(
                        "{name}: {value}, {day}: {note}",
                        name=name,
                        value=value,
                        day=day,
                        note=t.told(one.reading.note or ""),
                    ),
                    Tone.WARN,
                )
            )
    data: Json = {
        "sources": [_data(state) for state in states.values()],
        "held": [
            {
                "indicator": one.reading.indicator,
                "value": f"{one.reading.value:f}",
                "as_of": one.as_of.isoformat(),
                "reason": one.reading.note,
            }
            for one in waiting
        ],
    }
    return Reply(tuple(blocks), data)


async def _held(connection: AsyncConnection, key: str) -> list[Observation]:
    last = await observations.newest(connection, key)
    waiting = await observations.waiting(connection, key, last)
    return [one for one in waiting if one.held]


def _table(states: list[SourceState], services: Services, t: Translator) -> Table:
    now = services.clock.now()
    rows = []
    for state in states:
        answered = t("never")
        if state.answered_at is not None:
            answered = t("{age} ago", age=words.span(now - state.answered_at, t))
        trouble = t.told(state.trouble or "") or t("well")
        if state.trouble and state.trouble_since:
            since = words.span(now - state.trouble_since, t)
            trouble = t("{trouble} (for {time})", trouble=trouble, time=since)
        retry = ""
        if state.retry_at is not None and state.retry_at > now:
            retry = t("in {time}", time=words.span(state.retry_at - now, t))
        rows.append(
            (
                Cell(state.name),
                Cell(answered),
                Cell(trouble, Tone.WARN if state.trouble else Tone.GOOD),
                Cell(retry),
            )
        )
    columns = (
        Column(t("source")),
        Column(t("answered")),
        Column(t("how it is"), wraps=True),
        Column(t("next try"), rank=1),
    )
    return Table(columns, tuple(rows))


def _data(state: SourceState) -> Json:
    def iso(moment: object) -> str | None:
        return None if moment is None else str(moment)

    return {
        "name": state.name,
        "answered_at": iso(state.answered_at),
        "trouble": state.trouble,
        "trouble_since": iso(state.trouble_since),
        "retry_at": iso(state.retry_at),
    }


COMMANDS = (Command(("sources",), "how each source is doing, and what is held back", run),)
