"""What workers of `nightly` do: plain functions of things that can be pickled, giving things that can be pickled.

They write no file. A plan leaves them as the bytes of its plan file, already checked.
"""

from __future__ import annotations

import copyreg
import hashlib
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

import msgspec
from msgspec import structs

from models.station.cost import Cost, cost_of, gap_between
from models.station.instance import Instance, Night
from models.station.result import StationPlan
from models.station.schedule import Certificate
from models.tolerances import MONEY_RELATIVE
from optimizer.check.rules import check
from optimizer.engine.baselines import CHARGE_ON_ARRIVAL, CHEAPEST_SLOTS_FIRST, charge_on_arrival, cheapest_slots_first
from optimizer.formats.digest import night_hash
from optimizer.formats.plan_document import PlanFile
from optimizer.formats.plan_file import parse_plan, plan_file, plan_text
from optimizer.workers.worker import peak_memory_mb

Effort = Literal["quick", "full"]
EFFORTS: tuple[Effort, ...] = ("quick", "full")


def _proxy(mapping: dict[str, float]) -> MappingProxyType[str, float]:
    return MappingProxyType(mapping)


copyreg.pickle(MappingProxyType, lambda mapping: (_proxy, (dict(mapping),)))


@dataclass(frozen=True)
class Terms:
    """What is the same for all stations of a run. `gap` is a share of gross cost, `seconds` a station's time."""

    name: str
    currency: str
    gap: float
    seed: int
    seconds: float
    versions: Mapping[str, str]

    def keys(self, night: Night) -> dict[Effort, str]:
        """By effort "sha256:…" over all that a plan depends on: by it a later run knows what is done."""
        content = night_hash(night)
        return {effort: self._key(content, effort) for effort in EFFORTS}

    def _key(self, content: str, effort: Effort) -> str:
        asked = [self.name, self.currency, content, self.gap, self.seed, self.seconds, effort]
        return digest([*asked, dict(self.versions)])


def digest(plain: object) -> str:
    """ "sha256:…" over what JSON can say."""
    return "sha256:" + hashlib.sha256(msgspec.json.encode(plain, order="sorted")).hexdigest()


@dataclass(frozen=True)
class Ask:
    """What a task is to do for a station. `key` goes into the plan file.

    `seconds` may be less than the terms give, where the whole run's time is nearly up: a plan that ends at that
    limit gets `cut_key` instead. `before` is the plan file to do better than.
    """

    night: Night
    terms: Terms
    effort: Effort
    seconds: float
    key: str | None = None
    cut_key: str | None = None
    before: bytes | None = None


@dataclass(frozen=True)
class Facts:
    """What the summary needs of a plan file of one station."""

    status: str
    method: str
    objective: float
    bound: float | None
    gap: float | None
    cost: Cost
    baseline_objective: float
    swaps_served: int
    swaps_lost: int

    @property
    def money_gap(self) -> float:
        """Currency between plan and bound; +inf where nothing is proven."""
        return math.inf if self.bound is None else self.objective - self.bound

    def proves(self, gap: float) -> bool:
        """Is this gap proven?"""
        return self.gap is not None and self.gap <= gap


@dataclass(frozen=True)
class Planned:
    """A task's result: the plan file's bytes, its facts, and what it took.

    `stage_seconds` are of CPU: solver | model | rounding | check. `solver_seconds` are of wall time.
    `was_cut`: with the station's whole time, more might have come of it.
    """

    text: bytes
    facts: Facts
    cpu_seconds: float
    solver_seconds: float = 0.0
    stage_seconds: Mapping[str, float] = field(default_factory=dict)
    peak_memory_mb: float = 0.0
    was_cut: bool = False


@dataclass(frozen=True)
class Impossible:
    """A task's result where no plan exists."""

    reason: str


def facts_of(file: PlanFile) -> Facts:
    """The facts of a plan file that holds one station."""
    (station,) = file.stations
    return Facts(
        status=station.status,
        method=station.method,
        objective=station.objective,
        bound=station.bound,
        gap=station.gap,
        cost=Cost(**{name: getattr(station.cost, name) for name in station.cost.__struct_fields__}),
        baseline_objective=station.baseline_objective,
        swaps_served=station.swaps_served,
        swaps_lost=station.swaps_lost,
    )


@dataclass(frozen=True)
class Clock:
    """What has gone by since it was made, of CPU and of wall time."""

    began_cpu: float = field(default_factory=time.process_time)
    began: float = field(default_factory=time.perf_counter)

    @property
    def cpu_seconds(self) -> float:
        """CPU seconds of this process."""
        return time.process_time() - self.began_cpu

    @property
    def cpu_share(self) -> float:
        """CPU seconds for each wall second, 1 at most."""
        return min(1.0, self.cpu_seconds / max(1e-9, time.perf_counter() - self.began))


