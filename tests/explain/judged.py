"""What the truth, or another solve and the checker, say of an explained night. Not a test file itself."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from features import is_listed, levels_seen
from lossy_nights import LIMIT, LossyNight
from verdicts import true_optimum

from models.station.instance import Night, Swap
from models.station.lost_reason import LostReason
from optimizer.check.rules import check
from optimizer.engine.plan_station import plan_station
from optimizer.explain.explanation import MENDED
from optimizer.explain.mending import Mending, Repair
from optimizer.explain.repair_kinds import ADDITIONS, Addition, MoreGrid
from optimizer.explain.repairs import mending_of
from optimizer.explain.resolver import Resolver, forced, only_wanted
from optimizer.explain.why_lost import LosingPlan, why_lost

SECONDS = 60.0  # for a night, as `explain` has by default
VERIFYING = replace(LIMIT, time_limit_seconds=SECONDS)
HALF = 0.5  # of a lost swap's cost in a night of wishes: it is lost or not
MONEY = 1e-3  # what solvers, the checker's tolerance included, may be off on a tiny night
MOST_LISTED_PACKS = 2  # of a night whose plans are listed one by one


@dataclass
class ExplainedNight:
    """A night's lost swaps by verdict, repairs by kind and status, what was wrong (a line each), processor seconds."""

    number: int
    what: str
    is_tiny: bool
    swaps: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    repairs: Counter[str] = field(default_factory=Counter)
    verified: int = 0
    faults: list[str] = field(default_factory=list)
    cpu_seconds: float = 0.0


def explained_night(lossy: LossyNight) -> ExplainedNight:
    """The night explained by one resolver, swap by swap, and each answer held against what else can be known."""
    plan, found = lossy.plan, ExplainedNight(lossy.number, lossy.what, lossy.is_tiny)
    resolver = Resolver(LIMIT, until=time.perf_counter() + SECONDS)
    for swap in plan.lost:
        began = time.process_time()
        reason = why_lost(plan, swap, resolver)
        mending = mending_of(plan, swap, resolver) if reason.verdict in MENDED else None
        found.cpu_seconds += time.process_time() - began
        _count(found, reason, mending)
        if lossy.is_tiny and can_be_judged(plan.night):
            found.faults += [f"{swap.id}: {fault}" for fault in _false_reason(plan, swap, reason)]
        for repair in () if mending is None else mending.repairs:
            faults = list(_false_repair(plan, swap, repair, lossy.is_tiny))
            found.verified += repair.status == "found" and not faults
            found.faults += [f"{swap.id}, {repair.kind}: {fault}" for fault in faults]
    found.faults += resolver.faults
    return found


def _count(found: ExplainedNight, reason: LostReason, mending: Mending | None) -> None:
    found.swaps += 1
    found.verdicts[reason.verdict + ("" if reason.is_proven or reason.verdict == "undecided" else ", not proven")] += 1
    for repair in () if mending is None else mending.repairs:
        least = ", least proven" if repair.is_least else ""
        found.repairs[f"{repair.kind}: {repair.status}{least}"] += 1


def can_be_judged(night: Night) -> bool:
    """Can all plans be listed, or the reference model be solved?"""
    return not is_listed(levels_seen(night)) or len(night.station.packs) <= MOST_LISTED_PACKS


def can_truly_serve(night: Night, wanted: frozenset[str]) -> bool:
    """Is there a plan that serves all of them? By the reference model or a list of all plans."""
    return true_optimum(only_wanted(night, wanted)) < HALF


def _false_reason(plan: LosingPlan, swap: Swap, reason: LostReason) -> Iterator[str]:
    """What of a tiny night's reason is not so."""
    alone = can_truly_serve(plan.night, frozenset({swap.id}))
    beside_all = alone and can_truly_serve(plan.night, plan.wanted_with(swap))
    is_so = {
        "impossible": not alone,
        "costs_another": alone and not beside_all,
        "cheaper": beside_all,
        "not_best": beside_all,
        "undecided": True,
    }
    if not is_so[reason.verdict]:
        yield f"{reason.verdict}, but alone {alone}, beside all {beside_all}"
    if reason.costs_at_most is None or any(one.must_serve for one in plan.night.station.swaps):
        return
    more = true_optimum(forced(plan.night, swap.id)) - true_optimum(plan.night)
    at_least = reason.costs_at_least or 0.0
    slack = MONEY * max(1.0, abs(plan.objective))
    if not at_least - slack <= more <= reason.costs_at_most + slack:
        yield f"costs {more!r} more, not {at_least!r} to {reason.costs_at_most!r}"


def _false_repair(plan: LosingPlan, swap: Swap, repair: Repair, is_tiny: bool) -> Iterator[str]:
    """What of a repair is not so: that it does, by a plan of the repaired night at its costs; that less does not."""
    addition, wanted = next(one for one in ADDITIONS if one.kind == repair.kind), plan.wanted_with(swap)
    if repair.status == "found":
        steps = round(repair.amount / repair.step)
        within = MoreGrid(repair.begin or 0, repair.end) if isinstance(addition, MoreGrid) else addition
        if fault := _unserved(within.on(plan.night, swap, steps), wanted):
            yield f"{steps} steps: {fault}"
        if repair.is_least and steps > 1 and (fault := _served(plan, addition, swap, steps - 1, is_tiny)):
            yield fault
    elif repair.status == "no_help":
        most = addition.most_steps(plan.night, swap)
        if fault := _served(plan, addition, swap, most, is_tiny):
            yield fault


def with_must(night: Night, wanted: frozenset[str]) -> Night:
    """The night in which just these must be served."""
    swaps = tuple(replace(one, must_serve=one.id in wanted) for one in night.station.swaps)
    return replace(night, station=replace(night.station, swaps=swaps))


def _unserved(night: Night, wanted: frozenset[str]) -> str:
    """Whom the cheapest plan of the repaired night does not serve, or the rule that it breaks; "" if all is well."""
    night = with_must(night, wanted)
    plan = plan_station(night, VERIFYING, purpose="bound")
    if violations := check(night, plan.schedule):
        return f"the plan breaks {violations[0].rule}"
    missing = wanted - plan.schedule.packs_by_swap.keys()
    return f"the plan loses {', '.join(sorted(missing))}" if missing else ""


def _served(plan: LosingPlan, addition: Addition, swap: Swap, steps: int, is_tiny: bool) -> str:
    """That so few steps serve all, where it was told that they do not."""
    night, wanted = addition.on(plan.night, swap, steps), plan.wanted_with(swap)
    if is_tiny and can_be_judged(night):
        return f"{steps} steps truly do" if can_truly_serve(night, wanted) else ""
    return "" if _unserved(night, wanted) else f"{steps} steps do"
