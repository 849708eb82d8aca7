"""From any solver's solution of an exported programme to a plan: checked, billed, and with a bound if there is one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from models.errors import Problem
from models.formulations.matrix import Array
from models.station.cost import Cost, cost_of, gap_between
from models.station.instance import Night
from models.station.result import StationPlan, StationResult
from models.station.schedule import Schedule
from models.tolerances import SOLUTION_FEASIBILITY, SOLUTION_INTEGRALITY, is_refuted, is_same_claim
from optimizer.check.plan_check import cost_json, recomputed_text, violation_json, violation_text, violations_text
from optimizer.check.rules import Violation, check
from optimizer.engine.heuristics.capped_arrival import arrival_plans
from optimizer.files.errors import InputErrors, printable
from optimizer.files.plain_text import counted
from optimizer.programmes.formulated_night import FormulatedNight
from optimizer.programmes.programme import Programme
from optimizer.programmes.settled_point import excess, settled
from optimizer.programmes.solution_text import read_solution, says_of_what

MOST_PROBLEMS = 10
MADE_GOOD = "its whole numbers are kept, powers and all else are worked out anew for them"
NAMELESS = "the solution does not say which instance it is of: it may be another's; files exported today say so"


@dataclass(frozen=True)
class ImportedSolution:
    """The result of an import. `plan` None: `violations` or `refusal` say why; `notes` are for either."""

    night: Night
    plan: StationPlan | None
    cost: Cost | None = None
    violations: tuple[Violation, ...] = ()
    refusal: str = ""
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The object of `import-solution --json`."""
        result = self.plan.result if self.plan else None
        return {
            "ok": self.plan is not None,
            "station": self.night.station.id,
            "method": result.method if result else None,
            "objective": self.cost.objective if self.cost else None,
            "bound": result.bound if result else None,
            "gap": result.gap if result else None,
            "swaps_served": result.swaps_served if result else None,
            "swaps_lost": result.swaps_lost if result else None,
            "cost": cost_json(self.cost),
            "violations": [violation_json(self.night.station.id, one) for one in self.violations],
            "refusal": self.refusal,
            "notes": list(self.notes),
        }

    def as_text(self, currency: str) -> str:
        """The same for people."""
        return "\n".join(map(printable, self._lines(currency)))

    def _lines(self, currency: str) -> Iterator[str]:
        yield from map(violation_text, self.violations)
        yield from (f"note: {note}" for note in self.notes)
        if self.violations:
            yield violations_text(self.violations)
        if self.refusal:
            yield self.refusal
        if self.plan is not None:
            result = self.plan.result
            yield f"The plan keeps every rule; {result.swaps_served} swaps served, {result.swaps_lost} lost."
        if self.cost is not None:
            yield recomputed_text(self.cost, currency)


def import_solution(asked: FormulatedNight, text: str, file: str, bound: float | None) -> ImportedSolution:
    """The plan in the solution file's `text`. `bound`: what its solver proved, in currency, None for nothing.

    Raises InputErrors where the text is no solution of the programme.
    """
    programme = asked.programme()
    if bound is not None and not programme.is_relaxation:
        rule = f"the optimum of the formulation {asked.formulation.name} bounds no plan"
        raise InputErrors("--bound", [Problem("", bound, rule, "leave --bound out")])
    read = read_solution(text, programme.column_names(), file, asked.of, programme.earlier_names())
    point = _rounded(programme, read, file)
    found = _imported(asked, programme, point, None if bound is None else bound - programme.bound_slack)
    if found.plan is not None or says_of_what(text):
        return found
    return replace(found, notes=(*found.notes, NAMELESS))


def _imported(asked: FormulatedNight, programme: Programme, point: Array, bound: float | None) -> ImportedSolution:
    try:
        schedule = programme.schedule(point)
    except ValueError as error:  # packs that are handed over twice, or before they come
        return ImportedSolution(asked.night, None, refusal=f"The solution is no plan: {error}.")
    if schedule is None:
        return ImportedSolution(asked.night, None, refusal="The solution leads to no plan that keeps every rule.")
    found = _judged(asked, programme, point, schedule, bound)
    return (found.violations and _made_good(asked, programme, point, found, bound)) or found


def _made_good(
    asked: FormulatedNight, programme: Programme, point: Array, found: ImportedSolution, bound: float | None
) -> ImportedSolution | None:
    """Where the point breaks rules by a solver's rounding: the best plan of its whole numbers, if it keeps them."""
    matrix = programme.matrix
    if not programme.is_exact or excess(matrix, point) > SOLUTION_FEASIBILITY:
        return None
    made = settled(matrix, point, np.nan)
    schedule = None if made is None else programme.schedule(made[0])
    if made is None or schedule is None:
        return None
    good = _judged(asked, programme, made[0], schedule, bound)
    note = f"as it stands the solution breaks rules ({counted(len(found.violations), 'violation')}): {MADE_GOOD}"
    return None if good.violations else replace(good, notes=(*good.notes, note))


def _rounded(programme: Programme, point: Array, file: str) -> Array:
    """The point with integer columns rounded. Raises InputErrors where one is fractional, as in the relaxation."""
    rounded = np.rint(point)
    fractional = np.flatnonzero(programme.matrix.integer & (np.abs(point - rounded) > SOLUTION_INTEGRALITY))
    if len(fractional):
        names = programme.column_names()
        problems = [
            Problem(names[j], float(point[j]), "must be a whole number", "solve the programme with its whole columns")
            for j in fractional[:MOST_PROBLEMS].tolist()
        ]
        raise InputErrors(file, problems)
    return np.where(programme.matrix.integer, rounded, point)


def _judged(
    asked: FormulatedNight, programme: Programme, point: Array, schedule: Schedule, bound: float | None
) -> ImportedSolution:
    night, cost = asked.night, cost_of(asked.night, schedule)
    notes = tuple(_notes(programme, point, cost))
    if violations := tuple(check(night, schedule)):
        return ImportedSolution(night, None, cost, violations, notes=notes)
    if bound is not None and is_refuted(bound, cost.objective):
        refusal = f"The bound {bound!r} is refuted: this plan costs {cost.objective!r}."
        return ImportedSolution(night, None, cost, refusal=refusal, notes=notes)
    gap = None if bound is None else gap_between(cost.objective, bound, cost.gross_cost)
    arrivals = arrival_plans(night)
    baseline = arrivals.on_arrival.cost
    result = StationResult.of(
        night,
        schedule,
        status="gap_reached" if gap == 0 else "gap_not_reached",
        method=f"an imported solution of the formulation {asked.formulation.name}",
        cost=cost,
        bound=None if bound is None else min(bound, cost.objective),
        baseline=baseline,
    )
    return ImportedSolution(
        night, StationPlan(night, schedule, arrivals.of_result(night, schedule, result), baseline), cost, notes=notes
    )


def _notes(programme: Programme, point: Array, cost: Cost) -> Iterator[str]:
    by_programme = float(programme.matrix.cost @ point) + programme.matrix.offset
    if programme.is_exact and not is_same_claim(by_programme, cost.objective):
        yield f"by the programme the solution costs {by_programme!r}, recomputed its plan costs {cost.objective!r}"
