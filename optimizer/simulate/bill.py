"""What played days cost, term by term as models.station.cost has it, of many days at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from models.station.cost import Cost, base_bill
from models.station.instance import Night
from models.tariff.series import MeteredDemand, TieredEnergy
from models.tariff.tier_use import use_so_far
from optimizer.simulate.station_arrays import Floats


@dataclass(frozen=True)
class DayCosts:
    """The cost breakdown in currency, one value a day. `end_value` is a credit."""

    energy: Floats
    demand: Floats
    wear: Floats
    plug_changes: Floats
    lost_swaps: Floats
    reserve: Floats
    end_value: Floats
    base_bill: Floats

    @property
    def objective(self) -> Floats:
        """As Cost has it."""
        return self._gross_with_base() - self.end_value

    @property
    def gross_cost(self) -> Floats:
        """As Cost has it."""
        return self._gross_with_base() - self.base_bill

    def _gross_with_base(self) -> Floats:
        return self.energy + self.demand + self.wear + self.plug_changes + self.lost_swaps + self.reserve

    def of_day(self, day: int) -> Cost:
        """The breakdown of one day."""
        return Cost(*(float(getattr(self, field.name)[day]) for field in fields(self)))

    def mean(self) -> Cost:
        """The mean of all days."""
        return Cost(*(float(getattr(self, field.name).mean()) for field in fields(self)))


def energy_cost(night: Night, drawn_kw: Floats) -> Floats:
    """By day, of drawn power of shape (days, slots): prices, and what tiers add for the month's kWh."""
    series, hours = night.tariff_series, night.horizon.slot_hours
    total = np.asarray(drawn_kw @ (hours * np.array(series.price_per_kwh)))
    for tiers in series.tiers:
        before = use_so_far(night, tiers)
        own_kwh = before.own_kwh + hours * drawn_kw @ _shares(tiers, drawn_kw.shape[1])
        counted_kwh = before.counted_kwh + hours * drawn_kw @ _shares(tiers.reaching, drawn_kw.shape[1])
        peak_kw = np.array(0.0) if tiers.peak is None else _billed_kw(night, tiers.peak, drawn_kw)
        total = total + _tier_cost(tiers, own_kwh, counted_kwh, peak_kw) - tiers.cost(*before)
    return total


def _shares(tiers: TieredEnergy, slots: int) -> Floats:
    share = np.zeros(slots)
    for slot, part in tiers.slots:
        share[slot] += part
    return share


def _tier_cost(tiers: TieredEnergy, own_kwh: Floats, counted_kwh: Floats, peak_kw: Floats) -> Floats:
    """TieredEnergy.cost of many months."""
    steps = tiers.steps if tiers.peak is None else [(hours * peak_kw, rate) for hours, rate in tiers.steps]
    cost = _stepped(steps, counted_kwh)
    if tiers.counted is None:
        return cost
    return np.asarray(np.where(counted_kwh > 0, cost * own_kwh / np.where(counted_kwh > 0, counted_kwh, 1.0), 0.0))


def demand_cost(night: Night, drawn_kw: Floats) -> Floats:
    """By day: what the highest averages cost above what is billed whatever is drawn."""
    total = np.zeros(len(drawn_kw))
    for demand in night.tariff_series.demands:
        floor_kw, billed_kw = np.array(night.demand_floor_kw(demand)), _billed_kw(night, demand, drawn_kw)
        total = total + _stepped(demand.steps, billed_kw) - _stepped(demand.steps, floor_kw)
    return total


def _billed_kw(night: Night, demand: MeteredDemand, drawn_kw: Floats) -> Floats:
    """By day: the highest average, or what is billed whatever is drawn."""
    billed_kw = np.full(len(drawn_kw), night.demand_floor_kw(demand))
    for interval in demand.intervals:
        average_kw = sum((share * drawn_kw[:, slot] for slot, share in interval), np.zeros(len(drawn_kw)))
        billed_kw = np.maximum(billed_kw, average_kw)
    return billed_kw


def _stepped(steps: Sequence[tuple[Any, float]], amount: Floats) -> Floats:
    """models.tariff.rate_steps.stepped_cost of many amounts, thresholds one for all or one for each."""
    ends = [*(above for above, _ in steps[1:]), np.inf]
    return np.asarray(
        sum(rate * np.clip(amount - above, 0.0, end - above) for (above, rate), end in zip(steps, ends, strict=True))
    )


def base_bills(night: Night, days: int) -> Floats:
    """What base load alone costs, the same on every day."""
    return np.full(days, base_bill(night))
