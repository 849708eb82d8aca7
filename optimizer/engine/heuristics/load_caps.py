"""The baselines under load caps: a limit on drawn power below the grid's, wherever a demand charge is metered.

A plan under a lower limit is a plan of the station. The baselines know no demand charge, but they keep a cap on drawn
power: caps between what is billed anyway and the peak of the best plan are searched by what the plans under them cost.
No solver is asked; the night of a day takes some tens of milliseconds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from models.station.cost import Cost, cost_of, drawn_power_kw
from models.station.instance import Night
from models.station.schedule import Schedule
from models.tariff.rate_steps import stepped_cost
from models.tariff.tier_use import highest_average_kw
from optimizer.engine.baselines import (
    CHEAPEST_SLOTS_FIRST,
    UNCONTROLLED_CHARGING,
    cheapest_slots_first,
    uncontrolled_charging,
)

RUNGS = 16  # up to the power of all chargers at once; those above the peak of the best plan are not tried
HALVINGS = 6  # of the distance between rungs, around the best cap
COARSE_RUNGS, COARSE_HALVINGS = 8, 3  # the same where time is short
ALWAYS_TRIED = 4  # caps, however short the time
SWEEPS = 2  # over the demand charges, where there are several
RULES = {UNCONTROLLED_CHARGING: uncontrolled_charging, CHEAPEST_SLOTS_FIRST: cheapest_slots_first}
UNDER_A_CAP = "{}, load capped"

Caps = Mapping[int, float]
"""Most power drawn from the grid, kW, in the metering intervals of a demand charge, by the number of the charge."""


@dataclass(frozen=True)
class SimplePlan:
    """A plan of a simple rule, and what it costs."""

    schedule: Schedule
    method: str
    cost: Cost

    def limit_kw(self, night: Night) -> list[float]:
        """Most drawn power by slot that makes no demand charge dearer than this plan does."""
        drawn_kw = drawn_power_kw(night, self.schedule)
        floors = (night.demand_floor_kw(demand) for demand in night.tariff_series.demands)
        peaks = (highest_average_kw(demand, drawn_kw) for demand in night.tariff_series.demands)
        return capped_limit_kw(night, dict(enumerate(map(max, floors, peaks))))


def best_simple_plan(
    night: Night, is_time_up: Callable[[], bool] = lambda: False, *, is_coarse: bool = False
) -> SimplePlan:
    """The cheapest plan of both baselines, with and without load caps; where the time is up, of those made by then.

    A few caps are tried in any case. `is_coarse`: fewer caps, and only for the better baseline: a fifth of the time.
    """
    ladder = _CapLadder(night, is_time_up, is_coarse)
    ladder.climb_down()
    return ladder.best


def baseline_plans(night: Night) -> list[SimplePlan]:
    """Both baselines without a cap, the cheaper one first."""
    return sorted((simple_plan(night, name) for name in RULES), key=_objective)


def plans_of_whole_chargers(night: Night, plan: SimplePlan) -> Iterator[SimplePlan]:
    """Cheapest slots first where room under the caps of `plan` is that of whole chargers: rounded down, then up."""
    chargers, drawn_kw = night.station.chargers, drawn_power_kw(night, plan.schedule)
    each_kw = chargers.max_kw / chargers.efficiency
    for rounded in (math.floor, math.ceil):
        caps = {}
        for number, demand in enumerate(night.tariff_series.demands):
            base_kw = highest_average_kw(demand, base_alone_kw(night))
            caps[number] = base_kw + each_kw * rounded((highest_average_kw(demand, drawn_kw) - base_kw) / each_kw)
        if caps:
            yield simple_plan(night, CHEAPEST_SLOTS_FIRST, capped_limit_kw(night, caps))


class _CapLadder:
    """The best plan so far, and the caps that it was made under."""

    def __init__(self, night: Night, is_time_up: Callable[[], bool], is_coarse: bool) -> None:
        self.night, self.is_time_up = night, is_time_up
        self.rungs, self.halvings = (COARSE_RUNGS, COARSE_HALVINGS) if is_coarse else (RUNGS, HALVINGS)
        self.demands = night.tariff_series.demands
        self.caps: Caps = {}
        self.tried = 0
        self.best = baseline_plans(night)[0]
        self.names = [self.best.method] if is_coarse else list(RULES)

    def climb_down(self) -> None:
        """Search the cap of every demand charge, the dearest one first; again, where there are several."""
        for _ in range(SWEEPS if len(self.demands) > 1 else 1):
            before = self.best
            for number in sorted(range(len(self.demands)), key=lambda d: -self._most_cost(d)):
                self._search_cap(number)
            if self.best is before:
                break

    def _search_cap(self, number: int) -> None:
        """What is billed anyway, rungs between it and the peak of the best plan, then halvings around the best cap.

        Rungs stand where the grid limit does not move them: stations that differ in it only find the same plans. They
        come in an order that a time limit may cut short: the middle one, those between, and so on.
        """
        low_kw, best_kw = self._unavoidable_kw(number), self._peak_kw(number)
        step_kw, too_low_kw = self._connected_kw() / self.rungs, -1.0
        for rung in _far_apart_first(int((best_kw - low_kw) / step_kw) + 1):
            cap_kw = low_kw + step_kw * rung
            is_better, is_too_low = self._try_cap(number, cap_kw) if cap_kw > too_low_kw else (False, False)
            best_kw = cap_kw if is_better else best_kw
            too_low_kw = max(too_low_kw, cap_kw) if is_too_low else too_low_kw
        best_kw = low_kw + step_kw * round((best_kw - low_kw) / step_kw)
        for _ in range(self.halvings):
            step_kw /= 2
            for cap_kw in (best_kw - step_kw, best_kw + step_kw):
                if cap_kw > max(low_kw, too_low_kw) and self._try_cap(number, cap_kw)[0]:
                    best_kw = cap_kw

    def _most_cost(self, number: int) -> float:
        """What this charge costs if all chargers run at once: the same whatever the grid limit."""
        return stepped_cost(self.demands[number].steps, self._connected_kw())

    def _connected_kw(self) -> float:
        """What all chargers draw at once."""
        chargers = self.night.station.chargers
        return min(chargers.count, max(1, len(self.night.station.packs))) * chargers.max_kw / chargers.efficiency

    def _try_cap(self, number: int, cap_kw: float) -> tuple[bool, bool]:
        """Is a plan under this cap the best one? Does the cap lose more than any lower peak can save?

        The caps of other charges stay as they are. Once the time is up no more than ALWAYS_TRIED are tried.
        """
        if self.tried >= ALWAYS_TRIED and self.is_time_up():
            return False, False
        self.tried += 1
        caps = {**self.caps, number: cap_kw}
        limit_kw = capped_limit_kw(self.night, caps)
        found = min((simple_plan(self.night, name, limit_kw) for name in self.names), key=_objective)
        is_too_low = found.cost.lost_swaps - self.best.cost.lost_swaps > self._demand_cost(number)
        if is_better := _objective(found) < _objective(self.best):
            self.best, self.caps = found, caps
        return is_better, is_too_low

    def _drawn_kw(self) -> list[float]:
        return drawn_power_kw(self.night, self.best.schedule)

    def _peak_kw(self, number: int) -> float:
        return highest_average_kw(self.demands[number], self._drawn_kw())

    def _unavoidable_kw(self, number: int) -> float:
        """What is billed whatever is charged: the month's peak so far, or the base load's."""
        demand = self.demands[number]
        return max(self.night.demand_floor_kw(demand), highest_average_kw(demand, base_alone_kw(self.night)))

    def _demand_cost(self, number: int) -> float:
        """What the best plan pays for this charge: no lower cap saves more."""
        demand, least_kw = self.demands[number], self._unavoidable_kw(number)
        billed_kw = max(least_kw, self._peak_kw(number))
        return stepped_cost(demand.steps, billed_kw) - stepped_cost(demand.steps, least_kw)


def _far_apart_first(count: int) -> list[int]:
    """0 … count − 1: 0, then multiples of ever lower powers of two."""
    return sorted(range(count), key=lambda n: (-(n & -n) if n else -math.inf, n))


def capped_limit_kw(night: Night, caps: Caps) -> list[float]:
    """The grid limit by slot, lowered to the caps as far as the base load lets it."""
    limit_kw, base_kw = list(night.station.grid_limit_kw), base_alone_kw(night)
    for number, cap_kw in caps.items():
        for interval in night.tariff_series.demands[number].intervals:
            for slot, _ in interval:
                limit_kw[slot] = min(limit_kw[slot], max(cap_kw, base_kw[slot]))
    return limit_kw


def base_alone_kw(night: Night) -> list[float]:
    """The base load less all the solar power there is, kW by slot."""
    station = night.station
    return [max(0.0, base - sun) for base, sun in zip(station.base_load_kw, station.solar_kw, strict=True)]


def simple_plan(night: Night, name: str, limit_kw: Sequence[float] | None = None) -> SimplePlan:
    """The plan of one of RULES; `limit_kw`: most drawn power by slot, where it is less than the grid's."""
    schedule = RULES[name](night, limit_kw)
    method = name if limit_kw is None else UNDER_A_CAP.format(name)
    return SimplePlan(schedule, method, cost_of(night, schedule))


def _objective(plan: SimplePlan) -> float:
    return plan.cost.objective
