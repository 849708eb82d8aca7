"""Nights some slots later: what a station plans anew when things went as planned, or a driver is late."""

from __future__ import annotations

from dataclasses import replace

from models.horizon import Horizon
from models.station.carry_over.carried_out import beginning, plan_until
from models.station.carry_over.end_stock import stock_at_end
from models.station.carry_over.month_to_date import month_to_date
from models.station.cost import drawn_power_kw
from models.station.instance import RETURN_PREFIX, Night, Pack, Station
from models.station.schedule import Schedule
from models.tariff.tariff import Tariff


def rolled_on(night: Night, schedule: Schedule, slots: int) -> Night:
    """The rest of `night` after its first `slots` slots went as `schedule` says; `return:x` is now called `r-x`."""
    priced = replace(night, station=replace(night.station, tariff=_tariff(night.station, 0, slots)))
    gone, done = beginning(priced, slots), plan_until(night, schedule, slots)
    h, station = night.horizon, night.station
    month = month_to_date(gone, drawn_power_kw(gone, done))
    rest = replace(
        station,
        packs=_packs(gone, done),
        swaps=tuple(replace(swap, slot=swap.slot - slots) for swap in station.swaps if swap.slot >= slots),
        expected=tuple(
            replace(one, mean_per_slot=one.mean_per_slot[slots:], scenarios=tuple(s[slots:] for s in one.scenarios))
            for one in station.expected
        ),
        grid_limit_kw=station.grid_limit_kw[slots:],
        base_load_kw=station.base_load_kw[slots:],
        solar_kw=station.solar_kw[slots:],
        ready_reserve=station.ready_reserve[slots:],
        peak_so_far_kw=station.peak_so_far_kw | month.peak_kw,
        energy_so_far_kwh=station.energy_so_far_kwh | month.energy_kwh,
        tariff=_tariff(station, slots, h.slots),
    )
    kinds = {
        name: replace(kind, end_value_per_kwh=night.end_value_per_kwh(kind)) for name, kind in night.pack_types.items()
    }
    horizon = Horizon(h.slot_start(slots), h.time_zone, h.slot_minutes, h.slots - slots)
    return replace(night, horizon=horizon, pack_types=kinds, station=rest)


def with_driver_moved(night: Night, index: int, slots: int) -> Night:
    """The same night, but one driver comes `slots` slots later."""
    swaps = list(night.station.swaps)
    swaps[index] = replace(swaps[index], slot=swaps[index].slot + slots)
    return replace(night, station=replace(night.station, swaps=tuple(swaps)))


def _packs(gone: Night, done: Schedule) -> tuple[Pack, ...]:
    taken = {handed.pack for handed in done.hand_overs}
    name_in = {row.bay: row.pack for row in done.rows if row.pack not in taken}
    return tuple(
        Pack(
            name_in[one.bay].replace(RETURN_PREFIX, "r-"),
            one.type,
            min(1.0, one.energy_kwh / gone.pack_types[one.type].capacity_kwh),
        )
        for one in stock_at_end(gone, done)
    )


def _tariff(station: Station, first: int, end: int) -> Tariff:
    """Prices given by slot are those of the slots from `first` to before `end`."""
    tariff = station.tariff
    return replace(tariff, energy_price_per_kwh=tariff.energy_price_per_kwh[first:end])
