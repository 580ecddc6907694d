"""What every indicator makes of the evidence, as far as the store does not have it yet."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from alerts.evidence import Answer, Evidence
from alerts.indicators import Indicator
from alerts.judgement import Sifted, Versions, sift
from alerts.reading import Missing, Reading

log = logging.getLogger(__name__)

BACKFILL = timedelta(days=5 * 366)
"""How far back a first look stores history."""
CHANGEABLE = timedelta(days=60)
"""Sources mend their last days; what is older than this before the newest is not computed again."""
BASE = timedelta(days=150)
"""A change over four months of what is computed needs prices from that much earlier."""


@dataclass(frozen=True, slots=True)
class Computed:
    """An indicator's readings, as far as the store does not have all that they say."""

    indicator: Indicator
    readings: Sifted
    missing: Missing | None


@dataclass(frozen=True, slots=True)
class Settled:
    """What an indicator's series came to, with nothing new in it, and the answers it read."""

    answers: tuple[Answer | None, ...]
    computed: Computed


def all_new_readings(
    indicators: Mapping[str, Indicator],
    background: Evidence,
    known: Evidence,
    versions: Mapping[str, Versions],
    settled: dict[str, Settled],
    now: datetime,
) -> list[Computed]:
    """Each indicator whose evidence has changed, on as much of the past as can still change.

    `settled` remembers what came to nothing new: the same evidence comes to the same again.
    """
    evidence = background.merge(known)
    recent: dict[date, Evidence] = {}
    computed: list[Computed] = []
    for key, indicator in indicators.items():
        answers = tuple(evidence.get(need) for need in (*indicator.needs, *indicator.seconds))
        before = settled.get(key)
        if before is not None and before.answers == answers:
            computed.append(before.computed)
            continue
        stored = versions[key]
        part, start = evidence, now - BACKFILL
        if stored:
            start = max(stored) - CHANGEABLE
            cut = (start - BASE).date()
            part = recent[cut] if cut in recent else recent.setdefault(cut, evidence.since(cut))
        item, later = _new_readings(indicator, part, stored, start, now)
        computed.append(item)
        if not item.readings.fresh and not item.readings.vouched and not later:
            settled[key] = Settled(answers, item)
        else:
            settled.pop(key, None)
    return computed


def _new_readings(
    indicator: Indicator, evidence: Evidence, versions: Versions, start: datetime, now: datetime
) -> tuple[Computed, bool]:
    """What the series has and the store has not, or has with another value (R2).

    And whether it is not all there yet: values of later on, or a formula that stumbled.
    """
    try:
        series = indicator.series(evidence)
        known_now = [
            reading
            for reading in series
            if isinstance(reading, Reading) and start <= reading.as_of <= now
        ]
        _check_moments(known_now)
        sifted = sift(known_now, versions)
    except Exception as error:
        # One formula that stumbles over one answer must not stop the others.
        log.exception("the formula of %s failed", indicator.key)
        reason = f"its formula failed unexpectedly ({type(error).__name__})"
        return Computed(indicator, Sifted(), Missing(indicator.key, now, reason)), True
    last = series[-1] if series else None
    missing = last if isinstance(last, Missing) else None
    if not series:
        missing = Missing(indicator.key, now, "no source has given anything yet")
    later = any(isinstance(reading, Reading) and reading.as_of > now for reading in series)
    return Computed(indicator, sifted, missing), later


def _check_moments(series: Sequence[Reading]) -> None:
    """Raises ValueError for two readings of one moment: the store could keep neither of them."""
    moments = Counter(reading.as_of for reading in series)
    for moment, count in moments.items():
        if count > 1:
            raise ValueError(f"{count} readings for {moment}")
