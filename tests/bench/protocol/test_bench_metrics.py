"""What runs are measured by: numbers worked out by hand, and what holds of all."""

from __future__ import annotations

import math
from typing import Any

import bench_records as records
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import InvalidData
from optimizer.bench.records import metrics
from optimizer.bench.records.run_record import RunRecord
from optimizer.bench.report.compared_runs import ComparedRuns, merged
from optimizer.bench.report.drift import drifts, moved
from optimizer.bench.report.second_opinions import contradictions, opinions
from optimizer.files.errors import InputErrors

TIMES = st.floats(0.0, 1e5)


def test_shifted_geometric_mean_by_hand() -> None:
    assert metrics.shifted_geometric_mean([1, 7], 1) == pytest.approx(3)  # √(2 · 8) − 1
    assert metrics.shifted_geometric_mean([0, 90], 10) == pytest.approx(math.sqrt(1000) - 10)
    assert metrics.shifted_geometric_mean([5]) == pytest.approx(5)
    with pytest.raises(ValueError, match="no values"):
        metrics.shifted_geometric_mean([])
    with pytest.raises(ValueError, match=r"math domain|positive"):
        metrics.shifted_geometric_mean([-1.0], 1.0)


@given(st.lists(TIMES, min_size=1, max_size=30), st.floats(0.01, 100))
def test_shifted_geometric_mean_lies_between_least_and_most(values: list[float], shift: float) -> None:
    mean = metrics.shifted_geometric_mean(values, shift)
    slack = 1e-9 * (max(values) + shift)
    assert min(values) - slack <= mean <= max(values) + slack
    assert mean <= math.fsum(values) / len(values) + slack  # never above the plain mean


def test_what_is_not_solved_counts_twice_its_limit() -> None:
    assert metrics.counted_seconds(records.solved(seconds=4)) == 4
    assert metrics.counted_seconds(records.solved(seconds=4, solved_seconds=None)) == 4  # only the end knows
    assert metrics.counted_seconds(records.solved(solved_seconds=3.0)) == 3
    assert metrics.counted_seconds(records.open_at("a", "one", 100, 90)) == 200
    for status in ("WRONG", "ER", "OOM", "NA"):
        refuted = records.solved(status=status)
        assert not metrics.is_solved(refuted) and metrics.counted_seconds(refuted) == 200
    assert metrics.is_solved(records.solved(status="TO"))  # the gap was proven before time ran out


PROGRESS = ((1.0, 150.0, None), (2.0, 110.0, 60.0), (3.0, None, 80.0))


def test_gap_over_time_by_hand() -> None:
    run = records.open_at("a", "one", 110.0, 90.0, gross_cost=100.0, trajectory=PROGRESS)
    assert metrics.gaps(run) == [(0, 1), (1, 1), (2, 0.5), (3, pytest.approx(0.3)), (100, pytest.approx(0.2))]
    after = [metrics.value_at(metrics.gaps(run), seconds) for seconds in (0.5, 1.99, 2.0, 1e9)]
    assert after == pytest.approx([1, 1, 0.5, metrics.final_gap(run)])
    assert metrics.final_gap(run) == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("changes", "gap"),
    [
        ({"bound": None}, 1),  # none proven
        ({"objective": None, "gross_cost": None}, 1),  # no plan
        ({"gross_cost": 0.0}, 1),  # nothing to compare with
        ({"gross_cost": 0.0, "bound": 110.0}, 0),  # they agree all the same
        ({"bound": -500.0}, 1),  # more than 100 %
        ({"status": "WRONG"}, 1),
        ({"status": "ER"}, 1),
        ({"status": "OOM"}, 0.2),  # what was checked before stands
        ({"gross_cost": -100.0}, 0.2),  # negative prices
    ],
)
def test_an_unknown_gap_is_100_percent(changes: dict[str, Any], gap: float) -> None:
    told = {"gross_cost": 100.0, "trajectory": PROGRESS} | changes
    run = records.open_at("a", "one", told.pop("objective", 110.0), told.pop("bound", 90.0), **told)
    assert metrics.final_gap(run) == pytest.approx(gap)


def test_claims_on_the_way_count_as_no_better_than_the_end() -> None:
    boast = ((1.0, 10.0, 500.0),)
    run = records.open_at("a", "one", 110.0, 90.0, trajectory=boast)
    assert metrics.progress(run)[1] == (1.0, 110.0, 90.0)
    unchecked = records.open_at("a", "one", None, None, trajectory=boast)
    assert metrics.progress(unchecked) == [(0, None, None), (1, None, None), (100, None, None)]


