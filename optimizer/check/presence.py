"""Who stands in which bay and when, and how much it holds, as a plan's own words have it: the checker's first half.

It believes nothing. A hand-over or a power that cannot be is reported and left out of what follows, so that one
defect is reported once and any plan, however broken, can be read to its end.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, compress

from models.station.instance import Night, Swap
from models.station.pack_type import PackType
from models.station.schedule import PackRow, Schedule
from models.tolerances import IDLE_KW

RULES = (
    "balance", "power", "min_power", "chargers", "plug_changes", "grid", "hand_over", "bays", "quarantine",
    "must_serve", "reserve",
)  # fmt: skip
BEFORE_THE_NIGHT = -1
Reported = float | int | str


@dataclass(frozen=True)
class Violation:
    """One rule broken at one place: what the plan says there, and what the rule allows.

    `rule` is one of RULES, or that of optimizer/check/end_state.py. Powers are reported in kW, energies in kWh; what
    JSON has no number for is reported as text.
    """

    rule: str
    where: str
    found: Reported
    limit: Reported

    def __post_init__(self) -> None:
        object.__setattr__(self, "found", _fit_for_json(self.found))
        object.__setattr__(self, "limit", _fit_for_json(self.limit))


def is_number(value: float) -> bool:
    """Neither NaN nor infinite nor an integer that no float can hold."""
    return -sys.float_info.max <= value <= sys.float_info.max


def _fit_for_json(value: Reported) -> Reported:
    if isinstance(value, str) or is_number(value):
        return value
    return str(value) if isinstance(value, float) else "too large"


@dataclass(frozen=True)
class PackStay:
    """One pack's time in the station.

    It came at the first instant of slot `came` (BEFORE_THE_NIGHT for the packs of the start) with `arrival_kwh`,
    may charge from slot `charge_from` on, and leaves at the first instant of slot `leaves`, handed over to
    `given_to`; `leaves` is the number of slots for a pack that stays.
    """

    pack: str
    kind: PackType
    bay: int
    came: int
    charge_from: int
    leaves: int
    arrival_kwh: float
    given_to: Swap | None = None
    usable: bool = True

    def holds(self, slot: int) -> bool:
        """Is the pack in the station while `slot` runs?"""
        return self.came <= slot < self.leaves


@dataclass(frozen=True)
class Course:
    """A stay and its charging: `power_kw` of each slot, `held_kwh` at each slot's start and at the end of the last."""

    stay: PackStay
    power_kw: tuple[float, ...]
    held_kwh: tuple[float, ...]


@dataclass(frozen=True)
class Presence:
    """The courses of all packs that are ever there, and what could not be believed of the plan."""

    courses: tuple[Course, ...]
    violations: list[Violation] = field(default_factory=list)


def presence_of(night: Night, schedule: Schedule) -> Presence:
    """Read hand-overs and rows of any plan. Raises nothing."""
    found: list[Violation] = []
    stays = _stays(night, schedule, found)
    rows = _rows(night, schedule, stays, found)
    courses = tuple(_course(night, stay, rows.get(stay.pack), found) for stay in stays.values())
    return Presence(courses, found)


def _stays(night: Night, schedule: Schedule, found: list[Violation]) -> dict[str, PackStay]:
    stays = {stay.pack: stay for stay in _first_stays(night)}
    for swap, pack, number in _visits(night, schedule, found):
        if violation := _not_to_be_had(stays.get(pack), swap, pack):
            found.append(violation)
            continue
        given = stays[pack] = replace(stays[pack], leaves=swap.slot, given_to=swap)
        if swap.returned_soc is not None:
            name = swap.returned_packs[number]
            stays[name] = _returned_stay(night, swap, name, swap.returned_soc, given.bay)
    return stays


def _first_stays(night: Night) -> Iterator[PackStay]:
    """A pack stands in the bay that it states, or else in the first that is left."""
    slots = night.horizon.slots
    for bay, pack in zip(night.station.bay_numbers, night.station.packs, strict=True):
        kind = night.kind_of(pack.id, pack.type)
        kwh = pack.soc * kind.capacity_kwh
        yield PackStay(pack.id, kind, bay, BEFORE_THE_NIGHT, 0, slots, kwh, usable=pack.usable)


def _returned_stay(night: Night, swap: Swap, name: str, soc: float, bay: int) -> PackStay:
    kind = night.kind_of(name, swap.type)
    charge_from = swap.slot + night.station.turnaround_slots
    return PackStay(name, kind, bay, swap.slot, charge_from, night.horizon.slots, soc * kind.capacity_kwh)


