"""Instance files become domain objects. What is refused stands in instances/invalid and test_invalid_instances.py."""

from __future__ import annotations

import gc
import gzip
import io
import json
import shutil
import sys
from datetime import UTC, date, datetime
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from instance_files import INSTANCE_FILES
from paths import DATA

from models.station.instance import Chargers, Instance, Pack, Swap
from models.station.pack_type import PackType
from models.tariff.billing_year import UseClass
from models.tariff.tariff import (
    DemandCharge,
    EnergyPeriod,
    EnergyTiers,
    FixedCharge,
    MinimumCharge,
    PriceSeries,
    Ratchet,
)
from models.tariff.window import Window
from optimizer.files.errors import InputErrors
from optimizer.formats.forecast import whole_swaps
from optimizer.formats.read_instance import parse_instance, read_instance

SMALL: dict[str, Any] = {
    "format": "swapcharge-instance",
    "version": 1,
    "name": "small",
    "currency": "EUR",
    "horizon": {"start": "2025-01-15T18:00+01:00", "time_zone": "Europe/Amsterdam", "slot_minutes": 15, "slots": 8},
    "pack_types": [{"id": "A", "capacity_kwh": 100, "target_soc": 0.9}],
    "tariffs": [{"id": "flat", "energy_price_per_kwh": 0.2}],
    "stations": [
        {
            "id": "S1",
            "bays": 2,
            "chargers": {"max_kw": 60, "efficiency": 0.93},
            "grid_limit_kw": 80,
            "tariff": "flat",
            "packs": [{"id": "P1", "type": "A", "soc": 0.5}],
        }
    ],
}


def small(**of_station: Any) -> dict[str, Any]:
    """The small instance, keys of its station added or replaced."""
    return {**SMALL, "stations": [{**SMALL["stations"][0], **of_station}]}


def parse(document: dict[str, Any]) -> Instance:
    return parse_instance(json.dumps(document).encode(), "f", DATA)


def swaps(**of_station: Any) -> tuple[Swap, ...]:
    return parse(small(**of_station)).nights[0].station.swaps


def forecast(**changes: Any) -> list[tuple[str, int, float | None]]:
    """Id, slot and returned charge of a forecast's swaps."""
    one = {"id": "f", "type": "A", "returned_soc": 0.2, "lost_cost": 50, **changes}
    return [(swap.id, swap.slot, swap.returned_soc) for swap in swaps(forecast=[one])]


def slots_of(**changes: Any) -> list[int]:
    return [slot for _, slot, _ in forecast(**changes)]


def messages(document: dict[str, Any]) -> list[str]:
    with pytest.raises(InputErrors) as caught:
        parse(document)
    return str(caught.value).splitlines()


@pytest.fixture(scope="module")
def everything() -> Instance:
    return read_instance(DATA / "every-key.json")


def test_head(everything: Instance) -> None:
    first, second, *_ = everything.nights
    assert (everything.name, everything.currency) == ("every key there is", "EUR")
    assert first.horizon.start == datetime(2025, 1, 17, 21, tzinfo=UTC)
    assert (first.horizon.time_zone, first.horizon.slot_minutes, first.horizon.slots) == ("Europe/Amsterdam", 30, 6)
    assert first.horizon is second.horizon and first.pack_types is second.pack_types


def test_end_values_of_a_station(everything: Instance) -> None:
    own, others = everything.nights[2], everything.nights[1]
    assert own.end_value_per_kwh(own.pack_types["A"]) == 0.2
    assert others.end_value_per_kwh(others.pack_types["A"]) != 0.2


def test_end_value_of_a_type_that_is_not_there() -> None:
    document = json.loads((DATA / "every-key.json").read_text())
    document["stations"][2]["end_value_per_kwh"] = {"a": 0.2}
    with pytest.raises(InputErrors) as caught:
        parse_instance(json.dumps(document).encode(), "it", DATA)
    assert 'it: stations[2].end_value_per_kwh: "a": is not a pack type of this file' in str(caught.value)


