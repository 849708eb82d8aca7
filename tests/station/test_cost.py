"""The bill by hand arithmetic, field by field, on nights small enough to reckon on paper."""

from __future__ import annotations

from typing import Any

import builders as make
import pytest

from models.station.carry_over.month_to_date import month_to_date
from models.station.cost import Cost, base_bill, cost_of, drawn_power_kw, gap_between, plug_changes
from models.station.instance import Night
from models.station.schedule import PackRow, Schedule
from models.tariff.tariff import EnergyTiers
from models.tolerances import CHARGING_KW, GAP_RELATIVE, MONEY_RELATIVE

# Charging 8, 16, 0, 8 kW into packs draws 10, 20, 0, 10 kW from the grid.
POWERS = {"P2": (8, 8, 0, 8), "P3": (0, 8, 0, 0)}


def cost(night: Night, powers: Any = None, hand_overs: Any = None, **series: Any) -> Cost:
    """The bill of a plan on `night`."""
    return cost_of(night, make.schedule(night, POWERS if powers is None else powers, hand_overs, **series))


def test_drawn_power_is_charging_over_efficiency_and_base_load_less_sun() -> None:
    night = make.night(base_load_kw=(1, 2, 3, 4), solar_kw=3)
    plan = make.schedule(night, POWERS, solar_used_kw=(0, 0.5, 3, 0))
    assert drawn_power_kw(night, plan) == pytest.approx([11, 21.5, 0, 14])


def test_station_without_packs_draws_its_base_load() -> None:
    night = make.night(packs=[], base_load_kw=(1, 2, 3, 4))
    assert drawn_power_kw(night, make.schedule(night)) == [1, 2, 3, 4]


def test_energy() -> None:
    night = make.night(tariff=make.tariff([0.1, 0.2, 0.3, -0.1]), base_load_kw=1)
    assert cost(night).energy == pytest.approx(0.1 * 11 + 0.2 * 21 + 0.3 * 1 - 0.1 * 11)


def test_energy_by_the_quarter_hour() -> None:
    night = make.night(on=make.horizon(4, 15))
    assert cost(night).energy == pytest.approx(0.1 * 40 / 4)


def test_fixed_charge_is_in_no_field() -> None:
    assert cost(make.night(tariff=make.tariff(fixed_charge_per_day=50))) == cost(make.night())


# Tiers of the month's energy: 0.5 above 100 kWh, of which the month has 70


def tiered(**changes: Any) -> Night:
    """Four half hours; tiers count from 00:30 on, so half of each slot of an hour in which that falls."""
    tiers = EnergyTiers("block", ((100.0, 0.5),), (make.window("00:30", "24:00"),))
    tariff = make.tariff(0.1, energy_tiers=(tiers,))
    return make.night(**{"tariff": tariff, "energy_so_far_kwh": {"block": 70.0}, **changes})


def test_tiers_count_what_passes_the_threshold_after_the_months_kwh_so_far() -> None:
    night = tiered(base_load_kw=(20, 8, 9, 10))  # half of 20 counts: 70 + 10 + 8 + 9 + 10
    assert cost(night, {}).energy == pytest.approx(0.1 * 47 + 0.5 * 7)


def test_tiers_by_the_half_hour() -> None:
    night = tiered(on=make.horizon(4, 30), base_load_kw=(40, 60, 20, 10))  # 70 + 30 + 10 + 5
    assert cost(night, {}).energy == pytest.approx(0.1 * 65 + 0.5 * 15)


def test_tiers_leave_out_what_the_month_has_paid() -> None:
    night = tiered(energy_so_far_kwh={"block": 150.0}, base_load_kw=(0, 8, 0, 0))
    assert cost(night, {}).energy == pytest.approx(0.1 * 8 + 0.5 * 8)


# Demand


def demanding(*charges: Any, peak_so_far_kw: dict[str, float] | None = None, **changes: Any) -> Night:
    """A night of four hours with these demand charges."""
    tariff = make.tariff(demand_charges=charges)
    return make.night(tariff=tariff, peak_so_far_kw=peak_so_far_kw or {}, **changes)


def test_demand_is_on_the_highest_average() -> None:
    assert cost(demanding(make.demand(rate_per_kw=3))).demand == 3 * 20


