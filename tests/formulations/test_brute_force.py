"""Random nights have every feature, and dispatch of an optimal order is optimal. Bounds and plans: tests/proofs."""

from __future__ import annotations

from functools import cache

import pytest
from random_nights import FEATURES, random_night
from solved import optimum, solved

from models.formulations.dispatch.pyomo_model import build_dispatch
from models.formulations.reference import build_reference
from models.station.instance import Night
from models.station.stays import stays_of

RAREST = "no plug change at all"
SEEDS = [*range(120), *(seed for seed in range(120, 200) if FEATURES[RAREST](random_night(seed)))]
CHUNKS = [SEEDS[first : first + 20] for first in range(0, len(SEEDS), 20)]
in_chunks = pytest.mark.parametrize("seeds", CHUNKS, ids=lambda seeds: f"seeds {seeds[0]}-{seeds[-1]}")


@pytest.mark.parametrize("feature", FEATURES)
def test_random_nights_have_every_feature(feature: str) -> None:
    assert sum(FEATURES[feature](random_night(seed)) for seed in SEEDS) >= 5


@cache
def reference(seed: int) -> tuple[float, dict[str, str]]:
    """The proven optimum of a random night, and the hand-overs of an optimal plan."""
    model = build_reference(random_night(seed))
    answer = solved(model.model)
    assert answer.stopped == "optimal", f"seed {seed}: {answer.detail}"
    assert answer.objective - answer.bound <= margin(answer.objective), f"seed {seed}"
    return answer.objective, model.hand_overs()


def margin(money: float) -> float:
    """A millionth of `money`: what two computations of one cost may differ by."""
    return 1e-6 * max(1.0, abs(money))


def trickle(night: Night) -> float:
    """Where plug changes count, a plan may keep packs plugged in at a little more than the least that counts."""
    return 5e-4 if night.station.counts_plug_changes else 0.0


@in_chunks
def test_dispatch_of_an_optimal_order_is_optimal(seeds: list[int]) -> None:
    for seed in seeds:
        night, (best, by_swap) = random_night(seed), reference(seed)
        allowed = margin(best) + trickle(night)
        dispatch = build_dispatch(night, stays_of(night, by_swap), missing_cost_per_kwh=1e4)
        assert optimum(dispatch.model) == pytest.approx(best, abs=allowed), f"seed {seed}"
