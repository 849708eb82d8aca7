"""A station as arrays with one column a pack of the start: the bay it stands in, and whatever stands there later.

A returned pack takes the bay of one of its own type, so a column's type never changes.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from models.station.acceptance import reach_of_kind
from models.station.at_once import limits_partial_slots
from models.station.instance import Night
from models.station.pack_type import PackType
from models.station.swap import RETURN_PREFIX
from models.tolerances import ENERGY_KWH, ROUNDED_SHARE

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Flags = NDArray[np.bool_]
T = TypeVar("T", bound=Hashable)
FORGIVEN_KWH = ENERGY_KWH * ROUNDED_SHARE


class StationArrays:
    """What never changes in a night, by column. Energies in kWh, powers in kW into packs."""

    def __init__(self, night: Night) -> None:
        station = night.station
        self.night, self.station, self.hours = night, station, night.horizon.slot_hours
        self.chargers, self.columns = station.chargers, len(station.packs)
        self.types = tuple(night.pack_types)
        kinds = [night.pack_types[pack.type] for pack in station.packs]
        self.type_of = np.array([self.types.index(pack.type) for pack in station.packs], dtype=np.int64)
        self.target_kwh = np.array([kind.target_kwh for kind in kinds])
        self.swap_kwh = np.array([kind.swap_kwh for kind in kinds])
        self.has_charger = np.array([station.has_charger(bay) for bay in station.bay_numbers], dtype=bool)
        self.usable = np.array([pack.usable for pack in station.packs], dtype=bool)
        start_kwh = [pack.soc * kind.capacity_kwh for pack, kind in zip(station.packs, kinds, strict=True)]
        self.start_kwh = np.minimum(np.array(start_kwh), self.target_kwh)
        self.is_at_once = limits_partial_slots(night)

    @cached_property
    def columns_by_type(self) -> list[Counts]:
        """The columns of each type, those of no pack included."""
        return [np.flatnonzero(self.type_of == k) for k in range(len(self.types))]

    @cached_property
    def _kinds(self) -> tuple[list[PackType], list[PackType]]:
        """By column: the type, with its curve, of the pack of the start, and of one that comes later."""
        packs = self.station.packs
        first = [self.night.kind_of(pack.id, pack.type) for pack in packs]
        return first, [self._returned_kind(pack.type) for pack in packs]

    def _returned_kind(self, kind: str) -> PackType:
        no_curve_there = self.night.pack_types[kind].acceptance_at_c and self.station.temperature_c is None
        return self.night.pack_types[kind] if no_curve_there else self.night.kind_of(RETURN_PREFIX, kind)

    def most_kw(self, energy_kwh: Floats, at_start: Flags) -> Floats:
        """Most power in a slot that begins at `energy_kwh`, shape (days, columns): charger, curve and target."""
        reach = self._per_kind(lambda kind, kwh: _reach_kwh(self, kind, kwh), energy_kwh, at_start)
        most = (reach - energy_kwh) / self.hours
        return np.clip(most, 0.0, self.chargers.max_kw)

    def at_once_kw(self, energy_kwh: Floats, at_start: Flags, kw: Floats) -> Floats:
        """Power while the slot lasts, in which packs take `kw` on average: see models/station/at_once.py."""
        if not self.is_at_once:
            return kw
        fills = (kw > 0) & (energy_kwh + self.hours * kw >= self.target_kwh - ENERGY_KWH)
        if self.chargers.mode == "continuous":
            full = np.full_like(kw, self.chargers.min_kw)
        else:
            full = self._per_kind(lambda kind, kwh: _least_to_target_kw(kind, kwh), energy_kwh, at_start)
        return np.where(fills, np.maximum(kw, np.minimum(self.chargers.max_kw, full)), kw)

    def _per_kind(self, of_kind: Callable[[PackType, Floats], Floats], energy_kwh: Floats, at_start: Flags) -> Floats:
        first, later = self._kinds
        out = np.empty_like(energy_kwh)
        for kind, columns in _grouped(first):
            out[:, columns] = of_kind(kind, energy_kwh[:, columns])
        for (kind, own), columns in _grouped(list(zip(later, first, strict=True))):
            if kind != own:
                values = of_kind(kind, energy_kwh[:, columns])
                out[:, columns] = np.where(at_start[:, columns], out[:, columns], values)
        return out


def _grouped(kinds: list[T]) -> list[tuple[T, list[int]]]:
    groups: dict[T, list[int]] = {}
    for column, kind in enumerate(kinds):
        groups.setdefault(kind, []).append(column)
    return list(groups.items())


def _reach_kwh(arrays: StationArrays, kind: PackType, energy_kwh: Floats) -> Floats:
    """R of models.station.acceptance, for many packs at once."""
    full_kwh = arrays.chargers.max_kw * arrays.hours
    if not kind.acceptance:
        return np.minimum(energy_kwh + full_kwh, kind.target_kwh)
    line = reach_of_kind(kind, arrays.chargers.max_kw, arrays.hours).polyline
    return np.maximum(energy_kwh, np.interp(energy_kwh, line.xs, line.ys))


def _least_to_target_kw(kind: PackType, energy_kwh: Floats) -> Floats:
    """The least that the curve allows from `energy_kwh` up to the target; +inf without a curve."""
    if not kind.acceptance:
        return np.full_like(energy_kwh, np.inf)
    socs, kws = (np.array(values) for values in zip(*kind.acceptance, strict=True))
    inside = socs < kind.target_soc
    at_target = np.interp(kind.target_soc, socs, kws)
    later = np.append(np.minimum.accumulate(np.append(kws[inside], at_target)[::-1])[::-1], at_target)
    soc = energy_kwh / kind.capacity_kwh
    place = np.searchsorted(socs[inside], soc, side="right")
    return np.asarray(np.minimum(np.interp(soc, socs, kws), later[place]))
