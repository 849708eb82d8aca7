"""What a station knows of its billing month before the night, against its tariff."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from models.errors import Problem
from models.rules import number_in

if TYPE_CHECKING:
    from models.station.instance import Station


def month_problems(station: Station) -> Iterator[Problem]:
    """What a station says of its month fits the charges, ratchets and tiers of its tariff."""
    charges = [charge.name for charge in station.tariff.demand_charges]
    ratchets = [charge.name for charge in station.tariff.demand_charges if charge.ratchet]
    groups = [group.name for group in station.tariff.energy_tiers]
    for key, known, one, many in (
        ("peak_so_far_kw", charges, "demand charge", "demand charges"),
        ("lookback_peak_kw", ratchets, "demand charge with a ratchet", "demand charges with a ratchet"),
        ("energy_so_far_kwh", groups, "energy tiers", "energy tiers"),
    ):
        for name, value in getattr(station, key).items():
            yield from number_in(f"{key}.{name}", value, 0)
            if name not in known:
                rule = f"names no {one} of tariff {station.tariff.id!r}"
                yield Problem(f"{key}.{name}", value, rule, f"its {many}: {', '.join(known) or 'none'}")
