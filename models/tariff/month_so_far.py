"""What a station may say of its month so far, by the charges, ratchets and tiers of its tariff."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from models.errors import Problem
from models.rules import number_in
from models.tariff.tariff import Tariff


def month_problems(
    tariff: Tariff,
    peak_so_far_kw: Mapping[str, float],
    lookback_peak_kw: Mapping[str, float],
    energy_so_far_kwh: Mapping[str, float],
) -> Iterator[Problem]:
    """What a station says of its month, by name, fits the charges, ratchets and tiers of its tariff."""
    charges = [charge.name for charge in tariff.demand_charges]
    ratchets = [charge.name for charge in tariff.demand_charges if charge.ratchet]
    groups = [group.name for group in tariff.energy_tiers]
    for key, given, known, one, many in (
        ("peak_so_far_kw", peak_so_far_kw, charges, "demand charge", "demand charges"),
        (
            "lookback_peak_kw",
            lookback_peak_kw,
            ratchets,
            "demand charge with a ratchet",
            "demand charges with a ratchet",
        ),
        ("energy_so_far_kwh", energy_so_far_kwh, groups, "energy tiers", "energy tiers"),
    ):
        for name, value in given.items():
            yield from number_in(f"{key}.{name}", value, 0)
            if name not in known:
                rule = f"names no {one} of tariff {tariff.id!r}"
                yield Problem(f"{key}.{name}", value, rule, f"its {many}: {', '.join(known) or 'none'}")
    yield from _peakless(tariff, peak_so_far_kw, energy_so_far_kwh)


def _peakless(
    tariff: Tariff, peak_so_far_kw: Mapping[str, float], energy_so_far_kwh: Mapping[str, float]
) -> Iterator[Problem]:
    """A month that has kWh of hours of use has a peak."""
    for group in tariff.energy_tiers:
        so_far_kwh = energy_so_far_kwh.get(group.name, 0.0)
        if group.per_kw_of is not None and so_far_kwh > 0 and peak_so_far_kw.get(group.per_kw_of, 0.0) <= 0:
            rule = f"needs the month's peak so far, too: the tiers' thresholds are for each kW of {group.per_kw_of!r}"
            remedy = "add it to peak_so_far_kw"
            yield Problem(f"energy_so_far_kwh.{group.name}", so_far_kwh, rule, remedy)
