"""An instance, station after station, in a process of its own, so that a time limit and Ctrl-C always hold."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, fields, replace
from typing import Any

from models.station.cost import cost_of
from models.station.hedging.hedge import Hedge, hedged
from models.station.instance import Instance, Night
from models.station.lost_reason import LostReason
from models.station.result import PlanStatus, StationPlan, StationResult
from models.station.schedule import Schedule
from models.tolerances import is_refuted
from optimizer.check.rules import check
from optimizer.engine.feasibility import refuse_infeasible
from optimizer.engine.near.previous_plan import PreviousPlan
from optimizer.engine.options import RunOptions
from optimizer.workers.supervised import ProcessDiedError, Report, SupervisedProcess

OnMessage = Callable[[str], None]
Explain = Callable[[StationPlan, RunOptions, str, float], tuple[LostReason, ...]]
OVERTIME_SHARE, OVERTIME_SECONDS = 0.05, 0.25  # beyond the limit the process is ended; the rest is for what follows


@dataclass(frozen=True)
class _Message:
    """Progress in words."""

    text: str


@dataclass(frozen=True)
class _Incumbent:
    """The best plan of a station so far, with its bound (−∞: none)."""

    index: int
    schedule: Schedule
    method: str
    bound: float


@dataclass(frozen=True)
class _Bound:
    """A better bound for a station's incumbent."""

    index: int
    bound: float


@dataclass(frozen=True)
class _HedgeChosen:
    """The ready targets that a station's incumbents keep."""

    index: int
    hedge: Hedge


@dataclass(frozen=True)
class _StationDone:
    """A station is planned: all of its StationPlan but the night, which the other side has."""

    index: int
    values: dict[str, Any]


@dataclass(frozen=True)
class _Explained:
    """Why a station's plan loses swaps: what is said after `_StationDone`, if there is time."""

    index: int
    reasons: tuple[LostReason, ...]


@dataclass
class InstancePlanning:
    """The planning of an instance within `options.total_seconds` of wall time, counted from `began` (monotonic).

    `previous`: plans that those of the stations, by id, are to be near. `explain`: says why a plan loses swaps, given
    the options, the currency and the seconds that are left for it.
    `broken_off`: in words why planning ended before its time, as where the system killed its process; else empty.
    """

    instance: Instance
    options: RunOptions
    began: float = field(default_factory=time.monotonic)
    broken_off: str = ""
    previous: Mapping[str, PreviousPlan] = field(default_factory=dict)
    explain: Explain | None = None
    _plans: dict[int, StationPlan] = field(default_factory=dict)
    _incumbents: dict[int, _Incumbent] = field(default_factory=dict)
    _since: dict[int, float] = field(default_factory=dict)
    _hedges: dict[int, Hedge] = field(default_factory=dict)

    def run(self, on_message: OnMessage) -> list[StationPlan]:
        """A plan for every station; progress goes to `on_message` in words.

        Where the time is up before a station is planned, or planning broke off, the best plan of it so far, or a
        baseline.
        Raises as `plan_station` does.
        """
        refuse_infeasible(self.instance.nights)
        try:
            self._supervise(on_message)
        except ProcessDiedError as error:
            self.broken_off = f"the planning process {error}"
        ended = time.perf_counter()
        return [self._plan_or_fallback(index, ended) for index in range(len(self.instance.nights))]

    def _supervise(self, on_message: OnMessage) -> None:
        limit = self.options.total_seconds
        asked = (self.instance, self.options, self.began, self.previous, self.explain)
        with closing(SupervisedProcess(_plan_stations, *asked)) as process:
            for report in process.reports(self.began + limit * (1 + OVERTIME_SHARE) + OVERTIME_SECONDS):
                self._take(report, on_message)

    def best_so_far(self) -> list[StationPlan]:
        """The plans of those stations that have one, checked: what is left where planning was interrupted."""
        plans = [self._plan(index) for index in range(len(self.instance.nights))]
        return [plan for plan in plans if plan is not None]

    def _take(self, report: object, on_message: OnMessage) -> None:
        if isinstance(report, _Message):
            on_message(report.text)
        elif isinstance(report, _Incumbent):
            self._incumbents[report.index] = report
            self._since.setdefault(report.index, time.monotonic())
        elif isinstance(report, _Bound):
            self._incumbents[report.index] = replace(self._incumbents[report.index], bound=report.bound)
        elif isinstance(report, _StationDone):
            night = hedged(self.instance.nights[report.index], report.values["hedge"])
            self._plans[report.index] = StationPlan(night=night, **report.values)
            self._incumbents.pop(report.index, None)
        elif isinstance(report, _HedgeChosen):
            self._hedges[report.index] = report.hedge
        elif isinstance(report, _Explained):
            self._plans[report.index] = replace(self._plans[report.index], lost_reasons=report.reasons)

    def _plan_or_fallback(self, index: int, ended: float) -> StationPlan:
        """The station's plan; a simple one where its search never came beyond charging on arrival.

        `ended`: when planning did, of `time.perf_counter`.
        """
        if index in self._plans:
            return self._plans[index]
        from optimizer.engine.baselines import UNCONTROLLED_CHARGING  # numpy, which this process seldom needs
        from optimizer.engine.heuristics.fallback_plan import LADDER_SECONDS, fallback_plan

        plan, deadline = self._plan(index), ended + LADDER_SECONDS
        if plan is not None and plan.result.method != UNCONTROLLED_CHARGING:
            return plan
        bound = None if plan is None else plan.result.bound
        status: PlanStatus = "fallback" if self.broken_off and plan is None else "time_limit"
        return fallback_plan(self.instance.nights[index], status, deadline, bound=bound)

    def _plan(self, index: int) -> StationPlan | None:
        """The station's plan, or what its unfinished search holds, if that keeps every rule."""
        if index in self._plans or index not in self._incumbents:
            return self._plans.get(index)
        best, hedge = self._incumbents[index], self._hedges.get(index)
        night = hedged(self.instance.nights[index], hedge)
        if check(night, best.schedule):
            return None
        seconds = time.monotonic() - self._since[index]
        return replace(_unfinished(night, best), runtime_seconds=seconds, hedge=hedge)


