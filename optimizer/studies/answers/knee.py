"""Where a curve of costs bends: its knee, as in "from 8 chargers on, another one saves little"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from models.tolerances import money_tolerance

MOST_SHARE = 0.5  # of what a step saves before the knee: that is what one saves after it, at most
LEAST_POINTS = 3

Shape = Literal["knee", "few", "unproven", "flat", "against", "straight", "late"]
Point = tuple[float, float]


@dataclass(frozen=True)
class Bend:
    """What a curve's shape is, and the number of its knee's point where it has one.

    `few`: fewer than three points. `unproven`: what is not proven of the costs may be all of the bend. `flat`: they
    may be all the same. `against`: costs rise where they should fall, or fall. `straight`: each step saves about the
    same. `late`: the last steps save most.
    """

    shape: Shape
    knee: int | None = None


def bend_of(points: Sequence[Point], unproven: Sequence[float | None], *, rising: bool = False) -> Bend:
    """The shape of a curve of costs that should fall, or rise, ever less (ever more).

    The knee is the point farthest below the chord from the first point to the last: that of Satopää, Albrecht, Irwin
    and Raghavan, "Finding a 'Kneedle' in a Haystack" (ICDCS workshops, 2011), whose smoothing and sensitivity are for
    long noisy series. It is one only where a step after it saves, on average, at most half of one before it (or costs
    at least twice), and where it would still lie below the chord were all costs the least that they can be:
    `unproven` tells for each point how far its true least cost may lie below it; None: not known. Of several equally
    far ones the first counts.

    points: at least one, values ascending, in currency. The same length: unproven, in currency.
    """
    if len(points) < LEAST_POINTS:
        return Bend("few")
    known = [money for money in unproven if money is not None]
    if len(known) < len(points):
        return Bend("unproven")
    costs = [cost for _, cost in points]
    span = max(costs) - min(costs)
    if span <= max(*known, money_tolerance(*costs)):
        return Bend("flat")
    if costs[-1] < costs[0] if rising else costs[-1] > costs[0]:
        return Bend("against")
    return _bend(points, known, rising)


def _bend(points: Sequence[Point], unproven: Sequence[float], rising: bool) -> Bend:
    """The point farthest below the chord, if the curve bends there."""
    (first, first_cost), (last, last_cost) = points[0], points[-1]
    shares = [(value - first) / (last - first) for value, _ in points]
    chord = [first_cost + share * (last_cost - first_cost) for share in shares]
    depths = [on_chord - cost for on_chord, (_, cost) in zip(chord, points, strict=True)]
    inner = range(1, len(points) - 1)
    knee, late = max(inner, key=depths.__getitem__), min(inner, key=depths.__getitem__)
    little, much = _little_and_much(points, knee, rising)
    if little > MOST_SHARE * much:
        much, little = _little_and_much(points, late, rising)
        return Bend("late" if depths[late] < 0 and little <= MOST_SHARE * much else "straight")
    share = shares[knee]
    if depths[knee] <= (1 - share) * unproven[0] + share * unproven[-1]:
        return Bend("unproven")
    return Bend("knee", knee)


def _little_and_much(points: Sequence[Point], at: int, rising: bool) -> tuple[float, float]:
    """What a step saves after a point and before it; where costs are to rise, costs before it and after it."""
    before, after = steps([points[0], points[at], points[-1]])
    return (-before, -after) if rising else (after, before)


def steps(points: Sequence[Point]) -> list[float]:
    """What each unit saves from a point to the next, in currency; below 0 where it costs more."""
    return [(cost - following) / (next_value - value) for (value, cost), (next_value, following) in pairwise(points)]
