"""All runs of a report in a fixed order, and which of them can be compared with each other."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from models.errors import Problem
from optimizer.bench.records.metrics import (
    DEFAULT_SHIFT_SECONDS,
    Steps,
    best_known,
    counted_cpu_seconds,
    counted_seconds,
    gaps,
    is_solved,
    shifted_geometric_mean,
)
from optimizer.bench.records.run_record import FAILURES, RunRecord
from optimizer.files.errors import ABSENT, InputErrors

Cell = tuple[str, int]
"""Name of an instance, seed."""


@dataclass(frozen=True)
class ComparedRuns:
    """Runs, one at most for each contender, instance and seed. Contenders stand in the order of their success.

    `shift_seconds`: of shifted geometric means. `known`: objectives known before, by the instance's hash.
    Same runs in any order: same comparison.
    """

    runs: Sequence[RunRecord]
    shift_seconds: float = DEFAULT_SHIFT_SECONDS
    known: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def instances(self) -> list[RunRecord]:
        """One run of each instance, for what all of them say about it: by family, size and name."""
        one = {run.instance: run for run in sorted(self.runs, key=lambda run: (run.family, run.contender, run.seed))}
        return sorted(one.values(), key=lambda run: (run.family, run.packs * run.slots, run.packs, run.instance))

    @cached_property
    def tried(self) -> list[str]:
        """Contenders that could try anything, the best first, on common runs: most solved, then the least mean time,
        then fewer that are refuted or failed, then the least gap left."""
        names = sorted({run.contender for run in self.runs if run.status != "NA"})
        return sorted(names, key=self._rank)

    def _rank(self, name: str) -> tuple[int, float, tuple[int, float], int, str]:
        """What a contender is sorted by. Where no run is common, all that it solved at all says more than its name."""
        solved_at_all = sum(is_solved(run) for run in self.of(name))
        return -self.solved(name), self.mean_seconds(name) or 0.0, self._left(name), -solved_at_all, name

    def _left(self, name: str) -> tuple[int, float]:
        """Common runs that are no honest answer, and the sum of the gaps of all, 1 where none is known."""
        runs = self.runs_on(name, self.common)
        failed = [run.status in FAILURES for run in runs]
        gaps = (1.0 if bad or run.gap is None else min(1.0, run.gap) for bad, run in zip(failed, runs, strict=True))
        return sum(failed), sum(gaps)

    @cached_property
    def contenders(self) -> list[str]:
        """All contenders; those that could try nothing stand last."""
        return [*self.tried, *sorted({run.contender for run in self.runs} - set(self.tried))]

    @cached_property
    def cells(self) -> list[Cell]:
        """Every instance and seed that anybody ran, in the order of the instances."""
        order = {run.instance: index for index, run in enumerate(self.instances)}
        return sorted({(run.instance, run.seed) for run in self.runs}, key=lambda cell: (order[cell[0]], cell[1]))

    @cached_property
    def common(self) -> list[Cell]:
        """What every contender could try that could try anything."""
        return self.shared(sorted({run.contender for run in self.runs if run.status != "NA"}))

    def shared(self, names: Iterable[str]) -> list[Cell]:
        """Instances and seeds that each of these contenders could try."""
        asked = list(names)
        return [cell for cell in self.cells if asked and all(self._tried(name, cell) for name in asked)]

    def _tried(self, name: str, cell: Cell) -> bool:
        run = self.run(name, cell)
        return run is not None and run.status != "NA"

    @cached_property
    def _by_contender(self) -> dict[str, dict[Cell, RunRecord]]:
        found: dict[str, dict[Cell, RunRecord]] = {}
        for run in self.runs:
            found.setdefault(run.contender, {})[run.instance, run.seed] = run
        return found

    def of(self, name: str) -> list[RunRecord]:
        """The runs of a contender, in the order of the cells."""
        own = self._by_contender[name]
        return [own[cell] for cell in self.cells if cell in own]

    def run(self, name: str, cell: Cell) -> RunRecord | None:
        """A contender's run. One without a solver knows no seeds: its one run of an instance stands for all."""
        own = self._by_contender[name]
        if cell in own:
            return own[cell]
        without = own.get((cell[0], 0))
        return without if without is not None and not without.solver else None

    def runs_on(self, name: str, cells: Iterable[Cell]) -> list[RunRecord]:
        """A contender's runs on these cells, as far as there are any."""
        return [run for cell in cells if (run := self.run(name, cell)) is not None]

    def solved(self, name: str) -> int:
        """Number of common runs that a contender solved."""
        return sum(is_solved(run) for run in self.runs_on(name, self.common))

    def mean_seconds(self, name: str, cells: Sequence[Cell] | None = None) -> float | None:
        """Shifted geometric mean of a contender's counted seconds on the common runs, or on `cells`; None: no runs."""
        runs = self.runs_on(name, self.common if cells is None else cells)
        return shifted_geometric_mean(map(counted_seconds, runs), self.shift_seconds) if runs else None

    def mean_cpu_seconds(self, name: str, cells: Sequence[Cell] | None = None) -> float | None:
        """The same of processor seconds."""
        runs = self.runs_on(name, self.common if cells is None else cells)
        return shifted_geometric_mean(map(counted_cpu_seconds, runs), self.shift_seconds) if runs else None

    @cached_property
    def best(self) -> dict[str, float]:
        """Best known objective by the hash of the instance."""
        return best_known(self.runs, self.known)

    def gaps(self, run: RunRecord) -> Steps:
        """`metrics.gaps` of a run, worked out once."""
        cell = (run.contender, run.instance, run.seed)
        if cell not in self._gaps:
            self._gaps[cell] = gaps(run)
        return self._gaps[cell]

    @cached_property
    def _gaps(self) -> dict[tuple[str, str, int], Steps]:
        return {}

    @cached_property
    def longest_limit_seconds(self) -> float:
        """The longest time limit of any run."""
        return max((run.time_limit_seconds for run in self.runs), default=0.0)


