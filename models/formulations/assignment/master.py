"""The restricted master problem (section 6 of models/README.md): weights of charging patterns, and the bill.

It starts without charging patterns, only with columns that leave a pack or a swap out at a price that no plan pays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from models.formulations.assignment.charging_costs import Charges
from models.formulations.assignment.problem import AssignmentProblem
from models.formulations.grid_arrays import GridColumns, add_grid_and_bill
from models.formulations.matrix import Array, Index, Matrix, MatrixBuilder
from models.formulations.stepped_bill import dearest_per_kw, dearest_per_kwh
from models.station.instance import Night


@dataclass(frozen=True)
class RestrictedMaster:
    """The bill alone, and where the rows and columns of the programme stand that `matrix` makes of it.

    `bill` has the shared rows and columns only, which are the programme's first: section 1, (6.4) and (6.8). `drawn`:
    columns of drawn power; `begun`: columns of (1.6), none where no rate falls; `short`: columns of shortfall;
    `balance`: rows of (1.1); `chargers`: rows of (6.4), none where every pack has a charger; `reserve`: rows of (6.8)
    by slot, −1 where none is asked for; `pack_rows`, `swap_rows`: rows of (6.2) and (6.3) by type; `due`: slots in
    which swaps are, then the horizon's length, by type.
    """

    bill: Matrix
    drawn: Index
    begun: Index
    short: Index
    balance: Index
    chargers: Index
    reserve: Index
    pack_rows: tuple[Index, ...]
    swap_rows: tuple[Index, ...]
    due: tuple[Index, ...]
    kwh_to_grid_kw: float

    @property
    def integer(self) -> Index:
        """Columns of the bill that are integer in every plan."""
        return np.flatnonzero(self.bill.integer)

    @property
    def has_reserve(self) -> bool:
        """Is a ready reserve asked for in any slot?"""
        return bool((self.reserve >= 0).any())

    def worth_of_ready(self, bill: Array) -> Array:
        """What a ready pack is worth in each slot at duals of the shared rows; for (6.7)."""
        return np.where(self.reserve >= 0, np.maximum(bill[self.reserve], 0.0), 0.0)

    def price_per_kwh(self, bill: Array) -> Array:
        """What a kWh into a pack costs in each slot at duals of the shared rows; for (6.6)."""
        at_chargers = bill[self.chargers] if len(self.chargers) else 0.0
        return np.asarray(bill[self.balance] * self.kwh_to_grid_kw - at_chargers)

    def bill_within(self, limits: Mapping[int, tuple[float, float]]) -> Matrix:
        """The bill with integer columns within `limits`."""
        if not limits:
            return self.bill
        low, high = self.bill.low.copy(), self.bill.high.copy()
        for column, (least, most) in limits.items():
            low[column], high[column] = least, most
        return replace(self.bill, low=low, high=high)

    def pattern_entries(self, k: int, rows: Index, columns: Index, charges: Charges) -> tuple[Index, Index, Array]:
        """Coefficients (pattern, row, value) of patterns of type `k` in (1.1), (6.2), (6.3), (6.4), (6.8)."""
        number = np.arange(len(rows))
        serving = np.flatnonzero(columns < len(self.swap_rows[k]))
        entries = [
            (number, self.pack_rows[k][rows], np.ones(len(rows))),
            (serving, self.swap_rows[k][columns[serving]], np.ones(len(serving))),
            (charges.edge, self.balance[charges.slot], -self.kwh_to_grid_kw * charges.kwh),
        ]
        if len(self.chargers):
            entries.append((charges.edge, self.chargers[charges.slot], charges.kwh))
        if charges.ready is not None:
            entries.append(self._ready_entries(k, columns, charges.ready))
        pattern, row, value = (np.concatenate(part) for part in zip(*entries, strict=True))
        by_pattern = np.argsort(pattern, kind="stable")
        return pattern[by_pattern], row[by_pattern], value[by_pattern]

    def _ready_entries(self, k: int, columns: Index, ready: Index) -> tuple[Index, Index, Array]:
        """A pack counts from the slot in which it is ready until it leaves."""
        asked = np.flatnonzero(self.reserve >= 0)
        counts = (ready[:, None] <= asked) & (asked < self.due[k][columns][:, None])
        pattern, place = np.nonzero(counts)
        return pattern, self.reserve[asked[place]], np.ones(len(pattern))


def restricted_master(night: Night, problems: Sequence[AssignmentProblem]) -> RestrictedMaster:
    """The restricted master problem of `problems` at the station's grid and tariff."""
    b = MatrixBuilder()
    grid, busy, (short, reserve) = _add_shared(b, night)
    bill = b.matrix()
    ends = b.row_count + np.cumsum(
        [0, *(len(problem.packs) for problem in problems), *(len(problem.swaps) for problem in problems)]
    )
    rows = [np.arange(first, end) for first, end in pairwise(ends.tolist())]
    return RestrictedMaster(
        bill=bill,
        drawn=grid.drawn_kw,
        begun=np.setdiff1d(np.flatnonzero(bill.integer), short),
        short=short,
        balance=grid.balance,
        chargers=busy,
        reserve=reserve,
        pack_rows=tuple(rows[: len(problems)]),
        swap_rows=tuple(rows[len(problems) :]),
        due=tuple(np.append(problem.due, night.horizon.slots) for problem in problems),
        kwh_to_grid_kw=1 / (night.station.chargers.efficiency * night.horizon.slot_hours),
    )


