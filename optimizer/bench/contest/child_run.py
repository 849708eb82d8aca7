"""Inside a run's own process: the contender competes under its limits. Nothing is judged here.

The clock begins once everything is loaded. Each point of the trajectory is on file at once, so that it outlives
whatever kills the process.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import takewhile
from traceback import StackSummary, TracebackException
from typing import Literal

from models.station.instance import Night
from models.station.schedule import HandOver, PackRow, Schedule, Unserved
from optimizer.bench.contest.captured_output import cleaned
from optimizer.bench.contest.trajectory_file import TrajectoryFile, used_cpu_seconds
from optimizer.bench.records.contender import Contender, Limits, Outcome
from optimizer.bench.records.machine import waited_seconds
from optimizer.workers.usage import children_peak_mb, lift_limits, limit_cpu, says_out_of_memory
from optimizer.workers.worker import limit_memory, peak_memory_mb


@dataclass(frozen=True)
class RunTask:
    """One run as its process gets it. `contender`: a name, see `entrants`; `path`: where its module may be found.

    `memory_mb`: megabytes beyond what the process holds once all is loaded, None for no limit. `cpu_seconds`: after
    which the system ends it. `trajectory`, `answer`, `stack`: files that it writes, the last where a signal such as
    SIGSEGV ends it. `parent`: the process that waits for it.
    """

    contender: str
    night: Night
    limits: Limits
    memory_mb: int | None
    cpu_seconds: float
    trajectory: str
    answer: str
    parent: int
    path: tuple[str, ...] = ()
    stack: str = ""


@dataclass(frozen=True)
class ChildAnswer:
    """How a run ended by itself: it answered, cannot run here, cannot take the night, raised, or ran out of memory.

    `traceback`: where it raised, from the contender's own first call on.
    """

    kind: Literal["answered", "missing", "refused", "raised", "out_of_memory"]
    reason: str = ""
    outcome: Outcome | None = None
    wall_seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_memory_mb: float = 0.0
    traceback: str = ""
    waited_seconds: float | None = None


def compete(contender: Contender, task: RunTask, trajectory: TrajectoryFile) -> ChildAnswer:
    """Let the contender compete under the task's limits. Nothing it raises comes out of here."""
    try:
        if (why := contender.missing()) is not None:
            return ChildAnswer("missing", why)
        if (why := contender.refusal(task.night)) is not None:
            return ChildAnswer("refused", why)
    except (Exception, SystemExit) as error:
        return ChildAnswer("raised", f"before the clock began: {_words(error)}", traceback=_traceback(error))
    _set_limits(task)
    cpu_began, waited_before = used_cpu_seconds(), waited_seconds()
    trajectory.start()
    answer = _attempt(lambda: contender.compete(task.night, task.limits, trajectory.add))
    wall_seconds = time.perf_counter() - trajectory.began
    lift_limits()  # what is left to do is not the contender's
    waited_after = waited_seconds()
    waited = None if waited_before is None or waited_after is None else max(0.0, waited_after - waited_before)
    cpu_seconds = used_cpu_seconds() - cpu_began
    measured = replace(answer, wall_seconds=wall_seconds, cpu_seconds=cpu_seconds, waited_seconds=waited)
    return replace(_plain(measured), peak_memory_mb=max(peak_memory_mb(), children_peak_mb()))


def _attempt(work: Callable[[], Outcome]) -> ChildAnswer:
    try:
        return ChildAnswer("answered", outcome=work())
    except BaseException as error:  # a contender that calls sys.exit has failed, no more
        words = _words(error)
        is_memory = isinstance(error, MemoryError) or says_out_of_memory(words)
        return ChildAnswer("out_of_memory" if is_memory else "raised", words, traceback=_traceback(error))


def _words(error: BaseException) -> str:
    try:
        return f"{type(error).__name__}: {error}".removesuffix(": ")
    except Exception:  # it cannot be told in words
        return type(error).__name__


def _traceback(error: BaseException) -> str:
    """As Python prints it, without our own calls at its beginning; nothing where even that fails."""
    try:
        found = TracebackException.from_exception(error)
        own = takewhile(lambda frame: frame.filename == __file__, found.stack)
        found.stack = StackSummary.from_list(list(found.stack)[sum(1 for _ in own) :])
        return cleaned("".join(found.format()))
    except Exception:  # as of an error that cannot be told in words, or for which memory is lacking
        return ""


def _set_limits(task: RunTask) -> None:
    """Of this process and of what it starts: processor seconds from now on, and memory beyond what is loaded."""
    limit_cpu(math.ceil(used_cpu_seconds() + task.cpu_seconds))
    if task.memory_mb is not None:
        limit_memory(task.memory_mb)


def _plain(answer: ChildAnswer) -> ChildAnswer:
    """The same in numbers and texts of Python's own: the other side need not know whatever a contender uses."""
    if answer.outcome is None:
        return answer if answer.kind != "answered" else replace(answer, kind="raised", reason="it gave no outcome")
    try:
        return replace(answer, outcome=_plain_outcome(answer.outcome))
    except Exception as error:
        return replace(answer, kind="raised", outcome=None, reason=f"its outcome cannot be read: {_words(error)}")


def _plain_outcome(outcome: Outcome) -> Outcome:
    if outcome.stopped not in ("finished", "time_limit"):
        raise ValueError(f"stopped is {outcome.stopped!r}")
    return Outcome(
        schedule=None if outcome.schedule is None else _plain_schedule(outcome.schedule),
        objective=None if outcome.objective is None else float(outcome.objective),
        bound=float(outcome.bound),
        stopped=outcome.stopped,
        detail=str(outcome.detail),
        build_seconds=float(outcome.build_seconds),
        solver_seconds=float(outcome.solver_seconds),
        rows=int(outcome.rows),
        columns=int(outcome.columns),
        integer_columns=int(outcome.integer_columns),
        nonzeros=int(outcome.nonzeros),
        is_bound_recomputed=bool(outcome.is_bound_recomputed),
    )


def _plain_schedule(schedule: Schedule) -> Schedule:
    rows = (PackRow(str(row.pack), _plain_bay(row.bay), tuple(map(float, row.power_kw))) for row in schedule.rows)
    return Schedule(
        station=str(schedule.station),
        rows=tuple(rows),
        hand_overs=tuple(HandOver(str(one.swap), str(one.pack)) for one in schedule.hand_overs),
        solar_used_kw=tuple(map(float, schedule.solar_used_kw)),
        reserve_shortfall=tuple(int(count) for count in schedule.reserve_shortfall),
        unserved=tuple(Unserved(str(one.swap), str(one.reason)) for one in schedule.unserved),
    )


def _plain_bay(bay: int | str) -> int | str:
    return str(bay) if isinstance(bay, str) else int(bay)
