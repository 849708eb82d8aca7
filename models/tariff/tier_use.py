"""What a billing month has come to for its energy tiers, before a night and after it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from models.horizon import Horizon
from models.tariff.series import MeteredDemand, TieredEnergy


class MonthSoFar(Protocol):
    """What is asked of a night: its slots, and what is known of the month before it."""

    @property
    def horizon(self) -> Horizon:
        """The slots."""
        ...

    def energy_so_far_kwh(self, tiers: TieredEnergy) -> float:
        """The month's kWh of a group."""
        ...

    def demand_floor_kw(self, demand: MeteredDemand) -> float:
        """The month's highest average, without a ratchet."""
        ...


class TierUse(NamedTuple):
    """A month's kWh of a group of tiers, and of the group that reaches its thresholds; its highest average, 0 where
    thresholds are not for each kW."""

    own_kwh: float
    counted_kwh: float
    peak_kw: float


def use_so_far(night: MonthSoFar, tiers: TieredEnergy) -> TierUse:
    """The month before the night."""
    peak_kw = 0.0 if tiers.peak is None else night.demand_floor_kw(tiers.peak)
    return TierUse(night.energy_so_far_kwh(tiers), night.energy_so_far_kwh(tiers.reaching), peak_kw)


def use_after(night: MonthSoFar, tiers: TieredEnergy, drawn_kw: Sequence[float]) -> TierUse:
    """The month after the night. `drawn_kw`: by slot."""
    before, hours = use_so_far(night, tiers), night.horizon.slot_hours
    own_kwh, counted_kwh = (
        sum(share * drawn_kw[slot] * hours for slot, share in group.slots) for group in (tiers, tiers.reaching)
    )
    peak_kw = 0.0 if tiers.peak is None else max(before.peak_kw, highest_average_kw(tiers.peak, drawn_kw))
    return TierUse(before.own_kwh + own_kwh, before.counted_kwh + counted_kwh, peak_kw)


def rate_so_far(night: MonthSoFar, tiers: TieredEnergy) -> float:
    """What the night's first kWh costs on top of its price."""
    _, counted_kwh, peak_kw = use_so_far(night, tiers)
    return tiers.rate_at(counted_kwh, peak_kw)


def highest_average_kw(demand: MeteredDemand, drawn_kw: Sequence[float]) -> float:
    """The highest metered average of a demand charge, 0 where nothing is metered."""
    averages = (sum(share * drawn_kw[slot] for slot, share in interval) for interval in demand.intervals)
    return max(averages, default=0.0)
