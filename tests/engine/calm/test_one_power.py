"""Blocks at several powers become blocks at one, where there is room."""

from __future__ import annotations

import builders as make
import numpy as np
import pytest

from models.station.instance import Chargers, Night
from models.station.stays import stays_of
from optimizer.engine.calm.levels import level_powers, stepped_kw
from optimizer.engine.calm.one_power import even_out_blocks
from optimizer.engine.calm.stay_powers import StayPowers


def powers(night: Night, power_kw: dict[str, dict[int, float]]) -> StayPowers:
    return StayPowers(night, make.planned(night, {}, power_kw), stays_of(night, {}))


def two_packs(limit_kw: float) -> Night:
    packs = [make.pack("P1", 0.0), make.pack("P2", 0.0)]
    kind = make.pack_type(end_value_per_kwh=0.0)
    return make.night(
        slots=6, bays=2, chargers=Chargers(2, 40.0, 1.0), grid_limit_kw=limit_kw, packs=packs, types=[kind]
    )


def test_steps_are_rounded_up() -> None:
    assert stepped_kw(12.31, 0.1) == 12.4
    assert stepped_kw(12.4, 0.1) == 12.4
    assert stepped_kw(12.31, 0.0) == 12.31


def test_a_block_gets_one_power_where_the_limit_allows_it() -> None:
    found = powers(two_packs(80.0), {"P1": {0: 40.0, 1: 10.25}})
    level_powers(found, 0.1)
    assert found.power_kw[0].tolist() == pytest.approx([25.2, 25.05, 0, 0, 0, 0])
    assert found.load_kw.tolist() == found.power_kw.sum(axis=0).tolist()


def test_a_block_stays_as_it_is_where_the_limit_is_met() -> None:
    found = powers(two_packs(40.0), {"P1": {0: 40.0, 1: 10.0}, "P2": {1: 30.0, 2: 40.0}})
    level_powers(found, 0.1)
    assert found.power_kw.tolist() == [[40, 10, 0, 0, 0, 0], [0, 30, 40, 0, 0, 0]]


def test_it_moves_to_where_there_is_room_for_one_power() -> None:
    """P2 cannot have 35 kW in slot 1, but in slots 2 and 3; P1 is uneven no more: its last slot has what is left."""
    found = powers(two_packs(40.0), {"P1": {0: 40.0, 1: 10.0}, "P2": {1: 30.0, 2: 40.0}})
    even_out_blocks(found, 0.1)
    assert found.power_kw.tolist() == [[40, 10, 0, 0, 0, 0], [0, 0, 35, 35, 0, 0]]
    assert np.array_equal(found.busy, [1, 1, 1, 1, 0, 0])
