"""Weights that put packs one after the other: with them, charging that costs the same is done pack by pack, early."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.formulations.matrix import Array
from models.station.instance import Night
from models.station.stays import Stay

FILLED = 2.0  # per kW that a pack takes for nothing, before the order of packs counts


def sequence_weights(night: Night, stays: Sequence[Stay]) -> Array:
    """Σ weight · power is least where packs charge one after the other, those that came first before the others, of
    these those that leave first, and packs that stay take whatever costs nothing; shape (stays, slots).

    Weights rank · time have the Monge property: w(s, t) + w(s', t') ≤ w(s, t') + w(s', t) where s goes before s' and t
    before t'. So an optimum of the transportation problem (Hoffman 1963) interleaves no two packs that could be
    charged one after the other, each in one block.
    """
    rank = np.empty(len(stays))
    rank[_in_order_of_arrival(stays)] = np.arange(len(stays), 0, -1) / max(1, len(stays))
    stays_on = np.array([stay.swap is None for stay in stays], dtype=float)
    time = np.arange(night.horizon.slots) / night.horizon.slots
    return np.asarray(rank[:, None] * time[None, :] - FILLED * stays_on[:, None])


def _in_order_of_arrival(stays: Sequence[Stay]) -> list[int]:
    """A pack that has begun is not put off for one that comes later: fewer pauses than in the order of leaving."""
    return sorted(
        range(len(stays)),
        key=lambda s: (stays[s].arrive, stays[s].leave, -stays[s].start_kwh, len(stays[s].pack), stays[s].pack),
    )
