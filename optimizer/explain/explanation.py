"""A station explained: why each swap is lost, what mends it, what more of anything is worth; then all stations.

The work is done in a process of its own, which is ended when the time is up: what it found until then is kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from models.station.instance import Swap
from models.station.lost_reason import LostReason
from models.tolerances import is_refuted
from optimizer.engine.options import RunOptions
from optimizer.explain.margin import Worth, worths_of
from optimizer.explain.mending import Mending
from optimizer.explain.repairs import mending_of
from optimizer.explain.resolver import Resolver
from optimizer.explain.why_lost import LosingPlan, why_lost
from optimizer.workers.supervised import ProcessDiedError, Report, SupervisedProcess

OVERTIME_SHARE, OVERTIME_SECONDS = 0.05, 0.25  # beyond the limit the process is ended
MENDED = ("impossible", "costs_another", "undecided")  # others can be served as the station is
TIME_IS_UP = "the time was up before this was worked out"


@dataclass(frozen=True)
class StationExplanation:
    """What was found of a station's plan. `mendings`: of swaps that cannot be served as things are, in the order of
    time, as `reasons` are. `is_whole`: no clock cut it short, so more time would tell no more."""

    plan: LosingPlan
    reasons: tuple[LostReason, ...] = ()
    mendings: tuple[Mending, ...] = ()
    worths: tuple[Worth, ...] = ()
    is_whole: bool = False


@dataclass(frozen=True)
class _EndOfStation:
    """A station's work is done."""

    is_whole: bool


Finding = LosingPlan | LostReason | Mending | Worth | _EndOfStation


@dataclass(frozen=True)
class _FoundOf:
    """A finding about the plan of this index."""

    index: int
    finding: Finding


def explain_station(plan: LosingPlan, resolver: Resolver, swaps: Sequence[Swap]) -> Iterator[Finding]:
    """Findings as they come: the plan with its bound, reasons of `swaps`, worths at the margin, then repairs."""
    plan = _bounded(plan, resolver)
    yield plan
    reasons = []
    for swap in swaps:
        reasons.append(why_lost(plan, swap, resolver))
        yield reasons[-1]
    yield from worths_of(plan, resolver)
    for swap, reason in zip(swaps, reasons, strict=True):
        if reason.verdict in MENDED and not resolver.is_out_of_time:
            yield mending_of(plan, swap, resolver)
    yield _EndOfStation(not resolver.is_cut)


def _bounded(plan: LosingPlan, resolver: Resolver) -> LosingPlan:
    """The plan with a bound of its night that was proven here: that of a file is anybody's word."""
    if plan.bound is not None:
        return plan
    best = resolver.cheapest(plan.night)
    if best is None or best.result.bound is None or is_refuted(best.result.bound, plan.objective):
        return plan
    return replace(plan, bound=best.result.bound)


def explain(
    plans: Sequence[LosingPlan],
    options: RunOptions,
    began: float,
    swap: str | None = None,
    on_message: Callable[[str], None] = lambda news: None,
) -> list[StationExplanation]:
    """All stations within `options.total_seconds` from `began` (of `time.monotonic`), each of them with a share.

    `swap`: id of the only one that is asked for. What the time was too short for is told as undecided.
    """
    found: list[list[Finding]] = [[] for _ in plans]
    until = began + options.total_seconds * (1 + OVERTIME_SHARE) + OVERTIME_SECONDS
    try:
        with closing(SupervisedProcess(_explain_stations, plans, options, began, swap)) as process:
            for report in process.reports(until):
                assert isinstance(report, _FoundOf)
                found[report.index].append(report.finding)
                station = plans[report.index].night.station.id
                on_message(f"station {station} ({report.index + 1} of {len(plans)}): explaining")
    except ProcessDiedError as error:
        on_message(f"the process that explains {error}")
    return [_gathered(plan, findings, swap) for plan, findings in zip(plans, found, strict=True)]


def _explain_stations(
    report: Report, plans: Sequence[LosingPlan], options: RunOptions, began: float, swap: str | None
) -> None:
    """The work of the child process."""
    for index, plan in enumerate(plans):
        left = max(0.0, options.total_seconds - (time.monotonic() - began)) / (len(plans) - index)
        resolver = Resolver(options, until=time.perf_counter() + left)
        for finding in explain_station(plan, resolver, asked_for(plan, swap)):
            report(_FoundOf(index, finding))


def asked_for(plan: LosingPlan, swap: str | None) -> tuple[Swap, ...]:
    """The lost swaps that are to be explained."""
    return tuple(one for one in plan.lost if swap in (None, one.id))


def _gathered(plan: LosingPlan, findings: Sequence[Finding], swap: str | None) -> StationExplanation:
    for one in findings:
        plan = one if isinstance(one, LosingPlan) else plan
    reasons = {one.swap: one for one in findings if isinstance(one, LostReason)}
    return StationExplanation(
        plan,
        tuple(reasons.get(one.id, LostReason(one.id, "undecided", TIME_IS_UP)) for one in asked_for(plan, swap)),
        tuple(one for one in findings if isinstance(one, Mending)),
        tuple(one for one in findings if isinstance(one, Worth)),
        any(isinstance(one, _EndOfStation) and one.is_whole for one in findings),
    )
