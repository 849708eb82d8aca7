"""Benchmarks of fake contenders on the tiny night, for tests. Not a test file itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cli
from patience import PATIENCE

from optimizer.bench.contenders.entrants import entrants
from optimizer.bench.contest.child_process import RunEnd
from optimizer.bench.contest.child_run import RunTask, compete
from optimizer.bench.contest.runner import Bench
from optimizer.bench.contest.trajectory_file import TrajectoryFile, read_trajectory
from optimizer.bench.contest.trial import Entry, Protocol
from optimizer.bench.ledger.ledger_document import KnownBound, KnownPlan, LedgerEntry
from optimizer.bench.records.results_folder import open_results
from optimizer.bench.records.run_record import RunRecord
from optimizer.formats.read_instance import read_instance

TINY = read_instance(cli.TINY)
(NIGHT,) = TINY.nights


def fakes(*names: str) -> list[str]:
    return [f"bench_fakes:{name}" for name in names]


def bench_of(
    folder: Path, names: Sequence[str], known: Mapping[str, LedgerEntry] | None = None, jobs: int = 2, **protocol: Any
) -> Bench:
    """A benchmark of contenders on the tiny night; whoever asks for it closes its folder."""
    asked = Protocol("fakes", **({"time_limit_seconds": PATIENCE, "grace_seconds": PATIENCE} | protocol))
    return Bench(asked, [Entry("tiny", TINY)], entrants(names), open_results(folder), known or {}, jobs)


def ran(folder: Path, names: Sequence[str], **how: Any) -> list[RunRecord]:
    """The same, carried out, its folder free again."""
    bench = bench_of(folder, names, **how)
    try:
        return bench.run()
    finally:
        bench.folder.close()


def known(objective: float, bound: float | None = None) -> LedgerEntry:
    """What a ledger may have of the tiny night."""
    who: dict[str, Any] = {"contender": "engine", "seed": 0, "date": "2026-01-01", "versions": {}}
    plan = KnownPlan(objective=objective, file="plans/tiny.plan.json.gz", **who)
    asked = {"kind": "solver", "gap_asked": 0.0, "time_limit_seconds": 60.0}
    proven = None if bound is None else KnownBound(value=bound, **asked, **who)
    return LedgerEntry(name="tiny", hash="", proof="gap", gap=None, plan=plan, bound=proven)


@dataclass
class HereProcess:
    """A run in this process instead of one of its own, whose imports would take most of the time."""

    task: RunTask
    files: Mapping[str, Path]
    grace_seconds: float

    def look(self) -> RunEnd:
        """How it ended, at the first look."""
        (entrant,) = entrants([self.task.contender])
        answer = compete(entrant.contender, self.task, TrajectoryFile(self.task.trajectory))
        trajectory = tuple(read_trajectory(self.files["trajectory"]))
        self.kill()
        return RunEnd("answered", answer=answer, trajectory=trajectory, wall_seconds=answer.wall_seconds)

    def kill(self) -> None:
        """Remove its scratch files."""
        for path in self.files.values():
            path.unlink(missing_ok=True)
