"""What a plan leaves of the billing month as the start of the night after it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from models.tariff.billing_year import Month
from models.tariff.tariff import DemandCharge, Tariff
from optimizer.formats.plan_document import PlannedStation


def month_so_far(planned: PlannedStation, tariff: Tariff, month: Month) -> dict[str, Any]:
    """Keys of a station that begins in `month` where `planned` ended: peaks and kWh of the month, peaks of the billing
    year, and what ratchets look back at. A month that the plan ended is over: it counts for ratchets and years alone.

    Peaks and kWh of charges that the tariff does not have are left out: see `left_out`.
    """
    is_same = planned.billing_month == f"{month[0]}-{month[1]:02d}"
    charges = {charge.name: charge for charge in tariff.demand_charges}
    going_on = [one.name for one in tariff.demand_charges if _goes_on(one, planned.billing_month, month)]
    lookback = {name: kw for name, kw in _end_lookback(planned).items() if name in charges and charges[name].ratchet}
    for name, kw in planned.peak_kw.items() if not is_same else ():
        ratchet = charges[name].ratchet if name in charges else None
        if ratchet is not None and kw and ratchet.counts(int(planned.billing_month[5:])):
            lookback[name] = max(lookback.get(name, 0.0), kw)
    groups = {group.name for group in tariff.energy_tiers}
    return {
        "peak_so_far_kw": _of(planned.peak_kw, going_on),
        "energy_so_far_kwh": _of(planned.energy_kwh, groups) if is_same else {},
        "lookback_peak_kw": lookback,
    }


def _goes_on(charge: DemandCharge, billing_month: str, month: Month) -> bool:
    """Is what the plan says of the charge's peak of the month, or of the year, that the station begins in?"""
    parts = re.fullmatch(r"(\d{4})-(\d{2})", billing_month)
    return parts is not None and charge.span((int(parts[1]), int(parts[2]))) == charge.span(month)


def left_out(planned: PlannedStation, tariff: Tariff) -> list[str]:
    """Charges and energy tiers with a peak or kWh in the plan that the tariff does not have."""
    known = {charge.name for charge in tariff.demand_charges} | {group.name for group in tariff.energy_tiers}
    told = {**planned.peak_kw, **planned.energy_kwh}
    return sorted(name for name, value in told.items() if value and name not in known)


def _end_lookback(planned: PlannedStation) -> dict[str, float]:
    return planned.end.lookback_peak_kw if planned.end else {}


def _of(values: Mapping[str, float], known: Any) -> dict[str, float]:
    return {name: value for name, value in values.items() if value and name in known}
