"""The first rounds of column generation: an assignment at a plan's duals is dispatched, and what is settled ends."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import builders as make
import pytest

from models.station.instance import Night
from optimizer.engine.column_generation import CLOSE, ColumnGeneration
from optimizer.engine.column_pool import ColumnPool, MasterSolution, Node
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station


def night_under_a_peak(socs: tuple[float, ...], slots: tuple[int, ...], peak_so_far_kw: float) -> Night:
    """Packs for drivers in these slots, two cheap hours before, a demand charge with a peak that is paid for."""
    return make.night(
        slots=8,
        types=[make.pack_type(end_value_per_kwh=0.0)],
        packs=[make.pack(f"P{n}", soc) for n, soc in enumerate(socs, start=1)],
        swaps=[make.swap(f"W{n}", slot, 0.2, lost_cost=50) for n, slot in enumerate(slots, start=1)],
        grid_limit_kw=500,
        tariff=make.tariff(
            (0.3, 0.1, 0.1, 0.3, 0.3, 0.2, 0.2, 0.3),
            demand_charges=(make.demand(rate_per_kw=9.0, metering_minutes=60),),
        ),
        peak_so_far_kw={"peak": peak_so_far_kw},
    )


def test_the_assignment_at_the_duals_of_the_first_plan_is_dispatched(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the best plan of this night: without it, five restricted masters were solved until one was found."""
    solved, work = list[str](), ColumnPool.solve

    def counting(pool: ColumnPool, seconds: float) -> MasterSolution | None:
        solved.append("one more")
        return work(pool, seconds)

    monkeypatch.setattr(ColumnPool, "solve", counting)
    plan = plan_station(night_under_a_peak((0.6, 0.2, 0.2), (3, 4, 6), 50.0), RunOptions(gap=0.001))
    assert plan.result.objective == pytest.approx(27.5)
    assert plan.result.gap == pytest.approx(0.0, abs=0.001)
    assert len(solved) <= 2


def test_nothing_is_rounded_where_the_plan_in_hand_is_as_good_as_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    rounded, work = list[float](), ColumnGeneration._round

    def seen(generation: ColumnGeneration, solution: Any, node: Node, **how: bool) -> None:
        search = generation.search
        rounded.append((search.objective - node.bound) / search.money_gap)
        work(generation, solution, node, **how)

    monkeypatch.setattr(ColumnGeneration, "_round", seen)
    for peak_kw in (20.0, 25.0, 30.0, 40.0, 50.0, 60.0):
        for slots in ((3, 4, 6), (3, 5, 7), (4, 5, 6), (3, 4, 5)):
            plan_station(night_under_a_peak((0.4, 0.2, 0.2), slots, peak_kw), RunOptions(gap=0.005))
    assert rounded, "some nights need it"
    assert min(rounded) > CLOSE


@pytest.mark.parametrize(("reserve", "second_is_dispatched"), [(0, True), (1, False)])
def test_beside_a_reserve_the_second_assignment_is_not_dispatched(
    reserve: int, second_is_dispatched: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Powers beside a reserve are dear to find."""
    asked, answer = dict[int, bool](), ColumnGeneration._is_dispatched_on_the_way

    def seen(generation: ColumnGeneration, n: int, first: bool) -> bool:
        found = answer(generation, n, first)
        if first:
            asked[n] = found
        return found

    monkeypatch.setattr(ColumnGeneration, "_is_dispatched_on_the_way", seen)
    night = night_under_a_peak((0.4, 0.2, 0.2), (3, 4, 6), 20.0)
    station = replace(night.station, ready_reserve=(reserve,) * night.horizon.slots, reserve_cost=3.0)
    plan_station(replace(night, station=station), RunOptions(gap=0.0001))
    assert (asked[0], asked[1]) == (True, second_is_dispatched)
