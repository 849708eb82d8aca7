"""A small charging depot for tests: packs asked for by name, ports fewer than packs, switches capped and paid."""

from __future__ import annotations

import random

import builders as make

from models.station.instance import Chargers, Night

HOURS, ENDS = 24, (14, 19, 24)


def depot_night(packs: int, ports: int, most_switches: int, seed: int = 0, full_hours: int = 5) -> Night:
    """`packs` packs of `full_hours` kWh at 1 kW, half of them due at hour 14; the last slot lets the others leave."""
    r = random.Random(seed)
    prices = [round(r.uniform(20, 30) if h in (7, 8, 18, 19) else r.uniform(5, 15), 2) for h in range(HOURS)]
    due = [ENDS[0]] * (packs // 2) + [ENDS[1]] * (packs // 4) + [ENDS[2]] * (packs - packs // 2 - packs // 4)
    hours = [r.randint(1, full_hours - 1) for _ in range(packs)]
    cost = round(min(prices) / (most_switches * (HOURS - 1) + 1), 4)
    return make.night(
        slots=HOURS + 1,
        types=[make.pack_type(capacity_kwh=full_hours, target_soc=1.0, swap_soc=1.0, end_value_per_kwh=0.0)],
        bays=packs,
        packs=[make.pack(f"P{n}", (full_hours - hours[n]) / full_hours) for n in range(packs)],
        swaps=[make.swap(f"W{n}", due[n], None, pack=f"P{n}", lost_cost=1e5) for n in range(packs)],
        chargers=Chargers(ports, 1.0, 1.0, 0.0, "on_off"),
        grid_limit_kw=float(ports),
        tariff=make.tariff([*prices, max(prices)]),
        plug_changes_max=(most_switches,) * HOURS + (ports,),
        plug_change_cost=(cost,) * HOURS + (0.0,),
    )
