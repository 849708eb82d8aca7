"""Nights whose plans lose swaps: tiny ones over all features, larger ones with less grid. Not a test file itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count as numbers
from pathlib import Path

import msgspec
from features import feature_night, feature_sets

from models.station.instance import Night
from models.station.overload import stated_kw
from optimizer.bench.library.families import family_instance
from optimizer.engine.options import RunOptions
from optimizer.engine.plan_station import plan_station
from optimizer.explain.why_lost import LosingPlan
from optimizer.formats.instance_document import InstanceDocument
from optimizer.formats.read_instance import build_instance

FAMILIES = ("overloaded", "few-chargers", "acceptance-wear", "on-off", "two-types", "few-chargers-curve", "ordinary")
SHARES = (0.7, 0.8, 0.9, 1.0)  # of the grid limit above the highest base load that is left
TINY_OF_TEN = 9
LIMIT = RunOptions(gap=0.002, time_limit_seconds=5.0)


@dataclass(frozen=True)
class LossyNight:
    """`what` it is, in words; `is_tiny`: its truth can be found out by other means than ours."""

    number: int
    what: str
    is_tiny: bool
    plan: LosingPlan


def lossy_nights(count: int, seed: int) -> Iterator[tuple[int, int]]:
    """Numbers of `count` nights: each with where its search begins, which is a night that may lose nobody."""
    for number in range(count):
        yield number, 1000 * number + 1_000_000 * seed


def lossy_night(number: int, begin: int) -> LossyNight:
    """The first night from `begin` on whose plan loses a swap: nine of ten are tiny."""
    is_tiny = number % 10 < TINY_OF_TEN
    for at in numbers(begin):
        what, night = _tiny(at) if is_tiny else _larger(at, FAMILIES[number // 10 % len(FAMILIES)])
        plan = plan_station(night, LIMIT, purpose="bound")
        if plan.result.swaps_lost:
            return LossyNight(number, what, is_tiny, LosingPlan.of(plan, "EUR"))
    raise AssertionError


def _tiny(at: int) -> tuple[str, Night]:
    levels = feature_sets(1 + at % 1000, at // 1000)[-1]
    return f"features {at}", feature_night(levels, at % 1000, at // 1000)


def _larger(at: int, family: str) -> tuple[str, Night]:
    size = ("xs", "xs", "xs", "s")[at // 1000 % 4]
    document = family_instance(family, size, at)
    (night,) = build_instance(msgspec.convert(document, InstanceDocument), Path()).nights
    share = SHARES[at % len(SHARES)]
    return f"{family}-{size}-{at}, {share:g} of the grid", with_less_grid(night, share)


def with_less_grid(night: Night, share: float) -> Night:
    """The night with that share of the grid limit above its highest base load."""
    base_kw = max(night.station.base_load_kw)
    limit_kw = tuple(base_kw + share * max(0.0, kw - base_kw) for kw in stated_kw(night.station))
    return replace(night, station=replace(night.station, grid_limit_kw=limit_kw, stated_limit_kw=()))
