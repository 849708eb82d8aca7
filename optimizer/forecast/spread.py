"""How far days are from their forecast: a day's factor and dispersion beyond Poisson, from days left out.

Dispersion: Pearson's χ² ÷ degrees of freedom of the hours of a day, given how many drivers it had (P. McCullagh and J.
A. Nelder, *Generalized Linear Models*, 1989, section 4.5). Day factor: mean of its variance over its likelihood, times
a half-normal prior. Both are drawn towards what is usual, the more the shorter the history.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.forecast.counting import log_chance
from optimizer.forecast.station_days import SLOTS, Reals

STEP, MOST_SD, PRIOR_SD = 0.01, 1.0, 0.1
"""Of the day factor: grid and its end, and the scale of the prior."""
DAY_SDS = np.arange(0.0, MOST_SD + STEP / 2, STEP)
USUAL_FREEDOM = 60.0
"""Degrees of freedom that dispersion 1 counts for: three days' hours or so."""
LEAST_EXPECTED = 2.0
"""Drivers expected in a stretch of the day: hours with fewer are taken together."""
MOST_DISPERSION = 20.0


@dataclass(frozen=True)
class SpreadEstimate:
    """Spread of a station: as all days say it, and as the others say it of each day, shape (days,)."""

    day_sd: float
    dispersion: float
    day_sds: Reals
    dispersions: Reals


def spread_of(counts: Reals, means: Reals) -> SpreadEstimate:
    """`counts` and what the other days expect of each day, both of shape (days, SLOTS)."""
    chi2, freedom = _pearson(counts, means)
    dispersion = _shrunk(chi2.sum(), freedom.sum())
    dispersions = [_shrunk(chi2.sum() - one, freedom.sum() - less) for one, less in zip(chi2, freedom, strict=True)]
    totals, expected = counts.sum(axis=1), means.sum(axis=1)
    likely = log_chance(totals[:, None], expected[:, None], dispersion, DAY_SDS)
    prior = -0.5 * (DAY_SDS / PRIOR_SD) ** 2
    every = likely.sum(axis=0) + prior
    day_sds = np.array([_mean_sd(every - one) for one in likely])
    return SpreadEstimate(_mean_sd(every), dispersion, day_sds, np.array(dispersions))


def _mean_sd(log_weight: Reals) -> float:
    weight = np.exp(log_weight - log_weight.max())
    return float(np.sqrt((weight * DAY_SDS**2).sum() / weight.sum()))


def _shrunk(chi2: float, freedom: float) -> float:
    return float(np.clip((chi2 + USUAL_FREEDOM) / (freedom + USUAL_FREEDOM), 1.0, MOST_DISPERSION))


def _pearson(counts: Reals, means: Reals) -> tuple[Reals, Reals]:
    """χ² of each day's stretches and its degrees of freedom, each of shape (days,)."""
    stretch = _stretches(means.mean(axis=0))
    parts = int(stretch[-1]) + 1
    seen, expected = (np.stack([day[:, stretch == part].sum(axis=1) for part in range(parts)], axis=1)
                      for day in (counts, means))  # fmt: skip
    totals = seen.sum(axis=1)
    expected = expected * (totals / expected.sum(axis=1))[:, None]
    chi2 = np.where(expected > 0, (seen - expected) ** 2 / np.maximum(expected, STEP), 0.0).sum(axis=1)
    return np.where(totals > 0, chi2, 0.0), np.where(totals > 0, parts - 1, 0).astype(float)


def _stretches(mean: Reals) -> Reals:
    """The number of the stretch of each quarter-hour: whole hours in which drivers enough are expected."""
    numbers, so_far, number = np.zeros(SLOTS, dtype=int), 0.0, 0
    for hour in range(0, SLOTS, 4):
        numbers[hour : hour + 4] = number
        so_far += mean[hour : hour + 4].sum()
        if so_far >= LEAST_EXPECTED and mean[hour + 4 :].sum() >= LEAST_EXPECTED:
            number, so_far = number + 1, 0.0
    return numbers
