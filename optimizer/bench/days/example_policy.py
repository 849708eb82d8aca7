"""A policy of one's own, whole: packs for the drivers of the next hours at once, all others while it is cheap."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import quantiles

from optimizer.bench.days.policy_api import DayPolicy, Decide, Night, StationNow

HOURS_AHEAD = 2.0  # about as long as a pack takes to charge
CHEAP_SHARE = 0.3  # of the slots count as cheap


def prepare(night: Night, training: Sequence[Night]) -> Decide:
    """How many drivers come in the hours after each slot, on nineteen of twenty training days, and what is cheap."""
    slots, ahead = night.horizon.slots, round(HOURS_AHEAD / night.horizon.slot_hours)
    wanted = []
    for slot in range(slots):
        coming = [sum(slot < swap.slot <= slot + ahead for swap in day.station.swaps) for day in training]
        wanted.append(quantiles(coming, n=20)[-1])
    prices = night.tariff_series.price_per_kwh
    cheap = sorted(prices)[int(CHEAP_SHARE * slots)]

    def decide(now: StationNow) -> list[float]:
        """Power into the pack of each bay, kW."""
        kw = [0.0] * len(now.packs)
        lacking = wanted[now.slot] - sum(pack.is_ready for pack in now.packs)
        for bay in sorted(range(len(kw)), key=lambda bay: -now.packs[bay].energy_kwh):
            pack = now.packs[bay]
            if prices[now.slot] <= cheap or (lacking > 0 and not pack.is_ready):
                kw[bay] = pack.most_kw
                lacking -= not pack.is_ready
        return kw

    return decide


EXAMPLE = DayPolicy("example", "packs for the drivers of two hours, else charged when it is cheap", prepare)
