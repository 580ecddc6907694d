"""The program's own troubles in words, for whoever runs it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from bot import words
from bot.locales import Translator
from bot.replies import Block, Heading, Paragraph, Tone

MOST_TOLD = 10


@dataclass(frozen=True, slots=True)
class Told:
    """One trouble, or its end. `about` is a source, a platform, or a place as `operator` has it.

    `reason` is a sentence; of a schema it is the new revision. `since` is an ISO moment.
    """

    kind: str
    about: str
    reason: str = ""
    since: str = ""
    count: int = 1


def facts(begun: Sequence[Told], over: Sequence[Told]) -> dict[str, str]:
    """As a notice carries them."""
    return {
        "notice": "operator",
        "begun": json.dumps([asdict(one) for one in begun]),
        "over": json.dumps([asdict(one) for one in over]),
    }


def blocks(told: Mapping[str, str], timezone: str, t: Translator) -> tuple[Block, ...]:
    """What has begun, then what is over; past ten of each, how many more."""
    begun = [Told(**one) for one in json.loads(told["begun"])]
    over = [Told(**one) for one in json.loads(told["over"])]
    said: list[Block] = [Heading(t("For the operator"))]
    said += [Paragraph(_begun(one, timezone, t), Tone.WARN) for one in begun[:MOST_TOLD]]
    said += [Paragraph(_over(one, t), Tone.GOOD) for one in over[:MOST_TOLD]]
    if (more := len(begun[MOST_TOLD:]) + len(over[MOST_TOLD:])) > 0:
        said.append(Paragraph(t("and {n} more: the log has them all", n=more), Tone.MUTED))
    return tuple(said)


def _begun(one: Told, timezone: str, t: Translator) -> str:
    match one.kind:
        case "source":
            at = words.moment(datetime.fromisoformat(one.since), timezone, t)
            return t(
                "The source {source} is in trouble since {at}: {reason}",
                source=one.about,
                at=at,
                reason=t.told(one.reason),
            )
        case "place":
            return t(
                "{place} is switched off: {reason}. Its lines are kept: “/bubble on” there "
                "brings it back, “/bubble move {channel}” elsewhere takes them along.",
                place=one.about,
                reason=t.told(one.reason).rstrip(".。"),
                channel=one.about.rpartition(":")[2],
            )
        case "given up":
            return t(
                "{n} messages on {platform} were given up, the last one because: {reason}",
                n=one.count,
                platform=one.about,
                reason=t.told(one.reason),
            )
        case "platform":
            return t(
                "{platform} is not connected. “bubblewatch doctor” says what to do.",
                platform=one.about,
            )
        case "looks":
            return t(
                "Every look at the sources has failed since {at}, and nothing is watched. The log "
                "says why.",
                at=words.moment(datetime.fromisoformat(one.since), timezone, t),
            )
        case "schema":
            return t(
                "The database was brought from schema {before} to {after}.",
                before=one.about,
                after=one.reason,
            )
    raise LookupError(f"there are no words for the trouble {one.kind!r}")


def _over(one: Told, t: Translator) -> str:
    match one.kind:
        case "source":
            return t("The source {source} answers again.", source=one.about)
        case "looks":
            return t("Looks at the sources succeed again.")
        case "place":
            return t("{place} is on again.", place=one.about)
        case "platform":
            return t("{platform} is connected again.", platform=one.about)
    raise LookupError(f"there are no words for the end of the trouble {one.kind!r}")
