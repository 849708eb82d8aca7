"""The day of any night: whatever the plan, it is drawn, and its numbers are those of the plan."""

from __future__ import annotations

from typing import Any

import broken_plans
import builders as make
import pages
import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_nights import random_night
from run_pages import row_of

from models.station.instance import Night
from models.station.schedule import Schedule
from optimizer.engine.baselines import uncontrolled_charging
from optimizer.reports.days.station_day import Day, day_part


def day_of(night: Night, schedule: Schedule, **changes: Any) -> pages.Page:
    """What is folded under the station's name."""
    planned = pages.planned(make.instance(night), schedule).stations[0]
    return pages.Page(day_part(Day(1, row_of(**changes), "to look at", planned, night), "EUR"))


@given(st.integers(0, 100_000))
def test_numbers_are_those_of_the_plan(seed: int) -> None:
    night = random_night(seed)
    schedule = uncontrolled_charging(night)
    page = day_of(night, schedule)
    load, bays = page.drawings
    served = schedule.packs_by_swap
    lost = [swap for swap in night.station.swaps if swap.id not in served]
    assert len(pages.hints(bays, "lost")) == len(lost)
    hours = page.table("Hour by hour")[1:]
    assert sum(int(row[4]) for row in hours) == sum(s.packs for s in night.station.swaps if s.id in served)
    assert sum(int(row[5]) for row in hours) == sum(swap.packs for swap in lost)
    assert load.attrib["aria-label"].startswith("Power drawn from the grid, up to ")


FROM_FILES = [case for case in broken_plans.TABLE if pages.fits_a_file(case.plan)]


@pytest.mark.parametrize("case", FROM_FILES, ids=lambda case: case.name)
def test_a_plan_that_breaks_rules_is_drawn(case: broken_plans.Broken) -> None:
    plan = pages.planned(make.instance(case.night), uncontrolled_charging(case.night))
    planned = pages.with_schedule(plan, case.plan).stations[0]
    for night in (case.night, None):
        page = pages.Page(day_part(Day(1, row_of(), "", planned, night), "EUR"))
        assert len(page.drawings) == 2
