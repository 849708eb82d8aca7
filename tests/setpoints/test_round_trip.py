"""Nights of every kind: the plan that limits carry out keeps every rule, with the plan's energy; written and read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import random_nights
import set_points as support
from hypothesis import given, settings
from hypothesis import strategies as st

from models.station.instance import Instance, Night
from optimizer.check.plan_check import check_plan
from optimizer.check.rules import check
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station
from optimizer.formats.read_instance import read_instance
from optimizer.setpoints.export_files import profiles_text, write_export
from optimizer.setpoints.fit.limits import LimitUnit
from optimizer.setpoints.ocpp.profile_document import PROTOCOLS
from optimizer.setpoints.read_back import read_set_points
from optimizer.setpoints.read_plan import plan_read

MOST_OFF = 0.001
KINDS: list[Callable[[int], Night]] = [
    random_nights.random_night,
    random_nights.on_off_night,
    random_nights.switched,
    random_nights.truck_night,
    lambda seed: random_nights.bent_night(seed, random_nights.random_night(seed)),
]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(KINDS), st.integers(0, 10_000))
def test_random_nights_keep_rules_and_energy(kind: Callable[[int], Night], seed: int) -> None:
    night = kind(seed)
    plan = plan_station(night, RunOptions(time_limit_seconds=10)).schedule
    made = support.exported(night, plan)
    assert not check(night, made.carried.schedule)
    assert made.energy_off <= MOST_OFF
    assert [(one.swap, one.pack) for one in made.carried.schedule.hand_overs] == [
        (one.swap, one.pack) for one in plan.hand_overs
    ]


@pytest.mark.parametrize("path", support.REAL, ids=lambda path: path.stem)
@pytest.mark.parametrize("to", ["csv", *PROTOCOLS])
def test_real_nights_come_back(path: Path, to: str, tmp_path: Path) -> None:
    instance = read_instance(path)
    (night,) = instance.nights
    plan = support.versioned(night, support.on_arrival(night))
    made = support.set_points_of(plan, LimitUnit())
    write_export(tmp_path / "out", [made], to, instance.name, LimitUnit())
    back = plan_read(read_set_points(tmp_path / "out"), [plan], instance, "out", None)
    (again,) = back.stations
    assert again.carried.schedule == made.carried.schedule
    assert again.energy_off <= MOST_OFF
    verdict = check_plan(Instance(instance.name, instance.currency, (night,)), back.file, "back")
    assert (verdict.ok, verdict.warnings) == (True, ())


@pytest.mark.parametrize("path", support.REAL, ids=lambda path: path.stem)
@pytest.mark.parametrize("to", PROTOCOLS)
def test_messages_of_real_nights_are_valid(path: Path, to: str) -> None:
    (night,) = read_instance(path).nights
    made = support.exported(night, support.on_arrival(night))
    chargers = sum(night.station.has_charger(bay) for bay in range(night.station.bays))
    assert support.validate(profiles_text(made, to)) == 4 * chargers  # type: ignore[arg-type]