POINTS = st.tuples(st.floats(0, 90), st.none() | st.floats(-1e3, 1e3), st.none() | st.floats(-1e3, 1e3))


@given(st.lists(POINTS, max_size=8), st.none() | st.floats(-1e3, 1e3), st.none() | st.floats(-1e3, 1e3))
def test_gaps_only_fall(points: list[Any], objective: float | None, bound: float | None) -> None:
    run = records.open_at("a", "one", objective, bound, trajectory=tuple(points))
    found = [gap for _, gap in metrics.gaps(run)]
    assert found[0] == 1 and all(0 <= gap <= 1 for gap in found) and found == sorted(found, reverse=True)
    times = [seconds for seconds, _ in metrics.gaps(run)]
    assert times == sorted(times)


def test_primal_gap_by_hand() -> None:
    assert metrics.primal_gap(125, 100) == pytest.approx(0.2)
    assert metrics.primal_gap(-80, -100) == pytest.approx(0.2)
    assert metrics.primal_gap(0, 0) == metrics.primal_gap(7, 7) == 0
    assert metrics.primal_gap(1, -1) == metrics.primal_gap(None, 5) == metrics.primal_gap(5, None) == 1
    assert metrics.primal_gap(5, 0) == 1


def test_primal_integral_by_hand() -> None:
    run = records.open_at("a", "one", 100.0, 90.0, trajectory=((10.0, 200.0, None), (40.0, 125.0, None)))
    # 10 s without a plan, 30 s at 1/2, 60 s at 1/5: the last plan comes at 100 s
    assert metrics.primal_integral(run, 100.0) == pytest.approx(10 + 15 + 12)
    assert metrics.primal_integral(records.solved(seconds=4), 100.0) == pytest.approx(4)
    assert metrics.primal_integral(records.ended("a", "one", "ER"), 100.0) == 100
    late = records.solved(seconds=4, wall_seconds=130.0, trajectory=((120.0, 100.0, 100.0),))
    assert metrics.primal_integral(late, 100.0) == 100  # after the limit nothing counts


def test_primal_dual_integral_by_hand() -> None:
    run = records.open_at("a", "one", 110.0, 90.0, gross_cost=100.0, trajectory=PROGRESS)
    # 2 s without plan and bound, 1 s at 50 %, 97 s at 30 %: the last plan and bound come at 100 s
    assert metrics.primal_dual_integral(run) == pytest.approx(2 + 0.5 + 0.3 * 97)
    assert metrics.primal_dual_integral(records.solved(seconds=4)) == pytest.approx(4)
    assert metrics.primal_dual_integral(records.ended("a", "one", "ER")) == 100
    early = records.solved(seconds=4, objective=100.5, bound=99.9, trajectory=((4.0, 100.5, 99.9),))
    assert metrics.primal_dual_integral(early) == pytest.approx(4 + 0.006 * 96)  # it keeps the gap that it ended with
    late = records.solved(seconds=4, wall_seconds=130.0, trajectory=((120.0, 100.0, 100.0),))
    assert metrics.primal_dual_integral(late) == 100


@given(st.lists(POINTS, max_size=8), st.none() | st.floats(-1e3, 1e3), st.none() | st.floats(-1e3, 1e3))
def test_primal_dual_integral_lies_within_the_limit(points: list[Any], plan: float | None, bound: float | None) -> None:
    run = records.open_at("a", "one", plan, bound, trajectory=tuple(points))
    assert 0 <= metrics.primal_dual_integral(run) <= 100 + 1e-9


@given(st.lists(POINTS, max_size=8), st.floats(-1e3, 1e3), st.floats(0, 1e3))
def test_primal_integral_lies_within_the_limit(points: list[Any], objective: float, less: float) -> None:
    run = records.open_at("a", "one", objective, None, trajectory=tuple(points))
    integral = metrics.primal_integral(run, objective - less)
    assert -1e-9 <= integral <= 100 + 1e-9


def test_best_known_takes_checked_plans_and_what_was_known() -> None:
    runs = [
        records.open_at("a", "one", 120.0, None),
        records.open_at("b", "one", 110.0, None),
        records.open_at("c", "one", 10.0, None, status="WRONG"),
    ]
    assert metrics.best_known(runs) == {"one": 110}
    assert metrics.best_known(runs, {"one": 105.0, "two": 3.0}) == {"one": 105, "two": 3}


