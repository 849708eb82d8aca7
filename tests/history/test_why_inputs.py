"""Groups of inputs: which differ, what mixtures of two nights are, and how they are told."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import builders as make
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_nights import random_night

from models.station.instance import Bay, Night
from models.tariff.billing_year import UseClass
from models.tariff.tariff import DemandCharge
from models.tolerances import is_same_money
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station
from optimizer.history.why.input_groups import Group, NightPair, finest_grouping, not_comparable
from optimizer.history.why.input_words import part_words
from optimizer.history.why.station_task import NotInTime, ToldApart, explain_station

NEXT_DAY = "2026-01-16T00:00+01:00"
DEMAND = make.demand("peak", 2.0, metering_minutes=60)
QUICK = RunOptions(effort="quick", gap=0.0)


def night(start: str = make.MIDNIGHT, **changes: Any) -> Night:
    """Four hours, P1 full, P2 half full, one driver; a demand charge of which the rest of the month counts."""
    settings = {
        "tariff": make.tariff((0.1, 0.2, 0.3, 0.4), demand_charges=(DEMAND,)),
        "swaps": [make.swap("W1", 2)],
        "peak_so_far_kw": {"peak": 10.0},
        **changes,
    }
    return make.night(4, on=make.horizon(4, start=start), **settings)


CHANGES: dict[Group, tuple[dict[str, Any], str]] = {
    "prices": (
        {"tariff": make.tariff((0.2, 0.3, 0.4, 0.5), demand_charges=(DEMAND,))},
        "higher prices (0.2500 to 0.3500 per kWh on average)",
    ),
    "drivers": (
        {"swaps": [make.swap("W1", 2), make.swap("W2", 3)]},
        "1 driver more (1 to 2)",
    ),
    "packs": (
        {"packs": (make.pack("P1", 0.9), make.pack("P2", 0.2), make.pack("P3", 0.1))},
        "emptier packs at the start (50.0 to 40.0 % full)",
    ),
    "site": ({"base_load_kw": 5.0}, "base load 0 to 20 kWh"),
    "equipment": ({"grid_limit_kw": 60.0, "chargers": make.chargers(count=1)}, "chargers, grid limit"),
    "month": ({"peak_so_far_kw": {"peak": 40.0}}, "month's peak so far (peak: 10.0 to 40.0 kW)"),
}


@pytest.mark.parametrize("group", CHANGES)
def test_a_change_is_of_one_group(group: Group) -> None:
    changes, words = CHANGES[group]
    pair = NightPair(night(), night(NEXT_DAY, **changes))
    assert pair.differing() == (group,)
    assert part_words((group,), pair) == words
    found = explain_station(pair, QUICK, 60.0)
    assert isinstance(found, ToldApart) and list(found.shares) == [(group,)]
    assert found.shares[group,].amount == pytest.approx(found.new.cost - found.old.cost)
    assert found.plans == 2


def test_nights_that_differ_in_dates_and_names_only_are_the_same() -> None:
    """A carried pack has another name, and so may a driver of the same forecast."""
    packs = tuple(replace(pack, id=f"return:{pack.id}"[:3] + pack.id) for pack in night().station.packs)
    other = night(NEXT_DAY, packs=packs, swaps=[make.swap("friday", 2)])
    pair = NightPair(night(), other)
    assert pair.differing() == ()
    found = explain_station(pair, QUICK, 60.0)
    assert isinstance(found, ToldApart) and found.shares == {}


def test_all_changes_at_once_make_the_other_night() -> None:
    changes: dict[str, Any] = {}
    for of_group, _ in CHANGES.values():
        changes |= of_group
    pair = NightPair(night(), night(NEXT_DAY, **changes))
    assert pair.differing() == tuple(CHANGES)
    assert pair.mixed(()) == replace(pair.old)
    assert replace(pair.mixed(pair.differing())) == pair.new
    found = explain_station(pair, QUICK, 60.0)
    assert isinstance(found, ToldApart) and found.plans == 64 and found.orders == 720
    assert sum(one.amount for one in found.shares.values()) == pytest.approx(found.new.cost - found.old.cost)


def test_the_days_left_of_the_month_go_with_the_month() -> None:
    charge = DemandCharge("peak", 31.0, 60, weight="remaining_days")
    old = night(tariff=make.tariff(0.1, demand_charges=(charge,)), peak_so_far_kw={})
    new = night("2026-01-30T00:00+01:00", tariff=make.tariff(0.2, demand_charges=(charge,)), peak_so_far_kw={})
    pair = NightPair(old, new)
    assert pair.differing() == ("prices", "month")
    assert part_words(("month",), pair) == "days left of the month (17 to 2)"
    mixed = pair.mixed(["month"])
    assert mixed.tariff_series.price_per_kwh == old.tariff_series.price_per_kwh
    assert mixed.tariff_series.demands == new.tariff_series.demands


def test_the_days_and_the_peak_of_a_year_are_called_so() -> None:
    charge = DemandCharge("peak", 365.0, 60, weight="remaining_days", period="year")
    tariff = make.tariff(0.1, demand_charges=(charge,))
    old = night(tariff=tariff, peak_so_far_kw={})
    pair = NightPair(old, night("2026-01-30T00:00+01:00", tariff=tariff, peak_so_far_kw={}))
    assert pair.differing() == ("month",)
    assert part_words(("month",), pair) == "days left of the year (351 to 336)"
    higher = NightPair(old, night("2026-01-30T00:00+01:00", tariff=tariff, peak_so_far_kw={"peak": 30.0}))
    assert part_words(("month",), higher) == "year's peak so far (peak: 0.0 to 30.0 kW)"


def test_prices_of_one_night_have_the_surcharge_of_its_class_once() -> None:
    """Those of the other night's class are not added to them again."""
    classes = (UseClass(2500.0, 100.0, -0.05),)
    charge = DemandCharge("peak", 365.0, 60, period="year", use_classes=classes, expected_hours=3000.0)
    low = replace(charge, expected_hours=2000.0)
    old = night(tariff=make.tariff(0.1, demand_charges=(low,)), peak_so_far_kw={})
    new = night(NEXT_DAY, tariff=make.tariff(0.2, demand_charges=(charge,)), peak_so_far_kw={})
    mixed = NightPair(old, new).mixed(["month"]).tariff_series
    assert mixed.price_per_kwh == old.tariff_series.price_per_kwh
    assert [one.steps for one in mixed.demands] == [one.steps for one in new.tariff_series.demands]


