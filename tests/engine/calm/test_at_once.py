"""On/off chargers where the grid limit holds at every moment: a partial slot takes the room of a whole one."""

from __future__ import annotations

import builders as make
import pytest

from models.station.at_once import keeps_limit_at_once
from models.station.cost import cost_of
from models.station.instance import Chargers
from models.station.stays import stays_of
from optimizer.check.rules import check
from optimizer.engine.calm.calm_plan import calm_plan
from optimizer.engine.calm.stay_powers import StayPowers
from optimizer.engine.options import RunOptions
from optimizer.engine.search import Search

NIGHT = make.night(
    bays=2,
    chargers=Chargers(2, 40.0, 1.0, mode="on_off"),
    grid_limit_kw=50.0,
    packs=[make.pack("P1", 0.1), make.pack("P2", 0.8)],
    types=[make.pack_type(end_value_per_kwh=0.5)],
)
"""P1 takes two whole slots, P2 a quarter of one: 50 kW on average where both are on, and 80 kW at once."""


def test_a_start_less_where_there_is_room_at_every_moment() -> None:
    found = make.planned(NIGHT, {}, {"P1": {0: 40.0, 2: 40.0}, "P2": {1: 10.0}})
    assert check(NIGHT, found) == []
    powers = StayPowers(NIGHT, found, stays_of(NIGHT, {}))
    assert powers.starts == 3
    powers.settle()
    assert powers.starts == 2
    assert keeps_limit_at_once(NIGHT, powers.as_schedule())


def test_the_calm_plan_is_taken() -> None:
    found = make.planned(NIGHT, {}, {"P1": {0: 40.0, 2: 40.0}, "P2": {1: 10.0}})
    search = Search(NIGHT, RunOptions())
    search.offer(found, "by hand")
    calm_plan(search)
    assert search.schedule is not None
    assert search.is_calm and check(NIGHT, search.schedule) == []
    starts = [sum(kw > 0 and before == 0 for before, kw in zip((0.0, *row.power_kw), row.power_kw, strict=False))
              for row in search.schedule.rows]  # fmt: skip
    assert starts == [1, 1]
    assert cost_of(NIGHT, search.schedule).objective == pytest.approx(cost_of(NIGHT, found).objective)
