"""Why the stations that changed most between two runs changed: their nights re-planned in worker processes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from optimizer.engine.options import RunOptions
from optimizer.files.errors import InputErrors
from optimizer.history.runs import RecordedRun, RunComparison, StationChange
from optimizer.history.why.cost_terms import total_terms
from optimizer.history.why.explained import (
    ExplainedPart,
    ExplainedStation,
    Explanation,
    Unexplained,
    remainder_of,
)
from optimizer.history.why.input_groups import NightPair, not_comparable
from optimizer.history.why.input_words import part_words
from optimizer.history.why.recorded_nights import RecordedNights, recorded_nights
from optimizer.history.why.station_task import NotInTime, ToldApart, explain_station, warm_up
from optimizer.workers.ended_tasks import Task, ended_tasks
from optimizer.workers.local_pool import Fault, LocalPool, Pool, PoolBrokenError

OnProgress = Callable[[str], None]


@dataclass
class _Comparison:
    """The work under way. `until`: monotonic."""

    old: RecordedNights
    new: RecordedNights
    until: float
    pairs: list[tuple[StationChange, NightPair]] = field(default_factory=list)
    unexplained: list[Unexplained] = field(default_factory=list)
    results: dict[int, object] = field(default_factory=dict)


def explain_runs(
    comparison: RunComparison,
    limit: int,
    seconds: float,
    workers: int,
    on_progress: OnProgress = lambda news: None,
) -> Explanation:
    """Why the `limit` stations changed whose objectives differ most, within `seconds` of wall time for re-planning.

    The rest, and with 0 seconds all, is told by its cost terms. Of equal time, options and runs the answer is the same.
    """
    until = time.monotonic() + seconds
    nights = [_nights_or_reason(run) for run in (comparison.old, comparison.new)]
    old, new = nights
    if isinstance(old, str) or isinstance(new, str):
        return Explanation(missing=tuple(one for one in nights if isinstance(one, str)))
    work = _Comparison(old, new, until)
    for change in comparison.changed[:limit] if seconds > 0 else []:
        _enter(work, change)
    if work.pairs:
        _replan(work, workers, on_progress)
    explained = tuple(_explained_stations(work))
    told = {one.station for one in explained}
    on_progress("adding up the other stations")
    others = [change.station for change in comparison.changes if change.station not in told]
    of_others = total_terms(old, new, others)
    return Explanation(
        stations=explained,
        unexplained=tuple(work.unexplained),
        not_in_time=tuple(_not_in_time(work)),
        others=of_others,
        together=of_others + total_terms(old, new, sorted(told)),
        others_asked=len(others),
    )


def _nights_or_reason(run: RecordedRun) -> RecordedNights | str:
    try:
        return recorded_nights(Path(run.folder), run.id)
    except InputErrors as error:
        return f"run {run.number} {error.problems[0].rule}"


def _enter(work: _Comparison, change: StationChange) -> None:
    """The station's nights, or why they are not compared."""
    try:
        pair = NightPair(work.old.planned(change.station)[0], work.new.planned(change.station)[0])
    except InputErrors as error:
        work.unexplained.append(Unexplained(change.station, change.difference, error.problems[0].rule))
        return
    if reason := not_comparable(pair.old, pair.new):
        work.unexplained.append(Unexplained(change.station, change.difference, reason))
    else:
        work.pairs.append((change, pair))


def _replan(work: _Comparison, workers: int, on_progress: OnProgress) -> None:
    with closing(LocalPool(max(1, min(workers, len(work.pairs))), warm_up)) as pool:
        try:
            _replan_in(pool, work, on_progress)
        except PoolBrokenError as error:
            work.unexplained += [
                Unexplained(change.station, change.difference, str(error))
                for ticket, (change, _) in enumerate(work.pairs)
                if ticket not in work.results
            ]
            work.results |= {ticket: None for ticket in range(len(work.pairs)) if ticket not in work.results}


def _replan_in(pool: Pool, work: _Comparison, on_progress: OnProgress) -> None:
    """Every pair in turn, those that changed most first, until the time is up."""
    for done in ended_tasks(pool, _tasks(work), work.until):
        work.results[done.ticket] = done.result
        on_progress(f"re-planning: {len(work.results):,} of {len(work.pairs):,} stations")


def _tasks(work: _Comparison) -> Iterator[Task]:
    options = options_of(work.new)
    for _, pair in work.pairs:
        left = work.until - time.monotonic()
        yield Task(explain_station, (pair, options, left), left)


def options_of(run: RecordedNights) -> RunOptions:
    """How the newer run planned, with what is quick for many plans."""
    asked = run.summary.options
    return RunOptions(
        gap=asked.gap,
        seed=asked.seed,
        time_limit_seconds=asked.station_time_limit_seconds,
        look_ahead_hours=asked.look_ahead_hours,
        effort="quick",
    )


def _explained_stations(work: _Comparison) -> Iterator[ExplainedStation]:
    """Those that were re-planned; what is said of others goes to `unexplained`."""
    for ticket, (change, pair) in enumerate(work.pairs):
        result = work.results.get(ticket)
        if isinstance(result, ToldApart):
            yield _explained(change, pair, result)
        elif isinstance(result, Fault):
            reason = f"re-planning {result.kind}: {result.reason}"
            work.unexplained.append(Unexplained(change.station, change.difference, reason))


def _explained(change: StationChange, pair: NightPair, result: ToldApart) -> ExplainedStation:
    parts = tuple(
        ExplainedPart(groups, part_words(groups, pair), share.amount, share.open_money)
        for groups, share in sorted(result.shares.items(), key=lambda one: -abs(one[1].amount))
    )
    return ExplainedStation(
        station=change.station,
        old_objective=change.old_objective,
        new_objective=change.new_objective,
        parts=parts,
        remainder=remainder_of(change.difference, parts),
        plans=result.plans,
        orders=result.orders,
    )


def _not_in_time(work: _Comparison) -> Iterator[str]:
    for ticket, (change, _) in enumerate(work.pairs):
        result = work.results.get(ticket)
        if ticket not in work.results or isinstance(result, NotInTime):
            yield change.station
