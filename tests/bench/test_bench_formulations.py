"""Formulations and pairs on random nights: what is exact agrees, plans keep every rule, bounds lie below optima."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import builders as make
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paths import INSTANCES
from patience import PATIENCE
from random_nights import random_night
from tiny_optima import EXPECTED, TINY

from models.formulations.matrix import Array, Matrix, fixed
from models.formulations.reference import follows_curves
from models.station.cost import cost_of
from models.station.instance import Night
from models.tolerances import CLAIM_RELATIVE
from optimizer.bench.contenders.formulation_with_solver import SHARE_OF_GAP, pairing
from optimizer.bench.contenders.registry import contenders
from optimizer.bench.ledger.ledger_file import read_ledger
from optimizer.bench.ledger.verify import asked_entries
from optimizer.bench.records.contender import Limits, Outcome
from optimizer.bench.solvers.solver import Solver
from optimizer.check.rules import check
from optimizer.engine.highs import SolverResult, solve
from optimizer.formats.read_instance import read_instance
from optimizer.programmes.formulations import FORMULATIONS
from optimizer.programmes.levels import LEVELS, LEVELS_INTEGER, LEVELS_LINEAR
from optimizer.programmes.names import safe_names
from optimizer.programmes.reference import REFERENCE
from optimizer.programmes.settled_point import excess, settled

ALL = [*FORMULATIONS.values()]
OURS = (REFERENCE, LEVELS, LEVELS_INTEGER, LEVELS_LINEAR)
EXACT = Limits(gap=0.0, time_limit_seconds=PATIENCE)
SEEDS = range(12)
LONG_IN_WHOLE_NUMBERS = {"forecast-rounding", "own-swap-soc", "hours-of-use"}
"""Tiny instances of which CP-SAT does not prove the optimum; of the last one it finds no plan in half an hour."""
News = list[tuple[float | None, float | None]]


@cache
def optimum(seed: int) -> float:
    return solve(REFERENCE.build(random_night(seed)).matrix).objective


@cache
def on_random(name: str, seed: int) -> tuple[Outcome, News]:
    return contest(name, random_night(seed))


def contest(name: str, night: Night, limits: Limits = EXACT) -> tuple[Outcome, News]:
    """A contender's outcome, with all that is true of every outcome."""
    (contender,) = contenders([name])
    assert contender.refusal(night) is None
    news: News = []
    outcome = contender.compete(night, limits, lambda objective, bound: news.append((objective, bound)))
    if outcome.schedule is not None:
        assert check(night, outcome.schedule) == []
        if outcome.objective is not None:
            cost = cost_of(night, outcome.schedule).objective
            assert outcome.objective == pytest.approx(cost, rel=CLAIM_RELATIVE, abs=CLAIM_RELATIVE)
    return outcome, news


@pytest.mark.parametrize("solver", ["highs", "scip"])
@pytest.mark.parametrize("seed", SEEDS)
def test_exact_formulations_agree_on_the_optimum(solver: str, seed: int) -> None:
    night = random_night(seed)
    for formulation in ALL:
        if formulation.refusal(night) is not None:
            continue
        programme = formulation.build(night)
        if programme.is_exact and programme.is_relaxation:
            outcome, news = on_random(f"{formulation.name}:{solver}", seed)
            margin = 1e-6 * max(1.0, abs(optimum(seed)))
            assert outcome.schedule is not None
            assert outcome.stopped == "finished"
            assert cost_of(night, outcome.schedule).objective == pytest.approx(optimum(seed), abs=margin)
            assert outcome.bound == pytest.approx(optimum(seed), abs=margin)
            assert news, "the last word of a solver is news, too"


