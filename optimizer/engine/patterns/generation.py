"""Column generation over whole charging patterns: bound and columns (section 9 of models/README.md)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.formulations.arc_flow.forgiving import drift_cost
from models.formulations.matrix import Array
from models.formulations.patterns.master import Patterns, pattern_master
from models.formulations.patterns.packs import follows_curves, pattern_packs
from models.formulations.stepped_bill import dearest_per_kwh
from models.station.forgiving import eased_night
from models.tolerances import MISSING_KWH, POWER_KW
from optimizer.engine.highs import LpPoint
from optimizer.engine.patterns.pool import PatternPool
from optimizer.engine.patterns.pricing import PatternPricing, price_patterns
from optimizer.engine.patterns.type_pricing import type_pricing
from optimizer.engine.search import Search

METHOD = "charging patterns"
ROUNDS = 400
CLOSE = 0.05  # share of the gap asked for at which master and bound are as good as equal


class PatternGeneration:
    """Master, pool and pricing of one station; what dives and the restricted MIP go on from."""

    def __init__(self, search: Search) -> None:
        night = search.night
        self.search = search
        with search.watch.stage("model"):
            packs = pattern_packs(search.forgiving if follows_curves(night) else night)
            self.master = pattern_master(eased_night(night, 0.0, POWER_KW), packs)
            ready_on_the_way = bool((self.master.shared.reserve >= 0).any())
            of_curves = search.forgiving
            self.pricings = [type_pricing(of_curves, one, ready_on_the_way=ready_on_the_way) for one in packs]
            self.pool = PatternPool(self.master, search.options.seed)
        self.slack = self._bound_slack()
        self.found: LpPoint | None = None

    def solve(self) -> None:
        """Raise the search's bound as far as patterns go, or as is needed."""
        bound = -np.inf
        for _ in range(ROUNDS):
            with self.search.watch.stage("solver"):
                found = self.pool.solve(self.search.seconds_left)
            if found is None:
                return
            self.found = found
            priced, added = self.price(found.row_dual)
            bound = max(bound, priced.bound - self.slack)
            close = CLOSE * self.search.money_gap + self.slack
            if not added or found.objective - bound <= close or self.search.seconds_left <= 0:
                break
        self.search.raise_bound(bound, METHOD)

    def price(self, row_dual: Array) -> tuple[PatternPricing, int]:
        """Price at duals of all rows, and add what is worth adding: how many were new."""
        priced = price_patterns(self.master, self.pricings, row_dual)
        return priced, self.add(priced.patterns)

    def add(self, by_type: Sequence[Patterns]) -> int:
        """Add patterns, by pool; how many were new."""
        return sum(self.pool.add(k, patterns) for k, patterns in enumerate(by_type))

    def _bound_slack(self) -> float:
        """What the energy that plans may miss, and power beside the pattern's, is worth at the most."""
        night = self.search.night
        bought = dearest_per_kwh(night.tariff_series) / night.station.chargers.efficiency
        kept = max((abs(one.end_value_per_kwh) for one in self.master.packs), default=0.0)
        return MISSING_KWH * len(night.station.swaps) * max(bought, kept) + drift_cost(night)
