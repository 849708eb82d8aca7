"""stations.csv: a row for each station of a run. Writer and readers share the dataclass; its fields are the columns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class StationRow:
    """One row of stations.csv; money in the run's currency, None where there is none.

    `place` is where the station stands in the network's file, `file` its plan, "" where there is none. `effort`: of
    the pass that made the plan, "" for a fallback. `resumed`: 1 where an earlier invocation finished the station.
    `savings_...`: like with like, parts of the amount; against `on_arrival`, whatever the amount is told against.
    `stays_charged`: packs' stays that charge; `starts`: how often they begin to; None in earlier tables.
    """

    place: str
    station: str
    file: str
    status: str
    method: str
    effort: str
    objective: float | None
    bound: float | None
    gap: float | None
    gross_cost: float | None
    baseline_objective: float | None
    swaps_served: int | None
    swaps_lost: int | None
    resumed: int
    cpu_seconds: float
    solver_seconds: float
    reason: str
    savings_amount: float | None = None
    savings_against: str = ""
    savings_energy: float | None = None
    savings_demand: float | None = None
    savings_wear: float | None = None
    savings_plug_changes: float | None = None
    savings_lost_swaps: float | None = None
    savings_reserve: float | None = None
    savings_drivers_energy: float | None = None
    savings_end_value: float | None = None
    savings_on_arrival: float | None = None
    stays_charged: int | None = None
    starts: int | None = None

    @property
    def name(self) -> str:
        """What the station is called, or where it stands if it has no name."""
        return self.station or self.place

    @property
    def gap_money(self) -> float | None:
        """How far the plan may be from the best possible."""
        return None if self.objective is None or self.bound is None else max(0.0, self.objective - self.bound)

    @property
    def saving(self) -> float | None:
        """Like with like; of a table that has no such column, the difference of the objectives."""
        if self.savings_amount is not None or self.objective is None or self.baseline_objective is None:
            return self.savings_amount
        return self.baseline_objective - self.objective
