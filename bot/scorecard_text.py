"""The scorecard in words: what speaks for a bubble, what against, and what cannot be known."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from alerts.indicators import Meaning, Section
from alerts.quantity import Unit
from alerts.scorecard import WEIGHTS, Scorecard, Sign
from bot import words
from bot.board import section_name
from bot.locales import Translator
from bot.replies import Cell, Column, Json, Table, Tone

MOST_NAMED = 4
"""Signs named on each side of a section; the section's own page has all of them."""


def score(value: Decimal | None) -> str:
    return "–" if value is None else f"{value:.0f}"


def headline(card: Scorecard, t: Translator) -> str:
    if card.composite is None:
        return t(
            "No composite: only {share} of the weight is fresh. Lacking above all: {names}.",
            share=words.amount(card.coverage, Unit.FRACTION, t),
            names=_names(card, t),
        )
    return t(
        "Composite {score} of 100, from {share} of the weight. 50 is the first line of every "
        "sign, 100 the last; it is no probability.",
        score=score(card.composite),
        share=words.amount(card.coverage, Unit.FRACTION, t),
    )


def _names(card: Scorecard, t: Translator) -> str:
    named = [words.name_of(one, t) for one in card.lacking[:6]]
    rest = len(card.lacking) - len(named)
    return t(", ").join(named) + (t(", and {n} more", n=rest) if rest > 0 else "")


def for_it(signs: Sequence[Sign]) -> list[Sign]:
    """What says bubble: signs at a line or past it, the furthest first."""
    return sorted((one for one in signs if one.beyond), key=lambda one: -(one.score or 0))


def against_it(signs: Sequence[Sign]) -> list[Sign]:
    """What says none: signs short of their lines, and what is good news by itself."""
    short = [one for one in signs if one.beyond is False]
    good = [
        one for one in signs
        if one.scale is None and one.fresh and one.indicator.meaning is Meaning.SUPPORTIVE
    ]  # fmt: skip
    return [*sorted(short, key=lambda one: one.score or Decimal(0)), *good]


def sides(card: Scorecard, t: Translator) -> Table:
    """Bear and bull side by side, one row a section."""
    columns = (
        Column(t("section")),
        Column(t("score"), right=True),
        Column(t("says bubble"), wraps=True),
        Column(t("says none"), wraps=True),
    )
    rows = tuple(
        (
            Cell(section_name(section, t), Tone.HEADING),
            Cell(score(card.sections[section])),
            Cell(_listed(for_it(card.of(section)), t), Tone.WARN),
            Cell(_listed(against_it(card.of(section)), t), Tone.GOOD),
        )
        for section in Section
    )
    return Table(columns, rows)


def _listed(signs: Sequence[Sign], t: Translator) -> str:
    named = [f"{words.name_of(one.indicator, t)} {value_of(one, t)}" for one in signs[:MOST_NAMED]]
    rest = len(signs) - len(named)
    return t("; ").join(named) + (t("; {n} more", n=rest) if rest > 0 else "") if named else "–"


def value_of(sign: Sign, t: Translator) -> str:
    """The measure that the scale looks at."""
    if sign.value is None:
        return t("unknown")
    measure = None if sign.scale is None else sign.scale.measure
    unit = sign.indicator.unit if measure is None else measure.unit(sign.indicator.unit)
    value = words.amount(sign.value, unit, t)
    of = "" if measure is None else words.measure(measure, t)
    return words.explained(value, of, t) if of else value


def sentence(card: Scorecard, section: Section, t: Translator) -> str:
    """One honest sentence: how many stand where, and what the section cannot tell."""
    signs = [one for one in card.of(section) if one.scale is not None]
    beyond = len(for_it(signs))
    short = sum(1 for one in signs if one.beyond is False)
    unknown = len(signs) - beyond - short
    counted = t(
        "{section}, {n} signs: {beyond} at a line or past it, {short} short of it",
        section=section_name(section, t),
        beyond=beyond,
        n=len(signs),
        short=short,
    )
    if unknown:
        counted += t(", {unknown} old or unknown", unknown=unknown)
    return t("; ").join((counted, limits(section, t)))


