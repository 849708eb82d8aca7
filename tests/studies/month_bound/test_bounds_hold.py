"""No plan of all nights costs less than a month's bound: against the true optimum of tiny months."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import bounded_study as made
import pytest
import tiny_study as tiny
from every_plan import cheapest_objective
from hypothesis import example, given, settings
from hypothesis import strategies as st
from solved import optimum

from models.formulations.reference import build_reference
from models.horizon import MINUTES_PER_DAY
from optimizer.studies.month_bound import all_nights
from optimizer.studies.month_bound.bound_run import PACKS_LEAVE

RULES: dict[str, dict[str, Any]] = {
    "none": {},
    "turnaround": {"turnaround_slots": 1},
    "plug changes": {"plug_change_cost": 0.3},
    "reserve": {"ready_reserve": 1, "reserve_cost": 0.4},
    "sun": {"solar_kw": 6},
    "least power": {"chargers": {"min_kw": 5}},
    "on or off": {"chargers": {"mode": "on_off"}},
}
END_VALUE = 0.125  # per kWh, what FLAT makes of it: the cheapest 0.1 / 0.8
CENTS = 0.05  # lines of a bill that are rounded
PACK_TYPES = {
    "plain": {"id": "A", "capacity_kwh": 100, "target_soc": 0.9, "swap_soc": 0.8},
    "falling curve": {
        "id": "A", "capacity_kwh": 100, "target_soc": 0.9, "swap_soc": 0.8,
        "acceptance": [[0.0, 25], [0.5, 25], [0.9, 6]],
    },
    "worn": {
        "id": "A", "capacity_kwh": 100, "target_soc": 0.9, "swap_soc": 0.8, "wear": [[0, 0], [8, 0.08], [16, 0.6]],
    },
    "worth nothing": {"id": "A", "capacity_kwh": 100, "target_soc": 0.9, "swap_soc": 0.8, "end_value_per_kwh": 0.0},
}  # fmt: skip
B = {"id": "B", "capacity_kwh": 60, "target_soc": 1.0, "swap_soc": 0.7}
PEAK = {"name": "peak", "rate_per_kw": 15.0, "metering_minutes": 15}
CHARGES: dict[str, dict[str, Any]] = {
    "none": {},
    "demand": {"demand_charges": [PEAK]},
    "demand by the clock": {"demand_charges": [PEAK | {"windows": [{"start": "08:00", "end": "20:00"}]}]},
    "rising demand": {"demand_charges": [PEAK | {"tiers": [[10, 30.0]]}]},
    "falling demand": {"demand_charges": [PEAK | {"tiers": [[10, 5.0]]}]},
    "demand by the year": {"demand_charges": [PEAK | {"rate_per_kw": 180, "period": "year"}]},
    "rising energy": {"energy_tiers": [{"name": "block", "tiers": [[600, 0.2]]}]},
    "falling energy": {"energy_tiers": [{"name": "block", "tiers": [[600, -0.05]]}]},
    "hours of use": {
        "demand_charges": [PEAK],
        "energy_tiers": [{"name": "hours", "tiers": [[100, -0.02]], "per_kw_of": "peak"}],
    },
    "ratchet": {"demand_charges": [PEAK | {"ratchet": {"share": 0.8}}]},
    "fees": {"fixed_charges": [{"name": "meter", "amount": 12, "per": "month"}], "fixed_charge_per_day": 0.5},
    "least bill": {"minimum_charges": [{"name": "least", "amount": 5, "per": "month"}]},
}
CHARGES_OF_ENERGY = {name for name, parts in CHARGES.items() if "energy_tiers" in parts}


def tariff_of(charges: str) -> dict[str, Any]:
    return tiny.FLAT | {"id": charges} | CHARGES[charges]


def fixed_of(charges: str, nights: int) -> float:
    return 12 * nights / made.DAYS + 0.5 * nights if charges == "fees" else 0.0


@st.composite
def stations(draw: st.DrawFn) -> dict[str, Any]:
    """Two or three packs of one type or two, drivers at any hour, chargers that may be fewer."""
    kinds = ["A", *draw(st.lists(st.sampled_from("AB"), min_size=1, max_size=2))]
    socs = st.sampled_from([0.1, 0.4, 0.75, 0.9])
    usable = st.sampled_from([True, True, True, False])
    packs = [
        {"id": f"P{n}", "type": kind, "soc": draw(socs), "usable": n == 0 or draw(usable)}
        for n, kind in enumerate(kinds)
    ]
    drivers = st.fixed_dictionaries(
        {
            "slot": st.integers(0, made.SLOTS - 1),
            "type": st.sampled_from(kinds),
            "returned_soc": st.sampled_from([0.05, 0.3, 0.6, None]),
            "lost_cost": st.sampled_from([2, 5, 100]),
            "packs": st.sampled_from([1, 1, 1, 2]),
        }
    )
    swaps = draw(st.lists(drivers, min_size=1, max_size=2))
    rules = RULES[draw(st.sampled_from(sorted(RULES)))]
    chargers = {"max_kw": 16, "efficiency": 0.8, "count": draw(st.integers(1, len(packs)))} | rules.get("chargers", {})
    own = {"bays": len(packs), "packs": packs, "swaps": swaps, "grid_limit_kw": draw(st.sampled_from([25, 200]))}
    own["base_load_kw"] = draw(st.sampled_from([0, 4]))
    return tiny.station(**(own | rules | {"chargers": chargers}))


GONE = tiny.station(
    bays=2,
    packs=[{"id": "P0", "type": "A", "soc": 0.1}, {"id": "P1", "type": "A", "soc": 0.1, "usable": False}],
    swaps=[{"slot": 2, "type": "A", "returned_soc": None, "lost_cost": 100}],
    chargers={"max_kw": 16, "efficiency": 0.8, "count": 1},
)
"""The only usable pack leaves on the first night; on the third the other one was taken for it."""


@example(station=GONE, kind="falling curve", charges="demand", nights=3, most_nights=31)
@given(
    station=stations(),
    kind=st.sampled_from(sorted(PACK_TYPES)),
    charges=st.sampled_from(sorted(CHARGES)),
    nights=st.integers(2, 3),
    most_nights=st.sampled_from([1, 2, 31, 31]),
)
@settings(max_examples=25, deadline=None)
def test_no_plan_of_all_nights_costs_less(
    station: dict[str, Any], kind: str, charges: str, nights: int, most_nights: int
) -> None:
    """Be they one programme or, as the nights of many months are, several."""
    tariff = tariff_of(charges)
    kinds = [PACK_TYPES[kind], B]
    if charges in CHARGES_OF_ENERGY:  # else the tiers that are reached decide what is left at the end is worth
        kinds = [{"end_value_per_kwh": END_VALUE} | one for one in kinds]
    parts = {"pack_types": kinds, "tariffs": [tariff]}
    station = station | {"tariff": charges}
    with TemporaryDirectory() as name:
        folder = Path(name)
        study = made.study_of(folder, made.day(station, **parts), tariff, nights)
        run = tiny.run_of(study, folder / "out")
        with patch.object(all_nights, "MAX_MINUTES", most_nights * MINUTES_PER_DAY):
            found, at_stations = made.bounded(run)
        whole = made.whole_night(folder, made.day(station, nights=nights, **parts), charges, nights)
        (bound,), (row,) = found.values(), at_stations
        if most_nights < nights and any(one["returned_soc"] is None for one in station["swaps"]):
            assert bound.reason == PACKS_LEAVE
            return
        assert bound.reason == ""
        assert bound.bound is not None
        best = optimum(build_reference(whole).model)
        if charges == "demand by the year":  # the nights lie in one month, which pays a twelfth
            monthly = tariff | {"demand_charges": [PEAK]}
            whole = made.whole_night(
                folder, made.day(station, nights=nights, **(parts | {"tariffs": [monthly]})), charges, nights
            )
            best = optimum(build_reference(whole).model)
        best += fixed_of(charges, nights)
        assert bound.bound <= best + 1e-4
        if not station.keys() & {"turnaround_slots", "plug_change_cost"}:  # they end with a night
            assert row.total_cost >= best - CENTS
        assert row.total_cost >= bound.bound


@pytest.mark.parametrize("charges", ["none", "demand"])
def test_a_list_of_all_plans_of_two_nights_has_none_below(tmp_path: Path, charges: str) -> None:
    """On or off in slots of twelve hours: the plans are few enough to be listed, by nobody's equations."""
    tariff, name = tariff_of(charges), charges
    horizon = {
        "start": "2026-01-12T00:00+01:00", "time_zone": "Europe/Amsterdam", "slot_minutes": 720, "slots": 2,
    }  # fmt: skip
    packs = [{"id": "P1", "type": "A", "soc": 0.9}, {"id": "P2", "type": "A", "soc": 0.2}]
    driver = {"type": "A", "returned_soc": 0.3, "lost_cost": 30}
    station = tiny.station(
        bays=2, packs=packs, tariff=name, chargers={"max_kw": 4, "efficiency": 0.8, "mode": "on_off"}, grid_limit_kw=50
    )
    parts = {"pack_types": [PACK_TYPES["plain"]], "tariffs": [tariff]}
    day = tiny.instance(station | {"swaps": [driver | {"slot": 1}]}, horizon=horizon, **parts)
    study = made.study_of(tmp_path, day, tariff, 2)
    found, (row,) = made.bounded(tiny.run_of(study, tmp_path / "out"))
    both = [driver | {"id": f"d{slot}", "slot": slot} for slot in (1, 3)]
    whole = tiny.instance(station | {"swaps": both}, horizon=horizon | {"slots": 4}, **parts)
    best = cheapest_objective(made.whole_night(tmp_path, whole, name, 2))
    (bound,) = found.values()
    assert bound.bound is not None
    assert bound.bound <= best <= row.total_cost + CENTS


