"""What a kind of pack can hold, how fast it takes a charge, and what charging it fast wears off."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from models.errors import Problem, refuse
from models.rules import number_in, share_of_capacity
from models.tolerances import SLOPE

MOST_CAPACITY_KWH = 10_000  # the largest truck packs hold some 400
COLDEST_C, HOTTEST_C = -60.0, 100.0  # of packs that still charge, with room to spare
Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class PackType:
    """Packs that serve the same drivers.

    `acceptance`: (soc, kW) points of most power against state of charge, of any shape; constant before its first
    point. Or `acceptance_at_c`, (°C, points) from cold to warm: `at_c` then gives the curve of one temperature.
    `wear`: (kW, currency per hour) points of a convex, non-decreasing curve from (0, 0); its last slope goes on.
    `swap_soc` ≤ `target_soc`. Raises InvalidData.
    """

    id: str
    capacity_kwh: float
    target_soc: float
    swap_soc: float
    acceptance: Points = ()
    wear: Points = ()
    end_value_per_kwh: float | None = None
    acceptance_at_c: tuple[tuple[float, Points], ...] = ()

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

    @property
    def has_curve(self) -> bool:
        """Does it take less power than chargers give at some state of charge, perhaps?"""
        return bool(self.acceptance or self.acceptance_at_c)

    def at_c(self, temperature_c: float) -> PackType:
        """The type with the one curve of packs of this temperature, in °C: between two given ones, the line between
        their powers at equal state of charge. Raises ValueError outside the temperatures given."""
        if not self.acceptance_at_c:
            return self
        return replace(self, acceptance=_curve_at(self.acceptance_at_c, temperature_c), acceptance_at_c=())

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
        yield from _acceptance_problems("acceptance", self.acceptance, self.target_soc)
        for temperature_c, points in self.acceptance_at_c:
            place = f"acceptance.{temperature_c:g}"
            yield from temperature_problems(place, temperature_c)
            yield from _acceptance_problems(place, points or ((0.0, math.nan),), self.target_soc)
        yield from _wear_problems(self.wear)


def temperature_problems(place: str, temperature_c: float) -> Iterator[Problem]:
    """`temperature_c` is one that packs have; kelvin and Fahrenheit mostly are not."""
    remedy = "temperatures are in °C"
    yield from number_in(place, temperature_c, COLDEST_C, HOTTEST_C, remedy)


def _acceptance_problems(place: str, points: Points, target_soc: float) -> Iterator[Problem]:
    if not points:
        return
    if found := list(_point_problems(place, points)):
        yield from found
        return
    for index, (soc, _) in enumerate(points):
        yield from share_of_capacity(f"{place}[{index}][0]", soc)
    if points[-1][0] < target_soc:
        yield Problem(
            place, _as_lists(points), f"must reach the target_soc ({target_soc:g})", "add a point there"
        )  # fmt: skip


def _curve_at(curves: tuple[tuple[float, Points], ...], temperature_c: float) -> Points:
    given = [temperature for temperature, _ in curves]
    if not given[0] <= temperature_c <= given[-1]:
        raise ValueError(f"no curve at {temperature_c:g} °C")
    place = bisect_left(given, temperature_c)
    if given[place] == temperature_c:
        return curves[place][1]
    (cold_c, cold), (warm_c, warm) = curves[place - 1], curves[place]
    share = (temperature_c - cold_c) / (warm_c - cold_c)
    socs = sorted({soc for soc, _ in (*cold, *warm)})
    return tuple((soc, (1 - share) * _read(cold, soc) + share * _read(warm, soc)) for soc in socs)


def _read(points: Points, soc: float) -> float:
    """Most power at a state of charge, constant outside the points."""
    place = bisect_right(points, (soc, math.inf))
    if place == 0 or place == len(points):
        return points[min(place, len(points) - 1)][1]
    (x0, y0), (x1, y1) = points[place - 1], points[place]
    return y0 + (y1 - y0) * (soc - x0) / (x1 - x0)


def most_accepted_kw(kind: PackType, low_kwh: float, high_kwh: float) -> float:
    """The least of the one curve of `kind` between two energies; +inf without a curve."""
    points = kind.acceptance
    if not points:
        return math.inf
    low, high = low_kwh / kind.capacity_kwh, high_kwh / kind.capacity_kwh
    return min(_read(points, low), _read(points, high), *(kw for soc, kw in points if low < soc < high), math.inf)


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
