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

    `bill` has the shared rows and columns only, which are the programme's first: section 1 and (6.4). `drawn`: columns
    of drawn power; `begun`: columns of (1.6), none where no rate falls; `balance`: rows of (1.1); `chargers`: rows of
    (6.4), none where every pack has a charger; `pack_rows`, `swap_rows`: rows of (6.2) and (6.3) by type.
    """

    bill: Matrix
    drawn: Index
    begun: Index
    balance: Index
    chargers: Index
    pack_rows: tuple[Index, ...]
    swap_rows: tuple[Index, ...]
    kwh_to_grid_kw: float

    def price_per_kwh(self, bill: Array) -> Array:
        """What a kWh into a pack costs in each slot at duals of the shared rows; for (6.6)."""
        at_chargers = bill[self.chargers] if len(self.chargers) else 0.0
        return np.asarray(bill[self.balance] * self.kwh_to_grid_kw - at_chargers)

    def bill_within(self, begun: Mapping[int, float]) -> Matrix:
        """The bill with columns of (1.6) fixed."""
        if not begun:
            return self.bill
        low, high = self.bill.low.copy(), self.bill.high.copy()
        for column, value in begun.items():
            low[column] = high[column] = value
        return replace(self.bill, low=low, high=high)

    def pattern_entries(self, k: int, rows: Index, columns: Index, charges: Charges) -> tuple[Index, Index, Array]:
        """Coefficients (pattern, row, value) of patterns of type `k` in (1.1), (6.2), (6.3) and (6.4)."""
        number = np.arange(len(rows))
        serving = np.flatnonzero(columns < len(self.swap_rows[k]))
        entries = [
            (number, self.pack_rows[k][rows], np.ones(len(rows))),
            (serving, self.swap_rows[k][columns[serving]], np.ones(len(serving))),
            (charges.edge, self.balance[charges.slot], -self.kwh_to_grid_kw * charges.kwh),
        ]
        if len(self.chargers):
            entries.append((charges.edge, self.chargers[charges.slot], charges.kwh))
        pattern, row, value = (np.concatenate(part) for part in zip(*entries, strict=True))
        by_pattern = np.argsort(pattern, kind="stable")
        return pattern[by_pattern], row[by_pattern], value[by_pattern]


def restricted_master(night: Night, problems: Sequence[AssignmentProblem]) -> RestrictedMaster:
    """The restricted master problem of `problems` at the station's grid and tariff."""
    b = MatrixBuilder()
    grid, busy = _add_shared(b, night)
    bill = b.matrix()
    ends = b.row_count + np.cumsum(
        [0, *(len(problem.packs) for problem in problems), *(len(problem.swaps) for problem in problems)]
    )
    rows = [np.arange(first, end) for first, end in pairwise(ends.tolist())]
    pack_rows, swap_rows = tuple(rows[: len(problems)]), tuple(rows[len(problems) :])
    to_grid_kw = 1 / (night.station.chargers.efficiency * night.horizon.slot_hours)
    begun = np.flatnonzero(bill.integer)
    return RestrictedMaster(bill, grid.drawn_kw, begun, grid.balance, busy, pack_rows, swap_rows, to_grid_kw)


def restricted_master_matrix(night: Night, problems: Sequence[AssignmentProblem]) -> Matrix:
    """The programme without charging patterns: the bill, and a row for every pack and swap."""
    b = MatrixBuilder()
    grid, _ = _add_shared(b, night)
    dear = left_out_cost(night, problems)
    rows = _add_assignment(b, problems)
    b.put(rows, b.columns((len(rows),), 0.0, np.inf, dear), 1.0)
    for sign in (1.0, -1.0):  # where a node asks for more or less than the patterns so far draw
        b.put(grid.stepped, b.columns(grid.stepped.shape, 0.0, np.inf, dear), sign)
    return b.matrix()


def _add_shared(b: MatrixBuilder, night: Night) -> tuple[GridColumns, Index]:
    return add_grid_and_bill(b, night), _add_charger_count(b, night)


def _add_charger_count(b: MatrixBuilder, night: Night) -> Index:
    """(6.4) fewer chargers than packs bound the energy of a slot."""
    station = night.station
    slots = night.horizon.slots if station.chargers.count < len(station.packs) else 0
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
    inside_kwh = max((problem.wear_per_kwh + abs(problem.end_value_per_kwh) for problem in problems), default=0.0)
    dearest_kwh = drawn_kwh / station.chargers.efficiency + inside_kwh
    return 10 * (1 + dearest_swap + largest_kwh * dearest_kwh)
