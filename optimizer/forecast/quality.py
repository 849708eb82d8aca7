"""How good a forecast is: each day told from the others, and compared with what came."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from optimizer.forecast.counting import between, crps, poisson_error
from optimizer.forecast.spread import SpreadEstimate
from optimizer.forecast.station_days import SLOTS, Reals

SHARES = (0.1, 0.5, 0.9)


@dataclass(frozen=True)
class Quality:
    """Of days left out in turn. Errors and scores in drivers.

    `hourly_error`: mean |drivers − expected| of an hour; `hourly_floor`: what it would be if the expectation were known
    for certain and drivers were Poisson. `days_below`, `hours_below`: shares of days and hours below the quantiles of
    10, 50 and 90 %; one that falls on a quantile counts in part. `crps_day`, `crps_hour`: continuous ranked probability
    scores; `crps_day_poisson`: without spread.
    """

    days: int
    hourly_error: float
    hourly_floor: float
    daily_error: float
    days_below: tuple[float, float, float]
    hours_below: tuple[float, float, float]
    crps_day: float
    crps_day_poisson: float
    crps_hour: float


def quality_of(counts: Reals, means: Reals, spread: SpreadEstimate) -> Quality:
    """`counts` and what the other days expect of each day, shape (days, SLOTS), with the spread that they say."""
    hours, expected = (day.reshape(len(day), SLOTS // 4, 4).sum(axis=2) for day in (counts, means))
    totals, of_day = counts.sum(axis=1), means.sum(axis=1)
    sds, wide = spread.day_sds, spread.dispersions
    return Quality(
        days=len(counts),
        hourly_error=float(abs(hours - expected).mean()),
        hourly_floor=float(poisson_error(expected).mean()),
        daily_error=float(abs(totals - of_day).mean()),
        days_below=_shares_below(totals, of_day, wide, sds),
        hours_below=_shares_below(hours, expected, wide[:, None], sds[:, None]),
        crps_day=float(crps(totals, of_day, wide, sds).mean()),
        crps_day_poisson=float(crps(totals, of_day, np.ones(len(wide)), np.zeros(len(wide))).mean()),
        crps_hour=float(crps(hours, expected, wide[:, None], sds[:, None]).mean()),
    )


def _shares_below(counts: Reals, means: Reals, dispersion: Reals, day_sd: Reals) -> tuple[float, float, float]:
    """For each of SHARES the part of the counts below that quantile: of one that is on it, the part of its chance that
    lies below (probability integral transform of counts: C. Czado et al., Biometrics 65, 2009)."""
    low, high = between(counts, means, dispersion, day_sd)
    chance = np.maximum(high - low, np.finfo(float).tiny)
    first, middle, last = (float(np.clip((share - low) / chance, 0, 1).mean()) for share in SHARES)
    return first, middle, last
