"""What a worker does for a month's bound: one chain of nights under one tariff, a linear programme over all of it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from msgspec import structs

from models.formulations.levels.arrays import level_arrays
from models.formulations.levels.data import WEAR_RESOLUTION, level_data
from models.formulations.matrix import relaxed
from models.formulations.stepped_bill import dearest_per_kw, dearest_per_kwh
from models.station.cost import base_bill
from models.station.forgiving import Forgiven, forgiving_night, worth_above_target
from models.station.instance import Night
from models.station.pack_type import lines_of
from models.tolerances import ENERGY_KWH, METER_KWH, POWER_KW, money_tolerance
from optimizer.studies.month_bound.kept_bounds import ChainBound, without_bound
from optimizer.studies.month_bound.least_bill import LeastBill

if TYPE_CHECKING:
    from optimizer.engine.highs import SolverResult

FAULT = "the plans are billed less than it says that they are at least: a fault of this programme"


@dataclass(frozen=True)
class NightsAtOnce:
    """Nights that are one programme: as one (`night`, priced by `bill`), and how many they are.

    `start_cost_per_kwh`: by type, of what packs hold at its begin, where other stretches go before: what those have it
    worth at their end. None: packs hold what they hold.
    """

    night: Night
    nights: int
    bill: LeastBill
    start_cost_per_kwh: Mapping[str, float] | None = None


@dataclass(frozen=True)
class ChainAsked:
    """All nights of a chain, and what the chain's plans came to.

    `fixed`: fixed charges of all bills. `load_kw`, `billed`: of the plans, what they drew and what of their bills goes
    by that: by it the programmes are tried. `seconds`: the time limit of all of them.
    """

    key: str
    variant: str
    station: str
    tariff: str
    stretches: tuple[NightsAtOnce, ...]
    fixed: float
    load_kw: tuple[float, ...]
    billed: float
    seconds: float
    seed: int = 0

    @property
    def rounding(self) -> float:
        """By how much rounded lines of its bills may lie below what they are rounded from."""
        return sum(stretch.bill.rounding for stretch in self.stretches)

    @property
    def night(self) -> Night:
        """The first nights: whose station it is."""
        return self.stretches[0].night

    def without_bound(self, reason: str) -> ChainBound:
        """What is told where there is none."""
        return without_bound((self.variant, self.station, self.tariff), self.seconds, reason, self.key)


@dataclass(frozen=True)
class BoundFound:
    """A chain's bound, and the CPU seconds that it took."""

    bound: ChainBound
    cpu_seconds: float


def bound_chain(asked: ChainAsked) -> BoundFound:
    """The least that any plan of all nights costs, as far as it can be told."""
    began = time.process_time()
    left_out = dict.fromkeys((*asked.stretches[0].bill.left_out, *_left_out(asked)))
    value, reason = _least_cost(asked)
    bound = structs.replace(asked.without_bound(reason), bound=value, left_out=tuple(left_out))
    return BoundFound(bound, time.process_time() - began)


def _least_cost(asked: ChainAsked) -> tuple[float | None, str]:
    if _billed_at_least(asked) > asked.billed + asked.rounding + money_tolerance(asked.billed):
        return None, FAULT
    deadline, bound = time.monotonic() + asked.seconds, asked.fixed - asked.rounding
    for stretch in asked.stretches:
        answer = _solved(stretch, max(0.0, deadline - time.monotonic()), asked.seed)
        if answer.stopped == "time_limit":
            return None, f"none within {asked.seconds:g} s"
        if answer.bound == -float("inf"):  # a solver that is not sure of its optimum may have good duals all the same
            return None, f"the solver found none: {answer.detail}"
        bound += answer.bound + stretch.bill.constant - _rounded_away(stretch)
    return bound, ""


def _solved(stretch: NightsAtOnce, seconds: float, seed: int) -> SolverResult:
    from optimizer.engine.highs import INTERIOR, LARGE_LP_COLUMNS, solve

    eased = forgiving_night(stretch.night, _forgiven(stretch))
    resolution = WEAR_RESOLUTION if any(len(kind.wear) > 1 for kind in eased.pack_types.values()) else 1
    linear = relaxed(level_arrays(level_data(eased, resolution, stretch.start_cost_per_kwh)).matrix)
    options = INTERIOR if linear.shape[1] > LARGE_LP_COLUMNS else None
    return solve(linear, seconds=seconds, seed=seed, options=options)


def _billed_at_least(asked: ChainAsked) -> float:
    """The least bills of what the plans drew: more than they were billed would be a fault."""
    total, begin = 0.0, 0
    for stretch in asked.stretches:
        slots = stretch.night.horizon.slots
        total += _least_bill_of(stretch, asked.load_kw[begin : begin + slots])
        begin += slots
    return total


def _least_bill_of(stretch: NightsAtOnce, load_kw: tuple[float, ...]) -> float:
    night, station = stretch.night, stretch.night.station
    drawn = replace(
        station,
        base_load_kw=load_kw,
        solar_kw=(0.0,) * len(load_kw),
        grid_limit_kw=tuple(map(max, load_kw, station.grid_limit_kw)),
    )
    loaded = Night(night.horizon, night.pack_types, drawn)
    loaded.__dict__["tariff_series"] = stretch.bill.series
    return base_bill(loaded) + stretch.bill.constant


def _lifted_kwh(night: Night) -> float:
    """What all packs gain at most where a night hands them to the next and a meter rounds up."""
    return METER_KWH * len(night.station.packs)


def _forgiven(stretch: NightsAtOnce) -> Forgiven:
    """By how much limits have to move for a chain of nights to be a plan of all of them: by what the checker forgives,
    and by what meters round up between two nights, as if it were charged in the slot before."""
    night, lifted_kw = stretch.night, _lifted_kwh(stretch.night) / stretch.night.horizon.slot_hours
    chargers = night.station.chargers
    return Forgiven(
        needed_kwh=ENERGY_KWH + METER_KWH * stretch.nights,
        charger_kw=POWER_KW + max(METER_KWH / night.horizon.slot_hours, lifted_kw / chargers.count),
        grid_kw=POWER_KW + lifted_kw / chargers.efficiency,
    )


def _rounded_away(stretch: NightsAtOnce) -> float:
    """What that energy, which a chain has for nothing, costs at most in the plan of all nights, currency."""
    night, series, efficiency = stretch.night, stretch.bill.series, stretch.night.station.chargers.efficiency
    lifted_kwh = _lifted_kwh(night)
    wear = max((line.slope for kind in night.pack_types.values() for line in lines_of(kind.wear)), default=0.0)
    energy = lifted_kwh * stretch.nights * (dearest_per_kwh(series) / efficiency + max(0.0, wear))
    peaks = lifted_kwh / night.horizon.slot_hours / efficiency * dearest_per_kw(series)
    return energy + peaks + worth_above_target(night)


def _left_out(asked: ChainAsked) -> Iterator[str]:
    """Rules and costs of nights that the programmes have not."""
    station = asked.night.station
    if len(asked.stretches) > 1:
        yield "what energy is really worth from one month to the next"
    if station.chargers.mode == "on_off" or station.chargers.min_kw > 0:
        yield "least power of chargers"
    if any(swap.part_of for swap in station.swaps):
        yield "drivers who take several packs or none"
