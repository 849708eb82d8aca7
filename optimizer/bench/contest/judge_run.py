"""The judgement of a run: its plan is checked, its cost recomputed, its bound compared with both and with the ledger.

Nothing that a contender claims is believed: what is refuted makes the run WRONG, with every reason.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from models.station.cost import Cost, cost_of, gap_between
from models.station.instance import Instance, Night
from models.station.result import StationPlan, StationResult
from models.station.schedule import Schedule
from models.station.starts import charging_figures
from models.tolerances import is_refuted, is_same_claim
from optimizer.bench.contest.captured_output import shortened
from optimizer.bench.contest.child_process import RunEnd
from optimizer.bench.ledger.ledger_document import LedgerEntry
from optimizer.bench.records.contender import Outcome
from optimizer.bench.records.machine import is_loaded
from optimizer.bench.records.run_record import FAILURES, Point, RunRecord, Status
from optimizer.check.plan_check import violation_text
from optimizer.check.rules import check
from optimizer.engine.heuristics.capped_arrival import arrival_plans
from optimizer.files.plain_text import counted
from optimizer.formats.plan_file import plan_document
from optimizer.workers.usage import says_out_of_memory

MOST_POINTS = 2000  # of a trajectory that are kept


@dataclass(frozen=True)
class JudgedRun:
    """A run's record, its plan file aside; `schedule`, `cost`: its plan as far as it can be billed, however wrong."""

    record: RunRecord
    schedule: Schedule | None = None
    cost: Cost | None = None


def judged_run(blank: RunRecord, night: Night, ended: RunEnd, known: LedgerEntry | None = None) -> JudgedRun:
    """The run of `night` whose record was `blank` before, judged. `known`: what the ledger has of the instance."""
    judged = _judged(blank, night, ended, known)
    record = replace(judged.record, reason=shortened(judged.record.reason))  # a contender's own words, most of them
    if record.status in FAILURES or ended.kind == "killed":
        record = replace(record, traceback=ended.traceback, stdout=ended.stdout, stderr=ended.stderr)
    return JudgedRun(record, judged.schedule, judged.cost)


def _judged(blank: RunRecord, night: Night, ended: RunEnd, known: LedgerEntry | None) -> JudgedRun:
    run, answer = measured_record(blank, ended), ended.answer
    if ended.kind == "killed":
        return JudgedRun(_judged_by_bound_alone(run, ended, known))
    if answer is None:
        return JudgedRun(replace(run, status="OOM" if ended.kind == "out_of_memory" else "ER", reason=ended.reason))
    if answer.outcome is None:
        statuses: dict[str, Status] = {"missing": "NA", "refused": "NA", "out_of_memory": "OOM"}
        return JudgedRun(replace(run, status=statuses.get(answer.kind, "ER"), reason=answer.reason))
    return _judged_outcome(run, night, ended, answer.outcome, known)


def _judged_by_bound_alone(run: RunRecord, ended: RunEnd, known: LedgerEntry | None) -> RunRecord:
    """A run that was killed has no plan; the ledger may refute the bounds that it reported on its way."""
    bound = max((point[2] for point in ended.trajectory if point[2] is not None), default=-math.inf)
    wrongs = list(_bound_wrongs(bound, None, known))
    return replace(
        run,
        status="WRONG" if wrongs else "TO",
        reason="; ".join([*wrongs, ended.reason]),
        bound=None if wrongs or bound == -math.inf else bound,
    )


def _judged_outcome(
    run: RunRecord, night: Night, ended: RunEnd, outcome: Outcome, known: LedgerEntry | None
) -> JudgedRun:
    cost, plan_wrongs = _billed(night, outcome.schedule)
    objective = cost.objective if cost is not None and not plan_wrongs else None
    bound_wrongs = list(_bound_wrongs(outcome.bound, objective, known))
    wrongs = [*plan_wrongs, *_claim_wrongs(outcome, objective), *bound_wrongs, *_ledger_wrongs(objective, known)]
    bound = _bound(outcome.bound, objective) if not bound_wrongs else None
    gross_cost = None if cost is None else cost.gross_cost
    served = None if cost is None or outcome.schedule is None else outcome.schedule.swaps_served
    trajectory = _with_end(ended, objective, bound)
    solved_seconds = None if wrongs else _solved_seconds(run, trajectory, objective, bound, gross_cost)
    status, reason = _status(run, ended, outcome, wrongs)
    calm = None if cost is None or outcome.schedule is None else charging_figures(outcome.schedule)
    record = replace(
        run,
        status=status,
        reason=reason,
        is_solved=solved_seconds is not None,
        objective=objective,
        bound=bound,
        is_bound_recomputed=outcome.is_bound_recomputed and bound is not None,
        gap=None if objective is None or bound is None else gap_between(objective, bound, gross_cost or 0.0),
        gross_cost=gross_cost,
        swaps_served=served,
        swaps_lost=None if served is None else run.swaps - served,
        starts=None if calm is None else calm.starts,
        stays_charged=None if calm is None else calm.stays_charged,
        solved_seconds=solved_seconds,
        trajectory=thinned(trajectory),
    )
    return JudgedRun(record, None if cost is None else outcome.schedule, cost)


