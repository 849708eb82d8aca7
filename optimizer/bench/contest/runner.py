"""The benchmark under way: every contender on every instance with every seed, each in a process of its own.

The order is fixed: instance by instance, contender by contender, seed by seed. A run is not repeated if
there is a record with its key, so a benchmark that was interrupted continues where it was.
"""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from msgspec import structs

from optimizer.bench.contenders.entrants import Entrant
from optimizer.bench.contest.child_process import Process, RunEnd, cpu_limit_seconds
from optimizer.bench.contest.child_run import ChildAnswer, RunTask
from optimizer.bench.contest.judge_run import is_overturned, judged_run, plan_of
from optimizer.bench.contest.trial import Entry, Protocol, Trial, all_trials
from optimizer.bench.ledger.ledger_document import LedgerEntry
from optimizer.bench.records.machine import load_average
from optimizer.bench.records.results_folder import ResultsFolder, record_name
from optimizer.bench.records.run_record import RunRecord
from optimizer.runs.network_run import Stop

LOOK_SECONDS = 0.02  # between looks at the processes, of which each costs well below a millisecond
FILES = ("task", "trajectory", "answer", "stack")


@dataclass(frozen=True)
class _Start:
    """When a run began, and how loaded the machine was: `load_average`."""

    instant: str
    load: float | None


@dataclass
class Bench:
    """A benchmark under way; `records` of this protocol as they come, in the order of the runs once it is done."""

    protocol: Protocol
    entries: Sequence[Entry]
    entrants: Sequence[Entrant]
    folder: ResultsFolder
    known: Mapping[str, LedgerEntry] = field(default_factory=dict)
    jobs: int = 1
    stop: Stop = field(default_factory=Stop)
    report: Callable[[Bench], None] = lambda bench: None
    trials: list[Trial] = field(default_factory=list)
    records: dict[int, RunRecord] = field(default_factory=dict)
    resumed: int = 0
    _waiting: deque[int] = field(default_factory=deque)
    _running: dict[int, tuple[Process, _Start]] = field(default_factory=dict)
    _missing: dict[str, ChildAnswer] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        """Has every run a record?"""
        return len(self.records) == len(self.trials)

    @property
    def now(self) -> list[str]:
        """What is running, in words."""
        blanks = (self.trials[index].blank for index in self._running)
        return [f"{blank.contender} on {blank.instance}, seed {blank.seed}" for blank in blanks]

    def run(self) -> list[RunRecord]:
        """Make all runs that have no record yet; the records, in order. Raises OutputErrors; what is done stays.

        With `stop` asked, what runs is killed and has no record.
        """
        self.trials = list(all_trials(self.protocol, self.entries, self.entrants))
        for index, trial in enumerate(self.trials):
            record = self.folder.read_record(trial.blank)
            if record is not None and record.key == trial.blank.key and self._stands(record):
                self.records[index] = record
        self.resumed = len(self.records)
        self._waiting = deque(index for index in range(len(self.trials)) if index not in self.records)
        try:
            self._work()
        finally:
            for process, _ in self._running.values():
                process.kill()
            self._running.clear()
        return [self.records[index] for index in sorted(self.records)]

    def _stands(self, record: RunRecord) -> bool:
        """Does the record still count? What was not installed may be now, and the ledger may know more."""
        return record.status != "NA" and not is_overturned(record, self.known.get(record.instance_hash))

    def _work(self) -> None:
        while (self._waiting or self._running) and not self.stop.is_asked:
            while self._waiting and len(self._running) < self.jobs:
                self._begin(self._waiting.popleft())
            time.sleep(LOOK_SECONDS)
            ends = [(index, process.look()) for index, (process, _) in self._running.items()]
            for index, ended in ends:
                if ended is not None:
                    _, began = self._running.pop(index)
                    self._settle(index, ended, began)
            self.report(self)

    def _begin(self, index: int) -> None:
        """Start the run's process; none for a contender that is known to be missing."""
        trial, protocol = self.trials[index], self.protocol
        began = _Start(_stamp(datetime.now(UTC)), load_average())
        if (answer := self._missing.get(trial.entrant.spec)) is not None:
            self._settle(index, RunEnd("answered", answer=answer), began)
            return
        name = record_name(trial.blank)
        files = {use: self.folder.scratch(f"{name}.{use}") for use in FILES}
        task = RunTask(
            contender=trial.entrant.spec,
            night=trial.entry.instance.nights[0],
            limits=trial.limits,
            memory_mb=protocol.memory_mb,
            cpu_seconds=cpu_limit_seconds(protocol.time_limit_seconds, protocol.grace),
            trajectory=str(files["trajectory"]),
            answer=str(files["answer"]),
            parent=os.getpid(),
            path=tuple(str(Path(entry).absolute()) for entry in sys.path if entry),
            stack=str(files["stack"]),
        )
        self._running[index] = Process(task, files, protocol.grace), began

    def _settle(self, index: int, ended: RunEnd, began: _Start) -> None:
        """Judge a run that has ended, and keep it."""
        trial = self.trials[index]
        if ended.answer is not None and ended.answer.kind == "missing":
            self._missing[trial.entrant.spec] = ended.answer
        instance = trial.entry.instance
        loads = {"load_at_start": began.load, "load_at_end": load_average()}
        blank = structs.replace(trial.blank, began=began.instant, **loads)
        judged = judged_run(blank, instance.nights[0], ended, self.known.get(blank.instance_hash))
        self.records[index] = self.folder.write_record(judged.record, plan_of(instance, judged))


def _stamp(instant: datetime) -> str:
    """ "2026-07-01T21:00:00Z", of an instant in UTC."""
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