def test_demand_counts_what_passes_the_peak_so_far() -> None:
    assert cost(demanding(make.demand(rate_per_kw=3), peak_so_far_kw={"peak": 12})).demand == 3 * 8
    assert cost(demanding(make.demand(rate_per_kw=3), peak_so_far_kw={"peak": 25})).demand == 0


def test_demand_is_weighted() -> None:
    assert cost(demanding(make.demand(rate_per_kw=3, weight=0.5))).demand == 30


def test_demand_averages_over_the_metering_interval() -> None:
    on = make.horizon(4, 15)
    assert cost(demanding(make.demand(rate_per_kw=3, metering_minutes=30), on=on)).demand == 3 * 15
    assert cost(demanding(make.demand(rate_per_kw=3, metering_minutes=60), on=on)).demand == 3 * 10


def test_demand_charges_add_up_each_on_its_own_window_and_peak() -> None:
    late = make.demand("late", 5, windows=(make.window("02:00", "04:00"),))
    never = make.demand("never", 100, windows=(make.window("20:00", "22:00"),))
    night = demanding(make.demand(rate_per_kw=3), late, never, peak_so_far_kw={"late": 4})
    assert cost(night).demand == 3 * 20 + 5 * (10 - 4)


def test_no_peak_where_nothing_is_drawn() -> None:
    assert month_to_date(demanding(make.demand()), [0, 0, 0, 0]).peak_kw == {"peak": 0}


def test_peaks_of_the_night_are_tomorrows_peak_so_far() -> None:
    late = make.demand("late", windows=(make.window("02:00", "04:00"),))
    night = demanding(make.demand(), late, peak_so_far_kw={"late": 30})
    plan = make.schedule(night, POWERS)
    assert month_to_date(night, drawn_power_kw(night, plan)).peak_kw == {"peak": 20, "late": 30}


# Wear, plug changes, lost swaps, reserve


def test_wear_by_pack_and_hour() -> None:
    night = make.night(types=[make.pack_type(wear=((0, 0), (4, 0.4), (8, 2)))])
    assert cost(night, {"P2": (8, 2, 0, 10), "P3": (4, 0, 0, 0)}).wear == pytest.approx(2 + 0.2 + 2.8 + 0.4)


def test_wear_by_the_quarter_hour_and_type() -> None:
    types = [make.pack_type(wear=((0, 0), (8, 2))), make.pack_type(id="B", wear=((0, 0), (8, 4)))]
    packs = [make.pack("P1", 0.5), make.pack("P2", 0.5, "B")]
    night = make.night(on=make.horizon(4, 15), types=types, packs=packs)
    assert cost(night, {"P1": (8, 0, 0, 0), "P2": (0, 4, 0, 0)}).wear == pytest.approx(0.5 + 0.5)


def test_wear_of_a_returned_pack() -> None:
    night = make.night(types=[make.pack_type(wear=((0, 0), (8, 2)))], swaps=[make.swap("W1", 1)])
    assert cost(night, {"return:W1": (0, 8, 0, 0)}, {"W1": "P1"}).wear == 2


def test_plug_changes_may_cost_otherwise_at_each_boundary() -> None:
    night = make.night(plug_change_cost=(9.0, 0.5, 0.0, 2.0))  # the first stands for no boundary
    assert cost(night, {"P1": (0, 5, 0, 5)}).plug_changes == 0.5 + 2.0


@pytest.mark.parametrize(
    ("powers", "changes"),
    [
        ({}, [0, 0, 0, 0]),
        ({"P1": (5, 5, 5, 5)}, [0, 0, 0, 0]),  # no boundary before slot 0
        ({"P1": (5, 0, 0, 5)}, [0, 1, 0, 1]),
        ({"P1": (5, 0, 5, 0), "P2": (0, 5, 0, 5)}, [0, 1, 1, 1]),  # one charger goes from pack to pack
        ({"P1": (5, 0, 0, 0), "P2": (5, 0, 0, 0), "P3": (0, 5, 0, 0)}, [0, 2, 1, 0]),
        ({"P1": (0, 0, 5, 5)}, [0, 0, 1, 0]),
        ({"P1": (5, 5, 0, 0)}, [0, 0, 1, 0]),
        ({"P1": (5, 0, 0, 0), "P2": (5, 5, 5, 0), "P3": (0, 0, 5, 5)}, [0, 1, 1, 1]),
        ({"P1": (5, 1e-5, 0, 0)}, [0, 1, 0, 0]),  # a trickle is not charging
        ({"P1": (5, CHARGING_KW, 0, 0)}, [0, 1, 0, 0]),
    ],
)
def test_plug_changes_are_the_larger_of_starts_and_stops(powers: Any, changes: list[int]) -> None:
    night = make.night(plug_change_cost=0.5)
    assert plug_changes(make.schedule(night, powers), 4, night.charging_kw) == changes
    assert cost(night, powers).plug_changes == 0.5 * sum(changes)