def test_performance_profile_by_hand() -> None:
    inf = math.inf
    found = metrics.performance_profiles({"a": [1, 4, inf, inf], "b": [2, 2, 5, inf]})
    assert found == {"a": [(1, 0.25), (2, 0.5)], "b": [(1, 0.5), (2, 0.75)]}
    assert metrics.performance_profiles({"a": [0.0], "b": [0.01]})["b"] == [(1, 0), (10, 1)]  # 0 counts as 1 ms
    assert metrics.value_at(found["a"], 1.9) == 0.25
    for wrong in ({"a": [1.0], "b": []}, {"a": [], "b": []}, {}):
        with pytest.raises(ValueError, match="the same runs"):
            metrics.performance_profiles(wrong)
    with pytest.raises(IndexError):
        metrics.value_at(found["a"], 0.5)


RUNS = st.lists(st.tuples(*[st.just(math.inf) | TIMES] * 3), min_size=1, max_size=20)


@given(RUNS)
def test_profiles_rise_to_the_share_solved(times: list[tuple[float, ...]]) -> None:
    seconds = dict(zip("abc", map(list, zip(*times, strict=True)), strict=True))
    found = metrics.performance_profiles(seconds)
    for name, steps in found.items():
        assert steps[0][0] == 1
        assert steps == sorted(steps) and all(0 <= share <= 1 for _, share in steps)
        assert len({ratio for ratio, _ in steps}) == len(steps)
        assert steps[-1][1] == sum(map(math.isfinite, seconds[name])) / len(times)
    best = sum(found[name][0][1] for name in "abc")
    assert best >= sum(any(map(math.isfinite, run)) for run in times) / len(times) - 1e-9  # someone was the fastest


# --- second opinion -----------------------------------------------------------------------------------------------


def test_two_proofs_agree_within_the_gap_asked_for() -> None:
    runs = [records.solved("a"), records.solved("b", objective=101.0), records.solved("c", objective=102.0)]
    found = {(one.first, one.second): one for one in opinions(runs)}
    assert found["a", "b"].proven == 1 and found["a", "b"].disagreements == ()
    assert found["a", "b"].largest == pytest.approx(1 / 101)
    (case,) = found["a", "c"].disagreements
    assert (case.difference, case.allowed) == (2, pytest.approx(1, rel=1e-3))
    assert len(found["b", "c"].disagreements) == 0


def test_who_does_not_prove_gives_no_opinion() -> None:
    others = [records.open_at("b", "one", 300.0, 1.0), records.solved("c", status="WRONG", objective=300.0)]
    assert opinions([records.solved("a"), *others, records.solved("d", "two")]) == []


def test_seeds_count_once_and_the_furthest_tells() -> None:
    runs = [records.solved("a"), records.solved("a", seed=1, objective=105.0), records.solved("b")]
    (found,) = opinions(runs)
    assert found.proven == 1 and found.disagreements[0].first.seed == 1


def test_a_bound_above_a_plan_is_found() -> None:
    runs = [records.open_at("a", "one", 100.0, 90.0), records.open_at("b", "one", None, 100.1)]
    (found,) = contradictions(runs)
    assert (found.bound.contender, found.plan and found.plan.contender, found.objective) == ("b", "a", 100)
    assert contradictions([runs[0], records.open_at("b", "one", None, 100.00001)]) == []
    assert contradictions([runs[0], records.open_at("b", "two", None, 200.0)]) == []
    assert contradictions([runs[0], records.open_at("b", "one", None, 200.0, status="WRONG")]) == []
    (of_ledger,) = contradictions(runs[:1], {"one": 80.0})
    assert of_ledger.plan is None and of_ledger.bound.contender == "a"


# --- comparison ---------------------------------------------------------------------------------------------------


def test_common_is_what_all_could_try() -> None:
    of = ComparedRuns(records.library())
    assert of.common == [("one", 0), ("two", 0), ("three", 0)]
    assert of.tried == of.contenders == ["engine", "reference", "arc-flow"]
    assert [of.solved(name) for name in of.tried] == [2, 1, 0]
    assert of.mean_seconds("engine") == pytest.approx((2 * 4 * 201) ** (1 / 3) - 1)
    assert of.shared(["engine", "arc-flow"]) == of.cells and of.shared([]) == []


def test_who_can_try_nothing_leaves_nobody_out() -> None:
    absent = [records.ended("cbc", name, "NA", "not installed") for name in ("one", "two")]
    of = ComparedRuns([*records.library(), *absent])
    assert of.common == ComparedRuns(records.library()).common
    assert of.contenders[-1] == "cbc" and "cbc" not in of.tried


