"""Section 1 of models/README.md (grid limit, solar power, bill) as arrays: the twin of `grid_bill`.

A test holds the arrays and the Pyomo model to the same programme.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

import numpy as np

from models.formulations.matrix import Array, Index, MatrixBuilder
from models.formulations.names import Indexed
from models.formulations.stepped_bill import demand_segments, energy_segments, highest_kw, peaks_above
from models.formulations.tier_bounds import HoursPart, hours_parts, least_cost
from models.station.instance import Night
from models.tariff.rate_steps import Segment, convex_groups
from models.tariff.series import TieredEnergy


@dataclass(frozen=True)
class GridColumns:
    """Columns of drawn and solar power (slots; −1 where there is no sun) and of billed peaks; rows of the balance.

    `stepped`: rows of (1.5); `rows`: all rows of section 1, one after the other.
    """

    drawn_kw: Index
    solar_kw: Index
    peak_kw: Index
    balance: Index
    stepped: Index
    rows: slice


def add_grid_and_bill(b: MatrixBuilder, night: Night) -> GridColumns:
    """(1.1)–(1.6). The caller puts −(kW drawn per unit) of whatever charges into the `balance` rows."""
    station, series, slots = night.station, night.tariff_series, night.horizon.slots
    cost = np.array(series.price_per_kwh) * night.horizon.slot_hours
    drawn = b.columns((slots,), 0.0, station.grid_limit_kw, cost, named="drawn_kw")
    balance = b.rows(slots, station.base_load_kw, station.base_load_kw, named="(1.1)")
    b.put(balance, drawn, 1.0)
    b.offset += station.fixed_cost
    sunny = np.flatnonzero(np.array(station.solar_kw) > 0)
    solar = np.full(slots, -1)
    most_solar_kw = np.array(station.solar_kw)[sunny]
    solar[sunny] = b.columns((len(sunny),), 0.0, most_solar_kw, named=Indexed("solar_kw", (sunny,)))
    b.put(balance[sunny], solar[sunny], 1.0)
    peaks, stepped = _add_peaks(b, night, drawn)
    stepped += _add_energy_tiers(b, night, drawn, peaks)
    rows = slice(int(balance[0]), b.row_count)
    return GridColumns(drawn, solar, peaks, balance, np.array(stepped, dtype=np.int64), rows)


def _add_peaks(b: MatrixBuilder, night: Night, drawn: Index) -> tuple[Index, list[int]]:
    """(1.2), (1.3): billed peaks above every metered average; only what exceeds the floor costs."""
    peaks, totals = [], []
    for d, demand in enumerate(night.tariff_series.demands):
        stepped = demand_segments(night, demand)
        floor_kw, high_kw = night.demand_floor_kw(demand), highest_kw(night, demand)
        plain = len(stepped) == 1
        rate = stepped[0].rate if plain else 0.0
        peak = b.columns((1,), floor_kw, high_kw, rate, named=Indexed("peak_kw", (d,)))
        peaks.append(peak[0])
        if plain:
            b.offset -= rate * floor_kw
        else:
            totals.append(_add_segments(b, stepped, floor_kw, ("kW", d)))
            b.put(totals[-1], peak, 1.0)
        if demand.intervals:
            count = len(demand.intervals)
            metered = b.rows(count, 0.0, named=Indexed("(1.2)", (d, np.arange(count))))
            b.put(metered, peak, 1.0)
            slots, shares = (np.array(part) for part in zip(*chain.from_iterable(demand.intervals), strict=True))
            rows = np.repeat(metered, [len(interval) for interval in demand.intervals])
            b.put(rows, drawn[slots], -shares)
    for one, above, more_kw in peaks_above(night):
        row = b.rows(1, -more_kw, named=Indexed("(1.9)", (one, above)))
        b.put(row, peaks[above], 1.0)
        b.put(row, peaks[one], -1.0)
    return np.array(peaks, dtype=np.int64), totals


def _add_energy_tiers(b: MatrixBuilder, night: Night, drawn: Index, peaks: Index) -> list[int]:
    """(1.4): what tiers add to the price of the kWh that tonight adds to the month's."""
    totals = []
    for e, tiers in enumerate(night.tariff_series.tiers):
        slots, shares = _shares(tiers)
        if tiers.counted is not None:
            _add_least_cost(b, night, tiers, drawn)
            continue
        if tiers.peak is not None:
            _add_hours(b, night, e, drawn, int(peaks[night.tariff_series.demands.index(tiers.peak)]))
            continue
        stepped = energy_segments(night, tiers)
        if len(stepped) == 1:
            b.add_cost(drawn[slots], stepped[0].rate * shares * night.horizon.slot_hours)
        else:
            totals.append(_add_segments(b, stepped, 0.0, ("kWh", e)))
            b.put(totals[-1], drawn[slots], shares * night.horizon.slot_hours)
    return totals


