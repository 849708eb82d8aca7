"""Counts of drivers as random numbers: mean m, variance φ · m + (σ · m)², Poisson or negative binomial.

φ is the dispersion, σ the day's standard deviation of models/station/demand/expected.py.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from optimizer.forecast.station_days import Reals

NEARLY_POISSON = 1.0001
LEAST_MEAN = 0.000001
TAIL = 0.000001
MOST_COUNT = 5000


def log_chance(counts: Reals, means: Reals, dispersion: float, day_sd: Reals | float) -> Reals:
    """Logarithm of the chance of each count; shapes are broadcast."""
    return np.asarray(stats.nbinom.logpmf(counts, *_law(means, dispersion, day_sd)))


def between(counts: Reals, means: Reals, dispersion: Reals, day_sd: Reals) -> tuple[Reals, Reals]:
    """Chance of a smaller count, and of one that is not greater."""
    law = _law(means, dispersion, day_sd)
    return np.asarray(stats.nbinom.cdf(counts - 1, *law)), np.asarray(stats.nbinom.cdf(counts, *law))


def quantile(share: float, means: Reals, dispersion: float, day_sd: float) -> Reals:
    """The least counts that are not passed with this chance."""
    return np.asarray(stats.nbinom.ppf(share, *_law(means, dispersion, day_sd)))


def crps(counts: Reals, means: Reals, dispersion: Reals, day_sd: Reals) -> Reals:
    """Continuous ranked probability score of each count, in drivers (T. Gneiting and A. E. Raftery, J. Am. Stat. Assoc.
    102, 2007): the sum over k of (chance of at most k − has it been at most k)²."""
    far = stats.nbinom.ppf(1 - TAIL, *_law(means, dispersion, day_sd)).max(initial=0)
    k = np.arange(min(MOST_COUNT, int(max(counts.max(initial=0), far))) + 1)
    chance = stats.nbinom.cdf(k, *_law(means[..., None], dispersion[..., None], day_sd[..., None]))
    return np.asarray(((chance - (counts[..., None] <= k)) ** 2).sum(axis=-1))


def poisson_error(means: Reals) -> Reals:
    """Mean absolute error of the best that can be said of Poisson counts when their means are known:
    E|N − m| = 2 exp(−m) m^(⌊m⌋+1) / ⌊m⌋! (P. Diaconis and S. Zabell, Stat. Sci. 6, 1991)."""
    return np.asarray(2 * means * stats.poisson.pmf(np.floor(means), means))


def _law(means: Reals, dispersion: Reals | float, day_sd: Reals | float) -> tuple[Reals, Reals]:
    """n and p of a negative binomial, of which Poisson is the limit for a great n: one law for all cells."""
    means = np.maximum(means, LEAST_MEAN)
    wide = np.maximum(dispersion + means * np.square(day_sd), NEARLY_POISSON)
    return np.asarray(means / (wide - 1)), np.asarray(1 / wide)
