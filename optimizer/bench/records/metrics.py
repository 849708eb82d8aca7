"""Measures of runs, computed from their records, each formula with its source.

Times are wall seconds, gaps are shares (1 = 100 %), objectives and bounds are currency.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise

from models.station.cost import gap_between
from optimizer.bench.records.run_record import Point, RunRecord

PENALTY = 2.0  # PAR2: an unsolved run counts as so many times its time limit
DEFAULT_SHIFT_SECONDS = 1.0
LEAST_SECONDS = 0.001  # a time below a millisecond counts as one: clocks resolve no less, and ratios need a divisor
NO_GAP = 1.0  # what an unknown gap counts as, and the most that any gap counts as
FAILED = frozenset({"WRONG", "ER", "NA"})  # nothing that such a run said counts

Steps = list[tuple[float, float]]


def shifted_geometric_mean(values: Iterable[float], shift: float = DEFAULT_SHIFT_SECONDS) -> float:
    """exp(mean(log(value + shift))) − shift, in the unit of the values; no extreme value dominates it.

    Source: T. Achterberg, Constraint Integer Programming, TU Berlin 2007, appendix A.3; customary for times of MIP
    solvers. Raises ValueError without values, and where a value plus the shift is not positive.
    """
    logs = [math.log(value + shift) for value in values]
    if not logs:
        raise ValueError("no values to take the mean of")
    return math.exp(math.fsum(logs) / len(logs)) - shift


def is_solved(run: RunRecord) -> bool:
    """Has it proven the gap asked for, with nothing refuted? A run WRONG, ER, OOM or NA has not."""
    return run.is_solved and run.status in ("OK", "TO")


def counted_seconds(run: RunRecord) -> float:
    """Wall seconds until it was solved; PAR2 (twice its time limit) if it was not.

    Source: the penalised average runtime of the SAT competitions, with factor 2.
    """
    if not is_solved(run):
        return PENALTY * run.time_limit_seconds
    return run.wall_seconds if run.solved_seconds is None else run.solved_seconds


def counted_cpu_seconds(run: RunRecord) -> float:
    """Processor seconds of the whole run if it was solved; as many as `counted_seconds` (PAR2) if it was not."""
    return run.cpu_seconds if is_solved(run) else PENALTY * run.time_limit_seconds


def progress(run: RunRecord) -> list[Point]:
    """[wall seconds, best objective, best bound] of a run as time goes by, from second 0 to its end.

    A claim on the way counts as no better than the end: an objective as no lower than the one the checker found, a
    bound as no higher than the one kept. Of a run WRONG, ER or NA nothing counts.
    """
    best: float | None = None
    proven: float | None = None
    states: list[Point] = [(0.0, None, None)]
    if run.status in FAILED:
        return states
    for seconds, objective, bound in sorted((*run.trajectory, _end(run)), key=lambda point: point[0]):
        if objective is not None and run.objective is not None:
            best = max(run.objective, objective if best is None else min(best, objective))
        if bound is not None and run.bound is not None:
            proven = min(run.bound, bound if proven is None else max(proven, bound))
        states.append((max(0.0, seconds), best, proven))
    return states


def _end(run: RunRecord) -> Point:
    last = max((point[0] for point in run.trajectory), default=0.0)
    return max(last, run.wall_seconds), run.objective, run.bound


def gaps(run: RunRecord) -> Steps:
    """[wall seconds, gap from then on] of a run, beginning at second 0 with 100 %.

    The gap is (best objective − best bound) / |gross cost of the final plan|, at most 100 %, and 100 % where it has
    no meaning (no plan, no bound, no gross cost): the gap of plan files, see `models.station.cost.gap_between`.
    """
    found: Steps = []
    for seconds, objective, bound in progress(run):
        gap = None
        if objective is not None and bound is not None and run.gross_cost is not None:
            gap = gap_between(objective, bound, run.gross_cost)
        found.append((seconds, NO_GAP if gap is None else min(NO_GAP, gap)))
    return found


def value_at(steps: Sequence[tuple[float, float]], seconds: float) -> float:
    """What a step function of [from when on, value] is at a time. Raises IndexError before its first step."""
    index = bisect_right(steps, seconds, key=lambda step: step[0])
    if index == 0:
        raise IndexError(f"the steps begin after {seconds}")
    return steps[index - 1][1]


def final_gap(run: RunRecord) -> float:
    """The gap a run ended with, as `gaps` counts it."""
    return gaps(run)[-1][1]


def primal_gap(objective: float | None, best: float | None) -> float:
    """|objective − best| / max(|objective|, |best|); 0 where both agree, 1 without a plan or where signs differ.

    Source: T. Berthold, Measuring the impact of primal heuristics, Operations Research Letters 41 (2013), eq. 1.
    """
    if objective is None or best is None or objective * best < 0:
        return 1.0
    return 0.0 if objective == best else abs(objective - best) / max(abs(objective), abs(best))


def primal_integral(run: RunRecord, best: float | None) -> float:
    """The primal gap against the `best` known objective, summed over the time limit: in seconds, 0 to the limit.

    A run that ends early keeps its last gap. Source: Berthold 2013, section 2 (the function P(T)).
    """
    return _integral([(seconds, primal_gap(objective, best)) for seconds, objective, _ in progress(run)], run)


def primal_dual_integral(run: RunRecord) -> float:
    """The gap between best plan and best bound, summed over the time limit: in seconds, 0 to the limit.

    The gap is that of `gaps`, a share of gross cost, where T. Berthold, G. Gamrath, D. Salvagnin, Primal heuristics and
    the primal-dual integral, and SCIP take a share of the larger of the two: objectives here may be near zero.
    A run that ends early keeps its last gap.
    """
    return _integral(gaps(run), run)


def _integral(steps: Steps, run: RunRecord) -> float:
    """Of a step function over the run's time limit; what comes after it does not count."""
    end = run.time_limit_seconds
    within = [(min(seconds, end), gap) for seconds, gap in steps]
    return math.fsum(gap * (until - since) for (since, gap), (until, _) in pairwise([*within, (end, 0.0)]))


