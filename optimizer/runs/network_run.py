"""A whole network planned, whatever happens: first every station quickly, then again where the gap is largest.

A station's plan file is written as soon as it is there, and is the only record of it. So a run that is killed
loses what was being planned just then and nothing else, and the next one goes on from the files.

What goes wrong costs one station: if its worker dies it is tried once more, alone; if it hangs, raises, or
gives an answer that the checker refuses, it gets a checked baseline and the reason is recorded.

A limit on the whole run holds whatever is being done: while there is just enough time left, every station without a
plan gets a baseline; what even that is too late for stays open, for the next run.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from models.errors import Problem
from models.tolerances import SHORTEST_SECONDS
from optimizer.doubts.instance import network_doubts
from optimizer.engine.options import Effort, RunOptions
from optimizer.files.read_write import STANDARD_INPUT
from optimizer.formats.network_file import NetworkFile
from optimizer.runs.conditions import Condition
from optimizer.runs.folder import RunFolder
from optimizer.runs.station_progress import TIME_IS_UP, State, StationProgress, read_station, unread_stations
from optimizer.runs.station_task import Infeasible, Planned, RunContext, StationTask, fallback_task, plan_task
from optimizer.runs.summary import CarriedFrom, RunStatus
from optimizer.workers.local_pool import Fault, Finished, Pool, PoolBrokenError
from optimizer.workers.worker import Raised, attempt

LIMITS_OVER = 2.0  # times its own time limit a station may take
GRACE_SECONDS = 30.0  # and this much more, before it counts as hanging
FALLBACK_SECONDS = 60.0  # no fallback takes longer, unless it hangs
EACH_FALLBACK_SECONDS = 0.02  # what one takes as a rule: so much of a run's time is kept for those still open
START_SECONDS = 2.0  # that reading a network and loading a solver take
LEAST_SECONDS = 0.5  # with less time left no station is begun
OVERTIME_SHARE, OVERTIME_SECONDS = 0.05, 0.5  # until workers are ended; the rest of a tenth and a second is for results
READING_SHARE = 0.5  # of a run's time at most goes into looking at the stations: the rest is for their plans
MOST_SLOWNESS = 10.0  # of a busy machine, as it shows while the stations are read: baselines take as much longer
SMALL_NIGHT = 50_000  # packs and swaps, times slots: a baseline of it takes a moment, some 50 ms
LOOK_SECONDS = 0.2  # between looks at the clock and at Ctrl-C

Work = Callable[[StationTask], object]


def has_time_to_plan(options: RunOptions, stations: int, workers: int) -> bool:
    """Is there time for more than baselines? Else nobody needs to load a solver."""
    return options.total_seconds - stations * EACH_FALLBACK_SECONDS / workers >= START_SECONDS


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

    `network_path` is the network's file as the command was given it; `began` are seconds of `time.monotonic`; `doubts`
    are those about what the stations share; `carried`: what they begin with, where the network does not say it;
    `conditions`: those of its alarms.
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
    doubts: tuple[Problem, ...] = ()
    carried: CarriedFrom | None = None
    conditions: tuple[Condition, ...] = ()
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
    _wrong_ids: dict[int, str] = field(default_factory=dict)
    _unread: int = 0
    _slowness: float = 1.0  # wall seconds for each of CPU, on this machine just now

    @property
    def options(self) -> RunOptions:
        """What is asked of the run."""
        return self.context.options

    @property
    def seconds_left(self) -> float:
        """Until the run's time is up, perhaps negative."""
        return self.options.total_seconds - self._seconds

    @property
    def overtime_left(self) -> float:
        """Until whatever still works is ended, perhaps negative."""
        return self.seconds_left + self._overtime

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self.began

    def read(self) -> None:
        """Look at every station of the network, and at what an earlier run left of it.

        Plan files of stations that the network has no more are `removed`. Raises OutputErrors where they cannot be.
        """
        self.stations, self._wrong_ids = unread_stations(self.network), self.network.wrong_ids()
        self.doubts = network_doubts(self.network)
        self._look()
        self.removed = self.folder.remove_others(one.station for one in self.stations if one.station is not None)
        self.stage = "planning"

    def plan(self) -> None:
        """Both passes. Raises OutputErrors where a plan cannot be written; what stands on disk stays right."""
        while True:
            self._pass(_Job(one, "quick") for one in self.stations if one.state == "open" and not one.is_unread)
            if self.stop.is_asked or not self._look():
                break
        self.stage = "improving"
        unproven = [one for one in self.stations if one.wants_more(self.options.gap)]
        self._pass(_Job(one, "full") for one in sorted(unproven, key=_largest_money_gap_first))
        self.status = self._ending()
        if self.status == "time_limit":
            for one in self.stations:
                one.reason = TIME_IS_UP if one.state == "open" else one.reason

    def _look(self) -> bool:
        """Read stations, for half of the time that is left at most; True if any was read."""
        began, found = time.process_time(), False
        since = self._seconds
        until = since + READING_SHARE * max(0.0, self.overtime_left)
        unread = deque(one.index for one in self.stations if one.is_unread)
        while unread and self._seconds < until:
            index, found = unread.popleft(), True
            wrong_id = self._wrong_ids.get(index)
            self.stations[index] = read_station(self.network, self.context, self.folder, index, wrong_id)
        self._unread = len(unread)
        cpu_seconds = time.process_time() - began
        self.file_cpu_seconds += cpu_seconds
        if found:
            self._slowness = min(MOST_SLOWNESS, max(1.0, (self._seconds - since) / max(SHORTEST_SECONDS, cpu_seconds)))
        return found

    def _ending(self) -> RunStatus:
        """Finished, or what kept it from that."""
        has_more = any(one.state == "open" or one.wants_more(self.options.gap) for one in self.stations)
        if self.stop.is_asked and has_more:
            return "interrupted"
        is_cut = self.seconds_left < LEAST_SECONDS and has_more
        late = any(one.state == "open" or one.reason == TIME_IS_UP for one in self.stations)
        return "time_limit" if is_cut or late else "done"

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
                ended = self.pool.wait(0.0 if self._help() else max(0.0, min(LOOK_SECONDS, self.overtime_left)))
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
        while len(self._running) < self.pool.size and (job := self._next()) is not None:
            function, limit = self._function(job)
            self._tickets += 1
            self._running[self._tickets] = job
            self.pool.start(self._tickets, function, (self._task(job),), limit)

    def _next(self) -> _Job | None:
        """The next station's turn. When the time is short: a baseline if it has no plan, and else none."""
        while self._jobs:
            job = self._jobs.popleft()
            if job.effort is None or self.seconds_left - self._kept_seconds >= LEAST_SECONDS:
                return job
            if job.station.result is None:
                return _Job(job.station, None, TIME_IS_UP)
        return None

    def _help(self) -> bool:
        """When the time is short, a baseline here beside those of the workers, which may not even be ready yet."""
        if self.seconds_left - self._kept_seconds >= LEAST_SECONDS or (job := self._next()) is None:
            return False
        if job.effort is not None or not self._is_small(job):
            self._jobs.appendleft(job)
            return False
        self._fall_back_here(job)
        return True

    def _is_small(self, job: _Job) -> bool:
        """Is its baseline at once at hand? What takes long, or much memory, is for workers, which can be ended."""
        night = self.network.night(job.station.index)
        return (len(night.station.packs) + len(night.station.swaps)) * night.horizon.slots <= SMALL_NIGHT

    @property
    def _kept_seconds(self) -> float:
        """Wall time for baselines of all that wait for their first plan, if they have to do with these."""
        waiting = self._unread + len(self._jobs) if self.stage == "planning" else 0
        return self._slowness * waiting * EACH_FALLBACK_SECONDS / max(1, self.pool.size)

    def _function(self, job: _Job) -> tuple[Work, float]:
        """What the worker runs, and after how many seconds it is killed."""
        if job.effort is None:
            return self.settings.fallback, FALLBACK_SECONDS
        return self.settings.plan, LIMITS_OVER * self.options.time_limit_seconds + self.settings.grace_seconds

    def _task(self, job: _Job) -> StationTask:
        station, options = job.station, self.options
        night = self.network.night(station.index)
        if job.effort is None:
            is_hasty = job.reason == TIME_IS_UP and self._kept_seconds > self.seconds_left
            return StationTask(night, self.context, replace(options, effort="quick" if is_hasty else "full"))
        seconds = min(options.time_limit_seconds, max(LEAST_SECONDS, self.seconds_left - self._kept_seconds))
        options = replace(options, effort=job.effort, time_limit_seconds=seconds)
        before = self.folder.plan_bytes(station.id) if job.effort == "full" else None
        keys, previous = (station.keys[job.effort], station.keys["quick"]), self.context.previous(station.id)
        return StationTask(night, self.context, options, *keys, before, previous)

    def _watch_the_clock(self) -> None:
        """When the time is up: no more tries, a baseline for those in hand; when overtime is up: nothing any more."""
        if self.overtime_left <= 0:
            self._jobs.clear()
            self._drop()
        elif self.seconds_left < -self._overtime / 2 and any(job.effort for job in self._running.values()):
            late = [job for job in self._drop() if job.station.result is None]
            self._jobs.extendleft(_Job(job.station, None, job.reason or TIME_IS_UP) for job in late)

    @property
    def _overtime(self) -> float:
        return OVERTIME_SHARE * self.options.total_seconds + OVERTIME_SECONDS

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
            if self.stop.is_asked or self.overtime_left <= 0:
                return
            if job.station.result is None:
                self._fall_back_here(_Job(job.station, None, job.reason or why))
            self.report(self)


def _largest_money_gap_first(station: StationProgress) -> tuple[float, int]:
    assert station.result is not None  # it has a plan
    gap_money = station.result.gap_money
    return -math.inf if gap_money is None else -gap_money, station.index
