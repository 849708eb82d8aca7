"""What could be added to a station, or asked of a driver, so that a lost swap is served: the kinds of repair."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Protocol

from models.station.bays.bay import Bay
from models.station.instance import Night, Pack, Swap
from models.station.overload import stated_kw
from optimizer.explain.mending import RepairKind

WHOLE_KW, TENTH_KW = 1.0, 0.1
SMALL_KW = 30.0  # a station of less is mended in tenths of a kW
MOST_TIMES = 4  # times their power that chargers are tried with where nothing says what packs take
MOST_PACKS_MORE = 64


class Addition(Protocol):
    """One kind of repair of one lost swap, in whole steps: 0 changes nothing, more never serves fewer drivers, but for
    a delay and for on/off chargers of more power."""

    @property
    def kind(self) -> RepairKind:
        """Its name."""

    def most_steps(self, night: Night, swap: Swap) -> int:
        """Beyond these, more is no help; 0: there is nothing to add."""

    def step(self, night: Night) -> float:
        """What one step adds: kW, packs, chargers, kW of each charger, or minutes."""

    def on(self, night: Night, swap: Swap, steps: int) -> Night:
        """The night with so many steps added."""


@dataclass(frozen=True)
class MoreGrid:
    """More grid limit in the slots from `begin` to before `end`; None: to the last."""

    begin: int = 0
    end: int | None = None
    kind: RepairKind = "grid_limit"

    def step(self, night: Night) -> float:
        """A whole kW, a tenth at small stations."""
        return TENTH_KW if max(stated_kw(night.station)) < SMALL_KW else WHOLE_KW

    def most_steps(self, night: Night, swap: Swap) -> int:
        """All chargers at full power beside the highest base load, in the slot of the lowest limit."""
        station = night.station
        chargers = station.chargers
        full_kw = chargers.count * chargers.max_kw / chargers.efficiency
        loads = zip(station.base_load_kw, stated_kw(station), strict=True)
        return max(0, math.ceil(max(full_kw + base - limit for base, limit in loads) / self.step(night)))

    def on(self, night: Night, swap: Swap, steps: int) -> Night:
        """On top of the limit that the file states: where the base load exceeds that, the excess comes first."""
        end = night.horizon.slots if self.end is None else self.end
        more_kw = steps * self.step(night)
        limit_kw = tuple(
            kw + (more_kw if self.begin <= slot < end else 0.0) for slot, kw in enumerate(stated_kw(night.station))
        )
        return replace(night, station=replace(night.station, grid_limit_kw=limit_kw, stated_limit_kw=()))


@dataclass(frozen=True)
class MorePacks:
    """More packs of the swap's type, charged to the target at the start, each in a bay of its own."""

    kind: RepairKind = "packs"

    def step(self, night: Night) -> float:
        """One pack."""
        return 1.0

    def most_steps(self, night: Night, swap: Swap) -> int:
        """As many as its drivers ask for in all."""
        asked = sum(one.packs for one in night.station.swaps if one.type == swap.type)
        return 0 if swap.pack is not None else min(asked, MOST_PACKS_MORE)

    def on(self, night: Night, swap: Swap, steps: int) -> Night:
        """In new bays: those that are there keep what they have."""
        return with_packs(night, swap.type, steps)


def with_packs(night: Night, kind: str, count: int) -> Night:
    """The night with so many more packs of a type, charged to its target, each in a new bay."""
    station = night.station
    known = [pack.temperature_c for pack in station.packs if pack.type == kind]
    taken = {pack.id for pack in station.packs} | {bay.name for bay in station.bay_list}
    names = _free_names("extra", taken, count)
    placed = tuple(replace(pack, bay=n) for pack, n in zip(station.packs, station.bay_numbers, strict=True))
    target = night.pack_types[kind].target_soc
    extra = tuple(
        Pack(name, kind, target, known[0] if known else None, station.bays + n) for n, name in enumerate(names)
    )
    bays = (*station.bay_list, *map(Bay, names)) if station.bay_list else ()
    return replace(night, station=replace(station, packs=placed + extra, bays=station.bays + count, bay_list=bays))


def _free_names(stem: str, taken: set[str], count: int) -> list[str]:
    names = (f"{stem}-{number}" for number in range(1, len(taken) + count + 1))
    return [name for name in names if name not in taken][:count]


@dataclass(frozen=True)
class MoreChargers:
    """More chargers like those that are there."""

    kind: RepairKind = "chargers"

    def step(self, night: Night) -> float:
        """One charger."""
        return 1.0

    def most_steps(self, night: Night, swap: Swap) -> int:
        """One for each pack that stands where it can be charged."""
        return max(0, night.station.packs_at_chargers - night.station.chargers.count)

    def on(self, night: Night, swap: Swap, steps: int) -> Night:
        """The bays stay."""
        chargers = replace(night.station.chargers, count=night.station.chargers.count + steps)
        return replace(night, station=replace(night.station, chargers=chargers))


@dataclass(frozen=True)
class MorePower:
    """More power of every charger, as far as packs take it."""

    kind: RepairKind = "charging_power"

    def step(self, night: Night) -> float:
        """A whole kW, a tenth for small chargers."""
        return TENTH_KW if night.station.chargers.max_kw < SMALL_KW / 2 else WHOLE_KW

    def most_steps(self, night: Night, swap: Swap) -> int:
        """Up to the most that any type takes; without a curve, to a full charge in a slot, within reason."""
        chargers, hours = night.station.chargers, night.horizon.slot_hours
        taken_kw = []
        for kind in night.pack_types.values():
            curves = [kind.acceptance, *(points for _, points in kind.acceptance_at_c)]
            most = max((kw for points in curves for _, kw in points), default=math.inf)
            taken_kw.append(min(most, kind.capacity_kwh / hours, MOST_TIMES * chargers.max_kw))
        return max(0, math.ceil((max(taken_kw) - chargers.max_kw) / self.step(night)))

    def on(self, night: Night, swap: Swap, steps: int) -> Night:
        """Their least power stays."""
        chargers = night.station.chargers
        chargers = replace(chargers, max_kw=chargers.max_kw + steps * self.step(night))
        return replace(night, station=replace(night.station, chargers=chargers))


@dataclass(frozen=True)
class Later:
    """The driver comes later."""

    kind: RepairKind = "delay"

    def step(self, night: Night) -> float:
        """Minutes of a slot."""
        return float(night.horizon.slot_minutes)

    def most_steps(self, night: Night, swap: Swap) -> int:
        """To the last slot."""
        return night.horizon.slots - 1 - swap.slot

    def on(self, night: Night, swap: Swap, steps: int) -> Night:
        """All others come as they were to."""
        swaps = (replace(one, slot=one.slot + steps * (one.id == swap.id)) for one in night.station.swaps)
        return replace(night, station=replace(night.station, swaps=tuple(swaps)))


ADDITIONS: tuple[Addition, ...] = (MoreGrid(), MorePacks(), MoreChargers(), MorePower(), Later())
