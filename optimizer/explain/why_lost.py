"""Why one swap of a plan is lost: impossible, only at another driver's cost, or cheaper to lose, and by how much."""

from __future__ import annotations

from dataclasses import dataclass, replace

from models.station.instance import Night, Swap
from models.station.lost_reason import LostReason, LostVerdict
from models.station.must_serve import plain_reason
from models.station.result import StationPlan
from models.station.schedule import Schedule
from models.tolerances import money_tolerance
from optimizer.explain.resolver import Answer, Resolver, forced, until_swap
from optimizer.summaries.lost_text import names_at
from optimizer.summaries.saving_text import ROUNDS_TO_NOTHING

NO_PLAN = "no plan serves it, whatever that costs and whoever else is lost"


@dataclass(frozen=True)
class LosingPlan:
    """A plan that loses swaps, and what is known of its night: `bound`, no plan costs less; None: nothing."""

    night: Night
    schedule: Schedule
    objective: float
    bound: float | None
    currency: str = ""
    looks_ahead: bool = False

    @classmethod
    def of(cls, plan: StationPlan, currency: str) -> LosingPlan:
        """Of a plan that was just made."""
        result = plan.result
        return cls(plan.night, plan.schedule, result.objective, result.bound, currency, result.far is not None)

    @property
    def served(self) -> frozenset[str]:
        """Ids of the swaps that it serves."""
        return frozenset(self.schedule.packs_by_swap)

    @property
    def lost(self) -> tuple[Swap, ...]:
        """The swaps that it loses, in the order of time."""
        lost = (swap for swap in self.night.station.swaps if swap.id not in self.served)
        return tuple(sorted(lost, key=lambda swap: swap.slot))

    def wanted_with(self, swap: Swap) -> frozenset[str]:
        """Whom a plan serves that serves `swap` and loses nobody more."""
        return self.served | {swap.id}


@dataclass(frozen=True)
class _Found:
    """Answers to: is there a plan that serves all until the swap's slot (None: not asked), all, or the swap at whatever
    cost?"""

    until_then: Answer | None
    all_night: Answer
    at_any_price: Answer


def why_lost(
    plan: LosingPlan, swap: Swap, resolver: Resolver, *, priced: bool = True, serves_most: bool = False
) -> LostReason:
    """Why `plan` loses `swap`. Without `priced`, what serving it costs is worked out only where it can be served beside
    all others. `serves_most`: it is known that no plan serves more swaps than this one."""
    if plain := plain_reason(plan.night, swap):
        return LostReason(swap.id, "impossible", f"no plan serves it: {plain}", is_proven=True)
    found = _answers_of_most(plan, swap, resolver) if serves_most else _answers(plan, swap, resolver)
    verdict = _verdict(found)
    if verdict in ("impossible", "undecided") or (verdict == "costs_another" and not priced):
        return LostReason(swap.id, verdict, _words(plan, swap, found, verdict), is_proven=verdict != "undecided")
    return _with_price(plan, swap, resolver, LostReason(swap.id, verdict, _words(plan, swap, found, verdict)))


def _answers(plan: LosingPlan, swap: Swap, resolver: Resolver) -> _Found:
    """The smaller nights first: what cannot be until the swap's slot cannot be at all."""
    early = until_swap(plan.night, swap)
    here = {one.id for one in early.station.swaps}
    until_then = resolver.can_serve(early, plan.wanted_with(swap) & here).answer
    all_night = until_then if until_then == "no" else resolver.can_serve(plan.night, plan.wanted_with(swap)).answer
    if not plan.served:
        return _Found(until_then, all_night, all_night)
    at_any_price = "yes" if "yes" in (until_then, all_night) else resolver.can_serve_alone(plan.night, swap)
    return _Found(until_then, all_night, at_any_price)


def _answers_of_most(plan: LosingPlan, swap: Swap, resolver: Resolver) -> _Found:
    """The same of a plan that serves as many as can be: no plan serves this one, too."""
    if not plan.served:
        return _Found(None, "no", "no")
    return _Found(None, "no", resolver.can_serve_alone(plan.night, swap))


