"""The nights of a study: slots on days of 23, 24 and 25 hours, drivers, growth, what a variant changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import builders as make
import pytest
import tiny_study as tiny
from hypothesis import given
from hypothesis import strategies as st

from models.station.instance import Night, Swap
from optimizer.formats.study_document import VariantDocument
from optimizer.studies.study import Study, energy_part, grown

PLAIN = VariantDocument(id="plain")
HOURS = tuple(float(hour) for hour in range(24))
SPRING, AUTUMN = "2026-03-28", "2026-10-24"  # the day before the clock changes


def driver(slot: int, name: str | None = None) -> dict[str, Any]:
    return tiny.DRIVERS[0] | {"slot": slot, "id": name or f"at {slot}"}


def hourly(tmp_path: Path, *slots: int, noon: bool = False, **changes: Any) -> Study:
    """Base load in kW is the local hour; drivers come in these slots of the instance's day."""
    start = 12 if noon else 0
    load = [*HOURS[start:], *HOURS[:start]]
    station = tiny.station(base_load_kw=load, swaps=[driver(slot) for slot in slots])
    horizon = tiny.instance()["horizon"] | {"start": f"2026-01-15T{start:02d}:00+01:00"}
    return tiny.read(tmp_path, tiny.instance(station, horizon=horizon), **changes)


def local_hours(study: Study, number: int) -> list[int]:
    horizon = study.horizon(number)
    return [horizon.local_slot_start(slot).hour for slot in range(horizon.slots)]


def arrivals(night: Night) -> list[tuple[str, int]]:
    return [(swap.id, swap.slot) for swap in night.station.swaps]


@pytest.mark.parametrize("begin", ["00:00", "02:00", "12:00", "18:00"])
@pytest.mark.parametrize(("first", "hours"), [(SPRING, 71), (AUTUMN, 73), ("2026-01-30", 72)])
def test_nights_follow_one_another_whatever_the_clock_does(tmp_path: Path, first: str, hours: int, begin: str) -> None:
    study = hourly(tmp_path, first_night=first, nights_begin=begin)
    horizons = [study.horizon(number) for number in range(3)]
    assert [one.end for one in horizons[:2]] == [one.start for one in horizons[1:]]
    assert sum(one.slots for one in horizons) == hours
    assert horizons[0].local_slot_start(0).hour == int(begin[:2])


@pytest.mark.parametrize("noon", [False, True], ids=["from midnight", "from noon"])
@pytest.mark.parametrize("first", [SPRING, AUTUMN, "2026-01-30"])
def test_a_list_goes_by_the_local_clock(tmp_path: Path, first: str, noon: bool) -> None:
    study = hourly(tmp_path, noon=noon, first_night=first)
    for number in range(3):
        assert list(study.night(0, PLAIN, number).station.base_load_kw) == local_hours(study, number)


@pytest.mark.parametrize("begin", ["00:00", "02:00", "12:00"])
@pytest.mark.parametrize("first", [SPRING, AUTUMN])
def test_each_driver_of_the_day_comes_once_each_night(tmp_path: Path, first: str, begin: str) -> None:
    """At the same local time, but for the hour that the clock leaves out: then in the hour after it."""
    study = hourly(tmp_path, *range(24), first_night=first, nights_begin=begin)
    for number in range(3):
        hours = local_hours(study, number)
        night = study.night(0, PLAIN, number)
        assert sorted(name for name, _ in arrivals(night)) == sorted(f"at {slot}" for slot in range(24))
        for name, slot in arrivals(night):
            asked = int(name[3:])
            assert hours[slot] == (asked if asked in hours else 3)
            assert slot == hours.index(hours[slot])


