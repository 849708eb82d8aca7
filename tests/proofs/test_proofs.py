"""Tiny nights over all pairs of features against their truth: the first of those of `make proofs`.

No bound of any formulation lies above the optimum, no plan below it, and nearly all plans are proven optimal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random

import proof_campaign
import pytest
import verdicts as judge
from covering import all_pairs, covering_array, pairs_of
from every_plan import cheapest_objective
from features import FACTORS, PLAIN, feature_night, feature_sets, levels_seen
from random_nights import on_off_night, on_off_truck_night
from solved import optimum
from verdicts import Verdict, margin, verdict

from models.formulations.reference import build_reference
from models.station.instance import Night

SEED, COUNT, AT_ONCE = 1, 240, 20
SETS = feature_sets(COUNT, SEED)
NIGHTS = range(COUNT)
in_chunks = pytest.mark.parametrize("first", NIGHTS[::AT_ONCE])


@cache
def verdict_of(number: int) -> Verdict:
    return verdict(SETS[number], number, SEED)


@in_chunks
def test_truth_refutes_no_bound_and_no_plan(first: int) -> None:
    for number in NIGHTS[first : first + AT_ONCE]:
        assert verdict_of(number).faults == (), number


@in_chunks
def test_plans_are_optimal_and_mostly_proven(first: int) -> None:
    """Along curves that are not concave a gap may be left open."""
    for number in NIGHTS[first : first + AT_ONCE]:
        found = verdict_of(number)
        if found.levels["acceptance"] not in ("bent", "by temperature"):
            assert found.is_optimal, number
            assert found.is_proven, number


def test_a_bound_that_presolve_gets_wrong_is_not_believed() -> None:
    """With limits moved by what the checker forgives, HiGHS's presolve cuts off the optimum of the reference model."""
    number = 780
    found = verdict(feature_sets(number + 1, SEED)[number], number, SEED)
    assert found.faults == ()
    assert found.is_proven


def test_all_pairs_of_features_meet() -> None:
    met = {pair for number in NIGHTS for pair in pairs_of(levels_seen(feature_night(SETS[number], number, SEED)))}
    assert met >= all_pairs(FACTORS)
    assert len(met) == 1286


def test_a_covering_array_has_all_pairs_in_few_rows() -> None:
    rows = covering_array(FACTORS, Random(1))
    assert {pair for row in rows for pair in pairs_of(row)} == all_pairs(FACTORS)
    assert len(rows) <= 30


# The suite itself


def test_a_bound_above_the_optimum_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    best = verdict(PLAIN, 0, SEED).optimum
    monkeypatch.setattr(judge, "bounds", lambda night: [("one that is wrong", best + 0.01)])
    (fault,) = verdict(PLAIN, 0, SEED).faults
    assert fault.startswith("one that is wrong")


def test_a_plan_below_the_optimum_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    best = verdict(PLAIN, 0, SEED).optimum
    monkeypatch.setattr(judge, "true_optimum", lambda night: best + 0.01)
    assert any("below" in fault for fault in verdict(PLAIN, 0, SEED).faults)


def test_a_campaign_that_was_broken_off_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, asked = tmp_path / "kept.jsonl", list[int]()
    first = proof_campaign.judged(2, SEED, path, 1)
    with path.open("a") as file:
        file.write('{"number": 2, "lev')  # as a kill leaves it

    def noted(one: tuple[object, int, int]) -> Verdict:
        asked.append(one[1])
        return replace(first[0], number=one[1])

    class Here:
        def __init__(self, processes: int | None) -> None: ...
        def __enter__(self) -> Here:
            return self

        def __exit__(self, *how: object) -> None: ...
        def imap_unordered(self, call: Callable[..., Verdict], jobs: list[object], chunksize: int) -> list[Verdict]:
            return [noted(job) for job in jobs]  # type: ignore[arg-type]

    monkeypatch.setattr(proof_campaign, "Pool", Here)
    again = proof_campaign.judged(4, SEED, path, 1)
    assert asked == [2, 3]
    assert sorted(one.number for one in again) == [0, 1, 2, 3]
    assert again[:2] == first
    assert "4 " in proof_campaign.table(again).splitlines()[-2]


# What holds the reference model itself


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("draw", [on_off_night, on_off_truck_night])
def test_listing_every_plan_finds_the_same_optimum(draw: Callable[[int], Night], seed: int) -> None:
    night = draw(seed)
    best = cheapest_objective(night)
    assert optimum(build_reference(night).model) == pytest.approx(best, abs=margin(best))
