"""The plan in hand exchanged for one near a previous plan, at no more cost. models/README.md, 11.8."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from models.station.result import PlanChanges
from models.station.schedule import Schedule
from models.station.stays import Stay, stays_of
from optimizer.engine.calm.calm_plan import calm_plan
from optimizer.engine.near.assignments import nearest_assignments
from optimizer.engine.near.calm_again import calm_again
from optimizer.engine.near.changes import changes_of
from optimizer.engine.near.least_change import as_committed, least_changed, mixed
from optimizer.engine.near.matching import Committed, committed
from optimizer.engine.near.previous_plan import PreviousPlan
from optimizer.engine.search import Search


def near_plan(search: Search, previous: PreviousPlan) -> PlanChanges:
    """Exchange the plan in hand for the nearest to `previous` that is found within `slack` of it; what that changes.

    The rest of the previous plan comes out again where it keeps the rules and costs no more. Else the plan with the
    fewest hand-overs changed, then slots, then kWh moved; what nobody committed to is calm.
    """
    assert search.schedule is not None
    kept = committed(previous, search.night)
    cheapest, as_good = search.objective, search.highest_as_good
    most = as_good + slack(search, kept)
    rest = _rest(search, kept)
    if rest is None or not search.take_calm(rest, most):
        _approach(search, kept, most)
        calm_again(search, kept)
    extra_cost = search.objective - cheapest if search.objective > as_good else 0.0
    return replace(changes_of(search.night, kept, search.schedule), extra_cost=extra_cost)


def slack(search: Search, kept: Committed) -> float:
    """Currency by which the plan may cost more than the best one found, beyond the money tolerance: what the previous
    plan itself was not proven to, the gap asked for at most. So a search with more luck is no news."""
    return min(kept.unproven, search.money_gap)


def _rest(search: Search, kept: Committed) -> Schedule | None:
    """The rest of the previous plan; None where its hand-overs are none of this night."""
    try:
        stays = stays_of(search.night, kept.by_swap)
    except ValueError:
        return None
    return as_committed(search.night, stays, kept)


def _approach(search: Search, kept: Committed, most: float) -> None:
    """Take the nearest plan of all candidates, the calm one in hand among them."""
    found = list(nearest_assignments(search, kept, most))
    search.options = replace(search.options, calm_seconds=0.0)  # a MIP would mostly be for a plan that is not taken
    calm_plan(search)
    in_hand = search.schedule
    assert in_hand is not None
    candidates = [in_hand]
    candidates += _with_least_change(search, in_hand, stays_of(search.night, in_hand.by_swap()), kept)
    for one in found:
        candidates += [one.schedule, *_with_least_change(search, one.schedule, one.stays, kept)]
    for schedule in sorted(candidates, key=lambda schedule: _nearness(search, kept, schedule)):
        if schedule is in_hand or search.take_calm(schedule, most):
            break


def _with_least_change(
    search: Search, schedule: Schedule, stays: Sequence[Stay], kept: Committed
) -> Iterator[Schedule]:
    """Plans with the same hand-overs, nearer to what was committed."""
    yield mixed(search.night, schedule, stays, kept)
    nearest = least_changed(search, schedule, stays, kept) if search.seconds_left > 0 else None
    if nearest is not None:
        yield nearest


def _nearness(search: Search, kept: Committed, schedule: Schedule) -> tuple[int, int, float]:
    changes = changes_of(search.night, kept, schedule)
    return changes.hand_overs, changes.slots, changes.moved_kwh
