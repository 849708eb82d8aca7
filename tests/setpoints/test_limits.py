"""Limits in steps: rounding, periods, what chargers make of them."""

from __future__ import annotations

from itertools import pairwise

import builders as make
import pytest
import set_points as support
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidData
from models.station.instance import Night
from models.station.schedule import Schedule
from optimizer.check.rules import check
from optimizer.setpoints.fit.fitted import fitted_limits
from optimizer.setpoints.fit.limits import LimitUnit, Period, limits_of, periods_of

HOUR = 3600
slots_of_seconds = st.lists(
    st.integers(0, 60).flatmap(lambda cut: st.tuples(st.just(cut), st.integers(0, 3), st.integers(0, 3))), min_size=1
)


@given(slots_of_seconds)
def test_periods_and_slots_say_the_same(pieces: list[tuple[int, int, int]]) -> None:
    limits = [tuple(p for p in ((cut, one), (60 - cut, other)) if p[0]) for cut, one, other in pieces]
    periods = periods_of(limits)
    assert periods[0].begin == 0 and periods[-1].end == 60 * len(pieces)
    assert all(a.end == b.begin and a.steps != b.steps for a, b in pairwise(periods))
    again = limits_of([one for one in periods if one.steps], len(pieces), 60)
    assert periods_of(again) == periods


def test_a_limit_is_rounded_up_to_a_tenth_of_a_watt() -> None:
    night = make.night(2, chargers=make.chargers(count=1, efficiency=0.9), packs=[make.pack("P1", 0.1)], bays=1,
                       swaps=[])  # fmt: skip
    fit = fitted_limits(night, make.schedule(night, {"P1": (20.0, 10.0)}), LimitUnit())
    assert fit.by_bay == {0: [((HOUR, 222223),), ((HOUR, 111112),)]}  # 20 kW / 0.9 = 22,222.22 W
    carried = fit.carried_out()
    assert carried.schedule.rows[0].power_kw == pytest.approx((20.00007, 10.00008))


def test_at_the_pack_no_efficiency_counts() -> None:
    night = make.night(2, packs=[make.pack("P1", 0.1)], bays=1, chargers=make.chargers(count=1))
    fit = fitted_limits(night, make.schedule(night, {"P1": (20.0, 0.0)}), LimitUnit(side="pack"))
    assert fit.by_bay[0][0] == ((HOUR, 200000),)


def test_amperes_are_of_each_phase_and_change_within_a_block() -> None:
    night = make.night(2, packs=[make.pack("P1", 0.1)], bays=1, chargers=make.chargers(count=1))
    fit = fitted_limits(night, make.schedule(night, {"P1": (20.0, 20.0)}), LimitUnit("A"))
    # 25 kW from the grid are 36.23188 A of three phases at 230 V
    assert periods_of(fit.by_bay[0]) == (Period(0, 2296, 363), Period(2296, 7200, 362))
    assert sum(fit.carried_out().schedule.rows[0].power_kw) == pytest.approx(40.0, abs=0.0001)


def test_on_off_chargers_take_full_power_for_a_part_of_the_last_slot() -> None:
    chargers = make.chargers(count=1, mode="on_off")
    night = make.night(2, packs=[make.pack("P1", 0.3)], bays=1, chargers=chargers)
    fit = fitted_limits(night, make.schedule(night, {"P1": (40.0, 20.0)}), LimitUnit())
    assert fit.by_bay[0] == [((HOUR, 500000),), ((1800, 500000), (1800, 0))]
    assert fit.carried_out().schedule.rows[0].power_kw == pytest.approx((40.0, 20.0))


def test_least_power_too() -> None:
    chargers = make.chargers(count=1, min_kw=20)
    night = make.night(1, packs=[make.pack("P1", 0.8)], bays=1, chargers=chargers)
    fit = fitted_limits(night, make.schedule(night, {"P1": (10.0,)}), LimitUnit())
    assert fit.by_bay[0] == [((1800, 250000), (1800, 0))]


def tight() -> tuple[Night, Schedule]:
    """Two packs share a grid limit to the last watt, to be full at the driver's hour: neither can do with less."""
    kind = make.pack_type(swap_soc=0.9)
    night = make.night(
        3, types=[kind], bays=2, grid_limit_kw=80.0, chargers=make.chargers(efficiency=0.9),
        packs=[make.pack("P1", 0.1), make.pack("P2", 0.62)], swaps=[make.swap("W1", 2), make.swap("W2", 2)],
    )  # fmt: skip
    powers = {"P1": (40.0, 40.0, 0.0), "P2": (28.0, 0.0, 0.0)}
    return night, make.schedule(night, powers, {"W1": "P1", "W2": "P2"})


def test_where_the_grid_is_full_limits_are_rounded_down_and_made_up_for_elsewhere() -> None:
    night, plan = tight()
    assert not check(night, plan)
    full = (40.0 + 28.0) / 0.9
    narrow = make.night(
        3, types=night.pack_types.values(), bays=2, grid_limit_kw=full, chargers=night.station.chargers,
        packs=night.station.packs, swaps=night.station.swaps,
    )  # fmt: skip
    assert not check(narrow, plan)
    fit = fitted_limits(narrow, plan, LimitUnit())
    assert (fit.lowered, fit.raised, fit.staggered) == (1, 1, 0)
    assert fit.by_bay[1] == [((HOUR, 311111),), ((1, 311111), (HOUR - 1, 0)), ((HOUR, 0),)]


def test_a_plan_that_breaks_a_rule_is_refused() -> None:
    night = make.night(1, packs=[make.pack("P1", 0.1)], bays=1, chargers=make.chargers(count=1))
    with pytest.raises(InvalidData) as refused:
        fitted_limits(night, make.schedule(night, {"P1": (50.0,)}), LimitUnit())
    (problem,) = refused.value.problems
    assert (problem.place, problem.value) == ("power, pack P1, slot 0", 50.0)
    assert (problem.rule, problem.remedy) == ("breaks a rule: nothing is exported (limit 40)", "check the plan")


def test_solar_power_is_used_as_far_as_it_is_drawn() -> None:
    night = make.night(1, packs=[make.pack("P1", 0.1)], bays=1, chargers=make.chargers(count=1, efficiency=0.9),
                       solar_kw=30.0)  # fmt: skip
    plan = make.schedule(night, {"P1": (20.0,)}, solar_used_kw=(20.0 / 0.9,))
    assert support.exported(night, plan).carried.schedule.solar_used_kw == pytest.approx((20.0 / 0.9,))