def test_plug_changes_of_a_pack_that_has_two_rows() -> None:
    """No valid plan, but it has a price: the pack charges where one of its rows does."""
    rows = (PackRow("P1", 0, (5, 0, 0, 0)), PackRow("P1", 0, (0, 0, 0, 0)))
    assert plug_changes(Schedule("S", rows, ()), 4, CHARGING_KW) == [0, 1, 0, 0]


def test_lost_swaps() -> None:
    swaps = [make.swap("W1", 1), make.swap("W2", 2, lost_cost=7), make.swap("W3", 3, lost_cost=20)]
    assert cost(make.night(swaps=swaps), hand_overs={"W1": "P1"}).lost_swaps == 27


def test_reserve() -> None:
    night = make.night(ready_reserve=2, reserve_cost=4)
    assert cost(night, reserve_shortfall=(1, 0, 2, 0)).reserve == 12
    assert cost(night).reserve == 0


# End value


def test_end_value_of_everything_in_the_station() -> None:
    night = make.night(types=[make.pack_type(end_value_per_kwh=0.5)])
    assert cost(night).end_value == pytest.approx(0.5 * (90 + 50 + 24 + 10 + 8))


def test_end_value_by_the_quarter_hour() -> None:
    night = make.night(on=make.horizon(4, 15), types=[make.pack_type(end_value_per_kwh=0.5)])
    assert cost(night).end_value == pytest.approx(0.5 * (90 + 50 + 6 + 10 + 2))


def test_end_value_of_a_pack_without_a_row() -> None:
    night = make.night(types=[make.pack_type(end_value_per_kwh=0.5)])
    assert cost_of(night, Schedule("S", (), ())).end_value == pytest.approx(0.5 * (90 + 50 + 10))


def test_end_value_counts_up_to_target() -> None:
    night = make.night(types=[make.pack_type(end_value_per_kwh=0.5)], packs=[make.pack("P1", 0.95)])
    assert cost(night, {}).end_value == pytest.approx(0.5 * 90)


def test_end_value_follows_the_packs() -> None:
    night = make.night(types=[make.pack_type(end_value_per_kwh=0.5)], swaps=[make.swap("W1", 1), make.swap("W2", 3)])
    assert cost(night, {"return:W1": (0, 0, 20, 0)}, {"W1": "P1"}).end_value == pytest.approx(0.5 * (50 + 10 + 10 + 20))


def test_end_value_where_nothing_is_returned() -> None:
    night = make.night(types=[make.pack_type(end_value_per_kwh=0.5)], swaps=[make.swap("W1", 1, None)])
    assert cost(night, {}, {"W1": "P1"}).end_value == pytest.approx(0.5 * (50 + 10))


def test_end_value_defaults_to_buying_back_at_the_cheapest_price() -> None:
    night = make.night(tariff=make.tariff([0.4, 0.2, 0.3, 0.4]), packs=[make.pack("P1", 0.5)])
    assert cost(night, {}).end_value == pytest.approx(0.2 / 0.8 * 50)


# Base bill and sums


def test_base_bill_is_energy_and_demand_of_the_base_load_alone() -> None:
    night = demanding(make.demand(rate_per_kw=3), peak_so_far_kw={"peak": 2}, base_load_kw=(4, 6, 4, 4))
    assert base_bill(night) == pytest.approx(0.1 * 18 + 3 * 4)
    assert cost(night).base_bill == base_bill(night)


def test_sun_serves_the_base_load_as_far_as_it_goes() -> None:
    night = demanding(make.demand(rate_per_kw=3), base_load_kw=(4, 6, 4, 4), solar_kw=(0, 5, 9, 0))
    assert base_bill(night) == pytest.approx(0.1 * (4 + 1 + 0 + 4) + 3 * 4)