def test_pack_types(everything: Instance) -> None:
    cold, warm = ((0.0, 30.0), (1.0, 5.0)), ((0.0, 40.0), (0.1, 90.0), (0.8, 50.0), (1.0, 15.0))
    curve, wear = ((0.0, 90.0), (0.8, 90.0), (1.0, 15.0)), ((0.0, 0.0), (30.0, 0.3), (60.0, 0.9))
    assert list(everything.nights[0].pack_types.values()) == [
        PackType("A", 100, 0.95, 0.9, curve, wear, 0.1),
        PackType("B", 75, 1, 1, acceptance_at_c=((-10, cold), (25, warm))),
    ]


def test_tariffs(everything: Instance) -> None:
    by_period, market = (night.station.tariff for night in everything.nights[:2])
    january, december = (date(2025, 1, 1), date(2025, 1, 31)), (date(2025, 12, 1), date(2025, 12, 31))
    friday = (date(2025, 1, 17), date(2025, 1, 17))
    assert by_period.energy_periods == (
        EnergyPeriod("night", 0.08, Window(1380, 420, "weekday", (12, 1, 2), (january, december))),
        EnergyPeriod("rest", 0.2, Window(0, 1440)),
    )
    classes = (UseClass(2500, 132.68, -0.0469),)
    assert by_period.demand_charges == (
        DemandCharge("peak", 5.2, 60, 0.25, (Window(1020, 1440, "all", (1,), (friday,)),)),
        DemandCharge("always", 1, 15, 1),
        DemandCharge("year", 15.43, period="year", year_begins=10, use_classes=classes, expected_hours=3100),
    )
    assert (by_period.fixed_charge_per_day, by_period.holidays) == (1.5, (date(2025, 12, 25),))
    assert market.energy_price_per_kwh == (0.1, 0.1, 0.08, 0.08, 0.0605, 0.0605)


def test_tariffs_by_the_month(everything: Instance) -> None:
    by_month, exchange = (night.station.tariff for night in everything.nights[2:])
    assert [(period.name, period.price_per_kwh) for period in by_month.energy_periods] == [
        ("valley", pytest.approx(0.08)), ("flat", 0.2),
    ]  # fmt: skip
    declared, evening = "beyond declared demand", (Window(1020, 1260),)
    assert by_month.energy_tiers == (
        EnergyTiers("much", ((100, 0.02), (500, -0.01)), (Window(days="weekend"),)),
        EnergyTiers("hours of use", ((10, -0.01),), (), "day", declared, most_kwh=24),
        EnergyTiers("hours of evenings", ((10, -0.005),), evening, "day", declared, "hours of use"),
    )
    ratchet = Ratchet(0.8, 5, (6, 7, 12), (1, 2))
    more: Any = {"per": "day", "most_kw": 2000, "month_factors": (1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1)}
    assert by_month.demand_charges == (
        DemandCharge("ratcheted", 3, 30, "remaining_days", tiers=((50, 2),), ratchet=ratchet, **more),
        DemandCharge("beyond declared demand", 0, 30, "daily", tiers=((1.1 * 40, 12),)),
    )
    assert by_month.fixed_charges == (FixedCharge("meter", 25, "year"), FixedCharge("declared demand", 160, "month"))
    assert by_month.minimum_charges == (MinimumCharge("least", 100, "month"),)
    assert exchange.price_series == PriceSeries(
        datetime(2025, 1, 17, 20, tzinfo=UTC), 60, (0.1, 0.11, -0.02, 0.07, 0.09, 0.1)
    )
    assert exchange.fixed_charges == (FixedCharge("transformer capacity", 200, "month"),)
    station = everything.nights[2].station
    assert dict(station.energy_so_far_kwh) == {"much": 90} and dict(station.lookback_peak_kw) == {"ratcheted": 45}


def test_station(everything: Instance) -> None:
    station = everything.nights[0].station
    assert (station.id, station.bays, station.chargers) == ("S1", 4, Chargers(3, 60, 0.93, 6, "continuous"))
    assert station.grid_limit_kw == (200, 200, 200, 150, 150, 150)
    assert station.base_load_kw == (20, 20, 20, 20, 30, 30)
    assert (station.solar_kw, station.ready_reserve) == ((0,) * 6, (0, 0, 1, 1, 1, 0))
    assert (station.reserve_cost, station.turnaround_slots) == (0.5, 1)
    assert (station.plug_changes_max, station.plug_change_cost) == (2, 0.2)
    assert dict(station.peak_so_far_kw) == {"peak": 80}
    assert station.packs == (Pack("P1", "A", 0.95), Pack("P2", "A", 0.4), Pack("P3", "B", 0.5, 18))
    assert station.temperature_c == 5