def _visits(night: Night, schedule: Schedule, found: list[Violation]) -> list[tuple[Swap, str, int]]:
    """The swaps the plan serves, the packs it names for them, and which of a swap's packs each is; in order of time."""
    known = {swap.id: swap for swap in night.station.swaps}
    visits, handed = list[tuple[Swap, str, int]](), Counter[str]()
    for one in schedule.hand_overs:
        swap = known.get(one.swap)
        if swap is None:
            found.append(Violation("hand_over", f"swap {one.swap}", one.pack, "a swap of this station"))
        elif handed[swap.id] == swap.packs:
            limit = "one pack a swap" if swap.packs == 1 else f"{swap.packs} packs"
            found.append(Violation("hand_over", visit_place(swap), one.pack, limit))
        else:
            visits.append((swap, one.pack, handed[swap.id]))
            handed[swap.id] += 1
    found += (_torn(known[name], count) for name, count in handed.items() if count < known[name].packs)
    return sorted(visits, key=lambda visit: visit[0].slot)


def _torn(swap: Swap, count: int) -> Violation:
    """A swap of several packs is served fully or not at all."""
    packs = "1 pack" if count == 1 else f"{count} packs"
    return Violation("hand_over", visit_place(swap), packs, f"all {swap.packs} packs, or none")


def visit_place(swap: Swap) -> str:
    """How violations name a hand-over."""
    return f"swap {swap.id}, slot {swap.slot}"


def _not_to_be_had(stay: PackStay | None, swap: Swap, pack: str) -> Violation | None:
    """A pack that comes in a slot is not there at the slot's start, so it can leave one slot later at the earliest."""
    if stay is None or stay.came >= swap.slot:
        return Violation("hand_over", visit_place(swap), pack, "a pack in the station at the slot's start")
    if not stay.usable:
        return Violation("quarantine", visit_place(swap), pack, "a pack that is usable")
    if stay.given_to is not None:
        return Violation("hand_over", visit_place(swap), pack, "a pack not handed over before")
    return None


def _rows(night: Night, schedule: Schedule, stays: dict[str, PackStay], found: list[Violation]) -> dict[str, PackRow]:
    """The first row of each pack that is ever there. A pack without a row stands in its bay and never charges."""
    rows: dict[str, PackRow] = {}
    for row in schedule.rows:
        place = f"pack {row.pack}"
        if row.pack not in stays:
            found.append(Violation("balance", place, "a row", "no such pack is ever in the station"))
        elif row.pack in rows:
            found.append(Violation("bays", place, "a second row", "one row a pack"))
        else:
            rows[row.pack] = row
            own = night.station.bay_label(stays[row.pack].bay)
            if row.bay != own:
                found.append(Violation("bays", place, row.bay, own))
    return rows


def _course(night: Night, stay: PackStay, row: PackRow | None, found: list[Violation]) -> Course:
    slots = night.horizon.slots
    reported_kw = row.power_kw if row else (0.0,) * slots
    padded_kw = one_a_slot("power", f"pack {stay.pack}", reported_kw, slots, found)
    if not any(padded_kw):  # true of NaN
        return Course(stay, (0.0,) * slots, (stay.arrival_kwh,) * (slots + 1))
    power_kw = [0.0] * slots
    bars = _bars(night, stay)
    for slot in compress(range(slots), padded_kw):  # most slots have no power: they are passed over fast
        power_kw[slot] = _believed(stay, slot, padded_kw[slot], bars, found)
    charged_kwh = map(night.horizon.slot_hours.__mul__, power_kw)
    return Course(stay, tuple(power_kw), tuple(accumulate(charged_kwh, initial=stay.arrival_kwh)))


def one_a_slot(rule: str, where: str, values: Sequence[float], slots: int, found: list[Violation]) -> tuple[float, ...]:
    """`values` cut or filled up with zeros to one a slot; a violation of `rule` where that was needed."""
    if len(values) != slots:
        found.append(Violation(rule, where, f"{len(values)} values", f"{slots} values"))
    return (*values[:slots], *(0.0,) * (slots - len(values)))


def _bars(night: Night, stay: PackStay) -> str:
    """The rule that lets the pack have no power at all, if there is one."""
    if not stay.usable:
        return "quarantine"
    return "" if night.station.has_charger(stay.bay) else "bays"


def _believed(stay: PackStay, slot: int, kw: float, bars: str, found: list[Violation]) -> float:
    """The power as a number that can be reckoned with: 0 where the plan's cannot be."""
    place = f"pack {stay.pack}, slot {slot}"
    if not stay.holds(slot):
        if not -IDLE_KW <= kw <= IDLE_KW:
            found.append(Violation("balance", place, kw, 0))
        return 0.0
    if not is_number(kw):
        found.append(Violation("power", place, kw, "a finite number"))
        return 0.0
    if kw < -IDLE_KW:
        found.append(Violation("power", place, kw, 0))
        return 0.0
    if bars and kw > IDLE_KW:
        found.append(Violation(bars, place, kw, 0))
        return 0.0
    return float(kw)
