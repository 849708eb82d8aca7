"""Stations whose chargers are on or off: arc flow bounds and plans what levels and column generation leave out."""

from __future__ import annotations

from collections.abc import Callable

from models.formulations.arc_flow.flow import ArcFlow, build_arc_flow
from models.formulations.arc_flow.forgiving import drift_cost, forgiving_on_off_night
from models.formulations.arc_flow.network import arc_network
from models.formulations.arc_flow.plan import arc_plan
from models.formulations.matrix import Array, fixed, relaxed
from models.station.schedule import Schedule
from optimizer.check.rules import check
from optimizer.engine.build_schedule import build_schedule
from optimizer.engine.highs import INTERIOR, LARGE_LP_COLUMNS, SolverResult
from optimizer.engine.search import Search

METHOD = "arc flow"
MOST_STATES = 30_000  # of all slots; beyond this building it takes seconds and the LP alone minutes
SHARE_OF_TIME = 0.7  # of what is left, for the MIP: column generation gets the rest


def plan_by_arc_flow(search: Search, plan_first: Callable[[Search], None] = lambda search: None) -> None:
    """Bound the night and look for a better plan. The one in hand is no good start for HiGHS: models/README.md.

    `plan_first`: where plans come from sooner than from the MIP, once the night is bounded.
    """
    flow = _bound(search)
    if not search.is_done:
        plan_first(search)
    if flow is not None and not search.is_done:
        _plan(search, flow)


def _bound(search: Search) -> ArcFlow | None:
    """The programme, relaxed. None where it is too large or the time is up."""
    with search.watch.stage("model"):
        network = arc_network(forgiving_on_off_night(search.night))
        if search.seconds_left <= 0 or network.has_more_states(MOST_STATES):
            return None
        flow = build_arc_flow(network.night, network)
    linear = relaxed(flow.matrix)
    large = INTERIOR if linear.shape[1] > LARGE_LP_COLUMNS else None
    answer = search.solve(linear, seconds=search.seconds_left, options=large)
    search.raise_bound(answer.bound - drift_cost(search.night), f"{METHOD}, relaxed")
    return flow


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
