"""Histories for tests: swaps drawn around a known profile, as CSV text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta

import numpy as np

FIRST = date(2021, 3, 1)  # a Monday
PEAK_HOUR = 17


def log(
    days: int,
    mean: float | Callable[[date], float] = 40.0,
    *,
    day_sd: float = 0.0,
    seed: int = 1,
    first: date = FIRST,
    without: Iterable[int] = (),
    shift: Callable[[date], float] = lambda _: 0.0,
) -> str:
    """`days` days of drivers around 17 h, some in the whole day; the same seed gives the same text."""
    random, lines, skipped = np.random.default_rng(seed), ["time"], set(without)
    for n in range(days):
        day = first + timedelta(days=n)
        level = mean(day) if callable(mean) else mean
        factor = random.gamma(day_sd**-2, day_sd**2) if day_sd else 1.0
        count = random.poisson(level * factor)
        hours = np.where(
            random.random(count) < 0.3,
            random.random(count) * 24,
            random.normal(PEAK_HOUR + shift(day), 2.0, count) % 24,
        )
        if n not in skipped:
            seconds = sorted(int(hour * 3600) for hour in hours)
            lines += [f"{day}T{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}+01:00" for s in seconds]
    return "\n".join(lines) + "\n"
