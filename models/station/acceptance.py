"""How much power a pack takes, whatever the shape of its curve, and what one slot at full power makes of it.

A pack that goes from e to e' in a slot at one power p = (e' − e) / Δ must keep p ≤ curve(x) for every x from e to e'.
With p that range only grows, so what keeps the rule is everything up to a most power: R(e) = e + Δ · most power. R is
continuous and non-decreasing, and a polyline as the curve is.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate, pairwise

from models.station.pack_type import Line, PackType, Points, lines_of
from models.tolerances import EQUAL, SLOPE


@dataclass(frozen=True)
class Polyline:
    """A continuous function of energy: straight between its points, constant outside them."""

    xs: tuple[float, ...]
    ys: tuple[float, ...]

    def at(self, x: float) -> float:
        """The value at `x`."""
        place = bisect_right(self.xs, x)
        if place == 0 or place == len(self.xs):
            return self.ys[min(place, len(self.ys) - 1)]
        x0, x1, y0, y1 = self.xs[place - 1], self.xs[place], self.ys[place - 1], self.ys[place]
        return y0 + (y1 - y0) * (x - x0) / (x1 - x0)


@dataclass(frozen=True)
class Around:
    """Powers allowed near one energy: no line of `lines` (power over end-of-slot energy) is passed, and the slot
    starts between `low_kwh` and `high_kwh`. All of it keeps the curve, and at that energy it is the curve itself."""

    lines: tuple[Line, ...]
    low_kwh: float
    high_kwh: float


@dataclass(frozen=True)
class Reach:
    """What one slot at full power does to a pack: R and R⁻¹ for one type, at one temperature, at one station."""

    kind: PackType
    max_kw: float
    slot_hours: float

    @property
    def full_kwh(self) -> float:
        """Energy of a slot at the charger's full power."""
        return self.max_kw * self.slot_hours

    @cached_property
    def falls_concavely(self) -> bool:
        """Does the end of a slot say all that the curve says, line by line?"""
        return falls_concavely(self.kind)

    def after_kwh(self, energy_kwh: float) -> float:
        """R: the most energy one slot later."""
        if self.falls_concavely:
            return _end_limited(self, energy_kwh)
        return max(energy_kwh, self.polyline.at(energy_kwh))

    def before_kwh(self, energy_kwh: float) -> float:
        """R⁻¹: the least energy from which `energy_kwh` is in reach one slot later."""
        if self.falls_concavely:
            return energy_kwh - self.slot_hours * most_power_kw(self.kind, self.max_kw, energy_kwh)
        return _back(_capped(self), self.slot_hours, energy_kwh)

    def most_gain_kwh(self, energy_kwh: float) -> float:
        """The most that a pack gains in any one slot, once it holds `energy_kwh`."""
        now = self.after_kwh(energy_kwh) - energy_kwh
        if self.falls_concavely:
            return now
        return max(now, self._most_gains_kwh[bisect_right(self.polyline.xs, energy_kwh)])

    @cached_property
    def _most_gains_kwh(self) -> tuple[float, ...]:
        """The most gained from any point of R on, by its number; 0 after the last."""
        gains = [y - x for x, y in zip(self.polyline.xs, self.polyline.ys, strict=True)]
        return (*accumulate(reversed(gains), max, initial=0.0),)[::-1]

    def ladder_kwh(self, energy_kwh: float, most: int) -> tuple[float, ...]:
        """The most that a pack gains in 0, 1, 2 … slots, until it is full or gains nothing, in at most `most`."""
        ladder, now_kwh = [0.0], energy_kwh
        while len(ladder) <= most and (after_kwh := self.after_kwh(now_kwh)) > now_kwh + EQUAL:
            now_kwh = after_kwh
            ladder.append(now_kwh - energy_kwh)
        return tuple(ladder)

    def gains_kwh(self, energy_kwh: float, most: int) -> tuple[float, ...]:
        """(6.10) the most that `most` slots of charging can give a pack of this energy, the most in one first; the last
        of them as much as fills the pack."""
        gains, top = list[float](), self.kind.target_kwh
        while energy_kwh < top - EQUAL and len(gains) < most:
            gain = min(self.most_gain_kwh(energy_kwh), top - energy_kwh)
            if gain <= EQUAL:
                break
            gains.append(gain)
            energy_kwh += gain
        if gains and len(gains) == most:
            gains[-1] += top - energy_kwh
        return tuple(gains)

    @cached_property
    def polyline(self) -> Polyline:
        """R from one slot below empty up to R⁻¹(E); E beyond."""
        points = _capped(self)
        top = self.kind.target_kwh
        xs = sorted({x for x in _kinks_of_reach(points, self.slot_hours) if points[0][0] <= x <= top})
        ys = [_end(points, self.slot_hours, x, top) for x in xs]
        filled = next((n for n, y in enumerate(ys) if y >= top - EQUAL), len(ys) - 1)
        return Polyline(*_without_straight(xs[: filled + 1], ys[: filled + 1]))

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """Most power as the least of lines over *end-of-slot* energy: the least concave function above R, without
        the charger's limit. Exact where `is_concave`."""
        if self.falls_concavely:
            return acceptance_lines(self.kind)
        return self.lines_from(0.0)

    def lines_from(self, energy_kwh: float) -> tuple[Line, ...]:
        """As `lines`, for packs that never hold less than `energy_kwh`."""
        if self.falls_concavely:
            return self.lines
        points = [(x, y) for x, y in self._points_above_empty if x > energy_kwh + EQUAL]
        hull = _upper_hull([(energy_kwh, self.polyline.at(energy_kwh)), *points])
        return tuple(_over_end(x0, y0, x1, y1, self.slot_hours) for (x0, y0), (x1, y1) in pairwise(hull))

    @cached_property
    def is_concave(self) -> bool:
        """Do `lines` say all that the curve says?"""
        if self.falls_concavely:
            return True
        hull = Polyline(*map(tuple, zip(*_upper_hull(self._points_above_empty), strict=True)))
        return all(hull.at(x) - y <= EQUAL * max(1.0, y) for x, y in self._points_above_empty)

    @cached_property
    def _points_above_empty(self) -> list[tuple[float, float]]:
        line = self.polyline
        above = [(x, y) for x, y in zip(line.xs, line.ys, strict=True) if x > EQUAL]
        return [(0.0, line.at(0.0)), *above]

    def around(self, energy_kwh: float) -> Around:
        """A concave part of what the curve allows that holds all it allows a pack with `energy_kwh`."""
        points = self._points_above_empty
        if len(points) < 2:
            return Around((), 0.0, self.kind.target_kwh)
        piece = max(0, min(bisect_right(points, (energy_kwh, math.inf)) - 1, len(points) - 2))
        if piece not in self._parts:
            self._parts[piece] = _around(points, piece, self.slot_hours, self.kind.target_kwh)
        return self._parts[piece]

    @cached_property
    def _parts(self) -> dict[int, Around]:
        """What `around` found, by number of the piece of R."""
        return {}