@pytest.mark.parametrize("formulation", ALL, ids=lambda one: one.name)
@pytest.mark.parametrize("seed", SEEDS)
def test_plans_keep_every_rule_and_bounds_lie_below_the_optimum(formulation: object, seed: int) -> None:
    night, name = random_night(seed), formulation.name  # type: ignore[attr-defined]
    if formulation.refusal(night) is not None:  # type: ignore[attr-defined]
        return
    outcome, news = on_random(f"{name}:highs", seed)
    margin = 1e-6 * max(1.0, abs(optimum(seed)))
    assert outcome.bound <= optimum(seed) + margin
    assert all(bound is None or bound <= optimum(seed) + margin for _, bound in news)
    assert all(objective is None or objective >= optimum(seed) - margin for objective, _ in news)
    if outcome.schedule is not None:
        assert cost_of(night, outcome.schedule).objective >= optimum(seed) - margin


def test_guided_plans_are_found_on_most_nights() -> None:
    for name in ("levels", "levels-whole", "levels-lp"):
        found = sum(on_random(f"{name}:highs", seed)[0].schedule is not None for seed in SEEDS)
        assert found >= 10, f"{name}: {found}"


def test_only_relaxations_bound_anything() -> None:
    outcome, news = on_random("levels-whole:highs", 1)
    assert outcome.bound == -math.inf
    assert all(bound is None for _, bound in news)


def test_what_only_guides_claims_nothing_and_tells_its_plan_at_last() -> None:
    night = random_night(1)
    for name in ("levels", "levels-whole", "levels-lp"):
        outcome, news = contest(name, night)
        assert outcome.objective is None
        assert outcome.schedule is not None
        assert news[-1][0] == cost_of(night, outcome.schedule).objective
        assert all(objective is None for objective, _ in news[:-1])


def test_swaps_that_must_be_served_and_cannot_be_count_by_their_own_lost_cost() -> None:
    """A programme puts a surcharge on them; neither cost nor bound of a plan has it, and nothing is told on the way."""
    swaps = [make.swap(f"W{n}", slot=1, must_serve=True) for n in range(2)]
    night = make.night(packs=[make.pack("P1", 0.9)], bays=1, swaps=swaps, chargers=make.chargers(count=1))
    for name in ("reference", "levels", "levels-lp"):
        outcome, news = contest(name, night)
        assert outcome.schedule is not None and outcome.schedule.swaps_served == 1
        cost = cost_of(night, outcome.schedule).objective
        assert outcome.bound <= cost + CLAIM_RELATIVE * cost
        assert name == "levels-lp" or outcome.bound == pytest.approx(cost, rel=1e-3)
        assert all(bound is None for _, bound in news)
    nothing = SolverResult("time_limit", "", None, math.inf, 1000.0, 0.0)
    solver = Solver("none", "finds no plan", lambda matrix, **how: nothing)
    without = pairing(REFERENCE, solver).compete(night, EXACT, lambda objective, bound: None)
    assert without.bound == -math.inf, "without a plan nothing is known of them"


def test_bound_is_recomputed_of_lps_only() -> None:
    night = random_night(1)
    assert contest("levels-lp", night)[0].is_bound_recomputed
    assert not contest("levels", night)[0].is_bound_recomputed
    assert not contest("levels-lp:scip", night)[0].is_bound_recomputed


def test_levels_bound_is_less_what_bands_round() -> None:
    night = random_night(3)
    programme = LEVELS_LINEAR.build(night)
    assert contest("levels-lp", night)[0].bound == solve(programme.matrix).bound - programme.bound_slack


@pytest.mark.parametrize("formulation", OURS, ids=lambda one: one.name)
def test_programmes_are_what_they_say(formulation: object) -> None:
    for seed in range(8):
        programme = formulation.build(random_night(seed))  # type: ignore[attr-defined]
        names = programme.column_names()
        assert len(set(names)) == len(names) == programme.matrix.shape[1]
        assert programme.matrix.is_mip is not formulation.is_linear  # type: ignore[attr-defined]
        assert programme.bound_slack >= 0


@pytest.mark.parametrize("stem", sorted(EXPECTED))
def test_tiny_instances(stem: str) -> None:
    (night,) = read_instance(TINY / f"{stem}.json").nights
    outcome, _ = contest("reference:scip", night)
    assert outcome.objective == pytest.approx(EXPECTED[stem]["objective"], abs=1e-6)