def merged(results: Sequence[tuple[str, Sequence[RunRecord]]]) -> list[RunRecord]:
    """The runs of several folders (name, runs) as one list; a run that stands in two of them, unchanged, counts once.

    Raises InputErrors where there is no run at all, or where runs contradict each other: two different ones of one
    contender, instance and seed, one name for two instances, or one instance under several limits, whoever ran.
    """
    _refuse_limits(results)
    found: dict[tuple[str, str, int], tuple[str, RunRecord]] = {}
    hashes: dict[str, tuple[str, str]] = {}
    for folder, runs in results:
        problems = []
        for run in runs:
            place = f"runs of {run.instance}"
            first, instance_hash = hashes.setdefault(run.instance, (folder, run.instance_hash))
            if instance_hash != run.instance_hash:
                problems.append(Problem(place, run.instance_hash, f"is another instance than in {first}", SAME_NAME))
                continue
            before = found.setdefault((run.contender, run.instance, run.seed), (folder, run))
            if before[1] != run:
                rule = f"is another run than the one in {before[0]}"
                problems.append(Problem(place, f"{run.contender}, seed {run.seed}", rule, TWICE))
        if problems:
            raise InputErrors(folder, problems)
    if not found:
        raise InputErrors(", ".join(name for name, _ in results), [Problem("", ABSENT, "holds no runs", NO_RUNS)])
    return [run for _, run in found.values()]


def _refuse_limits(results: Sequence[tuple[str, Sequence[RunRecord]]]) -> None:
    """Raises InputErrors with every limit that differs between runs of one instance: nothing about it compares."""
    of_instance: dict[str, dict[str, dict[float, str]]] = {}  # by instance, by what is limited: each limit in words
    for _, runs in results:
        for run in runs:
            for what, limit, words in _limits(run):
                of_instance.setdefault(run.instance, {}).setdefault(what, {})[limit] = words
    problems = [
        Problem(
            f"runs of {instance}",
            " and ".join(limits[limit] for limit in sorted(limits)),
            f"are {what} of one instance",
            MEMORY if what == MEMORY_LIMITS else LIMITS,
        )
        for instance, limited in of_instance.items()
        for what, limits in limited.items()
        if len(limits) > 1
    ]
    if problems:
        raise InputErrors(", ".join(dict.fromkeys(name for name, _ in results)), problems)


def _limits(run: RunRecord) -> Iterator[tuple[str, float, str]]:
    """What is limited, how, and that in words."""
    yield "time limits", run.time_limit_seconds, f"{run.time_limit_seconds:g} s"
    yield "gaps asked for", run.gap_asked, f"{100 * run.gap_asked:g} %"
    has_none = run.memory_limit_mb is None
    yield MEMORY_LIMITS, run.memory_limit_mb or math.inf, "none" if has_none else f"{run.memory_limit_mb:,} MB"


MEMORY_LIMITS = "memory limits"
MEMORY = "keep runs with another limit in a folder of their own, and report it apart, or as --reference"
LIMITS = "choose with --time-limit or --gap, report folders apart, or name the older one with --reference"
SAME_NAME = "report them apart: a changed instance needs a new name"
TWICE = "report folders apart, or name the older one with --reference"
NO_RUNS = "run `swapcharge bench run` first"
