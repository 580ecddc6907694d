"""Everything that can be watched: the catalogue, what people defined, and tickers."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from alerts.clock import Clock
from alerts.indicators import Indicator
from alerts.own import derived, tickers
from alerts.own.derived import Definition
from alerts.own.formula import BadFormula, Problem, read
from alerts.own.settings_file import FILE, SettingsFile
from alerts.store import own
from alerts.store.database import Database
from alerts.store.own import Defined

DEEPEST = 5
"""Definitions that stand on one another."""
MOST = 100
"""Definitions of one service."""


class Listing(Mapping[str, Indicator]):
    """Indicators by key. Iterated, it gives what is watched; any ticker can be looked up in it.

    `renew` reads again what people added. `tickers` are those that are watched, for whichever
    place. `troubles` says of each definition that cannot be used why that is, as the error or as a
    sentence.
    """

    def __init__(
        self,
        catalogue: Mapping[str, Indicator],
        database: Database,
        clock: Clock,
        file: SettingsFile | None = None,
    ) -> None:
        self._catalogue = catalogue
        self._database = database
        self._clock = clock
        self._file = file
        self._listed: Mapping[str, Indicator] = dict(catalogue)
        self.tickers: frozenset[str] = frozenset()
        self.troubles: Mapping[str, BadFormula | str] = {}

    def __getitem__(self, key: str) -> Indicator:
        found = self._listed.get(key) or tickers.indicator_of(key)
        if found is None:
            raise KeyError(key)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._listed)

    def __len__(self) -> int:
        return len(self._listed)

    @property
    def catalogue(self) -> Mapping[str, Indicator]:
        return self._catalogue

    async def renew(self) -> Mapping[str, Indicator]:
        """What is watched from now on; the mapping returned does not change any more."""
        now = self._clock.now()
        troubles: dict[str, BadFormula | str] = {}
        if self._file is not None:
            await self._follow(self._file)
            troubles |= self._file.troubles
        async with self._database.read() as connection:
            defined = await own.definitions(connection)
            wanted = await own.wanted_tickers(connection, now)
        watched = {key: made for key in wanted if (made := tickers.indicator_of(key))}
        listed = {**self._catalogue, **watched}
        for one in defined:
            try:
                listed[one.key] = made_of(one, self._catalogue, defined)
            except BadFormula as error:
                troubles[one.key] = error
        self._listed, self.tickers, self.troubles = listed, frozenset(watched), troubles
        return listed

    async def _follow(self, file: SettingsFile) -> None:
        """Bring the database to the file, when it does not say the same already."""
        entries = await file.changed()
        if entries is None:
            return
        async with self._database.read() as connection:
            kept = await own.definitions(connection)
        stands = {(one.key, one.formula, one.name) for one in kept if one.defined_by == FILE}
        if stands != {(one.key, one.formula, one.name) for one in entries}:
            async with self._database.write() as connection:
                await file.keep(connection, entries, self._catalogue, self._clock.now())


class Seen(Mapping[str, Indicator]):
    """A listing as one place has it: iterated, it names no ticker that only others watch."""

    def __init__(self, listing: Listing, watched_here: Collection[str]) -> None:
        self.listing = listing
        self._hidden = listing.tickers.difference(watched_here)

    def __getitem__(self, key: str) -> Indicator:
        return self.listing[key]

    def __iter__(self) -> Iterator[str]:
        return (key for key in self.listing if key not in self._hidden)

    def __len__(self) -> int:
        return len(self.listing) - len(self._hidden)


def listing_of(indicators: Mapping[str, Indicator]) -> Listing | None:
    """The listing that these are seen of, where people can add to them."""
    if isinstance(indicators, Seen):
        return indicators.listing
    return indicators if isinstance(indicators, Listing) else None


@dataclass(frozen=True, slots=True)
class _Making:
    """One definition under way. `upon` are those that wait for it."""

    catalogue: Mapping[str, Indicator]
    defined: Mapping[str, Defined]
    upon: tuple[str, ...] = ()


def made_of(
    one: Defined, catalogue: Mapping[str, Indicator], defined: Sequence[Defined]
) -> Indicator:
    """The indicator of a definition. Raises BadFormula."""
    known = {other.key: other for other in defined}
    return _make(one, _Making(catalogue, known))


def _make(one: Defined, making: _Making) -> Indicator:
    upon = (*making.upon, one.key)
    formula = read(one.formula)
    parts: dict[str, Indicator] = {}
    for name in formula.names:
        at = max(0, formula.text.casefold().find(name.casefold()))
        if name in upon or len(upon) > DEEPEST:
            problem = Problem.CIRCLE if name in upon else Problem.TOO_DEEP
            raise BadFormula(problem, at, name)
        below = making.defined.get(name)
        if below is not None:
            parts[name] = _make(below, _Making(making.catalogue, making.defined, upon))
        elif (found := making.catalogue.get(name) or tickers.indicator_of(name)) is not None:
            parts[name] = found
    return derived.indicator_of(Definition(one.key, formula, one.name), parts)


def users_of(key: str, defined: Sequence[Defined]) -> list[str]:
    """The definitions that name another one."""
    return [one.key for one in defined if one.key != key and key in read(one.formula).names]