def test_doing_nothing_has_no_gross_cost() -> None:
    night = demanding(make.demand(), base_load_kw=(4, 6, 4, 4), solar_kw=(0, 5, 9, 0))
    bill = cost(night, {}, solar_used_kw=(0, 5, 4, 0))
    assert bill.gross_cost == pytest.approx(0)
    assert bill.objective == pytest.approx(base_bill(night) - bill.end_value)


BILL = Cost(energy=1, demand=2, wear=4, plug_changes=8, lost_swaps=16, reserve=32, end_value=5, base_bill=3)


def test_objective_is_the_sum_less_the_credit() -> None:
    assert BILL.objective == 63 - 5


def test_gross_cost_is_the_sum_less_the_base_bill() -> None:
    assert BILL.gross_cost == 63 - 3


def test_nothing_costs_nothing() -> None:
    assert Cost() == Cost(0, 0, 0, 0, 0, 0, 0, 0)


def test_bills_add_up() -> None:
    assert BILL + Cost(energy=1, base_bill=1) == Cost(2, 2, 4, 8, 16, 32, 5, 4)


@pytest.mark.parametrize(
    ("objective", "bound", "gross", "gap"),
    [
        (12, 10, 8, 0.25),
        (-10, -12, 8, 0.25),  # a credit may bring the objective below zero
        (0, -2, 8, 0.25),
        (10, 10, 8, 0.0),
        (10, 10, 0, 0.0),
        (10, 10 + 1e-6, 8, 0.0),  # a bound a hair above the objective
        (1e6, 1e6 - 1e-4, 8, 0.0),  # rounding
        (1e6, 1e6 - 1e-2, 8, 0.00125),
        (0, 0, 0, 0.0),
        (12, 10, 0, None),
        (12, 10, 1e-9, None),
        (GAP_RELATIVE, 0, 0, 0.0),  # of 1 where all amounts are smaller
        (0.9 * MONEY_RELATIVE, 0, 0, 0.0),
        (1.5 * MONEY_RELATIVE, 0, 0, None),
        (0.5, 0, GAP_RELATIVE, None),
    ],
)
def test_gap(objective: float, bound: float, gross: float, gap: float | None) -> None:
    found = gap_between(objective, bound, gross)
    assert found == (None if gap is None else pytest.approx(gap, rel=1e-6))


def test_whole_bill() -> None:
    night = make.night(
        swaps=[make.swap("W1", 1), make.swap("W2", 2, lost_cost=7)],
        types=[make.pack_type(wear=((0, 0), (8, 2)), end_value_per_kwh=0.5)],
        tariff=make.tariff(0.1, demand_charges=(make.demand(rate_per_kw=3),)),
        peak_so_far_kw={"peak": 5},
        base_load_kw=2,
        plug_change_cost=0.25,
        ready_reserve=1,
        reserve_cost=4,
    )
    plan = make.schedule(night, {"P2": (8, 0, 0, 0), "return:W1": (0, 0, 16, 0)}, {"W1": "P1"}, (), (0, 1, 1, 1))
    assert cost_of(night, plan) == Cost(
        energy=pytest.approx(0.1 * (12 + 2 + 22 + 2)),
        demand=pytest.approx(3 * (22 - 5)),
        wear=pytest.approx(2 + 4),
        plug_changes=0.25 * 3,  # P2 stops, the returned pack starts, it stops
        lost_swaps=7,
        reserve=12,
        end_value=pytest.approx(0.5 * (58 + 10 + 26)),
        base_bill=pytest.approx(0.1 * 8),
    )


def test_plan_that_breaks_rules_is_billed_all_the_same() -> None:
    night = make.night(swaps=[make.swap("W1", 1)])
    plan = make.schedule(night, {"P9": (8, 0, 0, 0), "P1": (0, 0, 80, 0)}, {"W1": "P1"})
    assert isinstance(plan, Schedule)
    assert cost_of(night, plan).energy == pytest.approx(0.1 * 110)


def test_a_night_on_which_nothing_is_charged_is_proven() -> None:
    """Its bound lies a hair below, by what the checker forgives; there is no gross cost to hold that against."""
    assert gap_between(22.660714, 22.660712, 0.0) == 0.0
    assert gap_between(-6.053571, -6.053573, 0.0) == 0.0
    assert gap_between(22.66, 22.65, 0.0) is None
