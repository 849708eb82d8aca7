"""A played day as a plan of its own night, for the checker, the bill, and whoever wants to see it."""

from __future__ import annotations

import numpy as np

from models.station.drawn_days import DrawnDays, night_on
from models.station.instance import Night
from models.station.must_serve import told_unserved
from models.station.schedule import HandOver, PackRow, Schedule
from optimizer.simulate.drivers import reservations
from optimizer.simulate.play import PlayedDays
from optimizer.simulate.station_arrays import Floats


def played_schedule(played: PlayedDays, days: DrawnDays, day: int) -> tuple[Night, Schedule]:
    """The night that the day was, and what was done. Raises ValueError where powers were not kept."""
    if played.power_kw is None:
        raise ValueError("the powers of played days were not kept")
    night = night_on(played.night, days, day)
    station, power_kw = night.station, played.power_kw[:, day, :]
    standing = [pack.id for pack in station.packs]
    came = [0] * len(standing)
    rows, hand_overs = list[PackRow](), list[HandOver]()
    for swap_number, columns in _served(played, days, day):
        swap = station.swaps[swap_number]
        for part, column in enumerate(columns):
            hand_overs.append(HandOver(swap.id, standing[column]))
            rows.append(_row(night, standing[column], column, power_kw, came[column], swap.slot))
            came[column] = swap.slot
            standing[column] = swap.returned_packs[part] if swap.returned_packs else ""
    rows += [
        _row(night, pack, column, power_kw, came[column], night.horizon.slots)
        for column, pack in enumerate(standing)
        if pack
    ]
    solar = tuple(played.solar_used_kw[day].tolist()) if any(station.solar_kw) else ()
    short = np.maximum(0, np.array(station.ready_reserve) - played.ready[day])
    plan = Schedule(
        station.id, tuple(rows), tuple(hand_overs), solar, tuple(short.tolist()) if short.any() else ()
    )  # fmt: skip
    return night, told_unserved(night, plan)


def _row(night: Night, pack: str, column: int, power_kw: Floats, first: int, end: int) -> PackRow:
    own = np.zeros(night.horizon.slots)
    own[first:end] = power_kw[first:end, column]
    return PackRow(pack, night.station.bay_label(night.station.bay_numbers[column]), tuple(own.tolist()))


def _served(played: PlayedDays, days: DrawnDays, day: int) -> list[tuple[int, list[int]]]:
    """Numbers of the day's served swaps in its night, with the columns of their packs, in order of time."""
    drivers = played.drivers
    certain = len(reservations(played.night))
    mine = np.flatnonzero((drivers.day == day) & (played.columns[:, 0] >= 0))
    before = days.of_day(day).start
    numbers = np.where(drivers.source[mine] < certain, drivers.source[mine], drivers.source[mine] - before)
    return [
        (int(number), [column for column in columns if column >= 0])
        for number, columns in zip(numbers.tolist(), played.columns[mine].tolist(), strict=True)
    ]
