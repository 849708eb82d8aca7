"""What a worker does for a study: one night of one station in one variant, under every tariff. It writes no file."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from models.station.carried_out import beginning, plan_until
from models.station.cost import Cost, cost_of, drawn_power_kw, gap_between
from models.station.instance import Night
from models.station.schedule import Schedule
from models.tariff.series import tariff_on
from models.tariff.tariff import Tariff
from models.tolerances import SAME_COST_RELATIVE
from optimizer.check.rules import check
from optimizer.engine.baselines import UNCONTROLLED_CHARGING, uncontrolled_charging
from optimizer.engine.feasibility import infeasibility
from optimizer.engine.options import RunOptions
from optimizer.formats.plan_document import CostDocument
from optimizer.runs.station_task import Infeasible
from optimizer.studies.night_record import (
    ChainState,
    NightOutcome,
    NightRecord,
    TariffNight,
    lookback_of,
    packs_of,
    record_text,
    so_far,
    state_after,
)
from optimizer.studies.study import StudyTariff, energy_part


@dataclass(frozen=True)
class NightRequest:
    """A night without prices and what lies ahead of it (`day_slots`: where the night itself ends), the tariffs, and by
    tariff what the plan and the baseline of the night before left.

    Without `is_planned`, only baselines are wanted, for `reason`.
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


@dataclass(frozen=True)
class TaskSeconds:
    """What a night under one tariff took: CPU seconds of all, wall seconds of the solver."""

    cpu: float
    solver: float


@dataclass(frozen=True)
class PlannedNight:
    """The night's record as its file has it, and what it took: CPU seconds, and by tariff those of its plan."""

    text: bytes
    cpu_seconds: float
    seconds: Mapping[str, TaskSeconds]


@dataclass(frozen=True)
class _Found:
    """A plan of one tariff's night, with its proof. `copied_from`: see TariffNight."""

    night: Night
    schedule: Schedule
    cost: Cost
    status: str
    method: str
    bound: float
    solver_seconds: float = 0.0
    reason: str = ""
    copied_from: str = ""

    @property
    def gap(self) -> float | None:
        """Certified gap; None where nothing is proven."""
        if not math.isfinite(self.bound):
            return None
        return gap_between(self.cost.objective, self.bound, self.cost.gross_cost)


def plan_study_night(ask: NightRequest) -> PlannedNight | Infeasible:
    """Plan the night under every tariff, and bill charging on arrival under each."""
    began = time.process_time()
    if not ask.night.base_load_fits():
        return Infeasible(infeasibility(ask.night))
    on_arrival, found, seconds = _baseline(ask), dict[int, _Found](), dict[str, TaskSeconds]()
    for index in _cheap_ones_first(ask.tariffs):
        start, night = time.process_time(), priced(ask.night, ask.tariffs[index].tariff, ask.states[index])
        found[index] = _copied(night, found.values()) or _planned(ask, night)
        seconds[ask.tariffs[index].id] = TaskSeconds(time.process_time() - start, found[index].solver_seconds)
    done = tuple(_tariff_night(ask, index, found[index], on_arrival) for index in range(len(ask.tariffs)))
    record = NightRecord(key=ask.key, station=ask.station, variant=ask.variant, night=ask.date, tariffs=done)
    return PlannedNight(record_text(record), time.process_time() - began, seconds)


def _tariff_night(ask: NightRequest, index: int, found: _Found, on_arrival: Schedule) -> TariffNight:
    """What the record says of one tariff."""
    bare = priced(beginning(ask.night, ask.day_slots), ask.tariffs[index].tariff, ask.baseline_states[index])
    return TariffNight(
        tariff=ask.tariffs[index].id,
        status=found.status,
        method=found.method,
        objective=found.cost.objective,
        gross_cost=found.cost.gross_cost,
        bound=found.bound if math.isfinite(found.bound) else None,
        gap=found.gap,
        plan=_carried_out(found, ask.day_slots, ask.states[index]),
        baseline=_side(bare, on_arrival, cost_of(bare, on_arrival), ask.baseline_states[index]),
        reason=found.reason,
        copied_from=found.copied_from,
    )


