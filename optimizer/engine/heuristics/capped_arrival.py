"""The baselines that savings are told against: charging on arrival, plain and as practitioners do it, under a load cap.

The cap is what the month's peak so far allows for nothing; where charging on arrival would lose more drivers under it,
or there is no peak yet, the least cap, to a step, that loses nobody more.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from models.station.cost import Cost, cost_of, drawn_power_kw
from models.station.instance import Night
from models.station.result import StationResult
from models.station.saving import Savings, saving_against
from models.station.schedule import Schedule
from models.tariff.rate_steps import stepped_cost
from models.tariff.tier_use import highest_average_kw
from optimizer.engine.baselines import UNCONTROLLED_CHARGING, UncontrolledCharging
from optimizer.engine.heuristics.load_caps import UNDER_A_CAP, SimplePlan, base_alone_kw, capped_limit_kw, simple_plan

HALVINGS = 6  # of the range from what is billed anyway to the peak of charging on arrival
CAP_SECONDS = 0.3  # most for all stations of a call after the time limit; one cap is always tried


@dataclass(frozen=True)
class ArrivalPlans:
    """Charging on arrival; the same under caps, by the names of demand charges: itself where none is needed."""

    on_arrival: SimplePlan
    load_cap: SimplePlan
    caps_kw: Mapping[str, float]

    def savings(self, night: Night, schedule: Schedule, cost: Cost) -> Savings:
        """What a plan of the night saves against both."""
        plain = saving_against(night, schedule, cost, self.on_arrival.schedule, self.on_arrival.cost)
        if self.load_cap is self.on_arrival:
            return Savings(plain, plain)
        capped = saving_against(night, schedule, cost, self.load_cap.schedule, self.load_cap.cost)
        return Savings(plain, capped, self.caps_kw)

    def of_result(self, night: Night, schedule: Schedule, result: StationResult) -> StationResult:
        """The result with what its plan saves."""
        return replace(result, savings=self.savings(night, schedule, result.cost))


def arrival_plans(
    night: Night, is_time_up: Callable[[], bool] = lambda: False, on_arrival: SimplePlan | None = None
) -> ArrivalPlans:
    """Both baselines. `on_arrival`: the plain one, if it is at hand. Once the time is up caps may be higher than need
    be: those found by then."""
    plain = uncapped(night, on_arrival).on_arrival
    search = _CapSearch(night, plain, is_time_up)
    search.run()
    return ArrivalPlans(plain, search.best, search.caps_kw)


def uncapped(night: Night, on_arrival: SimplePlan | None = None) -> ArrivalPlans:
    """The plain baseline alone, for plans whose savings nobody is told."""
    plain = on_arrival or simple_plan(night, UNCONTROLLED_CHARGING)
    return ArrivalPlans(plain, plain, {})


def arrival_plans_at_once(night: Night) -> ArrivalPlans:
    """The same for a plan whose time is up."""
    until = time.perf_counter() + CAP_SECONDS
    return arrival_plans(night, lambda: time.perf_counter() > until)


class _CapSearch:
    """The lowest caps known to lose nobody more than plain charging on arrival, and the plan under them."""

    def __init__(self, night: Night, plain: SimplePlan, is_time_up: Callable[[], bool]) -> None:
        self.night, self.plain, self.is_time_up = night, plain, is_time_up
        self.found: UncontrolledCharging | None = None
        self.demands = night.tariff_series.demands
        drawn_kw, base_kw = drawn_power_kw(night, plain.schedule), base_alone_kw(night)
        self.peaks_kw = [highest_average_kw(demand, drawn_kw) for demand in self.demands]
        self.floors_kw = [max(night.demand_floor_kw(one), highest_average_kw(one, base_kw)) for one in self.demands]
        self.caps: dict[int, float] = {}

    @property
    def best(self) -> SimplePlan:
        """The plan under the caps; the plain one without any."""
        if self.found is None:
            return self.plain
        schedule = self.found.schedule()
        return SimplePlan(schedule, UNDER_A_CAP.format(UNCONTROLLED_CHARGING), cost_of(self.night, schedule))

    @property
    def caps_kw(self) -> dict[str, float]:
        """The caps by the names of demand charges: of one in two months, the lower one."""
        named = sorted(((self.demands[number].name, kw) for number, kw in self.caps.items()), reverse=True)
        return dict(named)

    def run(self) -> None:
        """All charges that plain charging makes dearer: at what is billed anyway, or else one by one, dearest first."""
        dearer = [number for number in range(len(self.demands)) if self._cost(number) > 0]
        if not dearer or self._try({number: self.floors_kw[number] for number in dearer}):
            return
        for number in sorted(dearer, key=lambda one: -self._cost(one)):
            self._search(number)

    def _search(self, number: int) -> None:
        low_kw, high_kw = self.floors_kw[number], self.peaks_kw[number]
        for _ in range(HALVINGS):
            if self.is_time_up():
                return
            middle_kw = (low_kw + high_kw) / 2
            if self._try({**self.caps, number: middle_kw}):
                high_kw = middle_kw
            else:
                low_kw = middle_kw

    def _try(self, caps: dict[int, float]) -> bool:
        found = UncontrolledCharging(self.night, capped_limit_kw(self.night, caps))
        if not found.simulate(self.plain.cost.lost_swaps):
            return False
        self.found, self.caps = found, caps
        return True

    def _cost(self, number: int) -> float:
        """What plain charging on arrival pays for the charge."""
        steps, floor_kw = self.demands[number].steps, self.floors_kw[number]
        return stepped_cost(steps, max(floor_kw, self.peaks_kw[number])) - stepped_cost(steps, floor_kw)
