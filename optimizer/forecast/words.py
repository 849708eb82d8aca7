"""A forecast in words: what was learnt, what was left out, how good it is on days left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np

from optimizer.forecast.level import HOLIDAY, TREND, WEEKEND
from optimizer.forecast.quality import Quality
from optimizer.forecast.station_forecast import StationForecast, TypeFit

MOST_DAYS_TOLD = 10
NEAR_FLOOR = 1.1
LEAST_FLOOR = 0.001
MINUTES_OF_SLOT = 15


def learnt_words(one: StationForecast) -> tuple[str, ...]:
    """What the days support beyond a level and a profile."""
    several = len(one.fits) > 1
    return tuple(f"{fit.type}: {words}" if several else words for fit in one.fits for words in _learnt(fit))


def _learnt(fit: TypeFit) -> Iterator[str]:
    beta, profile = fit.level.beta, fit.profile
    yield f"profile of the day smoothed over ± {profile.width * MINUTES_OF_SLOT:.0f} minutes"
    if profile.by_day_type:
        yield "weekends have a profile of their own"
    if beta[WEEKEND]:
        yield f"weekends {np.expm1(beta[WEEKEND]):+.0%}"
    if beta[HOLIDAY]:
        yield f"holidays {np.expm1(beta[WEEKEND] + beta[HOLIDAY]):+.0%}"
    if beta[TREND]:
        yield f"trend {np.expm1(7 * beta[TREND]):+.1%} a week"


def forecast_text(forecasts: Sequence[StationForecast], notes: Sequence[str], first: date, days: int) -> str:
    """All of it, for people."""
    last = f" and the {days - 1} days after it" if days > 1 else ""
    lines = [f"Forecast of {first} ({first:%A}){last}"]
    for one in forecasts:
        lines += _station_lines(one, first)
    return "\n".join([*lines, *(f"note: {note}" for note in notes)])


def _station_lines(one: StationForecast, first: date) -> Iterator[str]:
    days, quality = one.days, one.quality
    swaps, mean = int(days.counts.sum()), sum(fit.on(first) for fit in one.fits)
    yield f"Station {one.station}: {mean:.1f} swaps expected"
    yield (
        f"  learnt   from {len(days.dates)} days, {days.dates[0]} to {days.dates[-1]}, {swaps:,} swaps; "
        + "; ".join(learnt_words(one))
    )
    yield f"  spread   {spread_words(one)}"
    yield f"  hours    {_hour_words(quality)}"
    yield f"  days     {_day_words(quality)}"
    for day, why in days.left_out[:MOST_DAYS_TOLD]:
        yield f"  left out {day}: {why}"
    if len(days.left_out) > MOST_DAYS_TOLD:
        yield f"  left out {len(days.left_out) - MOST_DAYS_TOLD} more days"


def spread_words(one: StationForecast) -> str:
    """The spread in words."""
    chance = one.spread.dispersion
    counts = "drivers come independently" if chance < 1.05 else f"drivers come in bunches ({chance:.2f} times Poisson)"
    socs = [fit for fit in one.fits if fit.returned_soc]
    charge = "; returned charge " + ", ".join(_charge_words(fit, len(one.fits) > 1) for fit in socs) if socs else ""
    return f"days ± {one.spread.day_sd:.0%} beyond chance; {counts}{charge}"


def _charge_words(fit: TypeFit, several: bool) -> str:
    values = f"{min(fit.returned_soc):.0%} to {max(fit.returned_soc):.0%}"
    return f"of {fit.type} {values}" if several else values


def _hour_words(quality: Quality) -> str:
    ratio = quality.hourly_error / max(quality.hourly_floor, LEAST_FLOOR)
    verdict = "as good as can be" if ratio <= NEAR_FLOOR else f"{ratio - 1:.0%} above the floor"
    return (
        f"error {quality.hourly_error:.2f} swaps, floor of chance {quality.hourly_floor:.2f}: {verdict}; "
        f"{_below(quality.hours_below)}"
    )


def _day_words(quality: Quality) -> str:
    return (
        f"error {quality.daily_error:.1f} swaps, score (CRPS) {quality.crps_day:.2f}, without spread "
        f"{quality.crps_day_poisson:.2f}; {_below(quality.days_below)}"
    )


def _below(shares: tuple[float, float, float]) -> str:
    low, middle, high = (f"{share:.0%}" for share in shares)
    return f"{low}, {middle}, {high} below the quantiles of 10, 50, 90 %"