def priced(night: Night, tariff: Tariff, state: ChainState) -> Night:
    """The night under a tariff, from what the night before left."""
    month = tariff_on(tariff, night.horizon).months[0]
    station = replace(
        night.station,
        tariff=tariff,
        packs=packs_of(state, night),
        peak_so_far_kw=so_far(state.peaks_kw, month),
        energy_so_far_kwh=so_far(state.energy_kwh, month),
        lookback_peak_kw=lookback_of(state, tariff, month),
    )
    return replace(night, station=station)


def _baseline(ask: NightRequest) -> Schedule:
    """Charging on arrival looks at no price: its packs are the same under every tariff."""
    return uncontrolled_charging(
        priced(beginning(ask.night, ask.day_slots), ask.tariffs[0].tariff, ask.baseline_states[0])
    )


def _cheap_ones_first(tariffs: Sequence[StudyTariff]) -> list[int]:
    """Those without demand charges first: their plans may be good for tariffs that only add some."""
    return sorted(range(len(tariffs)), key=lambda index: (len(tariffs[index].tariff.demand_charges), index))


def _copied(night: Night, others: Iterable[_Found]) -> _Found | None:
    """Another tariff's plan, if tonight differs from its night by fixed and demand charges only, and costs no more.

    A demand charge costs nothing or something, so the other night's bound holds here, too.
    """
    for other in others:
        if other.reason or not _adds_only_charges(night, other.night):
            continue
        cost = cost_of(night, other.schedule)
        if cost.objective <= other.cost.objective + SAME_COST_RELATIVE * max(1.0, abs(cost.objective)) and not check(
            night, other.schedule
        ):
            return replace(other, night=night, cost=cost, solver_seconds=0.0, copied_from=other.night.station.tariff.id)
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


def _planned(ask: NightRequest, night: Night) -> _Found:
    """The best plan found; charging on arrival where the engine fails, or is not to be asked."""
    from optimizer.engine.plan_station import plan_station
    from optimizer.engine.search import InternalError

    reason = ask.reason
    if ask.is_planned:
        try:
            plan = plan_station(night, replace(ask.options, effort="quick"))
            result = plan.result
            bound = -math.inf if result.bound is None else result.bound
            return _Found(night, plan.schedule, result.cost, result.status, result.method, bound, plan.solver_seconds)
        except InternalError as error:
            reason = str(error)
    schedule = uncontrolled_charging(night)
    return _Found(
        night, schedule, cost_of(night, schedule), "fallback", UNCONTROLLED_CHARGING, -math.inf, reason=reason
    )


def _carried_out(found: _Found, slots: int, state: ChainState) -> NightOutcome:
    """The night itself, without what the plan looked ahead at. Raises InternalError where that breaks a rule."""
    from optimizer.engine.search import InternalError

    night, schedule = beginning(found.night, slots), plan_until(found.night, found.schedule, slots)
    if violations := check(night, schedule):
        raise InternalError(f"station {night.station.id}: the night without its look-ahead breaks {violations[0].rule}")
    return _side(night, schedule, cost_of(night, schedule), state)


def _side(night: Night, schedule: Schedule, cost: Cost, state: ChainState) -> NightOutcome:
    drawn_kw = drawn_power_kw(night, schedule)
    return NightOutcome(
        cost=CostDocument(**asdict(cost)),
        objective=cost.objective,
        gross_cost=cost.gross_cost,
        swaps_served=len(schedule.hand_overs),
        swaps_lost=len(night.station.swaps) - len(schedule.hand_overs),
        load_kw=tuple(drawn_kw),
        state=state_after(state, night, schedule, drawn_kw),
    )


def warm_up() -> None:
    """Load what every plan needs: HiGHS and its kin."""
    import optimizer.engine.plan_station  # noqa: F401
