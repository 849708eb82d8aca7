"""How one station's night is planned, stage by stage: section 11 of models/README.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Literal

from models.formulations.assignment.concave_costs import is_priced_exactly
from models.formulations.levels.arrays import level_arrays
from models.formulations.levels.data import level_data
from models.formulations.matrix import Matrix, relaxed
from models.station.acceptance import reach_of_kind
from models.station.instance import Night
from models.station.result import StationPlan
from models.station.schedule import Schedule
from optimizer.engine.baselines import UNCONTROLLED_CHARGING, uncontrolled_charging
from optimizer.engine.branch_and_bound import BranchAndBound
from optimizer.engine.calm.calm_plan import calm_plan
from optimizer.engine.calm.name_order import AsListed, by_name
from optimizer.engine.dispatch import dispatch, plan_assignment, reassign_by_energy
from optimizer.engine.feasibility import refuse_infeasible
from optimizer.engine.heuristics.capped_arrival import ArrivalPlans, arrival_plans, uncapped
from optimizer.engine.heuristics.cheaper_slots import move_to_cheaper_slots
from optimizer.engine.heuristics.load_caps import SimplePlan, best_simple_plan, plans_of_whole_chargers
from optimizer.engine.heuristics.serve_from_stock import serve_from_stock
from optimizer.engine.highs import INTERIOR, LARGE_LP_COLUMNS, SolverResult, compile_model
from optimizer.engine.level_rounding import LevelSolution, read_levels, round_assignment
from optimizer.engine.near.near_plan import near_plan
from optimizer.engine.near.previous_plan import PreviousPlan
from optimizer.engine.options import Effort, RunOptions
from optimizer.engine.search import OnIncumbent, Search

Purpose = Literal["plan", "ahead", "bound"]
RESOLUTIONS = (1, 2, 4, 8)  # bands a slot's full charge, tried in turn until the gap asked for is met
BRANCHINGS = {"quick": 12, "full": 120, "deep": 2000}  # by effort: most nodes that are branched on
MOST_PAIRS = 2_000_000  # of packs and swaps that column generation holds in memory: some 400 MB
GRACE_SECONDS = 0.2  # for simple plans, beyond the limit if need be
LADDER_SHARE = 0.5  # of the time limit, for the same
CAPS_SHARE = 0.1  # of the time limit, for the cap that savings are told against
WITHOUT_PRESOLVE = {"presolve": "off"}
EXACT_SIZE = 400  # nights with no more bay-slots and bay-swaps than this are handed to the reference model at last


def plan_station(
    night: Night,
    options: RunOptions | None = None,
    on_message: Callable[[str], None] = lambda news: None,
    on_progress: Callable[[float | None, float | None], None] = lambda objective, bound: None,
    on_incumbent: OnIncumbent = lambda schedule, method, bound: None,
    previous: PreviousPlan | None = None,
    purpose: Purpose = "plan",
) -> StationPlan:
    """The best plan found for `night`, checked, billed and certified; with `previous`, near that plan.

    `purpose`: what needs no `savings` is "ahead", for a part of it is carried out and compared, or "bound", which is
    not made calm either.

    Progress goes to `on_message` in words, to `on_progress` in numbers: the best objective and the best bound so far,
    None before any. `on_incumbent` is given each better plan and bound as they come: schedule, method, bound.

    Raises NothingToPlanError where the base load fits the grid limit in no slot, InternalError where a plan fails
    its own check.
    """
    refuse_infeasible([night])
    ordered, listed = by_name(night), AsListed(night)

    def tell(schedule: Schedule, method: str, bound: float) -> None:
        on_incumbent(listed.schedule(schedule), method, bound)

    search = Search(
        ordered,
        options or RunOptions(),
        on_message=on_message,
        on_progress=on_progress,
        on_incumbent=on_incumbent if ordered is night else tell,
    )
    plan = _plan(search, previous, purpose)
    return plan if ordered is night else listed.plan(plan)


def _plan(search: Search, previous: PreviousPlan | None, purpose: Purpose) -> StationPlan:
    arrivals = _offer_simple_plans(search, purpose)
    _plan_switched_chargers(search)
    go_on_along_curves = _plan_along_curves(search)
    if go_on_along_curves is not None:
        _plan_assignments(search)
        _plan_scarce_chargers(search)
        go_on_along_curves()
    _offer_simple_plans_if_nothing_is_better(search)
    _plan_levels(search)
    _solve_reference_model_if_tiny(search)
    serve_from_stock(search)
    if previous is None:
        if purpose != "bound":
            calm_plan(search)
        return _checked_plan(search, arrivals, purpose)
    changes = near_plan(search, previous)
    return replace(_checked_plan(search, arrivals, purpose), changes=changes)


def _offer_simple_plans(search: Search, purpose: Purpose) -> ArrivalPlans:
    """There is always a plan. Returns what savings are told against."""
    night = search.night
    with search.watch.stage("check"):
        arrivals = _arrival_plans(search, CAPS_SHARE if purpose == "plan" else 0.0)
    if _is_dear_to_dispatch(night):
        _offer_best_simple_plan(search)
    return arrivals


def _arrival_plans(search: Search, caps_share: float) -> ArrivalPlans:
    """Offer charging on arrival to the search; load caps of it are looked for in a share of the time, in none: not at
    all."""
    schedule = uncontrolled_charging(search.night)
    cost = search.offer(schedule, UNCONTROLLED_CHARGING)
    at_hand = SimplePlan(schedule, UNCONTROLLED_CHARGING, cost) if search.night is search.asked else None
    if not caps_share:
        return uncapped(search.asked, at_hand)
    most_seconds = search.runtime_seconds + caps_share * search.seconds_left
    return arrival_plans(search.asked, lambda: search.runtime_seconds > most_seconds, at_hand)


def _plan_switched_chargers(search: Search) -> None:
    """On/off chargers and plug changes: whole charging patterns, and arc flow, exact for on/off, first where nothing
    else is asked of chargers, or where plans of patterns would be none."""
    station = search.night.station
    if not station.switches_count:
        return
    is_plain = not station.counts_plug_changes and station.chargers.count >= station.packs_at_chargers
    steps = [_plan_patterns]
    if station.chargers.mode == "on_off" and not station.has_packs_without_charger:
        steps.insert(0 if is_plain else 1, _plan_arc_flow)
    for plan in steps:
        if not search.is_done:
            plan(search)


def _plan_along_curves(search: Search) -> Callable[[], None] | None:
    """Acceptance curves that assignments do not see in full, or beside scarce chargers: patterns follow any curve.

    Bound and one dive, more where the number of chargers is what is scarce; else returns what goes on with them, if
    assignments leave the gap open. In the quick pass of a network nothing goes on, and None says that chargers are too
    scarce for assignments to help: either would take longer than many other stations.
    """
    if not _is_seen_by_patterns_only(search.night) or search.is_done:
        return lambda: None
    from optimizer.engine.patterns.plan_by_patterns import PatternPlans

    plans, is_quick = PatternPlans(search), search.options.effort == "quick"
    plans.try_a_dive()
    if plans.is_short_of_chargers:  # of whose number assignments know nothing
        plans.go_on(is_quick=is_quick)
        is_enough = is_quick and not search.night.station.chargers.min_kw  # which patterns along curves leave out
        return None if is_enough else lambda: None
    return (lambda: None) if is_quick else plans.go_on


def _is_seen_by_patterns_only(night: Night) -> bool:
    """Do patterns follow curves of the night, beside rules or of shapes that assignments only bound?"""
    from models.formulations.patterns.packs import patterns_are_plans

    curved = [name for name, kind in night.pack_types.items() if kind.has_curve]
    if not curved or night.station.switches_count or not patterns_are_plans(night):
        return False
    return night.station.needs_switches or not all(is_priced_exactly(night, name) for name in curved)


def _plan_scarce_chargers(search: Search) -> None:
    """Fewer chargers than packs, or a least power: what assignments leave open, whole charging patterns may close."""
    station = search.night.station
    is_left_open = station.needs_switches and not station.switches_count and not search.is_done
    if is_left_open and not _is_seen_by_patterns_only(search.night):
        _plan_patterns(search)


def _plan_patterns(search: Search) -> None:
    from models.formulations.patterns.packs import patterns_are_plans  # most stations need none of these modules
    from optimizer.engine.patterns.plan_by_patterns import plan_by_patterns

    if patterns_are_plans(search.night):
        plan_by_patterns(search)


def _plan_arc_flow(search: Search) -> None:
    from optimizer.engine.arc_flow import plan_by_arc_flow  # as above
    from optimizer.engine.patterns.plan_whole_slots import can_plan_whole_slots, plan_whole_slots

    plan_by_arc_flow(search, plan_whole_slots if can_plan_whole_slots(search.night) else lambda search: None)


def _plan_assignments(search: Search) -> None:
    """Column generation and branch and bound over assignments: bound and plan together."""
    if not search.is_done and assignment_pairs(search.night) <= MOST_PAIRS:
        BranchAndBound(search).run(_branchings(search.night, search.options.effort))


def _is_dear_to_dispatch(night: Night) -> bool:
    """Does dispatching an assignment take long, or round powers?"""
    station = night.station
    return station.switches_count or station.chargers.min_kw > 0 or any(station.ready_reserve)


def _offer_simple_plans_if_nothing_is_better(search: Search) -> None:
    """Where the time was too short for one assignment, say, or scarce chargers leave a gap."""
    is_open = search.night.station.needs_switches and not search.is_done
    if search.method == UNCONTROLLED_CHARGING or (is_open and not _is_dear_to_dispatch(search.night)):
        _offer_best_simple_plan(search)


def _offer_best_simple_plan(search: Search) -> None:
    """Load caps have a moment where the time is up, too: they save whole demand charges."""
    until = max(LADDER_SHARE * search.options.time_limit_seconds, search.runtime_seconds + GRACE_SECONDS)
    with search.watch.stage("rounding"):
        is_coarse = search.options.effort == "quick"
        found = best_simple_plan(search.night, lambda: search.runtime_seconds > until, is_coarse=is_coarse)
    search.offer(found.schedule, found.method)
    if search.night.station.chargers.mode == "on_off":
        for plan in (found, *plans_of_whole_chargers(search.night, found)):
            _offer_moved(search, plan)


def _offer_moved(search: Search, plan: SimplePlan) -> None:
    """Its sessions in cheaper slots, under its own peaks."""
    if not search.is_done:
        moved = move_to_cheaper_slots(search, plan.schedule, plan.limit_kw(search.night))
        if moved is not None:
            search.offer(moved, f"{plan.method}, moved")


def _plan_levels(search: Search) -> None:
    """Ever finer levels, where they bound better than column generation, until the gap asked for is proven."""
    for resolution in _resolutions(search.night):
        if search.is_done:
            break
        plan_at_resolution(search, resolution)


def _solve_reference_model_if_tiny(search: Search) -> None:
    """The reference model settles what a tiny night leaves open, above all rules that the levels relax."""
    night = search.night
    is_on_off = night.station.chargers.mode == "on_off"
    is_settled = is_on_off and not (night.parts_by_swap or night.station.has_packs_without_charger)  # by arc flow
    if search.is_done or not _is_tiny(night) or is_settled or _switches_along_bent_curve(night):
        return
    from models.formulations.arc_flow.forgiving import drift_cost, forgiving_on_off_night
    from models.formulations.reference import build_reference  # loads Pyomo

    reference = build_reference(forgiving_on_off_night(night) if is_on_off else search.forgiving)
    compiled = compile_model(reference.model)
    answer = _solved_twice(search, compiled.matrix)
    search.claim_bound(answer.bound - (drift_cost(night) if is_on_off else 0.0), "the reference model")
    if answer.point is not None:
        compiled.load(answer.point)
        dispatch(search, reference.hand_overs(), "the reference model")


def _solved_twice(search: Search, matrix: Matrix) -> SolverResult:
    """The better point of a MIP with and without presolve, under the lower bound.

    Its bound is the solver's word alone, and on limits moved by a millionth HiGHS's presolve has cut off optima.
    """
    answers = [_solve(search, matrix), _solve(search, matrix, WITHOUT_PRESOLVE)]
    return replace(min(answers, key=lambda one: one.objective), bound=min(one.bound for one in answers))


def _switches_along_bent_curve(night: Night) -> bool:
    """On/off chargers along a curve that is not concave are in arc flow only."""
    kinds = [kind for name in night.pack_types for kind in night.types_by_pack.all_of(name)]
    reaches = [reach_of_kind(kind, night.station.chargers.max_kw, night.horizon.slot_hours) for kind in kinds]
    return night.station.chargers.mode == "on_off" and not all(reach.is_concave for reach in reaches)


def _checked_plan(search: Search, arrivals: ArrivalPlans, purpose: Purpose) -> StationPlan:
    """What the search holds at its end, checked; with its savings, where they are told."""
    baseline = arrivals.on_arrival.cost
    result = search.result(baseline)  # first: it says why swaps that must be served are lost
    assert search.schedule is not None
    if purpose == "plan":
        result = arrivals.of_result(search.asked, search.schedule, result)
    return StationPlan(
        night=search.asked,
        schedule=search.schedule,
        result=result,
        baseline=baseline,
        runtime_seconds=search.runtime_seconds,
        solver_seconds=search.watch.seconds["solver"],
        stage_seconds=search.watch.seconds,
        log=tuple(search.log),
        is_bound_recomputed=search.safe_bound >= search.claimed_bound,
    )


def _resolutions(night: Night) -> tuple[int, ...]:
    """Pricing does not see all of a curve that is not concave: only there levels bound better.

    Along a curve packs drift off coarse bands: the first step would be time lost.
    """
    curved = [name for name, kind in night.pack_types.items() if kind.has_curve]
    if _is_seen_by_patterns_only(night):
        return ()
    if not all(is_priced_exactly(night, name) for name in curved):
        return RESOLUTIONS[1:]
    if assignment_pairs(night) > MOST_PAIRS:
        return RESOLUTIONS[1:] if curved else RESOLUTIONS
    return ()


def _branchings(night: Night, effort: Effort) -> int:
    """More of them pay only where pricing leaves no rule out."""
    leaves_out = _resolutions(night) or night.station.switches_count or _is_seen_by_patterns_only(night)
    return BRANCHINGS["quick" if leaves_out else effort]


def plan_at_resolution(search: Search, resolution: int) -> None:
    """A bound from the level LP, an assignment rounded from it, a plan dispatched."""
    method = f"levels at 1/{resolution}"
    solution = _level_solution(search, resolution, method)
    if solution is None or search.is_done:
        return
    with search.watch.stage("rounding"):
        by_swap = round_assignment(solution)
    found = plan_assignment(search, by_swap, method)
    if found is not None and resolution > RESOLUTIONS[0]:
        reassign_by_energy(search, found, method)


def _level_solution(search: Search, resolution: int, method: str) -> LevelSolution | None:
    """The level LP; where it serves fractions of swaps, the same with integer ones."""
    with search.watch.stage("model"):
        levels = level_arrays(level_data(search.forgiving, resolution))
    linear = relaxed(levels.matrix)
    answer = _solve(search, linear, INTERIOR if linear.shape[1] > LARGE_LP_COLUMNS else None)
    search.raise_bound(answer.bound, method)  # what plans may miss is in the edges of the forgiving night
    if answer.point is None:
        return None
    solution = read_levels(levels, answer.point)
    if solution.serves_integer() or search.is_done:
        return solution
    answer = _solve(search, levels.matrix)
    search.claim_bound(answer.bound, f"{method}, whole swaps")
    return solution if answer.point is None else read_levels(levels, answer.point)


def _solve(search: Search, matrix: Matrix, options: Mapping[str, Any] | None = None) -> SolverResult:
    """To an eighth of the gap asked for, within the time left."""
    return search.solve(matrix, money_gap=search.money_gap / 8, seconds=search.seconds_left, options=options)


def assignment_pairs(night: Night) -> int:
    """Pairs of a pack and what it may do, all types together: the size of column generation."""
    packs = Counter(pack.type for pack in night.station.packs)
    swaps = Counter(swap.type for swap in night.station.swaps)
    return sum((packs[kind] + count) * (count + 1) for kind, count in swaps.items())


def _is_tiny(night: Night) -> bool:
    bays = len(night.station.packs)
    return bays * (night.horizon.slots + len(night.station.swaps)) <= EXACT_SIZE
