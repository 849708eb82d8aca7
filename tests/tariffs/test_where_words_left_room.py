"""Off the metering interval, months with clock changes, a ratchet in a second month: as the format page has it."""

from __future__ import annotations

from dataclasses import replace

import builders as make
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.station.cost import cost_of
from models.tariff.bill import Load, bill
from models.tariff.series import tariff_on
from models.tariff.tariff import FixedCharge, Ratchet
from optimizer.check.rules import check

AMSTERDAM = "Europe/Amsterdam"


def fixed(per: str, hours: int, start: str, zone: str = AMSTERDAM) -> float:
    tariff = make.tariff(fixed_charges=(FixedCharge("meter", 100, per),))
    return tariff_on(tariff, make.horizon(hours, 60, start, zone)).fixed_charge


@pytest.mark.parametrize(
    ("per", "hours", "start", "share"),
    [
        ("month", 743, "2026-03-01T00:00+01:00", 1.0),
        ("month", 371, "2026-03-01T00:00+01:00", 371 / 743),
        ("month", 300, "2026-10-01T00:00+02:00", 300 / 745),
        ("month", 2, "2026-01-31T23:00+01:00", 1 / 744 + 1 / 672),
        ("day", 23, "2026-03-29T00:00+01:00", 1.0),
        ("day", 25, "2026-10-25T00:00+02:00", 1.0),
        ("day", 24, "2026-10-25T00:00+02:00", 24 / 25),
        ("year", 743, "2026-03-01T00:00+01:00", 743 / 8760),
        ("year", 24, "2024-05-01T00:00+02:00", 24 / 8784),
    ],
)
def test_fixed_charges_go_by_the_length_of_the_local_day_month_or_year(
    per: str, hours: int, start: str, share: float
) -> None:
    assert fixed(per, hours, start) == pytest.approx(100 * share)


def test_a_horizon_has_fixed_charges_of_its_months_only() -> None:
    """Two hours, one of January and one of February, which alone pays."""
    tariff = make.tariff(fixed_charges=(FixedCharge("meter", 100, "month", (2, 3)),))
    assert tariff_on(tariff, make.horizon(2, 60, "2026-01-31T23:00+01:00", AMSTERDAM)).fixed_charge == 100 / 672


@pytest.mark.parametrize("metering", [5, 15])
def test_slots_no_shorter_than_the_metering_interval_may_start_off_it(metering: int) -> None:
    tariff = make.tariff(demand_charges=(make.demand(metering_minutes=metering),))
    (demand,) = tariff_on(tariff, make.horizon(3, 15, "2026-01-15T17:07+01:00")).demands
    assert demand.intervals == (((0, 1.0),), ((1, 1.0),), ((2, 1.0),))


def test_a_slot_off_the_interval_counts_where_any_of_its_intervals_does() -> None:
    """The window takes the interval from 17:15 to 17:30: parts of the slots from 17:07 and from 17:22."""
    windows = (make.window("17:10", "17:20"),)
    tariff = make.tariff(demand_charges=(make.demand(metering_minutes=15, windows=windows),))
    (demand,) = tariff_on(tariff, make.horizon(3, 15, "2026-01-15T17:07+01:00")).demands
    assert demand.intervals == (((0, 1.0),), ((1, 1.0),))


@given(st.lists(st.floats(0, 100), min_size=1, max_size=12), st.integers(0, 59), st.sampled_from([5, 15, 30]))
def test_the_highest_average_is_never_below_that_of_the_meter(kw: list[float], off: int, metering: int) -> None:
    """The true bill of the minutes, the hours before and after at nothing, against that of the slots."""
    windows = (make.window("17:20", "18:10"),)
    demand = make.demand(metering_minutes=metering, windows=windows)
    tariff = make.tariff(0.0, demand_charges=(demand,))
    on = make.horizon(len(kw), 30, f"2026-01-15T17:{off:02d}+01:00")
    night = make.night(on=on, tariff=tariff, base_load_kw=tuple(kw), packs=(), grid_limit_kw=999.0)
    minutes = [0.0] * (17 * 60 + off) + [one for one in kw for _ in range(30)]
    minutes += [0.0] * (-len(minutes) % 60)
    true = bill(tariff, Load(make.horizon(1).start, 1, tuple(minutes)), on.zone)
    billed = sum(line.amount for line in true if line.kind == "demand")
    known = cost_of(night, make.schedule(night)).demand
    assert known >= billed - 1e-6
    of_slots = bill(tariff, Load(on.start, 30, tuple(kw)), on.zone)
    assert known == pytest.approx(sum(line.amount for line in of_slots if line.kind == "demand"))


@pytest.mark.parametrize(
    ("ratchet", "lookback_kw", "floor_kw"),
    [
        (Ratchet(0.8), 60.0, 48.0),
        (Ratchet(0.8), 30.0, 40.0),  # January's 50 so far is the highest earlier month
        (Ratchet(0.8, counted_months=(7,)), 30.0, 24.0),  # January is not among those looked at
        (Ratchet(0.8, billed_months=(7,)), 30.0, 0.0),
    ],
)
def test_ratchet_of_a_second_month_looks_back_at_the_first(
    ratchet: Ratchet, lookback_kw: float, floor_kw: float
) -> None:
    tariff = make.tariff(demand_charges=(make.demand(metering_minutes=60, ratchet=ratchet),))
    night = make.night(on=make.horizon(3, 60, "2026-01-31T23:00+01:00"), tariff=tariff, packs=())
    known = {"peak_so_far_kw": {"peak": 50.0}, "lookback_peak_kw": {"peak": lookback_kw}}
    night = replace(night, station=replace(night.station, **known))
    january, february = night.tariff_series.demands
    assert night.demand_floor_kw(january) == 50
    assert night.demand_floor_kw(february) == pytest.approx(floor_kw)


def test_what_the_second_month_pays_is_in_the_bill_of_the_same_load() -> None:
    """January has drawn 50 kW before, so February's first kW up to 40 are billed anyway; the plan draws 45."""
    tariff = make.tariff(0.0, demand_charges=(make.demand(metering_minutes=60, ratchet=Ratchet(0.8)),))
    on, known = make.horizon(3, 60, "2026-01-31T23:00+01:00"), {"peak_so_far_kw": {"peak": 50.0}}
    night = make.night(on=on, tariff=tariff, base_load_kw=(0.0, 45.0, 0.0), packs=(), **known)
    lines = bill(tariff, Load(make.horizon(1, 60, "2026-01-31T22:00+01:00").start, 60, (50.0, 0.0, 45.0, 0.0)), on.zone)
    (february,) = (line.amount for line in lines if line.kind == "demand" and line.month == (2026, 2))
    assert cost_of(night, make.schedule(night)).demand + 2 * 40 == pytest.approx(february) == 90


def test_packs_of_the_start_stand_in_the_bays_of_their_order() -> None:
    night = make.night(packs=[make.pack("P0", 0.5), make.pack("P1", 0.9)])
    plan = make.with_row(make.schedule(night, {"P0": (0.0,) * 4}), "P0", bay=1)
    assert [(v.rule, v.where, v.found, v.limit) for v in check(night, plan)] == [("bays", "pack P0", 1, 0)]
