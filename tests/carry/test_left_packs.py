"""Names of packs from night to night: unique, never longer than a name may be, and not longer every night."""

from __future__ import annotations

from dataclasses import replace

import builders as make
from hypothesis import given
from hypothesis import strategies as st

from optimizer.carry.standing import PlannedBays, own_names
from optimizer.engine.plan_station import plan_station
from optimizer.files.limits import MOST_CHARACTERS

SWAPS = st.sampled_from(["swap-1", "swap-2", "a", "a-2", "x" * MOST_CHARACTERS])


def test_names() -> None:
    names = ["P1", "return:swap-1", "r-swap-1", "return:many#2", "return:swap-1-2"]
    assert own_names(names) == ["P1", "r-swap-1-2", "r-swap-1", "r-many#2", "r-swap-1-2-2"]


@given(st.lists(st.lists(SWAPS, unique=True, max_size=4), max_size=8))
def test_names_are_unique_and_do_not_grow(nights: list[list[str]]) -> None:
    """Each night so many drivers bring packs in place of the first ones of six."""
    standing = [f"P{number}" for number in range(6)]
    for brought in nights:
        standing = own_names([*(f"return:{swap}" for swap in brought), *standing[len(brought) :]])
        assert len(set(standing)) == 6
        assert not any(name.startswith("return:") for name in standing)
        assert all(len(name) <= min(MOST_CHARACTERS, len("r--6-6") + MOST_CHARACTERS) for name in standing)
    assert all(len(name) <= len("r-swap-1-2-2") or name.startswith("r-xx") for name in standing)


def test_a_driver_whose_namesake_came_last_night() -> None:
    """The pack that W1 brought last night is still there when W1 of this night brings another one."""
    old = replace(make.pack("r-W1", soc=0.3), bay=1)
    night = make.night(4, packs=[replace(make.pack("P1", soc=0.9), bay=0), old], swaps=[make.swap("W1", 1)])
    plan = plan_station(night)
    assert plan.result.swaps_lost == 0
    standing = PlannedBays.of(night, plan.schedule).standing(3)
    assert [one.id for one in standing] == ["r-W1-2", "r-W1"]