@lru_cache(maxsize=1024)
def reach_of_kind(kind: PackType, max_kw: float, slot_hours: float) -> Reach:
    """The same Reach for the same question: what it works out is kept. Raises ValueError without a temperature."""
    if kind.acceptance_at_c:
        raise ValueError(f"pack type {kind.id}: its curve is known at a temperature only")
    return Reach(kind, max_kw, slot_hours)


def reach_kwh(kind: PackType, max_kw: float, slot_hours: float, energy_kwh: float) -> float:
    """The most energy a pack can hold a slot later: R. Raises ValueError for a type without a temperature."""
    return reach_of_kind(kind, max_kw, slot_hours).after_kwh(energy_kwh)


@lru_cache(maxsize=256)
def falls_concavely(kind: PackType) -> bool:
    """Is the curve concave and nowhere rising (or none at all)? Then the end of a slot says all: (2.2), (3.4)."""
    slopes = [line.slope for line in lines_of(kind.acceptance)]
    falls = all(slope <= SLOPE for slope in slopes)
    return falls and all(b <= a + SLOPE * max(1.0, abs(a)) for a, b in pairwise(slopes))


@lru_cache(maxsize=256)
def acceptance_lines(kind: PackType) -> tuple[Line, ...]:
    """The pieces of a curve in kW over *energy in kWh*, most power their least value where it `falls_concavely`.

    The constant part before the first point is the first line; pieces that begin at E or above never bind.
    """
    if not kind.acceptance:
        return ()
    first_kw = Line(kind.acceptance[0][1], 0.0)
    starts = [soc for soc, _ in kind.acceptance[:-1]]
    over_soc = [line for soc, line in zip(starts, lines_of(kind.acceptance), strict=True) if soc < kind.target_soc]
    return (first_kw, *(Line(line.intercept, line.slope / kind.capacity_kwh) for line in over_soc))


