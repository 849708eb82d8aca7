"""The card of a policy: what it serves and costs on the days played, and how far that is from what is possible."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from models.station.cost import Cost
from optimizer.replay.statistics import Estimate, Floats, mean_of, ratio_of, share_of
from optimizer.simulate.bill import DayCosts

WORST_SHARE = 0.05


@dataclass(frozen=True)
class DayFigures:
    """What came of each day under a policy; one value a day, or (days, slots) of `load_kw`, of `ready` packs after the
    slot's swaps, and of drivers who went without, `lost_at`."""

    costs: DayCosts
    served: NDArray[np.int64]
    lost: NDArray[np.int64]
    load_kw: Floats
    ready: NDArray[np.int64]
    lost_at: NDArray[np.int64]
    energy_left_kwh: Floats

    @classmethod
    def joined(cls, days: Sequence[DayFigures]) -> DayFigures:
        """Several days, or groups of them, one after the other."""
        costs = DayCosts(*(np.concatenate([getattr(d.costs, one.name) for d in days]) for one in fields(DayCosts)))
        names = [one.name for one in fields(cls) if one.name != "costs"]
        return cls(costs, *(np.concatenate([getattr(day, name) for day in days]) for name in names))

    @property
    def objective(self) -> Floats:
        """What a plan of each day would minimise."""
        return self.costs.objective


@dataclass(frozen=True)
class WorstDays:
    """The dearest 5 % of the days (at least one), and the dearest of all. `day`: its number, from 1."""

    days: int
    mean_cost: float
    served_share: float
    day: int
    day_cost: float
    day_served: int
    day_lost: int
    fewest_served_share: float


@dataclass(frozen=True)
class Regret:
    """Against proven bounds of the same days: `regret` in currency a day, `share_of_saving` = (on arrival − policy) /
    (on arrival − bound). The true regret is no higher."""

    days: int
    cost: Estimate
    bound: Estimate
    regret: Estimate
    share_of_saving: Estimate | None


@dataclass(frozen=True)
class PolicyCard:
    """One policy on the days. Costs in currency a day: `cost` is the objective, `cost_split` its parts."""

    policy: str
    days: int
    drivers: int
    served: int
    lost: int
    served_share: Estimate
    cost: Estimate
    cost_split: Cost
    drawn_kwh: Estimate
    drawn_kwh_quantiles: tuple[float, float, float]
    peak_kw: Estimate
    peak_kw_quantiles: tuple[float, float, float]
    worst: WorstDays
    regret: Regret | None
    replanned_every_minutes: int | None = None

    @property
    def label(self) -> str:
        """The policy, and how often it plans anew."""
        every = self.replanned_every_minutes
        return self.policy if every is None else planned_anew(self.policy, every)


def planned_anew(policy: str, minutes: int) -> str:
    """What a policy is called that plans again every so many minutes."""
    return f"{policy}, planned anew every {minutes} min"


def card_of(
    policy: str, figures: DayFigures, slot_hours: float, on_arrival: DayFigures, bounds: Floats, replan: int | None
) -> PolicyCard:
    """The card; `bounds` are of the first days, perhaps of none."""
    drawn_kwh = figures.load_kw.sum(axis=1) * slot_hours
    peak_kw = figures.load_kw.max(axis=1)
    drivers = figures.served + figures.lost
    return PolicyCard(
        policy=policy,
        days=len(drivers),
        drivers=int(drivers.sum()),
        served=int(figures.served.sum()),
        lost=int(figures.lost.sum()),
        served_share=share_of(figures.served, drivers),
        cost=mean_of(figures.objective),
        cost_split=figures.costs.mean(),
        drawn_kwh=mean_of(drawn_kwh),
        drawn_kwh_quantiles=_quantiles(drawn_kwh),
        peak_kw=mean_of(peak_kw),
        peak_kw_quantiles=_quantiles(peak_kw),
        worst=worst_days(figures),
        regret=regret_of(figures, on_arrival, bounds),
        replanned_every_minutes=replan,
    )


def _quantiles(values: Floats) -> tuple[float, float, float]:
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95])
    return float(low), float(middle), float(high)


def worst_days(figures: DayFigures) -> WorstDays:
    """By cost; of equal ones the earlier."""
    cost, drivers = figures.objective, figures.served + figures.lost
    order = np.argsort(-cost, kind="stable")
    some = order[: max(1, round(WORST_SHARE * len(cost)))]
    worst = int(order[0])
    shares = figures.served / np.maximum(1, drivers)
    return WorstDays(
        days=len(some),
        mean_cost=float(cost[some].mean()),
        served_share=share_of(figures.served[some], drivers[some]).mean,
        day=worst + 1,
        day_cost=float(cost[worst]),
        day_served=int(figures.served[worst]),
        day_lost=int(figures.lost[worst]),
        fewest_served_share=float(np.where(drivers > 0, shares, 1.0).min()),
    )


def regret_of(figures: DayFigures, on_arrival: DayFigures, bounds: Floats) -> Regret | None:
    """By paired differences: the same days for policy, charging on arrival and bound. None without bounds."""
    days = min(len(bounds), len(figures.objective))
    if days == 0:
        return None
    cost, proven, arrival = figures.objective[:days], bounds[:days], on_arrival.objective[:days]
    regret = mean_of(cost - proven)
    if regret.low is not None:
        regret = replace(regret, low=max(0.0, regret.low))  # there is none below 0 on any day
    return Regret(days, mean_of(cost), mean_of(proven), regret, ratio_of(arrival - cost, arrival - proven))
