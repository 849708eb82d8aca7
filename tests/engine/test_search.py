"""What a search accepts: plans that cost what their model says, bounds below plans; and that its best is checked."""

from __future__ import annotations

import math

import builders as make
import pytest

from models.formulations.levels.arrays import level_arrays
from models.formulations.levels.data import level_data
from models.station.cost import Cost
from models.station.schedule import HandOver, Schedule
from optimizer.engine.options import RunOptions
from optimizer.engine.search import InternalError, Search

NIGHT = make.night(swaps=[make.swap("W1", 2)], types=[make.pack_type(end_value_per_kwh=0.0)], base_load_kw=10)
IDLE = make.schedule(NIGHT)  # base load 4 · 10 kWh · 0.10 = 4, a lost swap 100
SERVED = make.schedule(NIGHT, {"P2": (30, 0, 0, 0)}, {"W1": "P1"})  # 4 + 30 / 0.8 · 0.10 = 7.75
BROKEN = make.schedule(NIGHT, {"P2": (50, 0, 0, 0)})


def search(**options: float) -> Search:
    return Search(NIGHT, RunOptions(**options))


def test_empty_search() -> None:
    empty = search()
    assert (empty.objective, empty.bound, empty.gap, empty.gap_reached) == (math.inf, -math.inf, None, False)
    with pytest.raises(InternalError, match=r"^station S: no plan in hand$"):
        empty.result(Cost())


def test_offer_returns_the_cost_and_keeps_the_plan() -> None:
    one = search()
    cost = one.offer(SERVED, "a test", 7.75)
    assert (one.schedule, one.cost, one.method) == (SERVED, cost, "a test")
    assert one.objective == cost.objective == pytest.approx(7.75)


def test_better_plan_replaces_and_worse_does_not() -> None:
    one = search()
    one.offer(IDLE, "nothing")
    one.offer(SERVED, "service")
    assert (one.schedule, one.method) == (SERVED, "service")
    worse = one.offer(IDLE, "nothing again")
    assert worse.objective == pytest.approx(104)
    assert (one.schedule, one.method, one.objective) == (SERVED, "service", pytest.approx(7.75))


def test_best_plan_that_breaks_a_rule_never_leaves() -> None:
    reported = (
        r"^station S: the plan by a test breaks 2 rules, "
        r"first balance at pack P2, slot 0: found 100\.0, limit 90\.0$"
    )
    one = search()
    one.offer(BROKEN, "a test")
    with pytest.raises(InternalError, match=reported):
        one.result(Cost())


def test_only_the_best_plan_is_checked() -> None:
    one = search()
    one.offer(BROKEN, "a test")
    one.raise_bound(7.0, "a test")
    one.offer(SERVED, "service")
    one.offer(BROKEN, "a test")
    assert one.result(Cost()).objective == pytest.approx(7.75)
    assert one.watch.seconds["check"] > 0


def test_plan_that_costs_something_else_than_its_model_says_is_refused() -> None:
    one = search()
    with pytest.raises(InternalError, match=r"^station S: the plan by a test costs 7\.75, its model says 7\.7501$"):
        one.offer(SERVED, "a test", 7.7501)
    assert one.schedule is None


def test_at_prices_beyond_any_tariff_the_solvers_tolerance_is_money() -> None:
    kinds = [make.pack_type(end_value_per_kwh=0.0)]
    dear = make.night(swaps=[make.swap("W1", 2)], types=kinds, tariff=make.tariff(6.5e8), base_load_kw=10)
    one = Search(dear, RunOptions())
    cost = one.offer(make.schedule(dear), "a test", 6.5e8 * 40 + 100 + 200)  # 4 h · 1e-7 kW · 6.5e8 = 260
    assert one.objective == cost.objective
    one.raise_bound(cost.objective + 200, "a test")
    assert one.bound == pytest.approx(cost.objective - 260)


def test_cost_may_differ_by_rounding() -> None:
    one = search()
    one.offer(SERVED, "a test", 7.75 + 7e-6)
    assert one.schedule is SERVED


