"""One pack type's stock as stock levels see it: what a driver takes out of it, what charging puts back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class TypeStock:
    """A type's packs at one station, all at chargers; series have one value a slot.

    `start_lack_kwh`: what each pack lacks at the start of the energy S at hand-over. `lack_kwh`: what a returned pack
    lacks, in the mean; `slots_to_ready`: in how many slots it gains that. `mean`: drivers expected in each slot,
    `certain`: those who come on every day, `dispersion` and `day_sd`: as of a Spread. Each takes `packs_a_driver`
    packs, or is lost for `lost_cost`. `most_kwh`: that the grid leaves for these packs in each slot. `price_per_kwh`,
    `end_value_per_kwh`: currency per kWh in the packs.
    """

    type: str
    start_lack_kwh: tuple[float, ...]
    lack_kwh: float
    slots_to_ready: float
    packs_a_driver: int
    lost_cost: float
    chargers: int
    mean: FloatArray
    certain: IntArray
    dispersion: float
    day_sd: float
    most_kwh: FloatArray
    price_per_kwh: FloatArray
    end_value_per_kwh: float

    @property
    def packs(self) -> int:
        """N."""
        return len(self.start_lack_kwh)


def panjer(mean: FloatArray, ratio: FloatArray, most: int) -> FloatArray:
    """Probabilities of 0 … `most` drivers, the last of them of so many or more; a last axis is added.

    Negative binomial with this mean and this ratio of variance to mean; at 1 Poisson. Panjer's recursion,
    p(n) = (a + b/n) p(n − 1) with a = 1 − 1/ratio and b = mean/ratio − a: ASTIN Bulletin 12 (1981), 22-26.
    """
    mean, ratio = np.broadcast_arrays(mean, ratio)
    a = 1 - 1 / ratio
    excess = ratio - 1
    log_term = np.where(excess > 0, np.log1p(excess) / np.where(excess > 0, excess, 1.0), 1.0)
    chances = np.empty((*mean.shape, most + 1))
    chances[..., 0] = np.exp(-mean * log_term)
    for n in range(1, most + 1):
        chances[..., n] = chances[..., n - 1] * (mean / ratio + a * (n - 1)) / n
    chances[..., most] = np.maximum(0.0, 1 - chances[..., :most].sum(axis=-1))
    return chances
