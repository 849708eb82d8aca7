"""The days that a billing month or year has left after tonight: prices, metered slots, the drivers of drawn days.

They are taken as days like tonight: the same forecast, with its spread, under the tariff of their own date (weekends,
holidays, market prices where they are known). A day begins where its cheap hours end, with all packs ready.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from models.errors import InvalidData
from models.horizon import MINUTES_PER_DAY, Horizon
from models.station.carry_over.carried_out import beginning
from models.station.drawn_days import draw_days, night_on
from models.station.instance import Night
from models.tariff.billing_year import Span
from models.tariff.series import TariffSeries, tariff_on
from models.tariff.tariff import DemandCharge

Reals = npt.NDArray[np.float64]
DAYS_DRAWN = 32  # more change a weight by less than 0.01
CHEAP_HOURS = 6
DAYS_LOOKED_AT = 31  # of a month each; of the rest of a year as many again


def one_day(night: Night) -> Night | None:
    """The night's first 24 hours; None where it has fewer."""
    slots, rest = divmod(MINUTES_PER_DAY, night.horizon.slot_minutes)
    if rest or night.horizon.slots < slots:
        return None
    return night if night.horizon.slots == slots else beginning(night, slots)


def days_after(night: Night, days_left: int | None = None, charge: DemandCharge | None = None) -> int:
    """Days of the billing month after tonight, or of the year that `charge` is billed by. `days_left`: of the month,
    with tonight; None: by the calendar."""
    is_yearly = charge is not None and charge.period == "year"
    if days_left is not None and not is_yearly:
        return days_left - 1
    first = night.horizon.local_slot_start(0).date()
    if charge is not None:
        return charge.days_from(first) - 1
    month = (first.year, first.month)
    return Span(month, month).days_from(first) - 1


def series_of_days(night: Night, days: int) -> list[TariffSeries]:
    """The tariff on each of so many days after tonight; where it does not reach so far, as it is tonight.

    Beyond a month it is looked at every few days only, which stand for those after them, too.
    """
    later = max(0, days - DAYS_LOOKED_AT)
    stride = -(-later // DAYS_LOOKED_AT) or 1
    stride += stride % 7 == 0  # else all of them are the same day of the week
    near, far = range(1, min(days, DAYS_LOOKED_AT) + 1), range(later)
    looked_at = [*near, *(DAYS_LOOKED_AT + 1 + day - day % stride for day in far)]
    return [_series(night, day) for day in looked_at]


def _series(night: Night, days: int) -> TariffSeries:
    horizon = night.horizon
    later = Horizon(horizon.start + timedelta(days=days), horizon.time_zone, horizon.slot_minutes, horizon.slots)
    try:
        return tariff_on(night.station.tariff, later)
    except InvalidData:
        return night.tariff_series


def first_slot(prices: Reals, slot_hours: float) -> int:
    """Where cheap hours end and dear ones begin, on a day that repeats."""
    width = max(1, min(len(prices) // 2, round(CHEAP_HOURS / slot_hours)))
    around = np.concatenate([prices[-width:], prices, prices[:width]])
    sums = np.concatenate([[0.0], np.cumsum(around)])
    at = np.arange(len(prices)) + width
    rise = (sums[at + width] - sums[at]) - (sums[at] - sums[at - width])
    return int(np.argmax(rise.round(9)))


def drawn_nights(night: Night, seed: int) -> list[Night]:
    """Days of the forecasts, reservations left out; without a forecast tonight's drivers, once."""
    station = night.station
    if not station.expected:
        return [night]
    known = tuple(swap for swap in station.swaps if swap.forecast is not None)
    forecast = replace(night, station=replace(station, swaps=known))
    drawn = draw_days(forecast, DAYS_DRAWN, seed)
    return [night_on(forecast, drawn, day) for day in range(drawn.days)]
