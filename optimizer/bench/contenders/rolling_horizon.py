"""A rolling horizon: every few hours the next hours are planned, and the first of them are carried out.

What comes after a window is not known to it: a pack that is charged at its end is worth the end value, no more. Each
window begins with what stands in the bays by then, and with the month's peaks. The plan of the whole night is put
together of what was carried out. Windows are planned by the reference model in HiGHS, as papers do, or by the engine.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import version

from models.station.carry_over.carried_out import beginning, plan_until
from models.station.carry_over.rest_of_night import rest_of_night
from models.station.cost import cost_of, drawn_power_kw
from models.station.instance import Night
from models.station.parts import whole_schedule, without_swaps, without_torn_swaps
from models.station.schedule import Schedule
from models.station.stays import powers_of_stays, stays_of
from models.tolerances import MISSING_KWH
from optimizer.bench.contenders.by_search import refusal
from optimizer.bench.contenders.preload_imports import preload
from optimizer.bench.records.contender import Contender, Limits, OnProgress, Outcome
from optimizer.carry.standing import PlannedBays
from optimizer.check.rules import check
from optimizer.engine.build_schedule import build_schedule
from optimizer.engine.heuristics.load_caps import baseline_plans
from optimizer.engine.highs import solve
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station
from optimizer.programmes.reference import REFERENCE
from optimizer.programmes.settled_point import settled

STEP_HOURS = 4.0
WINDOW_HOURS = 12.0
SHARE_OF_TIME = 0.9  # what is left is for putting the plan together
SHARE_OF_GAP = 0.1  # as of formulations with solvers: the rest is for what windows lose

WindowPlanner = Callable[[Night, Limits], tuple[Schedule | None, bool]]
"""The plan of a window within limits, None where none was found; and was it all done before the time was up?"""


def _by_reference(window: Night, limits: Limits) -> tuple[Schedule | None, bool]:
    """None, too, where a simple rule is cheaper, or its plan breaks a rule: along curves that are not concave the model
    allows too much."""
    began = time.perf_counter()
    programme = REFERENCE.programme(window)
    simple = baseline_plans(window)[0].cost
    money = limits.gap * SHARE_OF_GAP * abs(simple.gross_cost)
    seconds = max(0.0, limits.time_limit_seconds - (time.perf_counter() - began))
    answer = solve(programme.matrix, money_gap=money, seconds=seconds, seed=limits.seed)
    point = None if answer.point is None else settled(programme.matrix, answer.point, answer.objective)
    found = None if point is None else programme.schedule(point[0])
    is_better = found is not None and cost_of(window, found).objective < simple.objective and not check(window, found)
    return found if is_better else None, answer.stopped != "time_limit"


def _by_engine(window: Night, limits: Limits) -> tuple[Schedule | None, bool]:
    options = RunOptions(gap=limits.gap, seed=limits.seed, time_limit_seconds=limits.time_limit_seconds)
    plan = plan_station(window, options, purpose="bound")
    return plan.schedule, plan.result.status != "time_limit"


@dataclass(frozen=True)
class _RollingRun:
    """One night, window by window."""

    night: Night
    planner: WindowPlanner
    limits: Limits

    def outcome(self, on_progress: OnProgress) -> Outcome:
        """Without a bound: no window knows one of the whole night."""
        until = time.perf_counter() + SHARE_OF_TIME * self.limits.time_limit_seconds
        step, window = self._slots(STEP_HOURS), self._slots(WINDOW_HOURS)
        begins = range(0, self.night.horizon.slots, step)
        plan, by_rule, is_whole = _put_together(self.night, {}, {}), 0, True
        for number, slot in enumerate(begins):
            seconds = max(0.0, until - time.perf_counter()) / (len(begins) - number)
            window_night, names = self._ahead(plan, slot, window)
            found, is_done = self._planned(window_night, seconds)
            is_whole, by_rule = is_whole and is_done, by_rule + (found is None)
            found = baseline_plans(window_night)[0].schedule if found is None else found
            done = plan_until(window_night, found, min(step, window_night.horizon.slots))
            plan = _extended(self.night, plan, done, slot, names)
        objective = cost_of(self.night, plan).objective
        on_progress(objective, None)
        words = f"{len(begins)} windows, {by_rule} of them planned by a simple rule"
        return Outcome(plan, objective, stopped="finished" if is_whole else "time_limit", detail=words)

    def _slots(self, hours: float) -> int:
        """The slots of so many hours, whole metering intervals."""
        h = self.night.horizon
        charges = self.night.station.tariff.demand_charges
        metering = (one.metering_minutes for one in charges if one.metering_minutes > h.slot_minutes)
        whole = math.lcm(h.slot_minutes, *metering)
        return max(1, round(60 * hours / whole)) * whole // h.slot_minutes

    def _ahead(self, plan: Schedule, slot: int, window: int) -> tuple[Night, Mapping[str, str]]:
        """The window that begins at `slot`, and what its packs are called in the night; nothing after `slot` is in the
        plan yet."""
        bays = PlannedBays.of(self.night, plan)
        packs = [pack.on(self.night) for pack in bays.standing(slot)]
        rest = rest_of_night(self.night, slot, packs, drawn_power_kw(self.night, plan))
        names = {own_name: pack for pack, own_name in bays.names.items()}
        return beginning(rest, min(window, rest.horizon.slots)), names

    def _planned(self, window: Night, seconds: float) -> tuple[Schedule | None, bool]:
        """None where there is nothing to plan, or no time."""
        if not window.can_be_planned():
            return None, True
        return self.planner(window, replace(self.limits, time_limit_seconds=seconds)) if seconds > 0 else (None, False)


def _extended(night: Night, plan: Schedule, done: Schedule, slot: int, names: Mapping[str, str]) -> Schedule:
    """The plan with `done`, one from `slot` on. `names`: what the night calls the packs, by what `done` does."""
    by_swap = dict(plan.by_swap()) | {swap: names.get(pack, pack) for swap, pack in done.by_swap().items()}
    power_kw = {row.pack: {t: kw for t, kw in enumerate(row.power_kw) if kw} for row in plan.rows}
    for row in done.rows:
        later = {slot + t: kw for t, kw in enumerate(row.power_kw) if kw}
        power_kw[names.get(row.pack, row.pack)] = power_kw.get(names.get(row.pack, row.pack), {}) | later
    return _put_together(night, by_swap, power_kw)


def _put_together(night: Night, by_swap: Mapping[str, str], power_kw: Mapping[str, Mapping[int, float]]) -> Schedule:
    """A window knows nothing of a turnaround that began before it: such power is none, and who lacks it is lost."""
    late: list[str] = []
    while True:
        by_swap = without_torn_swaps(night, without_swaps(by_swap, late[:1]))
        stays = stays_of(night, by_swap)
        powers = powers_of_stays(stays, night.horizon.slots, power_kw)
        for row, stay in zip(powers, stays, strict=True):
            row[: stay.charge_from] = 0.0
        held_kwh = night.horizon.slot_hours * powers.sum(axis=1) + [stay.start_kwh for stay in stays]
        late = [
            stay.swap
            for stay, kwh in zip(stays, held_kwh.tolist(), strict=True)
            if stay.swap is not None and kwh < stay.need_kwh - MISSING_KWH
        ]
        if not late:
            return whole_schedule(night, build_schedule(night.by_pack, stays, powers))


def _contender(name: str, what: str, planner: WindowPlanner) -> Contender:
    return Contender(
        name,
        f"every {STEP_HOURS:g} hours the next {WINDOW_HOURS:g}, {what}; no bound",
        lambda night, limits, on_progress: _RollingRun(night, planner, limits).outcome(on_progress),
        missing=preload,
        refusal=_refusal,
        versions=lambda: {"highspy": version("highspy")},
    )


def _refusal(night: Night) -> str | None:
    if night.station.plug_changes_max is not None:
        return "plug changes between two windows are in neither: it keeps no limit on them"
    if night.station.turnaround_slots and (
        night.station.chargers.mode == "on_off" or night.station.chargers.min_kw > 0
    ):
        return "a turnaround goes on from one window into the next: it keeps none beside a least power"
    return refusal(night)


ROLLING_REFERENCE = _contender("rolling-reference", "by the reference model in HiGHS", _by_reference)
ROLLING_ENGINE = _contender("rolling-engine", "by the engine", _by_engine)
