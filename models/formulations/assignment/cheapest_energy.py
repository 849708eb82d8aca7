"""The cheapest ways to charge an energy within some slots: continuous knapsacks, many at once (section 6).

An *item* is one wear step of one slot: so much energy at so much a kWh. Steps of a slot cost more and more, so the
cheapest items first is exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from models.formulations.matrix import Array, Index
from models.tolerances import EQUAL

AT_ONCE = 1_000_000  # items of knapsacks by slot that are held in memory at once


class Knapsacks(NamedTuple):
    """Knapsacks, one a row: at least `least_kwh`, and up to `most_kwh` of items that cost less than 0.

    `width_kwh[i, h]`: energy of wear step h in any slot.
    """

    width_kwh: Array
    least_kwh: Array
    most_kwh: Array


def step_widths(most_kwh: Array, step_from_kwh: Array) -> Array:
    """Energy of every wear step in one slot, shape (len(most_kwh), steps), where a pack gains `most_kwh` at most."""
    ends = np.append(step_from_kwh[1:], np.inf)
    return np.clip(most_kwh[:, None] - step_from_kwh, 0.0, ends - step_from_kwh)


def most_items(knapsacks: Knapsacks, items: int) -> int:
    """The most items, cheapest first, that any of the knapsacks needs: each slot's first step is among them."""
    steps = knapsacks.width_kwh.shape[1]
    amount, first = np.maximum(knapsacks.least_kwh, knapsacks.most_kwh), knapsacks.width_kwh[:, 0]
    slots = np.where(first > EQUAL, np.ceil(amount / np.maximum(first, EQUAL)), 0.0)
    return min(items, int(steps * (slots.max(initial=0.0) + 1)))


def fill(costs: Array, first: Index, last: Index, knapsacks: Knapsacks) -> Array:
    """Energy by slot, shape (knapsacks, slots), of knapsacks over slots `first` ≤ t < `last`.

    `costs`: of a kWh by knapsack, slot and step, shape (1 or knapsacks, slots, steps), of one order for all knapsacks.
    """
    slots, steps = costs.shape[1:]
    flat = costs.reshape(len(costs), -1)
    by_cost = np.argsort(flat[0], kind="stable")
    slot = by_cost // steps
    inside = (first[:, None] <= slot) & (slot < last[:, None])
    width = np.where(inside, knapsacks.width_kwh[:, by_cost % steps], 0.0)
    amounts = np.empty(width.shape)
    amounts[:, by_cost] = _taken(flat[:, by_cost], width, knapsacks)
    return np.asarray(amounts.reshape(len(first), slots, steps).sum(axis=2))


def cheapest_by_deadline(costs: Array, first: Index, knapsacks: Knapsacks) -> Array:
    """Cost of knapsacks over slots `first` ≤ t < c, for every c = 0 … slots, shape (knapsacks, slots + 1); inf where
    they cannot be had.

    `costs`: of a kWh by knapsack, slot and step, shape (knapsacks, slots, steps).
    """
    row, values = np.arange(len(first))[:, None], []
    for cost, step in _running_cheapest(costs, first, knapsacks):
        width = np.where(np.isfinite(cost), knapsacks.width_kwh[row, step], 0.0)
        cost = np.where(np.isfinite(cost), cost, 0.0)
        value = (_taken(cost, width, knapsacks) * cost).sum(axis=2)
        values.append(np.where(width.sum(axis=2) >= knapsacks.least_kwh - EQUAL, value, np.inf))
    return np.concatenate(values).T


def _running_cheapest(costs: Array, first: Index, knapsacks: Knapsacks) -> Iterator[tuple[Array, Index]]:
    """Cost and step of the cheapest items before each slot, by insertion sort: shape (slots, knapsacks, depth), some
    slots at a time, `slots` + 1 together."""
    count, slots, steps = costs.shape
    depth = most_items(knapsacks, slots * steps)
    best, kind = np.full((count, depth + 1), np.inf), np.zeros((count, depth + 1), dtype=np.int64)
    best[:, 0] = -np.inf  # a sentinel: what comes before the cheapest
    can = knapsacks.width_kwh > 0
    block = max(1, AT_ONCE // (count * depth))
    found = [(best[:, 1:].copy(), kind[:, 1:].copy())]
    for t in range(slots):
        offered = np.where(can & (first <= t)[:, None], costs[:, t], np.inf)
        for h in range(steps):
            new = offered[:, h, None]
            if steps > 1:
                moved = np.where(best[:, :-1] <= new, h, kind[:, :-1])
                kind[:, 1:] = np.where(best[:, 1:] <= new, kind[:, 1:], moved)
            best[:, 1:] = np.minimum(best[:, 1:], np.maximum(best[:, :-1], new))
        found.append((best[:, 1:].copy(), kind[:, 1:].copy()))
        if len(found) >= block:
            yield _stacked(found)
            found = []
    if found:
        yield _stacked(found)


def _stacked(found: Sequence[tuple[Array, Index]]) -> tuple[Array, Index]:
    costs, steps = zip(*found, strict=True)
    return np.stack(costs), np.stack(steps)


def _taken(cost: Array, width: Array, knapsacks: Knapsacks) -> Array:
    """What is taken of items in order of their cost, the last axis."""
    before = np.cumsum(width, axis=-1) - width
    wanted = np.where(
        cost < 0, np.maximum(knapsacks.least_kwh, knapsacks.most_kwh)[:, None], knapsacks.least_kwh[:, None]
    )
    return np.clip(wanted - before, 0.0, width)
