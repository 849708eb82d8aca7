"""Bound, round, dispatch, check, certify: how one station's night is planned."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from models.formulations.levels.arrays import level_arrays
from models.formulations.levels.data import level_data
from models.formulations.matrix import Matrix, relaxed
from models.station.cost import Cost
from models.station.instance import Night
from models.station.result import StationPlan
from optimizer.engine.arc_flow import plan_as_flow
from optimizer.engine.baselines import CHARGE_ON_ARRIVAL, CHEAPEST_SLOTS_FIRST, charge_on_arrival, cheapest_slots_first
from optimizer.engine.branch_and_bound import OrderTree
from optimizer.engine.dispatch import dispatch, plan_order, straighten
from optimizer.engine.highs import INTERIOR, LARGE_LP_COLUMNS, Answer, compile_model
from optimizer.engine.level_rounding import LevelSolution, order_of, read_levels
from optimizer.engine.options import Effort, RunOptions
from optimizer.engine.search import NothingToPlanError, Search

RESOLUTIONS = (1, 2, 4, 8)  # bands a slot's full charge, tried in turn until the gap asked for is met
PARTINGS = {"quick": 12, "full": 120, "deep": 2000}  # by effort: parts of all orders that are parted at most
PARTINGS_WITH_RESERVE = 1
EXACT_SIZE = 400  # nights with no more bay-slots and bay-swaps than this are handed to the reference model at last


def plan_station(
    night: Night,
    options: RunOptions | None = None,
    report: Callable[[str], None] = lambda news: None,
    tell: Callable[[float | None, float | None], None] = lambda objective, bound: None,
) -> StationPlan:
    """The best plan found for `night`, checked, billed and certified; `report` is told of progress in words, `tell` in
    numbers: the best objective and the best bound so far, None before any.

    Raises NothingToPlanError where the base load does not fit the grid limit, InternalError where a plan fails
    its own check.
    """
    refuse_hopeless([night])
    search = Search(night, options or RunOptions(), report=report, tell=tell)
    with search.watch.stage("check"):
        baseline = search.offer(charge_on_arrival(night), CHARGE_ON_ARRIVAL)
    _look(search)
    return _result(search, baseline)


def _look(search: Search) -> None:
    """Bounds and plans, what is best for the night first, until the gap asked for is proven."""
    night = search.night
    if night.station.needs_switches:  # orders take long to become plans there
        search.offer(cheapest_slots_first(night), CHEAPEST_SLOTS_FIRST)
    if night.station.chargers.mode == "on_off":
        plan_as_flow(search)
    if not search.is_done:
        OrderTree(search).grow(_partings(night, search.options.effort))
    if search.method == CHARGE_ON_ARRIVAL:
        search.offer(cheapest_slots_first(night), CHEAPEST_SLOTS_FIRST)
    for parts in _resolutions(night):
        if search.is_done:
            break
        _refine(search, parts)
    if not search.is_done and _is_tiny(night):
        _solve_exactly(search)


def refuse_hopeless(nights: Sequence[Night]) -> None:
    """Raise NothingToPlanError, a line for each station whose base load does not fit its grid limit."""
    if lines := [_hopeless(night) for night in nights if not night.base_load_fits()]:
        raise NothingToPlanError("\n".join(lines))


def _result(search: Search, baseline: Cost) -> StationPlan:
    """What the search holds at its end, checked."""
    assert search.schedule is not None
    return StationPlan(
        night=search.night,
        schedule=search.schedule,
        result=search.result(baseline),
        baseline=baseline,
        runtime_seconds=search.runtime_seconds,
        solver_seconds=search.watch.seconds["solver"],
        stage_seconds=search.watch.seconds,
        log=tuple(search.log),
        is_bound_recomputed=search.safe_bound >= search.claimed_bound,
    )


def _hopeless(night: Night) -> str:
    station, slots = night.station, night.overloaded_slots()
    t, more = slots[0], f" and in {len(slots) - 1} more" if len(slots) > 1 else ""
    return (
        f"station {station.id}: base load {station.base_load_kw[t]:g} kW less solar {station.solar_kw[t]:g} kW "
        f"exceeds the grid limit of {station.grid_limit_kw[t]:g} kW in slot {t}{more}; "
        "raise grid_limit_kw or lower base_load_kw"
    )


def _resolutions(night: Night) -> tuple[int, ...]:
    """Orders are priced without acceptance curves, steps of wear and the reserve: only there levels bound better.

    Along a falling curve packs drift off coarse bands: the first step would be time lost.
    """
    kinds = night.pack_types.values()
    if any(kind.acceptance for kind in kinds):
        return RESOLUTIONS[1:]
    return RESOLUTIONS if any(night.station.ready_reserve) or any(len(kind.wear) > 2 for kind in kinds) else ()


def _partings(night: Night, effort: Effort) -> int:
    """More of them pay only where orders leave no rule out of their bound; a reserve is dear to dispatch, too."""
    if any(night.station.ready_reserve):
        return PARTINGS_WITH_RESERVE
    return PARTINGS["quick" if _resolutions(night) or night.station.needs_switches else effort]


def _refine(search: Search, parts: int) -> None:
    """One resolution: a bound from the level LP, an order read off it, a plan from the order."""
    method = f"levels at 1/{parts}"
    solution = _bound(search, parts, method)
    if solution is None or search.is_done:
        return
    with search.watch.stage("rounding"):
        order = order_of(solution)
    found = plan_order(search, order, method)
    if found is not None and parts > RESOLUTIONS[0]:
        straighten(search, found, method)


def _bound(search: Search, parts: int, method: str) -> LevelSolution | None:
    """The level LP; where it serves parts of swaps, the same with whole ones."""
    with search.watch.stage("model"):
        levels = level_arrays(level_data(search.night, parts))
    linear = relaxed(levels.matrix)
    answer = _solve(search, linear, INTERIOR if linear.shape[1] > LARGE_LP_COLUMNS else None)
    search.raise_bound(answer.bound - levels.data.rounding_cost, method)
    if answer.point is None:
        return None
    solution = read_levels(levels, answer.point)
    if solution.serves_whole() or search.is_done:
        return solution
    answer = _solve(search, levels.matrix)
    search.claim_bound(answer.bound - levels.data.rounding_cost, f"{method}, whole swaps")
    return solution if answer.point is None else read_levels(levels, answer.point)


def _solve(search: Search, matrix: Matrix, options: Mapping[str, Any] | None = None) -> Answer:
    """To an eighth of the gap asked for, within the time left."""
    return search.solve(matrix, money_gap=search.money_gap / 8, seconds=search.seconds_left, options=options)


def _is_tiny(night: Night) -> bool:
    bays = len(night.station.packs)
    return bays * (night.horizon.slots + len(night.station.swaps)) <= EXACT_SIZE


def _solve_exactly(search: Search) -> None:
    """The reference model settles what a tiny night leaves open, above all rules that the levels relax."""
    from models.formulations.reference import build_reference  # loads Pyomo

    reference = build_reference(search.night)
    compiled = compile_model(reference.model)
    answer = _solve(search, compiled.matrix)
    search.claim_bound(answer.bound, "the reference model")
    if answer.point is not None:
        compiled.load(answer.point)
        dispatch(search, reference.hand_overs(), "the reference model")
