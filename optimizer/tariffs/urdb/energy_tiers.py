"""Energy tiers of a URDB rate as surcharges on the month's kWh.

URDB's thresholds count the month's kWh over all periods, and do not say how its kWh are shared between periods and
tiers. Where all periods of a month have the same thresholds, and each tier costs as much more than the first in all of
them, every way of sharing gives the same bill: the first tier's price for each kWh, and a surcharge on what the month's
kWh are above each threshold. Everything else is refused.
"""

from __future__ import annotations

from collections.abc import Sequence

from models.errors import InvalidData, Problem
from models.tariff.rate_steps import Steps
from models.tolerances import URDB_TIER_PER_KWH
from optimizer.formats.tariff_document import EnergyTiersDocument
from optimizer.tariffs.urdb.find_rates import ENERGY
from optimizer.tariffs.urdb.rate import DIGITS, UrdbRate
from optimizer.tariffs.urdb.schedule import MONTHS, months_window


def energy_tiers(rate: UrdbRate, tolerance_per_kwh: float, notes: list[str]) -> tuple[EnergyTiersDocument, ...]:
    """Tiers by months that share them. `notes` gains how far steps differ that count as equal. Raises InvalidData."""
    months: dict[Steps, list[int]] = {}
    widest = 0.0
    for month in MONTHS:
        surcharges = [_surcharges(rate.energy[period]) for period in rate.energy_schedule.of_month(month)]
        steps, spread = _shared(surcharges, month, tolerance_per_kwh)
        widest = max(widest, spread)
        if steps:
            months.setdefault(steps, []).append(month)
    if widest > URDB_TIER_PER_KWH:
        notes.append(
            f"steps between energy tiers differ by up to {widest:.2g} per kWh between periods, their middle is billed: "
            f"a month's bill may be off by {widest / 2:.2g} times its kWh"
        )
    return tuple(
        EnergyTiersDocument(
            name="tiers" if len(months) == 1 else f"tiers {count}", tiers=steps, windows=months_window(of)
        )
        for count, (steps, of) in enumerate(months.items(), 1)
    )


def _surcharges(steps: Steps) -> Steps:
    """What each tier costs above the first one."""
    return tuple((above, round(price - steps[0][1], DIGITS)) for above, price in steps[1:])


def _shared(surcharges: Sequence[Steps], month: int, tolerance: float) -> tuple[Steps, float]:
    """The steps that all periods of a month have, and how far they are apart."""
    first = surcharges[0]
    if any([above for above, _ in one] != [above for above, _ in first] for one in surcharges):
        raise _unequal(month, "have different thresholds", "choose another rate")
    if all(one == first for one in surcharges):
        return first, 0.0
    per_tier = [[one[tier][1] for one in surcharges] for tier in range(len(first))]
    spread = max(max(prices) - min(prices) for prices in per_tier)
    if spread > tolerance:
        remedy = "choose another rate, or accept the error with --tier-tolerance"
        raise _unequal(month, f"have steps between tiers that differ by {spread:.2g} per kWh", remedy)
    middles = [round((max(prices) + min(prices)) / 2, DIGITS) for prices in per_tier]
    return tuple((above, middle) for (above, _), middle in zip(first, middles, strict=True)), spread


def _unequal(month: int, what: str, remedy: str) -> InvalidData:
    rule = f"cannot be billed: periods of one month {what}, and the format does not say how its kWh are shared"
    return InvalidData([Problem(ENERGY, f"month {month}", rule, remedy)])
