"""Ask every source for what is needed; each fails alone."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from alerts.clock import Clock
from alerts.evidence import Answer, Evidence, Need
from alerts.sources import Collected, Source, SourceUnavailable
from alerts.store.sources import SourceState

log = logging.getLogger(__name__)

# Longer than any source's own time limits together; a source that exceeds it is broken.
SOURCE_TIMEOUT_S = 200


@dataclass(frozen=True, slots=True)
class Look:
    """What one round of asking brought."""

    evidence: Evidence = field(default_factory=Evidence)
    answered: frozenset[Need[Answer]] = frozenset()
    troubles: dict[Need[Answer], str] = field(default_factory=dict)
    rejected: tuple[str, ...] = ()
    states: tuple[SourceState, ...] = ()


async def look(
    sources: Sequence[Source],
    needs: Collection[Need[Answer]],
    known: Evidence,
    before: dict[str, SourceState],
    clock: Clock,
    private: Collection[Need[Answer]] = (),
) -> Look:
    """Ask all sources at once for the needs that each supplies.

    Everyone reads how a source is doing: of what is only asked for as people here added it
    (`private`), nothing is said there.
    """
    asked = [(source, [need for need in needs if source.supplies(need)]) for source in sources]
    asked = [(source, wanted) for source, wanted in asked if wanted]
    answers = await asyncio.gather(
        *(_ask(source, wanted, known) for source, wanted in asked), return_exceptions=True
    )
    evidence, answered = Evidence(), set[Need[Answer]]()
    troubles: dict[Need[Answer], str] = {}
    rejected: list[str] = []
    states: list[SourceState] = []
    silent: list[str] = []
    for (source, wanted), answer in zip(asked, answers, strict=True):
        state = before.get(source.name)
        if isinstance(answer, Collected):
            evidence = evidence.merge(answer.evidence)
            answered.update(need for need in wanted if need not in answer.unmet)
            troubles.update(answer.unmet)
            rejected.extend(f"{source.name}: {reason}" for reason in answer.rejected)
            lacks = [why for need, why in answer.unmet.items() if need not in private]
            states.append(_after(source.name, state, None, clock, "; ".join(lacks)))
        elif isinstance(answer, Exception):
            failure = _as_failure(source, answer)
            troubles.update(dict.fromkeys(wanted, str(failure)))
            reason = _without_names(failure.reason, private)
            states.append(_after(source.name, state, failure, clock, reason))
            if state is None or not state.silent:
                silent.append(f"{source.name} ({failure.reason})")
        else:
            raise answer
    _tell(silent, before, states)
    return Look(evidence, frozenset(answered), troubles, tuple(rejected), tuple(states))


def _without_names(reason: str, private: Collection[Need[Answer]]) -> str:
    for subject in {need.subject for need in private}:
        reason = re.sub(rf"(?<![\w.^-]){re.escape(subject)}(?![\w-])", "…", reason)
    return reason


def _tell(silent: list[str], before: dict[str, SourceState], states: list[SourceState]) -> None:
    """Once when sources fall silent, and once when they are back: a line for all of a round."""
    if silent:
        log.warning(
            "no answer from %s; what is known stays, and they are asked again",
            ", ".join(silent),
        )
    back = [
        state.name
        for state in states
        if not state.silent and (was := before.get(state.name)) and was.silent
    ]
    if back:
        log.warning("%s: back again", ", ".join(back))


async def _ask(source: Source, wanted: list[Need[Answer]], known: Evidence) -> Collected:
    async with asyncio.timeout(SOURCE_TIMEOUT_S):
        return await source.collect(wanted, known)


def _as_failure(source: Source, error: Exception) -> SourceUnavailable:
    if isinstance(error, SourceUnavailable):
        return error
    if isinstance(error, TimeoutError):
        return SourceUnavailable(source.name, f"gave no answer within {SOURCE_TIMEOUT_S} seconds")
    # A defect in one source must not stop the others; it is logged whole and told in short.
    log.error("source %s failed unexpectedly", source.name, exc_info=error)
    return SourceUnavailable(source.name, f"failed unexpectedly ({type(error).__name__})")


def _after(
    name: str,
    before: SourceState | None,
    failure: SourceUnavailable | None,
    clock: Clock,
    trouble: str,
) -> SourceState:
    now = clock.now()
    answered_at = now if failure is None else before.answered_at if before else None
    if not trouble:
        return SourceState(name, now, answered_at)
    since = before.trouble_since if before and before.trouble_since else now
    retry_at = failure.retry_at if failure else None
    return SourceState(name, now, answered_at, trouble, since, retry_at)