def restricted_master_matrix(night: Night, problems: Sequence[AssignmentProblem]) -> Matrix:
    """The programme without charging patterns: the bill, and a row for every pack and swap."""
    b = MatrixBuilder()
    grid, _, (_, reserve) = _add_shared(b, night)
    dear = left_out_cost(night, problems)
    rows = _add_assignment(b, problems)
    b.put(rows, b.columns((len(rows),), 0.0, np.inf, dear), 1.0)
    asked = reserve[reserve >= 0]
    b.put(asked, b.columns(asked.shape, 0.0, np.inf, dear), 1.0)
    for sign in (1.0, -1.0):  # where a node asks for more or less than the patterns so far draw
        b.put(grid.stepped, b.columns(grid.stepped.shape, 0.0, np.inf, dear), sign)
    return b.matrix()


def _add_shared(b: MatrixBuilder, night: Night) -> tuple[GridColumns, Index, tuple[Index, Index]]:
    return add_grid_and_bill(b, night), _add_charger_count(b, night), _add_reserve(b, night)


def _add_reserve(b: MatrixBuilder, night: Night) -> tuple[Index, Index]:
    """(6.8) ready packs and shortfall make the reserve. Columns of shortfall, rows by slot."""
    wanted = np.array(night.station.ready_reserve, dtype=float)
    asked = np.flatnonzero(wanted > 0)
    rows = np.full(len(wanted), -1)
    rows[asked] = b.rows(len(asked), wanted[asked])
    short = b.columns((len(asked),), 0.0, wanted[asked], night.station.reserve_cost, integer=True)
    b.put(rows[asked], short, 1.0)
    return short, rows


def _add_charger_count(b: MatrixBuilder, night: Night) -> Index:
    """(6.4) fewer chargers than packs bound the energy of a slot."""
    station = night.station
    slots = night.horizon.slots if station.chargers.count < station.packs_at_chargers else 0
    return b.rows(slots, -np.inf, station.chargers.count * night.reach_full_kwh)


def _add_assignment(b: MatrixBuilder, problems: Sequence[AssignmentProblem]) -> Index:
    """(6.2) every pack has one column, then (6.3) every swap is served once, or lost; type by type."""
    packs, swaps = sum(len(problem.packs) for problem in problems), sum(len(problem.swaps) for problem in problems)
    return np.concatenate([b.rows(packs, 1.0, 1.0), b.rows(swaps, 1.0, 1.0)])


def left_out_cost(night: Night, problems: Sequence[AssignmentProblem]) -> float:
    """Dearer than losing any swap and charging any pack at any price: no solution that can do without pays it."""
    station, series = night.station, night.tariff_series
    dearest_swap = max((swap.lost_cost for swap in station.swaps), default=0.0)
    largest_kwh = max((kind.target_kwh for kind in night.pack_types.values()), default=0.0)
    drawn_kwh = dearest_per_kwh(series) + dearest_per_kw(series) / night.horizon.slot_hours
    inside_kwh = max(
        (float(problem.step_cost[-1]) + abs(problem.end_value_per_kwh) for problem in problems), default=0.0
    )
    dearest_kwh = drawn_kwh / station.chargers.efficiency + inside_kwh
    unready = station.reserve_cost * sum(station.ready_reserve)
    return 10 * (1 + dearest_swap + largest_kwh * dearest_kwh + unready)
