"""Level model and patterns of the engine as contenders of their own, beside the truth of tiny nights."""

from __future__ import annotations

import builders as make
import pytest
from features import feature_night, feature_sets
from random_nights import random_night
from verdicts import margin, true_optimum

from models.station.cost import cost_of
from models.station.must_serve import surcharge_of
from optimizer.bench.contenders.by_search import NO_PLAN
from optimizer.bench.contenders.engine_parts import ENGINE_LEVELS, ENGINE_PATTERNS
from optimizer.bench.records.contender import Contender, Limits
from optimizer.check.rules import check

SEED, COUNT = 18, 40
SETS = feature_sets(COUNT, SEED)
EXACT = Limits(0.0, 20.0)
PARTS = pytest.mark.parametrize("part", [ENGINE_LEVELS, ENGINE_PATTERNS], ids=lambda one: one.name)


def no_news(objective: float | None, bound: float | None) -> None: ...


@PARTS
def test_no_bound_lies_above_the_truth_and_most_plans_are_optimal(part: Contender) -> None:
    taken = optimal = 0
    for number in range(COUNT):
        night = feature_night(SETS[number], number, SEED)
        if part.refusal(night) is not None:
            continue
        best = true_optimum(night)
        outcome = part.compete(night, EXACT, no_news)
        lost = 0.0 if outcome.schedule is None else surcharge_of(night, outcome.schedule)
        assert outcome.bound + lost <= best + margin(best), number
        taken += 1
        if outcome.schedule is not None:
            assert check(night, outcome.schedule) == [], number
            assert outcome.objective == cost_of(night, outcome.schedule).objective
            optimal += outcome.objective + lost <= best + margin(best)
    assert taken >= COUNT / 2
    assert optimal >= 0.7 * taken


def test_levels_have_a_method_of_their_own_and_patterns_theirs() -> None:
    night = random_night(4)
    assert ENGINE_LEVELS.compete(night, EXACT, no_news).detail.startswith("best by levels at 1/")
    assert "patterns" in ENGINE_PATTERNS.compete(night, EXACT, no_news).detail


@PARTS
def test_the_same_night_gives_the_same_plan(part: Contender) -> None:
    night = random_night(4)
    one, other = (part.compete(night, EXACT, no_news) for _ in range(2))
    assert (one.schedule, one.bound) == (other.schedule, other.bound)


def test_without_time_there_is_no_plan() -> None:
    outcome = ENGINE_LEVELS.compete(random_night(4), Limits(0.0, 0.0), no_news)
    assert (outcome.schedule, outcome.stopped, outcome.detail) == (None, "time_limit", NO_PLAN)


def test_swaps_that_must_be_served_have_a_plan_before_any_bound() -> None:
    """What a bound proves depends on which of them a plan loses."""
    night = make.night(swaps=[make.swap("W1", must_serve=True)])
    news: list[tuple[float | None, float | None]] = []
    ENGINE_LEVELS.compete(night, EXACT, lambda objective, bound: news.append((objective, bound)))
    assert news
    assert all(objective is not None for objective, _ in news)


def test_nights_whose_patterns_are_no_plans_are_refused() -> None:
    bent = make.pack_type(acceptance=((0.5, 40.0), (0.9, 5.0)))
    night = make.night(types=[bent], chargers=make.chargers(mode="on_off"))
    assert ENGINE_PATTERNS.refusal(night) == "its patterns are no plans: see models/README.md, section 9"
    assert ENGINE_PATTERNS.refusal(make.night()) is None
    assert ENGINE_LEVELS.refusal(night) is None
