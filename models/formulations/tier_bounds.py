"""Energy tiers that no polyline of kWh has: (1.7) hours of use, (1.8) kWh in proportion of models/README.md."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from models.formulations.stepped_bill import has_credit, highest_kw, most_kwh
from models.station.instance import Night
from models.tariff.rate_steps import Steps, stepped_cost
from models.tariff.series import TieredEnergy
from models.tariff.tier_use import use_so_far


@dataclass(frozen=True)
class HoursPart:
    """One threshold of hours of use: a kWh above `hours` · highest average costs `change` more than one below it.

    `low_kwh`, `high_kwh`: least and most that the month's kWh can lie above it after the night; `before_kwh` is what
    they do before the night, at the month's peak so far.
    """

    change: float
    hours: float
    before_kwh: float
    low_kwh: float
    high_kwh: float

    @property
    def is_out_of_reach(self) -> bool:
        """Does every plan stay below the threshold?"""
        return self.high_kwh <= 0

    @property
    def is_passed(self) -> bool:
        """Does every plan end above it?"""
        return self.low_kwh >= 0

    @property
    def is_open(self) -> bool:
        """Does it depend on the plan?"""
        return not (self.is_out_of_reach or self.is_passed)

    @property
    def paid_so_far(self) -> float:
        """What the threshold has cost the month before the night."""
        return self.change * max(0.0, self.before_kwh)


def hours_parts(night: Night, tiers: TieredEnergy) -> list[HoursPart]:
    """Thresholds of a group whose `peak` is given and that is in proportion to none."""
    assert tiers.peak is not None
    so_far_kwh, _, peak_kw = use_so_far(night, tiers)
    most, high_kw = so_far_kwh + most_kwh(night, tiers), highest_kw(night, tiers.peak)
    return [
        HoursPart(
            rate - before, hours, so_far_kwh - hours * peak_kw, so_far_kwh - hours * high_kw, most - hours * peak_kw
        )
        for (_, before), (hours, rate) in pairwise(tiers.steps)
    ]


@dataclass(frozen=True)
class LeastCost:
    """No plan pays less for kWh in proportion: currency, per kWh of the group, per kWh of the one that is counted."""

    constant: float
    own_per_kwh: float
    counted_per_kwh: float


def least_cost(night: Night, tiers: TieredEnergy) -> LeastCost:
    """A cost that is linear in tonight's kWh and nowhere above that of `tiers`, which are in proportion to others."""
    own_kwh, low_kwh, peak_kw = use_so_far(night, tiers)
    high_kwh = low_kwh + most_kwh(night, tiers.reaching)
    if high_kwh <= 0:
        return LeastCost(0.0, 0.0, 0.0)
    if tiers.peak is None:
        before = _mean(tiers.steps, low_kwh)
        slope = (_mean(tiers.steps, high_kwh) - before) / (high_kwh - low_kwh) if high_kwh > low_kwh else 0.0
        below = _least_above(tiers.steps, low_kwh, high_kwh, slope) + slope * low_kwh - before
        return LeastCost(own_kwh * below, _least_above(tiers.steps, low_kwh, high_kwh, 0.0), own_kwh * slope)
    low_hours = low_kwh / high if (high := highest_kw(night, tiers.peak)) > 0 else 0.0
    high_hours = high_kwh / peak_kw if peak_kw > 0 else math.inf
    least = _least_above(tiers.steps, low_hours, high_hours, 0.0)
    before = tiers.rate_at(low_kwh, peak_kw)
    return LeastCost(own_kwh * (least - before), least, 0.0)


def _mean(steps: Steps, amount: float) -> float:
    """What one of the first `amount` kWh costs on average."""
    if math.isinf(amount):
        return steps[-1][1]
    return stepped_cost(steps, amount) / amount if amount > 0 else steps[0][1]


def _least_above(steps: Steps, low: float, high: float, slope: float) -> float:
    """The least that the mean lies above slope · amount, for amounts from `low` to `high`.

    Between thresholds the mean is rate − (rate · above − cost) / amount, so it is there, at an end, or where its slope
    is `slope`.
    """
    ends = [low, high, *(above for above, _ in steps if low < above < high)]
    flat = [at for at in _at_slope(steps, slope) if low < at < high] if slope else []
    return min(_mean(steps, at) - (slope * at if slope else 0.0) for at in (*ends, *flat))


def _at_slope(steps: Steps, slope: float) -> Iterator[float]:
    """Amounts at which the mean may have the slope."""
    for above, rate in steps:
        square = (rate * above - stepped_cost(steps, above)) / slope
        if square > 0:
            yield math.sqrt(square)


def is_bill_exact(night: Night) -> bool:
    """Does a formulation's bill equal what a plan is billed? If not, it lies nowhere above it."""
    series = night.tariff_series
    has_credits = any(has_credit(demand) for demand in series.demands)
    return not has_credits and all(_is_exact(night, tiers) for tiers in series.tiers)


def _is_exact(night: Night, tiers: TieredEnergy) -> bool:
    if tiers.counted is not None:
        return False
    return tiers.peak is None or all(part.change < 0 or part.is_out_of_reach for part in hours_parts(night, tiers))
