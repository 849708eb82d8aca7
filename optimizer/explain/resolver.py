"""Nights solved again: can a plan serve these swaps, whatever it costs, and what is the cheapest one that does?"""

from __future__ import annotations

import math
import time
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Literal

from models.station.instance import Night, Swap
from models.station.result import StationPlan
from models.station.schedule import Schedule
from models.tariff.tariff import EnergyPeriod, Tariff
from optimizer.engine.feasibility import NothingToPlanError
from optimizer.engine.highs import SolverError
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station
from optimizer.engine.search import InternalError

Answer = Literal["yes", "no", "unknown"]

ONE_LOST = 1.0  # what a wanted swap costs if it is lost, where nothing else costs anything
SURELY_LOST = 0.02 * ONE_LOST  # a bound above this: some wanted swap is lost, for they are lost as wholes
GAP_OF_A_PROOF = 0.97  # so a search ends as soon as its bound is that high
FREE = Tariff("free", energy_periods=(EnergyPeriod("always", 0.0),))
SHARE, SHARE_OF_A_REPAIR = 1 / 20, 1 / 40  # of all the time, for one solve: a hard one leaves some for the others


@dataclass(frozen=True)
class ServingTrial:
    """Can a plan serve all that is wanted? "yes": `schedule` does; "no": proven; "unknown": neither."""

    answer: Answer
    schedule: Schedule | None = None


@dataclass
class Resolver:
    """Solves nights until `until` (of `time.perf_counter`), and at most `most_solves` of them.

    `options`: gap, seed and effort of each. `is_cut`: was a solve ended by the clock, so that more time may tell more?
    `faults`: what went wrong inside, which leaves a question open. `hints`: what did for the swap before, by kind of
    repair: it may well do for the next. `alone`: swaps of the night that a plan serves which loses all others.
    """

    options: RunOptions
    until: float = math.inf
    most_solves: int | None = None
    solves: int = 0
    is_cut: bool = False
    faults: list[str] = field(default_factory=list)
    hints: dict[str, tuple[int, ...]] = field(default_factory=dict)
    alone: list[Swap] = field(default_factory=list)
    began: float = field(default_factory=time.perf_counter)

    @property
    def seconds_left(self) -> float:
        """Until the time is up, never negative."""
        return max(0.0, self.until - time.perf_counter())

    @property
    def is_out_of_time(self) -> bool:
        """Is the time up?"""
        return self.seconds_left <= 0

    @property
    def may_solve(self) -> bool:
        """May one more night be solved?"""
        return not self.is_out_of_time and (self.most_solves is None or self.solves < self.most_solves)

    def can_serve(self, night: Night, wanted: Collection[str], *, repaired: bool = False) -> ServingTrial:
        """Is there a plan of `night` that serves all of `wanted` (ids of swaps), whoever else is lost?

        `repaired`: one of the many questions of a search for a repair, each of which has less time.
        """
        free = only_wanted(night, wanted)
        plan = self._planned(free, replace(self.options, gap=GAP_OF_A_PROOF), SHARE_OF_A_REPAIR if repaired else SHARE)
        if plan is None:
            return ServingTrial("unknown")
        if set(wanted) <= plan.schedule.packs_by_swap.keys():
            return ServingTrial("yes", plan.schedule)
        bound = plan.result.bound
        return ServingTrial("no" if bound is not None and bound > SURELY_LOST else "unknown")

    def can_serve_alone(self, night: Night, swap: Swap) -> Answer:
        """Does any plan of `night` serve `swap`, whoever else is lost?

        The pack that is ready for another driver, and waits, is ready for one who comes later and asks for no more.
        """
        if any(_asks_no_more(night, swap, one) for one in self.alone):
            return "yes"
        answer = self.can_serve(until_swap(night, swap), {swap.id}).answer
        self.alone += [swap] if answer == "yes" else []
        return answer

    def can_serve_more(self, night: Night, served: int) -> Answer:
        """Does any plan of `night` serve more than `served` of its swaps, whatever it costs?"""
        swaps = [swap.id for swap in night.station.swaps]
        lost = len(swaps) - served
        plan = self._planned(only_wanted(night, swaps), replace(self.options, gap=GAP_OF_A_PROOF / lost), SHARE)
        if plan is None:
            return "unknown"
        if plan.result.swaps_lost < lost:
            return "yes"
        bound = plan.result.bound
        return "no" if bound is not None and bound > lost - ONE_LOST + SURELY_LOST else "unknown"

    def cheapest(self, night: Night) -> StationPlan | None:
        """The cheapest plan found of the night as it is, with its bound; None: no time, or nothing to plan."""
        return self._planned(night, self.options, SHARE)

    def _planned(self, night: Night, options: RunOptions, share: float) -> StationPlan | None:
        if not self.may_solve or not night.can_be_planned():
            self.is_cut |= self.is_out_of_time
            return None
        self.solves += 1
        share = 1.0 if self.most_solves is not None else share  # few solves: a count is their limit, not the clock
        limit = min(options.time_limit_seconds, self.seconds_left, share * (self.until - self.began))
        try:
            plan = plan_station(night, replace(options, time_limit_seconds=limit), purpose="bound")
        except NothingToPlanError:
            return None
        except (InternalError, SolverError) as error:  # a plan that stands must not fall for its explanation
            self.faults.append(str(error))
            return None
        self.is_cut |= plan.result.status == "time_limit"
        return plan


def _asks_no_more(night: Night, swap: Swap, than: Swap) -> bool:
    is_alike = (swap.type, swap.packs, swap.pack) == (than.type, than.packs, than.pack)
    return is_alike and swap.slot >= than.slot and night.needed_kwh(swap) <= night.needed_kwh(than)


def only_wanted(night: Night, wanted: Collection[str]) -> Night:
    """The night in which nothing costs anything but losing swaps that are `wanted`: its objective counts those.

    Every plan of one night is a plan of the other, but for the reserve's shortfall, which is left out.
    """
    station = replace(
        night.station,
        swaps=tuple(_wished(swap, swap.id in wanted) for swap in night.station.swaps),
        tariff=FREE,
        ready_reserve=(0,) * night.horizon.slots,
        reserve_cost=0.0,
        plug_change_cost=0.0,
        peak_so_far_kw={},
        energy_so_far_kwh={},
        lookback_peak_kw={},
        expected=(),
    )
    kinds = {name: replace(kind, wear=(), end_value_per_kwh=0.0) for name, kind in night.pack_types.items()}
    return replace(night, station=station, pack_types=kinds)


def _wished(swap: Swap, is_wanted: bool) -> Swap:
    return replace(swap, must_serve=False, lost_cost=ONE_LOST if is_wanted else 0.0)


def forced(night: Night, swap: str, *, alone: bool = False) -> Night:
    """The night in which `swap` must be served; with `alone`, no other one must be."""
    swaps = (replace(s, must_serve=s.id == swap or (s.must_serve and not alone)) for s in night.station.swaps)
    return replace(night, station=replace(night.station, swaps=tuple(swaps)))


def until_swap(night: Night, swap: Swap) -> Night:
    """The night without the drivers who come after this one: none of them helps him to a pack."""
    swaps = tuple(one for one in night.station.swaps if one.slot <= swap.slot)
    return replace(night, station=replace(night.station, swaps=swaps))
