"""What a charging pattern knows of packs: needs, steps of power, and when plans of patterns are plans of the night."""

from __future__ import annotations

from typing import Any

import builders as make
import numpy as np
import pytest

from models.formulations.patterns.packs import PatternPacks, pattern_packs, patterns_are_plans
from models.tolerances import MISSING_KWH

CURVE = ((0.5, 40.0), (1.0, 10.0))


def packs_of(**changes: Any) -> PatternPacks:
    (packs,) = pattern_packs(make.night(**changes))
    return packs


def test_packs_of_the_start_then_those_that_swaps_bring() -> None:
    packs = packs_of(swaps=[make.swap("W2", 3), make.swap("W1", 1), make.swap("W3", 2, None)], turnaround_slots=2)
    assert packs.packs == ("P1", "P2", "P3", "return:W1", "return:W2")
    assert [swap.id for swap in packs.swaps] == ["W1", "W3", "W2"]
    assert packs.brings.tolist() == [3, -1, 4]
    assert packs.release.tolist() == [0, 0, 0, 3, 4]
    assert packs.available.tolist() == [0, 0, 0, 2, 4]
    assert packs.dues.tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("max_kw", "min_kw", "steps"), [(40, 10, 4), (40, 40, 1), (40, 30, 2), (40, 0, 0), (40, 2, 0), (40, 12, 4)]
)
def test_least_power_becomes_a_whole_part_of_the_most(max_kw: float, min_kw: float, steps: int) -> None:
    packs = packs_of(chargers=make.chargers(max_kw=max_kw, min_kw=min_kw))
    assert packs.steps == steps
    assert (packs.lo_kwh <= min_kw + 1e-9).all()
    assert packs.hi_kwh == pytest.approx(max_kw)


def test_on_off_is_one_step() -> None:
    assert packs_of(chargers=make.chargers(mode="on_off")).steps == 1


def test_a_pool_for_every_need_and_for_every_pack_asked_for_by_name() -> None:
    swaps = [make.swap("W1", 1), make.swap("W2", 2, swap_soc=0.7), make.swap("W3", 3, pack="P2")]
    lower, higher, wanted = pattern_packs(make.night(swaps=swaps))
    assert [[swap.id for swap in pool.swaps] for pool in (lower, higher, wanted)] == [["W2"], ["W1"], ["W3"]]
    assert lower.need_kwh == pytest.approx(70 - MISSING_KWH, abs=MISSING_KWH / 10)
    assert lower.is_ready.tolist() == [True, False, False, False, False, False]
    assert [pool.is_first for pool in (lower, higher, wanted)] == [True, False, False]
    assert (lower.brings.tolist(), higher.brings.tolist(), wanted.brings.tolist()) == ([4], [3], [5])
    assert (wanted.packs, wanted.of_type.tolist()) == (("P2",), [1])


def test_where_all_swaps_want_a_pack_by_name_a_pool_without_swaps_has_those_that_stay() -> None:
    first, wanted = pattern_packs(make.night(swaps=[make.swap("W1", 1, pack="P1")]))
    assert (first.swaps, first.packs, first.is_first) == ((), ("P1", "P2", "P3", "return:W1"), True)
    assert wanted.packs == ("P1",)


def test_beyond_so_many_pools_the_need_is_the_least_of_the_swaps() -> None:
    night = make.night(swaps=[make.swap(f"W{n}", 1 + n % 3, swap_soc=0.5 + n / 100) for n in range(9)])
    (packs,) = pattern_packs(night)
    assert packs.need_kwh == pytest.approx(50 - MISSING_KWH, abs=MISSING_KWH / 10)
    assert not patterns_are_plans(night)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"swaps": [make.swap("W1", 1, swap_soc=0.7)]}, True),
        ({"swaps": [make.swap("W1", 1, swap_soc=0.7), make.swap("W2", 2)]}, True),
        ({"swaps": [make.swap("W1", 1, pack="P1")]}, True),
        ({"types": [make.pack_type(acceptance=CURVE)]}, True),
        ({"types": [make.pack_type(acceptance=CURVE)], "chargers": make.chargers(mode="on_off")}, False),
    ],
)
def test_plans_of_patterns_are_plans_without_curves(changes: dict[str, Any], expected: bool) -> None:
    assert patterns_are_plans(make.night(**changes)) is expected


def test_worth_of_a_ready_pack_is_never_negative() -> None:
    assert packs_of(types=[make.pack_type(end_value_per_kwh=-0.2)]).worth == 0
    assert packs_of(types=[make.pack_type(end_value_per_kwh=0.5)]).worth == pytest.approx(40)
    assert np.isclose(packs_of().target_kwh, 90)