def limits(section: Section, t: Translator) -> str:
    return {
        Section.ACCOUNTING: t("whether chips last as long as the books say, no number here tells."),
        Section.CIRCULAR_FINANCING: t(
            "promises are entered by hand, and “up to” is not what will be paid."
        ),
        Section.DEBT: t("what partners borrow off the balance sheet is not in it."),
        Section.CONCENTRATION: t("markets have been narrow for years without breaking."),
        Section.FUNDAMENTALS: t("earnings are good at the top of every boom."),
    }[section]


def signs_table(signs: Sequence[Sign], t: Translator) -> Table:
    """A section opened: each sign, its score, its place in its own history, its lines."""
    columns = (
        Column(t("sign"), wraps=True),
        Column(t("value"), right=True, wraps=True),
        Column(t("score"), right=True),
        Column(t("in its history"), right=True, rank=1),
        Column(t("lines"), rank=2, wraps=True),
        Column(t("as of"), rank=3),
    )
    return Table(columns, tuple(_row(sign, t) for sign in signs))


def _row(sign: Sign, t: Translator) -> tuple[Cell, ...]:
    tone = Tone.PLAIN if sign.fresh else Tone.MUTED
    newest = "" if sign.newest is None else words.day(sign.newest.as_of.date(), t)
    if sign.newest is not None and not sign.fresh:
        newest = t("{day}, old", day=newest)
    stands = "" if sign.percentile is None else f"{sign.percentile:.0f}"
    if sign.claimed is not None:
        stands += " " + t("(the article's line: {n})", n=f"{sign.claimed:.0f}")
    counted = score(sign.score) if sign.counts else "–"
    return (
        Cell(words.name_of(sign.indicator, t), tone),
        Cell(value_of(sign, t), tone),
        Cell(counted, Tone.WARN if sign.beyond else tone),
        Cell(stands, tone),
        Cell(_lines(sign, t), Tone.MUTED),
        Cell(newest, Tone.MUTED),
    )


def _lines(sign: Sign, t: Translator) -> str:
    if sign.scale is None:
        return t("no scale")
    unit = sign.scale.measure.unit(sign.indicator.unit)
    relation = "≥" if sign.scale.direction.value == "above" else "≤"
    return relation + " " + " / ".join(words.amount(one, unit, t) for one in sign.scale.lines)


def weights_table(card: Scorecard, t: Translator) -> Table:
    """Each section's weight, and what one of its signs counts for when all are fresh."""
    columns = (
        Column(t("section")),
        Column(t("weight"), right=True),
        Column(t("signs"), right=True),
        Column(t("each"), right=True, rank=1),
        Column(t("fresh"), right=True, rank=2),
    )
    rows = []
    for section, weight in WEIGHTS.items():
        signs = [one for one in card.of(section) if one.scale is not None]
        fresh = sum(1 for one in signs if one.counts)
        each = words.amount(Decimal(weight) / max(1, len(signs)) / 100, Unit.FRACTION, t)
        rows.append(
            (
                Cell(section_name(section, t)),
                Cell(f"{weight}%"),
                Cell(str(len(signs))),
                Cell(each),
                Cell(str(fresh)),
            )
        )
    return Table(columns, tuple(rows))


def card_data(card: Scorecard) -> dict[str, Json]:
    return {
        "composite": None if card.composite is None else f"{card.composite:.2f}",
        "coverage": f"{card.coverage:.4f}",
        "lacking": [one.key for one in card.lacking],
        "sections": {
            section.value: {
                "weight": WEIGHTS[section],
                "score": None if value is None else f"{value:.2f}",
                "signs": [_sign_data(one) for one in card.of(section)],
            }
            for section, value in card.sections.items()
        },
    }


def _sign_data(sign: Sign) -> Json:
    return {
        "indicator": sign.indicator.key,
        "value": None if sign.value is None else f"{sign.value:f}",
        "measure": "value" if sign.scale is None else str(sign.scale.measure),
        "score": None if sign.score is None else f"{sign.score:.2f}",
        "fresh": sign.fresh,
        "percentile": None if sign.percentile is None else f"{sign.percentile:.2f}",
        "article_percentile": None if sign.claimed is None else f"{sign.claimed:.2f}",
    }
