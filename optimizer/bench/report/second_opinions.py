"""Comparison of proofs: do contenders agree on an optimum, and does any bound lie above any plan?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations, groupby

from models.tolerances import is_refuted, money_tolerance
from optimizer.bench.records.metrics import FAILED, is_solved
from optimizer.bench.records.run_record import RunRecord


@dataclass(frozen=True)
class Disagreement:
    """Two runs that prove different optima of one instance: nearer than `allowed` in currency they would agree."""

    first: RunRecord
    second: RunRecord
    difference: float
    allowed: float


@dataclass(frozen=True)
class Opinion:
    """Two contenders: on how many instances both prove optimality, and where they disagree.

    `largest`: the largest difference of their objectives as a share of the larger one (or of 1).
    """

    first: str
    second: str
    proven: int
    disagreements: tuple[Disagreement, ...]
    largest: float


@dataclass(frozen=True)
class Contradiction:
    """A bound above a checked plan of the same instance. `plan` None: the plan is that of the ledger."""

    bound: RunRecord
    plan: RunRecord | None
    objective: float


def opinions(runs: Iterable[RunRecord]) -> list[Opinion]:
    """One for each pair of contenders that prove an instance in common, in the order of their names."""
    proven: dict[str, dict[str, list[RunRecord]]] = {}
    for run in _by_instance(run for run in runs if is_solved(run) and run.objective is not None):
        proven.setdefault(run.contender, {}).setdefault(run.instance_hash, []).append(run)
    pairs = combinations(sorted(proven), 2)
    found = [_opinion(first, second, proven[first], proven[second]) for first, second in pairs]
    return [one for one in found if one.proven]


def _opinion(
    first: str, second: str, of_first: Mapping[str, list[RunRecord]], of_second: Mapping[str, list[RunRecord]]
) -> Opinion:
    """Of several seeds, the two runs that are furthest apart count."""
    common = [name for name in of_first if name in of_second]
    worst = [max((_compared(a, b) for a in of_first[i] for b in of_second[i]), key=_excess) for i in common]
    disagree = tuple(one for one in worst if _excess(one) > 0)
    return Opinion(first, second, len(common), disagree, max((_share(one) for one in worst), default=0.0))


def _compared(first: RunRecord, second: RunRecord) -> Disagreement:
    """Each objective lies above the optimum by its gap at most, so two lie apart by the larger gap at most."""
    a, b = first.objective or 0.0, second.objective or 0.0
    allowed = max(run.gap_asked * abs(run.gross_cost or 0.0) for run in (first, second))
    return Disagreement(first, second, abs(a - b), allowed + money_tolerance(a, b))


def _excess(one: Disagreement) -> float:
    return one.difference - one.allowed


def _share(one: Disagreement) -> float:
    return one.difference / max(1.0, abs(one.first.objective or 0.0), abs(one.second.objective or 0.0))


def contradictions(runs: Iterable[RunRecord], known: Mapping[str, float] | None = None) -> list[Contradiction]:
    """Every bound above the best checked plan of its instance, `known` ones (by the instance's hash) included."""
    counted = _by_instance(run for run in runs if run.status not in FAILED)
    found = []
    for instance, group in groupby(counted, key=lambda run: run.instance_hash):
        of_instance = list(group)
        plans = [run for run in of_instance if run.objective is not None]
        plan = min(plans, key=lambda run: run.objective or 0.0, default=None)
        objective = (known or {}).get(instance)
        if plan is not None and plan.objective is not None and (objective is None or plan.objective <= objective):
            objective = plan.objective
        else:
            plan = None
        for run in of_instance:
            if objective is not None and run.bound is not None and is_refuted(run.bound, objective):
                found.append(Contradiction(run, plan, objective))
    return found


def _by_instance(runs: Iterable[RunRecord]) -> list[RunRecord]:
    return sorted(runs, key=lambda run: (run.instance, run.instance_hash, run.contender, run.seed))