@pytest.mark.parametrize("stem", sorted(set(EXPECTED) - LONG_IN_WHOLE_NUMBERS))
def test_whole_numbers_lose_nothing_of_tiny_instances(stem: str) -> None:
    """The plan is checked in `contest`; the bound may lack what steps of 0.0001 cost, and never lies above."""
    (night,) = read_instance(TINY / f"{stem}.json").nights
    outcome, news = contest("reference:cpsat", night)
    best = EXPECTED[stem]["objective"]
    assert outcome.objective == pytest.approx(best, abs=1e-5)
    assert best - 5e-3 <= outcome.bound <= best + 1e-6
    assert all(bound is None or bound <= best + 1e-6 for _, bound in news)


@pytest.mark.parametrize("changes", [{"packs": []}, {"swaps": []}, {"packs": [], "swaps": []}], ids=str)
@pytest.mark.parametrize("formulation", OURS, ids=lambda one: one.name)
def test_nights_with_nothing_in_them(formulation: object, changes: dict[str, list[object]]) -> None:
    night = make.night(**({"swaps": [make.swap()], "base_load_kw": 5} | changes))  # type: ignore[arg-type]
    if formulation.refusal(night) is None:  # type: ignore[attr-defined]
        outcome, _ = contest(formulation.name, night)  # type: ignore[attr-defined]
        assert outcome.schedule is not None


def test_no_time_at_all_is_told() -> None:
    outcome, _ = contest("reference", random_night(5), Limits(0.0, 0.0))
    assert outcome.stopped == "time_limit"
    assert outcome.bound <= optimum(5) + 1e-6


def test_a_wide_gap_is_enough() -> None:
    """The gap is of what charging costs, not of the objective: with a gap of 100 every plan will do."""
    night = random_night(5)
    outcome, _ = contest("reference", night, Limits(100.0, PATIENCE))
    assert outcome.schedule is not None
    assert outcome.stopped == "finished"
    assert outcome.bound <= optimum(5) + 1e-6
    assert 0 < SHARE_OF_GAP < 1


def test_sizes_and_seconds_are_told() -> None:
    programme = REFERENCE.build(random_night(5))
    outcome, _ = contest("reference", random_night(5))
    (rows, columns), matrix = programme.matrix.shape, programme.matrix
    told = (outcome.rows, outcome.columns, outcome.integer_columns, outcome.nonzeros)
    assert told == (rows, columns, matrix.integer.sum(), len(matrix.values))
    assert outcome.build_seconds > 0
    assert outcome.solver_seconds > 0


# From a MIP's point to an exact one


@cache
def solved_mip(seed: int) -> tuple[Matrix, Array]:
    matrix = REFERENCE.build(random_night(seed)).matrix
    point = solve(matrix).point
    assert matrix.is_mip
    assert point is not None
    return matrix, point


@settings(deadline=None, max_examples=20)
@given(st.sampled_from([0, 1, 3, 5]), st.integers(0, 2**32 - 1))
def test_a_point_a_millionth_off_is_settled(seed: int, noise: int) -> None:
    matrix, best = solved_mip(seed)
    off = best + 1e-6 * np.random.default_rng(noise).uniform(-1, 1, len(best))
    found = settled(matrix, off, math.nan)
    assert found is not None
    assert found[1] == pytest.approx(optimum(seed), abs=1e-6 * max(1.0, abs(optimum(seed))))
    assert excess(fixed(matrix, found[0]), found[0]) < 1e-6


def test_a_point_that_breaks_the_programme_is_no_plan() -> None:
    matrix = REFERENCE.build(random_night(5)).matrix
    point = solve(matrix).point
    assert point is not None
    nothing = replace(matrix, row_low=np.full_like(matrix.row_low, 1e6), row_high=np.full_like(matrix.row_high, 1e6))
    assert settled(nothing, point, 1.0) is None