def test_a_bound_is_what_the_month_costs_where_nothing_is_relaxed(tmp_path: Path) -> None:
    """One pack takes 80 kWh before the first driver, who brings one that needs nothing: worked out by hand.

    Drawn are 100 kWh, in the 4 hours at 0.1: 10, and 25 kW at 0.2: 5. The meter costs 3. What is left is worth nothing.
    (Of a month of 31 such nights, a kW costs 3.1 and the meter 46.5.)
    (Each kWh drawn an hour later would cost 0.1 more, and save a quarter of a kW.)
    """
    meter = {"name": "meter", "amount": 46.5, "per": "month"}
    tariff = tiny.FLAT | {"id": "small", "demand_charges": [PEAK | {"rate_per_kw": 3.1}], "fixed_charges": [meter]}
    swaps = [{"slot": made.SLOTS - 1, "type": "A", "returned_soc": 0.9, "lost_cost": 500}]
    packs = [{"id": "P", "type": "A", "soc": 0.1}]
    station = tiny.station(bays=1, packs=packs, swaps=swaps, tariff="small")
    parts = {"pack_types": [PACK_TYPES["worth nothing"] | {"swap_soc": 0.9}], "tariffs": [tariff]}
    study = made.study_of(tmp_path, made.day(station, **parts), tariff, 2)
    found, (row,) = made.bounded(tiny.run_of(study, tmp_path / "out"))
    (bound,) = found.values()
    assert bound.bound == pytest.approx(18.0, abs=0.03)
    assert bound.bound < 18.0
    assert row.total_cost == pytest.approx(18.0, abs=0.03)
