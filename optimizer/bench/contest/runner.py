"""A benchmark run: every contender on every instance with every seed, each in a process of its own.

The order is fixed: instance by instance, contender by contender, seed by seed. A run that has a whole record of the
same key is not made again, so a benchmark that was cut off goes on where it was.
"""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from models.errors import Problem
from optimizer.bench.contenders.entrants import Entrant
from optimizer.bench.contest.child_process import Ended, Process, cpu_limit_seconds
from optimizer.bench.contest.child_run import Answer, Task
from optimizer.bench.contest.judge_run import is_overturned, verdict_of
from optimizer.bench.contest.make_record import blank_record, filled_record, plan_of, stamp
from optimizer.bench.contest.trial import Entry, Protocol, Trial
from optimizer.bench.ledger.ledger_file import Known
from optimizer.bench.records.contender import Limits
from optimizer.bench.records.machine import machine
from optimizer.bench.records.results_folder import ResultsFolder, record_name
from optimizer.bench.records.run_record import RunRecord
from optimizer.files.errors import InputErrors
from optimizer.files.versions import versions
from optimizer.formats.digest import instance_hash
from optimizer.runs.network_run import Stop

LOOK_SECONDS = 0.02  # between looks at the processes, of which each costs well below a millisecond
FILES = ("task", "news", "answer", "words")


@dataclass
class Bench:
    """A benchmark under way; `records` of this protocol as they come, in the order of the runs once it is done."""

    protocol: Protocol
    entries: Sequence[Entry]
    entrants: Sequence[Entrant]
    folder: ResultsFolder
    known: Mapping[str, Known] = field(default_factory=dict)
    jobs: int = 1
    stop: Stop = field(default_factory=Stop)
    report: Callable[[Bench], None] = lambda bench: None
    trials: list[Trial] = field(default_factory=list)
    records: dict[int, RunRecord] = field(default_factory=dict)
    resumed: int = 0
    _waiting: deque[int] = field(default_factory=deque)
    _running: dict[int, tuple[Process, str]] = field(default_factory=dict)
    _missing: dict[str, Answer] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
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
        self.trials = list(_trials(self))
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
        """Need the run not be made again? What was not installed may be now, and the ledger may know more."""
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
        trial, protocol, began = self.trials[index], self.protocol, stamp(datetime.now(UTC))
        if (answer := self._missing.get(trial.entrant.spec)) is not None:
            self._settle(index, Ended("answered", answer=answer), began)
            return
        name = record_name(trial.blank)
        files = {use: self.folder.scratch(f"{name}.{use}") for use in FILES}
        task = Task(
            contender=trial.entrant.spec,
            night=trial.entry.instance.nights[0],
            limits=trial.limits,
            memory_mb=protocol.memory_mb,
            cpu_seconds=cpu_limit_seconds(protocol.time_limit_seconds, protocol.grace),
            news=str(files["news"]),
            answer=str(files["answer"]),
            parent=os.getpid(),
            path=tuple(str(Path(entry).absolute()) for entry in sys.path if entry),
        )
        self._running[index] = Process(task, files, protocol.grace), began

    def _settle(self, index: int, ended: Ended, began: str) -> None:
        """Judge a run that has ended, and keep it."""
        trial = self.trials[index]
        if ended.answer is not None and ended.answer.kind == "missing":
            self._missing[trial.entrant.spec] = ended.answer
        instance = trial.entry.instance
        verdict = verdict_of(instance.nights[0], trial.limits, ended, self.known.get(trial.blank.instance_hash))
        record = filled_record(trial.blank, ended, verdict, began)
        self.records[index] = self.folder.write_record(record, plan_of(instance, record, verdict))


def _trials(bench: Bench) -> Iterator[Trial]:
    """All runs in order. Raises InputErrors where two instances have one name."""
    _check_names(bench.entries)
    protocol, ours, here = bench.protocol, versions(), machine()
    of_entrant = [dict(entrant.contender.versions()) | dict(entrant.versions) for entrant in bench.entrants]
    for entry in bench.entries:
        digest = instance_hash(entry.instance)
        for entrant, theirs in zip(bench.entrants, of_entrant, strict=True):
            for seed in range(protocol.seeds if _takes_seeds(entrant) else 1):
                limits = Limits(protocol.gap, protocol.time_limit_seconds, seed)
                yield Trial(
                    entry, entrant, limits, blank_record(entry, digest, entrant, protocol, seed, ours | theirs, here)
                )


def _takes_seeds(entrant: Entrant) -> bool:
    """A contender that names no solver, neither itself nor by its versions, does the same whatever the seed."""
    return bool(entrant.contender.solver or entrant.contender.versions())


def _check_names(entries: Sequence[Entry]) -> None:
    """Records are told apart by the instance's name."""
    names = [entry.name for entry in entries]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        rule, remedy = "is the name of several instances of this run", "give each instance a name of its own"
        raise InputErrors("SUITE", [Problem("name", name, rule, remedy) for name in twice])
