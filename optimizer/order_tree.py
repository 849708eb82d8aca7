"""Branch and bound over orders: where the mixture of orders is no order, its parts are looked at apart.

Best part first. What is whole in every plan and broken in the mixture decides: how many swaps are lost up to
some slot, whether a pack stays, when it leaves at the latest.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from optimizer.order_pool import Mixture, Node
from optimizer.orders import Orders, Worked
from optimizer.search import Search

WHOLE = 0.02  # shares nearer than this to a whole number count as whole


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
    if (lost := _broken_count(orders, mixture)) is not None:
        slot, count = lost
        orders.pool.count_lost(slot)
        low, high = node.lost.get(slot, (-math.inf, math.inf))
        yield replace(node, lost={**node.lost, slot: (low, math.floor(count))})
        yield replace(node, lost={**node.lost, slot: (math.floor(count) + 1, high)})
    elif (broken := _broken_stay(orders, mixture) or _broken_leave(orders, mixture)) is not None:
        yield from _leaving(orders, node, *broken)


def _broken_count(orders: Orders, mixture: Mixture) -> tuple[int, float] | None:
    """The slot up to which the mixture loses no whole number of swaps: the last one, or where it is most broken."""
    lost = np.zeros(orders.search.night.horizon.slots)
    for jobs, shares in zip(orders.types, mixture.shares, strict=True):
        np.add.at(lost, jobs.due, shares[jobs.lost])
    total = np.cumsum(lost)
    broken = np.abs(total - np.rint(total))
    slot = len(total) - 1 if broken[-1] > WHOLE else int(broken.argmax())
    return (slot, float(total[slot])) if broken[slot] > WHOLE else None


def _broken_stay(orders: Orders, mixture: Mixture) -> tuple[int, int, int] | None:
    """Type, row and last slot of the pack that stays by nearest a half."""
    found = []
    for k, shares in enumerate(mixture.shares):
        stays = np.minimum(shares[:, -1], 1 - shares[:, -1])
        r = int(stays.argmax())
        found.append((float(stays[r]), k, r))
    most, k, r = max(found)
    return (k, r, orders.search.night.horizon.slots) if most > WHOLE else None


def _broken_leave(orders: Orders, mixture: Mixture) -> tuple[int, int, int] | None:
    """Type, row and slot of the pack that by then has left by nearest a half."""
    best, found = WHOLE, None
    for k, (jobs, shares) in enumerate(zip(orders.types, mixture.shares, strict=True)):
        if not len(jobs.swaps):
            continue
        serving = shares[:, :-1].copy()
        serving[jobs.lost] = 0.0
        left = np.cumsum(serving, axis=1)
        broken = np.minimum(left, 1 - left)
        r, j = np.unravel_index(int(broken.argmax()), broken.shape)
        if broken[r, j] > best:
            best, found = float(broken[r, j]), (k, int(r), int(jobs.due[j]))
    return found


def _leaving(orders: Orders, node: Node, k: int, r: int, slot: int) -> Iterator[Node]:
    """Orders in which the pack serves a swap up to `slot`, and those in which it does not."""
    jobs, row = orders.types[k], node.allowed[k][r]
    serves = np.append(jobs.due <= slot, False)
    if r >= jobs.initial:
        serves[r - jobs.initial] = False  # matched to its own swap it never comes
    for kept in (row & serves, row & ~serves):
        allowed = node.allowed[k].copy()
        allowed[r] = kept
        yield replace(node, allowed=(*node.allowed[:k], allowed, *node.allowed[k + 1 :]))
