"""Which acceptance curve a pack has: that of its own temperature, or else of the station's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from models.errors import Problem
from models.station.pack_type import PackType, temperature_problems


class _PackOfType(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def temperature_c(self) -> float | None: ...


class _SwapOfType(Protocol):
    @property
    def type(self) -> str: ...
    @property
    def returned_soc(self) -> float | None: ...


class StationPacks(Protocol):
    """What is asked of a station: its temperature, the packs of the start, those that drivers bring."""

    @property
    def temperature_c(self) -> float | None:
        """In °C; None: not said."""
        ...

    @property
    def packs(self) -> Sequence[_PackOfType]:
        """Packs of the start."""
        ...

    @property
    def swaps(self) -> Sequence[_SwapOfType]:
        """Drivers."""
        ...


class TypesByPack:
    """The types of a station's packs, each at the pack's temperature. Returned packs have the station's."""

    def __init__(self, pack_types: Mapping[str, PackType], station: StationPacks) -> None:
        self._at_station = {name: _at(kind, station.temperature_c) for name, kind in pack_types.items()}
        self._own = {
            pack.id: _at(pack_types[pack.type], pack.temperature_c)
            for pack in station.packs
            if pack.temperature_c is not None and pack_types[pack.type].acceptance_at_c
        }
        self._station = station

    def of(self, pack: str, kind: str) -> PackType:
        """The type of one pack, of the start or returned."""
        return self._own.get(pack) or self._at_station[kind]

    def all_of(self, kind: str) -> Sequence[PackType]:
        """Every form in which packs of a type stand in the station, at least one."""
        found = [self.of(pack.id, kind) for pack in self._station.packs if pack.type == kind]
        if not found or any(swap.type == kind for swap in self._station.swaps):
            found.append(self._at_station[kind])
        return list(dict.fromkeys(one for one in found if not one.acceptance_at_c))


def _at(kind: PackType, temperature_c: float | None) -> PackType:
    """As it is where no pack of the type can be at that temperature."""
    curves = kind.acceptance_at_c
    if temperature_c is None or not curves or not curves[0][0] <= temperature_c <= curves[-1][0]:
        return kind
    return kind.at_c(temperature_c)


def problems_of_temperatures(pack_types: Mapping[str, PackType], station: StationPacks) -> Iterator[Problem]:
    """A station whose packs need a temperature to have a curve says which, one that their curves reach to."""
    by_temperature = {name for name, kind in pack_types.items() if kind.acceptance_at_c}
    waiting = {pack.type for pack in station.packs if pack.temperature_c is None}
    waiting |= {swap.type for swap in station.swaps if swap.returned_soc is not None}
    asked = sorted(by_temperature & waiting)
    if station.temperature_c is not None:
        yield from _problems_of("temperature_c", station.temperature_c, [pack_types[name] for name in asked])
    elif asked:
        rule = f"is needed: packs of type {asked[0]!r} take power by their temperature"
        yield Problem("temperature_c", None, rule, "say how warm the station's packs are, in °C")
    for index, pack in enumerate(station.packs):
        if pack.temperature_c is not None:
            kinds = [pack_types[pack.type]] if pack.type in by_temperature else []
            yield from _problems_of(f"packs[{index}].temperature_c", pack.temperature_c, kinds)


def _problems_of(place: str, temperature_c: float, kinds: Sequence[PackType]) -> Iterator[Problem]:
    if found := list(temperature_problems(place, temperature_c)):
        yield from found
        return
    for kind in kinds:
        low, high = kind.acceptance_at_c[0][0], kind.acceptance_at_c[-1][0]
        if not low <= temperature_c <= high:
            rule = f"must be between {low:g} and {high:g}, the temperatures of pack type {kind.id!r}"
            yield Problem(place, temperature_c, rule, "add a curve for this temperature to the pack type")
            return