def test_swaps(everything: Instance) -> None:
    assert everything.nights[0].station.swaps == (
        Swap("swap-1", 1, "A", 0.2, 50, packs=2),
        Swap("late", 4, "A", None, 40, 0.8, "P2"),
        Swap("vans-1", 1, "B", 0.1, 20, 0.7, forecast="vans"),
        Swap("vans-2", 3, "B", 0.3, 20, 0.7, forecast="vans"),
        Swap("more-1", 2, "A", 0.15, 30, packs=2, forecast="more"),
    )


def test_defaults(everything: Instance) -> None:
    station = everything.nights[1].station
    assert station.chargers == Chargers(count=1, max_kw=40, efficiency=0.9, min_kw=0, mode="on_off")
    assert station.base_load_kw == station.solar_kw == station.ready_reserve == (0,) * 6
    assert (station.packs, station.swaps, dict(station.peak_so_far_kw)) == ((), (), {})
    assert (station.turnaround_slots, station.plug_changes_max, station.plug_change_cost) == (0, None, 0)


@pytest.mark.parametrize("path", INSTANCE_FILES, ids=[f"{path.parent.name}/{path.stem}" for path in INSTANCE_FILES])
def test_every_instance_of_the_project_is_read(path: Path) -> None:
    assert read_instance(path).nights


def test_gzip_standard_input_and_plain_give_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, everything: Instance
) -> None:
    data = (DATA / "every-key.json").read_bytes()
    for name in ("prices.csv", "load.csv"):
        shutil.copy(DATA / name, tmp_path)
    (tmp_path / "i.json.gz").write_bytes(gzip.compress(data))
    assert read_instance(tmp_path / "i.json.gz") == everything
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert read_instance("-") == everything


def test_errors_name_the_file(tmp_path: Path) -> None:
    path = tmp_path / "i.json"
    path.write_text(json.dumps(small(bays=0)))
    with pytest.raises(InputErrors) as caught:
        read_instance(path)
    assert str(caught.value) == f"{path}: stations[0].bays: 0: must be at least 1; correct the value"


@pytest.mark.parametrize("was_on", [True, False])
def test_the_garbage_collector_is_left_as_it_was(was_on: bool) -> None:
    (gc.enable if was_on else gc.disable)()
    try:
        parse(SMALL)
        messages(small(bays=0))
        assert gc.isenabled() == was_on
    finally:
        gc.enable()


def test_times_become_slots() -> None:
    times = ["2025-01-15T17:00Z", "2025-01-15T18:14:59+01:00", "2025-01-15T18:15+01:00", "2025-01-15T19:59+01:00"]
    given_times = [{"time": time, "type": "A", "returned_soc": 0, "lost_cost": 1} for time in times]
    assert [swap.slot for swap in swaps(swaps=given_times)] == [0, 0, 1, 7]


def test_swap_ids_count_all_swaps_of_the_list() -> None:
    plain = {"slot": 0, "type": "A", "returned_soc": 0, "lost_cost": 1}
    assert [swap.id for swap in swaps(swaps=[plain, {**plain, "id": "x"}, plain])] == ["swap-1", "x", "swap-3"]


def test_forecasts_round_what_is_expected_so_far() -> None:
    assert whole_swaps([0.3, 0.6, 0.9, 1.2]) == [0, 1, 0, 0]
    assert whole_swaps([0.5, 1.0, 1.5]) == [1, 0, 1]
    assert whole_swaps([2.49, 2.5]) == [2, 1]
    assert slots_of(expected_per_slot=0.3) == [1, 4]
    assert slots_of(expected_per_slot=[0, 0, 2, 0, 0, 0, 0.5, 0]) == [2, 2, 6]


def test_hours_are_spread_evenly_over_slots() -> None:
    assert slots_of(expected_per_hour=[2, 0]) == [0, 2]
    assert slots_of(expected_per_hour=1) == [1, 5]


