"""What one more pack, one more charger, one more kW of grid limit is worth in a night, between proven limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from models.station.instance import Night
from models.station.overload import stated_kw
from optimizer.explain.repair_kinds import with_packs
from optimizer.explain.resolver import Resolver
from optimizer.explain.why_lost import LosingPlan

MarginKind = Literal["pack", "charger", "grid_kw"]


@dataclass(frozen=True)
class Worth:
    """Currency by which one more of `kind` makes the cheapest night cheaper. `of`: the pack's type, else empty.

    `amount`: difference of the two plans found, never below 0 where more cannot cost more; `at_least`, `at_most`: what
    their bounds leave open. None: not worked out. The energy that the pack begins with is not counted.
    """

    kind: MarginKind
    of: str = ""
    amount: float | None = None
    at_least: float | None = None
    at_most: float | None = None


def worths_of(plan: LosingPlan, resolver: Resolver) -> Iterator[Worth]:
    """One more pack of each type that drivers ask for, one more charger where packs share them, one more kW."""
    bound = -float("inf") if plan.bound is None else plan.bound
    for kind, of, night, credit in _richer(plan.night):
        richer = resolver.cheapest(night)
        if richer is None or richer.result.bound is None or plan.bound is None:
            yield Worth(kind, of)
            continue
        objective, least = richer.result.objective + credit, richer.result.bound + credit
        at_least, at_most = max(0.0, bound - objective), max(0.0, plan.objective - least)
        yield Worth(kind, of, min(at_most, max(at_least, plan.objective - objective)), at_least, at_most)


def _richer(night: Night) -> Iterator[tuple[MarginKind, str, Night, float]]:
    """Nights with one more of something, and what of their objective is the worth of what it brings with it."""
    station = night.station
    for kind in sorted({swap.type for swap in station.swaps}):
        brought = night.pack_types[kind]
        yield "pack", kind, with_packs(night, kind, 1), night.end_value_per_kwh(brought) * brought.target_kwh
    if station.chargers.count < station.packs_at_chargers:
        more = replace(station.chargers, count=station.chargers.count + 1)
        yield "charger", "", replace(night, station=replace(station, chargers=more)), 0.0
    limit_kw = tuple(kw + 1 for kw in stated_kw(station))
    yield "grid_kw", "", replace(night, station=replace(station, grid_limit_kw=limit_kw, stated_limit_kw=())), 0.0
