"""What a day costs under each cap on its drawn power: the cheapest charging of all packs seen as one store.

With x_t the energy charged by the end of slot t, from full packs on, a day's drivers ask for need_t ≤ x_t, what they
have brought is all that can be charged, x_t ≤ brought_t, and a cap of P kW leaves x_t − x_(t−1) ≤ η Δ (P − base load).
The cheapest cost of having charged x is convex in x and piecewise linear, its slopes are slot prices: it is kept as the
length of each slope, for all days and caps at once. A slot makes its price's piece longer by what it can charge
(infimal convolution with a line), and need and brought cut both ends. An estimate: single packs, their curves and
chargers are not seen, but that a returned pack takes its time to be ready.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Reals = npt.NDArray[np.float64]


@dataclass(frozen=True)
class StoreDays:
    """Drawn days as one store. `need_kwh`, `brought_kwh`: by day and slot, shape (days, slots), never falling.

    `lost_per_kwh`: currency for each kWh that is needed and cannot be charged: a driver lost.
    """

    need_kwh: Reals
    brought_kwh: Reals
    lost_per_kwh: float


def costs_under_caps(days: StoreDays, prices: Reals, room_kwh: Reals, end_per_kwh: float) -> Reals:
    """The cheapest cost of each day under each cap, shape (days, caps), but for what is the same under all caps.

    `prices`: currency per kWh into packs, shape (slots,). `room_kwh`: most that a slot can charge, shape
    (caps, slots). `end_per_kwh`: worth of a kWh charged at the end.
    """
    slopes, of_slot = np.unique(prices, return_inverse=True)
    lengths = np.zeros((len(days.need_kwh), len(room_kwh), len(slopes)))
    cost, low = np.zeros(lengths.shape[:2]), np.zeros((len(days.need_kwh), 1))
    for slot, index in enumerate(of_slot.tolist()):
        lengths[:, :, index] += room_kwh[None, :, slot]
        need, brought = days.need_kwh[:, slot, None], days.brought_kwh[:, slot, None]
        upto = np.cumsum(lengths, axis=2)
        cut = np.maximum(need - low, 0.0)
        cost += _cost_below(lengths, upto, slopes, cut) + np.maximum(cut - upto[:, :, -1], 0.0) * days.lost_per_kwh
        low = low + cut
        kept = np.clip(upto - cut[:, :, None], 0.0, (brought - low)[:, :, None])
        lengths = np.diff(kept, axis=2, prepend=0.0)
    gains = np.minimum(slopes - end_per_kwh, 0.0)
    return np.asarray(cost + lengths @ gains - end_per_kwh * low)


def _cost_below(lengths: Reals, upto: Reals, slopes: Reals, cut: Reals) -> Reals:
    """What the first `cut` kWh cost, cheapest slopes first."""
    return np.asarray(np.clip(cut[:, :, None] - (upto - lengths), 0.0, lengths) @ slopes)
