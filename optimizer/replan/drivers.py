"""LOG.csv: the drivers who really came, and whom of those expected they stand for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from models.errors import InvalidData, Problem, refuse
from models.rules import share_of_capacity
from models.station.instance import Night, Swap, returned_pack_id, unknown_type
from models.tolerances import EQUAL
from optimizer.carry.standing import BROUGHT_PREFIX, PlannedBays, StandingPack
from optimizer.files.csv_text import line_place
from optimizer.files.errors import InputErrors, did_you_mean
from optimizer.files.limits import MOST_NETWORK_BYTES
from optimizer.files.read_write import read_bytes, shown_name
from optimizer.tables.read_table import NUMBER, STAMP, TEXT, Column, TableRow, read_table
from optimizer.tables.reading import Reading, wrong_cell

KINDS = {"time": STAMP, "returned_soc": NUMBER}  # of the columns that are no texts
COLUMNS = ("time", "station", "type", "returned_soc", "swap")
SAME_MINUTES = 60  # a driver who comes so much before or after one who is expected is that one
LATE_MINUTES = 30  # so much later than expected a known driver may still come


@dataclass(frozen=True)
class LoggedDriver:
    """A driver who came: the line of the log, minutes after the night's start, and what the log says."""

    line: int
    station: str
    minute: int
    type: str
    returned_soc: float | None
    swap: str


@dataclass(frozen=True)
class Came:
    """Drivers of one station until now. `stands_for`: by line, the expected swap; others were not expected.

    `late`: known drivers who may still come; `missed`: those who are no longer waited for.
    """

    drivers: tuple[LoggedDriver, ...]
    stands_for: Mapping[int, Swap]
    late: tuple[Swap, ...]
    missed: tuple[Swap, ...]

    @property
    def unexpected(self) -> int:
        """How many came whom nobody expected."""
        return len(self.drivers) - len(self.stands_for)


def read_log(path: str, nights: Mapping[str, Night], at: datetime) -> tuple[list[LoggedDriver], tuple[str, ...]]:
    """The drivers of a log until `at`, by time, and what is to be told of how it was read.

    A file without a column `station` is for the only station.

    Stamps without an offset are on the local clock of the plan. Raises InputErrors, also where a stamp lies outside of
    the horizon's part that is over.
    """
    name = shown_name(path)
    try:
        zone = next(iter(nights.values())).horizon.zone
        columns = [
            Column(one, KINDS.get(one, TEXT), one == "time" or (one == "station" and len(nights) > 1))
            for one in COLUMNS
        ]
        table = read_table(read_bytes(path, MOST_NETWORK_BYTES), name, columns, Reading(zone))
        drivers = [_driver(row, nights, at) for row in table.rows]
    except InvalidData as error:
        raise InputErrors(name, error.problems) from None
    return sorted(drivers, key=lambda one: (one.minute, one.line)), table.notes


def _driver(row: TableRow, nights: Mapping[str, Night], at: datetime) -> LoggedDriver:
    place, cells = line_place(row.line), {name: cell for name, cell in row.cells.items() if isinstance(cell, str)}
    station = cells.get("station") or next(iter(nights))
    if station not in nights:
        remedy = did_you_mean(station, nights, f"its stations: {', '.join(nights)}")
        raise wrong_cell(f"{place}, station", station, "is no station of the plan", remedy)
    night = nights[station]
    when, soc = row.cells["time"], row.cells.get("returned_soc")
    assert isinstance(when, datetime) and not isinstance(soc, str | datetime)
    minute = _minute(f"{place}, time", when, night, at)
    kind = cells.get("type") or (next(iter(night.pack_types)) if len(night.pack_types) == 1 else "")
    if kind not in night.pack_types:
        refuse([unknown_type(f"{place}, type", kind, night.pack_types)])
    refuse(() if soc is None else share_of_capacity(f"{place}, returned_soc", soc))
    return LoggedDriver(row.line, station, minute, kind, soc, cells.get("swap", ""))