def _verdict(found: _Found) -> LostVerdict:
    if found.at_any_price == "no":
        return "impossible"
    if found.all_night == "yes":
        return "cheaper"
    return "costs_another" if (found.all_night, found.at_any_price) == ("no", "yes") else "undecided"


def _words(plan: LosingPlan, swap: Swap, found: _Found, verdict: LostVerdict) -> str:
    if verdict == "impossible":
        return NO_PLAN
    if verdict == "undecided":
        if found.all_night == "no":
            return "no plan serves it and all others; whether any plan serves it at all is not decided"
        possible = "it can be served, but " if found.at_any_price == "yes" else ""
        return f"{possible}whether a plan can serve it beside all others is not decided"
    if verdict == "cheaper":
        return "a plan could serve it and lose nobody more"
    if found.until_then is None:
        served, drivers = len(plan.served), len(plan.night.station.swaps)
        return f"no plan serves more than {served:,} of the {drivers:,} drivers"
    if found.until_then != "no":
        return "a driver who comes later would be lost for it"
    early = sum(one.slot <= swap.slot for one in plan.night.station.swaps if one.id in plan.wanted_with(swap))
    return f"at most {early - 1:,} of the {early:,} drivers until then can be served"


def _with_price(plan: LosingPlan, swap: Swap, resolver: Resolver, reason: LostReason) -> LostReason:
    """The reason with what the cheapest plan that serves the swap costs more, and whom it loses."""
    is_shown = reason.verdict == "costs_another"
    best = _cheapest_with(plan.night, swap, resolver)
    if best is None:
        return replace(reason, is_proven=is_shown)
    more = best.result.objective - plan.objective
    tolerance = money_tolerance(plan.objective)
    reason = replace(
        reason,
        instead=_only_lost_there(plan, best.schedule),
        costs_at_least=None if best.result.bound is None else max(0.0, best.result.bound - plan.objective),
        costs_at_most=None if plan.bound is None else max(0.0, best.result.objective - plan.bound),
    )
    if reason.verdict == "cheaper" and more <= tolerance and not plan.looks_ahead:
        reason = replace(reason, verdict="not_best")
    is_dearer = (reason.costs_at_least or 0.0) > tolerance
    return replace(reason, price_words=_price_in_words(plan, reason, more), is_proven=is_shown or is_dearer)


def _cheapest_with(night: Night, swap: Swap, resolver: Resolver) -> StationPlan | None:
    """The cheapest plan found that serves the swap: of those that lose nobody who must be served, if there are any."""
    for alone in (False, True) if any(one.must_serve for one in night.station.swaps) else (True,):
        best = resolver.cheapest(forced(night, swap.id, alone=alone))
        if best is not None and swap.id in best.schedule.packs_by_swap:
            return best
    return None


def _only_lost_there(plan: LosingPlan, schedule: Schedule) -> tuple[str, ...]:
    """Whom `schedule` loses and the plan serves, in the order of time."""
    order = {swap.id: (swap.slot, swap.id) for swap in plan.night.station.swaps}
    return tuple(sorted(plan.served - schedule.packs_by_swap.keys(), key=order.__getitem__))


def _price_in_words(plan: LosingPlan, reason: LostReason, more: float) -> str:
    """`more`: what the plan found that serves the swap costs more than this one."""
    must = {swap.id for swap in plan.night.station.swaps if swap.must_serve} & set(reason.instead)
    if must:
        return f"{names_at(plan.night, sorted(must))}, who must be served, would be lost for it"
    others = f" and losing {names_at(plan.night, reason.instead)} in its place" if reason.instead else ""
    if abs(more) < ROUNDS_TO_NOTHING:
        return f"serving it{others} costs as much as losing it"
    money = f"{abs(more):,.2f} {plan.currency}".rstrip()
    if more < 0:
        why = "this plan leaves more for the hours after it" if plan.looks_ahead else "this plan is not the best"
        return f"serving it{others} costs {money} less: {why}"
    at_least = reason.costs_at_least or 0.0
    sure = f"{at_least:,.2f} at least" if at_least >= ROUNDS_TO_NOTHING else "not proven: within the gap"
    return f"serving it{others} would cost {money} more ({sure})"
