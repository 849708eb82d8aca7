"""What stands in the bays at some slot of a plan, and how it goes on until another one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from models.station.instance import Night, Pack
from models.station.schedule import Schedule
from models.station.stays import Stay, stays_of
from models.station.swap import RETURN_PREFIX, returned_pack_id
from optimizer.files.limits import MOST_CHARACTERS

BROUGHT_PREFIX = "r-"  # of packs that drivers have brought: the prefix of plans is not for packs of the start


@dataclass(frozen=True)
class StandingPack:
    """A pack in a bay (its number) and the energy in kWh that it holds."""

    id: str
    type: str
    bay: int
    energy_kwh: float
    temperature_c: float | None = None
    usable: bool = True

    def on(self, night: Night) -> Pack:
        """As a pack of the start of another night of the station."""
        soc = min(1.0, self.energy_kwh / night.pack_types[self.type].capacity_kwh)
        return Pack(self.id, self.type, soc, self.temperature_c, self.bay, self.usable)


@dataclass(frozen=True)
class PlannedBays:
    """A plan as stays by bay, with their powers in kW, one value a slot."""

    night: Night
    stays: Sequence[Stay]
    power_kw: Mapping[str, Sequence[float]]

    @classmethod
    def of(cls, night: Night, schedule: Schedule) -> PlannedBays:
        """Raises ValueError where the hand-overs are none of the night."""
        return cls(night, stays_of(night, schedule.by_swap()), {row.pack: row.power_kw for row in schedule.rows})

    @cached_property
    def names(self) -> Mapping[str, str]:
        """What each pack of the plan, and each that a driver of the night may bring, is called once it stands there."""
        own = [pack.id for pack in self.night.station.packs]
        brought = [returned_pack_id(swap.id) for swap in self.night.station.swaps]
        listed = list(dict.fromkeys([*own, *brought, *(stay.pack for stay in self.stays)]))
        return dict(zip(listed, own_names(listed), strict=True))

    def standing(self, slot: int) -> list[StandingPack]:
        """What stands in the bays when `slot` begins, before its drivers come; by bay."""
        known = {pack.id: pack for pack in self.night.station.packs}
        idle = [pack for pack in known.values() if not pack.usable]
        numbers = dict(zip(known, self.night.station.bay_numbers, strict=True))
        found = [self._pack(stay, slot) for stay in self.stays if self._is_there(stay, slot)]
        for pack in idle:
            capacity_kwh = self.night.pack_types[pack.type].capacity_kwh
            found.append(StandingPack(pack.id, pack.type, numbers[pack.id], pack.soc * capacity_kwh, usable=False))
        found = [replace(one, temperature_c=known[one.id].temperature_c) if one.id in known else one for one in found]
        return sorted(found, key=lambda one: one.bay)

    def _is_there(self, stay: Stay, slot: int) -> bool:
        came_before = stay.arrive < slot or not stay.pack.startswith(RETURN_PREFIX)
        return came_before and (stay.leave >= slot if stay.swap is not None else True)

    def _pack(self, stay: Stay, slot: int) -> StandingPack:
        charged_kwh = self.night.horizon.slot_hours * sum(self.power_kw.get(stay.pack, ())[:slot])
        return StandingPack(self.names[stay.pack], stay.type, stay.bay, stay.start_kwh + charged_kwh)

    def carried_on(self, packs: Sequence[StandingPack], minute: int, slot: int) -> list[StandingPack]:
        """What stands there when `slot` begins, if `packs` did `minute` minutes after the night's start and the plan
        is followed in between: set-points by bay, and the hand-overs of packs that stand where the plan has them."""
        by_bay = {pack.bay: pack for pack in packs}
        length = self.night.horizon.slot_minutes
        for t in range(minute // length, slot):
            if t * length > minute:
                self._hand_over(by_bay, t)
            hours = (min((t + 1) * length, slot * length) - max(t * length, minute)) / 60
            for bay, pack in by_bay.items():
                by_bay[bay] = self._charged(pack, t, hours)
        return [by_bay[bay] for bay in sorted(by_bay)]

    def _hand_over(self, by_bay: dict[int, StandingPack], slot: int) -> None:
        """The planned hand-overs of a slot, of the packs that stand in their bays; what comes back takes the bay."""
        for stay in self.stays:
            there = by_bay.get(stay.bay)
            if stay.swap is not None and stay.leave == slot and there is not None and there.id == self.names[stay.pack]:
                del by_bay[stay.bay]
        for stay in self.stays:
            if stay.arrive == slot and stay.pack.startswith(RETURN_PREFIX) and stay.bay not in by_bay:
                by_bay[stay.bay] = self._pack(stay, slot)

    def _charged(self, pack: StandingPack, slot: int, hours: float) -> StandingPack:
        stay = next((one for one in self.stays if one.bay == pack.bay and one.arrive <= slot < one.leave), None)
        if stay is None or not pack.usable:
            return pack
        kwh = hours * self.power_kw.get(stay.pack, (0.0,) * (slot + 1))[slot]
        target_kwh = self.night.pack_types[pack.type].target_kwh
        return replace(pack, energy_kwh=max(pack.energy_kwh, min(target_kwh, pack.energy_kwh + kwh)))


def own_names(packs: Sequence[str]) -> list[str]:
    """What packs of a plan are called once they stand in the station: those that drivers brought by the driver,
    `r-<swap id>`, with the least number behind it that no other pack there has. So no name grows from night to night.
    """
    taken = {name for name in packs if _own_name(name) == name}
    names = []
    for name in packs:
        own = name if name in taken else _free(_own_name(name), taken)
        taken.add(own)
        names.append(own)
    return names


def _free(name: str, taken: Collection[str]) -> str:
    """The name, with a number where it is taken, and no longer than a name may be."""
    found, number = name[:MOST_CHARACTERS], 1
    while found in taken:
        number += 1
        found = f"{name[: MOST_CHARACTERS - len(str(number)) - 1]}-{number}"
    return found


def _own_name(pack: str) -> str:
    """What a pack of a plan is called once it stands in the station."""
    return BROUGHT_PREFIX + pack.removeprefix(RETURN_PREFIX) if pack.startswith(RETURN_PREFIX) else pack
