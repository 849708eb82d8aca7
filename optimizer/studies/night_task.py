"""What a worker does for a study: one night of one station in one variant, under every tariff. It writes no file."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property

from models.station.carry_over.carried_out import beginning, plan_until
from models.station.cost import cost_of, drawn_power_kw
from models.station.demand.rule import ControlRule
from models.station.drawn_days import night_on
from models.station.instance import Night
from models.station.result import StationResult
from models.station.saving import charged_kwh, paid_for_charging
from models.station.schedule import Schedule
from models.tariff.series import tariff_on
from models.tariff.tariff import Tariff
from models.tolerances import SAME_COST_RELATIVE
from optimizer.check.rules import check
from optimizer.engine.baselines import UNCONTROLLED_CHARGING, uncontrolled_charging
from optimizer.engine.feasibility import infeasibility
from optimizer.engine.heuristics.capped_arrival import arrival_plans
from optimizer.engine.options import RunOptions
from optimizer.formats.content_hash import digest
from optimizer.formats.plan_document import CostDocument
from optimizer.runs.station_task import Infeasible, TaskClock
from optimizer.studies.months.parts import NightOfPart, asks_for_the_month
from optimizer.studies.night_record import (
    ChainState,
    NightOutcome,
    NightRecord,
    TariffNight,
    lookback_of,
    packs_of,
    peaks_so_far,
    record_text,
    sealed,
    so_far,
    state_after,
)
from optimizer.studies.played_night import RealDay, plan_before, played
from optimizer.studies.study import StudyTariff, energy_part


@dataclass(frozen=True)
class NightRequest:
    """A night without prices and what lies ahead of it (`day_slots`: where the night itself ends), the tariffs, and by
    tariff what the plan and the baseline of the night before left.

    `load_cap_states`: the same of charging on arrival under load caps; by default those of the baseline.
    Without `is_planned`, only baselines are wanted, for `reason`. `real`: who really comes; None: all as planned.
    `key`: of the night; `befores`: by tariff, a digest of itself and of the nights before under it.
    `part`: of a month of which the study has a part.
    """

    key: str
    station: str
    variant: str
    date: str
    night: Night
    tariffs: tuple[StudyTariff, ...]
    states: tuple[ChainState, ...]
    baseline_states: tuple[ChainState, ...]
    options: RunOptions
    day_slots: int
    is_planned: bool = True
    reason: str = ""
    load_cap_states: tuple[ChainState, ...] = ()
    real: RealDay | None = None
    befores: tuple[str, ...] = ()
    part: NightOfPart | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """By tariff, a digest of all that its plan depends on; "" where the nights before are not told."""
        if not self.befores:
            return ("",) * len(self.tariffs)
        return tuple(digest([self.key, before]) for before in self.befores)

    @cached_property
    def real_night(self) -> Night:
        """The night itself, with the drivers who really come."""
        own = beginning(self.night, self.day_slots)
        return own if self.real is None else night_on(own, self.real.drivers, 0)


@dataclass(frozen=True)
class TaskSeconds:
    """What a night under one tariff took: CPU seconds of all, and of the solver."""

    cpu: float
    solver: float


@dataclass(frozen=True)
class PlannedNight:
    """The night's record as its file has it, and what it took: CPU seconds, and by tariff those of its plan."""

    text: bytes
    cpu_seconds: float
    seconds: Mapping[str, TaskSeconds]


@dataclass(frozen=True)
class _TariffPlan:
    """A plan of one tariff's night, and what is known of it. `reason`, `copied_from`: see TariffNight. `rule`: by which
    it is carried out where days do not follow it. `is_real`: it is of the day that really came."""

    night: Night
    schedule: Schedule
    result: StationResult
    solver_seconds: float = 0.0
    reason: str = ""
    copied_from: str = ""
    rule: ControlRule | None = None
    is_real: bool = False


