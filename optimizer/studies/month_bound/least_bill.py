"""A tariff on all nights of a study as one horizon, its charges at the rates of the bill that the study ranks by.

A formulation's bill on it lies nowhere above that bill, whatever the load. Ratchets are left out, a year's charge is in
its cheapest class, and fixed and minimum charges are counted apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from models.horizon import Horizon
from models.tariff.billing_year import MONTHS_A_YEAR, Month
from models.tariff.part_of_month import share_of
from models.tariff.rate_steps import Steps, scaled, stepped_cost, stretched
from models.tariff.series import MeteredDemand, TariffSeries, TieredEnergy, surcharge_per_kwh, tariff_on
from models.tariff.tariff import DemandCharge, Tariff, weighted

HALF_A_CENT = 0.005
NOTHING: Steps = ((0.0, 0.0),)
LINES_OF_A_CHARGE = 2  # a yearly one has a second line for the months before


@dataclass(frozen=True)
class LeastBill:
    """`series`: what the load is charged. `rounding`: by how much lines that are rounded to cents may lie below it.

    `constant`: what charges that a higher peak makes cheaper take off at most. `left_out`: what is not in it, in words.
    """

    series: TariffSeries
    rounding: float
    constant: float
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class MonthParts:
    """What is known of billing months beyond their tariff.

    `shares`: of months that count in part only, so much of what is charged by the month. `cut`: months of which other
    programmes have nights, too; `elsewhere`: those whose peaks another one is charged for.
    """

    shares: Mapping[Month, float]
    cut: frozenset[Month] = frozenset()
    elsewhere: frozenset[Month] = frozenset()


def least_bill(tariff: Tariff, horizon: Horizon, parts: MonthParts, most_kw: float) -> LeastBill:
    """The tariff's least bill. `most_kw`: no load is higher. Raises InvalidData where tariff and horizon do not fit."""
    whole = tariff_on(weighted(tariff, {one.name: 1.0 for one in tariff.demand_charges}), horizon)
    charges = {one.name: one for one in tariff.demand_charges}
    demands, constant = list[MeteredDemand](), 0.0
    for demand in whole.demands:
        charge = charges[demand.name]
        steps = _billed_steps(charge, demand, whole.months, parts)
        if any(rate < 0 for _, rate in steps) and _is_billed_higher(charge, demand, parts):
            constant += min(0.0, _least_cost(steps, most_kw))
            steps = NOTHING
        demands.append(replace(demand, steps=steps, is_first=False, ratchet_share=0.0, looks_at_first=False))
    more = _least_surcharge(tariff) - surcharge_per_kwh(tariff)
    prices = [price + more for price in whole.price_per_kwh]
    tiers = tuple(_tiers(whole.tiers, demands, parts, prices))  # it adds to the prices
    series = replace(whole, price_per_kwh=tuple(prices), demands=tuple(demands), tiers=tiers)
    return LeastBill(series, HALF_A_CENT * _lines(tariff) * len(whole.months), constant, tuple(_left_out(tariff)))


def _is_billed_higher(charge: DemandCharge, demand: MeteredDemand, parts: MonthParts) -> bool:
    """May the billed demand lie above that of these nights?"""
    return charge.ratchet is not None or charge.period == "year" or demand.month in parts.cut


def _tiers(
    tiers: Sequence[TieredEnergy], demands: Sequence[MeteredDemand], parts: MonthParts, prices: list[float]
) -> Iterator[TieredEnergy]:
    """Tiers of the months' shares; of months that are cut their least rate is added to `prices` instead, but for those
    that cost more the more is drawn: there what the others draw makes nothing cheaper."""
    by_month = {(one.name, one.month): one for one in demands}
    for one in tiers:
        plain = one.peak is None and one.counted is None and not _falls(one.steps)
        if one.month in parts.cut and not (plain and one.month not in parts.elsewhere):
            least = min(rate for _, rate in one.steps)
            for slot, share in one.slots:
                prices[slot] += share * least
            continue
        peak = None if one.peak is None else by_month[one.peak.name, one.peak.month]
        yield replace(one, steps=stretched(one.steps, parts.shares.get(one.month, 1.0)), peak=peak)


def _billed_steps(charge: DemandCharge, demand: MeteredDemand, months: Sequence[Month], parts: MonthParts) -> Steps:
    """What the bill has for each kW of the highest average: of a year, a twelfth for each of its months."""
    own = [month for month in months if demand.holds(month) and month not in parts.elsewhere]
    if not own:
        return NOTHING
    if charge.period == "month":
        return scaled(demand.steps, parts.shares.get(demand.month, 1.0))
    rate = min([charge.rate_per_kw, *(one.rate_per_kw for one in charge.use_classes)])
    return scaled(((0.0, rate), *charge.tiers), share_of(parts.shares, own) / MONTHS_A_YEAR)


def _least_cost(steps: Steps, most_kw: float) -> float:
    """The least that any billed demand up to `most_kw` costs: at a threshold, or at an end."""
    return min(stepped_cost(steps, kw) for kw in (0.0, most_kw, *(above for above, _ in steps if above < most_kw)))


def _least_surcharge(tariff: Tariff) -> float:
    """What the classes of yearly charges add to each kWh at least."""
    return sum(
        min(0.0, *(one.surcharge_per_kwh for one in charge.use_classes))
        for charge in tariff.demand_charges
        if charge.use_classes
    )


def _lines(tariff: Tariff) -> int:
    """Lines of a month's bill at most, without fixed and minimum charges."""
    charges = LINES_OF_A_CHARGE * len(tariff.demand_charges)
    surcharges = sum(bool(one.use_classes) for one in tariff.demand_charges)
    return max(1, len(tariff.energy_periods)) + charges + surcharges + len(tariff.energy_tiers)


def _left_out(tariff: Tariff) -> Iterator[str]:
    charges = tariff.demand_charges
    if names := [one.name for one in charges if one.ratchet is not None]:
        yield f"ratchets ({', '.join(names)})"
    if names := [one.name for one in charges if one.use_classes]:
        yield f"classes of use but the cheapest ({', '.join(names)})"
    if tariff.minimum_charges:
        yield f"minimum charges ({', '.join(one.name for one in tariff.minimum_charges)})"
    if any(group.in_proportion_to is not None or group.per_kw_of is not None for group in tariff.energy_tiers):
        yield "a part of what energy tiers cost that go by demand or by other tiers' kWh"
    if any(_falls(steps) for steps in (*(one.steps for one in charges), *(one.steps for one in tariff.energy_tiers))):
        yield "rates that fall with use, but for the lowest convex cost below them"


def _falls(steps: Steps) -> bool:
    return any(after < before for (_, before), (_, after) in pairwise(steps))
