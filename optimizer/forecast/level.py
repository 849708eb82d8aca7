"""How many drivers a day has: a level, and where the days support it, weekends, holidays and a trend.

log mean = β · x, fitted by penalised likelihood: counts of a day vary like those of a negative binomial with a usual
spread, and each number but the level itself is drawn towards 0 (ridge, that is a normal prior). Weekends and the trend
are learnt only where days that were left out are clearly likelier with them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from optimizer.forecast.profile import CLEAR_GAIN
from optimizer.forecast.station_days import USUAL_DAY_SD, Reals

LEVEL, WEEKEND, HOLIDAY, TREND = range(4)
PRIOR_SD = (10.0, 0.3, 0.5, 0.01)
"""Of each number; the trend's is that of a day."""
TREND_DAYS = 14
"""Fewer days have no trend."""
MOST_AHEAD = 7
"""Days for which a trend goes on."""
MOST_LEFT_OUT = 120
"""Days that are left out in turn to choose what is learnt: the last ones."""
STEPS = 25
CONVERGED = 0.000001


@dataclass(frozen=True)
class DayLevel:
    """Mean drivers by day: `beta` by LEVEL, WEEKEND, HOLIDAY, TREND; 0: not learnt. `last`: the last day known.

    `left_out`: what the other days say of each day, shape (days,).
    """

    beta: Reals
    first: date
    last: date
    holidays: frozenset[date]
    left_out: Reals

    def on(self, day: date) -> float:
        """Mean drivers of a day."""
        ahead = min((day - self.first).days, (self.last - self.first).days + MOST_AHEAD)
        row = _row(day, max(0, ahead), self.holidays)
        return float(np.exp(row @ self.beta))


def level_of(totals: Reals, dates: Sequence[date], holidays: Collection[date]) -> DayLevel:
    """The level that the days' totals support; at least one driver in all."""
    known = frozenset(holidays)
    x = np.array([_row(day, (day - dates[0]).days, known) for day in dates])
    learnt, best = _usable(x, (LEVEL, HOLIDAY)), -np.inf
    means = _left_out(x, totals, learnt)
    best = _score(totals, means)
    for more in (WEEKEND, TREND):
        tried = _usable(x, (*learnt, more))
        if more in tried and (more != TREND or len(dates) >= TREND_DAYS):
            left = _left_out(x, totals, tried)
            if _score(totals, left) > best + CLEAR_GAIN:
                learnt, means, best = tried, left, _score(totals, left)
    return DayLevel(_fit(x, totals, learnt), dates[0], dates[-1], known, means)


def _row(day: date, since: int, holidays: Collection[date]) -> Reals:
    is_holiday = day in holidays
    return np.array([1.0, float(day.weekday() >= 5 or is_holiday), float(is_holiday), float(since)])


def _usable(x: Reals, names: Sequence[int]) -> tuple[int, ...]:
    """Those of which the days say something: not the same on all of them."""
    return tuple(sorted({name for name in names if name == LEVEL or np.ptp(x[:, name]) > 0}))


def _fit(x: Reals, totals: Reals, learnt: Sequence[int]) -> Reals:
    """The numbers of the likeliest level, by Fisher scoring."""
    columns = list(learnt)
    own, ridge = x[:, columns], np.diag([PRIOR_SD[name] ** -2 for name in columns])
    beta = np.zeros(len(columns))
    beta[0] = np.log(max(totals.mean(), 0.01))
    start = beta.copy()
    start[1:] = 0.0
    for _ in range(STEPS):
        mean = np.exp(own @ beta)
        weight = 1 / (1 + mean * USUAL_DAY_SD**2)
        ascent = own.T @ (weight * (totals - mean)) - ridge @ (beta - start)
        step = np.linalg.solve(own.T @ (own * (weight * mean)[:, None]) + ridge, ascent)
        beta = beta + np.clip(step, -1, 1)
        if abs(step).max() < CONVERGED:
            break
    found = np.zeros(len(PRIOR_SD))
    found[columns] = beta
    return found


def _left_out(x: Reals, totals: Reals, learnt: Sequence[int]) -> Reals:
    """What the other days say of each of the last days; of earlier ones, what all do."""
    means = np.exp(x @ _fit(x, totals, learnt))
    for day in range(max(0, len(totals) - MOST_LEFT_OUT), len(totals)):
        rest = np.arange(len(totals)) != day
        if totals[rest].sum() > 0:
            means[day] = np.exp(x[day] @ _fit(x[rest], totals[rest], learnt))
    return np.asarray(means)


def _score(totals: Reals, means: Reals) -> float:
    """Log-likelihood of the totals, with a usual spread of days."""
    from optimizer.forecast.counting import log_chance

    last = slice(-MOST_LEFT_OUT, None)
    return float(log_chance(totals[last], means[last], 1.0, USUAL_DAY_SD).sum())
