"""What workers do: keys, plans, baselines, and the better of two plans."""

from __future__ import annotations

import pickle
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import builders as make
import pytest
from msgspec import structs

from models.station.cost import Cost, cost_of
from models.station.instance import Night
from models.station.result import StationPlan, StationResult
from models.station.schedule import Schedule
from models.tariff.tariff import Tariff
from optimizer.check.rules import Violation, check
from optimizer.engine.baselines import uncontrolled_charging
from optimizer.engine.options import Effort, RunOptions
from optimizer.formats.plan_document import PlanFile
from optimizer.formats.plan_file import parse_plan, plan_file, plan_text
from optimizer.runs import station_task
from optimizer.runs.station_task import (
    Infeasible,
    Planned,
    RunContext,
    StationTask,
    better_of,
    fallback_task,
    plan_task,
)

CONTEXT = RunContext("net", "EUR", RunOptions(), {"swapcharge": "0"})
HOPELESS = (
    "station S: base load 300 kW less solar 0 kW exceeds the grid limit of 200 kW in slot 0 and in 3 more; "
    "raise grid_limit_kw or lower base_load_kw"
)


def night(**changes: Any) -> Night:
    """Charging on arrival is dear here: the first slot costs most."""
    settings: dict[str, Any] = {"tariff": make.tariff([0.9, 0.1, 0.2, 0.3]), "swaps": [make.swap("W1", 3)]}
    return make.night(**{**settings, **changes})


def task(at: Night, effort: Effort = "quick", seconds: float = 60.0, **how: Any) -> StationTask:
    return StationTask(at, CONTEXT, RunOptions(effort=effort, time_limit_seconds=seconds), **how)


def planned(task: StationTask) -> Planned:
    result = plan_task(task)
    assert isinstance(result, Planned)
    return result


def file_of(result: Planned) -> PlanFile:
    return parse_plan(result.text, "plan")


def plan_of(at: Night, schedule: Schedule, bound: float | None, status: str = "gap_not_reached") -> PlanFile:
    """A plan file made by hand."""
    cost = cost_of(at, schedule)
    how: Any = {"status": status, "method": "by hand", "cost": cost, "bound": bound, "baseline": cost}
    plan = StationPlan(at, schedule, StationResult.of(at, schedule, **how), cost)
    return plan_file(make.instance(at, name="net"), [plan], CONTEXT.versions, "sha256:quick")


def test_keys_tell_apart_all_that_a_plan_depends_on() -> None:
    others = [
        replace(CONTEXT, network="other"),
        replace(CONTEXT, currency="CNY"),
        replace(CONTEXT, options=RunOptions(gap=0.01)),
        replace(CONTEXT, options=RunOptions(seed=1)),
        replace(CONTEXT, options=RunOptions(time_limit_seconds=1.0)),
        replace(CONTEXT, versions={"swapcharge": "1"}),
    ]
    nights = [night(), night(grid_limit_kw=199.0)]
    keys = [key for context in [CONTEXT, *others] for at in nights for key in context.keys(at).values()]
    assert len(set(keys)) == len(keys) == 2 * 2 * 7
    assert set(CONTEXT.keys(night())) == {"quick", "full"}
    assert CONTEXT.keys(night()) == replace(CONTEXT, versions=dict(CONTEXT.versions)).keys(night())


def test_a_task_survives_the_way_to_a_worker() -> None:
    at = night(tariff=make.tariff(demand_charges=(make.demand(),)))
    assert at.tariff_series
    text = pickle.dumps(task(at, "quick", 1.0))
    assert pickle.loads(text) == task(at, "quick", 1.0)
    assert len(text) < 3300


def test_a_plan_is_checked_and_says_what_it_was_asked() -> None:
    at = night()
    result = planned(task(at, "quick", 60.0, key="sha256:1", cut_key="sha256:2"))
    file = file_of(result)
    (station,) = file.stations
    assert (file.key, file.instance.name, file.currency) == ("sha256:1", "net", "EUR")
    assert station.status == "gap_reached" and check(at, station.schedule) == []
    assert result.result == station.result and result.result.proves(0.005) and not result.was_cut
    assert set(result.stage_seconds) == {"solver", "model", "rounding", "check"}
    assert sum(result.stage_seconds.values()) <= 1.01 * result.cpu_seconds and result.peak_memory_mb > 1


