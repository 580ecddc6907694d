"""What is told in public: the preset lines that the numbers crossed.

Alerts are private: that one exists says that somebody watches. So what is shown to everyone is
found anew, from the public history and the catalogue's own lines alone, with the same machine
(RULES.md R10). It goes by the last value of each period.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from alerts.indicators import Cadence, Indicator, PresetLine
from alerts.measures import VALUE, Measure, Point, compute
from alerts.quantity import Unit
from alerts.rules import Direction, Kind, Level, Rule, Seen, begin, default_rearm, observe
from alerts.store.alerts import Alert
from bot.alert_text import sentence
from bot.locales import Translator

LOOK_BACK = timedelta(days=400)
_LEVELS = list(Level)


@dataclass(frozen=True, slots=True)
class PublicLine:
    """A line of one or several presets; `line` is an integer of `unit`, the measure's."""

    measure: Measure
    direction: Direction
    line: int
    unit: Unit
    level: Level
    presets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Crossing:
    """A number went beyond a public line (`fired`), or came back (`cleared`).

    `settled`: the period is over, so that it will not be taken back.
    """

    indicator: str
    line: PublicLine
    kind: Kind
    as_of: datetime
    value: int
    previous: Point | None
    settled: bool

    @property
    def name(self) -> str:
        """The same for the same crossing, for ever; in addresses and feeds."""
        of = self.line
        measure = str(of.measure).replace(" ", "-")
        return (
            f"{self.indicator}/{measure}/{of.direction.value}/{of.line}/"
            f"{self.kind.value}/{self.as_of.date().isoformat()}"
        )


def public_lines(indicator: Indicator) -> list[PublicLine]:
    """Each line once, with the most severe of its levels; those of a measure by severity."""
    found: dict[tuple[Measure, Direction, int], list[PresetLine]] = {}
    for line in indicator.lines:
        fixed = line.measure.unit(indicator.unit).to_fixed(line.line)
        found.setdefault((line.measure, line.direction, fixed), []).append(line)
    measures = [line.measure for line in indicator.lines]
    lines = [
        PublicLine(
            measure,
            direction,
            fixed,
            measure.unit(indicator.unit),
            max((same.level for same in alike), key=_LEVELS.index),
            tuple(dict.fromkeys(same.preset for same in alike)),
        )
        for (measure, direction, fixed), alike in found.items()
    ]
    lines.sort(key=lambda line: (measures.index(line.measure), _LEVELS.index(line.level)))
    return lines


def crossings(indicator: Indicator, history: Sequence[Point], today: date) -> list[Crossing]:
    """All of the last 400 days, oldest first. Pure, and slow for measures of long windows."""
    found: list[Crossing] = []
    if not history:
        return found
    start = history[-1].as_of - LOOK_BACK
    by_session = indicator.cadence is Cadence.SESSION
    courses: dict[Measure, list[Point]] = {}
    for line in public_lines(indicator):
        if line.measure not in courses:
            courses[line.measure] = list(_course(indicator, line.measure, history, start))
        for crossing in _crossed(indicator.key, line, courses[line.measure], start):
            kind, point, before = crossing
            settled = not by_session or point.as_of.date() < today
            value = line.unit.to_fixed(point.value)
            found.append(Crossing(indicator.key, line, kind, point.as_of, value, before, settled))
    return sorted(found, key=lambda one: (one.as_of, _LEVELS.index(one.line.level)))


def _course(
    indicator: Indicator, measure: Measure, history: Sequence[Point], start: datetime
) -> Iterable[Point]:
    """The measure at the end of each period; of what looks back, only since `start`."""
    for at, point in enumerate(history):
        if measure == VALUE:
            yield point
        elif point.as_of >= start:
            value = compute(measure, history[: at + 1], indicator.cadence.longest_gap)
            if value is not None:
                yield Point(point.as_of, value)


def _crossed(
    key: str, line: PublicLine, course: Sequence[Point], start: datetime
) -> Iterable[tuple[Kind, Point, Point | None]]:
    rule = begin(
        Rule(line.direction, line.line, default_rearm(line.direction, line.line)), seen=None
    )
    before: Point | None = None
    for point in course:
        try:
            seen = Seen(line.unit.to_fixed(point.value), point.as_of)
        except ValueError:
            # From next to nothing to a trillion: no measure that a line could be drawn on.
            continue
        rule, transition = observe(rule, seen, point.as_of)
        if transition is not None and transition.withheld is None and point.as_of >= start:
            yield transition.kind, point, before
        before = point


def foremost(found: Iterable[Crossing]) -> list[Crossing]:
    """Where one move crossed several lines in one direction, the most severe of them."""
    best: dict[tuple[object, ...], Crossing] = {}
    for one in found:
        key = (one.indicator, one.line.measure, one.line.direction, one.kind, one.as_of)
        known = best.get(key)
        if known is None or _LEVELS.index(one.line.level) >= _LEVELS.index(known.line.level):
            best[key] = one
    return list(best.values())


def newest_first(found: Iterable[Crossing], most: int) -> list[Crossing]:
    """What went beyond a line before what came back, the most severe first."""
    ordered = sorted(
        found,
        key=lambda one: (one.as_of, one.kind is Kind.FIRED, _LEVELS.index(one.line.level)),
        reverse=True,
    )
    return ordered[:most]


def as_alert(crossing: Crossing) -> Alert:
    """The alert that a subscriber of the preset would have got: of nobody's rule."""
    line, before = crossing.line, crossing.previous
    rule = Rule(line.direction, line.line, default_rearm(line.direction, line.line))
    return Alert(
        id=0,
        rule_id=None,
        number=None,
        destination_id=0,
        delivery_id=None,
        indicator=crossing.indicator,
        kind=crossing.kind,
        level=line.level,
        as_of=crossing.as_of,
        happened_at=crossing.as_of,
        created_at=crossing.as_of,
        value=crossing.value,
        unit=line.unit,
        previous=None if before is None else line.unit.to_fixed(before.value),
        previous_as_of=None if before is None else before.as_of,
        restated_from=None,
        held_back=0,
        withheld=None,
        measure=line.measure,
        rule=rule,
        note=None,
        mention=None,
        observation_id=None,
    )


def told(crossing: Crossing, indicators: Mapping[str, Indicator], t: Translator) -> str:
    """One true sentence, the same that an alert would say."""
    return sentence(as_alert(crossing), indicators, t)
