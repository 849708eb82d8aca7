"""Section 1 of models/README.md (grid limit, solar power, bill) as arrays: the twin of `grid_bill`.

A test holds the arrays and the Pyomo model to the same programme.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

import numpy as np

from models.instance import Night
from models.matrix import Index, MatrixBuilder


@dataclass(frozen=True)
class GridColumns:
    """Columns of drawn and solar power (slots; −1 where there is no sun) and of billed peaks; rows of the balance."""

    drawn_kw: Index
    solar_kw: Index
    peak_kw: Index
    balance: Index


def add_grid_and_bill(b: MatrixBuilder, night: Night) -> GridColumns:
    """(1.1)–(1.3). The caller puts −(kW drawn per unit) of whatever charges into the `balance` rows."""
    station, series, slots = night.station, night.tariff_series, night.horizon.slots
    cost = np.array(series.price_per_kwh) * night.horizon.slot_hours
    drawn = b.columns((slots,), 0.0, station.grid_limit_kw, cost)
    balance = b.rows(slots, station.base_load_kw, station.base_load_kw)
    b.put(balance, drawn, 1.0)
    sunny = np.flatnonzero(np.array(station.solar_kw) > 0)
    solar = np.full(slots, -1)
    solar[sunny] = b.columns((len(sunny),), 0.0, np.array(station.solar_kw)[sunny])
    b.put(balance[sunny], solar[sunny], 1.0)
    return GridColumns(drawn, solar, _add_peaks(b, night, drawn), balance)


def _add_peaks(b: MatrixBuilder, night: Night, drawn: Index) -> Index:
    """(1.2), (1.3): billed peaks above every metered average; only what exceeds the peak so far costs."""
    demands = night.tariff_series.demands
    most_kw = max(night.station.grid_limit_kw)
    peaks = []
    for demand in demands:
        so_far_kw = night.station.peak_so_far_kw.get(demand.name, 0.0)
        peak = b.columns((1,), so_far_kw, max(so_far_kw, most_kw), demand.rate_per_kw)
        b.offset -= demand.rate_per_kw * so_far_kw
        peaks.append(peak[0])
        if demand.intervals:
            metered = b.rows(len(demand.intervals), 0.0)
            b.put(metered, peak, 1.0)
            slots, shares = (np.array(part) for part in zip(*chain.from_iterable(demand.intervals), strict=True))
            rows = np.repeat(metered, [len(interval) for interval in demand.intervals])
            b.put(rows, drawn[slots], -shares)
    return np.array(peaks, dtype=np.int64)