def test_a_point_whose_rounded_one_has_no_solution_stays_as_it_is() -> None:
    """x whole and 2x = 5: no whole x; a point at 2.5 keeps the row."""
    matrix = REFERENCE.build(make.night()).matrix
    matrix = replace(
        matrix,
        cost=np.ones(1), offset=0.0, low=np.zeros(1), high=np.full(1, 9.0), integer=np.ones(1, dtype=bool),
        row_low=np.full(1, 5.0), row_high=np.full(1, 5.0),
        starts=np.array([0, 1], dtype=np.int32), rows=np.zeros(1, dtype=np.int32), values=np.full(1, 2.0),
    )  # fmt: skip
    point = np.array([2.5])
    assert settled(matrix, point, 2.5) == (point, 2.5)


def test_excess_is_the_largest_relative_one() -> None:
    matrix = replace(
        REFERENCE.build(make.night()).matrix,
        cost=np.ones(2), low=np.zeros(2), high=np.array([math.inf, 4.0]), integer=np.zeros(2, dtype=bool),
        row_low=np.array([100.0, -math.inf]), row_high=np.array([math.inf, 3.0]),
        starts=np.array([0, 2, 3], dtype=np.int32), rows=np.array([0, 1, 0], dtype=np.int32),
        values=np.array([2.0, 1.0, 1.0]),
    )  # fmt: skip
    assert excess(matrix, np.array([3.0, 94.0])) == pytest.approx(90 / 4)  # x₁ ≤ 4
    assert excess(matrix, np.array([48.0, 4.0])) == pytest.approx(45 / 3)  # row 1: x₀ ≤ 3
    assert excess(matrix, np.array([3.0, 4.0])) == pytest.approx(90 / 100)  # row 0: 2 x₀ + x₁ ≥ 100
    assert excess(matrix, np.array([-0.25, 0.0])) == pytest.approx(100.5 / 100)


@given(st.lists(st.text(max_size=80), max_size=20))
def test_names_are_fit_for_files_and_differ(names: list[str]) -> None:
    safe = safe_names(names)
    assert len(set(safe)) == len(names)
    assert all(name.isascii() and name.replace("_", "a").isalnum() and name[0].isalpha() for name in safe)
    assert all(len(name) < 100 for name in safe)


def test_names_stay_what_they_are_where_they_can() -> None:
    assert safe_names(["power_kw[0,1]", "served[3]", "1", "served[3]"]) == [
        "power_kw_0_1",
        "served_3",
        "column_1_2",
        "column_served_3_3",
    ]


BENT = ("few-chargers-curve-xs-1", "ten-chargers-0c-xs-1")
"""Their curves bend both ways: the reference's own powers break rules."""


@pytest.mark.parametrize("name", BENT)
def test_where_curves_bend_both_ways_the_reference_bounds_and_its_assignment_is_dispatched(name: str) -> None:
    (night,) = read_instance(INSTANCES / "bench" / f"{name}.json").nights
    assert not follows_curves(night) and not REFERENCE.build(night).is_exact
    (best,) = asked_entries(read_ledger(INSTANCES / "bench"), [name], INSTANCES / "bench")
    outcome, news = contest("reference:highs", night, Limits(gap=0.001, time_limit_seconds=PATIENCE))
    assert outcome.schedule is not None and outcome.objective is None
    cost = cost_of(night, outcome.schedule).objective
    assert outcome.bound <= best.plan.objective <= cost + 1e-6
    assert all(objective is None or objective == cost for objective, _ in news)


def test_exact_where_curves_are_concave_and_every_bay_has_one_of_them() -> None:
    falling, bent = ((0.0, 40.0), (0.5, 40.0), (1.0, 5.0)), ((0.0, 40.0), (0.4, 8.0), (0.7, 7.0), (1.0, 5.0))
    for curve, follows in (((), True), (falling, True), (bent, False)):
        night = random_night(3)
        kinds = {name: replace(kind, acceptance=curve) for name, kind in night.pack_types.items()}
        assert follows_curves(replace(night, pack_types=kinds)) == follows
