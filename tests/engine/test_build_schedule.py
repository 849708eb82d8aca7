"""From powers and hand-overs to a schedule: rows and bays, zeros, solar power used, reserve given up."""

from __future__ import annotations

import builders as make
import numpy as np
import pytest

from models.station.schedule import HandOver
from models.station.stays import stays_of
from optimizer.check.rules import check
from optimizer.engine.build_schedule import reserve_shortfall_of

SWAPS = [make.swap("W1", 1), make.swap("W2", 2, None)]


def test_rows_for_every_pack_that_ever_stands_there() -> None:
    night = make.night(slots=3, packs=[make.pack("P1", 0.9), make.pack("P2", 0.8)], swaps=SWAPS)
    plan = make.planned(night, {"W2": "P2", "W1": "P1"}, {"return:W1": {1: 40.0, 2: 5.0}})
    assert [(row.pack, row.bay, row.power_kw) for row in plan.rows] == [
        ("P1", 0, (0, 0, 0)),
        ("return:W1", 0, (0, 40, 5)),
        ("P2", 1, (0, 0, 0)),
    ]
    assert plan.hand_overs == (HandOver("W1", "P1"), HandOver("W2", "P2"))  # in the order of the swaps
    assert (plan.station, plan.solar_used_kw, plan.reserve_shortfall) == ("S", (), ())
    assert check(night, plan) == []


def test_dust_and_rounding_below_zero_become_nothing() -> None:
    plan = make.planned(make.night(slots=3), {}, {"P2": {0: 9e-9, 1: -1e-9, 2: 2e-4}})
    assert plan.rows[1].power_kw == (0, 0, 2e-4)


def test_solar_power_serves_all_it_can() -> None:
    night = make.night(slots=3, base_load_kw=5, solar_kw=(0, 8, 30))
    plan = make.planned(night, {}, {"P2": {1: 4.0, 2: 4.0}})
    assert plan.solar_used_kw == (0, 8, 10)  # 4 / 0.8 + 5


def test_solar_power_given_is_taken() -> None:
    night = make.night(slots=2, solar_kw=30, base_load_kw=5)
    assert make.planned(night, {}, {}, [1.0, 0.0]).solar_used_kw == (1, 0)


def test_reserve_shortfall_is_what_lacks() -> None:
    """P1 holds 90 until it leaves in slot 2; P2 holds 50, then 80 from slot 1 on."""
    night = make.night(slots=4, swaps=[make.swap("W1", 2)], ready_reserve=(2, 2, 2, 1), reserve_cost=1)
    plan = make.planned(night, {"W1": "P1"}, {"P2": {0: 30.0}})
    assert plan.reserve_shortfall == (1, 0, 1, 0)
    assert check(night, plan) == []


def test_reserve_counts_a_pack_returned_ready_from_its_first_slot() -> None:
    night = make.night(slots=3, packs=[make.pack("P1", 0.9)], swaps=[make.swap("W1", 1, 0.8)], ready_reserve=1,
                       reserve_cost=1)  # fmt: skip
    assert make.planned(night, {"W1": "P1"}, {}).reserve_shortfall == ()


def test_reserve_shortfall_given_is_taken() -> None:
    night = make.night(slots=2, ready_reserve=3, reserve_cost=1)
    assert make.planned(night, {}, {}, None, [2, 3]).reserve_shortfall == (2, 3)


def test_nothing_lacks_without_a_reserve() -> None:
    night = make.night(slots=2)
    assert reserve_shortfall_of(night, stays_of(night, {}), np.zeros((2, 2))) == ()


def test_infeasible_assignment_is_refused() -> None:
    with pytest.raises(ValueError, match="never came"):
        make.planned(make.night(swaps=SWAPS), {"W1": "P9"}, {})