def plan_study_night(request: NightRequest) -> PlannedNight | Infeasible:
    """Plan the night under every tariff, and bill charging on arrival under each."""
    began = time.process_time()
    if not request.night.can_be_planned():
        return Infeasible(infeasibility(request.night))
    on_arrival, found, seconds = _baseline(request), dict[int, _TariffPlan](), dict[str, TaskSeconds]()
    for index in _cheap_ones_first(request.tariffs):
        clock, night = TaskClock(), priced(request.night, request.tariffs[index].tariff, request.states[index])
        copied = _copied(night, found.values()) if request.real is None else None
        found[index] = copied or _planned(request, night)
        seconds[request.tariffs[index].id] = _took(clock, found[index])
    done = tuple(_tariff_night(request, index, found[index], on_arrival) for index in range(len(request.tariffs)))
    names = {"station": request.station, "variant": request.variant, "night": request.date}
    record = sealed(NightRecord(key=request.key, **names, tariffs=done))
    return PlannedNight(record_text(record), time.process_time() - began, seconds)


def _took(clock: TaskClock, plan: _TariffPlan) -> TaskSeconds:
    """On a busy machine, the solver's wall seconds are more than what it took of the CPU."""
    return TaskSeconds(clock.cpu_seconds, clock.cpu_share * plan.solver_seconds)


def _tariff_night(request: NightRequest, index: int, plan: _TariffPlan, on_arrival: Schedule) -> TariffNight:
    """What the record says of one tariff."""
    tariff, result = request.tariffs[index], plan.result
    baseline_state = request.baseline_states[index]
    baseline_night = priced(request.real_night, tariff.tariff, baseline_state)
    return TariffNight(
        tariff=tariff.id,
        status=result.status,
        method=result.method,
        objective=result.objective,
        gross_cost=result.gross_cost,
        bound=result.bound,
        gap=result.gap,
        plan=_carried_out(request, plan, request.states[index]),
        baseline=_outcome(baseline_night, on_arrival, baseline_state),
        reason=plan.reason,
        copied_from=plan.copied_from,
        load_cap=_under_a_load_cap(request, index),
        key=request.keys[index],
    )


def _under_a_load_cap(request: NightRequest, index: int) -> NightOutcome | None:
    """Charging on arrival as practitioners do it, with a month of its own; None without a demand charge."""
    tariff = request.tariffs[index].tariff
    if not tariff.demand_charges:
        return None
    state = (request.load_cap_states or request.baseline_states)[index]
    night = priced(request.real_night, tariff, state)
    return _outcome(night, arrival_plans(night).load_cap.schedule, state)


def priced(night: Night, tariff: Tariff, state: ChainState) -> Night:
    """The night under a tariff, from what the night before left."""
    month = tariff_on(tariff, night.horizon).months[0]
    station = replace(
        night.station,
        tariff=tariff,
        packs=packs_of(state, night),
        peak_so_far_kw=peaks_so_far(state, tariff, month),
        energy_so_far_kwh=so_far(state.energy_kwh, month),
        lookback_peak_kw=lookback_of(state, tariff, month),
    )
    return replace(night, station=station)


def _baseline(request: NightRequest) -> Schedule:
    """Charging on arrival looks at no price: its packs are the same under every tariff."""
    return uncontrolled_charging(priced(request.real_night, request.tariffs[0].tariff, request.baseline_states[0]))


def _cheap_ones_first(tariffs: Sequence[StudyTariff]) -> list[int]:
    """Those without demand charges first: their plans may be good for tariffs that only add some."""
    return sorted(range(len(tariffs)), key=lambda index: (len(tariffs[index].tariff.demand_charges), index))


def _copied(night: Night, others: Iterable[_TariffPlan]) -> _TariffPlan | None:
    """Another tariff's plan, if tonight differs from its night by fixed and demand charges only, and costs no more.

    A demand charge costs nothing or something, so the other night's bound holds here, too.
    """
    for other in others:
        if other.reason or not _adds_only_charges(night, other.night):
            continue
        cost = cost_of(night, other.schedule)
        most = other.result.objective + SAME_COST_RELATIVE * max(1.0, abs(cost.objective))
        if cost.objective <= most and not check(night, other.schedule):
            baseline = cost_of(night, uncontrolled_charging(night))
            result = replace(other.result, cost=cost, baseline_objective=baseline.objective)
            return _TariffPlan(night, other.schedule, result, copied_from=other.night.station.tariff.id)
    return None


