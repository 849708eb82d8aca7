"""A station's forecast: for each pack type the mean of every slot of a horizon, with one spread, and how good it is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from models.errors import Problem, refuse
from models.horizon import Horizon, LocalMinute, local_minute
from models.station.demand.expected import Spread
from optimizer.files.errors import ABSENT
from optimizer.forecast.level import DayLevel, level_of
from optimizer.forecast.profile import Profile, profile_of
from optimizer.forecast.quality import Quality, quality_of
from optimizer.forecast.spread import SpreadEstimate, spread_of
from optimizer.forecast.station_days import LEAST_DAYS, LEAST_USED, StationDays

SOC_VALUES = 20
"""Of a distribution of returned states of charge: so many equally likely ones."""
SOC_DIGITS, MEAN_DIGITS, SPREAD_DIGITS = 3, 6, 4
MINUTES = 15  # of a step of the profile
SILVERMAN, IQR_TO_SD = 0.9, 1.34  # B. W. Silverman, Density Estimation, 1986, (3.31)


@dataclass(frozen=True)
class TypeFit:
    """What the days say of the drivers of one pack type; None: the history names no types."""

    type: str | None
    level: DayLevel
    profile: Profile
    returned_soc: tuple[float, ...]
    returned_soc_sd: float
    closed: frozenset[int]

    def on(self, day: date) -> float:
        """Mean drivers of a day; none on weekdays on which the station is closed."""
        return 0.0 if day.weekday() in self.closed else self.level.on(day)

    def mean_per_slot(self, horizon: Horizon, minutes: Sequence[LocalMinute]) -> tuple[float, ...]:
        """Expected drivers of each slot; `minutes`: those of the horizon, by the local clock."""
        day_level = {day: self.on(day) / MINUTES for day in {one.day for one in minutes}}
        shares = self.profile.shares.tolist()
        free = {day: int(is_free(day, self.level.holidays)) for day in day_level}
        rates = [day_level[one.day] * shares[free[one.day]][one.minute // MINUTES] for one in minutes]
        step = horizon.slot_minutes
        return tuple(round(sum(rates[t * step : (t + 1) * step]), MEAN_DIGITS) for t in range(horizon.slots))


@dataclass(frozen=True)
class StationForecast:
    """What a station's days say of days to come."""

    days: StationDays
    fits: tuple[TypeFit, ...]
    spread: SpreadEstimate
    quality: Quality

    @property
    def station(self) -> str:
        """The station's name in the history."""
        return self.days.station

    def spread_for(self, fit: TypeFit) -> Spread:
        """The spread of one type's drivers, as instances say it."""
        day_sd, dispersion = round(self.spread.day_sd, SPREAD_DIGITS), round(self.spread.dispersion, SPREAD_DIGITS)
        return Spread(day_sd, dispersion, fit.returned_soc_sd)


def is_free(day: date, holidays: Collection[date]) -> bool:
    """Is it a weekend or a holiday?"""
    return day.weekday() >= 5 or day in holidays


def minutes_of(horizon: Horizon) -> list[LocalMinute]:
    """Every minute of the horizon by the local clock."""
    from datetime import timedelta

    count = horizon.slots * horizon.slot_minutes
    return [local_minute(horizon.start + timedelta(minutes=n), horizon.zone) for n in range(count)]


def forecast_of(days: StationDays, holidays: Collection[date]) -> StationForecast:
    """The forecast of a station. Raises InvalidData where its history is too short."""
    refuse(_too_short(days))
    free = [is_free(day, holidays) for day in days.dates]
    kept = [index for index in range(len(days.types)) if days.totals[index].any()]
    fits = tuple(_fit(days, index, free, holidays) for index in kept)
    counts = days.counts[kept].sum(axis=0)
    means = np.sum([fit.level.left_out[:, None] * fit.profile.left_out for fit in fits], axis=0)
    spread = spread_of(counts, means)
    return StationForecast(days, fits, spread, quality_of(counts, means, spread))


def _too_short(days: StationDays) -> Iterator[Problem]:
    seen = sorted([*days.dates, *(day for day, _ in days.left_out)])
    span = (seen[-1] - seen[0]).days + 1
    place, remedy = f"station {days.station}", "give a longer history"
    if span < LEAST_DAYS or len(days.dates) < LEAST_USED:
        rule = f"has {span} days, {len(days.dates)} of them fit to learn from: {LEAST_DAYS} and {LEAST_USED} are needed"
        yield Problem(place, ABSENT, rule, remedy)
    elif not days.totals.any():
        yield Problem(place, ABSENT, "has no swap on the days that are fit to learn from", remedy)


def _fit(days: StationDays, index: int, free: Sequence[bool], holidays: Collection[date]) -> TypeFit:
    level = level_of(days.totals[index], days.dates, holidays)
    values, sd = _returned(days.returned_soc[index])
    return TypeFit(days.types[index], level, profile_of(days.counts[index], free), values, sd, days.closed)


def _returned(socs: Sequence[float]) -> tuple[tuple[float, ...], float]:
    """Equally likely values in the middle of equal parts, and how far apart kernels around them reach."""
    if not socs:
        return (), 0.0
    parts = min(SOC_VALUES, len(socs))
    values = np.quantile(socs, (np.arange(parts) + 0.5) / parts)
    low, high = np.quantile(socs, (0.25, 0.75))
    sd = min(float(np.std(socs)), float(high - low) / IQR_TO_SD)
    wide = SILVERMAN * sd * len(socs) ** -0.2
    return tuple(round(float(value), SOC_DIGITS) for value in values), round(wide, SOC_DIGITS)