@pytest.mark.parametrize(
    ("effort", "gap", "is_asked"), [("quick", 0.005, True), ("quick", 0.0, False), ("full", 0.0, True)]
)
def test_why_drivers_are_lost_is_asked_of_the_plan_that_stays(
    monkeypatch: pytest.MonkeyPatch, effort: Effort, gap: float, is_asked: bool
) -> None:
    """Not of a quick plan whose gap is open: it is planned once more."""
    asked: list[str] = []
    monkeypatch.setattr(station_task, "brief_reasons", lambda plan, *_: asked.append(plan.night.station.id) or ())
    monkeypatch.setattr(StationResult, "proves", lambda self, gap: gap > 0)
    context = replace(CONTEXT, options=RunOptions(gap=gap))
    plan_task(replace(task(night(), effort), context=context))
    assert asked == (["S"] if is_asked else [])


def test_seconds_of_the_solver_are_of_cpu() -> None:
    """A machine so busy that a task waits three of four seconds: HiGHS, too, took a quarter of what went by."""
    at, busy = night(), SimpleNamespace(cpu_seconds=2.0, cpu_share=0.25)
    schedule = file_of(planned(task(at))).stations[0].schedule
    plan = SimpleNamespace(solver_seconds=6.0, stage_seconds={"solver": 6.0, "check": 2.0}, next_day=None)
    result = station_task._planned(plan_of(at, schedule, None), busy, plan)  # type: ignore[arg-type]
    assert (result.cpu_seconds, result.solver_seconds) == (2.0, 1.5)
    assert result.stage_seconds == {"solver": 1.5, "check": 0.5}


def test_the_same_task_gives_the_same_bytes() -> None:
    asked = task(night(), "quick", 60.0, key="sha256:1")
    assert planned(asked).text == planned(asked).text


def test_a_plan_cut_short_by_the_runs_limit_has_a_key_of_its_own() -> None:
    result = planned(task(night(), "full", 0.0, key="sha256:full", cut_key="sha256:quick"))
    assert result.was_cut and result.result.status == "time_limit" and file_of(result).key == "sha256:quick"
    own_limit = replace(CONTEXT, options=RunOptions(time_limit_seconds=0.0))
    result = planned(
        StationTask(night(), own_limit, RunOptions(time_limit_seconds=0.0), key="sha256:full", cut_key="sha256:quick")
    )
    assert not result.was_cut and file_of(result).key == "sha256:full"


def test_no_plan_exists() -> None:
    asked = task(night(base_load_kw=300.0), "quick", 60.0)
    assert plan_task(asked) == fallback_task(asked) == Infeasible(HOPELESS)


def test_a_fallback_is_the_cheapest_simple_plan_and_proves_nothing() -> None:
    at = night()
    result = fallback_task(task(at, "full", 60.0, key="sha256:1"))
    assert isinstance(result, Planned)
    (station,) = file_of(result).stations
    assert (station.status, station.method) == ("fallback", "cheapest slots first")
    assert (station.bound, station.gap, file_of(result).key) == (None, None, None)
    assert station.objective < station.baseline_objective and check(at, station.schedule) == []
    assert result.result.gap_money is None and not result.result.proves(1e9)
    hasty = fallback_task(task(at, "quick", 60.0))
    assert isinstance(hasty, Planned) and hasty.result.method == "charge on arrival"


def test_a_simple_plan_that_breaks_a_rule_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    at = night()

    def refuse_cheap(_: Night, schedule: Schedule) -> list[Violation]:
        return [Violation("grid", "slot 0", 9.0, 1.0)] if schedule == cheap else []

    result = fallback_task(task(at, "full", 60.0))
    assert isinstance(result, Planned)
    cheap = file_of(result).stations[0].schedule
    monkeypatch.setattr("optimizer.engine.heuristics.fallback_plan.check", refuse_cheap)
    other = fallback_task(task(at, "full", 60.0))
    assert isinstance(other, Planned) and other.result.method == "charge on arrival"


