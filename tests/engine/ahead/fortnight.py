"""What a look-ahead is worth: 14 chained nights of real stations, against the whole fortnight planned at once.

    python tests/engine/ahead/fortnight.py [--nights 14] [--hours 0 6 12 24] [--whole SECONDS] [STATION.json ...]

Each night begins with what the one before left: packs, peaks and kWh of the month; only the night itself is carried
out and billed. Days repeat. Columns: cost, less the worth of what the last night leaves; kWh that drivers get, for a
pack fuller than asked for gives its driver more; cost less their worth, too; drivers lost; processor seconds.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from models.horizon import MINUTES_PER_DAY, Horizon
from models.station.carry_over.carried_out import continued, plan_until
from models.station.carry_over.end_stock import Stock, stock_at_end
from models.station.carry_over.month_to_date import month_to_date
from models.station.cost import cost_of, drawn_power_kw
from models.station.instance import Night, Pack
from models.station.schedule import Schedule
from optimizer.check.rules import check
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station
from optimizer.formats.read_instance import read_instance

REAL = Path(__file__).parents[3] / "instances" / "real"
STATIONS = ("nl-winter-day", "busy-must-lose", "zhejiang-21-packs", "sce-tou-ev-8-21-packs", "two-types-acceptance")


@dataclass(frozen=True)
class Outcome:
    """Cost in currency, of all nights, less the worth of what the last leaves; kWh that drivers get in their packs, and
    their worth; drivers lost, processor seconds; `gap` of a search for all nights at once."""

    cost: float
    delivered_kwh: float
    delivered_worth: float
    lost: int
    cpu_seconds: float
    gap: float | None = None


def many_days(day: Night, days: int, is_flat: bool) -> Night:
    """The day again and again, priced slot by slot; `is_flat`: at its mean price."""
    charges = tuple(replace(charge, weight=1.0) for charge in day.station.tariff.demand_charges)
    tariff = replace(day.station.tariff, demand_charges=charges)
    night, slots = replace(day, station=replace(day.station, tariff=tariff)), day.horizon.slots
    for _ in range(days - 1):
        night = continued(night, slots)
    prices = night.tariff_series.price_per_kwh
    if is_flat:
        prices = (sum(prices[:slots]) / slots,) * len(prices)
    tariff = replace(tariff, energy_periods=(), price_series=None, energy_price_per_kwh=prices)
    return replace(night, station=replace(night.station, tariff=tariff))


def part(whole: Night, first: int, slots: int) -> Night:
    """The night of `slots` slots from slot `first` on, its packs and month those of the whole."""
    h, station = whole.horizon, whole.station
    horizon = Horizon(h.slot_start(first), h.time_zone, h.slot_minutes, slots)
    prices = station.tariff.energy_price_per_kwh[first : first + slots]
    names = ("grid_limit_kw", "base_load_kw", "solar_kw", "ready_reserve")
    swaps = tuple(replace(swap, slot=swap.slot - first) for swap in station.swaps if first <= swap.slot < first + slots)
    series = {name: getattr(station, name)[first : first + slots] for name in names}
    tariff = replace(station.tariff, energy_price_per_kwh=prices)
    return replace(whole, horizon=horizon, station=replace(station, tariff=tariff, swaps=swaps, **series))


def chained(whole: Night, nights: int, hours: float, options: RunOptions) -> Outcome:
    """Night after night, each with so many hours of look-ahead; the last nights see no further than the whole."""
    began, cost, lost, delivered_kwh = time.process_time(), 0.0, 0, 0.0
    day = whole.horizon.slots // nights
    packs, state = whole.station.packs, whole
    for n in range(nights):
        more = min(round(hours / whole.horizon.slot_hours), whole.horizon.slots - (n + 1) * day)
        ahead = part(state, n * day, day + more)
        ahead = replace(ahead, station=replace(ahead.station, packs=packs))
        plan = plan_until(ahead, plan_station(ahead, options).schedule, day)
        night = part(state, n * day, day)
        night = replace(night, station=replace(night.station, packs=packs))
        assert not check(night, plan)
        bill = cost_of(night, plan)
        cost += bill.objective + bill.end_value
        lost += len(night.station.swaps) - plan.swaps_served
        left = stock_at_end(night, plan)
        delivered_kwh += _delivered_kwh(night, plan, left)
        packs = _packs(night, left)
        state = _after(state, night, month_to_date(night, drawn_power_kw(night, plan)))
    worth = delivered_kwh * _most_worth(whole)
    return Outcome(cost - _worth(whole, left), delivered_kwh, worth, lost, time.process_time() - began)


def _after(state: Night, night: Night, month: object) -> Night:
    peaks, energy = month.peak_kw, month.energy_kwh  # type: ignore[attr-defined]
    return replace(state, station=replace(state.station, peak_so_far_kw=peaks, energy_so_far_kwh=energy))


def at_once(whole: Night, options: RunOptions) -> Outcome:
    """All nights as one."""
    began = time.process_time()
    plan = plan_station(whole, options)
    left = stock_at_end(whole, plan.schedule)
    cost = plan.result.cost.objective + plan.result.cost.end_value - _worth(whole, left)
    delivered_kwh = _delivered_kwh(whole, plan.schedule, left)
    worth = delivered_kwh * _most_worth(whole)
    return Outcome(cost, delivered_kwh, worth, plan.result.swaps_lost, time.process_time() - began, plan.result.gap)


def _delivered_kwh(night: Night, plan: Schedule, left: Sequence[Stock]) -> float:
    """What was there, came back and was charged, and is no longer there."""
    kinds, served = night.pack_types, plan.packs_by_swap
    there = sum(kinds[pack.type].capacity_kwh * pack.soc for pack in night.station.packs)
    back = sum(
        kinds[swap.type].capacity_kwh * (swap.returned_soc or 0.0) for swap in night.station.swaps if swap.id in served
    )
    charged = sum(sum(row.power_kw) for row in plan.rows) * night.horizon.slot_hours
    return there + back + charged - sum(one.energy_kwh for one in left)


def _most_worth(whole: Night) -> float:
    """Of a kWh, by default: the cheapest price over the efficiency."""
    return max(whole.end_value_per_kwh(kind) for kind in whole.pack_types.values())


def _packs(night: Night, left: Sequence[Stock]) -> tuple[Pack, ...]:
    kinds = night.pack_types
    return tuple(
        Pack(f"bay-{one.bay}", one.type, min(1.0, max(0.0, one.energy_kwh / kinds[one.type].capacity_kwh)))
        for one in left
    )


def _worth(whole: Night, left: Sequence[Stock]) -> float:
    kinds = whole.pack_types
    return sum(
        whole.end_value_per_kwh(kinds[one.type]) * min(one.energy_kwh, kinds[one.type].target_kwh) for one in left
    )


def main() -> None:
    """A row for each station, tariff and way to plan."""
    parser = argparse.ArgumentParser()
    parser.add_argument("files", nargs="*", default=[REAL / f"{name}.json" for name in STATIONS])
    parser.add_argument("--nights", type=int, default=14)
    parser.add_argument("--hours", type=float, nargs="*", default=[0, 6, 12, 24])
    parser.add_argument("--whole", type=float, default=60.0)
    asked = parser.parse_args()
    options = RunOptions(effort="quick", time_limit_seconds=30)
    for file in asked.files:
        day = read_instance(file).nights[0]
        assert day.horizon.slots * day.horizon.slot_minutes == MINUTES_PER_DAY
        for is_flat in (True, False):
            whole, name = many_days(day, asked.nights, is_flat), Path(file).stem
            kind = "flat" if is_flat else "time of use"
            for hours in asked.hours:
                _print(name, kind, f"{hours:g} h ahead", chained(whole, asked.nights, hours, options))
            if asked.whole:
                limit = replace(options, time_limit_seconds=asked.whole)
                _print(name, kind, "all at once", at_once(whole, limit))


def _print(name: str, kind: str, how: str, one: Outcome) -> None:
    gap = "" if one.gap is None else f"  gap {100 * one.gap:.2f} %"
    money = f"{one.cost:12.2f} {one.delivered_kwh:10.0f} kWh {one.cost - one.delivered_worth:12.2f}"
    print(f"{name:24} {kind:12} {how:12} {money} {one.lost:5} {one.cpu_seconds:8.1f} s{gap}", flush=True)


if __name__ == "__main__":
    main()