def most_power_kw(kind: PackType, max_kw: float, energy_kwh: float) -> float:
    """min(charger, curve at `energy_kwh`), never below 0, where the curve `falls_concavely`."""
    accepted = (line.at(energy_kwh) for line in acceptance_lines(kind))
    return max(0.0, min(max_kw, *accepted, math.inf))


def fastest_of(kinds: Sequence[PackType]) -> PackType:
    """A type that takes at every energy what the fastest of these takes: one type at several temperatures."""
    first = kinds[0]
    if all(kind.acceptance == first.acceptance for kind in kinds):
        return first
    curves = [_as_polyline(kind) for kind in kinds]
    socs = {0.0, first.target_soc, *(x for curve in curves for x in curve.xs)}
    grid = sorted(socs | {x for one in curves for other in curves for x in _crossings(one, other, sorted(socs))})
    points = tuple((soc, max(curve.at(soc) for curve in curves)) for soc in grid)
    return PackType(
        first.id, first.capacity_kwh, first.target_soc, first.swap_soc, points, first.wear, first.end_value_per_kwh
    )


def _as_polyline(kind: PackType) -> Polyline:
    socs, kws = zip(*kind.acceptance, strict=True)
    return Polyline(socs, kws)


def _crossings(one: Polyline, other: Polyline, grid: Sequence[float]) -> list[float]:
    found = []
    for low, high in pairwise(grid):
        before, after = one.at(low) - other.at(low), one.at(high) - other.at(high)
        if before * after < 0:
            found.append(low + (high - low) * before / (before - after))
    return found


def _end_limited(reach: Reach, energy_kwh: float) -> float:
    """R where the curve `falls_concavely`: each line a + b·e' of it gives e' ≤ (e + Δ·a) / (1 − Δ·b)."""
    hours = reach.slot_hours
    ends = [energy_kwh + hours * reach.max_kw, reach.kind.target_kwh]
    for line in reach.lines:
        ends.append((energy_kwh + hours * line.intercept) / (1 - hours * line.slope))
    return max(energy_kwh, min(ends))


def _capped(reach: Reach) -> Points:
    """(kWh, kW) points of min(charger, curve) from one slot below empty up to E."""
    kind, max_kw, top = reach.kind, reach.max_kw, reach.kind.target_kwh
    curve = Polyline(*map(tuple, zip(*((soc * kind.capacity_kwh, kw) for soc, kw in kind.acceptance), strict=True)))
    xs = sorted({-reach.full_kwh, top, *(x for x in curve.xs if x < top)})
    pieces = [(x0, curve.at(x0), x1, curve.at(x1)) for x0, x1 in pairwise(xs)]
    level = [
        x0 + (x1 - x0) * (max_kw - y0) / (y1 - y0) for x0, y0, x1, y1 in pieces if (y0 - max_kw) * (y1 - max_kw) < 0
    ]
    return tuple((x, min(max_kw, curve.at(x))) for x in sorted({*xs, *level}))


def _kinks_of_reach(points: Points, hours: float) -> list[float]:
    """Energies between which R is straight: where a slot starts or ends at a kink of the curve, and where what binds
    changes between the curve at its start, at its end, and at a low point between."""
    xs = [x for x, _ in points]
    pieces = [(line.intercept, line.slope) for line in lines_of(points)]
    rising, falling = ([(a, b) for a, b in pieces if sign * b > 0] for sign in (1, -1))
    lows = [y for (_, y0), (_, y), (_, y1) in zip(points, points[1:], points[2:], strict=False) if y0 >= y <= y1]
    found = [*xs, *(_back(points, hours, x) for x in xs)]
    found += [(low - a) / b for low in lows for a, b in rising]
    found += [(low - a) / b - hours * low for low in lows for a, b in falling]
    for a, b in rising:
        for c, d in falling:  # a + b·e = c + d·(e + Δ·(a + b·e))
            found.append((c + hours * d * a - a) / (b - d - hours * b * d))
    return found


def _end(points: Points, hours: float, energy_kwh: float, top_kwh: float) -> float:
    """R(e), by going up the curve from e: the first energy at which the power to come there is too much."""
    place = max(1, min(bisect_right(points, (energy_kwh, math.inf)), len(points) - 1))
    least_kw, x0, y0 = math.inf, energy_kwh, _on(points[place - 1], points[place], energy_kwh)
    for x1, y1 in points[place:]:
        least_kw = min(least_kw, y0)
        end = energy_kwh + hours * least_kw
        if y1 < y0 and x1 > x0:
            slope = (y1 - y0) / (x1 - x0)
            end = min(end, (energy_kwh + hours * (y0 - slope * x0)) / (1 - hours * slope))
        if end <= x1:
            return max(energy_kwh, min(end, top_kwh))
        x0, y0 = x1, y1
    return top_kwh


