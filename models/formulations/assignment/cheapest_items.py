"""The cheapest items of many windows at once: what (6.1) looks up for every pair of pack and swap."""

from __future__ import annotations

import numpy as np

from models.formulations.matrix import Index

FEW = 1_000_000  # windows times items: up to here one look at all of them is faster than going through the items


def cheapest_items(rank: Index, first: Index, last: Index, depth: int) -> Index:
    """The smallest ranks of the items first ≤ i < last, ascending, shape (windows, depth); their number where there
    are no more.

    `rank`: of every item, all different. `first`, `last`: of every window.
    """
    if len(first) * len(rank) <= FEW:
        return _by_one_look(rank, first, last, depth)
    return _by_sweep(rank, first, last, depth)


def _by_one_look(rank: Index, first: Index, last: Index, depth: int) -> Index:
    """Mark all items of all windows: time and memory grow with windows times items."""
    by_rank = np.argsort(rank, kind="stable")
    inside = (first[:, None] <= by_rank) & (by_rank < last[:, None])
    count = np.cumsum(inside, axis=1, dtype=np.int32)
    window, place = np.nonzero(inside & (count <= depth))
    found = np.full((len(first), depth), len(rank), dtype=np.int64)
    found[window, count[window, place] - 1] = place
    return found


def _by_sweep(rank: Index, first: Index, last: Index, depth: int) -> Index:
    """Go through the items once, stretch by stretch between the windows' ends, and keep the smallest ranks since each
    window's first item: time grows with stretches times firsts.
    """
    firsts, start = np.unique(first, return_inverse=True)
    edges = np.unique(np.concatenate([first, last]))
    smallest = np.full((len(firsts), depth), len(rank), dtype=np.int32)
    found = np.full((len(first), depth), len(rank), dtype=np.int64)
    by_last = np.argsort(last, kind="stable")
    begun = np.searchsorted(firsts, edges, side="right")
    ends = np.searchsorted(last[by_last], edges, side="right")
    for k in range(len(edges) - 1):
        among = np.sort(rank[edges[k] : edges[k + 1]])[:depth].astype(np.int32)
        rows = np.flatnonzero(smallest[: begun[k], -1] > among[0])
        both = np.concatenate([smallest[rows], np.broadcast_to(among, (len(rows), len(among)))], axis=1)
        smallest[rows] = np.sort(both, axis=1)[:, :depth]
        over = by_last[ends[k] : ends[k + 1]]
        found[over] = smallest[start[over]]
    return found
