"""The master programme of orders (section 6 of models/README.md): a mixture of charging patterns and the bill it makes.

It starts with no pattern at all, only with columns that leave a pack or a swap out at a price that no plan pays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from models.charging_costs import Charges
from models.grid_arrays import add_grid_and_bill
from models.instance import Night
from models.jobs import Jobs
from models.matrix import Array, Index, Matrix, MatrixBuilder
from models.stepped_bill import dearest_per_kw, dearest_per_kwh


@dataclass(frozen=True)
class OrderMaster:
    """The programme without patterns, its rows by type, and the bill alone.

    `bill` has the shared rows and columns only, which are the first of `matrix`: section 1 and (6.4). `drawn`: columns
    of drawn power; `begun`: columns of (1.6), none where no rate falls; `balance`: rows of (1.1); `chargers`: rows of
    (6.4), none where every pack has a charger.
    """

    matrix: Matrix
    bill: Matrix
    drawn: Index
    begun: Index
    balance: Index
    chargers: Index
    pack_rows: tuple[Index, ...]
    swap_rows: tuple[Index, ...]
    left_out: Index
    kwh_to_grid_kw: float

    def price_per_kwh(self, bill: Array) -> Array:
        """What a kWh into a pack costs in each slot at multipliers of the shared rows; for (6.6)."""
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


def order_master(night: Night, types: Sequence[Jobs]) -> OrderMaster:
    """The master of `types` at the station's grid and tariff."""
    b, alone = MatrixBuilder(), MatrixBuilder()
    grid, _ = add_grid_and_bill(b, night), add_grid_and_bill(alone, night)
    busy, _ = _add_charger_count(b, night), _add_charger_count(alone, night)
    pack_rows, swap_rows = _add_assignment(b, types)
    rows = np.concatenate([*pack_rows, *swap_rows, np.array([], dtype=np.int64)]).astype(np.int64)
    dear = left_out_cost(night, types)
    left_out = b.columns((len(rows),), 0.0, np.inf, dear)
    b.put(rows, left_out, 1.0)
    for sign in (1.0, -1.0):  # where a part of all plans asks for more or less than the patterns so far draw
        b.put(grid.stepped, b.columns(grid.stepped.shape, 0.0, np.inf, dear), sign)
    chargers = night.station.chargers
    to_grid_kw = 1 / (chargers.efficiency * night.horizon.slot_hours)
    bill = alone.matrix()
    begun = np.flatnonzero(bill.whole)
    return OrderMaster(
        b.matrix(), bill, grid.drawn_kw, begun, grid.balance, busy, pack_rows, swap_rows, left_out, to_grid_kw
    )


def _add_charger_count(b: MatrixBuilder, night: Night) -> Index:
    """(6.4) fewer chargers than packs bound the energy of a slot."""
    station = night.station
    slots = night.horizon.slots if station.chargers.count < len(station.packs) else 0
    return b.rows(slots, -np.inf, station.chargers.count * night.reach_full_kwh)


def _add_assignment(b: MatrixBuilder, types: Sequence[Jobs]) -> tuple[tuple[Index, ...], tuple[Index, ...]]:
    """(6.2) every pack does one thing; (6.3) every swap is served once, or lost."""
    pack_rows = tuple(b.rows(len(jobs.packs), 1.0, 1.0) for jobs in types)
    swap_rows = tuple(b.rows(len(jobs.swaps), 1.0, 1.0) for jobs in types)
    return pack_rows, swap_rows


def left_out_cost(night: Night, types: Sequence[Jobs]) -> float:
    """Dearer than losing any swap and charging any pack at any price: no mixture that can do without pays it."""
    station, series = night.station, night.tariff_series
    dearest_swap = max((swap.lost_cost for swap in station.swaps), default=0.0)
    largest_kwh = max((kind.target_kwh for kind in night.pack_types.values()), default=0.0)
    drawn_kwh = dearest_per_kwh(series) + dearest_per_kw(series) / night.horizon.slot_hours
    inside_kwh = max((jobs.wear_per_kwh + abs(jobs.end_value_per_kwh) for jobs in types), default=0.0)
    dearest_kwh = drawn_kwh / station.chargers.efficiency + inside_kwh
    return 10 * (1 + dearest_swap + largest_kwh * dearest_kwh)