def _minute(place: str, instant: datetime, night: Night, at: datetime) -> int:
    begins = night.horizon.local_slot_start(0)
    if not night.horizon.start <= instant <= at:
        rule = f"must lie between the plan's start, {begins.isoformat()}, and --at, {at.isoformat()}"
        refuse([Problem(place, instant.isoformat(), rule, "leave the line out, or correct the stamp")])
    return int((instant - night.horizon.start).total_seconds() // 60)


def came_until(night: Night, drivers: Sequence[LoggedDriver], minute: int, begin: int) -> Came:
    """Whom the drivers who came by `minute` stand for; a rest that begins with slot `begin` waits for `late`.

    By the id of the swap, else the nearest one of the type within SAME_MINUTES, in order of time.
    """
    expected = {swap.id: swap for swap in night.station.swaps}
    stands_for = {one.line: expected.pop(one.swap) for one in drivers if one.swap in expected}
    for one in drivers:
        if one.line not in stands_for and (found := _nearest(one, list(expected.values()), night)) is not None:
            stands_for[one.line] = expected.pop(found.id)
    length = night.horizon.slot_minutes
    due = [swap for swap in expected.values() if swap.forecast is None and swap.slot < begin]
    late = tuple(swap for swap in due if minute - swap.slot * length <= LATE_MINUTES)
    return Came(tuple(drivers), stands_for, late, tuple(swap for swap in due if swap not in late))


def _nearest(driver: LoggedDriver, swaps: Sequence[Swap], night: Night) -> Swap | None:
    away = [(abs(swap.slot * night.horizon.slot_minutes - driver.minute), swap.slot, n) for n, swap in enumerate(swaps)
            if swap.type == driver.type]  # fmt: skip
    minutes, _, index = min(away, default=(SAME_MINUTES + 1, 0, 0))
    return swaps[index] if minutes <= SAME_MINUTES else None


def played_until(planned: PlannedBays, came: Came, slot: int) -> list[StandingPack]:
    """What stands in the bays when `slot` begins if these drivers came and the set-points of the bays were followed.

    A driver gets the planned pack if it is ready, else the emptiest one that is; nobody else gets it.
    """
    night = planned.night
    by_bay = {pack.bay: pack for pack in planned.standing(0)}
    length = night.horizon.slot_minutes
    for t in range(slot):
        for driver in came.drivers:
            if driver.minute // length == t:
                _hand_over(by_bay, driver, came.stands_for.get(driver.line), planned)
        for pack in planned.carried_on(list(by_bay.values()), t * length, t + 1) if by_bay else ():
            by_bay[pack.bay] = pack
    return [by_bay[bay] for bay in sorted(by_bay)]


def _hand_over(by_bay: dict[int, StandingPack], driver: LoggedDriver, swap: Swap | None, planned: PlannedBays) -> None:
    night = planned.night
    kind = night.pack_types[driver.type]
    need_kwh = kind.swap_kwh if swap is None else night.needed_kwh(swap)
    ready = [one for one in by_bay.values()
             if one.type == driver.type and one.usable and one.energy_kwh >= need_kwh - EQUAL]  # fmt: skip
    own = {stay.bay for stay in planned.stays if swap is not None and stay.swap == swap.id}
    chosen = min(ready, key=lambda one: (one.bay not in own, one.energy_kwh, one.bay), default=None)
    if chosen is None:
        return
    soc = driver.returned_soc if driver.returned_soc is not None or swap is None else swap.returned_soc
    del by_bay[chosen.bay]
    if soc is not None:
        brought = _unexpected(driver, planned) if swap is None else planned.names[returned_pack_id(swap.id)]
        by_bay[chosen.bay] = StandingPack(brought, driver.type, chosen.bay, soc * kind.capacity_kwh)


def _unexpected(driver: LoggedDriver, planned: PlannedBays) -> str:
    """The name of what a driver brought of whom the night knows nothing; no other pack has it."""
    name = f"{BROUGHT_PREFIX}line-{driver.line}"
    while name in planned.names.values():
        name += "-2"
    return name
