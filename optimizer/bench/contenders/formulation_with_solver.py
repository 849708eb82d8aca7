"""A formulation paired with a solver, as a contender."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from models.formulations.matrix import Array
from models.station.cost import cost_of
from models.station.instance import Night
from models.station.must_serve import surcharge_of
from models.station.schedule import Schedule
from optimizer.bench.contenders.preload_imports import preload
from optimizer.bench.records.contender import Contender, Limits, OnProgress, Outcome
from optimizer.bench.solvers.solver import Solver
from optimizer.engine.baselines import cheapest_slots_first, uncontrolled_charging
from optimizer.engine.highs import SolverResult
from optimizer.programmes.programme import Formulation, Programme
from optimizer.programmes.settled_point import settled

SHARE_OF_GAP = 0.1
"""Of the gap asked for, what a solver may leave open: the rest is for what a plan loses beside the programme."""

SHARE_OF_TIME = 0.1
"""Of the time, what is kept for finding a plan where the solver's point is none."""

NO_PLAN = "its point leads to no plan"


def pairing(formulation: Formulation, solver: Solver) -> Contender:
    """The contender "formulation:solver"."""

    def refusal(night: Night) -> str | None:
        if not solver.takes_integers and not formulation.is_linear:
            return f"{solver.name} solves LPs only, and {formulation.name} has whole numbers"
        return formulation.refusal(night)

    return Contender(
        f"{formulation.name}:{solver.name}",
        f"{formulation.what} | {solver.what}",
        lambda night, limits, on_progress: _PairedRun(formulation, solver, night, limits, on_progress).run(),
        formulation.name,
        solver.name,
        lambda: _missing(solver),
        refusal,
        solver.versions,
        solver.options,
    )


def _missing(solver: Solver) -> str | None:
    preload()
    return solver.missing()


@dataclass(frozen=True)
class _PairedRun:
    """One night under one pair."""

    formulation: Formulation
    solver: Solver
    night: Night
    limits: Limits
    on_progress: OnProgress

    def run(self) -> Outcome:
        began = time.perf_counter()
        money_gap = self._money_gap()
        programme = self.formulation.programme(self.night)
        built = time.perf_counter()
        seconds_left = began + self.limits.time_limit_seconds - built
        if not programme.is_exact:
            seconds_left -= SHARE_OF_TIME * self.limits.time_limit_seconds
        answer = self.solver.solve(
            programme.matrix,
            money_gap=money_gap,
            seconds=max(0.0, seconds_left),
            seed=self.limits.seed,
            on_progress=lambda objective, bound: self._pass_on(programme, objective, bound),
        )
        solved = time.perf_counter()
        self._pass_on(programme, answer.objective, answer.bound)
        seconds_left = began + self.limits.time_limit_seconds - solved
        schedule, objective = self._plan(programme, answer, max(0.0, seconds_left))
        return self._outcome(programme, answer, schedule, objective, built - began, solved - built)

    def _money_gap(self) -> float:
        """In currency, for solvers take gaps as a share of the objective, which may be near zero or below.

        What charging costs is not known yet; the cheaper plan without optimisation shows its size.
        """
        plans = (uncontrolled_charging(self.night), cheapest_slots_first(self.night))
        cheapest = min((cost_of(self.night, plan) for plan in plans), key=lambda cost: cost.objective)
        return SHARE_OF_GAP * self.limits.gap * abs(cheapest.gross_cost)

    def _pass_on(self, programme: Programme, objective: float | None, bound: float | None) -> None:
        """Only what is true of plans: a relaxation's points cost less than any, other programmes bound nothing. Where
        swaps must be served, what a number means depends on which of them are lost: nothing is told on the way."""
        if self._must_serve:
            return
        is_plan = programme.is_exact and objective is not None and math.isfinite(objective)
        is_bound = programme.is_relaxation and bound is not None and math.isfinite(bound)
        if is_plan or is_bound:
            of_plans = bound - programme.bound_slack if is_bound and bound is not None else None
            self.on_progress(objective if is_plan else None, of_plans)

    def _plan(self, programme: Programme, answer: SolverResult, seconds: float) -> tuple[Schedule | None, float | None]:
        """The plan that the answer's point gives or guides to, and what the programme says that it costs."""
        if answer.point is None:
            return None, None
        if programme.is_exact:
            found = settled(programme.matrix, answer.point, answer.objective)
            schedule = None if found is None else _schedule(programme, found[0])
            return schedule, None if found is None or schedule is None else found[1]
        if programme.schedule_within is not None:
            schedule = programme.schedule_within(answer.point, seconds, self.limits.seed)
        else:
            schedule = _schedule(programme, answer.point)
        if schedule is not None:
            self.on_progress(cost_of(self.night, schedule).objective, None)
        return schedule, None

    @property
    def _must_serve(self) -> bool:
        return any(swap.must_serve for swap in self.night.station.swaps)

    def _bound(self, programme: Programme, answer: SolverResult, lost: float) -> float:
        """What the solver proved, `lost` being what the programme puts on top for swaps of the plan that must be served
        and are lost: the cheapest plan loses no more of it. Without a plan it may be anything."""
        return answer.bound - programme.bound_slack - lost if programme.is_relaxation else -math.inf

    def _outcome(
        self,
        programme: Programme,
        answer: SolverResult,
        schedule: Schedule | None,
        objective: float | None,
        build_seconds: float,
        solver_seconds: float,
    ) -> Outcome:
        (rows, columns), matrix = programme.matrix.shape, programme.matrix
        lost = surcharge_of(self.night, schedule) if schedule is not None else math.inf if self._must_serve else 0.0
        return Outcome(
            schedule,
            None if objective is None else objective - lost,
            self._bound(programme, answer, lost),
            "time_limit" if answer.stopped == "time_limit" else "finished",
            answer.detail if schedule is not None or answer.point is None else f"{answer.detail}; {NO_PLAN}",
            build_seconds,
            solver_seconds,
            rows,
            columns,
            int(matrix.integer.sum()),
            len(matrix.values),
            is_bound_recomputed=programme.is_relaxation and answer.row_dual is not None,  # solvers make it of these
        )


def _schedule(programme: Programme, point: Array) -> Schedule | None:
    """The point's plan; none where it breaks the programme so far that it is none. The bound may be good still."""
    try:
        return programme.schedule(point)
    except ValueError:
        return None
