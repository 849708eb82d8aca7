"""A family of the library, and what the recipes of several families share."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from optimizer.bench.library.draw_instance import LADDER, WEDNESDAY, InstanceSize, Recipe
from optimizer.generate import published_facts as facts

TARIFFS = {tariff["id"]: tariff for _, tariff in facts.tariffs(WEDNESDAY.year)}
PROVENANCE = "drawn: packs, chargers and hours of drivers from published facts, the rest assumed; "


@dataclass(frozen=True)
class Family:
    """A family: `purpose` is what it is to find out, `hard` what makes it hard, `recipe` how it is drawn."""

    id: str
    purpose: str
    hard: str
    provenance: str
    recipe: Recipe
    ladder: Mapping[str, InstanceSize] = field(default_factory=lambda: LADDER)


def as_it_is(name: str, **changes: Any) -> Callable[[Random, InstanceSize], dict[str, Any]]:
    """A tariff of `published_facts`; `changes` are further keys of its demand charges."""

    def tariff(draw: Random, size: InstanceSize) -> dict[str, Any]:
        made = dict(TARIFFS[name])
        if changes:
            made["demand_charges"] = [charge | changes for charge in made["demand_charges"]]
        return made

    return tariff


ACCEPTANCE_AT_0_C = [
    [0.0, 50.4], [0.05, 69.63], [0.1, 58.13], [0.2, 47.12], [0.3, 41.89], [0.4, 36.06], [0.5, 32.31], [0.6, 30.5],
    [0.7, 28.34], [0.8, 22.4], [0.85, 20.35], [0.9, 16.88], [0.95, 11.34],
]  # fmt: skip
ACCEPTANCE_AT_25_C = [
    [0.0, 50.4], [0.05, 85.75], [0.1, 121.1], [0.2, 122.15], [0.3, 123.2], [0.4, 101.75], [0.5, 83.49], [0.6, 74.77],
    [0.7, 68.56], [0.8, 57.38], [0.85, 52.27], [0.9, 37.39], [0.95, 11.34],
]  # fmt: skip


def half_the_packs(size: InstanceSize) -> int:
    """Chargers of a station that has half as many as packs."""
    return math.ceil(size.packs / 2)
