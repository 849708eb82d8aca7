"""The cost of a plan in plain arithmetic: the terms of the objective in section 1 of models/README.md, one by one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

from models.station.instance import Night
from models.station.pack_type import lines_of
from models.station.schedule import Schedule
from models.tariff.rate_steps import stepped_cost
from models.tariff.tier_use import highest_average_kw, use_after, use_so_far
from models.tolerances import GAP_RELATIVE, MONEY_RELATIVE, is_same_money


@dataclass(frozen=True)
class Cost:
    """The cost breakdown in currency. `end_value` is a credit: the objective subtracts it."""

    energy: float = 0.0
    demand: float = 0.0
    wear: float = 0.0
    plug_changes: float = 0.0
    lost_swaps: float = 0.0
    reserve: float = 0.0
    end_value: float = 0.0
    base_bill: float = 0.0

    @property
    def objective(self) -> float:
        """What the plan minimises."""
        return self._gross_with_base() - self.end_value

    @property
    def gross_cost(self) -> float:
        """What charging costs: no credit, and without what the base load alone would cost."""
        return self._gross_with_base() - self.base_bill

    def _gross_with_base(self) -> float:
        return self.energy + self.demand + self.wear + self.plug_changes + self.lost_swaps + self.reserve

    def __add__(self, other: Cost) -> Cost:
        return Cost(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Cost)))


def gap_between(objective: float, bound: float, gross_cost: float) -> float | None:
    """(objective − bound) / |gross cost|; 0 where the two agree, None where there is no cost to compare with."""
    difference = max(0.0, objective - bound)
    scale = max(1.0, abs(objective), abs(bound))
    if difference <= max(GAP_RELATIVE * scale, MONEY_RELATIVE * abs(gross_cost)):
        return 0.0
    if abs(gross_cost) > GAP_RELATIVE * scale:
        return difference / abs(gross_cost)
    return 0.0 if is_same_money(objective, bound) else None  # a bound allows for what the checker forgives


def cost_of(night: Night, schedule: Schedule, drawn_kw: Sequence[float] | None = None) -> Cost:
    """The cost of `schedule`, recomputed from its powers and hand-overs. It need not be a valid plan.

    `drawn_kw`: its `drawn_power_kw`, where it is at hand.
    """
    drawn_kw = drawn_power_kw(night, schedule) if drawn_kw is None else drawn_kw
    shortfalls = sum(schedule.reserve_shortfall)
    return Cost(
        energy=_energy_cost(night, drawn_kw),
        demand=_demand_cost(night, drawn_kw),
        wear=_wear_cost(night, schedule),
        plug_changes=_plug_cost(night, schedule),
        lost_swaps=_lost_cost(night, schedule),
        reserve=night.station.reserve_cost * shortfalls,
        end_value=_end_value(night, schedule),
        base_bill=base_bill(night),
    )


def drawn_power_kw(night: Night, schedule: Schedule) -> list[float]:
    """Grid power in kW a slot: Σ power / η + base load − solar used. Of the sun no more is billed than there is, nor
    than is needed: what the checker forgives there saves nothing."""
    station, slots = night.station, night.horizon.slots
    used_kw = schedule.solar_used_kw or (0.0,) * slots
    solar_kw = [min(max(0.0, kw), there_kw) for kw, there_kw in zip(used_kw, station.solar_kw, strict=True)]
    charging = [sum(powers) for powers in zip(*(row.power_kw for row in schedule.rows), strict=True)] or [0.0] * slots
    eta = station.chargers.efficiency
    loads = zip(charging, station.base_load_kw, solar_kw, strict=True)
    return [max(0.0, kw / eta + base - solar) for kw, base, solar in loads]


def base_bill(night: Night) -> float:
    """Energy and demand cost of the base load alone, solar power serving it as far as it goes."""
    station = night.station
    alone_kw = [max(0.0, base - sun) for base, sun in zip(station.base_load_kw, station.solar_kw, strict=True)]
    return _energy_cost(night, alone_kw) + _demand_cost(night, alone_kw)


def _energy_cost(night: Night, drawn_kw: Sequence[float]) -> float:
    """Price by slot, and what tiers add for the month's kWh that tonight's come on top of."""
    hours, series = night.horizon.slot_hours, night.tariff_series
    total = sum(price * kw * hours for price, kw in zip(series.price_per_kwh, drawn_kw, strict=True))
    for tiers in series.tiers:
        after, before = use_after(night, tiers, drawn_kw), use_so_far(night, tiers)
        total += tiers.cost(*after) - tiers.cost(*before)
    return total


def _demand_cost(night: Night, drawn_kw: Sequence[float]) -> float:
    """What tonight's highest averages cost above what is billed whatever is drawn."""
    total = 0.0
    for demand in night.tariff_series.demands:
        floor_kw = night.demand_floor_kw(demand)
        billed_kw = max(floor_kw, highest_average_kw(demand, drawn_kw))
        total += stepped_cost(demand.steps, billed_kw) - stepped_cost(demand.steps, floor_kw)
    return total