def _shares(tiers: TieredEnergy) -> tuple[Index, Array]:
    """Slots that count, and the shares of them that do."""
    slots, shares = zip(*tiers.slots, strict=True) if tiers.slots else ((), ())
    return np.array(slots, dtype=np.int64), np.array(shares, dtype=float)


def _add_least_cost(b: MatrixBuilder, night: Night, tiers: TieredEnergy, drawn: Index) -> None:
    """(1.8) of kWh in proportion, the most that is linear and nowhere above their cost."""
    least = least_cost(night, tiers)
    b.offset += least.constant
    for group, rate in ((tiers, least.own_per_kwh), (tiers.reaching, least.counted_per_kwh)):
        slots, shares = _shares(group)
        b.add_cost(drawn[slots], rate * shares * night.horizon.slot_hours)


def _add_hours(b: MatrixBuilder, night: Night, e: int, drawn: Index, peak: int) -> None:
    """(1.7) what lies above each threshold of hours of use, of tiers `e`."""
    tiers = night.tariff_series.tiers[e]
    slots, shares = _shares(tiers)
    kwh, so_far_kwh = shares * night.horizon.slot_hours, night.energy_so_far_kwh(tiers)
    for k, part in enumerate(hours_parts(night, tiers)):
        b.offset -= part.paid_so_far
        if part.is_passed:
            b.offset += part.change * so_far_kwh
            b.add_cost(drawn[slots], part.change * kwh)
            b.add_cost(np.array([peak]), -part.change * part.hours)
        elif not part.is_out_of_reach:
            above = b.columns((1,), part.low_kwh, part.high_kwh, part.change, named=Indexed("above_kwh", (e, k)))
            row = _above_threshold(b, part, above, so_far_kwh, (e, k))
            b.put(row, above, 1.0)
            b.put(row, drawn[slots], -kwh)
            b.put(row, peak, part.hours)


def _above_threshold(b: MatrixBuilder, part: HoursPart, above: Index, so_far_kwh: float, at: tuple[int, int]) -> Index:
    """The row of kWh − hours · peak − so far; with a binary where what lies above is cheaper."""
    lies_above, counted = Indexed("(1.7) above", at), Indexed("(1.7) counted", at)
    if part.change > 0:
        b.put(b.rows(1, 0.0, named=counted), above, 1.0)
        return b.rows(1, so_far_kwh, named=lies_above)
    begun = b.columns((1,), 0.0, 1.0, integer=True, named=Indexed("above_hours", at))
    most = b.rows(1, -np.inf, 0.0, named=counted)
    b.put(most, above, 1.0)
    b.put(most, begun, -part.high_kwh)
    row = b.rows(1, -np.inf, so_far_kwh - part.low_kwh, named=lies_above)
    b.put(row, begun, -part.low_kwh)
    return row


def _add_segments(b: MatrixBuilder, stepped: Sequence[Segment], base: float, of: tuple[str, int]) -> int:
    """(1.5) an amount above `base` as the sum of segments; (1.6) none before those ahead of a fall are full.

    `of`: "kW" and the number of the demand charge, "kWh" and that of the tiers.
    """
    widths = np.array([segment.width for segment in stepped])
    named = Indexed("part", (*of, np.arange(len(stepped))))
    parts = b.columns((len(stepped),), 0.0, widths, [segment.rate for segment in stepped], named=named)
    total = b.rows(1, base, base, named=Indexed("(1.5)", of))
    b.put(total, parts, -1.0)
    for run, (ahead, behind) in enumerate(pairwise(convex_groups(stepped))):
        begun = b.columns((1,), 0.0, 1.0, integer=True, named=Indexed("begun", (*of, run)))
        for what, group, low, high in (("full", ahead, 0.0, np.inf), ("begin", behind, -np.inf, 0.0)):
            rows = b.rows(len(group), low, high, named=Indexed(f"(1.6) {what}", (*of, run, group)))
            b.put(rows, parts[group], 1.0)
            b.put(rows, begun, -widths[group])
    return int(total[0])
