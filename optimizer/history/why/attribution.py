"""A difference of costs shared out over what changed, whatever order the changes are thought of in.

What a change costs depends on which others are made before it: dearer prices cost more where more drivers come. So each
gets the mean of what it costs in all orders (Shapley value). In each order the parts add up to the whole difference,
and so do the means.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from itertools import permutations
from math import fsum
from typing import TypeVar

P = TypeVar("P", bound=Hashable)


class TimeIsUpError(Exception):
    """No further value can be had in the time."""


@dataclass(frozen=True)
class PlanValue:
    """What a plan costs, in currency, and how far it may be from the best; None: nothing is proven."""

    cost: float
    gap_money: float | None


@dataclass(frozen=True)
class Share:
    """What one change costs more. `open_money`: by how much best plans may have it otherwise; None: not proven."""

    amount: float
    open_money: float | None


def shares_of(parts: Sequence[P], value: Callable[[frozenset[P]], PlanValue]) -> tuple[dict[P, Share], int]:
    """By part its mean share of value(all parts) − value(none), and over how many orders it is a mean.

    `value` is asked once for each set of changes: in the given order and its reverse first, then in all others. Where
    the time is up after those two, they are what is averaged. Raises TimeIsUpError before. A best plan costs between
    cost − gap_money and cost: a step from one set to the next may be less by the later gap and more by the earlier.
    """
    known: dict[frozenset[P], PlanValue] = {}
    both_ways = list(dict.fromkeys([tuple(parts), tuple(reversed(parts))]))
    orders = list(permutations(parts))
    _ask(both_ways, known, value)
    try:
        _ask(orders, known, value)
    except TimeIsUpError:
        orders = both_ways
    return {part: _share(part, orders, known) for part in parts}, len(orders)


def _ask(
    orders: Sequence[tuple[P, ...]],
    known: dict[frozenset[P], PlanValue],
    value: Callable[[frozenset[P]], PlanValue],
) -> None:
    for order in orders:
        for place in range(len(order) + 1):
            made = frozenset(order[:place])
            if made not in known:
                known[made] = value(made)


def _share(part: P, orders: Sequence[tuple[P, ...]], known: dict[frozenset[P], PlanValue]) -> Share:
    befores = [known[frozenset(order[: order.index(part)])] for order in orders]
    afters = [known[frozenset(order[: order.index(part) + 1])] for order in orders]
    amount = fsum(after.cost - before.cost for before, after in zip(befores, afters, strict=True)) / len(orders)
    bounds = [_mean_gap(values) for values in (befores, afters)]
    known_bounds = [bound for bound in bounds if bound is not None]
    return Share(amount, max(known_bounds) if len(known_bounds) == len(bounds) else None)


def _mean_gap(values: Sequence[PlanValue]) -> float | None:
    gaps = [one.gap_money for one in values if one.gap_money is not None]
    return fsum(gaps) / len(gaps) if len(gaps) == len(values) else None
