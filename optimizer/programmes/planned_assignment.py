"""The way from who serves whom to a plan, for programmes whose powers are none of a plan."""

from __future__ import annotations

from collections.abc import Mapping

from models.station.instance import Night
from models.station.schedule import Schedule
from optimizer.engine.dispatch import plan_assignment
from optimizer.engine.options import RunOptions
from optimizer.engine.search import Search

SECONDS = 60.0  # where no one says how long it may take


def planned(night: Night, by_swap: Mapping[str, str], method: str, seconds: float, seed: int) -> Schedule | None:
    """The best plan that the assignment leads to within some seconds: its powers, and repairs where it asks too much.

    `by_swap`: pack by swap. None where none was found in time.
    """
    search = Search(night, RunOptions(gap=0.0, time_limit_seconds=seconds, seed=seed))
    plan_assignment(search, by_swap, method)
    return search.schedule
