"""Means of days with their intervals: what so many days say, and no more."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
CONFIDENCE = 0.95
Z = 1.959963984540054
"""Quantile of the normal distribution that leaves half of what CONFIDENCE leaves above it."""


@dataclass(frozen=True)
class Estimate:
    """A mean and the interval that holds it with CONFIDENCE; of a single day the interval is not known (None)."""

    mean: float
    low: float | None
    high: float | None


def mean_of(values: NDArray[Any]) -> Estimate:
    """The mean of independent days, with Student's interval."""
    mean, count = float(np.mean(values)), len(values)
    if count < 2:
        return Estimate(mean, None, None)
    half = _student(count - 1) * float(np.std(values, ddof=1)) / math.sqrt(count)
    return Estimate(mean, mean - half, mean + half)


def _student(freedom: int) -> float:
    from scipy.special import stdtrit  # slow to load

    return float(stdtrit(freedom, (1 + CONFIDENCE) / 2))


def share_of(part: NDArray[Any], whole: NDArray[Any]) -> Estimate:
    """Σ part / Σ whole over independent days; 1 where there is nothing.

    A ratio of means, with Student's interval of its residuals; where days agree too well to say anything (nobody lost
    on any of them), Wilson's interval of the whole, which knows how many there were. The wider end of both is told.
    """
    total = float(whole.sum())
    if total <= 0:
        return Estimate(1.0, None, None)
    share, count = float(part.sum()) / total, len(whole)
    low, high = _wilson(share, total)
    if count > 1:
        residuals = (part - share * whole) / (total / count)
        half = _student(count - 1) * float(np.std(residuals, ddof=1)) / math.sqrt(count)
        low, high = min(low, share - half), max(high, share + half)
    return Estimate(share, max(0.0, low), min(1.0, high))


def _wilson(share: float, count: float) -> tuple[float, float]:
    """Wilson (1927), Probable inference, equation for the limits of a proportion."""
    middle = (share + Z**2 / (2 * count)) / (1 + Z**2 / count)
    half = Z / (1 + Z**2 / count) * math.sqrt(share * (1 - share) / count + Z**2 / (4 * count**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def ratio_of(top: Floats, bottom: Floats) -> Estimate | None:
    """mean(top) / mean(bottom) of the same days, with a jackknife's interval; None where the bottom is not above 0."""
    count = len(top)
    if count == 0 or float(bottom.mean()) <= 0:
        return None
    ratio = float(top.sum() / bottom.sum())
    left_out = bottom.sum() - bottom
    if count < 2 or (left_out <= 0).any():
        return Estimate(ratio, None, None)
    without = (top.sum() - top) / left_out
    half = _student(count - 1) * math.sqrt((count - 1) / count * float(((without - without.mean()) ** 2).sum()))
    return Estimate(ratio, ratio - half, ratio + half)