def _unfinished(night: Night, best: _Incumbent) -> StationPlan:
    from optimizer.engine.heuristics.capped_arrival import arrival_plans_at_once

    schedule, bound = best.schedule, best.bound
    cost, arrivals = cost_of(night, schedule), arrival_plans_at_once(night)
    baseline = arrivals.on_arrival.cost
    proven = None if not math.isfinite(bound) or is_refuted(bound, cost.objective) else min(bound, cost.objective)
    result = StationResult.of(
        night, schedule, status="time_limit", method=best.method, cost=cost, bound=proven, baseline=baseline
    )
    result = arrivals.of_result(night, schedule, result)
    return StationPlan(night=night, schedule=schedule, result=result, baseline=baseline)


def _plan_stations(
    report: Report,
    instance: Instance,
    options: RunOptions,
    began: float,
    previous: Mapping[str, PreviousPlan],
    explain: Explain | None,
) -> None:
    """The work of the child process: every station in turn; what one leaves of the time is for the next."""
    from optimizer.engine.hedge.plan_hedged import plan_hedged

    for index, night in enumerate(instance.nights):
        place = f"station {night.station.id} ({index + 1} of {len(instance.nights)})"
        report(_Message(f"{place}: planning"))
        left = max(0.0, options.total_seconds - (time.monotonic() - began))
        share = replace(options, time_limit_seconds=left / (len(instance.nights) - index))
        reporter = _StationReporter(report, index, place)
        before = previous.get(night.station.id)
        plan = plan_hedged(night, share, reporter.on_message, reporter.on_incumbent, before, on_hedge=reporter.on_hedge)
        values = {one.name: getattr(plan, one.name) for one in fields(plan) if one.name != "night"}
        report(_StationDone(index, values))
        if explain is not None and plan.result.swaps_lost:
            left = options.total_seconds - (time.monotonic() - began)
            report(_Explained(index, explain(plan, share, instance.currency, left / (len(instance.nights) - index))))


@dataclass
class _StationReporter:
    """What one station's search says, sent on; a schedule is sent once."""

    report: Report
    index: int
    place: str
    _last: Schedule | None = None

    def on_message(self, news: str) -> None:
        self.report(_Message(f"{self.place}: {news}"))

    def on_hedge(self, hedge: Hedge) -> None:
        self.report(_HedgeChosen(self.index, hedge))

    def on_incumbent(self, schedule: Schedule, method: str, bound: float) -> None:
        if schedule is self._last:
            self.report(_Bound(self.index, bound))
        else:
            self._last = schedule
            self.report(_Incumbent(self.index, schedule, method, bound))
