"""What a kind of pack can hold, how fast it takes a charge, and what charging it fast wears off."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from models.errors import Problem, refuse
from models.rules import number_in, share_of_capacity
from models.tolerances import SLOPE

MOST_CAPACITY_KWH = 10_000  # the largest truck packs hold some 400
Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class PackType:
    """Packs that serve the same drivers.

    `acceptance`: (soc, kW) points of a concave, non-increasing curve, most power at a state of charge;
    constant before its first point. `wear`: (kW, currency per hour) points of a convex, non-decreasing
    curve from (0, 0); its last slope goes on. `swap_soc` ≤ `target_soc`. Raises InvalidData.
    """

    id: str
    capacity_kwh: float
    target_soc: float
    swap_soc: float
    acceptance: Points = ()
    wear: Points = ()
    end_value_per_kwh: float | None = None

    def __post_init__(self) -> None:
        refuse(self._problems())

    @property
    def target_kwh(self) -> float:
        """E in models/README.md: charging stops here."""
        return self.target_soc * self.capacity_kwh

    @property
    def swap_kwh(self) -> float:
        """S in models/README.md: the least energy at hand-over."""
        return self.swap_soc * self.capacity_kwh

    def _problems(self) -> Iterator[Problem]:
        if MOST_CAPACITY_KWH < self.capacity_kwh < math.inf:
            rule = f"must be at most {MOST_CAPACITY_KWH}"
            yield Problem("capacity_kwh", self.capacity_kwh, rule, "capacities are in kWh: divide Wh by 1000")
        else:
            yield from number_in("capacity_kwh", self.capacity_kwh, 0, above_low=True)
        yield from share_of_capacity("target_soc", self.target_soc)
        yield from share_of_capacity("swap_soc", self.swap_soc)
        if self.target_soc < self.swap_soc <= 1:
            yield Problem(
                "swap_soc", self.swap_soc, f"must not be above target_soc ({self.target_soc:g})",
                "no pack would ever be charged enough to hand over",
            )  # fmt: skip
        if self.end_value_per_kwh is not None:
            yield from number_in("end_value_per_kwh", self.end_value_per_kwh)
        yield from _acceptance_problems(self.acceptance, self.target_soc)
        yield from _wear_problems(self.wear)


def _acceptance_problems(points: Points, target_soc: float) -> Iterator[Problem]:
    if not points:
        return
    if found := list(_point_problems("acceptance", points)):
        yield from found
        return
    for index, (soc, _) in enumerate(points):
        yield from share_of_capacity(f"acceptance[{index}][0]", soc)
    slopes = _slopes(points)
    if any(slope > SLOPE for slope in slopes):
        yield Problem(
            "acceptance", _as_lists(points), "must not rise with the state of charge", "sort out the kW values"
        )
    elif not _sorted(slopes[::-1]):
        yield Problem(
            "acceptance", _as_lists(points), "must be concave: it may only fall faster as the pack fills",
            "take the concave curve below the measured one",
        )  # fmt: skip
    if points[-1][0] < target_soc:
        yield Problem(
            "acceptance", _as_lists(points), f"must reach the target_soc ({target_soc:g})", "add a point there"
        )  # fmt: skip


def _wear_problems(points: Points) -> Iterator[Problem]:
    if not points:
        return
    if found := list(_point_problems("wear", points)):
        yield from found
        return
    slopes = _slopes(points)
    if points[0] != (0, 0) or len(points) < 2:
        yield Problem(
            "wear", _as_lists(points), "must start at [0, 0] and have a second point", "add the missing point"
        )
    elif not _sorted(slopes):  # nor does the first slope fall: it begins at 0 and no value is below 0
        yield Problem(
            "wear", _as_lists(points), "must be convex and must not fall", "wear may only grow faster as power grows"
        )


def _point_problems(place: str, points: Points) -> Iterator[Problem]:
    for index, (x, y) in enumerate(points):
        yield from number_in(f"{place}[{index}][0]", x, 0)
        yield from number_in(f"{place}[{index}][1]", y, 0)
    xs = [x for x, _ in points]
    if any(b <= a for a, b in itertools.pairwise(xs)):
        yield Problem(place, _as_lists(points), "must rise from point to point in its first number", "sort the points")


def _as_lists(points: Points) -> list[list[float]]:
    return [list(point) for point in points]


def _slopes(points: Points) -> list[float]:
    return [(y1 - y0) / (x1 - x0) for (x0, y0), (x1, y1) in itertools.pairwise(points)]


def _sorted(slopes: Sequence[float]) -> bool:
    return all(b >= a - SLOPE * max(1, abs(a)) for a, b in itertools.pairwise(slopes))


@dataclass(frozen=True)
class Line:
    """`intercept + slope · x`, one straight piece of a curve."""

    intercept: float
    slope: float

    def at(self, x: float) -> float:
        """The line's value at `x`."""
        return self.intercept + self.slope * x


def lines_of(points: Points) -> tuple[Line, ...]:
    """The straight pieces of a piecewise-linear curve: its value is their min (concave) or max (convex)."""
    pieces = zip(points, _slopes(points), strict=False)
    return tuple(Line(y - slope * x, slope) for (x, y), slope in pieces)


@lru_cache(maxsize=256)
def acceptance_lines(kind: PackType) -> tuple[Line, ...]:
    """Most power in kW as the min of lines over *energy in kWh*; empty where the curve never binds.

    The constant part before the first point is the first line; pieces that begin at E or above never bind.
    """
    if not kind.acceptance:
        return ()
    first_kw = Line(kind.acceptance[0][1], 0.0)
    starts = [soc for soc, _ in kind.acceptance[:-1]]
    over_soc = [line for soc, line in zip(starts, lines_of(kind.acceptance), strict=True) if soc < kind.target_soc]
    return (first_kw, *(Line(line.intercept, line.slope / kind.capacity_kwh) for line in over_soc))


def most_power_kw(kind: PackType, max_kw: float, energy_kwh: float) -> float:
    """min(charger, acceptance read at `energy_kwh`), never below 0."""
    accepted = (line.at(energy_kwh) for line in acceptance_lines(kind))
    return max(0.0, min(max_kw, *accepted, math.inf))


def reach_kwh(kind: PackType, max_kw: float, slot_hours: float, energy_kwh: float) -> float:
    """The most energy a pack can hold a slot later: largest e' with e' − e ≤ Δ · most_power(e'), e' ≤ E.

    Each line a + b·e' (b ≤ 0) of the acceptance curve gives e' ≤ (e + Δ·a) / (1 − Δ·b).
    """
    ends = [energy_kwh + slot_hours * max_kw, kind.target_kwh]
    for line in acceptance_lines(kind):
        ends.append((energy_kwh + slot_hours * line.intercept) / (1 - slot_hours * line.slope))
    return max(energy_kwh, min(ends))