def warm_up() -> None:
    """Load what every plan needs: HiGHS and its kin."""
    import optimizer.engine.plan_station  # noqa: F401


def plan_task(ask: Ask) -> Planned | Impossible:
    """Plan a station; with `before`, keep the better plan and the higher bound of the two."""
    from optimizer.engine.plan_station import plan_station
    from optimizer.engine.search import NothingToPlanError, Options

    clock, terms = Clock(), ask.terms
    try:
        plan = plan_station(ask.night, Options(terms.gap, ask.seconds, terms.seed, ask.effort))
    except NothingToPlanError as error:
        return Impossible(str(error))
    was_cut = plan.status == "time_limit" and ask.seconds < terms.seconds  # by the run's limit, not the station's
    file = _file(ask, plan, ask.cut_key if was_cut else ask.key)
    if ask.before is not None:
        file = better_of(parse_plan(ask.before, "the plan so far"), file, ask.night, terms.gap)
    planned = _planned(file, clock, plan)
    return replace(planned, was_cut=was_cut and planned.facts.status == "time_limit")


def fallback_task(ask: Ask) -> Planned | Impossible:
    """The better of the two baselines, checked: no solver is asked, nothing is proven."""
    clock, night = Clock(), ask.night
    if not night.base_load_fits():
        return Impossible(hopeless(night))
    on_arrival = charge_on_arrival(night)
    found = [(CHARGE_ON_ARRIVAL, on_arrival), (CHEAPEST_SLOTS_FIRST, cheapest_slots_first(night))]
    sound = [(name, schedule) for name, schedule in found if not check(night, schedule)]
    method, schedule = min(sound, key=lambda one: cost_of(night, one[1]).objective)
    cost = cost_of(night, schedule)
    certificate = Certificate(cost.objective, -math.inf, None)
    plan = StationPlan(night, schedule, cost, certificate, "fallback", method, cost_of(night, on_arrival))
    return _planned(_file(ask, plan, None), clock, plan)


def hopeless(night: Night) -> str:
    """Why no plan exists, in the engine's words."""
    from optimizer.engine.plan_station import refuse_hopeless
    from optimizer.engine.search import NothingToPlanError

    try:
        refuse_hopeless([night])
    except NothingToPlanError as error:
        return str(error)
    raise AssertionError("the base load fits")


def _file(ask: Ask, plan: StationPlan, key: str | None) -> PlanFile:
    terms = ask.terms
    return plan_file(Instance(terms.name, terms.currency, (ask.night,)), [plan], terms.versions, key)


def _planned(file: PlanFile, clock: Clock, plan: StationPlan) -> Planned:
    """`plan` tells what was measured; on a busy machine its wall seconds are more than what it took of the CPU."""
    cpu_seconds, share = clock.cpu_seconds, clock.cpu_share
    stages = {stage: share * seconds for stage, seconds in plan.stage_seconds.items()}
    return Planned(plan_text(file), facts_of(file), cpu_seconds, plan.solver_seconds, stages, peak_memory_mb())


def better_of(before: PlanFile, after: PlanFile, night: Night, gap_asked: float) -> PlanFile:
    """The cheaper plan of two of the same night, with the higher bound of the two; `after` gives all else.

    The earlier plan comes from a file, so it is checked again; if it does not hold, `after` stands alone. A bound
    that lies above a checked plan is refuted and dropped.
    """
    (old,), (new,) = before.stations, after.stations
    if check(night, old.schedule) or not _is(cost_of(night, old.schedule).objective, old.objective):
        return after
    best = old if old.objective < new.objective else new
    bounds = [
        bound
        for bound in (old.bound, new.bound)
        if bound is not None and (bound <= best.objective or _is(bound, best.objective))
    ]
    bound = min(max(bounds), best.objective) if bounds else None
    gap = None if bound is None else gap_between(best.objective, bound, best.gross_cost)
    status = "gap_reached" if gap is not None and gap <= gap_asked else new.status
    station = structs.replace(best, bound=bound, gap=gap, status=status)
    same = ("status", "objective", "bound", "gap", "gross_cost", "cost", "swaps_served", "swaps_lost")
    return structs.replace(after, stations=(station,), **{name: getattr(station, name) for name in same})


def _is(one: float, other: float) -> bool:
    return abs(one - other) <= MONEY_RELATIVE * max(1.0, abs(one), abs(other))