def _wear_cost(night: Night, schedule: Schedule) -> float:
    if not any(kind.wear for kind in night.pack_types.values()):
        return 0.0
    kinds = type_of_pack(night)
    total = 0.0
    for row in schedule.rows:
        lines = lines_of(night.pack_types[kinds[row.pack]].wear) if row.pack in kinds else ()
        if lines:
            total += sum(max(line.at(kw) for line in lines) for kw in row.power_kw) * night.horizon.slot_hours
    return total


def _lost_cost(night: Night, schedule: Schedule) -> float:
    """A swap is served fully or not at all."""
    packs = schedule.packs_by_swap
    return sum(swap.lost_cost for swap in night.station.swaps if len(packs.get(swap.id, ())) < swap.packs)


def _end_value(night: Night, schedule: Schedule) -> float:
    gained = {row.pack: 0.0 for row in schedule.rows}
    for row in schedule.rows:
        gained[row.pack] += sum(row.power_kw) * night.horizon.slot_hours
    kinds, value = type_of_pack(night), 0.0  # what `by_pack` leaves out is in the fixed cost
    for pack, start_kwh in packs_at_end(night, schedule).items():
        kind = night.pack_types[kinds[pack]]
        held_kwh = min(kind.target_kwh, start_kwh + gained.get(pack, 0.0))
        value += night.end_value_per_kwh(kind) * held_kwh
    return value - night.station.fixed_cost


def packs_at_end(night: Night, schedule: Schedule) -> dict[str, float]:
    """Energy on arrival of every pack that is still in the station when the night ends."""
    handed = schedule.packs_by_swap
    arrivals = {pack.id: pack.soc * night.pack_types[pack.type].capacity_kwh for pack in night.station.packs}
    for swap in night.station.swaps:
        if swap.id in handed and swap.returned_soc is not None:
            capacity_kwh = night.pack_types[swap.type].capacity_kwh
            brought = swap.returned_packs[: len(handed[swap.id])]
            arrivals |= dict.fromkeys(brought, swap.returned_soc * capacity_kwh)
    gone = {one.pack for one in schedule.hand_overs}
    return {pack: kwh for pack, kwh in arrivals.items() if pack not in gone}


def type_of_pack(night: Night) -> dict[str, str]:
    """Type of every pack that is or may come into the station."""
    kinds = {pack.id: pack.type for pack in night.station.packs}
    kinds.update({name: swap.type for swap in night.station.swaps for name in swap.returned_packs})
    return kinds


def _plug_cost(night: Night, schedule: Schedule) -> float:
    if not night.station.plug_changes_cost:
        return 0.0
    changes = plug_changes(schedule, night.horizon.slots, night.charging_kw)
    return math.fsum(night.station.cost_of_plug_change(t) * count for t, count in enumerate(changes))


def plug_changes(schedule: Schedule, slots: int, charging_kw: float) -> list[int]:
    """Chargers whose pack changes at each boundary between slots t − 1 and t (entry 0 is 0).

    A charger that goes from one pack to another changes once, so the fewest changes that a boundary
    needs are the larger of starts and stops.
    """
    changes = [0] * slots
    charging = [{row.pack for row in schedule.rows if row.power_kw[t] > charging_kw} for t in range(slots)]
    for t in range(1, slots):
        starts, stops = charging[t] - charging[t - 1], charging[t - 1] - charging[t]
        changes[t] = max(len(starts), len(stops))
    return changes
