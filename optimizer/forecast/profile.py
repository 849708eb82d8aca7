"""The daily profile: which share of a day's drivers comes in which quarter-hour, smoothed over the clock.

A circular Gaussian kernel; its width, and how far weekends keep a profile of their own, are those under which the days
are likeliest when each is left out in turn (cross-validated likelihood: J. D. F. Habbema et al., COMPSTAT 1974).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.forecast.station_days import SLOTS, Flags, Reals

WIDTHS = (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0)
"""Standard deviations of the kernel, in quarter-hours."""
POOLED = np.inf
OWN_DAYS = (POOLED, 20.0, 7.0, 3.0)
"""How many days' drivers of all days a day type's own profile is mixed with; POOLED: it has none of its own."""
UNIFORM = 0.01
"""Share of the profile that is even over the day: nothing is impossible at night."""
CLEAR_GAIN = 2.0
"""Of log-likelihood, for each number more that is learnt: about what Akaike's criterion and a half more ask for."""


@dataclass(frozen=True)
class Profile:
    """Shares of a day by quarter-hour, shape (2, SLOTS): of weekdays, and of weekends and holidays.

    `left_out`: the profile that the other days give each day, shape (days, SLOTS). `width`: of the kernel, in
    quarter-hours. `by_day_type`: have weekends one of their own?
    """

    shares: Reals
    left_out: Reals
    width: float
    by_day_type: bool


def profile_of(counts: Reals, is_free: Sequence[bool]) -> Profile:
    """The profile that the days' drivers support. `counts`: shape (days, SLOTS), at least one driver in all.

    `is_free`: weekends and holidays.
    """
    free = np.array(is_free, dtype=bool)
    smooth = {width: _smoothed(counts, width) for width in WIDTHS}
    scores = {width: _score(counts, _left_out(smooth[width], free, POOLED)) for width in WIDTHS}
    width = max(WIDTHS, key=lambda one: (scores[one], one))
    best, own = scores[width], POOLED
    for days in OWN_DAYS[1:]:
        score = _score(counts, _left_out(smooth[width], free, days))
        if score > best + (CLEAR_GAIN if own == POOLED else 0.0):
            best, own = score, days
    kept = smooth[width]
    shares = np.stack([_mixed(kept.sum(0), kept[free == kind], own, len(counts)) for kind in (False, True)])
    return Profile(shares, _left_out(kept, free, own), width, bool(own != POOLED))


def _smoothed(counts: Reals, width: float) -> Reals:
    """Each day's drivers, spread over the quarter-hours around theirs; midnight lies between neighbours."""
    away = np.arange(SLOTS)
    away = np.minimum(away, SLOTS - away)
    kernel = np.exp(-0.5 * (away / width) ** 2)
    spread = np.fft.rfft(kernel / kernel.sum())
    return np.maximum(np.fft.irfft(np.fft.rfft(counts, axis=1) * spread, SLOTS, axis=1), 0.0)


def _left_out(smooth: Reals, free: Flags, own: float) -> Reals:
    """For each day the profile of the others."""
    total = smooth.sum(0)
    found = np.empty_like(smooth)
    for day, kind in enumerate(free):
        peers = smooth[(free == kind) & (np.arange(len(free)) != day)]
        found[day] = _mixed(total - smooth[day], peers, own, max(1, len(free) - 1))
    return found


def _mixed(total: Reals, peers: Reals, own: float, days: int) -> Reals:
    """Shares of the day: of the day's peers, mixed with those of `own` mean days of all."""
    pooled = total / max(total.sum(), 1.0) if total.sum() > 0 else np.full(SLOTS, 1 / SLOTS)
    if own != POOLED and len(peers):
        mixed = peers.sum(0) + own * total.sum() / days * pooled
        pooled = mixed / mixed.sum() if mixed.sum() > 0 else pooled
    return np.asarray((1 - UNIFORM) * pooled / pooled.sum() + UNIFORM / SLOTS)


def _score(counts: Reals, shares: Reals) -> float:
    """Log-likelihood of when the drivers of each day came, given how many."""
    return float((counts * np.log(shares)).sum())