def _status(run: RunRecord, ended: RunEnd, outcome: Outcome, wrongs: Sequence[str]) -> tuple[Status, str]:
    """The status of a run that answered, and the reason for it."""
    if wrongs:
        return "WRONG", "; ".join(wrongs)
    is_late = ended.wall_seconds > run.time_limit_seconds
    status: Status = "TO" if outcome.stopped == "time_limit" or is_late else "OK"
    if outcome.schedule is None:
        reason = f"no plan: {outcome.detail}".removesuffix(": ")
        return "OOM" if says_out_of_memory(outcome.detail) else status, reason
    return status, "it ended after its time limit" if is_late and outcome.stopped == "finished" else ""


def _billed(night: Night, schedule: Schedule | None) -> tuple[Cost | None, list[str]]:
    """The cost of a plan, None where it cannot be billed, and which rules it breaks."""
    if schedule is None:
        return None, []
    try:
        violations, cost = check(night, schedule), cost_of(night, schedule)
    except Exception as error:  # whatever a contender makes of a schedule must not end the benchmark
        return None, [f"its plan is too broken to be billed ({type(error).__name__}: {error})"]
    wrongs = []
    if schedule.station != night.station.id:
        wrongs.append(f"its plan is for station {schedule.station!r}, not for {night.station.id!r}")
    if violations:
        wrongs.append(f"its plan breaks rules ({counted(len(violations), 'violation')}), {_first(violations)}")
    if not math.isfinite(cost.objective):
        return None, [*wrongs, "its plan costs no finite amount"]
    return cost, wrongs


def _first(violations: Sequence[object]) -> str:
    return f"first {violation_text(violations[0])}"  # type: ignore[arg-type]


def _claim_wrongs(outcome: Outcome, objective: float | None) -> Iterator[str]:
    """What the contender says that its plan costs, against what it does cost."""
    claim = outcome.objective
    if claim is None or objective is None:
        return
    if not is_same_claim(claim, objective):
        yield f"its plan costs {objective!r}, and it says {claim!r}"


def _bound_wrongs(bound: float, objective: float | None, known: LedgerEntry | None) -> Iterator[str]:
    """A bound above a plan that keeps every rule is false: the run's own plan, or the ledger's."""
    if math.isnan(bound):
        yield "its bound is no number"
    elif objective is not None and is_refuted(bound, objective):
        yield f"its bound {bound!r} lies above its own plan of {objective!r}"
    elif known is not None and is_refuted(bound, known.plan.objective):
        yield (
            f"its bound {bound!r} lies above the checked plan of {known.plan.objective!r} in the ledger: the bound is "
            f"refuted (make sure with swapcharge bench ledger verify {known.name}), so look for the fault in the "
            "formulation or in the solver's tolerances"
        )


def _ledger_wrongs(objective: float | None, known: LedgerEntry | None) -> Iterator[str]:
    """A plan that keeps every rule and lies below a bound that was taken for proven."""
    if objective is None or known is None or known.bound is None:
        return
    if is_refuted(known.bound.value, objective):
        yield (
            f"its plan keeps every rule and costs {objective!r}, less than the bound {known.bound.value!r} that the "
            "ledger has as proven: the ledger's bound is refuted, or the checker misses a rule; prove the bound anew "
            f"with swapcharge bench ledger verify {known.name} --bounds, and correct whichever is wrong"
        )


