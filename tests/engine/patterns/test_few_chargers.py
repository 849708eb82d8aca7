"""Fewer chargers than packs, or a least power, and no other rule: assignments are dispatched by LPs."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from patience import PATIENCE

from models.formulations.dispatch import pyomo_model
from models.station.instance import Night
from optimizer.bench.library.families import family_instance
from optimizer.check.rules import check
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station
from optimizer.formats.read_instance import parse_instance


def few_chargers(family: str, size: str, count: int, least_kw: float = 0.0) -> Night:
    """A night of the library with fewer chargers, and a least power."""
    document = json.dumps(family_instance(family, size, 1)).encode()
    (night,) = parse_instance(document, "drawn", Path()).nights
    station = night.station
    return replace(night, station=replace(station, chargers=replace(station.chargers, count=count, min_kw=least_kw)))


@pytest.mark.parametrize(
    ("family", "size", "count", "least_kw"),
    [("ordinary", "s", 2, 0.0), ("ordinary", "m", 6, 0.0), ("two-types", "m", 5, 0.0), ("overloaded", "m", 7, 15.0)],
)
def test_no_mip_is_built_for_an_assignment(
    family: str, size: str, count: int, least_kw: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*of_what: Any) -> None:
        raise AssertionError("a model with binaries")

    monkeypatch.setattr(pyomo_model, "build_dispatch", refused)
    night = few_chargers(family, size, count, least_kw)
    plan = plan_station(night, RunOptions(gap=0.005, time_limit_seconds=PATIENCE))
    assert plan.result.proves(0.005)
    assert check(night, plan.schedule) == []
    busy = [sum(row.power_kw[t] > night.charging_kw for row in plan.schedule.rows) for t in range(night.horizon.slots)]
    assert least_kw or max(busy) == count, "chargers are scarce"
