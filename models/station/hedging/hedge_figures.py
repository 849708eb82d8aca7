"""What played days say of a hedged plan."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class HedgeFigures:
    """What played days say of a hedged plan: drawn from the forecast, the same ones with and without the hedge.

    `cost_a_day`: currency that the expected day costs more for the ready targets. `saves_a_day`: currency that the
    plan of the mean costs more on the played days, which it goes through without targets and rule. `served`,
    `served_without`: shares of the drivers, with the hedge and without it.
    """

    days: int
    cost_a_day: float
    saves_a_day: float
    served: float
    served_without: float