def test_a_driver_of_the_hour_left_out_comes_before_the_next_night_begins(tmp_path: Path) -> None:
    study = hourly(tmp_path, 2, first_night=SPRING, nights_begin="03:00")
    assert [arrivals(study.night(0, PLAIN, number)) for number in range(2)] == [[("at 2", 22)], [("at 2", 23)]]
    assert local_hours(study, 0)[22] == 1 and local_hours(study, 1)[23] == 2


def test_a_log_gives_the_drivers_of_each_night_by_the_clock_of_the_world(tmp_path: Path) -> None:
    rows = ["2026-03-29T00:30+01:00", "2026-03-29T03:10+02:00", "2026-03-29T23:59+02:00", "2026-03-30T00:00+02:00"]
    lines = "\n".join(f"{stamp},A,0.1,100" for stamp in rows)
    (tmp_path / "s.csv").write_text(f"time,type,returned_soc,lost_cost\n{lines}\n")
    study = hourly(tmp_path, 5, first_night=SPRING, swaps="s.csv")
    assert [arrivals(study.night(0, PLAIN, number)) for number in range(3)] == [
        [],
        [("line-2", 0), ("line-3", 2), ("line-4", 22)],
        [("line-5", 0)],
    ]


def swaps(count: int) -> list[Swap]:
    return [make.swap(f"W{n}", n // 3) for n in range(count)]


@given(st.integers(0, 60), st.floats(-0.99, 3))
def test_growth_rounds_the_number_of_drivers(count: int, growth: float) -> None:
    assert abs(len(grown(swaps(count), growth)) - count * (1 + growth)) <= 0.5 + 1e-9


@given(st.integers(0, 60), st.floats(-0.99, 3), st.integers(0, 60))
def test_growth_is_the_same_for_the_first_drivers_whoever_follows(count: int, growth: float, more: int) -> None:
    few, many = grown(swaps(count), growth), grown(swaps(count + more), growth)
    assert many[: len(few)] == few


@given(st.integers(0, 40), st.floats(-0.99, 3))
def test_growth_keeps_the_order_and_makes_copies_of_drivers(count: int, growth: float) -> None:
    found = grown(swaps(count), growth)
    assert [swap.slot for swap in found] == sorted(swap.slot for swap in found)
    assert len({swap.id for swap in found}) == len(found)
    assert {swap.id.split("+")[0] for swap in found} <= {swap.id for swap in swaps(count)}


def test_no_growth_changes_nothing() -> None:
    assert grown(swaps(9), 0.0) == tuple(swaps(9))
    assert [swap.id for swap in grown(swaps(4), 0.5)] == ["W0", "W0+1", "W1", "W2", "W2+1", "W3"]
    assert [swap.id for swap in grown(swaps(4), -0.5)] == ["W0", "W2"]


def test_a_copy_never_takes_the_name_of_another() -> None:
    given = [make.swap("W", 1), make.swap("W+1", 2)]
    assert [swap.id for swap in grown(given, 1.0)] == ["W", "W+1+", "W+1", "W+1+1"]


def changed(tmp_path: Path, station: dict[str, Any] | None = None, **variant: Any) -> Night:
    study = tiny.read(tmp_path, tiny.instance(station or tiny.station()))
    return study.night(0, VariantDocument(id="v", **variant), 0)


def pack_ids(night: Night) -> Sequence[str]:
    return [pack.id for pack in night.station.packs]


def test_fewer_packs_are_the_first_and_take_bays_and_chargers_along(tmp_path: Path) -> None:
    chargers = {"count": 3, "max_kw": 40, "efficiency": 0.8}
    night = changed(tmp_path, tiny.station(chargers=chargers), packs=2)
    assert (pack_ids(night), night.station.bays, night.station.chargers.count) == (["P1", "P2"], 2, 2)


def test_more_packs_are_the_same_again(tmp_path: Path) -> None:
    night = changed(tmp_path, packs=7)
    assert pack_ids(night) == ["P1", "P2", "P3", "P1+1", "P2+1", "P3+1", "P1+2"]
    assert (night.station.bays, night.station.chargers.count) == (7, 7)
    assert [pack.soc for pack in night.station.packs] == [0.9, 0.5, 0.1, 0.9, 0.5, 0.1, 0.9]


def test_a_copy_of_a_pack_never_takes_the_name_of_another(tmp_path: Path) -> None:
    packs = [{"id": name, "type": "A", "soc": 0.5} for name in ("P", "P+1")]
    assert pack_ids(changed(tmp_path, tiny.station(packs=packs), packs=4)) == ["P", "P+1", "P+1+", "P+1+1"]


def test_chargers_and_grid_of_a_variant(tmp_path: Path) -> None:
    station = changed(tmp_path, chargers=2, charger_kw=30.0, grid_limit_kw=90.0).station
    assert (station.chargers.count, station.chargers.max_kw, set(station.grid_limit_kw)) == (2, 30.0, {90.0})
    station = changed(tmp_path, chargers=2, packs=5).station
    assert (station.chargers.count, station.bays) == (2, 5)


def test_packs_to_keep_ready_are_the_station_s_unless_a_variant_says(tmp_path: Path) -> None:
    reserve = tiny.station(ready_reserve=[n % 2 for n in range(24)], reserve_cost=1)
    assert changed(tmp_path, reserve).station.ready_reserve == (0, 1) * 12
    assert changed(tmp_path, reserve, ready_reserve=2).station.ready_reserve == (2,) * 24
    assert changed(tmp_path, reserve, ready_reserve=0).station.ready_reserve == (0,) * 24


def test_what_the_instance_knows_of_its_month_does_not_count(tmp_path: Path) -> None:
    station = changed(tmp_path, tiny.station(tariff="demand", peak_so_far_kw={"peak": 50})).station
    assert (dict(station.peak_so_far_kw), station.tariff.energy_price_per_kwh) == ({}, (0.0,) * 24)


def test_drivers_grow_in_each_night(tmp_path: Path) -> None:
    assert [swap.id for swap in changed(tmp_path, demand_growth=0.5).station.swaps] == ["swap-1", "swap-1+1", "swap-2"]


def test_the_energy_part_is_what_bases_have_in_common() -> None:
    period = (make.period("always", 0.2),)
    plain = make.tariff(energy_periods=period)
    demanding = make.tariff(energy_periods=period, demand_charges=(make.demand(),), fixed_charge_per_day=1.0)
    assert energy_part(plain) == energy_part(demanding) != energy_part(make.tariff(0.3))


def test_months_of_which_the_nights_are_a_part(tmp_path: Path) -> None:
    assert list(tiny.read(tmp_path).months_in_part) == [(2026, 1), (2026, 2)]
    assert tiny.read(tmp_path, first_night="2026-01-01", nights=31).months_in_part == {}
    assert tiny.read(tmp_path, first_night="2026-03-01", nights=31).months_in_part == {}  # the clock changes
    late = tiny.read(tmp_path, first_night="2026-01-01", nights=31, nights_begin="18:00")
    assert list(late.months_in_part) == [(2026, 1), (2026, 2)]


def test_a_night_begins_in_utc(tmp_path: Path) -> None:
    start = tiny.read(tmp_path, first_night="2026-07-01").horizon(0).start
    assert start == datetime(2026, 6, 30, 22, tzinfo=UTC) and start.utcoffset() == timedelta(0)


def test_next_day_s_drivers_take_no_name_of_today_s(tmp_path: Path) -> None:
    drivers = [tiny.DRIVERS[0] | {"id": "a"}, tiny.DRIVERS[0] | {"id": "a, next day"}]
    study = tiny.read(tmp_path, tiny.instance(tiny.station(swaps=drivers)), look_ahead_hours=12)
    names = [swap.id for swap in study.night(0, study.variants[0], 0).station.swaps]
    assert names == ["a", "a, next day", "a, next day+", "a, next day, next day"]
