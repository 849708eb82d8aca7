"""Stepped rates: what the first kWh or kW of a month cost, and what those beyond each threshold cost."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.errors import Problem
from models.rules import number_in

Steps = tuple[tuple[float, float], ...]
"""(above, rate), …: the rate of what lies above a threshold, up to the next one. The first threshold is 0."""


def steps_problems(place: str, steps: Steps, lowest_rate: float) -> Iterator[Problem]:
    """Thresholds rise from above 0, rates are at least `lowest_rate`; `steps` without the first one, at 0."""
    before = 0.0
    for index, (above, rate) in enumerate(steps):
        yield from number_in(f"{place}[{index}][0]", above, 0, above_low=True)
        yield from number_in(f"{place}[{index}][1]", rate, lowest_rate)
        if above <= before and index:
            yield Problem(
                f"{place}[{index}][0]", above, f"must be above the threshold before it ({before:g})", "sort them"
            )
        before = above


def stepped_cost(steps: Steps, amount: float) -> float:
    """What the first `amount` (kWh or kW) of a month cost, in plain arithmetic."""
    ends = [*(above for above, _ in steps[1:]), amount]
    return sum(rate * max(0.0, min(amount, end) - above) for (above, rate), end in zip(steps, ends, strict=True))


def rate_at(steps: Steps, amount: float) -> float:
    """What the next kWh or kW costs once there are `amount`."""
    return [rate for above, rate in steps if above <= max(0.0, amount)][-1]


def stretched(steps: Steps, factor: float) -> Steps:
    """The same with every threshold times `factor`."""
    return tuple((above * factor, rate) for above, rate in steps)


def cost_in_proportion(steps: Steps, own: float, counted: float) -> float:
    """What `own` of the `counted` kWh of a month cost, which lie in each tier in proportion."""
    return stepped_cost(steps, counted) * own / counted if counted > 0 else 0.0


@dataclass(frozen=True)
class Segment:
    """A stretch of a stepped rate: `width` kWh or kW at one `rate`. `falls`: cheaper than the stretch before it."""

    width: float
    rate: float
    falls: bool = False


def segments(steps: Steps, low: float, high: float) -> list[Segment]:
    """The rate between two amounts, in order; one segment at least, perhaps of no width."""
    ends = [*(above for above, _ in steps[1:]), float("inf")]
    parts = [
        (min(high, end) - max(low, above), rate)
        for (above, rate), end in zip(steps, ends, strict=True)
        if min(high, end) > max(low, above)
    ]
    merged: list[tuple[float, float]] = []
    for rate, group in itertools.groupby(parts, key=lambda part: part[1]):
        merged.append((sum(width for width, _ in group), rate))
    if not merged:
        return [Segment(0.0, rate_at(steps, low))]
    before = [merged[0][1], *(rate for _, rate in merged)]
    return [Segment(width, rate, rate < earlier) for (width, rate), earlier in zip(merged, before, strict=False)]


def convex_groups(stepped: Sequence[Segment]) -> list[list[int]]:
    """Runs of segments within which the rate never falls: a later run costs less than the one before it."""
    groups: list[list[int]] = []
    for k, segment in enumerate(stepped):
        if segment.falls or not groups:
            groups.append([])
        groups[-1].append(k)
    return groups


def scaled(steps: Steps, factor: float) -> Steps:
    """The same with every rate times `factor`."""
    return tuple((above, rate * factor) for above, rate in steps)


def product(steps: Steps, factors: Steps) -> Steps:
    """Rates times the factor that holds at the same amount; both begin at 0."""
    edges = sorted({above for above, _ in (*steps, *factors)})
    found = [(above, rate_at(steps, above) * rate_at(factors, above)) for above in edges]
    return tuple(
        one for one, before in zip(found, [None, *found], strict=False) if before is None or before[1] != one[1]
    )