def test_slots_longer_than_an_hour_and_a_last_hour_cut_short() -> None:
    def slots(slot_minutes: int, count: int, hours: list[float]) -> list[int]:
        one = {"id": "f", "type": "A", "expected_per_hour": hours, "returned_soc": 0, "lost_cost": 1}
        grid = {**SMALL["horizon"], "slot_minutes": slot_minutes, "slots": count}
        return [swap.slot for swap in parse({**small(forecast=[one]), "horizon": grid}).nights[0].station.swaps]

    assert slots(90, 2, [1, 1, 0.5]) == [0, 0, 1]  # 1.5 and 2.5 swaps
    assert slots(15, 6, [0, 4]) == [4, 5]  # half of the second hour
    assert slots(25, 3, [1.2, 2.4]) == [0, 2]  # 0.5, 1, then 1.2 + 15/60 · 2.4 = 1.8


def test_hourly_numbers_from_a_csv_file(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text("t,v\n2025-01-15T17:00Z,2\n2025-01-15T18:00Z,0\n")
    hourly = {"csv": "f.csv", "time_column": "t", "value_column": "v", "unit": "1"}
    one = {"id": "f", "type": "A", "expected_per_hour": hourly, "returned_soc": 0, "lost_cost": 1}
    instance = parse_instance(json.dumps(small(forecast=[one])).encode(), "f", tmp_path)
    assert [swap.slot for swap in instance.nights[0].station.swaps] == [0, 2]


def test_rounding_noise_loses_no_swap() -> None:
    cumulative = list(accumulate([0.15] * 10))
    assert cumulative[-1] < 1.5  # the noise
    assert whole_swaps(cumulative) == [0, 0, 0, 1, 0, 0, 0, 0, 0, 1]


def test_returned_charge_is_used_in_turn() -> None:
    assert [soc for _, _, soc in forecast(expected_per_slot=0.5, returned_soc=[0.1, 0.2, 0.3])] == [0.1, 0.2, 0.3, 0.1]
    assert [soc for _, _, soc in forecast(expected_per_slot=0.2, returned_soc=None)] == [None, None]
    assert [name for name, _, _ in forecast(expected_per_slot=0.2)] == ["f-1", "f-2"]


@given(st.lists(st.floats(0, 5), min_size=1, max_size=100))
def test_no_demand_appears_or_vanishes(expected: list[float]) -> None:
    cumulative = list(accumulate(expected))
    counts = whole_swaps(cumulative)
    assert min(counts) >= 0
    assert all(abs(got - want) <= 0.5 + 1e-9 for got, want in zip(accumulate(counts), cumulative, strict=True))


def test_a_forecast_is_looked_at_even_if_it_expects_nobody() -> None:
    one = {"id": "f", "type": "B", "expected_per_slot": 0, "returned_soc": 20, "lost_cost": -1, "swap_soc": 90}
    assert [line.split(": ")[1] for line in messages(small(forecast=[one]))] == [
        f"stations[0].forecast[0].{key}" for key in ("type", "lost_cost", "swap_soc", "returned_soc")
    ]


def test_broken_parts_cause_no_further_problems() -> None:
    document = small(
        chargers={"max_kw": 60, "efficiency": 93},  # count would be the bays
        bays=0,
        ready_reserve={"csv": "none.csv", "time_column": "t", "value_column": "v", "unit": "1"},  # no reserve cost
        peak_so_far_kw={"peak": 1},  # would name no charge of a tariff that is not there
        tariff="other",
        packs=[{"id": "P1", "type": "A", "soc": 50}],
        swaps=[{"slot": 0, "type": "A", "returned_soc": 50, "lost_cost": 1, "pack": "P1", "swap_soc": 0.5}],
    )
    document["pack_types"] = [{"id": "A", "capacity_kwh": -1, "target_soc": 0.2}]
    assert [line.split(": ")[1] for line in messages(document)] == [
        "pack_types[0].capacity_kwh",
        "stations[0].tariff",
        "stations[0].chargers.efficiency",
        "stations[0].ready_reserve.csv",
        "stations[0].packs[0].soc",
        "stations[0].swaps[0].returned_soc",
        "stations[0].bays",
    ]
