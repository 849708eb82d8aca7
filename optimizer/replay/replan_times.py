"""How often a night can be planned again in its course."""

from __future__ import annotations

import math

from models.errors import Problem
from models.station.instance import Night


def replan_problems(night: Night, minutes: int) -> list[Problem]:
    """Why a night cannot be planned again every so many minutes: slots and metering intervals must be whole then."""
    horizon = night.horizon
    metering = [charge.metering_minutes for charge in night.station.tariff.demand_charges]
    step = math.lcm(horizon.slot_minutes, *(one for one in metering if one > horizon.slot_minutes))
    if minutes % step == 0:
        return []
    rule = f"must be a multiple of {step} minutes, whole slots and metering intervals"
    return [Problem("--replan", minutes, rule, f"write {max(1, round(minutes / step)) * step}")]
