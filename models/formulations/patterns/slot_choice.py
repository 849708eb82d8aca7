"""On-slots of every pack at one power, chosen together: (9.10)–(9.13) of models/README.md, a compact programme.

Where chargers are on or off a pattern is little more than a set of slots. With who charges until when taken from an
assignment, give or take some slots, all sets together are a programme that a MIP solver closes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from models.formulations.grid_arrays import GridColumns, add_grid_and_bill
from models.formulations.matrix import Array, Index, Matrix, MatrixBuilder
from models.formulations.patterns.lattices import Mask
from models.formulations.patterns.packs import PatternPacks
from models.formulations.patterns.shortest_paths import rounded_share
from models.station.instance import Night
from models.tolerances import EQUAL


@dataclass(frozen=True)
class ChargingWindow:
    """What the pack of a row may do: charge in slots before `end`, in `count` of them at most, the last of which gives
    `share` of a full slot. `joins`: it may be handed over once it has charged in all of them. `leaves`: it does so in
    the assignment.
    """

    end: int
    count: int
    share: float
    joins: bool
    leaves: bool


@dataclass(frozen=True)
class SlotChoice:
    """The programme, and its columns: by type `served`, y; `type`, `row` and `slot` of each column of `on`.

    `is_last`: is it a column of a last slot? `leaving`: rows of (9.11) of packs that leave in the
    assignment: their lower sides.
    """

    matrix: Matrix
    served: tuple[Index, ...]
    on: Index
    type: Index
    row: Index
    slot: Index
    is_last: Mask
    leaving: Index


def slot_choice(
    night: Night,
    packs: Sequence[PatternPacks],
    unit_kw: float,
    windows: Sequence[Sequence[ChargingWindow]],
    most: Array,
) -> SlotChoice:
    """The programme of `night`, in which packs charge at `unit_kw`, at `most` so many in a slot; `windows` by type and
    row."""
    programme = _SlotChoiceProgramme(night, unit_kw, most)
    served = tuple(programme.add_type(k, one, windows[k]) for k, one in enumerate(packs))
    programme.tie_parts(
        {swap.id: int(y) for k, one in enumerate(packs) for swap, y in zip(one.swaps, served[k], strict=True)}
    )
    columns = np.array(programme.columns, dtype=np.int64).reshape(-1, 5)
    on, kinds, rows, slots, is_last = columns.T
    return SlotChoice(
        programme.b.matrix(), served, on, kinds, rows, slots, is_last > 0, np.array(programme.leaving, dtype=np.int64)
    )


def room_in_units(night: Night, unit_kw: float) -> Array:
    """Packs at `unit_kw` that the grid limit leaves room for, by slot, not rounded."""
    station = night.station
    limit_kw, base_kw, solar_kw = (np.array(s) for s in (station.grid_limit_kw, station.base_load_kw, station.solar_kw))
    return np.asarray(np.maximum(limit_kw - base_kw + solar_kw, 0.0) * station.chargers.efficiency / unit_kw)


class _SlotChoiceProgramme:
    """The programme as far as it is made."""

    def __init__(self, night: Night, unit_kw: float, most: Array) -> None:
        self.night, self.b = night, MatrixBuilder()
        self.unit_kwh = unit_kw * night.horizon.slot_hours
        self.grid: GridColumns = add_grid_and_bill(self.b, night)
        self.columns: list[tuple[int, int, int, int, int]] = []
        self.leaving: list[int] = []
        room = room_in_units(night, unit_kw)
        whole = np.floor(room + EQUAL)
        self.fraction = np.maximum(room - whole, 0.0)
        self.whole_power = self.b.rows(night.horizon.slots, -np.inf, whole)
        self.chargers = self.b.rows(night.horizon.slots, -np.inf, most)

    def add_type(self, k: int, packs: PatternPacks, windows: Sequence[ChargingWindow]) -> Index:
        """(9.10) for one type; returns columns y."""
        b, worth = self.b, packs.end_value_per_kwh
        served = b.columns(
            (len(packs.swaps),), 0.0, 1.0, [packs.worth - swap.lost_cost for swap in packs.swaps], integer=True
        )
        dues = packs.dues
        ready = b.rows(len(dues), 0.0)
        for j, due in enumerate(packs.due.tolist()):
            b.put(ready[dues >= due], served[j], -1.0)
        bringer = {int(r): int(served[j]) for j, r in enumerate(packs.brings.tolist()) if r >= 0}
        for r, window in enumerate(windows):
            there = bringer.get(r, -1)
            if there < 0:
                there = int(b.columns((1,), 1.0, 1.0)[0])
            b.add_cost(np.array([there]), -worth * packs.energy_kwh[r])
            if window.joins and not window.count:
                b.put(ready[dues >= packs.available[r]], there, 1.0)
            elif window.end > packs.release[r] and window.count:
                self._add_pack(k, packs, r, window, there, ready)
        return served

    def _add_pack(self, k: int, packs: PatternPacks, r: int, window: ChargingWindow, there: int, ready: Index) -> None:
        """(9.11) a last slot beside all the others, (9.12) after them; (9.10) then it may be handed over."""
        b, slots = self.b, np.arange(packs.release[r], window.end)
        last = self._charge(k, packs, r, slots, window.share, is_last=True)
        ends, after = b.rows(1, -np.inf, 0.0), b.rows(1, 0.0)
        self.leaving += ends.tolist() if window.leaves else []
        b.put(ends, last, 1.0)
        b.put(ends, there, -1.0)
        if window.joins:
            due, place = np.nonzero(packs.dues[:, None] > slots)
            b.put(ready[due], last[place], 1.0)
        if window.count > 1:
            before = self._charge(k, packs, r, slots, 1.0, is_last=False)
            most, apart = b.rows(1, -np.inf, 0.0), b.rows(len(slots), -np.inf, 1.0)
            b.put(most, before, 1.0)
            b.put(most, there, -(window.count - 1.0))
            b.put(after, before, 1.0)
            b.put(after, last, -(window.count - 1.0))
            b.put(apart, before, 1.0)
            row, column = np.tril_indices(len(slots))
            b.put(apart[row], last[column], 1.0)

    def _charge(self, k: int, packs: PatternPacks, r: int, slots: Index, share: float, *, is_last: bool) -> Index:
        """Columns of charging at `share` of full power: (9.2) and (9.6)."""
        b, kwh = self.b, share * self.unit_kwh
        per_kwh = packs.wear_per_kwh - packs.end_value_per_kwh
        columns = b.columns((len(slots),), 0.0, 1.0, per_kwh * kwh, integer=True)
        to_kw = 1 / (self.night.station.chargers.efficiency * self.night.horizon.slot_hours)
        b.put(self.grid.balance[slots], columns, -kwh * to_kw)
        b.put(self.whole_power[slots], columns, rounded_share(np.full(len(slots), share), self.fraction[slots]))
        b.put(self.chargers[slots], columns, 1.0)
        self.columns += [(c, k, r, t, int(is_last)) for c, t in zip(columns.tolist(), slots.tolist(), strict=True)]
        return columns

    def tie_parts(self, served: dict[str, int]) -> None:
        """(9.13) parts of one swap are served together."""
        for parts in self.night.parts_by_swap.values():
            for part in parts[1:]:
                tie = self.b.rows(1, 0.0, 0.0)
                self.b.put(tie, served[parts[0]], 1.0)
                self.b.put(tie, served[part], -1.0)
