"""Reasons in a few solves, for whoever plans: `solve` and `nightly`."""

from __future__ import annotations

import time
from dataclasses import replace

from models.station.lost_reason import LostReason
from models.station.result import StationPlan
from optimizer.engine.options import RunOptions

MOST_SOLVES = 8  # of a night: a count, not seconds, so that the same night gives the same reasons
SOLVES_OF_A_SWAP = 3


def brief_reasons(plan: StationPlan, options: RunOptions, currency: str, seconds: float) -> tuple[LostReason, ...]:
    """Why the first swaps are lost that the plan loses, as many as eight solves tell of in `seconds` at most; the last
    one that is told may be undecided, for such nights take long.

    Of several lost swaps it is asked first whether any plan serves more: if none does, each of them is lost for others.
    What serving a swap would cost is told where it could be served beside all others.
    """
    if not plan.result.swaps_lost:
        return ()
    from optimizer.explain.resolver import Resolver  # the engine, which whoever supervises the planning has no use for
    from optimizer.explain.why_lost import LosingPlan, why_lost

    losing = LosingPlan.of(plan, currency)
    quick = replace(options, effort="quick", calm_seconds=0.0)
    resolver = Resolver(quick, until=time.perf_counter() + seconds, most_solves=MOST_SOLVES)
    more = "yes" if len(losing.lost) == 1 else resolver.can_serve_more(losing.night, len(losing.served))
    solves_of_a_swap = 1 if more == "no" else SOLVES_OF_A_SWAP
    reasons: list[LostReason] = []
    for swap in losing.lost if more != "unknown" else ():
        if resolver.is_out_of_time or resolver.solves > MOST_SOLVES - solves_of_a_swap:
            break
        reason = why_lost(losing, swap, resolver, priced=False, serves_most=more == "no")
        reasons += [] if resolver.is_cut else [reason]
        if reason.verdict == "undecided":
            break
    return tuple(reasons)
