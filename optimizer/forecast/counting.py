"""Counts of drivers as random numbers: mean m, variance φ · m + (σ · m)², Poisson or negative binomial.

φ is the dispersion, σ the day's standard deviation of models/station/demand/expected.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import stats

from optimizer.forecast.station_days import Reals

NEARLY_POISSON = 1.0001
LEAST_MEAN = 0.000001
TAIL = 0.000001
MOST_COUNT = 5000


def log_chance(counts: Reals, means: Reals, dispersion: float, day_sd: float) -> Reals:
    """Logarithm of the chance of each count; all arrays have one shape."""
    return np.asarray(_of(means, dispersion, day_sd).logpmf(counts))


def between(counts: Reals, means: Reals, dispersion: Reals, day_sd: Reals) -> tuple[Reals, Reals]:
    """Chance of a smaller count, and of one that is not greater."""
    law = _of(means, dispersion, day_sd)
    return np.asarray(law.cdf(counts - 1)), np.asarray(law.cdf(counts))


def quantile(share: float, means: Reals, dispersion: float, day_sd: float) -> Reals:
    """The least counts that are not passed with this chance."""
    return np.asarray(_of(means, dispersion, day_sd).ppf(share))


def crps(counts: Reals, means: Reals, dispersion: Reals, day_sd: Reals) -> Reals:
    """Continuous ranked probability score of each count, in drivers (T. Gneiting and A. E. Raftery, J. Am. Stat. Assoc.
    102, 2007): the sum over k of (chance of at most k − has it been at most k)²."""
    law = _of(means[..., None], dispersion[..., None], day_sd[..., None])
    most = min(MOST_COUNT, int(max(counts.max(initial=0), _of(means, dispersion, day_sd).ppf(1 - TAIL).max(initial=0))))
    k = np.arange(most + 1)
    return np.asarray(((law.cdf(k) - (counts[..., None] <= k)) ** 2).sum(axis=-1))


def poisson_error(means: Reals) -> Reals:
    """Mean absolute error of the best that can be said of Poisson counts when their means are known:
    E|N − m| = 2 exp(−m) m^(⌊m⌋+1) / ⌊m⌋! (P. Diaconis and S. Zabell, Stat. Sci. 6, 1991)."""
    return np.asarray(2 * means * stats.poisson.pmf(np.floor(means), means))


def _of(means: Reals, dispersion: Reals | float, day_sd: Reals | float) -> Any:
    """Poisson is the limit of a negative binomial of great number: one law for all cells."""
    means = np.maximum(means, LEAST_MEAN)
    wide = np.maximum(dispersion + means * day_sd**2, NEARLY_POISSON)
    return stats.nbinom(means / (wide - 1), 1 / wide)
