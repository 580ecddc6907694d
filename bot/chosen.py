"""What people choose for a place, read from their words: language, hours, digest."""

from __future__ import annotations

import re
from dataclasses import dataclass
from zoneinfo import available_timezones

from alerts.store.destinations import Destination
from alerts.store.models import Digest
from bot import words
from bot.commands import BadInput
from bot.locales import LANGUAGES, Translator, known_language
from bot.naming import nearest
from bot.reader import OFF

_CLOCK = r"([01]?\d|2[0-3])[:.h]([0-5]\d)"
_HOURS = re.compile(rf"{_CLOCK}\s*(?:-|–|—|to|until|至|到)\s*{_CLOCK}", re.IGNORECASE)
_DIGEST = re.compile(rf"(?:(\w+)\s+)?(?:(\w+)\s+)?{_CLOCK}|(\w+)(?:\s+(\w+))?", re.IGNORECASE)
_DAYS = (
    ("mon", "monday", "周一", "週一", "星期一"),
    ("tue", "tuesday", "周二", "週二", "星期二"),
    ("wed", "wednesday", "周三", "週三", "星期三"),
    ("thu", "thursday", "周四", "週四", "星期四"),
    ("fri", "friday", "周五", "週五", "星期五"),
    ("sat", "saturday", "周六", "週六", "星期六"),
    ("sun", "sunday", "周日", "週日", "星期日"),
)
_WEEKDAYS = {name: number for number, names in enumerate(_DAYS) for name in names}
_OFTEN = {
    "daily": Digest.DAILY, "每日": Digest.DAILY, "每天": Digest.DAILY,
    "weekly": Digest.WEEKLY, "每周": Digest.WEEKLY, "每週": Digest.WEEKLY,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DigestTime:
    """Minutes after local midnight; weekdays count from Monday."""

    often: Digest
    minute: int = 9 * 60
    weekday: int = 0


def language(text: str, t: Translator) -> str:
    """One of `LANGUAGES`. Raises BadInput."""
    found = known_language(text)
    if found is None:
        raise BadInput(
            t(
                "“{text}” is not a language I speak: {choices}.",
                text=text[:40],
                choices=t(", ").join(LANGUAGES),
            )
        )
    return found


def timezone(text: str, t: Translator) -> str:
    """A zone by its name or its city. Raises BadInput."""
    key = text.strip().replace(" ", "_").casefold()
    zones = {name.casefold(): name for name in available_timezones()}
    cities = {name.rpartition("/")[2].casefold(): name for name in sorted(zones.values())}
    if key in zones or key in cities:
        return zones.get(key) or cities[key]
    near = nearest(key, sorted([*zones, *cities]))
    if near:
        name = zones.get(near) or cities[near]
        raise BadInput(
            t("There is no time zone “{text}”; did you mean {near}?", text=text[:40], near=name)
        )
    raise BadInput(t("There is no time zone “{text}”. Write it like Asia/Taipei.", text=text[:40]))


def quiet_hours(text: str, t: Translator) -> tuple[int | None, int | None]:
    """From and to, in minutes after local midnight; nothing for “off”. Raises BadInput."""
    if text.strip().casefold() == OFF:
        return None, None
    match = _HOURS.fullmatch(text.strip())
    if match is None:
        raise BadInput(t("Quiet hours go like this: 22:00-07:00, or “off”."))
    start, end = (int(match[i]) * 60 + int(match[i + 1]) for i in (1, 3))
    if start == end:
        raise BadInput(t("Quiet hours must end at another time than they begin."))
    return start, end


def digest(text: str, t: Translator) -> DigestTime:
    """`daily 09:00`, `weekly mon 09:00`, `daily`, `off`. Raises BadInput."""
    refused = BadInput(t("A digest goes like this: “daily 09:00”, “weekly mon 09:00”, or “off”."))
    if text.strip().casefold() == OFF:
        return DigestTime(Digest.OFF)
    match = _DIGEST.fullmatch(text.strip())
    if match is None:
        raise refused
    said = [word.casefold() for word in (match[1], match[2], match[5], match[6]) if word]
    minute = 9 * 60 if match[3] is None else int(match[3]) * 60 + int(match[4])
    often = _OFTEN.get(said[0]) if said else Digest.DAILY
    weekday = _WEEKDAYS.get(said[1]) if len(said) == 2 else 0
    if often is None and len(said) == 1 and said[0] in _WEEKDAYS:
        often, weekday = Digest.WEEKLY, _WEEKDAYS[said[0]]
    if often is None or weekday is None or (often is Digest.DAILY and len(said) == 2):
        raise refused
    return DigestTime(often, minute, weekday)


def quiet_text(place: Destination | None, t: Translator) -> str:
    """For people: «22:00-07:00», «none»."""
    typed = typed_quiet(place)
    return t("none") if typed == OFF else typed


def typed_quiet(place: Destination | None) -> str:
    """As `quiet_hours` reads it."""
    if place is None or place.quiet_from is None or place.quiet_to is None:
        return OFF
    return f"{words.clock(place.quiet_from)}-{words.clock(place.quiet_to)}"


def digest_text(place: Destination | None, t: Translator) -> str:
    """For people: «weekly on Mondays at 09:00»."""
    if place is None or place.digest is Digest.OFF:
        return t("none")
    at = words.clock(place.digest_minute)
    if place.digest is Digest.DAILY:
        return t("every day at {time}", time=at)
    return t("every {weekday} at {time}", weekday=weekday_name(place.digest_weekday, t), time=at)


def typed_digest(place: Destination | None) -> str:
    """As `digest` reads it."""
    if place is None or place.digest is Digest.OFF:
        return OFF
    at = words.clock(place.digest_minute)
    if place.digest is Digest.DAILY:
        return f"daily {at}"
    return f"weekly {_DAYS[place.digest_weekday][0]} {at}"


def weekday_name(number: int, t: Translator) -> str:
    return (
        t("Monday"),
        t("Tuesday"),
        t("Wednesday"),
        t("Thursday"),
        t("Friday"),
        t("Saturday"),
        t("Sunday"),
    )[number]