def is_overturned(record: RunRecord, known: LedgerEntry | None) -> bool:
    """Would today's ledger judge the run otherwise: because of what it refuted then, or refutes now?"""
    if record.status == "WRONG":
        return "the ledger" in record.reason
    bound = -math.inf if record.bound is None else record.bound
    refutes_bound = known is not None and is_refuted(bound, known.plan.objective)
    return refutes_bound or any(_ledger_wrongs(record.objective, known))


def _bound(bound: float, objective: float | None) -> float | None:
    """A bound that is above the plan by less than the tolerance is the plan's objective."""
    if not math.isfinite(bound):
        return None
    return bound if objective is None else min(bound, objective)


def _with_end(ended: RunEnd, objective: float | None, bound: float | None) -> tuple[Point, ...]:
    """The trajectory with a last point for the end, where that adds anything."""
    last = ended.trajectory[-1] if ended.trajectory else (0.0, None, None)
    best = min((value for value in (last[1], objective) if value is not None), default=None)
    proven = max((value for value in (last[2], bound) if value is not None), default=None)
    if (best, proven) == last[1:]:
        return ended.trajectory
    return (*ended.trajectory, (max(last[0], round(ended.wall_seconds, 6)), best, proven))


def _solved_seconds(
    run: RunRecord,
    trajectory: Sequence[Point],
    objective: float | None,
    bound: float | None,
    gross_cost: float | None,
) -> float | None:
    """When the gap asked for was first proven; None: not within the time limit.

    A point on the way counts as no better than the end, which alone was checked.
    """
    if objective is None or bound is None or gross_cost is None:
        return None
    for seconds, best, proven in trajectory:
        if best is not None and proven is not None and seconds <= run.time_limit_seconds:
            gap = gap_between(max(best, objective), min(proven, bound), gross_cost)
            if gap is not None and gap <= run.gap_asked:
                return seconds
    return None


def measured_record(blank: RunRecord, ended: RunEnd) -> RunRecord:
    """The record with all that was measured or claimed and needs no judgement."""
    outcome = (ended.answer.outcome if ended.answer else None) or Outcome(None)
    waited = None if ended.answer is None else ended.answer.waited_seconds
    claim = outcome.objective
    return replace(
        blank,
        claimed_objective=claim if claim is not None and math.isfinite(claim) else None,
        wall_seconds=round(ended.wall_seconds, 6),
        cpu_seconds=round(ended.cpu_seconds, 6),
        waited_seconds=None if waited is None else round(waited, 6),
        is_machine_loaded=ended.wall_seconds > 0
        and is_loaded((blank.load_at_start, blank.load_at_end), waited, ended.wall_seconds),
        build_seconds=_seconds(outcome.build_seconds),
        solver_seconds=_seconds(outcome.solver_seconds),
        peak_memory_mb=round(ended.peak_memory_mb, 3),
        rows=outcome.rows,
        columns=outcome.columns,
        integer_columns=outcome.integer_columns,
        nonzeros=outcome.nonzeros,
        trajectory=thinned(ended.trajectory),
    )


def thinned(trajectory: Sequence[Point], most: int = MOST_POINTS) -> tuple[Point, ...]:
    """At most so many points, evenly chosen; the first and the last stay."""
    if len(trajectory) <= most:
        return tuple(trajectory)
    step = (len(trajectory) - 1) / (most - 1)
    return tuple(trajectory[round(index * step)] for index in range(most))


def _seconds(claim: float) -> float:
    """The seconds that a contender says it took, which may be no number at all."""
    return round(claim, 6) if math.isfinite(claim) else 0.0


def plan_of(instance: Instance, judged: JudgedRun) -> bytes | None:
    """The plan file of a run; None where there is no plan, or one that is too broken for a file.

    A plan that breaks a rule is kept as well, as evidence.
    """
    (night,), record = instance.nights, judged.record
    if judged.schedule is None or judged.cost is None:
        return None
    try:
        arrivals = arrival_plans(night)
        baseline = arrivals.on_arrival.cost
        result = StationResult.of(
            night,
            judged.schedule,
            status="gap_reached" if record.is_solved else "time_limit" if record.status == "TO" else "gap_not_reached",
            method=record.contender,
            cost=judged.cost,
            bound=record.bound,
            baseline=baseline,
        )
        with_savings = arrivals.of_result(night, judged.schedule, result)
        return plan_document(instance, [StationPlan(night, judged.schedule, with_savings, baseline)], record.versions)
    except Exception:  # a schedule that breaks rules may break the writer as well: its record says what is wrong
        if record.objective is None:
            return None
        raise