def test_who_has_no_solver_runs_once_for_all_seeds() -> None:
    runs = [records.solved("engine", seed=seed) for seed in (0, 1)]
    on_arrival = records.open_at("on-arrival", "one", 200.0, None, solver="")
    of = ComparedRuns([*runs, on_arrival])
    assert of.common == [("one", 0), ("one", 1)] and of.run("on-arrival", ("one", 1)) == on_arrival
    with_solver = records.open_at("reference", "one", 200.0, None)
    assert ComparedRuns([*runs, with_solver]).common == [("one", 0)]


def refused(results: list[tuple[str, list[RunRecord]]]) -> str:
    with pytest.raises(InputErrors) as caught:
        merged(results)
    assert not isinstance(caught.value, InvalidData)
    return str(caught.value)


def test_folders_are_merged_unless_they_contradict_each_other() -> None:
    a, b = records.solved("a"), records.solved("b")
    assert merged([("x", [a]), ("y", [b, a])]) == [a, b]
    assert refused([("x", []), ("y", [])]) == "x, y: holds no runs; run `swapcharge bench run` first"
    assert refused([("x", [a]), ("y", [records.solved("a", seconds=9.0)])]) == (
        'y: runs of one: "a, seed 0": is another run than the one in x; '
        "report folders apart, or name the older one with --reference"
    )
    assert refused([("x", [a]), ("y", [records.solved("b", instance_hash="new")])]) == (
        'y: runs of one: "new": is another instance than in x; report them apart: a changed instance needs a new name'
    )


def test_an_instance_under_several_limits_is_refused_by_name_whoever_ran() -> None:
    by_name = records.solved("a", memory_limit_mb=4000)
    by_path = records.solved("b", family="", suite="one.json", time_limit_seconds=10.0, gap_asked=0.001)
    short = records.solved("c", time_limit_seconds=9.0)
    elsewhere = records.solved("a", "two", time_limit_seconds=10.0)
    told = [
        'r: runs of one: "9 s and 10 s and 100 s": are time limits of one instance',
        'r: runs of one: "0.1 % and 1 %": are gaps asked for of one instance',
    ]
    remedy = "choose with --time-limit or --gap, report folders apart, or name the older one with --reference"
    assert refused([("r", [by_name, elsewhere, by_path, short])]).splitlines() == [
        *(f"{line}; {remedy}" for line in told),
        'r: runs of one: "4,000 MB and none": are memory limits of one instance; keep runs with another limit in a '
        "folder of their own, and report it apart, or as --reference",
    ]
    assert merged([("r", [by_name, elsewhere])]) == [by_name, elsewhere]


def test_without_a_common_run_who_solves_more_stands_first() -> None:
    runs = [records.ended("a", "one", "ER"), records.solved("b", "two"), records.solved("b", "three")]
    assert ComparedRuns(runs).common == [] and ComparedRuns(runs).tried == ["b", "a"]


# --- drift --------------------------------------------------------------------------------------------------------


def test_drift_by_hand() -> None:
    before = [records.solved("a", "one", 1.0), records.solved("a", "two", 7.0), records.ended("a", "four", "NA")]
    now = [
        records.solved("a", "one", 3.0, objective=99.0),
        records.open_at("a", "two", 100.0, 50.0),
        records.solved("a", "three"),
        records.solved("a", "four"),
        records.solved("b", "one"),
    ]
    pairs = moved(now, before)
    assert [(pair.before.instance, pair.now.instance) for pair in pairs] == [("one", "one"), ("two", "two")]
    assert [pair.ratio(1.0) for pair in pairs] == [2, 201 / 8]
    (found,) = drifts(pairs, ["a", "b"], 1.0)
    assert (found.runs, found.solved_before, found.solved_now) == (2, 2, 1)
    assert found.seconds_before == pytest.approx(3) and found.seconds_now == pytest.approx(math.sqrt(4 * 201) - 1)
    assert (found.cheaper, found.dearer) == (1, 0)


@pytest.mark.parametrize(
    ("now", "is_notable"),
    [
        (records.solved("a", seconds=4.5), False),
        (records.solved("a", seconds=6.6), True),
        (records.solved("a", seconds=2.2), True),
        (records.solved("a", objective=100.00001), False),
        (records.solved("a", objective=100.1), True),
        (records.solved("a", objective=None), True),
        (records.solved("a", status="TO"), True),
        (records.solved("a", is_solved=False), True),
    ],
)
def test_what_is_notable(now: RunRecord, is_notable: bool) -> None:
    (pair,) = moved([now], [records.solved("a")])
    assert pair.is_notable(1.0) is is_notable


def test_a_changed_instance_is_not_compared() -> None:
    assert moved([records.solved("a", instance_hash="new")], [records.solved("a")]) == []
