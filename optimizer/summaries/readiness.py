"""How ready a plan's packs are, in figures: how many there are at once, and how long before their drivers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import median_low
from typing import Any

from models.station.instance import Night
from models.station.result import StationPlan
from optimizer.summaries.waits import Visit, Wait, ready_by_slot, tightest, visits_of, waits_of


@dataclass(frozen=True)
class Range:
    """The least, the middle (the lower one of two) and the most of some numbers."""

    least: int
    median: int
    most: int


@dataclass(frozen=True)
class Readiness:
    """Of a plan: `ready`, packs that hold at least S of their type in each slot, its swaps done; `slack_minutes`, how
    long before its driver each pack handed over was ready; `tightest`, the hand-over with least slack."""

    night: Night
    visits: Sequence[Visit]
    ready: Sequence[int]
    slack_minutes: Sequence[int]
    tightest: Wait | None


def readiness_of(plan: StationPlan) -> Readiness:
    """That of a checked plan."""
    night = plan.night
    visits = visits_of(night, plan.schedule)
    waits = waits_of(night, visits)
    slacks = [wait.slack * night.horizon.slot_minutes for wait in waits if wait.slack is not None]
    return Readiness(night, visits, ready_by_slot(night, visits), slacks, tightest(waits))


def range_of(numbers: Sequence[int]) -> Range | None:
    """None where there are none."""
    return Range(min(numbers), median_low(numbers), max(numbers)) if numbers else None


def slack_json(every: Sequence[Readiness]) -> dict[str, Any]:
    """`slack_minutes` of all hand-overs of all plans together: null where nobody gets a pack."""
    found = range_of([minutes for one in every for minutes in one.slack_minutes])
    return {"slack_minutes": None if found is None else asdict(found)}


def readiness_json(one: Readiness) -> dict[str, Any]:
    """`ready_packs` over the slots, and `slack_minutes`."""
    ready = range_of(one.ready)
    return {"ready_packs": None if ready is None else asdict(ready), **slack_json([one])}
