"""The inputs of a night in groups that can be exchanged one by one for those of another night of the same station.

Slots stand for slots: what holds in slot 20 of one night is put into slot 20 of the other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from models.errors import InvalidData
from models.station.instance import Night, Station
from models.station.pack_type import PackType
from models.station.packs.pack import Pack
from models.station.swap import Swap
from models.tariff.tariff import Tariff, classes_settled
from optimizer.engine.month.month_days import days_after
from optimizer.engine.month.month_weights import is_month_aware

Group = Literal["prices", "drivers", "packs", "site", "equipment", "month"]
GROUPS: tuple[Group, ...] = ("prices", "drivers", "packs", "site", "equipment", "month")
Part = tuple[Group, ...]
"""Groups of inputs that are exchanged at once: one, or such as only fit together."""

TOGETHER: tuple[Part, ...] = (
    ("packs", "equipment"), ("drivers", "equipment"), ("site", "equipment"), ("drivers", "packs", "equipment"), GROUPS,
)  # fmt: skip
"""What is tried where some mixture is no night: a pack without a bay, a driver who wants more than a pack's target."""

DRIVERS = ("swaps", "expected")
PACKS = ("packs", "temperature_c")
SITE = ("base_load_kw", "solar_kw")
MONTH = ("peak_so_far_kw", "energy_so_far_kwh", "lookback_peak_kw")
NOT_INPUTS = ("id", "tariff", "fixed_cost", "stated_limit_kw")  # stated_limit_kw is put back by Night
EQUIPMENT = tuple(one.name for one in fields(Station) if one.name not in (*DRIVERS, *PACKS, *SITE, *MONTH, *NOT_INPUTS))
OF_STATION: Mapping[Group, tuple[str, ...]] = {
    "drivers": DRIVERS, "packs": PACKS, "site": SITE, "equipment": EQUIPMENT, "month": MONTH,
}  # fmt: skip


@dataclass(frozen=True)
class NightPair:
    """One station on two nights of equal slots. Both are as their files say: limits not raised for the base load."""

    old: Night
    new: Night

    def differing(self) -> tuple[Group, ...]:
        """The groups in which the nights differ, in the order of GROUPS."""
        found = {group for group in GROUPS if _differs(group, self.old, self.new)}
        return tuple(group for group in GROUPS if group in found)

    def mixed(self, from_new: Collection[Group]) -> Night:
        """The old night with these groups of the new one. Raises InvalidData where they do not fit together."""
        source = self._sources(from_new)
        parts = {name: _stated(source[group].station, name) for group, names in OF_STATION.items() for name in names}
        parts["swaps"] = tuple(_without_lost_wish(parts["swaps"], parts["packs"]))
        kinds = _pack_types(source["equipment"], source["prices"], (self.old, self.new))
        tariff = _tariff(source["prices"], source["month"])
        station = replace(source["month"].station, tariff=tariff, stated_limit_kw=(), **parts)
        return Night(source["month"].horizon, kinds, station)

    def _sources(self, from_new: Collection[Group]) -> dict[Group, Night]:
        """Whose group it is. Dates go with the month; where only prices or only the month differ, both go together, so
        that the tariff need not be told slot by slot."""
        source = {group: self.new if group in from_new else self.old for group in GROUPS}
        differing = self.differing()
        if "month" not in differing:
            source["month"] = source["prices"]
        elif "prices" not in differing:
            source["prices"] = source["month"]
        return source


def finest_grouping(pair: NightPair) -> tuple[Part, ...]:
    """The finest way to take the difference apart of which every mixture is a night that can be planned: where bays and
    packs, or drivers and pack types, only fit together, they are one part; at worst all is one, the nights themselves.
    """
    return next(parts for parts in _groupings(pair.differing()) if _are_all_nights(pair, parts))


def _groupings(apart: Sequence[Group]) -> Iterator[tuple[Part, ...]]:
    """The finest first."""
    yield tuple((group,) for group in apart)
    for together in TOGETHER:
        merged = tuple(group for group in apart if group in together)
        if len(merged) > 1:
            others = [(group,) for group in apart if group not in together]
            yield (merged, *others)


def _are_all_nights(pair: NightPair, parts: Sequence[Part]) -> bool:
    if len(parts) < 2:
        return True
    try:
        return all(
            pair.mixed([group for n, part in enumerate(parts) if mask >> n & 1 for group in part]).can_be_planned()
            for mask in range(2 ** len(parts))
        )
    except InvalidData:
        return False


