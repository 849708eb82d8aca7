"""Stations with charger rules: bound and plan by whole charging patterns (section 9 of models/README.md)."""

from __future__ import annotations

import numpy as np

from models.formulations.matrix import Matrix
from models.tolerances import EQUAL
from optimizer.engine.patterns.dives import MOST_FAILURES, Dives
from optimizer.engine.patterns.generation import METHOD, PatternGeneration
from optimizer.engine.patterns.powers import Chosen, offer_chosen
from optimizer.engine.search import Search

SHARES = (0.5, 0.3)  # of what is fractional, fixed a step: one dive each
FIRST_FAILURES = 3  # of the dive that is only tried
QUICK_FAILURES = 10
MIP_SECONDS = 8.0
QUICK_MIP_SECONDS = 2.0
MIP_NODES = 2000


class PatternPlans:
    """Bound and plans of one station by patterns, found step by step."""

    def __init__(self, search: Search) -> None:
        self.search, self.generation = search, PatternGeneration(search)
        self.generation.solve()
        self._dives: Dives | None = None

    def try_a_dive(self) -> None:
        """One dive, given up early where it does not lead straight to a plan."""
        self._dive(SHARES[0], FIRST_FAILURES)

    @property
    def is_short_of_chargers(self) -> bool:
        """Does (9.2) bind where the bound was proven?"""
        rows, found = self.generation.master.shared.chargers, self.generation.found
        return found is not None and bool((np.abs(found.row_dual[rows]) > EQUAL).any())

    def go_on(self, *, is_quick: bool = False) -> None:
        """Dives, and a MIP over the patterns found, until the gap asked for is proven; fewer if `is_quick`."""
        for share in SHARES[1:] if is_quick else SHARES:
            self._dive(share, QUICK_FAILURES if is_quick else MOST_FAILURES)
        if self.generation.found is not None and not self.search.is_done:
            _solve_restricted_mip(self.search, self.generation, QUICK_MIP_SECONDS if is_quick else MIP_SECONDS)

    def _dive(self, share: float, most_failures: int) -> None:
        if self.generation.found is None or self.search.is_done:
            return
        self._dives = self._dives or Dives(self.generation)
        with self.search.watch.stage("rounding"):
            chosen = self._dives.dive(share, most_failures)
        if chosen is not None:
            offer_chosen(self.search, self.generation.master, chosen, f"{METHOD}, dive")


def plan_by_patterns(search: Search) -> None:
    """Bound the night; then dives, and a MIP over the patterns found, until the gap asked for is proven."""
    plans, effort = PatternPlans(search), search.options.effort
    station = search.night.station
    is_open = station.switches_count or station.chargers.min_kw > 0 or plans.is_short_of_chargers
    if is_open or effort == "deep":
        plans.go_on(is_quick=effort == "quick")


def _solve_restricted_mip(search: Search, generation: PatternGeneration, most_seconds: float) -> None:
    """The restricted master problem with whole patterns."""
    matrix = _integer_master(generation)
    seconds = min(most_seconds, search.seconds_left)
    options = {"mip_max_nodes": MIP_NODES}
    answer = search.solve(matrix, money_gap=search.money_gap / 4, seconds=seconds, options=options)
    if answer.point is None:
        return
    first = generation.master.matrix.shape[1]
    signatures = generation.pool.mean_kwh(answer.point[first:])
    served = [np.flatnonzero(answer.point[columns] > 0.5) for columns in generation.master.served]
    offer_chosen(search, generation.master, Chosen(signatures, served), METHOD)


def _integer_master(generation: PatternGeneration) -> Matrix:
    """The programme with all patterns found, each 0 or 1."""
    base, count = generation.master.matrix, len(generation.pool)
    owner, rows, values = generation.pool.entries()
    starts = np.searchsorted(owner, np.arange(count + 1)) + len(base.values)
    return Matrix(
        cost=np.concatenate([base.cost, generation.pool.cost]),
        offset=base.offset,
        low=np.concatenate([base.low, np.zeros(count)]),
        high=np.concatenate([base.high, np.ones(count)]),
        integer=np.concatenate([base.integer, np.ones(count, dtype=bool)]),
        row_low=base.row_low,
        row_high=base.row_high,
        starts=np.concatenate([base.starts[:-1], starts]).astype(np.int32),
        rows=np.concatenate([base.rows, rows]).astype(np.int32),
        values=np.concatenate([base.values, values]),
    )
