"""Plans near a previous one keep every rule and cost no more; without news nothing changes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from near_campaign import OPTIONS, as_previous, planned_again
from paths import INSTANCES
from random_nights import bent_night, on_off_night, random_night, switched, truck_night
from rolled_nights import rolled_on, with_driver_moved

from models.errors import InvalidData
from models.station.instance import Night
from models.station.result import PlanChanges, StationPlan
from models.station.schedule import PackRow, Schedule
from models.tolerances import MONEY_RELATIVE
from optimizer.check.rules import check
from optimizer.engine.near.changes import changes_of
from optimizer.engine.near.matching import committed
from optimizer.engine.plan_station import plan_station
from optimizer.formats.read_instance import read_instance

REAL = ("nl-winter-day", "zhejiang-21-packs", "sce-tou-ev-8-21-packs", "nl-negative-prices", "two-types-acceptance")


def real(name: str) -> Night:
    return read_instance(INSTANCES / "real" / f"{name}.json").nights[0]


def powers(schedule: Schedule) -> dict[str, tuple[float, ...]]:
    return {row.pack.replace("return:", "r-"): row.power_kw for row in schedule.rows}


def assert_near_is_right(plan: StationPlan, night: Night) -> StationPlan:
    """It keeps every rule, costs no more than stated, and says what it changes."""
    found, plain = planned_again(plan, night), plan_station(night, OPTIONS)
    assert check(night, found.schedule) == []
    assert found.changes is not None
    unproven = min(as_previous(plan).unproven, OPTIONS.gap * abs(plain.result.gross_cost))
    money = MONEY_RELATIVE * max(1.0, abs(plain.result.gross_cost))
    assert found.changes.extra_cost <= unproven + 2 * money
    kept = committed(as_previous(plan), night.by_pack)
    changes, of_plain = (changes_of(night.by_pack, kept, one.schedule) for one in (found, plain))
    assert (changes.hand_overs, changes.slots) <= (of_plain.hand_overs, of_plain.slots)
    assert (changes.hand_overs, changes.slots, changes.packs) == (
        found.changes.hand_overs, found.changes.slots, found.changes.packs,
    )  # fmt: skip
    return found


@pytest.mark.parametrize("name", REAL)
def test_without_news_the_rest_of_the_plan_comes_out_again(name: str) -> None:
    night = real(name)
    plan = plan_station(night, OPTIONS)
    rest = rolled_on(night, plan.schedule, 4)
    found = planned_again(plan, rest)
    assert found.changes is not None and found.changes.slots == found.changes.hand_overs == 0
    before = powers(plan.schedule)
    assert all(before[pack][4:] == row for pack, row in powers(found.schedule).items())


@pytest.mark.parametrize("name", REAL)
def test_a_late_driver_moves_little(name: str) -> None:
    night = real(name)
    plan = plan_station(night, OPTIONS)
    for index in (3, 8):
        found = assert_near_is_right(plan, with_driver_moved(night, index, 1))
        assert found.changes is not None and found.changes.packs <= 8


@pytest.mark.parametrize("make", [random_night, on_off_night, switched, truck_night])
@pytest.mark.parametrize("seed", range(8))
def test_random_nights_are_near_at_no_more_cost(make: object, seed: int) -> None:
    night = make(seed)  # type: ignore[operator]
    plan = plan_station(night, OPTIONS)
    again = planned_again(plan, night)
    assert again.changes == PlanChanges() and powers(again.schedule) == powers(plan.schedule)
    movable = [n for n, swap in enumerate(night.station.swaps) if swap.slot + 1 < night.horizon.slots]
    if movable:
        assert_near_is_right(plan, with_driver_moved(night, movable[0], 1))


@pytest.mark.parametrize("seed", range(8))
def test_curves_are_kept_by_plans_near_another(seed: int) -> None:
    night = bent_night(seed, random_night(seed))
    plan = plan_station(night, OPTIONS)
    try:
        rest = rolled_on(night, plan.schedule, 1)
    except InvalidData:  # metering intervals that are cut in two
        rest = night
    assert_near_is_right(plan, rest)


def test_a_slot_that_has_become_dear_is_left_and_no_more_changes_than_that() -> None:
    night = real("nl-winter-day")
    plan = plan_station(night, OPTIONS)
    prices, load_kw = (
        list(night.tariff_series.price_per_kwh),
        [sum(kw) for kw in zip(*powers(plan.schedule).values(), strict=True)],
    )
    dear = load_kw.index(max(load_kw[:30]))
    prices[dear] += 1.0
    tariff = replace(night.station.tariff, energy_price_per_kwh=tuple(prices))
    found = assert_near_is_right(plan, replace(night, station=replace(night.station, tariff=tariff)))
    assert found.changes is not None and 0 < found.changes.slots <= 12
    assert found.changes.moved_kwh <= 2 * max(load_kw) * night.horizon.slot_hours
    assert sum(row[dear] for row in powers(found.schedule).values()) < 1


def test_what_changes_is_counted() -> None:
    night = real("nl-winter-day")
    plan = plan_station(night, OPTIONS)
    kept = committed(as_previous(plan), night)
    row = next(row for row in plan.schedule.rows if any(row.power_kw))
    slot = next(t for t, kw in enumerate(row.power_kw) if kw > 0)
    less = [*row.power_kw]
    less[slot] -= 0.5 * less[slot]
    rows = tuple(PackRow(one.pack, one.bay, tuple(less)) if one is row else one for one in plan.schedule.rows)
    changed = Schedule(plan.schedule.station, rows, plan.schedule.hand_overs[1:], plan.schedule.solar_used_kw)
    found = changes_of(night, kept, changed)
    assert (found.hand_overs, found.slots) == (1, 1)
    assert found.packs == len({row.pack, plan.schedule.hand_overs[0].pack})
    assert found.moved_kwh == pytest.approx(0.5 * row.power_kw[slot] * night.horizon.slot_hours)
