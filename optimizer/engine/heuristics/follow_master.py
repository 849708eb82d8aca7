"""An assignment read off a master solution: real packs follow its energies through the night, rank by rank.

A solution that serves a swap with half of two packs has no assignment that agrees with it: where stations lose
drivers, there are many such halves. But it says how much energy the fullest pack holds in each slot, and the next.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from models.formulations.assignment.problem import AssignmentProblem
from models.formulations.matrix import Array
from models.station.instance import Night
from optimizer.engine.column_pool import MasterSolution, WeightedPattern
from optimizer.engine.level_rounding import EnergyTargets, assign_by_targets


def follow_master(night: Night, problems: Sequence[AssignmentProblem], solution: MasterSolution) -> dict[str, str]:
    """Pack id per served swap. As many swaps are lost as in the solution, to the nearest; those most lost in it."""
    served: set[str] = set()
    for problem, shares in zip(problems, solution.shares, strict=True):
        lost = shares[problem.lost]
        most_lost = np.argsort(-lost, kind="stable")[: round(float(lost.sum()))]
        served |= set(problem.swaps) - {problem.swaps[j] for j in most_lost.tolist()}
    return assign_by_targets(night, served, _targets(night, problems, solution.patterns))


def _targets(night: Night, problems: Sequence[AssignmentProblem], patterns: Sequence[WeightedPattern]) -> EnergyTargets:
    """By type and slot: what the i-th fullest pack holds at the end, packs in turnaround left out.

    That is the mean energy of what lies between i and i + 1 packs when patterns are sorted by energy.
    """
    held: dict[str, list[Array]] = {problem.type: [] for problem in problems}
    weights: dict[str, list[float]] = {problem.type: [] for problem in problems}
    for pattern in patterns:
        problem = problems[pattern.k]
        held[problem.type].append(_energies(night, problem, pattern))
        weights[problem.type].append(pattern.weight)
    energies = {kind: np.array(rows) for kind, rows in held.items()}

    def targets(kind: str, t: int) -> Array:
        if not weights.get(kind):
            return np.zeros(0)
        there = np.flatnonzero(~np.isnan(energies[kind][:, t]))
        energy, weight = energies[kind][there, t], np.array(weights[kind])[there]
        by_energy = np.lexsort((weight, energy))[::-1]
        energy, weight = energy[by_energy], weight[by_energy]
        ends = np.concatenate([[0.0], weight.cumsum()])
        total = np.concatenate([[0.0], (energy * weight).cumsum()])
        ranks = np.arange(np.ceil(ends[-1] - 0.5) + 1)
        return np.diff(np.interp(ranks, ends, total))

    return targets


def _energies(night: Night, problem: AssignmentProblem, pattern: WeightedPattern) -> Array:
    """The pack's energy at the end of every slot in which it may charge, else NaN; in all where it never comes."""
    r, j, slots = pattern.row, pattern.column, night.horizon.slots
    own = r - problem.initial
    if own >= 0 and (j == own or not np.isfinite(problem.unready_kwh[r])):
        return np.full(slots, np.nan)
    kwh = np.bincount(pattern.slot, pattern.kwh, minlength=slots)
    start_kwh = night.pack_types[problem.type].target_kwh - problem.room_kwh[r]
    energy: Array = start_kwh + kwh.cumsum()
    energy[: int(problem.charge_from[r])] = np.nan
    energy[int(problem.due[j]) if j < len(problem.swaps) else slots :] = np.nan
    return energy
