"""Who waits for what: when each pack handed over was ready and how long before its driver; what lost swaps lacked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from models.station.acceptance import reach_of_kind
from models.station.instance import RETURN_PREFIX, Night, Swap
from models.station.schedule import Schedule
from models.station.stays import stays_of
from models.tolerances import CHARGING_KW, ENERGY_KWH, POWER_KW

POWER_LEFT = "power was left to charge it"


@dataclass(frozen=True)
class Visit:
    """A pack in the station in slots `came` … `leaves` − 1. `held_kwh`: at each slot's start and the end of the last.

    `swap`: id of the swap, or of its part, that gets it; None: it stays.
    """

    pack: str
    kind: str
    came: int
    leaves: int
    held_kwh: Sequence[float]
    swap: str | None = None

    def ready_slot(self, need_kwh: float) -> int | None:
        """The first slot at whose start it holds so much; None: it leaves, or the horizon ends, with less."""
        slots = range(self.came, self.leaves + 1)
        return next((slot for slot in slots if self.held_kwh[slot] >= need_kwh - ENERGY_KWH), None)

    def is_here(self, slot: int) -> bool:
        """May it be handed over in `slot`? What comes in a slot may leave in the next one at the earliest."""
        first = self.came + self.pack.startswith(RETURN_PREFIX)
        return first <= slot <= self.leaves


@dataclass(frozen=True)
class Wait:
    """A hand-over: in `slot` the pack goes to `swap`, ready since the start of slot `ready` (None: it never was)."""

    swap: str
    pack: str
    slot: int
    ready: int | None

    @property
    def slack(self) -> int | None:
        """Slots for which the pack was ready before its driver came."""
        return None if self.ready is None else self.slot - self.ready


@dataclass(frozen=True)
class Lack:
    """What a lost swap lacked: in few words, the same ones for the same cause, and in full."""

    cause: str
    words: str


def visits_of(night: Night, schedule: Schedule) -> list[Visit]:
    """Those of a plan that keeps every rule. Raises ValueError where its hand-overs cannot be."""
    rows = {row.pack: row.power_kw for row in schedule.rows}
    hours, slots = night.horizon.slot_hours, night.horizon.slots
    visits = []
    for stay in stays_of(night, schedule.by_swap()):
        gains_kwh = [kw * hours for kw in rows.get(stay.pack, (0.0,) * slots)]
        held_kwh = tuple(accumulate(gains_kwh, initial=stay.start_kwh))
        visits.append(Visit(stay.pack, stay.type, stay.arrive, stay.leave, held_kwh, stay.swap))
    return visits


def _ready_slots(night: Night, visits: Sequence[Visit]) -> Iterator[int | None]:
    """When each pack is ready: for its driver, or else for any."""
    swaps = (*night.station.swaps, *night.by_pack.station.swaps)
    needs_kwh = {swap.id: night.needed_kwh(swap) for swap in swaps}
    for visit in visits:
        usual_kwh = night.pack_types[visit.kind].swap_kwh
        yield visit.ready_slot(usual_kwh if visit.swap is None else needs_kwh[visit.swap])


def waits_of(night: Night, visits: Sequence[Visit]) -> list[Wait]:
    """All hand-overs, in the order of time."""
    given = zip(visits, _ready_slots(night, visits), strict=True)
    waits = [Wait(v.swap, v.pack, v.leaves, ready) for v, ready in given if v.swap is not None]
    return sorted(waits, key=lambda wait: (wait.slot, wait.swap))


def tightest(waits: Sequence[Wait]) -> Wait | None:
    """The hand-over whose pack was ready for the shortest time, the first of several; None where there is none."""
    known = [(wait.slack, wait) for wait in waits if wait.slack is not None]
    return min(known, key=lambda one: one[0])[1] if known else None


def hours_and_minutes(night: Night, slots: int) -> str:
    """So many slots as people say how long they are: "2:15"."""
    return told_minutes(slots * night.horizon.slot_minutes)


def told_minutes(minutes: int) -> str:
    """As people say them: "2:15"."""
    return f"{minutes // 60}:{minutes % 60:02}"


def ready_by_slot(night: Night, visits: Sequence[Visit]) -> list[int]:
    """How many packs hold at least S of their type in each slot, once its swaps are done."""
    ready = [0] * night.horizon.slots
    for visit in visits:
        first = visit.ready_slot(night.pack_types[visit.kind].swap_kwh)
        for slot in range(visit.leaves if first is None else first, visit.leaves):
            ready[slot] += 1
    return ready


def readied_by_slot(night: Night, visits: Sequence[Visit]) -> list[int]:
    """How many packs become ready at the start of each slot; those that are ready when the night begins in none."""
    readied = [0] * (night.horizon.slots + 1)
    for slot in filter(None, _ready_slots(night, visits)):
        readied[slot] += 1
    return readied[:-1]


def lack_of(night: Night, visits: Sequence[Visit], swap: Swap) -> Lack:
    """What the plan of `visits` lacks to serve `swap`, which is none of its hand-overs."""
    here = [v for v in visits if v.kind == swap.type and v.is_here(swap.slot) and swap.pack in (None, v.pack)]
    if not here:
        what = f"no pack of type {swap.type}" if swap.pack is None else f"pack {swap.pack} not"
        return Lack("no pack there", f"{what} in the station")
    need_kwh = night.needed_kwh(swap) - ENERGY_KWH
    charged = [visit for visit in here if visit.held_kwh[swap.slot] >= need_kwh]
    kept = [visit for visit in charged if visit.leaves > swap.slot]
    if len(kept) >= swap.packs:
        return Lack("charged packs kept for others", _kept(night, kept))
    less = [visit for visit in here if visit not in charged]
    if not less:
        return Lack("no pack there", f"all {_packs(here)} of the type go to other drivers then")
    return _uncharged(night, visits, swap, less, len(charged))


def _packs(visits: Sequence[Visit]) -> str:
    return "1 pack" if len(visits) == 1 else f"{len(visits)} packs"


def _kept(night: Night, kept: Sequence[Visit]) -> str:
    later = sorted((visit.leaves, visit.swap) for visit in kept if visit.swap is not None)
    parts = [f"for {swap} at {_clock(night, slot)}" for slot, swap in later[:1]]
    parts += [f"{len(later) - 1} for later ones"] if len(later) > 1 else []
    parts += [f"{len(kept) - len(later)} to the end"] if len(later) < len(kept) else []
    return f"{_packs(kept)} charged, but kept: {', '.join(parts)}"


def _clock(night: Night, slot: int) -> str:
    return f"{night.horizon.local_slot_start(slot):%H:%M}"


def _uncharged(night: Night, visits: Sequence[Visit], swap: Swap, less: Sequence[Visit], charged: int) -> Lack:
    need_kwh = night.needed_kwh(swap)
    fullest = max(less, key=lambda visit: visit.held_kwh[swap.slot])
    held = f"{fullest.pack} holds {fullest.held_kwh[swap.slot]:,.1f} of {need_kwh:,.1f} kWh"
    others = f"{charged} charged, of {charged + len(less)} packs; " if charged else ""
    chargeable = [visit for visit in less if _most_kwh(night, visit, swap.slot) >= need_kwh - ENERGY_KWH]
    if not chargeable:
        return Lack("too little time to charge", f"{others}{held}: too little time, even at full power")
    causes = [_hindrance(night, visits, visit, swap.slot) for visit in chargeable]
    cause = POWER_LEFT if POWER_LEFT in causes else causes[0]
    return Lack(cause, f"{others}{held}: {cause}")


def _first_slot(night: Night, visit: Visit) -> int:
    return visit.came + (night.station.turnaround_slots if visit.pack.startswith(RETURN_PREFIX) else 0)


def _most_kwh(night: Night, visit: Visit, slot: int) -> float:
    """What the pack would hold at the start of `slot`, had it charged at full power since it came."""
    kind = night.kind_of(visit.pack, visit.kind)
    reach = reach_of_kind(kind, night.station.chargers.max_kw, night.horizon.slot_hours)
    energy_kwh = visit.held_kwh[visit.came]
    for _ in range(_first_slot(night, visit), slot):
        energy_kwh = reach.after_kwh(energy_kwh)
    return energy_kwh


def _hindrance(night: Night, visits: Sequence[Visit], visit: Visit, slot: int) -> str:
    """Why the pack does not charge more before `slot`: chargers or grid in use in every slot in which it is idle."""
    idle = [t for t in range(_first_slot(night, visit), slot) if _power_kw(night, visit, t) <= CHARGING_KW]
    no_charger = [t for t in idle if _charging(night, visits, t) >= night.station.chargers.count]
    no_grid = [t for t in idle if _is_grid_full(night, visits, t)]
    if idle and len(no_charger) == len(idle):
        return "all chargers in use"
    if idle and len(no_grid) == len(idle):
        return "the grid limit is reached"
    if idle and len({*no_charger, *no_grid}) == len(idle):
        return "chargers or the grid limit in full use"
    return POWER_LEFT if idle else "it charges all the time, not at full power"


def _power_kw(night: Night, visit: Visit, slot: int) -> float:
    return (visit.held_kwh[slot + 1] - visit.held_kwh[slot]) / night.horizon.slot_hours


def _charging(night: Night, visits: Sequence[Visit], slot: int) -> int:
    return sum(_power_kw(night, visit, slot) > CHARGING_KW for visit in visits if visit.came <= slot < visit.leaves)


def _is_grid_full(night: Night, visits: Sequence[Visit], slot: int) -> bool:
    into_kw = sum(_power_kw(night, visit, slot) for visit in visits if visit.came <= slot < visit.leaves)
    station = night.station
    drawn_kw = into_kw / station.chargers.efficiency + station.base_load_kw[slot] - station.solar_kw[slot]
    least_kw = station.chargers.min_kw if station.chargers.mode == "continuous" else station.chargers.max_kw
    return drawn_kw + least_kw / station.chargers.efficiency >= station.grid_limit_kw[slot] - 1000 * POWER_KW
