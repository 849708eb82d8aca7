"""Contenders on every station of a network, one after the other in one worker: each plan checked and billed."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from models.station.cost import cost_of, gap_between
from models.station.instance import Night
from models.tolerances import is_refuted
from optimizer.bench.contest.child_process import grace_seconds
from optimizer.bench.records.contender import Limits, Outcome
from optimizer.bench.scale.station_run import Find, StationRun, station_run
from optimizer.check.plan_check import violation_text
from optimizer.check.rules import check
from optimizer.formats.network_file import NetworkFile
from optimizer.workers.local_pool import Fault, Pool, result_alone

STATIONS_BETWEEN_NEWS = 10
MOST_FAILURES = 5  # told by name


@dataclass
class NetworkScore:
    """A contender on a network. Money in the network's currency; `cpu_seconds` are those of planning alone, without
    stations on which the contender's process was killed or died.

    `solved`: stations on which the gap asked for is proven. `objective`, `gross_cost`: of the stations with a plan;
    `bound`: of those with plan and bound, `bounded_objective` what their plans cost. `refused`: stations that the
    contender cannot take. `failures`: wrong or missing plans, by station.
    """

    network: str
    contender: str
    stations: int
    planned: int = 0
    solved: int = 0
    refused: int = 0
    swaps: int = 0
    lost: int = 0
    objective: float = 0.0
    gross_cost: float = 0.0
    bound: float = 0.0
    bounded_objective: float = 0.0
    bounded: int = 0
    cpu_seconds: float = 0.0
    most_cpu_seconds: float = 0.0
    failed: int = 0
    failures: list[str] = field(default_factory=list)

    @property
    def gap(self) -> float | None:
        """Of all stations together; None where some lack a bound or a plan."""
        if self.bounded < self.stations:
            return None
        return gap_between(self.bounded_objective, self.bound, self.gross_cost)

    @property
    def stations_per_cpu_hour(self) -> float:
        """Stations planned in an hour of one processor; 0 where none is."""
        return 3600 * self.planned / self.cpu_seconds if self.cpu_seconds > 0 else 0.0

    def fail(self, station: str, why: str) -> None:
        """A station without a plan that counts."""
        self.failed += 1
        if len(self.failures) < MOST_FAILURES:
            self.failures.append(f"{station}: {why}")


@dataclass
class ScaleContest:
    """`limits` hold for each station; a contender that does not end is killed `grace_seconds` after its time limit.

    `pool`: an idle one, in which one station is planned at a time.
    """

    limits: Limits
    pool: Pool
    on_message: Callable[[str], None] = lambda news: None

    def score(self, name: str, network: NetworkFile, contender: str, find: Find) -> NetworkScore:
        """The contender on all stations of a network; `find` gives it to the pool's worker."""
        count = len(network.stations)
        score = NetworkScore(name, contender, count)
        for index in range(count):
            if index % STATIONS_BETWEEN_NEWS == 0:
                self.on_message(f"{name}: {contender}, {index:,} of {count:,} stations")
            night = network.night(index)
            self._count(score, night, self._run(night, find))
        return score

    def _run(self, night: Night, find: Find) -> StationRun:
        seconds = self.limits.time_limit_seconds
        arguments = (find, night, self.limits)
        result = result_alone(self.pool, station_run, arguments, seconds + grace_seconds(seconds))
        if isinstance(result, Fault):
            return StationRun(failure=result.reason)
        assert isinstance(result, StationRun)
        return result

    def _count(self, score: NetworkScore, night: Night, run: StationRun) -> None:
        score.cpu_seconds += run.cpu_seconds
        score.most_cpu_seconds = max(score.most_cpu_seconds, run.cpu_seconds)
        if run.failure is not None:
            score.fail(night.station.id, run.failure)
        elif run.outcome is None:
            score.refused += 1
        else:
            self._judge(score, night, run.outcome)

    def _judge(self, score: NetworkScore, night: Night, outcome: Outcome) -> None:
        """The plan counts only where it keeps every rule, and the bound only where it does not lie above it."""
        plan, station = outcome.schedule, night.station
        if plan is None:
            score.fail(station.id, f"no plan: {outcome.detail}".removesuffix(": "))
            return
        try:
            violations, cost = check(night, plan), cost_of(night, plan)
        except Exception as error:  # whatever a contender makes of a plan must not end the benchmark
            score.fail(station.id, f"its plan is too broken to be billed ({type(error).__name__}: {error})")
            return
        if violations:
            score.fail(station.id, f"its plan breaks rules: {violation_text(violations[0])}")
            return
        if is_refuted(outcome.bound, cost.objective):
            score.fail(station.id, f"its bound {outcome.bound:,.2f} lies above its plan {cost.objective:,.2f}")
            return
        score.planned += 1
        score.swaps += len(station.swaps)
        score.lost += len(station.swaps) - plan.swaps_served
        score.objective += cost.objective
        score.gross_cost += cost.gross_cost
        if math.isfinite(outcome.bound):
            bound = min(outcome.bound, cost.objective)
            score.bounded += 1
            score.bound += bound
            score.bounded_objective += cost.objective
            gap = gap_between(cost.objective, bound, cost.gross_cost)
            score.solved += gap is not None and gap <= self.limits.gap
