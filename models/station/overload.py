"""Slots in which the base load alone exceeds the grid limit: nothing is charged then, the rest of the night is planned.

Nobody can draw less than the base load less all the solar power there is. So the limit is that in such a slot, for
checker, bounds and plans alike, and the limit that the file states is kept beside it.
"""

from __future__ import annotations

from typing import Protocol

from models.tolerances import ROUNDING

KW = tuple[float, ...]


class Connected(Protocol):
    """What of a station counts here; all series have one value a slot, kW."""

    @property
    def grid_limit_kw(self) -> KW:
        """Most power drawn, base load and all."""

    @property
    def stated_limit_kw(self) -> KW:
        """The limit that the file states; empty where it is `grid_limit_kw`."""

    @property
    def base_load_kw(self) -> KW:
        """Power drawn by everything but the chargers."""

    @property
    def solar_kw(self) -> KW:
        """Solar power there is."""


def raised_limit_kw(station: Connected) -> KW | None:
    """The grid limits, raised to the base load less all the solar power where that exceeds them; None: nowhere."""
    limits_kw, base_kw = station.grid_limit_kw, station.base_load_kw
    if max(base_kw) <= min(limits_kw):  # at a glance, for almost every station is so
        return None
    needed_kw = tuple(base - solar for base, solar in zip(base_kw, station.solar_kw, strict=True))
    raised = tuple(
        needed if needed > limit * (1 + ROUNDING) else limit for needed, limit in zip(needed_kw, limits_kw, strict=True)
    )
    return raised if raised != limits_kw else None


def stated_kw(station: Connected) -> KW:
    """The grid limits of the file."""
    return station.stated_limit_kw or station.grid_limit_kw


def excess_kw(station: Connected) -> dict[int, float]:
    """By how much the base load, less all the solar power, exceeds the stated limit, by slot where it does."""
    loads = enumerate(zip(station.base_load_kw, station.solar_kw, stated_kw(station), strict=True))
    return {t: base - solar - limit for t, (base, solar, limit) in loads if base - solar > limit * (1 + ROUNDING)}
