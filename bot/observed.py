"""What one look brought, for `bubblewatch watch --once`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from alerts.indicators import Indicator
from alerts.watch import TickReport
from bot import words
from bot.locales import Translator
from bot.reading_text import reading_data
from bot.replies import Block, Cell, Column, Paragraph, Reply, Table, Tone

MOST_NAMED = 3
"""Of what one reason keeps from us; the rest is counted."""


def report_reply(report: TickReport, indicators: Mapping[str, Indicator], t: Translator) -> Reply:
    """The newest new observation of each indicator as a table; all of them as data."""
    newest = {one.reading.indicator: one for one in report.stored}
    rows = tuple(
        (
            Cell(words.name_of(indicators[key], t)),
            Cell(words.amount(one.reading.value, one.reading.unit, t)),
            Cell(words.day(one.as_of.date(), t)),
            Cell(t(one.reading.status.value)),
            Cell(one.reading.source, Tone.MUTED),
        )
        for key, one in newest.items()
    )
    columns = (
        Column(t("indicator")),
        Column(t("value"), right=True),
        Column(t("as of")),
        Column(t("status"), rank=1),
        Column(t("source"), rank=2),
    )
    blocks: list[Block] = [Table(columns, rows)] if rows else []
    said = t("{n} new observations, {alerts} alerts.", n=len(report.stored), alerts=report.alerts)
    blocks.append(Paragraph(said))
    troubles = [*map(t.told, report.rejected), *_troubles(report.reasons(), t)]
    blocks += [Paragraph(trouble, Tone.WARN) for trouble in troubles]
    return Reply(tuple(blocks), [reading_data(one.reading) for one in report.stored])


def _troubles(reasons: Mapping[str, Sequence[str]], t: Translator) -> Iterator[str]:
    for why, names in reasons.items():
        named = t(", ").join(names[:MOST_NAMED])
        if (more := len(names) - MOST_NAMED) > 0:
            named += t(", and {n} more", n=more)
        yield t("{name}: {what}", name=t.told(why), what=named)
