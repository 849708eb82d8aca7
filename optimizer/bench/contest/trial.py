"""What a benchmark run is made of: the instances, what every run is given, and single trials."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from models.station.instance import Instance
from optimizer.bench.contenders.entrants import Entrant
from optimizer.bench.contest.child_process import grace_seconds
from optimizer.bench.library.library import cases, load_case
from optimizer.bench.records.contender import Limits
from optimizer.bench.records.run_record import RunRecord


@dataclass(frozen=True)
class Entry:
    """An instance that is run, of exactly one night, with its name in the library, family and step of the ladder."""

    name: str
    instance: Instance
    family: str = ""
    size: str = ""


def entries_of(asked: str, library_folder: Path) -> list[Entry]:
    """What a suite, an instance of the library, an instance file or a folder of them has. Raises InputErrors."""
    return [Entry(case.name, load_case(case), case.family, case.size) for case in cases(asked, library_folder)]


@dataclass(frozen=True)
class Protocol:
    """What every run is given. `seeds`: 0, 1, ... of the solver; `memory_mb` beyond what the imports hold, or None.

    `grace_seconds`: beyond the time limit, before a contender is killed; None for the rule of `process`.
    """

    suite: str
    time_limit_seconds: float = 60.0
    gap: float = 1e-4
    seeds: int = 1
    memory_mb: int | None = None
    grace_seconds: float | None = None

    @property
    def grace(self) -> float:
        """Seconds beyond the time limit, before a contender is killed."""
        return grace_seconds(self.time_limit_seconds) if self.grace_seconds is None else self.grace_seconds


@dataclass(frozen=True)
class Trial:
    """One run to be made. `blank`: its record as far as it is known beforehand."""

    entry: Entry
    entrant: Entrant
    limits: Limits
    blank: RunRecord
