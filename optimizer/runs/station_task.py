"""What workers of `nightly` do: plain functions of things that can be pickled, giving things that can be pickled.

They write no file. A plan leaves them as the bytes of its plan file, already checked.
"""

from __future__ import annotations

import copyreg
import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from msgspec import structs

from models.station.cost import cost_of
from models.station.hedging.hedge import Hedge
from models.station.instance import Instance, Night
from models.station.result import PlanChanges, StationPlan, StationResult
from models.tolerances import SHORTEST_SECONDS, is_refuted, is_same_money, money_tolerance
from optimizer.check.plan_check import planned_night
from optimizer.check.rules import check
from optimizer.engine.feasibility import NothingToPlanError, infeasibility
from optimizer.engine.heuristics.fallback_plan import fallback_plan
from optimizer.engine.options import Effort, RunOptions
from optimizer.explain.brief import brief_reasons
from optimizer.formats.content_hash import digest, night_hash
from optimizer.formats.plan_document import PlanFile
from optimizer.formats.plan_file import parse_plan, plan_file, plan_text, sealed
from optimizer.runs.near_run import NearRun, previous_of
from optimizer.workers.worker import peak_memory_mb

EFFORTS: tuple[Effort, ...] = ("quick", "full")  # of a network's two passes


def _proxy(mapping: dict[str, float]) -> MappingProxyType[str, float]:
    return MappingProxyType(mapping)


copyreg.pickle(MappingProxyType, lambda mapping: (_proxy, (dict(mapping),)))


@dataclass(frozen=True)
class RunContext:
    """What is the same for all stations of a run; `network` is its name, `versions` are those of the programs, `near`
    the previous run that its plans are to be near."""

    network: str
    currency: str
    options: RunOptions
    versions: Mapping[str, str]
    near: NearRun | None = None

    def previous(self, station: str) -> bytes | None:
        """The previous plan file of a station, if there is one to be near."""
        return None if self.near is None else self.near.plan_bytes(station)

    def keys(self, night: Night) -> dict[Effort, str]:
        """By effort "sha256:…" over all that a plan depends on: by it a later run knows what is done."""
        content = night_hash(night)
        if (previous := self.previous(night.station.id)) is not None:
            content = digest([content, hashlib.sha256(previous).hexdigest()])
        return {effort: self._key(content, effort) for effort in EFFORTS}

    def _key(self, content: str, effort: Effort) -> str:
        options: list[object] = [self.options.gap, self.options.seed, self.options.time_limit_seconds, effort]
        ahead = self.options.look_ahead_hours
        if ahead is not None:
            options.append(ahead)
        if self.options.hedge != "auto":
            options.append(self.options.hedge)
        if self.options.month_days is not None:
            options.append({"month_days": self.options.month_days})
        return digest([self.network, self.currency, content, *options, dict(self.versions)])


@dataclass(frozen=True)
class StationTask:
    """What a worker is to do for a station. `key` goes into the plan file.

    `options` are the run's with the effort of this pass, and with less time where the whole run's time is nearly up: a
    plan that ends at that limit gets `cut_key` instead. `before` is the plan file to do better than, `previous` the one
    to be near.
    """

    night: Night
    context: RunContext
    options: RunOptions
    key: str | None = None
    cut_key: str | None = None
    before: bytes | None = None
    previous: bytes | None = None


@dataclass(frozen=True)
class Planned:
    """A task's outcome: the plan file's bytes, what they say of the plan, and what it took.

    `stage_seconds` are of CPU: solver | model | rounding | check. `solver_seconds` are those of the solver, of CPU too.
    `was_cut`: with the station's whole time, more might have come of it. `lost_next_day`: as NextDay.more_lost.
    `changes`: as of StationPlan.
    """

    text: bytes
    result: StationResult
    cpu_seconds: float
    solver_seconds: float = 0.0
    stage_seconds: Mapping[str, float] = field(default_factory=dict)
    peak_memory_mb: float = 0.0
    was_cut: bool = False
    lost_next_day: int = 0
    changes: PlanChanges | None = None


@dataclass(frozen=True)
class Infeasible:
    """A task's outcome where no plan exists."""

    reason: str


@dataclass(frozen=True)
class TaskClock:
    """What has gone by since it was made, of CPU and of wall time."""

    began_cpu: float = field(default_factory=time.process_time)
    began: float = field(default_factory=time.perf_counter)

    @property
    def cpu_seconds(self) -> float:
        """CPU seconds of this process."""
        return time.process_time() - self.began_cpu

    @property
    def seconds(self) -> float:
        """Wall seconds."""
        return time.perf_counter() - self.began

    @property
    def cpu_share(self) -> float:
        """CPU seconds for each wall second, 1 at most."""
        return min(1.0, self.cpu_seconds / max(SHORTEST_SECONDS, self.seconds))


