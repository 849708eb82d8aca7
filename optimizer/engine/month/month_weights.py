"""Weights of tonight's demand charges from the remaining days of month or year: shares of the rate by peak."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from models.formulations.stepped_bill import highest_kw
from models.station.instance import Night
from models.tariff.rate_steps import Steps
from models.tariff.series import MeteredDemand, TariffSeries, month_rates
from models.tariff.tariff import DemandCharge, weighted
from optimizer.engine.month.day_costs import costs_under_caps
from optimizer.engine.month.month_days import days_after, drawn_nights, first_slot, one_day, series_of_days
from optimizer.engine.month.peak_weights import marginal_savings, price_of_peak, rates_between, shares
from optimizer.engine.month.store_days import store_days

Reals = npt.NDArray[np.float64]
STRETCHES = 32  # of peak between what is billed anyway and the most that tonight can draw


def is_month_aware(night: Night, charge: DemandCharge) -> bool:
    """Does its file ask for it, or say how days spread and no other weight than 1, which is for a last night?"""
    return charge.weight == "month" or (charge.weight == 1 and any(one.is_uncertain for one in night.station.expected))


def month_weights(night: Night, days_left: int | None = None, seed: int = 0) -> Mapping[str, Steps]:
    """Shares of the rate by peak for the demand charges of the night that are `is_month_aware`, by name.

    `days_left`: days of the billing month, tonight included; None: by the calendar, as of a billing year in any case. A
    horizon of less than 24 hours says too little of the others: each of them has its even share then, as
    "remaining_days" would have it. With no day left all of the rate is at stake. Empty where there are no packs.
    """
    charges = [charge for charge in night.station.tariff.demand_charges if is_month_aware(night, charge)]
    if not charges or not night.station.packs:
        return {}
    days = {charge.name: max(0, days_after(night, days_left, charge)) for charge in charges}
    even = {name: ((0.0, 1.0 / (left + 1)),) for name, left in days.items()}
    tonight, ahead = one_day(night), [charge for charge in charges if days[charge.name]]
    if tonight is None or not ahead:
        return even
    series = {left: series_of_days(tonight, left) for left in set(days.values())}
    later = {name: series[left] for name, left in days.items()}
    return even | _Month(tonight, later, drawn_nights(tonight, seed)).weights(ahead)


def for_the_month(night: Night, days_left: int | None = None) -> Night:
    """The night as it is planned: with its `month_weights`."""
    weights = month_weights(night, days_left)
    return replace(night, station=replace(night.station, tariff=weighted(night.station.tariff, weights)))


@dataclass
class _Month:
    """Tonight, by charge the tariff of each day after it, and drawn days."""

    night: Night
    later: Mapping[str, Sequence[TariffSeries]]
    drawn: Sequence[Night]
    _savings: dict[object, Reals] = field(default_factory=dict)

    def weights(self, charges: Sequence[DemandCharge]) -> dict[str, Steps]:
        """One charge at a time, under what the others are likely to come to."""
        alone = {charge.name: self._weight(charge, {}) for charge in charges}
        if len(charges) == 1:
            return {name: steps for name, (steps, _) in alone.items()}
        likely_kw = {name: kw for name, (_, kw) in alone.items()}
        return {charge.name: self._weight(charge, likely_kw)[0] for charge in charges}

    def _weight(self, charge: DemandCharge, others_kw: Mapping[str, float]) -> tuple[Steps, float]:
        """Its shares by peak, and the peak of the whole month that is cheapest on average."""
        demand = next(
            (one for one in self.night.tariff_series.demands if one.name == charge.name and one.is_first), None
        )
        if demand is None:
            return ((0.0, 1.0),), 0.0
        caps_kw = self._caps(demand)
        if caps_kw[-1] <= caps_kw[0]:
            return ((0.0, 1.0),), float(caps_kw[0])
        others = {name: kw for name, kw in others_kw.items() if name != charge.name}
        rates = rates_between(month_rates(charge, demand.month), caps_kw)
        later = [self._day(charge.name, series, caps_kw, others) for series in self.later[charge.name]]
        steps = shares(price_of_peak(rates, later), rates, caps_kw)
        all_days = sum(day.mean(axis=0) for day in later)
        dear = np.flatnonzero(all_days < rates)
        return steps, float(caps_kw[dear[0]] if len(dear) else caps_kw[-1])

    def _caps(self, demand: MeteredDemand) -> Reals:
        station, chargers = self.night.station, self.night.station.chargers
        metered = sorted({slot for interval in demand.intervals for slot, _ in interval})
        base_kw = max((station.base_load_kw[slot] - station.solar_kw[slot] for slot in metered), default=0.0)
        low_kw = max(self.night.demand_floor_kw(demand), base_kw)
        most_kw = max(station.base_load_kw) + chargers.count * chargers.max_kw / chargers.efficiency
        return np.linspace(low_kw, max(low_kw, min(most_kw, highest_kw(self.night, demand))), STRETCHES + 1)

    def _day(self, name: str, series: TariffSeries, caps_kw: Reals, others_kw: Mapping[str, float]) -> Reals:
        """What the drawn drivers of such a day save by each kW."""
        metered = {one.name: _metered(one) for one in series.demands if one.is_first}
        key = (name, series.price_per_kwh, tuple(metered.items()), tuple(others_kw.items()))
        if key not in self._savings:
            room_kwh = self._room(metered, name, caps_kw, others_kw)
            prices = np.array(series.price_per_kwh) / self.night.station.chargers.efficiency
            begin = first_slot(prices, self.night.horizon.slot_hours)
            costs = costs_under_caps(
                store_days(self.drawn, begin),
                np.roll(prices, -begin),
                np.roll(room_kwh, -begin, axis=1),
                float(prices.mean()),
            )
            self._savings[key] = marginal_savings(costs, caps_kw)
        return self._savings[key]

    def _room(
        self, metered: Mapping[str, tuple[int, ...]], name: str, caps_kw: Reals, others_kw: Mapping[str, float]
    ) -> Reals:
        """Energy that packs can take in each slot under each cap, shape (caps, slots)."""
        station, hours = self.night.station, self.night.horizon.slot_hours
        kw = np.tile(np.array(station.grid_limit_kw), (len(caps_kw), 1))
        for other, limit_kw in others_kw.items():
            at = list(metered.get(other, ()))
            kw[:, at] = np.minimum(kw[:, at], limit_kw)
        at = list(metered.get(name, ()))
        kw[:, at] = np.minimum(kw[:, at], caps_kw[:, None])
        free_kw = kw - np.array(station.base_load_kw) + np.array(station.solar_kw)
        chargers = station.chargers
        into_packs_kw = np.clip(free_kw * chargers.efficiency, 0.0, chargers.count * chargers.max_kw)
        return np.asarray(into_packs_kw * hours)


def _metered(demand: MeteredDemand) -> tuple[int, ...]:
    return tuple(sorted({slot for interval in demand.intervals for slot, _ in interval}))
