"""Nights that grow in one way at a time: in packs, in swaps, in slots, in pack types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from types import MappingProxyType
from typing import Any

import msgspec

from models.station.instance import Night
from optimizer.bench.library.draw_instance import HOURS, InstanceSize, draw_instance
from optimizer.bench.library.families import family_of
from optimizer.formats.instance_document import InstanceDocument
from optimizer.formats.read_instance import build_instance

MINUTES = 60 * HOURS
SHRINK = 0.97  # capacity of each further pack type: no type is another under a new name


@dataclass(frozen=True)
class Ladder:
    """Nights of a day, the same but for `what`, which takes these values; `base` is what the others are."""

    what: str
    values: Sequence[int]
    base: InstanceSize
    types: int = 1

    def size(self, value: int) -> InstanceSize:
        """The size of the night at this value."""
        if self.what == "types":
            return self.base
        if self.what == "slots":
            return replace(self.base, slots=value, slot_minutes=MINUTES // value)
        return replace(self.base, **{self.what: value})

    def words(self) -> str:
        """What stays the same, in words."""
        fixed = {"packs": self.base.packs, "swaps": self.base.swaps, "slots": self.base.slots, "types": self.types}
        units = {"slots": "slots of a day", "types": "pack type"}
        return ", ".join(f"{count:,} {units.get(what, what)}" for what, count in fixed.items() if what != self.what)


_DAY = InstanceSize(packs=48, slots=96, slot_minutes=15, swaps=96)
LADDERS: Mapping[str, Ladder] = MappingProxyType(
    {
        "packs": Ladder("packs", (12, 24, 48, 96, 192, 384, 768), replace(_DAY, swaps=48)),
        "swaps": Ladder("swaps", (12, 24, 48, 96, 192, 384, 768), replace(_DAY, packs=96)),
        "slots": Ladder("slots", (24, 48, 96, 144, 288, 720, 1440), _DAY),
        "types": Ladder("types", (1, 2, 4, 8, 16, 32, 64), replace(_DAY, packs=96)),
    }
)


def night_of(ladder: Ladder, value: int, family: str, seed: int) -> Night:
    """The night of a ladder at this value, drawn by the recipe of a family of the library.

    Raises InvalidData where there is no such family.
    """
    recipe = family_of(family).recipe
    draw = Random(f"swapcharge growth {family} {ladder.what} {value} {seed}")
    name = f"{family}-{ladder.what}-{value}-{seed}"
    document = draw_instance(recipe, ladder.size(value), draw, name, "generated to measure growth")
    types = value if ladder.what == "types" else ladder.types
    if types > 1:
        document = _with_types(document, types)
    return build_instance(msgspec.convert(document, InstanceDocument), Path()).nights[0]


def _with_types(document: dict[str, Any], count: int) -> dict[str, Any]:
    """The same night with each pack type in so many kinds of a little less capacity; packs and drivers in turn."""
    kinds = [
        kind | {"id": f"{kind['id']}-{n}", "capacity_kwh": round(kind["capacity_kwh"] * SHRINK**n, 3)}
        for kind in document["pack_types"]
        for n in range(count)
    ]
    (station,) = document["stations"]
    parts = {
        part: [one | {"type": f"{one['type']}-{n % count}"} for n, one in enumerate(station[part])]
        for part in ("packs", "swaps")
    }
    return document | {"pack_types": kinds, "stations": [station | parts]}