def _differs(group: Group, old: Night, new: Night) -> bool:
    if group == "prices":
        return _prices(old) != _prices(new)
    if group == "month":
        return _month(old) != _month(new)
    if group == "drivers":
        return _drivers(old) != _drivers(new)
    if group == "packs":
        named = any(swap.pack is not None for night in (old, new) for swap in night.station.swaps)
        return _packs(old, named=named) != _packs(new, named=named)
    if group == "equipment" and _kinds(old) != _kinds(new):
        return True
    return any(_stated(old.station, name) != _stated(new.station, name) for name in OF_STATION[group])


def _prices(night: Night) -> object:
    """What a kWh costs in each slot, and what is stated of its worth at the end."""
    return night.tariff_series.price_per_kwh, {name: kind.end_value_per_kwh for name, kind in _used(night).items()}


def _month(night: Night) -> object:
    """Demand charges and tiers with their weights, what they begin with, and the days that plans look at."""
    series, station = night.tariff_series, night.station
    demands = [(one.name, one.steps, one.intervals, night.demand_floor_kw(one)) for one in series.demands]
    tiers = [(one.name, one.steps, one.slots, night.energy_so_far_kwh(one)) for one in series.tiers]
    charges = [charge for charge in station.tariff.demand_charges if is_month_aware(night, charge)]
    return demands, tiers, [(days_after(night, charge=charge), charge.weight) for charge in charges]


def _drivers(night: Night) -> object:
    """Who comes, whatever a driver is called."""
    swaps = (replace(swap, id="", forecast=None) for swap in night.station.swaps)
    return sorted(swaps, key=repr), [replace(one, id="") for one in night.station.expected]


def _packs(night: Night, *, named: bool) -> object:
    """What stands there; what a pack is called counts only where a driver asks for it by name."""
    packs = [pack if named else replace(pack, id="") for pack in night.station.packs]
    return sorted(packs, key=repr), night.station.temperature_c


def _used(night: Night) -> dict[str, PackType]:
    """The types of its packs and drivers: a network's file knows others, too."""
    used = {pack.type for pack in night.station.packs} | {swap.type for swap in night.station.swaps}
    return {name: kind for name, kind in night.pack_types.items() if name in used}


def _kinds(night: Night) -> dict[str, PackType]:
    return {name: replace(kind, end_value_per_kwh=None) for name, kind in night.pack_types.items()}


def _stated(station: Station, name: str) -> Any:
    """A field as the file has it."""
    if name == "grid_limit_kw" and station.stated_limit_kw:
        return station.stated_limit_kw
    return getattr(station, name)


def _without_lost_wish(swaps: Collection[Swap], packs: Collection[Pack]) -> Iterator[Swap]:
    """A driver who asks for a pack by name that is not there takes any pack of the type."""
    there = {(pack.id, pack.type) for pack in packs}
    for swap in swaps:
        yield swap if swap.pack is None or (swap.pack, swap.type) in there else replace(swap, pack=None)


def _pack_types(equipment: Night, prices: Night, both: Collection[Night]) -> dict[str, PackType]:
    """Types as of `equipment`, their worth at the end as of `prices`; what only the other night knows is added."""
    kinds: dict[str, PackType] = {}
    for night in (*both, equipment):
        kinds |= night.pack_types
    worth = {name: kind.end_value_per_kwh for night in (*both, prices) for name, kind in night.pack_types.items()}
    return {name: replace(kind, end_value_per_kwh=worth[name]) for name, kind in kinds.items()}


def _tariff(prices: Night, month: Night) -> Tariff:
    """The demand charges and tiers of one night with the slot prices of the other."""
    if prices is month:
        return prices.station.tariff
    per_kwh = prices.tariff_series.price_per_kwh
    tariff = classes_settled(month.station.tariff)
    return replace(tariff, energy_periods=(), price_series=None, energy_price_per_kwh=per_kwh)


def not_comparable(old: Night, new: Night) -> str:
    """Why slots of one night say nothing of slots of the other; empty: they do."""
    one, other = old.horizon, new.horizon
    if one.time_zone != other.time_zone:
        return f"other time zone: {one.time_zone}, then {other.time_zone}"
    if one.slot_minutes != other.slot_minutes:
        return f"slots of other length: {one.slot_minutes}, then {other.slot_minutes} minutes"
    if one.slots != other.slots:
        return f"nights of other length: {one.slots}, then {other.slots} slots"
    first, second = (night.horizon.local_slot_start(0) for night in (old, new))
    if (first.hour, first.minute) != (second.hour, second.minute):
        return f"nights begin at other hours: {first:%H:%M}, then {second:%H:%M}"
    return ""
