"""Limits that keep every rule of the plan: rounded, lowered where the grid is full, raised where a pack is late."""

from __future__ import annotations

from collections.abc import Sequence

from models.errors import InvalidData, Problem, refuse
from models.station.instance import Night
from models.station.schedule import Schedule
from models.tolerances import COARSE_STEP, POWER_KW
from optimizer.check.presence import Violation
from optimizer.check.rules import check
from optimizer.setpoints.fit.limits import LimitUnit
from optimizer.setpoints.fit.raised import longer, raised
from optimizer.setpoints.fit.rounded import rounded_limits
from optimizer.setpoints.fit.spared import FORGIVEN_KWH, round_down, spare
from optimizer.setpoints.fit.staggered import stagger
from optimizer.setpoints.fit.station_limits import StationLimits, room_kw

MOST_SHOWN = 5  # broken rules that a refusal names


def fitted_limits(night: Night, planned: Schedule, unit: LimitUnit) -> StationLimits:
    """Limits of `night` that make of chargers what the plan asks for. Raises InvalidData where the plan breaks a rule,
    or where no limits in such steps keep them all."""
    refuse(_problems(check(night, planned), "breaks a rule: nothing is exported", "check the plan"))
    found: list[Violation] = []
    for coarse, fit_to_grid in ((COARSE_STEP, _lower), (COARSE_STEP, stagger), (0.0, stagger)):
        fit = StationLimits(night, planned, unit, {})
        fit.by_bay = rounded_limits(night, planned, fit.step_kw, coarse)
        fit_to_grid(fit)
        _make_ready(fit)
        found = check(night, fit.carried_out().schedule)
        if not found:
            return fit
    remedy = "export it to csv or in W" if unit.name == "A" else "plan with a grid limit that leaves some watts"
    raise InvalidData(_problems(found, f"cannot be kept in steps of 0.1 {unit.name}", remedy))


def _problems(found: Sequence[Violation], rule: str, remedy: str) -> list[Problem]:
    return [
        Problem(f"{one.rule}, {one.where}", one.found, f"{rule} (limit {one.limit})", remedy)
        for one in found[:MOST_SHOWN]
    ]


def _lower(fit: StationLimits) -> None:
    """Lower limits in slots that draw more than the grid limit."""
    enough_kw, carried = -POWER_KW * fit.night.station.chargers.efficiency, fit.carried_out()
    for slot, room in enumerate(room_kw(fit, carried)):
        if room < enough_kw:
            missing_kw = -room - spare(fit, carried, slot, -room)
            if missing_kw > POWER_KW:
                round_down(fit, carried, slot, missing_kw)
            carried = fit.carried_out()


def _make_ready(fit: StationLimits) -> None:
    """Where a pack is late by what was rounded down, raise its limits, or have it charge some seconds longer."""
    carried = fit.carried_out()
    for pack, by, needed_kwh in fit.needs:
        for remedy in (raised, longer):
            short_kwh = needed_kwh - FORGIVEN_KWH - carried.held_kwh[pack][by]
            if short_kwh > 0 and remedy(fit, carried, carried.stays[pack], by, short_kwh):
                carried = fit.carried_out()
