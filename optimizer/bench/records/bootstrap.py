"""Intervals of confidence by the bootstrap: the instances that were run are taken as a sample of all that could be.

Instances are drawn again with replacement, each with all of its runs, for the seeds of one instance are no independent
runs. Source: B. Efron, R. J. Tibshirani, An introduction to the bootstrap, 1993, chapter 13 (percentile intervals).
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from functools import cache

import numpy as np

from models.formulations.matrix import Array

RESAMPLES = 1000
SEED = 20261129
LEVEL = 0.95
LEAST_INSTANCES = 5  # with fewer, instances drawn again are too much alike to say anything of others

Interval = tuple[float, float]


@cache
def resamples(instances: int) -> Array:
    """How often each instance is drawn, (RESAMPLES, instances); the same on every call. Draws are Python's own, which
    stay the same from version to version."""
    drawn = random.Random(SEED)
    counts = np.zeros((RESAMPLES, instances))
    for row in counts:
        for _ in range(instances):
            row[int(drawn.random() * instances)] += 1
    return counts


def mean_interval(groups: Sequence[Sequence[float]]) -> Interval | None:
    """Where the mean of all values lies at 95 %; each group is an instance. None where they are fewer than five."""
    if len(groups) < LEAST_INSTANCES:
        return None
    sums = np.array([math.fsum(values) for values in groups])
    sizes = np.array([len(values) for values in groups], dtype=float)
    counts = resamples(len(groups))
    return _middle((counts @ sums) / (counts @ sizes))


def share_interval(groups: Sequence[Sequence[float]]) -> Interval | None:
    """The same of a share, of which each value is 0 or 1. Where all are alike, drawing them again shows no spread: then
    it is the exact binomial interval (C. J. Clopper, E. S. Pearson, Biometrika 26, 1934) of as many instances."""
    interval = mean_interval(groups)
    if interval is None or interval[0] != interval[1] or interval[0] not in (0.0, 1.0):
        return interval
    unseen = 1 - ((1 - LEVEL) / 2) ** (1 / len(groups))
    return (0.0, unseen) if interval[0] == 0 else (1 - unseen, 1.0)


def _middle(values: Array) -> Interval:
    """From the value below which lie 2.5 % of all to the one above which lie 2.5 %, each one of the values."""
    ordered, tail = np.sort(values), (1 - LEVEL) / 2
    low, high = math.ceil(tail * len(ordered)) - 1, math.ceil((1 - tail) * len(ordered)) - 1
    return float(ordered[max(0, low)]), float(ordered[high])
