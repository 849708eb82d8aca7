"""Bound, round, dispatch, check, certify: how one station's night is planned."""

from __future__ import annotations

from collections.abc import Callable

from models.instance import Night
from models.levels import Integrality, LevelModel, build_levels
from models.reference import build_reference
from optimizer.baselines import CHARGE_ON_ARRIVAL, CHEAPEST_SLOTS_FIRST, charge_on_arrival, cheapest_slots_first
from optimizer.dispatching import dispatch, plan_order, straighten
from optimizer.highs import INTERIOR, compile_model, solve, warm_up
from optimizer.result import StationPlan
from optimizer.rounding import LevelSolution, order_of, read_levels
from optimizer.search import NothingToPlanError, Options, Search

RESOLUTIONS = (1, 2, 4, 8)  # bands a slot's full charge, tried in turn until the gap asked for is met
EXACT_SIZE = 400  # nights with no more bay-slots and bay-swaps than this are handed to the reference model at last
LARGE_LP_COLUMNS = 3000  # from here on the interior-point method is faster than the simplex method (README of models)
LOST = 1e-4


def plan_station(
    night: Night, options: Options | None = None, report: Callable[[str], None] = lambda news: None
) -> StationPlan:
    """The best plan found for `night`, checked, billed and certified; `report` is told of progress.

    Raises NothingToPlanError where the base load does not fit the grid limit, InternalError where a plan fails
    its own check.
    """
    _refuse_hopeless(night)
    warm_up()
    search = Search(night, options or Options(), report=report)
    baseline = search.offer(charge_on_arrival(night), CHARGE_ON_ARRIVAL)
    search.offer(cheapest_slots_first(night), CHEAPEST_SLOTS_FIRST)
    for parts in RESOLUTIONS:
        _refine(search, parts)
        if search.is_done:
            break
    if not search.is_done and _is_tiny(night):
        _solve_exactly(search)
    assert search.schedule is not None
    return StationPlan(
        night=night,
        schedule=search.schedule,
        cost=search.cost,
        certificate=search.certificate(),
        status="gap_reached" if search.gap_reached else "time_limit" if search.seconds_left <= 0 else "gap_not_reached",
        method=search.method,
        baseline=baseline,
        runtime_seconds=search.runtime_seconds,
        solver_seconds=search.solver_seconds,
        log=tuple(search.log),
    )


def _refuse_hopeless(night: Night) -> None:
    if slots := night.overloaded_slots():
        station, t = night.station, slots[0]
        raise NothingToPlanError(
            f"station {station.id}: base load {station.base_load_kw[t]:g} kW less solar {station.solar_kw[t]:g} kW "
            f"exceeds the grid limit of {station.grid_limit_kw[t]:g} kW in slot {t}"
            + (f" and in {len(slots) - 1} more" if len(slots) > 1 else "")
            + "; raise grid_limit_kw or lower base_load_kw"
        )


def _refine(search: Search, parts: int) -> None:
    """One resolution: a bound from the level LP, an order read off it, a plan from the order."""
    solution = _bound(search, parts, Integrality.NONE)
    if solution is not None and not search.is_done and solution.lost > LOST:
        solution = _bound(search, parts, Integrality.SWAPS) or solution
    if solution is not None and not search.is_done:
        method = f"levels at 1/{parts}"
        found = plan_order(search, order_of(solution), method)
        if found is not None and parts > RESOLUTIONS[0]:
            straighten(search, found, method)


def _bound(search: Search, parts: int, integrality: Integrality) -> LevelSolution | None:
    levels = build_levels(search.night, parts, integrality)
    compiled = compile_model(levels.model)
    is_large = not compiled.matrix.is_mip and compiled.matrix.shape[1] > LARGE_LP_COLUMNS
    answer = search.count(
        solve(
            compiled.matrix,
            money_gap=search.money_gap / 8,
            seconds=search.seconds_left,
            seed=search.options.seed,
            options=INTERIOR if is_large else None,
        )
    )
    search.raise_bound(answer.bound, _name(levels, integrality))
    if answer.point is None:
        return None
    compiled.load(answer.point)
    return read_levels(levels)


def _name(levels: LevelModel, integrality: Integrality) -> str:
    whole = ", whole swaps" if integrality is Integrality.SWAPS else ""
    return f"levels at 1/{levels.data.parts}{whole}"


def _is_tiny(night: Night) -> bool:
    bays = len(night.station.packs)
    return bays * (night.horizon.slots + len(night.station.swaps)) <= EXACT_SIZE


def _solve_exactly(search: Search) -> None:
    """The reference model settles what a tiny night leaves open, above all rules that the levels relax."""
    reference = build_reference(search.night)
    compiled = compile_model(reference.model)
    answer = search.count(
        solve(compiled.matrix, money_gap=search.money_gap / 8, seconds=search.seconds_left, seed=search.options.seed)
    )
    search.raise_bound(answer.bound, "the reference model")
    if answer.point is not None:
        compiled.load(answer.point)
        dispatch(search, reference.hand_overs(), "the reference model")
