"""What a run is worth: its plan checked, its cost recomputed, its bound held against both and against the ledger.

Nothing that a contender says is believed: what is refuted makes the run WRONG, and every reason is told.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from models.station.cost import Cost, cost_of, gap_between
from models.station.instance import Night
from models.station.schedule import Schedule
from models.tolerances import CLAIM_RELATIVE
from optimizer.bench.contest.child_process import Ended
from optimizer.bench.contest.child_run import tells_of_memory
from optimizer.bench.ledger.ledger_file import Known, contradict
from optimizer.bench.records.contender import Limits, Outcome
from optimizer.bench.records.run_record import Point, RunRecord, Status
from optimizer.check.plan_check import violation_text
from optimizer.check.rules import check
from optimizer.files.formatting import counted

MOST_POINTS = 2000  # of a trajectory that are kept
UNKNOWN = Known("", math.inf, None)


@dataclass(frozen=True)
class Verdict:
    """The judged part of a run's record, see there. `cost`, `schedule`: of the plan as far as it can be billed;
    `objective` is that of a plan that keeps every rule, and `bound` one that nothing refutes."""

    status: Status
    reason: str = ""
    schedule: Schedule | None = None
    cost: Cost | None = None
    objective: float | None = None
    bound: float | None = None
    gap: float | None = None
    is_solved: bool = False
    solved_seconds: float | None = None
    trajectory: tuple[Point, ...] = ()


def verdict_of(night: Night, limits: Limits, ended: Ended, known: Known | None = None) -> Verdict:
    """The verdict on a run of `night`. `known`: what the ledger has of it."""
    told, answer = thinned(ended.trajectory), ended.answer
    if ended.kind == "killed":
        return _on_bound_alone(night, ended, known or UNKNOWN)
    if answer is None:
        return Verdict("OOM" if ended.kind == "out_of_memory" else "ER", ended.reason, trajectory=told)
    if answer.outcome is None:
        statuses: dict[str, Status] = {"missing": "NA", "refused": "NA", "out_of_memory": "OOM"}
        return Verdict(statuses.get(answer.kind, "ER"), answer.reason, trajectory=told)
    return _on_outcome(night, limits, ended, answer.outcome, known or UNKNOWN)


def _on_bound_alone(night: Night, ended: Ended, known: Known) -> Verdict:
    """A run that was killed has no plan; the bounds that it told on its way stand or fall by what the ledger knows."""
    bound = max((point[2] for point in ended.trajectory if point[2] is not None), default=-math.inf)
    wrongs = list(_bound_wrongs(bound, None, known))
    status: Status = "WRONG" if wrongs else "TO"
    return Verdict(
        status,
        "; ".join([*wrongs, ended.reason]),
        bound=None if wrongs or bound == -math.inf else bound,
        trajectory=thinned(ended.trajectory),
    )


def _on_outcome(night: Night, limits: Limits, ended: Ended, outcome: Outcome, known: Known) -> Verdict:
    cost, plan_wrongs = _billed(night, outcome.schedule)
    objective = cost.objective if cost is not None and not plan_wrongs else None
    claim_wrongs = list(_claim_wrongs(outcome, objective))
    bound_wrongs = list(_bound_wrongs(outcome.bound, objective, known))
    ledger_wrongs = list(_ledger_wrongs(objective, known))
    bound = _bound(outcome.bound, objective) if not bound_wrongs else None
    wrongs = [*plan_wrongs, *claim_wrongs, *bound_wrongs, *ledger_wrongs]
    is_late = ended.wall_seconds > limits.time_limit_seconds
    status: Status = "WRONG" if wrongs else "TO" if outcome.stopped == "time_limit" or is_late else "OK"
    reason = "; ".join(wrongs)
    if not wrongs and outcome.schedule is None:
        status = "OOM" if tells_of_memory(outcome.detail) else status
        reason = f"no plan: {outcome.detail}".removesuffix(": ")
    elif not wrongs and is_late and outcome.stopped == "finished":
        reason = "it ended after its time limit"
    trajectory = _with_end(ended, objective, bound)
    gross_cost = 0.0 if cost is None else cost.gross_cost
    solved = _solved_seconds(trajectory, objective, bound, gross_cost, limits.gap) if not wrongs else None
    is_solved = solved is not None and solved <= limits.time_limit_seconds
    return Verdict(
        status=status,
        reason=reason,
        schedule=None if cost is None else outcome.schedule,
        cost=cost,
        objective=objective,
        bound=bound,
        gap=None if objective is None or bound is None else gap_between(objective, bound, gross_cost),
        is_solved=is_solved,
        solved_seconds=solved if is_solved else None,
        trajectory=thinned(trajectory),
    )


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
    told = outcome.objective
    if told is None or objective is None:
        return
    if not abs(told - objective) <= CLAIM_RELATIVE * max(1.0, abs(told), abs(objective)):
        yield f"its plan costs {objective!r}, and it says {told!r}"


def _bound_wrongs(bound: float, objective: float | None, known: Known) -> Iterator[str]:
    """A bound above a plan that keeps every rule is none: one's own plan, or the ledger's."""
    if math.isnan(bound):
        yield "its bound is no number"
    elif objective is not None and contradict(bound, objective):
        yield f"its bound {bound!r} lies above its own plan of {objective!r}"
    elif contradict(bound, known.objective):
        yield (
            f"its bound {bound!r} lies above the checked plan of {known.objective!r} in the ledger: the bound is "
            f"refuted (make sure with swapcharge bench ledger verify {known.name}), so look for the fault in the "
            "formulation or in the solver's tolerances"
        )


def _ledger_wrongs(objective: float | None, known: Known) -> Iterator[str]:
    """A plan that keeps every rule and lies below a bound that was taken for proven."""
    if objective is not None and known.bound is not None and contradict(known.bound, objective):
        yield (
            f"its plan keeps every rule and costs {objective!r}, less than the bound {known.bound!r} that the ledger "
            f"has as proven: the ledger's bound is refuted, or the checker misses a rule; prove the bound anew with "
            f"swapcharge bench ledger verify {known.name} --bounds, and correct whichever is wrong"
        )


def is_overturned(record: RunRecord, known: Known | None) -> bool:
    """Would the ledger of today say otherwise of a run than it did: for what it refuted then, or refutes now?"""
    if record.status == "WRONG":
        return "the ledger" in record.reason
    told = known or UNKNOWN
    bound = -math.inf if record.bound is None else record.bound
    return contradict(bound, told.objective) or any(_ledger_wrongs(record.objective, told))


def _bound(bound: float, objective: float | None) -> float | None:
    """A bound that is above the plan by less than the tolerance is the plan's objective."""
    if not math.isfinite(bound):
        return None
    return bound if objective is None else min(bound, objective)


