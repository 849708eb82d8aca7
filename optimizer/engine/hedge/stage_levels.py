"""Stock levels by dynamic programming: how many packs of a type to keep ready or charging in each slot.

The state x of a type's packs says how many lack 1, …, m stages (`stage_space`). In a block of slots, as long as a pack
needs for a stage, d drivers come first, then c packs charge, those nearest to ready, as many as grid and chargers let:

    V_t(x) = E_d [ lost · (d − served(x, d)) + W_t(taken(x, d)) ]                            (14.1)
    W_t(x) = min_c price_t · c · stage + V_{t+1}(charged(x, c)),   V_T(x) = end value · lack(x) · stage   (14.2)

d is negative binomial. Its best c, weighed by how often its own play comes to a state, is then told by one number a
slot, y_t: "keep y_t packs ready or charging", the y with the least mean error of

    Σ_x P_t(x) · |c_t(x) − max(0, min(y − ready(x), most_t))|                                (14.3)

That is a rule which a controller can carry out and a dispatcher can read; it costs next to nothing above (14.1).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from models.tolerances import EQUAL
from optimizer.engine.hedge.stage_space import StageSpace, most_stages, stage_space
from optimizer.engine.hedge.type_stock import FloatArray, IntArray, TypeStock, panjer

TAIL = 6.0  # standard deviations above the mean of the busiest block: more drivers are counted as so many
DRIVERS_STEP = 4  # drivers are provided for in multiples of it, so that stations share their spaces


@dataclass(frozen=True)
class StageLevels:
    """`keep`: y_t, packs ready or charging in each slot, (T,). `ready`: chances that so many are ready after the swaps
    of each slot, (T, N + 1). `value`: currency that the table expects of the day, drivers lost and end included."""

    keep: IntArray
    ready: FloatArray
    value: float


def stage_levels(stock: TypeStock) -> StageLevels:
    """(14.1) and (14.2), their play, and (14.3)."""
    table = _StageTable.of(stock)
    actions, value = table.solved()
    visits, ready = table.played(actions)
    keep = _fitted(visits, table.most_charging)
    slots = len(stock.mean)
    return StageLevels(np.repeat(keep, table.each)[:slots], np.repeat(ready, table.each, axis=0)[:slots], value)


@dataclass(frozen=True)
class _StageTable:
    """`each`: slots of a block. Per block: `chances` of drivers, `price` of a stage, `most_charging`."""

    stock: TypeStock
    space: StageSpace
    each: int
    chances: FloatArray
    price: FloatArray
    most_charging: IntArray
    stage_kwh: float

    @classmethod
    def of(cls, stock: TypeStock) -> _StageTable:
        """With as many stages as fit."""
        stages = min(most_stages(stock.packs), math.ceil(stock.slots_to_ready - EQUAL))
        each = math.ceil(stock.slots_to_ready / stages - EQUAL)
        stages = math.ceil(stock.slots_to_ready / each - EQUAL)
        starts = np.arange(0, len(stock.mean), each)
        lengths = np.diff([*starts, len(stock.mean)])
        stage_kwh = stock.lack_kwh / stages
        grid = np.add.reduceat(stock.most_kwh, starts) * (each / lengths) / stage_kwh
        whole = np.diff(
            np.floor(np.cumsum(grid) + 0.5 + EQUAL), prepend=0.0
        )  # less than a pack at a time still charges
        most_charging = np.minimum(whole, min(stock.chargers, stock.packs)).astype(np.int64)
        chances = _chances(stock, starts)
        most_drivers = chances.shape[1] - 1
        space = stage_space(stock.packs, stages, int(most_charging.max()), most_drivers, stock.packs_a_driver)
        price = np.add.reduceat(stock.price_per_kwh, starts) / lengths * stage_kwh
        return cls(stock, space, each, chances, price, most_charging, stage_kwh)

    def solved(self) -> tuple[IntArray, float]:
        """(14.1) and (14.2): the best c of every state in every block, (blocks, S), and the value of the start."""
        space, stock = self.space, self.stock
        value = stock.end_value_per_kwh * self.stage_kwh * space.lack
        lost = stock.lost_cost * (np.arange(len(space.served))[:, None] - space.served)
        actions = np.empty((len(self.price), len(value)), np.int64)
        for t in range(len(self.price) - 1, -1, -1):
            most = self.most_charging[t]
            price = self.price[t] - EQUAL * (len(self.price) - t)  # where it costs the same, charged, and early
            costs = np.append(value, np.inf)[space.charged[: most + 1]] + price * np.arange(most + 1)[:, None]
            actions[t] = costs.argmin(axis=0)
            best = np.take_along_axis(costs, actions[t][None, :], axis=0)[0]
            value = self.chances[t] @ (best[space.taken] + lost)
        return actions, float(value[self._start])

    def played(self, actions: IntArray) -> tuple[FloatArray, FloatArray]:
        """Chances of (ready packs, c), (blocks, N + 1, c), and of ready packs, (blocks, N + 1), after the swaps."""
        space, states = self.space, len(self.space.ready)
        chance = np.zeros(states)
        chance[self._start] = 1.0
        charging = int(self.most_charging.max()) + 1
        visits = np.zeros((len(self.price), space.packs + 1, charging))
        for t, of_drivers in enumerate(self.chances):
            weights = of_drivers[:, None] * chance
            chance = _moved(chance=weights, to=space.taken, states=states)
            cells = np.bincount(space.ready * charging + actions[t], chance, (space.packs + 1) * charging)
            visits[t] = cells.reshape(space.packs + 1, charging)
            chance = _moved(chance=chance, to=space.charged[actions[t], np.arange(states)], states=states)
        return visits, visits.sum(axis=2)

    @property
    def _start(self) -> int:
        lacking = np.ceil(np.array(self.stock.start_lack_kwh) / self.stage_kwh - EQUAL).astype(np.int64)
        return self.space.state_of(lacking)


def _moved(chance: FloatArray, to: IntArray, states: int) -> FloatArray:
    return np.asarray(np.bincount(to.ravel(), chance.ravel(), states), np.float64)


def _chances(stock: TypeStock, starts: IntArray) -> FloatArray:
    """(blocks, d): that d drivers come in a block. The day factor makes a block's ratio larger than a slot's."""
    mean = np.add.reduceat(stock.mean, starts)
    ratio = np.maximum(1.0, stock.dispersion + mean * stock.day_sd**2)
    certain = np.add.reduceat(stock.certain, starts)
    spread = TAIL * np.sqrt((mean * ratio).max())
    most = DRIVERS_STEP * math.ceil((mean.max() + spread + certain.max() + 2) / DRIVERS_STEP)
    chances = panjer(mean, ratio, most)
    for block in np.flatnonzero(certain):
        extra = int(certain[block])
        moved = np.zeros(most + 1)
        moved[extra:] = chances[block, : most + 1 - extra]
        moved[most] += chances[block, most + 1 - extra :].sum()
        chances[block] = moved
    return chances


def _fitted(visits: FloatArray, most_charging: IntArray) -> IntArray:
    """(14.3), for each block; of equal ones the largest."""
    packs, charging = visits.shape[1] - 1, visits.shape[2]
    y, k = np.arange(packs + 1)[:, None], np.arange(packs + 1)[None, :]
    keep = np.empty(len(visits), np.int64)
    for t, weights in enumerate(visits):
        asked = np.clip(y - k, 0, most_charging[t])
        errors = np.abs(asked[:, :, None] - np.arange(charging))
        mean_error = np.einsum("ykc,kc->y", errors, weights)
        keep[t] = packs - int(mean_error[::-1].argmin())
    return keep
