"""The pool of charging patterns: what is new, what a dive tells apart, and coefficients of the master."""

from __future__ import annotations

from typing import Any

import builders as make
import numpy as np
import pytest

from models.formulations.matrix import Array
from models.formulations.patterns.master import PatternMaster, Patterns, pattern_master
from models.formulations.patterns.packs import pattern_packs
from optimizer.engine.patterns.pool import PatternPool

SETTINGS: dict[str, Any] = {
    "slots": 4,
    "chargers": make.chargers(count=1, min_kw=10.0, efficiency=1.0),
    "packs": [make.pack("P1", 0.5), make.pack("P2", 0.9)],
    "swaps": [make.swap("W1", 2)],
    "plug_changes_max": 1,
}


def master_of(**changes: Any) -> PatternMaster:
    night = make.night(**(SETTINGS | changes))
    return pattern_master(night, pattern_packs(night))


def patterns(*rows: tuple[int, int, list[float]]) -> Patterns:
    """(pack, ready from, kWh by slot), on where there are any."""
    kwh: Array = np.array([one for _, _, one in rows])
    return Patterns(np.array([r for r, _, _ in rows]), np.array([f for _, f, _ in rows]), kwh > 0, kwh)


def test_begins_with_packs_that_never_charge() -> None:
    pool = PatternPool(master_of(), 0)
    assert [(one.row, one.ready_from) for one in pool.signatures] == [(0, -1), (1, -1), (2, -1), (1, 0)]


def test_pattern_is_new_once() -> None:
    pool = PatternPool(master_of(), 0)
    one, other = (0, 2, [20.0, 10.0, 0.0, 0.0]), (0, 2, [20.0, 10.0000001, 0.0, 0.0])
    assert pool.add(0, patterns(one)) == 1
    assert pool.add(0, patterns(one, other)) == 0


def test_signature_leaves_powers_open_but_for_a_short_last_slot() -> None:
    pool = PatternPool(master_of(), 0)
    pool.add(0, patterns((0, 2, [20.0, 10.0, 0, 0]), (0, 2, [12.0, 18.0, 0, 0]), (0, 2, [35.0, 5.0, 0, 0])))
    first, second, third = pool.signatures[-3:]
    assert first == second
    assert third == first._replace(is_short=True)
    assert first.slots(4).tolist() == [0, 1]


def test_coefficients_of_a_pattern() -> None:
    master = master_of(ready_reserve=1, reserve_cost=3.0)
    owner, rows, values = master.entries(0, patterns((0, 2, [20.0, 10.0, 0.0, 0.0])))
    found = dict(zip(rows.tolist(), values.tolist(), strict=True))
    shared = master.shared
    assert set(owner.tolist()) == {0}
    assert found[int(master.pack_rows[0][0])] == 1
    assert found[int(master.pool_rows[0][0])] == 1
    assert [found.get(int(row)) for row in shared.grid.balance] == [-20.0, -10.0, None, None]
    assert [found.get(int(row)) for row in shared.chargers] == [1, 1, None, None]
    assert [found.get(int(row)) for row in shared.stops] == [None, None, -1, None]
    assert [found.get(int(row)) for row in shared.starts] == [None] * 4
    assert [found.get(int(row)) for row in shared.reserve] == [None, None, 1, 1]


def test_pack_that_stays_is_worth_what_it_holds() -> None:
    master = master_of(types=[make.pack_type(end_value_per_kwh=0.5)])
    stays, leaves = patterns((0, -1, [20.0, 10.0, 0, 0]), (0, 2, [20.0, 10.0, 0, 0])).some(np.array([0, 1])), 0.5 * 80
    assert master.cost(0, stays) == pytest.approx([-0.5 * 80, -leaves], abs=1e-6)