def _with_end(ended: Ended, objective: float | None, bound: float | None) -> tuple[Point, ...]:
    """The trajectory with what was known at the end, where that is news."""
    last = ended.trajectory[-1] if ended.trajectory else (0.0, None, None)
    best = min((value for value in (last[1], objective) if value is not None), default=None)
    proven = max((value for value in (last[2], bound) if value is not None), default=None)
    if (best, proven) == last[1:]:
        return ended.trajectory
    return (*ended.trajectory, (max(last[0], round(ended.wall_seconds, 6)), best, proven))


def _solved_seconds(
    trajectory: Sequence[Point], objective: float | None, bound: float | None, gross_cost: float, gap_asked: float
) -> float | None:
    """When the gap asked for was proven first; None: it was not.

    What was told on the way counts as no better than what stands at the end, which alone was checked.
    """
    if objective is None or bound is None:
        return None
    for seconds, told_objective, told_bound in trajectory:
        if told_objective is not None and told_bound is not None:
            gap = gap_between(max(told_objective, objective), min(told_bound, bound), gross_cost)
            if gap is not None and gap <= gap_asked:
                return seconds
    return None


def thinned(trajectory: Sequence[Point], most: int = MOST_POINTS) -> tuple[Point, ...]:
    """At most so many points, evenly chosen; the first and the last stay."""
    if len(trajectory) <= most:
        return tuple(trajectory)
    step = (len(trajectory) - 1) / (most - 1)
    return tuple(trajectory[round(index * step)] for index in range(most))
