"""What a worker does for a month's bound: one chain of nights under one tariff, a linear programme over all of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

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
from optimizer.studies.month_bound.kept_bounds import ChainBound
from optimizer.studies.month_bound.least_bill import LeastBill

FAULT = "the plans are billed less than it says that they are at least: a fault of this programme"


@dataclass(frozen=True)
class ChainAsked:
    """All nights of a chain as one (`night`, priced by `bill`), and what the chain's plans came to.

    `fixed`: fixed charges of all bills. `load_kw`, `billed`: of the plans, what they drew and what of their bills goes
    by that: by it the programme is tried. `seconds`: the time limit.
    """

    key: str
    variant: str
    station: str
    tariff: str
    night: Night
    nights: int
    bill: LeastBill
    fixed: float
    load_kw: tuple[float, ...]
    billed: float
    seconds: float
    seed: int = 0

    def without_bound(self, reason: str) -> ChainBound:
        """What is told where there is none."""
        return ChainBound(
            key=self.key,
            variant=self.variant,
            station=self.station,
            tariff=self.tariff,
            bound=None,
            seconds=self.seconds,
            reason=reason,
        )


@dataclass(frozen=True)
class BoundFound:
    """A chain's bound, and the CPU seconds that it took."""

    bound: ChainBound
    cpu_seconds: float


def bound_chain(asked: ChainAsked) -> BoundFound:
    """The least that any plan of all nights costs, as far as it can be told."""
    began = time.process_time()
    value, reason = _least_cost(asked)
    bound = structs.replace(
        asked.without_bound(reason), bound=value, left_out=(*asked.bill.left_out, *_left_out(asked))
    )
    return BoundFound(bound, time.process_time() - began)


def _least_cost(asked: ChainAsked) -> tuple[float | None, str]:
    if _billed_at_least(asked) > asked.billed + asked.bill.rounding + money_tolerance(asked.billed):
        return None, FAULT
    from optimizer.engine.highs import INTERIOR, LARGE_LP_COLUMNS, solve

    eased = forgiving_night(asked.night, _forgiven(asked))
    resolution = WEAR_RESOLUTION if any(len(kind.wear) > 1 for kind in eased.pack_types.values()) else 1
    linear = relaxed(level_arrays(level_data(eased, resolution)).matrix)
    options = INTERIOR if linear.shape[1] > LARGE_LP_COLUMNS else None
    answer = solve(linear, seconds=asked.seconds, seed=asked.seed, options=options)
    if answer.stopped != "optimal" or answer.bound == -float("inf"):
        return None, f"none within {asked.seconds:g} s" if answer.stopped == "time_limit" else answer.detail
    bound = answer.bound + asked.fixed + asked.bill.constant - asked.bill.rounding - _rounded_away(asked)
    return bound, ""


def _billed_at_least(asked: ChainAsked) -> float:
    """The least bill of what the plans drew: more than they were billed would be a fault."""
    station, slots = asked.night.station, asked.night.horizon.slots
    drawn = replace(
        station,
        base_load_kw=asked.load_kw,
        solar_kw=(0.0,) * slots,
        grid_limit_kw=tuple(map(max, asked.load_kw, station.grid_limit_kw)),
    )
    night = Night(asked.night.horizon, asked.night.pack_types, drawn)
    night.__dict__["tariff_series"] = asked.bill.series
    return base_bill(night) + asked.bill.constant


def _lifted_kwh(asked: ChainAsked) -> float:
    """What all packs gain at most where a night hands them to the next and a meter rounds up."""
    return METER_KWH * len(asked.night.station.packs)


def _forgiven(asked: ChainAsked) -> Forgiven:
    """By how much limits have to move for a chain of nights to be a plan of all of them: by what the checker forgives,
    and by what meters round up between two nights, as if it were charged in the slot before."""
    night, lifted_kw = asked.night, _lifted_kwh(asked) / asked.night.horizon.slot_hours
    chargers = night.station.chargers
    return Forgiven(
        needed_kwh=ENERGY_KWH + METER_KWH * asked.nights,
        charger_kw=POWER_KW + max(METER_KWH / night.horizon.slot_hours, lifted_kw / chargers.count),
        grid_kw=POWER_KW + lifted_kw / chargers.efficiency,
    )


def _rounded_away(asked: ChainAsked) -> float:
    """What that energy, which a chain has for nothing, costs at most in the plan of all nights, currency."""
    night, series, efficiency = asked.night, asked.bill.series, asked.night.station.chargers.efficiency
    lifted_kwh = _lifted_kwh(asked)
    wear = max((line.slope for kind in night.pack_types.values() for line in lines_of(kind.wear)), default=0.0)
    energy = lifted_kwh * asked.nights * (dearest_per_kwh(series) / efficiency + max(0.0, wear))
    peaks = lifted_kwh / night.horizon.slot_hours / efficiency * dearest_per_kw(series)
    return energy + peaks + worth_above_target(night)


def _left_out(asked: ChainAsked) -> Iterator[str]:
    """Rules and costs of nights that the programme has not."""
    station = asked.night.station
    if station.chargers.mode == "on_off" or station.chargers.min_kw > 0:
        yield "least power of chargers"
    if any(swap.part_of for swap in station.swaps):
        yield "drivers who take several packs or none"