def _back(points: Points, hours: float, energy_kwh: float) -> float:
    """R⁻¹(e'), by going down the curve from e'."""
    place = max(1, min(bisect_left(points, (energy_kwh, -math.inf)), len(points) - 1))
    least_kw, x1, y1 = math.inf, energy_kwh, _on(points[place - 1], points[place], energy_kwh)
    for x0, y0 in reversed(points[:place]):
        least_kw = min(least_kw, y1)
        start = energy_kwh - hours * least_kw
        if y1 > y0 and x1 > x0:
            slope = (y1 - y0) / (x1 - x0)
            start = max(start, (energy_kwh - hours * (y1 - slope * x1)) / (1 + hours * slope))
        if start >= x0:
            return min(start, energy_kwh)
        x1, y1 = x0, y0
    return energy_kwh - hours * min(least_kw, y1)


def _on(one: tuple[float, float], other: tuple[float, float], x: float) -> float:
    (x0, y0), (x1, y1) = one, other
    return y0 + (y1 - y0) * min(1.0, max(0.0, (x - x0) / (x1 - x0)))


def _without_straight(xs: Sequence[float], ys: Sequence[float]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The points without those on the line between their neighbours, and without all but one of a cluster."""
    kept = [(xs[0], ys[0])]
    for n in range(1, len(xs) - 1):
        (x0, y0), x1, y1, x2, y2 = kept[-1], xs[n], ys[n], xs[n + 1], ys[n + 1]
        near = x1 - x0 <= EQUAL or x2 - x1 <= EQUAL
        if not near and abs(y0 + (y2 - y0) * (x1 - x0) / (x2 - x0) - y1) > EQUAL:
            kept.append((x1, y1))
    if len(kept) > 1 and xs[-1] - kept[-1][0] <= EQUAL:
        kept.pop()
    if xs[-1] > xs[0]:
        kept.append((xs[-1], ys[-1]))
    return tuple(x for x, _ in kept), tuple(y for _, y in kept)


def _upper_hull(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Points of the least concave function above these, which are sorted."""
    hull: list[tuple[float, float]] = []
    for x, y in points:
        while len(hull) >= 2:
            (x0, y0), (x1, y1) = hull[-2:]
            if (y1 - y0) * (x - x0) > (y - y0) * (x1 - x0):
                break
            hull.pop()
        hull.append((x, y))
    return hull


def _over_end(x0: float, y0: float, x1: float, y1: float, hours: float) -> Line:
    """The line e' ≤ c + d·e through two points of R as most power over e': p ≤ (c + (d − 1)·e') / (d·Δ)."""
    slope = (y1 - y0) / (x1 - x0)
    return Line((y0 - slope * x0) / (slope * hours), (slope - 1) / (slope * hours))


def _around(points: Sequence[tuple[float, float]], piece: int, hours: float, top_kwh: float) -> Around:
    """Pieces of R to both sides of one while they bend down; where they bend up, the last piece goes on, for it
    stays below R as far as R does not come down to it."""
    slopes = [(y1 - y0) / (x1 - x0) for (x0, y0), (x1, y1) in pairwise(points)]
    last, first = piece, piece
    while last + 1 < len(slopes) and slopes[last + 1] <= slopes[last]:
        last += 1
    while first > 0 and slopes[first - 1] >= slopes[first]:
        first -= 1
    high = _crossed(points[last:], slopes[last], top_kwh)
    low = _crossed(points[first + 1 :: -1], slopes[first], 0.0)
    lines = [_over_end(*points[n], *points[n + 1], hours) for n in range(first, last + 1)]
    return Around(tuple(lines), low, high)


def _crossed(points: Sequence[tuple[float, float]], slope: float, end: float) -> float:
    """Where the line from the first point at `slope` first comes above the polyline through the points; `end` if it
    never does."""
    x0, y0 = points[0]
    for (x1, y1), (x2, y2) in pairwise(points[1:]):
        one, other = y1 - y0 - slope * (x1 - x0), y2 - y0 - slope * (x2 - x0)
        if other < -EQUAL:
            return x1 + (x2 - x1) * max(0.0, one) / (max(0.0, one) - other)
    return end
