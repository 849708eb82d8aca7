"""A whole network planned, whatever happens: first every station quickly, then again where the gap is largest.

A station's plan file is written as soon as it is there, and is the only record of it. So a run that is killed
loses what was being planned just then and nothing else, and the next one goes on from the files.

What goes wrong costs one station: if its worker dies it is tried once more, alone; if it hangs, raises, or
gives an answer that the checker refuses, it gets a checked baseline and the reason is recorded.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from optimizer.engine.options import Effort, RunOptions
from optimizer.files.read_write import STANDARD_INPUT
from optimizer.formats.network_file import NetworkFile
from optimizer.runs.folder import RunFolder
from optimizer.runs.station_progress import State, StationProgress, stations_of
from optimizer.runs.station_task import Infeasible, Planned, RunContext, StationTask, fallback_task, plan_task
from optimizer.runs.summary import RunStatus
from optimizer.workers.local_pool import Fault, Finished, Pool, PoolBrokenError
from optimizer.workers.worker import Raised, attempt

LIMITS_OVER = 2.0  # times its own time limit a station may take
GRACE_SECONDS = 30.0  # and this much more, before it counts as hanging
FALLBACK_SECONDS = 60.0  # no baseline takes longer, unless it hangs
EACH_FALLBACK_SECONDS = 0.01  # what one takes as a rule: so much of a run's time is kept for those still open
OVERTIME_SECONDS = 5.0  # that stations in hand get when a run's time is up
LEAST_SECONDS = 0.5  # with less time left no station is begun
LOOK_SECONDS = 0.2  # between looks at the clock and at Ctrl-C
TIME_IS_UP = "time limit"

Work = Callable[[StationTask], object]


@dataclass
class Stop:
    """Set by whoever wants the run to end: Ctrl-C, or a system that shuts down."""

    is_asked: bool = False


@dataclass(frozen=True)
class Settings:
    """What workers run for a station, and how long past its time limits before it counts as hanging."""

    grace_seconds: float = GRACE_SECONDS
    plan: Work = plan_task
    fallback: Work = fallback_task


@dataclass(frozen=True)
class _Job:
    """A station in turn. Without effort: a baseline, for this reason."""

    station: StationProgress
    effort: Effort | None
    reason: str = ""
    is_second_try: bool = False


@dataclass
class NetworkRun:
    """One run under way: stations in the file's order, and what it took so far.

    `network_path` is the network's file as the command was given it; `began` are seconds of `time.monotonic`.
    """

    network: NetworkFile
    context: RunContext
    folder: RunFolder
    pool: Pool
    settings: Settings = field(default_factory=Settings)
    stop: Stop = field(default_factory=Stop)
    report: Callable[[NetworkRun], None] = lambda run: None
    stations: list[StationProgress] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    status: RunStatus = "running"
    stage: str = "reading"
    network_path: str = STANDARD_INPUT
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    began: float = field(default_factory=time.monotonic)
    pass_began: float = 0.0
    pass_size: int = 0
    peaks_mb: dict[str, float] = field(default_factory=dict)
    stage_seconds: dict[str, float] = field(default_factory=dict)
    task_cpu_seconds: float = 0.0
    file_cpu_seconds: float = 0.0
    _jobs: deque[_Job] = field(default_factory=deque)
    _running: dict[int, _Job] = field(default_factory=dict)
    _again: list[_Job] = field(default_factory=list)
    _tickets: int = 0

    @property
    def options(self) -> RunOptions:
        """What is asked of the run."""
        return self.context.options

    @property
    def seconds_left(self) -> float:
        """Until the run's time is up, perhaps negative."""
        return self.options.total_seconds - (time.monotonic() - self.began)

    def read(self) -> None:
        """Look at every station of the network, and at what an earlier run left of it.

        Plan files of stations that the network has no more are `removed`. Raises OutputErrors where they cannot be.
        """
        began = time.process_time()
        self.stations = stations_of(self.network, self.context, self.folder)
        self.removed = self.folder.remove_others(one.station for one in self.stations if one.station is not None)
        self.file_cpu_seconds += time.process_time() - began
        self.stage = "planning"

    def plan(self) -> None:
        """Both passes. Raises OutputErrors where a plan cannot be written; what stands on disk stays right."""
        self._pass(_Job(one, "quick") for one in self.stations if one.state == "open")
        self.stage = "improving"
        unproven = [one for one in self.stations if one.wants_more(self.options.gap)]
        self._pass(_Job(one, "full") for one in sorted(unproven, key=_largest_money_gap_first))
        self.status = self._ending()

    def _ending(self) -> RunStatus:
        """Finished, or what kept it from that."""
        has_more = any(one.state == "open" or one.wants_more(self.options.gap) for one in self.stations)
        if self.stop.is_asked and has_more:
            return "interrupted"
        is_cut = self.seconds_left < LEAST_SECONDS and has_more
        return "time_limit" if is_cut or any(one.reason == TIME_IS_UP for one in self.stations) else "done"

    def count(self, state: State) -> int:
        """How many stations are in this state."""
        return sum(one.state == state for one in self.stations)

    @property
    def left_in_pass(self) -> int:
        """Stations that this pass has still to do."""
        return len(self._jobs) + len(self._running) + len(self._again)

    def _pass(self, jobs: Iterable[_Job]) -> None:
        """All of the jobs, then those whose workers died once more, each with the machine to itself."""
        jobs = list(jobs)
        self.pass_began, self.pass_size = time.monotonic(), len(jobs)
        self._work(jobs)
        again, self._again = self._again, []
        for job in again:
            self._work([job])

    def _work(self, jobs: Iterable[_Job]) -> None:
        self._jobs.extend(jobs)
        try:
            while (self._jobs or self._running) and not self.stop.is_asked:
                self._fill()
                ended = self.pool.wait(LOOK_SECONDS)
                in_turn = [(self._running.pop(one.ticket), one) for one in ended]
                try:
                    self._fill()  # no worker waits while plans are written
                finally:
                    for job, finished in in_turn:
                        self._settle(job, finished)
                self.report(self)
        except PoolBrokenError as error:
            self._do_without(str(error))
        if self.stop.is_asked:
            self._jobs.clear()
            self._drop()

    def _fill(self) -> None:
        """Give every idle worker a station."""
        self._watch_the_clock()
        while self._jobs and len(self._running) < self.pool.size:
            job = self._jobs.popleft()
            function, limit = self._function(job)
            self._tickets += 1
            self._running[self._tickets] = job
            self.pool.start(self._tickets, function, (self._task(job),), limit)

    def _function(self, job: _Job) -> tuple[Work, float]:
        """What the worker runs, and after how many seconds it is killed."""
        if job.effort is None:
            return self.settings.fallback, FALLBACK_SECONDS
        return self.settings.plan, LIMITS_OVER * self.options.time_limit_seconds + self.settings.grace_seconds

    def _task(self, job: _Job) -> StationTask:
        station, options = job.station, self.options
        night = self.network.night(station.index)
        if job.effort is None:
            return StationTask(night, self.context, options)
        seconds = min(options.time_limit_seconds, max(LEAST_SECONDS, self.seconds_left))
        options = replace(options, effort=job.effort, time_limit_seconds=seconds)
        before = self.folder.plan_bytes(station.id) if job.effort == "full" else None
        return StationTask(night, self.context, options, station.keys[job.effort], station.keys["quick"], before)

    def _watch_the_clock(self) -> None:
        """When the time is up: baselines for stations without a plan, and no more tries for those with one."""
        without_plan = sum(job.station.result is None for job in self._jobs)
        fallbacks = without_plan * EACH_FALLBACK_SECONDS / max(1, self.pool.size)
        if self.seconds_left - fallbacks >= LEAST_SECONDS:
            return
        jobs = [job for job in self._jobs if job.effort is None or job.station.result is None]
        self._jobs = deque(job if job.effort is None else _Job(job.station, None, TIME_IS_UP) for job in jobs)
        if self.seconds_left < -OVERTIME_SECONDS and any(job.effort for job in self._running.values()):
            for job in self._drop():
                if job.station.result is None:
                    self._jobs.append(_Job(job.station, None, job.reason or TIME_IS_UP))

    def _drop(self) -> list[_Job]:
        """Let the pool forget what it does; what that was."""
        jobs = list(self._running.values())
        self._running.clear()
        self.pool.drop()
        return jobs

    def _settle(self, job: _Job, finished: Finished) -> None:
        """One task's end: a plan, no plan, or a fault that costs this station."""
        result = finished.result
        if isinstance(result, Planned):
            self._keep(job, result)
            self.peaks_mb[finished.worker] = max(self.peaks_mb.get(finished.worker, 0.0), result.peak_memory_mb)
        elif isinstance(result, Infeasible):
            job.station.fail(result.reason)
        else:
            fault = result if isinstance(result, Fault) else Fault("raised", f"no plan but {type(result).__name__}")
            self._answer(job, fault)

    def _keep(self, job: _Job, planned: Planned) -> None:
        began = time.process_time()
        self.folder.write_plan(job.station.id, planned.text)
        self.file_cpu_seconds += time.process_time() - began
        job.station.take(planned, "quick" if planned.was_cut else job.effort, job.reason)
        job.station.count(planned)
        self.task_cpu_seconds += planned.cpu_seconds
        for stage, seconds in planned.stage_seconds.items():
            self.stage_seconds[stage] = self.stage_seconds.get(stage, 0.0) + seconds

    def _answer(self, job: _Job, fault: Fault) -> None:
        """Once more if the worker died; else a baseline, or the plan that is there."""
        if fault.kind == "died" and not job.is_second_try:
            self._again.append(replace(job, is_second_try=True))
        elif job.effort is None and fault.kind == "raised":
            self._fall_back_here(job)
        elif job.effort is None:  # what kills or stops a worker must not come here
            job.station.fail(f"{job.reason}; and no fallback: {fault.reason}")
        elif job.station.result is None:
            self._jobs.appendleft(_Job(job.station, None, fault.reason))
        else:
            job.station.reason = f"not improved: {fault.reason}"

    def _fall_back_here(self, job: _Job) -> None:
        """A baseline in this process, where no worker gave one."""
        result = attempt(self.settings.fallback, (self._task(job),))
        if isinstance(result, Planned):
            self._keep(job, result)
        else:
            why = result.reason if isinstance(result, Infeasible | Raised) else f"no plan but {type(result).__name__}"
            job.station.fail(f"{job.reason}; and no fallback: {why}")

    def _do_without(self, why: str) -> None:
        """Baselines here for all stations that have no plan, for there are no workers any more."""
        jobs = [*self._running.values(), *self._jobs]
        self._running.clear()
        self._jobs.clear()
        for job in jobs:
            if self.stop.is_asked:
                return
            if job.station.result is None:
                self._fall_back_here(_Job(job.station, None, job.reason or why))
            self.report(self)


def _largest_money_gap_first(station: StationProgress) -> tuple[float, int]:
    assert station.result is not None  # it has a plan
    gap_money = station.result.gap_money
    return -math.inf if gap_money is None else -gap_money, station.index