def _adds_only_charges(night: Night, other: Night) -> bool:
    ours, theirs = night.station, other.station
    if theirs.tariff.demand_charges and theirs.tariff.demand_charges != ours.tariff.demand_charges:
        return False
    if theirs.tariff.demand_charges and (theirs.peak_so_far_kw, theirs.lookback_peak_kw) != (
        ours.peak_so_far_kw,
        ours.lookback_peak_kw,
    ):
        return False
    return (
        ours.packs == theirs.packs
        and ours.energy_so_far_kwh == theirs.energy_so_far_kwh
        and energy_part(ours.tariff) == energy_part(theirs.tariff)
    )


def _planned(request: NightRequest, night: Night) -> _TariffPlan:
    """The best plan found; charging on arrival where the engine fails, or is not to be asked."""
    from optimizer.engine.search import InternalError

    reason = request.reason
    if request.is_planned:
        try:
            return _by_the_engine(request, night)
        except InternalError as error:
            reason = str(error)
    if request.real is not None:
        night = night_on(beginning(night, request.day_slots), request.real.drivers, 0)
    schedule = uncontrolled_charging(night)
    cost = cost_of(night, schedule)
    result = StationResult.of(
        night, schedule, status="fallback", method=UNCONTROLLED_CHARGING, cost=cost, bound=None, baseline=cost
    )
    return _TariffPlan(night, schedule, result, reason=reason, is_real=True)


def _by_the_engine(request: NightRequest, night: Night) -> _TariffPlan:
    from optimizer.engine.plan_station import plan_station

    options, rule = replace(request.options, effort="quick"), None
    night = weighed_for_the_month(night, request.part) if asks_for_the_month(night.station.tariff) else night
    if request.real is None:
        plan = plan_station(night, options, purpose="ahead")
    else:
        plan, rule = plan_before(night, request.real.policy, options)
    return _TariffPlan(night, plan.schedule, plan.result, plan.solver_seconds, rule=rule)


def weighed_for_the_month(night: Night, part: NightOfPart | None) -> Night:
    """The night with weights from the days to come. A part of a month has its share of them; rates of a year are those
    of the study's part of it already."""
    from optimizer.engine.month.month_weights import for_the_month

    if part is None:
        return for_the_month(night)
    charges = night.station.tariff.demand_charges
    asked = {charge.name for charge in charges if charge.weight == "month" and charge.period == "month"}
    night = for_the_month(night, part.nights_left)
    return replace(night, station=replace(night.station, tariff=part.of_share(night.station.tariff, asked)))


def _carried_out(request: NightRequest, plan: _TariffPlan, state: ChainState) -> NightOutcome:
    """The night itself, without what the plan looked ahead at, as it really was. Raises InternalError where that
    breaks a rule."""
    from optimizer.engine.search import InternalError

    slots = request.day_slots
    if request.real is None or plan.is_real:
        night, schedule = beginning(plan.night, slots), plan_until(plan.night, plan.schedule, slots)
    else:
        night, schedule = played(plan.night, plan.schedule, plan.rule, slots, request.real.drivers)
    if violations := check(night, schedule):
        raise InternalError(f"station {night.station.id}: the night without its look-ahead breaks {violations[0].rule}")
    return _outcome(night, schedule, state)


def _outcome(night: Night, schedule: Schedule, state: ChainState) -> NightOutcome:
    drawn_kw = drawn_power_kw(night, schedule)
    cost = cost_of(night, schedule, drawn_kw)
    return NightOutcome(
        cost=CostDocument(**asdict(cost)),
        objective=cost.objective,
        gross_cost=cost.gross_cost,
        swaps_served=schedule.swaps_served,
        swaps_lost=len(night.station.swaps) - schedule.swaps_served,
        load_kw=tuple(drawn_kw),
        state=state_after(state, night, schedule, drawn_kw),
        charged_kwh=charged_kwh(night, schedule),
        paid_for_charging=paid_for_charging(night, schedule),
    )


def warm_up() -> None:
    """Load what every plan needs: HiGHS and its kin."""
    import optimizer.engine.plan_station  # noqa: F401
