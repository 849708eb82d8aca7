"""Stations whose chargers are on or off: arc flow bounds and plans what levels and column generation leave out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from models.formulations.arc_flow.flow import ArcFlow, build_arc_flow
from models.formulations.arc_flow.forgiving import drift_cost, forgiving_on_off_night
from models.formulations.arc_flow.network import arc_network
from models.formulations.arc_flow.plan import arc_plan
from models.formulations.matrix import Array, Matrix, fixed, relaxed
from models.station.schedule import Schedule
from optimizer.check.rules import check
from optimizer.engine.build_schedule import build_schedule
from optimizer.engine.highs import INTERIOR, LARGE_LP_COLUMNS, SolverResult
from optimizer.engine.search import Search

METHOD = "arc flow"
MOST_STATES = 30_000  # of all slots; beyond this building it takes seconds and the LP alone minutes
SOON_EXACT_COLUMNS = 3000  # of the programme: with fewer the MIP takes less than another plan to begin with
BRANCHINGS = 8  # on the peaks of (7.8)
FRACTIONAL = 0.01
SHARE_OF_TIME = 0.7  # of what is left, for the MIP: column generation gets the rest


def plan_by_arc_flow(search: Search, plan_first: Callable[[Search], None] = lambda search: None) -> None:
    """Bound the night and look for a better plan. The one in hand is no good start for HiGHS: models/README.md.

    `plan_first`: where plans come from sooner than from the MIP, once the night is bounded; of a small MIP, only
    if it leaves the gap open.
    """
    flow = _bound(search)
    steps: list[Callable[[], None]] = [lambda: plan_first(search)]
    if flow is not None:
        is_small = flow.matrix.shape[1] < SOON_EXACT_COLUMNS
        steps.insert(0 if is_small else 1, lambda: _plan(search, flow))
    for step in steps:
        if not search.is_done:
            step()


def _bound(search: Search) -> ArcFlow | None:
    """The programme, relaxed. None where it is too large or the time is up."""
    with search.watch.stage("model"):
        network = arc_network(forgiving_on_off_night(search.night))
        if search.seconds_left <= 0 or network.has_more_states(MOST_STATES):
            return None
        flow = build_arc_flow(network.night, network)
    _raise_bound(search, flow)
    return flow


def _raise_bound(search: Search, flow: ArcFlow) -> None:
    """By the relaxation, branched on how many packs are at full power together at a peak, (7.8)."""
    forgiven = drift_cost(search.night)
    root = relaxed(flow.matrix)
    leaves = [(_relaxation(search, root), root)]
    for number in range(BRANCHINGS + 1):
        answer, matrix = min(leaves, key=lambda leaf: leaf[0].bound)
        search.raise_bound(min(answer.bound, search.objective) - forgiven, f"{METHOD}, relaxed")
        column = _fractional_peak(flow, answer)
        if column is None or number == BRANCHINGS or search.is_done:
            return
        assert answer.point is not None
        below = math.floor(answer.point[column])
        leaves = [leaf for leaf in leaves if leaf[1] is not matrix]
        leaves += [(_relaxation(search, part), part) for part in _parts(matrix, column, below)]


def _parts(matrix: Matrix, column: int, below: int) -> Iterator[Matrix]:
    """The programme with a column of at most `below`, and of at least one more."""
    low, high = matrix.low.copy(), matrix.high.copy()
    low[column], high[column] = below + 1, below
    yield replace(matrix, high=high)
    yield replace(matrix, low=low)


def _relaxation(search: Search, linear: Matrix) -> SolverResult:
    large = INTERIOR if linear.shape[1] > LARGE_LP_COLUMNS else None
    return search.solve(linear, seconds=search.seconds_left, options=large)


def _fractional_peak(flow: ArcFlow, answer: SolverResult) -> int | None:
    """The column of (7.8) that is farthest from a whole number; None where none is, or there is no point."""
    if answer.point is None or not len(flow.whole_peaks):
        return None
    values = answer.point[flow.whole_peaks]
    distance = np.abs(values - np.rint(values))
    return int(flow.whole_peaks[distance.argmax()]) if distance.max() > FRACTIONAL else None


def _plan(search: Search, flow: ArcFlow) -> None:
    seconds = SHARE_OF_TIME * search.seconds_left
    answer = search.solve(flow.matrix, money_gap=search.money_gap / 8, seconds=seconds)
    search.claim_bound(answer.bound - drift_cost(search.night), METHOD)
    if answer.point is not None:
        _offer(search, flow, answer)


def _offer(search: Search, flow: ArcFlow, answer: SolverResult) -> None:
    """The plan of a point, after an LP with its integer columns fixed: peaks and the like are exact then. One that
    uses all that the network forgives together may be more than the checker takes.
    """
    assert answer.point is not None
    exact = search.solve(fixed(flow.matrix, answer.point), seconds=search.seconds_left)
    if exact.point is not None and exact.stopped == "optimal":
        schedule = flow_schedule(flow, exact.point)
        if not check(search.night, schedule):
            search.offer(schedule, METHOD)


def flow_schedule(flow: ArcFlow, point: Array) -> Schedule:
    """The schedule of a point of the arc flow. Raises ValueError where the point breaks the programme."""
    plan = arc_plan(flow, point)
    solar, short = plan.solar_used_kw or None, plan.shortfall or None
    return build_schedule(flow.network.night, plan.stays, plan.power_kw, solar, short)