def test_in_a_hurry_a_baseline_keeps_every_rule_too(monkeypatch: pytest.MonkeyPatch) -> None:
    at = night()
    on_arrival = uncontrolled_charging(at)

    def refuse(_: Night, schedule: Schedule) -> list[Violation]:
        return [Violation("grid", "slot 0", 9.0, 1.0)] if schedule == on_arrival else []

    monkeypatch.setattr("optimizer.engine.heuristics.fallback_plan.check", refuse)
    hasty = fallback_task(task(at, "quick", 60.0))
    assert isinstance(hasty, Planned) and hasty.result.method == "cheapest slots first"


LAZY = make.schedule(night())  # nothing is charged, W1 is lost
SERVED = make.schedule(night(), {"P2": [0, 10, 0, 0]}, {"W1": "P1"})


def test_the_cheaper_plan_and_the_higher_bound_stay() -> None:
    at = night()
    lazy, served = cost_of(at, LAZY).objective, cost_of(at, SERVED).objective
    assert served < lazy
    before, after = plan_of(at, SERVED, bound=served - 2), plan_of(at, LAZY, bound=served - 1)
    after = structs.replace(after, key="sha256:full")
    both = better_of(before, after, at, 0.0)
    (station,) = both.stations
    assert (station.objective, station.bound, station.swaps_lost) == (served, served - 1, 0)
    assert (both.objective, both.bound, both.swaps_lost, both.key) == (served, served - 1, 0, "sha256:full")
    assert station.gap == pytest.approx(1 / abs(cost_of(at, SERVED).gross_cost)) and both.gap == station.gap
    assert station.status == both.status == "gap_not_reached"
    assert parse_plan(plan_text(both), "plan") == both
    assert better_of(before, after, at, 1e9).status == "gap_reached"
    reverse = better_of(plan_of(at, LAZY, bound=served - 2), plan_of(at, SERVED, bound=served - 1), at, 0.0)
    assert (reverse.objective, reverse.bound) == (served, served - 1)


def test_one_bound_is_enough_and_none_is_none() -> None:
    at, served = night(), cost_of(night(), SERVED).objective
    nothing = plan_of(at, SERVED, bound=None)
    assert better_of(nothing, plan_of(at, LAZY, served - 1), at, 0.0).bound == served - 1
    assert better_of(plan_of(at, SERVED, served - 1), nothing, at, 0.0).bound == served - 1
    assert (better_of(nothing, nothing, at, 0.0).bound, better_of(nothing, nothing, at, 0.0).gap) == (None, None)


def test_a_bound_above_a_checked_plan_is_dropped() -> None:
    at, served = night(), cost_of(night(), SERVED).objective
    both = better_of(plan_of(at, SERVED, bound=served - 1), plan_of(at, LAZY, bound=served + 1), at, 0.0)
    assert both.bound == served - 1


def test_an_earlier_plan_that_does_not_hold_counts_for_nothing() -> None:
    at = night()
    after = plan_of(at, LAZY, bound=-5.0)
    broken = make.schedule(at, {"P2": [99, 0, 0, 0]}, {"W1": "P1"})
    assert better_of(plan_of(at, broken, bound=-1.0), after, at, 0.0) == after
    before = plan_of(at, SERVED, bound=-1.0)
    (station,) = before.stations
    claimed = structs.replace(before, stations=(structs.replace(station, objective=station.objective - 9),))
    assert better_of(claimed, after, at, 0.0) == after


def test_a_full_plan_is_never_worse_than_the_one_before() -> None:
    at, served = night(), cost_of(night(), SERVED).objective
    before = plan_text(plan_of(at, SERVED, bound=served - 1))
    result = planned(task(at, "full", 60.0, key="sha256:full", before=before))
    assert result.result.objective <= served and result.result.status == "gap_reached"
    cut = planned(task(at, "full", 0.0, key="sha256:full", cut_key="sha256:quick", before=before))
    assert cut.result.objective <= served and cut.result.bound == served - 1


def test_a_night_without_costs_proves_only_what_it_proves() -> None:
    result = StationResult("gap_reached", "x", Cost(energy=1.0, base_bill=1.0), 0.5, 2.0, 0, 1)
    assert (result.gap_money, result.gap, result.saving) == (0.5, None, 1.0) and not result.proves(1.0)
    assert isinstance(night().station.tariff, Tariff)