def test_a_stated_worth_of_energy_left_goes_with_prices() -> None:
    old, new = (
        make.night(types=[make.pack_type(end_value_per_kwh=worth)], swaps=[make.swap("W1", 1)]) for worth in (0.1, 0.3)
    )
    assert NightPair(old, new).differing() == ("prices",)


def test_limits_below_the_base_load_stay_as_they_are_stated() -> None:
    """A night raises its limit to its base load; a mixture has the limit of the file and the other's base load."""
    old = night(grid_limit_kw=50.0, base_load_kw=60.0, swaps=[])
    pair = NightPair(old, night(grid_limit_kw=50.0, base_load_kw=20.0, swaps=[]))
    assert pair.differing() == ("site",)
    assert pair.mixed(["site"]).station.grid_limit_kw == (50.0,) * 4


def test_packs_that_only_fit_into_their_own_bays_go_with_them() -> None:
    few = night(bays=2, packs=(make.pack("P1", 0.9), make.pack("P2", 0.5)))
    pair = NightPair(night(), few)
    assert finest_grouping(pair) == (("packs", "equipment"),)
    words = "together: 1 pack fewer at the start (3 to 2); bays,"
    assert part_words(("packs", "equipment"), pair) == words


def test_a_driver_who_asks_for_a_pack_that_is_not_there_takes_any() -> None:
    old = night(swaps=[make.swap("W1", 2, pack="P1")])
    new = night(packs=(make.pack("Q1", 0.9),), swaps=[])
    pair = NightPair(old, new)
    assert pair.differing() == ("drivers", "packs")
    assert [swap.pack for swap in pair.mixed(["packs"]).station.swaps] == [None]
    assert [swap.pack for swap in pair.mixed(()).station.swaps] == ["P1"]


def test_packs_in_bays_with_names_go_with_these_bays() -> None:
    packs = tuple(replace(pack, bay=bay) for pack, bay in zip(night().station.packs, "ABC", strict=True))
    named = night(bay_list=(Bay("A"), Bay("B"), Bay("C")), packs=packs)
    pair = NightPair(night(base_load_kw=3.0), named)
    assert finest_grouping(pair) == (("packs", "equipment"), ("site",))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"on": make.horizon(5)}, "nights of other length: 4, then 5 slots"),
        ({"on": make.horizon(4, 30)}, "slots of other length: 60, then 30 minutes"),
        ({"on": make.horizon(4, time_zone="Europe/Paris")}, "other time zone: Europe/Amsterdam, then Europe/Paris"),
        (
            {"on": make.horizon(4, start="2026-01-16T06:00+01:00")},
            "nights begin at other hours: 00:00, then 06:00",
        ),
        ({"on": make.horizon(4, start=NEXT_DAY)}, ""),
    ],
)
def test_nights_of_other_slots_are_not_compared(changes: dict[str, Any], reason: str) -> None:
    assert not_comparable(make.night(4), make.night(**changes)) == reason


def test_without_time_nothing_is_told_apart() -> None:
    pair = NightPair(night(), night(base_load_kw=5.0))
    assert explain_station(pair, QUICK, 0.0) == NotInTime()


def test_a_base_load_that_only_fits_its_own_limit_goes_with_it() -> None:
    pair = NightPair(night(), night(base_load_kw=300.0, grid_limit_kw=400.0))
    assert finest_grouping(pair) == (("site", "equipment"),)
    assert part_words(("site", "equipment"), pair) == "together: base load 0 to 1,200 kWh; grid limit,"


def test_a_driver_who_wants_more_than_another_target_goes_with_the_pack_types() -> None:
    old = night(swaps=[make.swap("W1", 2, swap_soc=0.9)])
    new = night(types=[make.pack_type(target_soc=0.85)], base_load_kw=1.0, swaps=[make.swap("W1", 3)])
    pair = NightPair(old, new)
    assert finest_grouping(pair) == (("drivers", "equipment"), ("site",))


NIGHTS: dict[Any, list[int]] = {}
for _seed in range(200):
    NIGHTS.setdefault(random_night(_seed).horizon, []).append(_seed)
PAIRS = sorted(pair for seeds in NIGHTS.values() for pair in pairwise(seeds))


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(PAIRS))
def test_any_two_nights_of_equal_slots_are_the_ends_of_their_mixtures(seeds: tuple[int, int]) -> None:
    """Whatever differs: without changes a mixture costs what the old night does, with all of them the new one."""
    pair = NightPair(*map(random_night, seeds))
    parts = finest_grouping(pair)
    every = [group for part in parts for group in part]
    assert sorted(every) == sorted(pair.differing())
    for made, real in (([], pair.old), (every, pair.new)):
        plans = [plan_station(one, RunOptions(effort="quick", gap=0.0)).result for one in (pair.mixed(made), real)]
        assert is_same_money(plans[0].objective, plans[1].objective)
    assert all(part_words(part, pair) for part in parts)
