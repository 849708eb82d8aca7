"""Units of energy tiers: what a threshold of a URDB rate counts."""

from __future__ import annotations

from models.errors import Problem, refuse
from optimizer.tariffs.urdb.find_rates import ENERGY, Raw

KWH = "kwh"
UNITS = (KWH, "kwh/kw", "kwh daily", "kwh/kw daily")


def energy_units(raw: Raw) -> tuple[str, ...]:
    """Unit of each period's thresholds, in lower case. Raises InvalidData where it is unknown or they are of several.

    The last tier has no threshold, whatever its unit. What is no list of tiers is told where rates are read.
    """
    structure = raw.get(ENERGY)
    periods = structure if isinstance(structure, list) else []
    problems: list[Problem] = []
    units = tuple(_unit(period, tiers, problems) for period, tiers in enumerate(periods))
    refuse(problems)
    return units


def _unit(period: int, tiers: object, problems: list[Problem]) -> str:
    listed = [tier for tier in tiers if isinstance(tier, dict)] if isinstance(tiers, list) else []
    first = KWH
    for count, tier in enumerate(listed):
        place, given = f"{ENERGY}[{period}][{count}].unit", str(tier.get("unit") or KWH)
        unit = " ".join(given.lower().split())
        if unit not in UNITS:
            rule = "cannot be billed: tiers by anything but kWh, kWh/kW, kWh daily or kWh/kW daily"
            problems.append(Problem(place, given, rule, "choose another rate"))
            return KWH
        first = unit if count == 0 else first
        if unit != first and count < len(listed) - 1:
            rule = "cannot be billed: thresholds in other units than the first of the period"
            remedy = "the format does not say how they add up; choose another rate"
            problems.append(Problem(place, given, rule, remedy))
            return KWH
    return first