def best_known(runs: Iterable[RunRecord], known: Mapping[str, float] | None = None) -> dict[str, float]:
    """The lowest objective of a checked plan by hash of the instance, from runs and from what was `known` before."""
    found = dict(known or {})
    for run in runs:
        if run.objective is not None and run.status not in FAILED:
            found[run.instance_hash] = min(run.objective, found.get(run.instance_hash, math.inf))
    return found


def performance_profiles(seconds: Mapping[str, Sequence[float]]) -> dict[str, Steps]:
    """For each contender the steps of [ratio, share of runs whose time is at most so many times the best one].

    `seconds`: the times of each contender on the same runs in the same order, infinity where it was not solved. A run
    that nobody solved counts, for nobody. The first step is at ratio 1; the last height is the share solved.
    Source: E. D. Dolan, J. J. Moré, Benchmarking optimization software with performance profiles, Mathematical
    Programming 91 (2002). Raises ValueError where contenders have different numbers of runs, or none.
    """
    return {name: _profile(ratios) for name, ratios in time_ratios(seconds).items()}


def time_ratios(seconds: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    """Of the same times, how many times the best one of the run each is; infinity where it was not solved. Raises
    ValueError as `performance_profiles` does."""
    counts = {len(times) for times in seconds.values()}
    if len(counts) != 1 or 0 in counts:
        raise ValueError("every contender needs the same runs, at least one")
    best = [max(LEAST_SECONDS, min(times)) for times in zip(*seconds.values(), strict=True)]
    return {
        name: [
            max(time, least) / least if math.isfinite(time) else math.inf
            for time, least in zip(times, best, strict=True)
        ]
        for name, times in seconds.items()
    }


def _profile(ratios: Sequence[float]) -> Steps:
    steps: Steps = [(1.0, 0.0)]
    for count, ratio in enumerate(sorted(filter(math.isfinite, ratios)), start=1):
        if ratio == steps[-1][0]:
            steps.pop()
        steps.append((ratio, count / len(ratios)))
    return steps


def mean_by(runs: Iterable[RunRecord], value: Callable[[RunRecord], float]) -> float:
    """The mean of a value over runs, in its unit. Raises ZeroDivisionError without runs."""
    values = [value(run) for run in runs]
    return math.fsum(values) / len(values)
