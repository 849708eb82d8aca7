"""What a re-plan changed is calm again, and what was committed and unchanged stays where it is."""

from __future__ import annotations

import builders as make
import numpy as np
import pytest

from models.station.instance import Night
from models.station.schedule import Schedule
from models.station.starts import charging_figures
from optimizer.check.rules import check
from optimizer.engine.near.calm_again import calm_again
from optimizer.engine.near.changes import changes_of
from optimizer.engine.near.matching import Committed
from optimizer.engine.options import RunOptions
from optimizer.engine.search import Search

NIGHT = make.night(slots=6, packs=[make.pack("P1", 0.1)], swaps=[], types=[make.pack_type(end_value_per_kwh=0.5)])
"""One price all night: two slots of 40 kW fill P1."""
UNKNOWN = float("nan")


def after(planned_kw: dict[int, float], committed_kw: list[float], night: Night = NIGHT) -> Schedule:
    search = Search(night, RunOptions())
    search.offer(make.planned(night, {}, {"P1": planned_kw}), "by hand")
    assert search.schedule is not None
    kept = Committed({}, frozenset(), {"P1": np.array(committed_kw)}, 0.0)
    before = changes_of(night, kept, search.schedule)
    calm_again(search, kept)
    assert check(night, search.schedule) == []
    assert changes_of(night, kept, search.schedule).slots <= before.slots
    return search.schedule


def powers(schedule: Schedule) -> tuple[float, ...]:
    return tuple(round(kw, 6) for kw in schedule.rows[0].power_kw)


def test_what_nobody_committed_to_is_charged_in_one_block_and_early() -> None:
    found = after({1: 40.0, 4: 40.0}, [UNKNOWN] * 6)
    assert powers(found) == (40.0, 40.0, 0.0, 0.0, 0.0, 0.0)


def test_a_committed_slot_stays_and_the_rest_joins_it() -> None:
    """Slot 3 is as committed; what is charged in slot 5 moves beside it, where nothing was committed."""
    found = after({3: 40.0, 5: 40.0}, [0.0, 0.0, UNKNOWN, 40.0, UNKNOWN, UNKNOWN])
    assert powers(found) in ((0.0, 0.0, 40.0, 40.0, 0.0, 0.0), (0.0, 0.0, 0.0, 40.0, 40.0, 0.0))
    assert charging_figures(found).starts == 1


@pytest.mark.parametrize("committed_kw", [[0.0, 40.0, 0.0, 0.0, 40.0, 0.0], [0.0, 40.0, 0.0, 0.0, 0.0, 0.0]])
def test_no_committed_slot_moves(committed_kw: list[float]) -> None:
    """All as committed, or all but one slot that has nowhere else to go."""
    found = after({1: 40.0, 4: 40.0}, committed_kw)
    assert powers(found) == (0.0, 40.0, 0.0, 0.0, 40.0, 0.0)
