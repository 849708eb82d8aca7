"""The plan in hand made calm: few starts, one power, early, at the same cost. models/README.md, 11.7."""

from __future__ import annotations

from collections.abc import Iterator

from models.station.schedule import Schedule
from models.station.stays import stays_of
from optimizer.engine.calm.charging import StayPowers
from optimizer.engine.calm.equal_cost import equal_cost
from optimizer.engine.calm.levels import level_powers
from optimizer.engine.calm.sequence import sequence_weights
from optimizer.engine.search import Search

ENOUGH = 1.05  # starts a stay that are few enough to spare the LP


def calm_plan(search: Search) -> None:
    """Exchange the plan in hand for a calmer one with the same hand-overs, if there is one that `take_calm` takes."""
    found = search.schedule
    if found is not None and found.rows:
        any(search.take_calm(schedule) for schedule in _calmer_plans(search, found))


def _calmer_plans(search: Search, found: Schedule) -> Iterator[Schedule]:
    """The best first."""
    with search.watch.stage("rounding"):
        charging = StayPowers(search.night, found, stays_of(search.night, found.by_swap()))
        charging.settle()
    if charging.starts > ENOUGH * charging.stays_charged:
        charging = _in_sequence(search, charging)
    plain = charging.as_schedule()
    for step_kw in (search.options.power_step_kw, 0.0):
        level_powers(charging, step_kw)
        yield charging.as_schedule()
    yield plain


def _in_sequence(search: Search, charging: StayPowers) -> StayPowers:
    """Packs charged one after the other, where that has fewer starts."""
    face = equal_cost(search, charging.as_schedule(), charging.stays)
    if face is None:
        return charging
    with search.watch.stage("solver"):
        face.even_out(search.night)
        power_kw = face.solve(sequence_weights(search.night, charging.stays), search.seconds_left)
    if power_kw is None:
        return charging
    with search.watch.stage("rounding"):
        other = StayPowers(search.night, charging.schedule, charging.stays, power_kw)
        other.settle()
    return other if other.starts < charging.starts else charging
