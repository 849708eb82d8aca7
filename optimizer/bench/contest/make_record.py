"""From a trial and its verdict to what is kept of it: the record and the plan file."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from datetime import datetime

from msgspec import structs

from models.station.instance import Instance
from models.station.result import StationPlan, StationResult
from optimizer.bench.contenders.entrants import Entrant
from optimizer.bench.contest.child_process import Ended
from optimizer.bench.contest.judge_run import Verdict
from optimizer.bench.contest.trial import Entry, Protocol
from optimizer.bench.records.contender import Outcome
from optimizer.bench.records.run_record import FORMAT, RunRecord
from optimizer.engine.baselines import baseline_cost
from optimizer.formats.plan_file import plan_document

KEY_FIELDS = (
    "instance_hash", "contender", "formulation", "solver", "options", "seed", "gap_asked", "time_limit_seconds",
    "memory_limit_mb", "versions",
)  # fmt: skip


def blank_record(
    entry: Entry,
    digest: str,
    entrant: Entrant,
    protocol: Protocol,
    seed: int,
    versions: Mapping[str, str],
    machine: Mapping[str, str],
) -> RunRecord:
    """What is known of a run before it is made, its key included. `digest`: the instance's hash."""
    night, contender = entry.instance.nights[0], entrant.contender
    blank = RunRecord(
        format=FORMAT,
        version=1,
        key="",
        suite=protocol.suite,
        instance=entry.name,
        instance_hash=digest,
        family=entry.family,
        size=entry.size,
        packs=len(night.station.packs),
        slots=night.horizon.slots,
        swaps=len(night.station.swaps),
        contender=contender.name,
        formulation=contender.formulation,
        solver=contender.solver,
        options={str(name): str(value) for name, value in sorted(contender.options.items())},
        seed=seed,
        gap_asked=protocol.gap,
        time_limit_seconds=protocol.time_limit_seconds,
        memory_limit_mb=protocol.memory_mb,
        status="NA",
        versions=dict(sorted(versions.items())),
        machine=dict(machine),
        began="",
    )
    return structs.replace(blank, key=run_key(blank))


def run_key(record: RunRecord) -> str:
    """ "sha256:" and 64 hexadecimal digits over all that a run depends on, the machine aside."""
    asked = {name: getattr(record, name) for name in KEY_FIELDS}
    return "sha256:" + hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def filled_record(blank: RunRecord, ended: Ended, verdict: Verdict, began: str) -> RunRecord:
    """The record of a run that has ended, its plan file aside."""
    outcome = (ended.answer.outcome if ended.answer else None) or Outcome(None)
    cost, schedule = verdict.cost, verdict.schedule
    claimed = outcome.objective
    served = None if schedule is None else len(schedule.hand_overs)
    return structs.replace(
        blank,
        status=verdict.status,
        reason=verdict.reason,
        is_solved=verdict.is_solved,
        claimed_objective=claimed if claimed is not None and math.isfinite(claimed) else None,
        objective=verdict.objective,
        bound=verdict.bound,
        is_bound_recomputed=outcome.is_bound_recomputed and verdict.bound is not None,
        gap=verdict.gap,
        gross_cost=None if cost is None else cost.gross_cost,
        swaps_served=served,
        swaps_lost=None if served is None else blank.swaps - served,
        wall_seconds=round(ended.wall_seconds, 6),
        cpu_seconds=round(ended.cpu_seconds, 6),
        build_seconds=_seconds(outcome.build_seconds),
        solver_seconds=_seconds(outcome.solver_seconds),
        solved_seconds=verdict.solved_seconds,
        peak_memory_mb=round(ended.peak_memory_mb, 3),
        rows=outcome.rows,
        columns=outcome.columns,
        integer_columns=outcome.integer_columns,
        nonzeros=outcome.nonzeros,
        trajectory=verdict.trajectory,
        began=began,
    )


def _seconds(told: float) -> float:
    """What a contender says that it took: its own word, and no number at all perhaps."""
    return round(told, 6) if math.isfinite(told) else 0.0


def stamp(instant: datetime) -> str:
    """ "2026-07-01T21:00:00Z", of an instant in UTC."""
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def plan_of(instance: Instance, record: RunRecord, verdict: Verdict) -> bytes | None:
    """The plan file of a run; None where there is no plan, or one that is too broken for a file.

    A plan that breaks a rule is kept, too: it is the evidence.
    """
    (night,) = instance.nights
    if verdict.schedule is None or verdict.cost is None:
        return None
    try:
        baseline = baseline_cost(night)
        result = StationResult.of(
            night,
            verdict.schedule,
            status="gap_reached" if record.is_solved else "time_limit" if record.status == "TO" else "gap_not_reached",
            method=record.contender,
            cost=verdict.cost,
            bound=record.bound,
            baseline=baseline,
        )
        return plan_document(instance, [StationPlan(night, verdict.schedule, result, baseline)], record.versions)
    except Exception:  # a schedule that breaks rules may break the writer as well: its record says what is wrong
        if verdict.objective is None:
            return None
        raise