def warm_up() -> None:
    """Load what every plan needs: HiGHS and its kin."""
    import optimizer.engine.plan_station  # noqa: F401


def nothing() -> None:
    """For workers that will be asked for baselines only: these need no solver."""


def plan_task(task: StationTask) -> Planned | Infeasible:
    """Plan a station and say why it loses swaps; with `before`, keep the better plan and the higher bound."""
    from optimizer.engine.hedge.plan_hedged import plan_hedged

    clock, asked = TaskClock(), task.context.options
    before = None if task.before is None else parse_plan(task.before, "the plan so far")
    try:
        previous = previous_of(task.previous, task.night)
        plan = plan_hedged(task.night, task.options, previous=previous, known=_known_hedge(before))
    except NothingToPlanError as error:
        return Infeasible(str(error))
    if task.options.effort != "quick" or plan.result.proves(asked.gap):  # else it is planned once more
        left = max(0.0, task.options.time_limit_seconds - clock.seconds)
        plan = replace(plan, lost_reasons=brief_reasons(plan, task.options, task.context.currency, left))
    has_less_time = task.options.time_limit_seconds < asked.time_limit_seconds  # the run's time is nearly up
    was_cut = plan.result.status == "time_limit" and has_less_time
    file = _file(task, plan, task.cut_key if was_cut else task.key)
    if before is not None:
        file = better_of(before, file, task.night, asked.gap)
    planned = _planned(file, clock, plan)
    return replace(planned, was_cut=was_cut and planned.result.status == "time_limit")


def _known_hedge(before: PlanFile | None) -> Hedge | None:
    """Targets and rule of the plan that is to be bettered: both passes plan the same night."""
    return None if before is None else before.stations[0].as_hedge


def fallback_task(task: StationTask) -> Planned | Infeasible:
    """The cheapest simple plan, checked: no solver is asked, nothing is proven. With effort "quick", any."""
    clock, night = TaskClock(), task.night
    if not night.can_be_planned():
        return Infeasible(infeasibility(night))
    plan = fallback_plan(night, "fallback", is_hasty=task.options.effort == "quick")
    return _planned(_file(task, plan, None), clock, plan)


def _file(task: StationTask, plan: StationPlan, key: str | None) -> PlanFile:
    context = task.context
    return plan_file(Instance(context.network, context.currency, (task.night,)), [plan], context.versions, key)


def _planned(file: PlanFile, clock: TaskClock, plan: StationPlan) -> Planned:
    """`plan` says what was measured; on a busy machine its wall seconds are more than what it took of the CPU."""
    cpu_seconds, share = clock.cpu_seconds, clock.cpu_share
    stages = {stage: share * seconds for stage, seconds in plan.stage_seconds.items()}
    return Planned(
        plan_text(sealed(file)),
        file.stations[0].result,
        cpu_seconds,
        stages.get("solver", 0.0),
        stages,
        peak_memory_mb(),
        lost_next_day=0 if plan.next_day is None else plan.next_day.more_lost,
        changes=file.stations[0].as_changes,
    )


def better_of(before: PlanFile, after: PlanFile, night: Night, gap_asked: float) -> PlanFile:
    """The cheaper plan of two of the same night, with the higher bound of the two; `after` gives all else.

    The earlier plan comes from a file, so it is checked again; if it does not hold, `after` stands alone. A bound
    that lies above a checked plan is refuted and dropped. What `after` costs more to be near a previous plan does not
    count against it.
    """
    (old,), (new,) = before.stations, after.stations
    if old.hedge != new.hedge:
        return after
    night = planned_night(night, new)
    if check(night, old.schedule) or not is_same_money(cost_of(night, old.schedule).objective, old.objective):
        return after
    was, found = _asked_objective(old.result), _asked_objective(new.result)
    nearness = new.as_changes
    extra_cost = 0.0 if nearness is None else nearness.extra_cost + money_tolerance(found)
    best = old if was < found - extra_cost else new
    bounds = [bound for bound in (old.bound, new.bound) if bound is not None and not is_refuted(bound, best.objective)]
    bound = min(max(bounds), best.objective) if bounds else None
    result = replace(best.result, bound=bound)
    status = "gap_reached" if result.proves(gap_asked) else new.status
    station = structs.replace(best, bound=bound, gap=result.gap, status=status)
    same = ("status", "objective", "bound", "gap", "gross_cost", "cost", "swaps_served", "swaps_lost")
    return structs.replace(after, stations=(station,), **{name: getattr(station, name) for name in same})


def _asked_objective(result: StationResult) -> float:
    """Of all that was planned, look-ahead included."""
    return result.objective if result.far is None else result.far.objective
