"""States of a type's packs: how many of them lack 1, 2, … m stages of charging; the others are ready.

In a slot the packs nearest to ready charge, each by one stage; so lead time and parallel charging are in the state.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from optimizer.engine.hedge.type_stock import IntArray

MOST_STATES = 2500  # 13 packs in 4 stages, 21 in 3, 68 in 2
MOST_STAGES = 12


def most_stages(packs: int) -> int:
    """How many stages so many packs may have, at least 1."""
    stages = 1
    while stages < MOST_STAGES and math.comb(packs + stages + 1, stages + 1) <= MOST_STATES:
        stages += 1
    return stages


@dataclass(frozen=True)
class StageSpace:
    """States 0 … S − 1 of `packs` packs in `stages` stages; S stands for none.

    `ready`: packs that are, (S,). `lack`: stages that all packs lack together, (S,). `charged`: the state after c packs
    nearest to ready have charged, (c, S); S where there are not so many. `taken`: the state after d drivers, (d, S), of
    whom `served`, (d, S), got their packs.
    """

    packs: int
    stages: int
    ready: IntArray
    lack: IntArray
    charged: IntArray
    taken: IntArray
    served: IntArray
    _keys: IntArray
    _order: IntArray

    def state_of(self, lacking: IntArray) -> int:
        """The state of packs that lack so many stages each."""
        counts = np.bincount(np.clip(lacking, 0, self.stages), minlength=self.stages + 1)[1:]
        return int(_find(counts[None, :], self.packs, self._keys, self._order)[0])


@lru_cache(maxsize=16)
def stage_space(packs: int, stages: int, most_charging: int, most_drivers: int, packs_a_driver: int) -> StageSpace:
    """The space, with moves for up to `most_charging` packs and `most_drivers` drivers."""
    counts = _counts(packs, stages)
    unsorted = counts @ _weights(packs, stages)
    order = np.argsort(unsorted)
    keys = unsorted[order]
    ready = packs - counts.sum(axis=1)
    charged = np.array([_after_charging(counts, c, keys, order, packs) for c in range(most_charging + 1)])
    served = np.minimum(np.arange(most_drivers + 1)[:, None], ready // packs_a_driver)
    taken = np.empty_like(served)
    for d in range(most_drivers + 1):
        after = counts.copy()
        after[:, -1] += packs_a_driver * served[d]
        taken[d] = _find(after, packs, keys, order)
    lack = counts @ np.arange(1, stages + 1)
    return StageSpace(packs, stages, ready, lack, charged, taken, served, keys, order)


def _counts(packs: int, stages: int) -> IntArray:
    """All (a_1, …, a_m) with a sum of `packs` at most, (S, m)."""
    if stages == 1:
        return np.arange(packs + 1, dtype=np.int64)[:, None]
    inner = _counts(packs, stages - 1)
    every = [np.column_stack([inner, np.full(len(inner), last)]) for last in range(packs + 1)]
    counts = np.concatenate(every)
    return np.asarray(counts[counts.sum(axis=1) <= packs], np.int64)


def _weights(packs: int, stages: int) -> IntArray:
    return (packs + 1) ** np.arange(stages, dtype=np.int64)


def _find(counts: IntArray, packs: int, keys: IntArray, order: IntArray) -> IntArray:
    return order[np.searchsorted(keys, counts @ _weights(packs, counts.shape[1]))]


def _after_charging(counts: IntArray, charging: int, keys: IntArray, order: IntArray, packs: int) -> IntArray:
    left, after = np.full(len(counts), charging), counts.copy()
    for stage in range(counts.shape[1]):
        moved = np.minimum(left, counts[:, stage])
        after[:, stage] -= moved
        if stage:
            after[:, stage - 1] += moved
        left = left - moved
    return np.where(left == 0, _find(np.maximum(0, after), packs, keys, order), len(counts))
