"""Days drawn from a station's forecasts, and the night that each of them is.

One draw for everybody: day n of a seed is the same day whatever policy it is played with, and however many days are
drawn. Loads numpy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from models.station.demand.expected import ExpectedSwaps
from models.station.instance import Night
from models.station.swap import Swap

Whole = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]


@dataclass(frozen=True)
class DrawnDays:
    """Drivers of `days` days, those of forecasts only: one row a driver, by day, then slot, then forecast.

    `day`, `slot`, `forecast` (its number in `Station.expected`): shape (drivers,), from 0. `returned_soc`: the same
    shape; NaN where nothing comes back.
    """

    days: int
    day: Whole
    slot: Whole
    forecast: Whole
    returned_soc: Reals

    def of_day(self, day: int) -> slice:
        """Rows of one day."""
        first, end = np.searchsorted(self.day, [day, day + 1])
        return slice(int(first), int(end))

    def counts(self, slots: int, forecasts: int) -> Whole:
        """Drivers by day, slot and forecast, shape (days, slots, forecasts)."""
        found = np.zeros((self.days, slots, forecasts), dtype=np.int64)
        np.add.at(found, (self.day, self.slot, self.forecast), 1)
        return found


def draw_days(night: Night, days: int, seed: int = 0) -> DrawnDays:
    """`days` days of the night's forecasts. Without a spread, drivers of a forecast know nothing of each other."""
    expected = night.station.expected
    drawn = [_day(expected, night.horizon.slots, np.random.default_rng([seed, day])) for day in range(days)]
    return _joined(drawn)


def days_of_counts(night: Night, counts: Sequence[Whole], seed: int = 0) -> DrawnDays:
    """Days of known drivers, `counts` by slot and forecast for each day; what comes back is drawn."""
    expected = night.station.expected
    drawn = [_rows(expected, known, np.random.default_rng([seed, day])) for day, known in enumerate(counts)]
    return _joined(drawn)


def night_on(night: Night, drawn: DrawnDays, day: int) -> Night:
    """The night on that day: the drivers of forecasts are those who come, `<id>-1`, `<id>-2`, ...; others stay."""
    expected, rows = night.station.expected, drawn.of_day(day)
    certain = tuple(swap for swap in night.station.swaps if swap.forecast is None)
    taken = {swap.id for swap in certain}
    come: list[Swap] = []
    numbers = [0] * len(expected)
    for slot, index, soc in zip(
        drawn.slot[rows].tolist(), drawn.forecast[rows].tolist(), drawn.returned_soc[rows].tolist(), strict=True
    ):
        one = expected[index]
        numbers[index] += 1
        name = f"{one.id}-{numbers[index]}"
        while name in taken:
            name += "+"
        come.append(expected_swap(one, name, slot, None if soc != soc else soc))
    return replace(night, station=replace(night.station, swaps=(*certain, *come)))


def expected_swap(one: ExpectedSwaps, name: str, slot: int, returned_soc: float | None) -> Swap:
    """A driver of the forecast."""
    return Swap(
        name, slot, one.type, returned_soc, one.lost_cost, one.swap_soc,
        packs=one.packs, must_serve=one.must_serve, forecast=one.id,
    )  # fmt: skip


def _day(expected: Sequence[ExpectedSwaps], slots: int, random: np.random.Generator) -> tuple[Whole, Whole, Reals]:
    """Slots, forecasts and returned states of charge of one day's drivers."""
    quantile = random.uniform()
    counts = np.zeros((slots, len(expected)), dtype=np.int64)
    for index, one in enumerate(expected):
        counts[:, index] = _drivers(one, quantile, random)
    return _rows(expected, counts, random)


def _drivers(one: ExpectedSwaps, quantile: float, random: np.random.Generator) -> Whole:
    """Drivers by slot: of a scenario, or around the mean times the day's factor."""
    if one.scenarios:
        return np.array(one.scenarios[min(len(one.scenarios) - 1, int(quantile * len(one.scenarios)))], dtype=np.int64)
    spread = one.spread_or_poisson
    mean = np.array(one.mean_per_slot) * day_factor(spread.day_sd, quantile)
    if spread.dispersion <= 1.0:
        return random.poisson(mean).astype(np.int64)
    excess = spread.dispersion - 1.0  # negative binomial of mean m and variance m (1 + excess): gamma-mixed Poisson
    return random.poisson(random.gamma(mean / excess) * excess).astype(np.int64)


def day_factor(day_sd: float, quantile: float) -> float:
    """The quantile of a gamma variable of mean 1 and standard deviation `day_sd`."""
    if day_sd == 0.0:
        return 1.0
    from scipy.stats import gamma  # slow to load, and seldom needed

    shape = day_sd**-2
    return float(gamma.ppf(quantile, shape) / shape)


def _rows(expected: Sequence[ExpectedSwaps], counts: Whole, random: np.random.Generator) -> tuple[Whole, Whole, Reals]:
    slots, forecasts = (np.repeat(at, counts[np.nonzero(counts)]) for at in np.nonzero(counts))
    returned = np.full(len(slots), np.nan)
    for index, one in enumerate(expected):
        mine = forecasts == index
        if one.returned_soc and mine.any():
            returned[mine] = _returned(one, int(mine.sum()), random)
    return slots, forecasts, returned


def _returned(one: ExpectedSwaps, drivers: int, random: np.random.Generator) -> Reals:
    """One of the equally likely values each, and the spread around it, from 0 to 1."""
    values = random.choice(np.array(one.returned_soc), drivers)
    return np.asarray(np.clip(values + one.spread_or_poisson.returned_soc_sd * random.normal(size=drivers), 0.0, 1.0))


def _joined(drawn: Sequence[tuple[Whole, Whole, Reals]]) -> DrawnDays:
    whole = np.zeros(0, dtype=np.int64)
    days = np.repeat(np.arange(len(drawn)), [len(slots) for slots, _, _ in drawn])
    slots = np.concatenate([whole, *(one[0] for one in drawn)])
    forecasts = np.concatenate([whole, *(one[1] for one in drawn)])
    returned = np.concatenate([np.zeros(0), *(one[2] for one in drawn)])
    return DrawnDays(len(drawn), days, slots, forecasts, returned)
