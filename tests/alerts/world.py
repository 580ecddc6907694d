"""A small world for the watch: figures that a test sets, a real database, a clock that stands."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import Row, select

from alerts.clock import SetClock
from alerts.evaluate import measured
from alerts.evidence import Answer, Close, Evidence, Need, Origin, PriceHistory, prices
from alerts.indicators import Cadence, Guard, Indicator, Meaning, Names, Section
from alerts.measures import VALUE, Measure
from alerts.quantity import Unit
from alerts.reading import Missing, Reading, Status
from alerts.rules import Direction, Level, Rule, Seen, begin, default_rearm
from alerts.sources import Collected, Source
from alerts.store import destinations, rules
from alerts.store.alerts import Alert, recent
from alerts.store.database import Database
from alerts.store.destinations import Place
from alerts.store.models import DeliveryRow, ObservationRow, RuleRow
from alerts.watch import TickReport, Watch

NVDA = prices("NVDA")
START = datetime(2025, 11, 3, 21, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
HERE = Place("test", "server", "#here")
THERE = Place("test", "server", "#there")


class Figures:
    """A source that says what it is told to say."""

    def __init__(self, name: str = "figures") -> None:
        self.name = name
        self.answers: dict[Need[Answer], Answer] = {}
        self.unmet: dict[Need[Answer], str] = {}
        self.trouble: Exception | None = None
        self.asked = 0

    def supplies(self, need: Need[Answer]) -> bool:
        return need in self.answers or need in self.unmet

    async def collect(self, needs: Collection[Need[Answer]], known: Evidence) -> Collected:
        self.asked += 1
        if self.trouble is not None:
            raise self.trouble
        found = {need: self.answers[need] for need in needs if need in self.answers}
        return Collected(Evidence(found), unmet=dict(self.unmet))

    async def close(self) -> None:
        """Nothing is held open."""


def origin(fetched_at: datetime) -> Origin:
    return Origin("figures", "https://example.org/figures", fetched_at)


def level_series(
    key: str, need: Need[PriceHistory]
) -> Callable[[Evidence], list[Reading | Missing]]:
    """The closes themselves, in dollars."""

    def series(evidence: Evidence) -> list[Reading | Missing]:
        history = evidence.of(need) or PriceHistory(())
        return [_reading(key, close) for close in history.closes]

    return series


def _reading(key: str, close: Close) -> Reading:
    return Reading(
        key,
        close.price,
        Unit.USD,
        close.at,
        close.session,
        close.origin.source,
        close.origin.url,
        close.origin.fetched_at,
        Status.CONFIRMED,
        "a level",
    )


def level(
    key: str = "level",
    need: Need[PriceHistory] = NVDA,
    *,
    cadence: Cadence = Cadence.SESSION,
    guard: Guard | None = None,
    stale_after: timedelta = 5 * DAY,
) -> Indicator:
    return Indicator(
        key=key,
        names=Names(key, key, key),
        section=Section.ACCOUNTING,
        unit=Unit.USD,
        cadence=cadence,
        meaning=Meaning.HOTTER,
        needs=(need,),
        series=level_series(key, need),
        formula="the close",
        caveat="",
        stale_after=stale_after,
        guard=guard or Guard({}),
    )


@dataclass(frozen=True)
class Told:
    """What a test says of an alert."""

    kind: str
    value: int | None
    withheld: str | None = None


class World:
    """A watch over `indicators`, fed by one source; times are hours after START."""

    def __init__(
        self,
        database: Database,
        indicators: Sequence[Indicator] = (),
        *,
        background: Evidence | None = None,
    ) -> None:
        self.database = database
        self.clock = SetClock(START)
        self.figures = Figures()
        self.background = background or Evidence()
        self.indicators = {i.key: i for i in indicators or (level(),)}
        self.sources: tuple[Source, ...] = (self.figures,)
        self.woken = 0
        self.closes: dict[Need[PriceHistory], dict[datetime, Close]] = {}
        self.start_again()

    def start_again(self, *, tells_staleness: bool = True) -> None:
        """A new process on the same database."""
        self.watch = Watch(
            self.database,
            self.indicators,
            self.sources,
            self.background,
            self.clock,
            self._wake,
            tells_staleness=tells_staleness,
        )

    def _wake(self) -> None:
        self.woken += 1

    def at(self, hours: float) -> datetime:
        return START + timedelta(hours=hours)

    def say(
        self,
        hours: float,
        value: int | str,
        *,
        need: Need[PriceHistory] = NVDA,
        fetched: float | None = None,
        session: date | None = None,
    ) -> None:
        """The source has a value as of `hours`; it stays known until another replaces it.

        Without `session`, every quarter of an hour is a session of its own.
        """
        when = self.at(hours)
        session = session or date.fromordinal(START.toordinal() + round(hours * 4))
        seen = self.clock.now() if fetched is None else self.at(fetched)
        known = self.closes.setdefault(need, {})
        known[when] = Close(session, when, Decimal(value), origin(seen))
        self.figures.answers[need] = PriceHistory(tuple(known[at] for at in sorted(known)))

    async def tick(self, hours: float | None = None) -> TickReport:
        if hours is not None:
            self.clock.set(self.at(hours))
        return await self.watch.tick()

    async def see(self, hours: float, value: int | str) -> TickReport:
        """The usual case: a value is there and is looked at in that moment."""
        self.clock.set(self.at(hours))
        self.say(hours, value)
        return await self.watch.tick()

    async def draw(
        self,
        line: int | str = 100,
        *,
        place: Place = HERE,
        key: str = "level",
        direction: Direction = Direction.ABOVE,
        measure: Measure = VALUE,
        level: Level = Level.WARN,
        **how: object,
    ) -> int:
        """A person draws a line at this moment; returns the rule's id."""
        unit = self.indicators[key].unit
        fixed = measure.unit(unit).to_fixed(Decimal(line))
        rule = Rule(direction, fixed, default_rearm(direction, fixed))
        rule = replace(rule, **how)  # type: ignore[arg-type]
        now = self.clock.now()
        async with self.database.write() as connection:
            home = await destinations.find_or_make(connection, place, now)
            stored = await measured(connection, self.indicators[key], measure)
            seen = None
            if stored.value is not None and stored.as_of is not None:
                seen = Seen(stored.value, stored.as_of)
            number = await destinations.add_rule(
                connection,
                home.id,
                stored,
                begin(rule, seen, now),
                now,
                level=level,
                created_by="a",
            )
            own = await destinations.rules_of(connection, home.id, [number])
        return own[0].id

    async def change(self, rule_id: int, **columns: object) -> None:
        async with self.database.write() as connection:
            table = RuleRow.__table__
            statement = table.update().where(table.c.id == rule_id)  # type: ignore[attr-defined]
            await connection.execute(statement.values(**columns))

    async def rule(self, rule_id: int) -> Rule:
        async with self.database.read() as connection:
            stored = await rules.one(connection, rule_id)
        assert stored is not None
        return stored.rule

    async def alerts(self, place: Place = HERE) -> list[Alert]:
        """All alerts of a place, in the order in which they were recorded."""
        async with self.database.read() as connection:
            home = await destinations.find(connection, place)
            found = [] if home is None else await recent(connection, home.id, 1000)
        return found[::-1]

    async def told(self, place: Place = HERE) -> list[Told]:
        return [
            Told(
                alert.kind.value,
                None if alert.value is None else int(alert.unit.from_fixed(alert.value)),
                None if alert.withheld is None else alert.withheld.value,
            )
            for alert in await self.alerts(place)
        ]

    async def rows(self, table: type[ObservationRow] | type[DeliveryRow]) -> Sequence[Row[object]]:
        async with self.database.read() as connection:
            return (await connection.execute(select(table).order_by(table.id))).all()
