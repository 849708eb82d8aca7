"""Energy tiers of a URDB rate as surcharges on the month's kWh.

URDB's thresholds count the month's kWh over all periods: in kWh, in kWh for each day of the month, or for each kW of
the month's highest average (hours of use). Where each tier costs as much more than the first in all periods of a month,
the bill is the first tier's price for each kWh, and a surcharge on what the month's kWh are above each threshold. Where
periods differ, the kWh of each lie in every tier in proportion, as SAM bills them (metering option 0): surcharges of
one period for all kWh, and on kWh of the others what theirs differ by, in proportion. Other thresholds are refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from models.errors import InvalidData, Problem
from models.tariff.rate_steps import Steps
from models.tolerances import URDB_TIER_PER_KWH
from optimizer.formats.tariff_document import EnergyTiersDocument
from optimizer.tariffs.urdb.find_rates import ENERGY
from optimizer.tariffs.urdb.rate import DIGITS, UrdbRate
from optimizer.tariffs.urdb.schedule import CELLS, MONTHS, Cell, months_window, windows_of
from optimizer.tariffs.urdb.units import KWH

MONTHS_PEAK = "month's peak"  # the demand charge, at no rate, that hours of use go by


@dataclass
class _Group:
    """Months that have the same surcharges for all kWh; by what those of some cells differ: cells and periods."""

    unit: str
    steps: Steps
    limit: float | None
    months: list[int] = field(default_factory=list)
    others: dict[Steps, tuple[set[Cell], set[int]]] = field(default_factory=dict)


def energy_tiers(rate: UrdbRate, tolerance_per_kwh: float, notes: list[str]) -> tuple[EnergyTiersDocument, ...]:
    """Tiers by months that share them. `notes` gains how far steps differ that count as equal. Raises InvalidData."""
    groups: dict[tuple[str, Steps, float | None], _Group] = {}
    widest = 0.0
    for month in MONTHS:
        by_period = {period: _surcharges(rate.energy[period]) for period in rate.energy_schedule.of_month(month)}
        unit = _unit(rate, by_period, month)
        spread = _spread(list(by_period.values()))
        if spread <= tolerance_per_kwh:
            widest = max(widest, spread)
            by_period = dict.fromkeys(by_period, _middle(list(by_period.values())))
        steps = by_period[_most_common(rate, month)]
        limit = min((end for period in by_period if (end := rate.energy_limits[period]) is not None), default=None)
        if steps or limit is not None:
            key = (unit, steps, limit)
            _add_month(groups.setdefault(key, _Group(*key)), rate, month, by_period)
    if widest > URDB_TIER_PER_KWH:
        notes.append(
            f"steps between energy tiers differ by up to {widest:.2g} per kWh between periods, their middle is billed: "
            f"a month's bill may be off by {widest / 2:.2g} times its kWh"
        )
    if any(group.others for group in groups.values()):
        notes.append("steps between energy tiers differ between periods: kWh of each lie in every tier in proportion")
    return tuple(
        document
        for count, group in enumerate(groups.values(), 1)
        for document in _documents(group, "tiers" if len(groups) == 1 else f"tiers {count}")
    )


def _surcharges(steps: Steps) -> Steps:
    """What each tier costs above the first one."""
    return tuple((above, round(price - steps[0][1], DIGITS)) for above, price in steps[1:])


def _unit(rate: UrdbRate, by_period: Mapping[int, Steps], month: int) -> str:
    """That of the month's thresholds. Raises InvalidData where periods have others."""
    limits = rate.energy_limits
    units = {rate.energy_units[period] for period, steps in by_period.items() if steps or limits[period]}
    if len(units) > 1 or len({tuple(above for above, _ in steps) for steps in by_period.values()}) > 1:
        rule = "cannot be billed: periods of one month have different thresholds"
        remedy = "the format does not say how the month's kWh are shared; choose another rate"
        raise InvalidData([Problem(ENERGY, f"month {month}", rule, remedy)])
    return units.pop() if units else KWH


def _spread(surcharges: Sequence[Steps]) -> float:
    """How far the month's periods are apart."""
    per_tier = zip(*([price for _, price in steps] for steps in surcharges), strict=True)
    return max((max(prices) - min(prices) for prices in per_tier), default=0.0)


def _middle(surcharges: Sequence[Steps]) -> Steps:
    """One for all of them, half-way between."""
    first = surcharges[0]
    if all(one == first for one in surcharges):
        return first
    per_tier = [[one[tier][1] for one in surcharges] for tier in range(len(first))]
    middles = [round((max(prices) + min(prices)) / 2, DIGITS) for prices in per_tier]
    return tuple((above, middle) for (above, _), middle in zip(first, middles, strict=True))


def _most_common(rate: UrdbRate, month: int) -> int:
    """The period of most hours of a week, the first of those that have equally many."""
    schedule = rate.energy_schedule
    hours = [5 * [period] for period in schedule.weekday[month - 1]]
    hours += [2 * [period] for period in schedule.weekend[month - 1]]
    flat = [period for many in hours for period in many]
    return max(sorted(set(flat)), key=flat.count)


def _add_month(group: _Group, rate: UrdbRate, month: int, by_period: Mapping[int, Steps]) -> None:
    group.months.append(month)
    for period, steps in by_period.items():
        if steps == group.steps:
            continue
        differences = tuple(
            (above, round(price - common, DIGITS))
            for (above, price), (_, common) in zip(steps, group.steps, strict=True)
        )
        cells, periods = group.others.setdefault(differences, (set(), set()))
        cells.update(cell for cell in CELLS if cell[1] == month and rate.energy_schedule.period(cell) == period)
        periods.add(period + 1)


def _documents(group: _Group, name: str) -> list[EnergyTiersDocument]:
    """For all kWh of the group's months, and for what some of them differ by."""
    per_kw_of = MONTHS_PEAK if "/kw" in group.unit else None
    per: Literal["month", "day"] = "day" if "daily" in group.unit else "month"

    def made(named: str, steps: Steps, cells: set[Cell] | None) -> EnergyTiersDocument:
        windows = months_window(group.months) if cells is None else windows_of(cells)
        of = None if cells is None else name
        return EnergyTiersDocument(
            name=named,
            tiers=steps or ((group.limit or 0.0, 0.0),),
            windows=windows,
            per=per,
            per_kw_of=per_kw_of,
            in_proportion_to=of,
            most_kwh=group.limit if cells is None else None,
        )

    others = [
        made(f"{name}, period {' and '.join(map(str, sorted(periods)))}", steps, cells)
        for steps, (cells, periods) in group.others.items()
    ]
    return [made(name, group.steps, None), *others]
