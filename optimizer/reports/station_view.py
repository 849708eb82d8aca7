"""A station's plan made ready to be drawn: with its night, all there is; without it, what the plan alone says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from models.horizon import Horizon
from models.station.instance import RETURN_PREFIX, Night, returned_pack_id
from models.tolerances import CHARGING_KW
from optimizer.check.presence import Course, presence_of
from optimizer.formats.plan_document import PlannedStation
from optimizer.graphics.svg import Tick, bounded, number_text
from optimizer.graphics.text_chart import fitted
from optimizer.summaries.waits import Visit

MOST_COLUMNS = 288  # three days of quarter-hours; beyond this, columns are means over several slots
MOST_TICKS = 13
TICK_MINUTES = (15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080)
SLOT_STEPS = (1, 2, 4, 8, 12, 24, 48, 96, 192, 480, 960, 1920, 9600)
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


@dataclass(frozen=True)
class DrawnStay:
    """One pack in one bay in slots `came` … `leaves` − 1. `held_kwh` by slot start, empty where it is not known.

    `bay`: its place from top to bottom; `bay_name`: what the plan calls it.
    """

    pack: str
    bay: int
    came: int
    leaves: int
    power_kw: tuple[float, ...]
    swap: str | None = None
    kind: str = ""
    held_kwh: tuple[float, ...] = ()
    capacity_kwh: float = 0.0
    bay_name: int | str = ""

    @property
    def is_busy(self) -> bool:
        """Does the pack charge at all?"""
        return any(kw > CHARGING_KW for kw in self.power_kw)


@dataclass(frozen=True)
class DrawnColumns:
    """How slots are drawn: `slots` of them, `each` to a column."""

    slots: int

    @property
    def each(self) -> int:
        """Slots in a column; the last one may have fewer."""
        return max(1, -(-self.slots // MOST_COLUMNS))

    def means(self, values: Sequence[float]) -> list[float]:
        """One mean a column."""
        return list(values) if self.each == 1 else fitted(values, MOST_COLUMNS)

    def span(self, column: int) -> tuple[int, int]:
        """First slot of a column, and the one after its last."""
        return column * self.each, min(self.slots, (column + 1) * self.each)


@dataclass(frozen=True)
class StationView:
    """What the charts of a station draw.

    `ticks`: places on the time axis, in slots, and their names. `kinds`: pack types in the order of their colours.
    """

    planned: PlannedStation
    night: Night | None
    columns: DrawnColumns
    stays: tuple[DrawnStay, ...]
    ticks: tuple[Tick, ...]
    kinds: tuple[str, ...] = field(default=())

    @property
    def slots(self) -> int:
        """Length of the horizon."""
        return self.columns.slots

    @property
    def solar_kw(self) -> tuple[float, ...]:
        """Solar power used by slot; none where the plan's series does not fit."""
        used_kw = self.planned.solar_used_kw
        return tuple(map(bounded, used_kw)) if len(used_kw) == self.slots else (0.0,) * self.slots

    @cached_property
    def drawn_kw(self) -> list[float]:
        """Drawn from the grid by slot; without the night, what goes into packs."""
        rows = [stay.power_kw for stay in self.stays if stay.is_busy]
        into_kw = [sum(kw) for kw in zip(*rows, strict=True)] or [0.0] * self.slots
        if self.night is None:
            return into_kw
        station = self.night.station
        series = zip(into_kw, station.base_load_kw, self.solar_kw, strict=True)
        return [kw / station.chargers.efficiency + base - sun for kw, base, sun in series]

    @cached_property
    def visits(self) -> tuple[Visit, ...]:
        """The stays as packs that come, become ready and leave; none without the night."""
        if self.night is None:
            return ()
        return tuple(Visit(s.pack, s.kind, s.came, s.leaves, s.held_kwh, s.swap) for s in self.stays)

    def time(self, slot: int) -> str:
        """When a slot begins, as people say it."""
        if self.night is None:
            return f"slot {slot}"
        return f"{self.night.horizon.local_slot_start(slot):%H:%M}"

    def span(self, first: int, end: int) -> str:
        """From the start of one slot to the start of another."""
        if self.night is None:
            return f"slot {first}" if end == first + 1 else f"slots {first} to {end - 1}"
        return f"{self.time(first)} to {self.time(end)}"

    def hue(self, stay: DrawnStay) -> int:
        """Number of the colour of a stay: that of its pack type."""
        return self.kinds.index(stay.kind) if stay.kind in self.kinds else 0