def test_bound_above_a_plan_in_hand_is_refused() -> None:
    one = search()
    one.offer(SERVED, "a test")
    with pytest.raises(InternalError, match=r"^station S: bound 7\.7501 lies above a checked plan of 7\.75$"):
        one.raise_bound(7.7501, "a test")


def test_plan_below_the_bound_is_refused() -> None:
    one = search()
    one.raise_bound(8.0, "a test")
    with pytest.raises(InternalError, match=r"^station S: bound 8\.0 lies above a checked plan of 7\.75$"):
        one.offer(SERVED, "a test")


def test_higher_bound_stays() -> None:
    one = search()
    for bound in (3.0, 5.0, 4.0, -math.inf):
        one.raise_bound(bound, "a test")
    assert one.bound == 5


def test_claimed_bound_counts_until_a_plan_refutes_it() -> None:
    one = search()
    one.raise_bound(3.0, "a proof")
    one.claim_bound(9.0, "a solver")
    assert one.bound == 9
    one.offer(SERVED, "a test")
    assert one.bound == 3
    assert "the solver's bound is refuted by a checked plan and dropped" in one.log[-1]


def test_claim_above_a_plan_in_hand_is_dropped() -> None:
    one = search()
    one.offer(SERVED, "a test")
    one.raise_bound(3.0, "a proof")
    one.claim_bound(7.7501, "a solver")
    assert one.bound == 3
    one.claim_bound(5.0, "a solver")
    assert one.result(Cost()).bound == 5


def test_lower_claim_changes_nothing() -> None:
    one = search()
    one.raise_bound(3.0, "a proof")
    one.claim_bound(2.0, "a solver")
    assert one.bound == 3


def test_result_and_gap_are_told_against_the_gross_cost() -> None:
    one = search()
    one.offer(SERVED, "a test")
    one.raise_bound(7.0, "a test")
    result = one.result(Cost())
    assert (result.objective, result.bound) == (pytest.approx(7.75), 7.0)
    assert result.gap == one.gap == pytest.approx(0.75 / 3.75)  # 7.75 less the base bill of 4
    assert one.money_gap == pytest.approx(0.005 * 3.75)


def test_bound_of_a_result_never_passes_the_objective() -> None:
    one = search()
    one.offer(SERVED, "a test")
    one.raise_bound(one.objective + 1e-7, "a test")
    assert one.result(Cost()).bound == one.objective
    assert one.gap == 0


@pytest.mark.parametrize(("gap", "reached"), [(0.19, False), (0.21, True)])
def test_gap_asked_for(gap: float, reached: bool) -> None:
    one = search(gap=gap)
    one.offer(SERVED, "a test")
    one.raise_bound(7.0, "a test")
    assert (one.gap_reached, one.is_done) == (reached, reached)


def test_done_when_time_is_up() -> None:
    one = search(time_limit_seconds=0.0)
    assert one.seconds_left == 0
    assert one.is_done
    assert not one.gap_reached


def test_solver_time_is_counted() -> None:
    one = search()
    matrix = level_arrays(level_data(NIGHT, 1)).matrix
    assert one.watch.seconds["solver"] == 0
    assert one.solve(matrix).stopped == "optimal"
    assert one.watch.seconds["solver"] > 0


def test_progress_is_reported() -> None:
    reported: list[str] = []
    one = Search(NIGHT, RunOptions(), on_message=reported.append)
    one.offer(SERVED, "a test")
    one.raise_bound(7.0, "a proof")
    assert [line.split(" s, ")[1] for line in reported] == ["best 7.75", "best 7.75, gap 20.00 %"]
    assert [line.split(": ")[1] for line in one.log] == ["plan 7.750000 by a test", "bound 7.000000 by a proof"]


def test_garbage_is_refused_and_not_raised_over() -> None:
    one = search()
    one.offer(Schedule("S", (), (HandOver("W1", "P9"),)), "a test")
    with pytest.raises(
        InternalError, match=r"^station S: the plan by a test breaks 1 rules, first hand_over at swap W1"
    ):
        one.result(Cost())
