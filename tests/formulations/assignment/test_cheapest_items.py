"""The cheapest items of windows: both ways give what looking at each window by itself gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.formulations.assignment import cheapest_items as module
from models.formulations.assignment.cheapest_items import cheapest_items
from models.formulations.matrix import Index


def one_by_one(rank: Index, first: Index, last: Index, depth: int) -> list[list[int]]:
    found = [sorted(rank[a:b].tolist())[:depth] for a, b in zip(first, last, strict=True)]
    return [ranks + [len(rank)] * (depth - len(ranks)) for ranks in found]


@given(st.integers(1, 40), st.integers(1, 30), st.integers(1, 6), st.randoms(use_true_random=False))
def test_both_ways_find_the_smallest_ranks(items: int, windows: int, depth: int, random: object) -> None:
    r = np.random.default_rng(random.randrange(2**32))  # type: ignore[attr-defined]
    rank = r.permutation(items)
    first = r.integers(0, items + 1, windows)
    last = np.maximum(first, r.integers(0, items + 1, windows))
    expected = one_by_one(rank, first, last, depth)
    assert module._by_one_look(rank, first, last, depth).tolist() == expected
    assert module._by_sweep(rank, first, last, depth).tolist() == expected


def test_many_windows_are_swept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Marking every item of every window took memory and time by the cube of a night's length."""
    monkeypatch.setattr(module, "_by_one_look", lambda *given: pytest.fail("looks at all items of all windows"))
    slots = 2000
    rank = np.random.default_rng(1).permutation(slots)
    first, last = (side.ravel() for side in np.triu_indices(60, 1))
    found = cheapest_items(rank, first * 33, last * 33, 20)
    assert found.tolist() == one_by_one(rank, first * 33, last * 33, 20)
