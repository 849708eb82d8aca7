"""Branch and bound over orders: where the mixture of orders is no order, its parts are looked at apart.

Best part first. What is whole in every plan and broken in the mixture decides: how many swaps are lost up to
some slot, whether a pack stays, when it leaves at the latest, whom it serves.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from models.formulations.assignment.problem import Allowed, Jobs
from models.formulations.matrix import Array
from optimizer.engine.column_generation import MANY_ROUNDS, Orders, Worked
from optimizer.engine.column_pool import Mixture, Node
from optimizer.engine.search import Search

BROKEN = (0.02, 1e-5)  # a share is broken if it is this far from a whole number; the second where none is by the first


class OrderTree:
    """Parts of all orders that are still open, by their bound. Made with the root worked: all orders as one part.

    `floor` is the bound of parts that cannot be parted further.
    """

    def __init__(self, search: Search) -> None:
        self.search = search
        self.floor = math.inf
        self.number = itertools.count()
        self.open: list[tuple[float, int, Worked]] = []
        with search.watch.stage("model"):
            self.orders = Orders(search)
        with search.watch.stage("rounding"):
            self._push(self.orders.work(self.orders.root(), first=True))

    @property
    def bound(self) -> float:
        """No plan is cheaper, but those in hand."""
        return min(self.floor, self.open[0][0] if self.open else math.inf)

    def grow(self, partings: int) -> None:
        """Part the open node of least bound until the gap asked for is proven, at most `partings` times."""
        with self.search.watch.stage("rounding"):
            for _ in range(partings):
                if not self.open or self.search.is_done:
                    break
                self._part(heapq.heappop(self.open)[2])
                self.search.raise_bound(min(self.bound, self.search.objective), "parts of all orders")

    def _part(self, worked: Worked) -> None:
        parts = list(_parts(self.orders, worked))
        if not parts:  # perhaps only because few patterns are known
            worked = self.orders.work(worked.node, rounds=MANY_ROUNDS)
            parts = [] if worked.mixture is None else list(_parts(self.orders, worked))
        if not parts:
            self.floor = min(self.floor, worked.node.bound)
        for part in parts:
            self._push(self.orders.work(part))

    def _push(self, worked: Worked) -> None:
        if worked.mixture is None:
            self.floor = min(self.floor, worked.node.bound)
        else:
            heapq.heappush(self.open, (worked.node.bound, next(self.number), worked))


def _parts(orders: Orders, worked: Worked) -> Iterator[Node]:
    node, mixture = worked.node, worked.mixture
    assert mixture is not None
    for least in BROKEN:
        if (column := _broken_step(mixture, least)) is not None:
            for value in (0.0, 1.0):
                yield replace(node, begun={**node.begun, column: value})
            return
        if (lost := _broken_count(orders, mixture, least)) is not None:
            yield from _counted(orders, node, *lost)
            return
        if (broken := _broken_row(orders, mixture, least)) is not None:
            yield from _divided(orders, node, *broken)
            return


def _broken_step(mixture: Mixture, least: float) -> int | None:
    """The column of (1.6) that is begun by nearest a half: a lower rate is had only once it is reached."""
    broken = {column: min(share, 1 - share) for column, share in mixture.begun.items()}
    worst = max(broken, key=lambda column: broken[column], default=None)
    return worst if worst is not None and broken[worst] > least else None


def _broken_count(orders: Orders, mixture: Mixture, least: float) -> tuple[int, float] | None:
    """The slot up to which the mixture loses no whole number of swaps: the last one, or where it is most broken."""
    lost = np.zeros(orders.search.night.horizon.slots)
    for jobs, shares in zip(orders.types, mixture.shares, strict=True):
        np.add.at(lost, jobs.due, shares[jobs.lost])
    total = np.cumsum(lost)
    broken = np.abs(total - np.rint(total))
    slot = len(total) - 1 if broken[-1] > least else int(broken.argmax())
    return (slot, float(total[slot])) if broken[slot] > least else None


def _counted(orders: Orders, node: Node, slot: int, count: float) -> Iterator[Node]:
    """Orders that lose no more swaps up to `slot` than the whole number below `count`, and those that lose more."""
    orders.pool.count_lost(slot)
    low, high = node.lost.get(slot, (-math.inf, math.inf))
    yield replace(node, lost={**node.lost, slot: (low, math.floor(count))})
    yield replace(node, lost={**node.lost, slot: (math.floor(count) + 1, high)})


def _broken_row(orders: Orders, mixture: Mixture, least: float) -> tuple[int, int, Allowed] | None:
    """Type, row and columns of what a pack does by nearest a half: stay, else leave by a slot, else serve one swap."""
    for choice in range(3):
        best, found = least, None
        for k, (jobs, shares) in enumerate(zip(orders.types, mixture.shares, strict=True)):
            columns = _choices(jobs)[choice]
            doing = _serving(jobs, shares) @ columns.T
            broken = np.minimum(doing, 1 - doing)
            if broken.max(initial=0.0) > best:
                r, c = np.unravel_index(int(broken.argmax()), broken.shape)
                best, found = float(broken[r, c]), (k, int(r), columns[c])
        if found is not None:
            return found
    return None


def _choices(jobs: Jobs) -> tuple[Allowed, Allowed, Allowed]:
    """Columns of staying; of leaving by each slot; of each swap."""
    each = np.eye(len(jobs.swaps) + 1, dtype=bool)
    by_slot = jobs.due <= np.unique(jobs.due)[:, None]
    return each[-1:], np.concatenate([by_slot, np.zeros((len(by_slot), 1), dtype=bool)], axis=1), each[:-1]


def _serving(jobs: Jobs, shares: Array) -> Array:
    """The shares without those of lost swaps: a pack matched to its own swap never comes, and serves nobody."""
    serving = shares.copy()
    serving[jobs.lost] = 0.0
    return serving


def _divided(orders: Orders, node: Node, k: int, r: int, columns: Allowed) -> Iterator[Node]:
    """Orders in which the pack does one of `columns` (its own swap's loss is none of them), and those in which not."""
    jobs, row = orders.types[k], node.allowed[k][r]
    chosen = columns.copy()
    if r >= jobs.initial:
        chosen[r - jobs.initial] = False
    for kept in (row & chosen, row & ~chosen):
        allowed = node.allowed[k].copy()
        allowed[r] = kept
        yield replace(node, allowed=(*node.allowed[:k], allowed, *node.allowed[k + 1 :]))