def view_of(planned: PlannedStation, night: Night | None) -> StationView:
    """The station's plan, read as the checker reads it where its night is known. Raises nothing, however broken."""
    if night is None:
        slots = max((len(row.power_kw) for row in planned.packs), default=0)
        slots = max([slots, 1, *(served.slot + 1 for served in planned.hand_overs if served.slot < 10**5)])
        return StationView(planned, None, DrawnColumns(slots), tuple(_stays_alone(planned, slots)), _slot_ticks(slots))
    courses = presence_of(night, planned.schedule).courses
    stays = tuple(_stay(course, night) for course in courses)
    kinds = tuple(kind for kind in night.pack_types if any(stay.kind == kind for stay in stays))
    return StationView(planned, night, DrawnColumns(night.horizon.slots), stays, clock_ticks(night.horizon), kinds)


def _stay(course: Course, night: Night) -> DrawnStay:
    stay, slots = course.stay, night.horizon.slots
    return DrawnStay(
        pack=stay.pack,
        bay=stay.bay,
        came=max(0, stay.came),
        leaves=min(slots, stay.leaves),
        power_kw=tuple(bounded(kw) for kw in course.power_kw),
        swap=None if stay.given_to is None else stay.given_to.id,
        kind=stay.kind.id,
        held_kwh=tuple(bounded(kwh) for kwh in course.held_kwh),
        capacity_kwh=stay.kind.capacity_kwh,
        bay_name=night.station.bay_label(stay.bay),
    )


def _stays_alone(planned: PlannedStation, slots: int) -> Iterator[DrawnStay]:
    """Packs of the start come in slot 0, returned ones when their driver does."""
    given = {served.pack: served for served in planned.hand_overs}
    slot_of = {served.pack: served.slot for served in planned.hand_overs}
    comes = {returned_pack_id(swap): slot_of[pack] for swap, pack in planned.schedule.by_swap().items()}
    names = list(dict.fromkeys(row.bay for row in planned.packs))
    for row in planned.packs:
        served, bay = given.get(row.pack), row.bay if isinstance(row.bay, int) else names.index(row.bay)
        leaves = slots if served is None else min(slots, served.slot)
        came = min(comes.get(row.pack, 0), slots) if row.pack.startswith(RETURN_PREFIX) else 0
        power_kw = tuple(bounded(max(0.0, kw)) for kw in (*row.power_kw, *(0.0,) * (slots - len(row.power_kw))))
        swap = None if served is None else served.swap
        yield DrawnStay(row.pack, bay, came, max(came, leaves), power_kw, swap, bay_name=row.bay)


def clock_ticks(horizon: Horizon) -> tuple[Tick, ...]:
    """Round local times, far enough apart to be read; the date under the first one and under each midnight."""
    minutes = horizon.slots * horizon.slot_minutes
    step = next((step for step in TICK_MINUTES if minutes / step <= MOST_TICKS - 1), TICK_MINUTES[-1])
    ticks: list[Tick] = []
    for minute in range(-horizon.local_slot_start(0).minute % 15, minutes + 1, 15):
        local = (horizon.start + timedelta(minutes=minute)).astimezone(horizon.zone)
        since = (local.date().toordinal() - 1) * 1440 + local.hour * 60 + local.minute  # ordinal 1 is a Monday
        if since % step == 0:
            ticks.append((minute / horizon.slot_minutes, _tick_name(local, is_first=not ticks)))
    return tuple(ticks)


def _tick_name(local: datetime, *, is_first: bool) -> str:
    date = f"\n{day_name(local)}" if is_first or (local.hour, local.minute) == (0, 0) else ""
    return f"{local:%H:%M}{date}"


def day_name(local: datetime) -> str:
    """A date as people write it, whatever the system's language."""
    return f"{local.day} {MONTHS[local.month - 1]}"


def _slot_ticks(slots: int) -> tuple[Tick, ...]:
    step = next((step for step in SLOT_STEPS if slots / step <= MOST_TICKS), slots)
    return tuple((float(slot), number_text(slot)) for slot in range(0, slots + 1, step))
